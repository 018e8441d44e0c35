from pathlib import Path

from plait.jobs import job
from plait.qualitative import transcripts
from plait.qualitative.readers import read_coded_text_of
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    coded = read_coded_text_of(study)
    transcripts.write(coded, Path(snakemake.output[0]).parent)
