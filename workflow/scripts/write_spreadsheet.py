from pathlib import Path

from plait.disclosure.rules import rules_of
from plait.jobs import job
from plait.report.published import read_published
from plait.report.spreadsheet import write_spreadsheet
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    published = read_published(Path(snakemake.input[0]).parent)
    rules = rules_of(**snakemake.params.disclosure)
    write_spreadsheet(published, study.definition, Path(snakemake.output[0]), rules)
