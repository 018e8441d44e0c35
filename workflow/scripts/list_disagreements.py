from pathlib import Path

from plait import tables
from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.worklist import worklist

with told_plainly(snakemake.log[0]):
    coded = transcripts.read(Path(snakemake.input[0]).parent)
    tables.write_csv(worklist(coded, snakemake.wildcards.collection), snakemake.output[0])
