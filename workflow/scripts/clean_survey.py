from plait import tables
from plait.jobs import job
from plait.study import load_study
from plait.survey.cleaning import clean

with job(snakemake.log[0]):
    cleaned = clean(load_study(**snakemake.params.study))
    tables.write_parquet(cleaned.responses, snakemake.output.responses)
    tables.write_csv(cleaned.log, snakemake.output.log)
    tables.write_csv(cleaned.flow, snakemake.output.flow)
