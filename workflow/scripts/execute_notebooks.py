from pathlib import Path

from plait.disclosure.rules import rules_of
from plait.errors import told_plainly
from plait.report.notebook_page import masthead_of
from plait.report.notebooks import execute_notebooks
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    definition = load_study(**snakemake.params.study).definition
    masthead = masthead_of(definition, rules_of(**snakemake.params.disclosure))
    sources = [Path(notebook) for notebook in snakemake.input.notebooks]
    execute_notebooks(sources, Path(snakemake.output[0]).parent, masthead)
