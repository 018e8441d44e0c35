from pathlib import Path

from plait.errors import told_plainly
from plait.report.masthead import Masthead
from plait.report.notebooks import execute_notebooks

with told_plainly(snakemake.log[0]):
    sources = [Path(notebook) for notebook in snakemake.input.notebooks]
    execute_notebooks(sources, Path(snakemake.output[0]).parent, Masthead(**snakemake.params.masthead))
