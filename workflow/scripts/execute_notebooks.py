from pathlib import Path

from plait.jobs import job
from plait.report.masthead import Masthead
from plait.report.notebooks import execute_notebooks

with job(snakemake.log[0]):
    sources = [Path(notebook) for notebook in snakemake.input.notebooks]
    execute_notebooks(sources, Path(snakemake.output[0]).parent, Masthead(**snakemake.params.masthead))
