import pandas as pd

from plait import tables
from plait.integration.cells import StrandTables
from plait.integration.claims import check_claims
from plait.jobs import job
from plait.study import load_study

with job(snakemake.log[0]):
    names = ("estimates", "changes", "themes", "agreement")
    found = StrandTables(**{name: pd.read_parquet(snakemake.input[name]) for name in names})
    tables.write_csv(check_claims(load_study(**snakemake.params.study), found), snakemake.output.claims)
