# What all rules share: the checked studies, and hashes of the parts of a definition and of the library that a stage
# depends on, so that an edit reruns the stages it touches and no others.

import threading
from dataclasses import asdict

from snakemake.exceptions import WorkflowError

from plait import tables
from plait.disclosure.rules import rules_of
from plait.errors import StudyError
from plait.report.masthead import masthead_of
from plait.study import fingerprint, raw_files, side_files
from plait.study.config import code_fingerprint, contents_fingerprint, load_config

try:
    SETTINGS, STUDIES = load_config(config)
except StudyError as error:
    raise WorkflowError(str(error)) from None

ENVIRONMENT = f"{workflow.basedir}/environment.yml"

RESULTS = SETTINGS.results
OUT = f"{RESULTS}/{{study}}"

PUBLISHED = [f"{OUT}/{table.name}.csv" for table in tables.PUBLISHED]
NOTEBOOKS = ["cleaning_and_weighting", "survey_findings", "coding_and_agreement", "integration"]

GROUND = ["errors", "rounding", "identifying", "checklists", "tables", "descriptions", "delimited", "tabular", "study"]
"""The floors that every stage stands on."""


wildcard_constraints:
    study="|".join(STUDIES),


def place(wildcards):
    """Where a study's definition and raw files lie."""
    study = STUDIES[wildcards.study]
    return {"definition": str(study.folder), "raw": str(study.raw)}


def definition_of(*parts):
    """A hash of parts of the definition (`survey`, `coded_text`, `about`, ...)."""
    return lambda wildcards: fingerprint(*(getattr(STUDIES[wildcards.study].definition, part) for part in parts))


def raw_input(*place):
    return lambda wildcards: raw_files(STUDIES[wildcards.study], *place)


def side_input(*keys):
    return lambda wildcards: side_files(STUDIES[wildcards.study], *keys)


def contents(*inputs):
    """A hash of what files of the study hold: dates tell nothing where one is replaced by an older one."""
    return lambda wildcards: contents_fingerprint(path for files in inputs for path in files(wildcards))


def whole_definition(wildcards):
    return fingerprint(STUDIES[wildcards.study].definition)


def masthead(wildcards):
    """What a study's notebooks say of it."""
    return asdict(masthead_of(STUDIES[wildcards.study].definition, rules_of(**SETTINGS.disclosure.rules)))


def cancel_timers():
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()
