from pathlib import Path

from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.readers import read_coded_text_of
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    coded = read_coded_text_of(study)
    transcripts.write(coded, Path(snakemake.output[0]).parent)
