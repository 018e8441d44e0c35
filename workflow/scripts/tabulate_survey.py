import pandas as pd

from plait import tables
from plait.errors import told_plainly
from plait.study import load_study
from plait.survey.breakdowns import breakdown_estimates, read_breakdowns, reconcile
from plait.survey.crosstabs import tabulate_responses, compare_breakdowns
from plait.survey.profile import describe_sample

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    responses, weights, margins = (
        pd.read_parquet(snakemake.input[name]) for name in ("responses", "weights", "margins")
    )
    breakdowns = read_breakdowns(study)
    tabulated = tabulate_responses(study, responses, weights)
    estimates = pd.concat([tabulated.estimates, breakdown_estimates(study, breakdowns)], ignore_index=True)
    tests = pd.concat([tabulated.tests, *(compare_breakdowns(b.cells) for b in breakdowns)], ignore_index=True)
    tables.write_parquet(reconcile(study, breakdowns, estimates), snakemake.output.reconciliation)
    tables.write_parquet(describe_sample(study, responses, weights, margins, breakdowns), snakemake.output.profile)
    tables.write_parquet(estimates, snakemake.output.estimates)
    tables.write_parquet(tests, snakemake.output.tests)
    tables.write_parquet(tabulated.pairs, snakemake.output.pairs)
    tables.write_parquet(tables.CHANGES.empty(), snakemake.output.changes)
    tables.write_parquet(tables.MODELS.empty(), snakemake.output.models)
