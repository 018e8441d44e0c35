from pathlib import Path

from plait import tables
from plait.disclosure.data_package import data_package
from plait.disclosure.rules import rules_of
from plait.errors import told_plainly
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    folder = Path(snakemake.input[0]).parent
    package = data_package(folder, study.definition, rules_of(**snakemake.params.disclosure))
    tables.write_json(package, snakemake.output[0])
