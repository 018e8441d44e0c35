from pathlib import Path

from plait.errors import told_plainly
from plait.report.published import read_published
from plait.report.spreadsheet import write_spreadsheet
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    write_spreadsheet(read_published(Path(snakemake.input[0]).parent), study.definition, Path(snakemake.output[0]))
