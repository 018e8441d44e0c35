from pathlib import Path

import pandas as pd

from plait import tables
from plait.integration.cells import StrandTables
from plait.integration.robustness import robustness
from plait.jobs import job
from plait.qualitative import transcripts
from plait.study import load_study

with job(snakemake.log[0]):
    names = ("estimates", "changes", "themes", "agreement")
    found = StrandTables(**{name: pd.read_parquet(snakemake.input[name]) for name in names})
    coded = transcripts.read(Path(snakemake.input.coded[0]).parent)
    responses = pd.read_parquet(snakemake.input.responses)
    varied = robustness(load_study(**snakemake.params.study), found, responses, coded)
    tables.write_parquet(varied, snakemake.output.robustness)
