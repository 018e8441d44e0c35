import pandas as pd

from plait import tables
from plait.jobs import job
from plait.study import load_study
from plait.survey.weighting import weight

with job(snakemake.log[0]):
    weighted = weight(load_study(**snakemake.params.study), pd.read_parquet(snakemake.input.responses))
    tables.write_parquet(weighted.weights, snakemake.output.weights)
    tables.write_parquet(weighted.margins, snakemake.output.margins)
    tables.write_parquet(weighted.distribution, snakemake.output.distribution)
    tables.write_parquet(weighted.notes, snakemake.output.notes)
    tables.write_json(weighted.diagnostics, snakemake.output.weighting)
