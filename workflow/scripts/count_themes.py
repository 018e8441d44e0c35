from pathlib import Path

from plait import tables
from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.themes import theme_counts
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    # Themes are counted in the decided coding; coders are compared in what each of them wrote.
    coded = transcripts.read(Path(snakemake.input.coded[0]).parent)
    decided = transcripts.read(Path(snakemake.input.decided[0]).parent)
    tables.write_parquet(theme_counts(decided, study.collections), snakemake.output.themes)
    tables.write_parquet(coder_agreement(coded, study.collections), snakemake.output.agreement)
