import pandas as pd

from plait import tables
from plait.errors import told_plainly
from plait.integration.joint_display import join_strands
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    joint = join_strands(
        load_study(**snakemake.params.study),
        pd.read_parquet(snakemake.input.estimates),
        pd.read_parquet(snakemake.input.themes),
    )
    tables.write_parquet(joint, snakemake.output.joint_display)
