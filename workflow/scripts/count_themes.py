from pathlib import Path

from plait import tables
from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.themes import theme_counts
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    settled = transcripts.read(Path(snakemake.input[0]).parent)
    tables.write_parquet(theme_counts(settled, study.collections), snakemake.output.themes)
