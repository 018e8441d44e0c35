"""From estimates to published tables: rounded, suppressed, labelled and marked.

Figures, spreadsheet, notebooks and report read what comes out of here and nothing else, so a number is the same
everywhere and a suppressed one is absent everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from plait import tables
from plait.disclosure import coding_tables as coding
from plait.disclosure import survey_tables as survey
from plait.disclosure import text_tables as text
from plait.disclosure.dictionary import data_dictionary, survey_variables
from plait.disclosure.labels import Labels
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.disclosure.words import screened
from plait.study import Study
from plait.tables import Table


@dataclass(frozen=True)
class Findings:
    """What the strands and their integration hand to the gate; columns in `plait.tables`."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    changes: pd.DataFrame
    models: pd.DataFrame
    profile: pd.DataFrame
    weighting: dict[str, dict[str, float]]
    weighting_notes: pd.DataFrame
    weight_distribution: pd.DataFrame
    flow: pd.DataFrame
    cleaning_log: pd.DataFrame
    reconciliation: pd.DataFrame
    themes: pd.DataFrame
    counting_notes: pd.DataFrame
    cooccurrence: pd.DataFrame
    saturation_curve: pd.DataFrame
    saturation: pd.DataFrame
    saturation_summary: pd.DataFrame
    agreement: pd.DataFrame
    agreement_counts: pd.DataFrame
    coding_files: pd.DataFrame
    coding_notes: pd.DataFrame
    coding_steps: pd.DataFrame
    coder_work: pd.DataFrame
    adjudication: pd.DataFrame
    decisions: pd.DataFrame
    quotes: pd.DataFrame
    joint_display: pd.DataFrame


def read_findings(files: Mapping[str, str]) -> Findings:
    """Read what the strands and their integration wrote, by the names of `Findings`."""
    csv = {"flow": tables.FLOW, "cleaning_log": tables.CLEANING_LOG}
    read: dict[str, Any] = {name: tables.read_csv(files[name], table) for name, table in csv.items()}
    read["weighting"] = json.loads(Path(files["weighting"]).read_text(encoding="utf-8"))
    read |= {f.name: pd.read_parquet(files[f.name]) for f in fields(Findings) if f.name not in read}
    return Findings(**read)


def publish(study: Study, findings: Findings, rules: Rules) -> list[tuple[Table, pd.DataFrame]]:
    """Pass every table through the disclosure rules, and every string through the screen.

    Returns:
        Each published table with its rows; those about the others come last: the dictionary of their columns, what the
        screen counted, and the log of what was hidden and why (without values).

    Raises:
        StudyError: A string holds what identifies somebody; nothing is published then.
    """
    log = SuppressionLog()
    passed = list(_through_the_rules(study, findings, rules, log))
    screening = screened(study, passed, findings.quotes)
    about_tables = [  # the words of the first are the library's, of the others short names
        (tables.PUBLISHED_DICTIONARY, data_dictionary()),
        (tables.PUBLISHED_SCREENING, screening),
        (tables.PUBLISHED_SUPPRESSION, log.table()),
    ]
    return [*passed, *about_tables]


def _through_the_rules(
    study: Study, findings: Findings, rules: Rules, log: SuppressionLog
) -> Iterator[tuple[Table, pd.DataFrame]]:
    labels = Labels(study)
    yield tables.PUBLISHED_ESTIMATES, survey.estimates_table(findings.estimates, findings.pairs, labels, rules, log)
    yield tables.PUBLISHED_NUMBERS, survey.numbers_table(findings.estimates, labels, rules, log)
    yield tables.PUBLISHED_TESTS, survey.tests_table(findings.tests, findings.estimates, labels, rules, log)
    yield tables.PUBLISHED_CHANGES, survey.changes_table(findings.changes, labels, rules, log)
    yield tables.PUBLISHED_MODELS, survey.models_table(findings.models, labels, rules, log)
    yield tables.PUBLISHED_PROFILE, survey.profile_table(findings.profile, labels, rules, log)
    yield tables.PUBLISHED_WEIGHTING, survey.weighting_table(findings.weighting, labels, rules)
    yield tables.PUBLISHED_WEIGHTING_NOTES, survey.weighting_notes_table(findings.weighting_notes, labels, rules)
    distribution = survey.distribution_table(findings.weight_distribution, labels, rules, log)
    yield tables.PUBLISHED_WEIGHT_DISTRIBUTION, distribution
    yield tables.PUBLISHED_FLOW, tables.PUBLISHED_FLOW.of(findings.flow)
    yield tables.PUBLISHED_CLEANING, survey.cleaning_table(findings.cleaning_log)
    yield tables.PUBLISHED_RECONCILIATION, survey.reconciliation_table(findings.reconciliation)
    yield tables.PUBLISHED_THEMES, text.theme_counts(findings.themes, labels, rules, log)
    yield tables.PUBLISHED_COUNTING_NOTES, text.counting_notes_table(findings.counting_notes, labels, rules)
    yield tables.PUBLISHED_COOCCURRENCE, text.cooccurrence_table(findings.cooccurrence, labels, rules, log)
    yield tables.PUBLISHED_SATURATION_CURVE, text.saturation_curve_table(findings.saturation_curve, labels)
    yield tables.PUBLISHED_SATURATION, text.saturation_table(findings.saturation, labels)
    yield tables.PUBLISHED_SATURATION_SUMMARY, text.saturation_summary_table(findings.saturation_summary, labels)
    yield tables.PUBLISHED_AGREEMENT, text.agreement_table(findings.agreement, labels)
    yield tables.PUBLISHED_AGREEMENT_COUNTS, text.agreement_counts_table(findings.agreement_counts, labels)
    yield tables.PUBLISHED_CODING_SOURCES, coding.coding_sources_table(findings.coding_files, study, labels)
    yield tables.PUBLISHED_CODING_NOTES, coding.coding_notes_table(findings.coding_notes, labels)
    steps = coding.coding_steps_table(findings.coding_steps, findings.decisions, labels, rules, log)
    yield tables.PUBLISHED_CODING_STEPS, steps
    yield tables.PUBLISHED_CODERS, coding.coders_table(findings.coder_work, labels)
    yield tables.PUBLISHED_ADJUDICATION, coding.adjudication_table(findings.adjudication, labels)
    yield tables.PUBLISHED_DECISIONS, coding.decisions_table(findings.decisions, labels, rules, log)
    yield tables.PUBLISHED_JOINT_DISPLAY, text.joint_display_table(findings.joint_display, labels, rules)
    yield tables.PUBLISHED_QUOTES, text.quotes_table(findings.quotes, labels)
    yield tables.PUBLISHED_VARIABLES, survey_variables(study.definition.survey)
