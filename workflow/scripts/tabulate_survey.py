import pandas as pd

from plait import tables
from plait.jobs import job
from plait.study import load_study
from plait.survey.findings import survey_findings
from plait.survey.profile import describe_sample

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    responses, weights, margins = (
        pd.read_parquet(snakemake.input[name]) for name in ("responses", "weights", "margins")
    )
    findings = survey_findings(study, responses, weights)
    tables.write_parquet(
        describe_sample(study, responses, weights, margins, findings.breakdowns), snakemake.output.profile
    )
    for name in ("estimates", "tests", "pairs", "changes", "models", "reconciliation"):
        tables.write_parquet(getattr(findings, name), snakemake.output[name])
