import pandas as pd

from plait import tables
from plait.errors import told_plainly
from plait.integration.cells import StrandTables
from plait.integration.claims import check_claims
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    names = ("estimates", "changes", "themes", "agreement")
    found = StrandTables(**{name: pd.read_parquet(snakemake.input[name]) for name in names})
    tables.write_csv(check_claims(load_study(**snakemake.params.study), found), snakemake.output.claims)
