from pathlib import Path

import pandas as pd

from plait import tables
from plait.integration.by_group import strands_by_group
from plait.integration.case_level import case_level
from plait.integration.joint_display import join_strands
from plait.integration.people import Cases, join_cases
from plait.integration.quote_matrix import quote_matrix
from plait.integration.statistics_by_theme import statistics_by_theme
from plait.integration.unlinked import unlinked
from plait.jobs import job
from plait.qualitative import transcripts
from plait.study import load_study
from plait.survey.stand_ins import stand_ins

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    responses, estimates, themes, case_themes, quotes = (
        pd.read_parquet(snakemake.input[name]) for name in ("responses", "estimates", "themes", "case_themes", "quotes")
    )
    coded = transcripts.read(Path(snakemake.input.coded[0]).parent)
    cases = Cases.from_tables(case_themes, coded.cases, coded.case_attributes)
    ids = stand_ins(study) if study.definition.joining.people else tables.STAND_INS.empty()
    joined = join_cases(study, cases, ids, responses)
    found = {
        "joint_display": join_strands(study, estimates, themes),
        "joining": joined.flow,
        "statistics_by_theme": statistics_by_theme(study, joined.people, case_themes, responses),
        "strands_by_group": strands_by_group(study, themes),
        "quote_matrix": quote_matrix(study, quotes, cases, themes),
        "unlinked": unlinked(study),
        "joined_people": joined.people,
        "case_level": case_level(study, joined.people, case_themes, responses),
    }
    for name, table in found.items():
        tables.write_parquet(table, snakemake.output[name])
