from pathlib import Path

from plait.jobs import job
from plait.provenance import write_manifest
from plait.study import load_study

with job(snakemake.log[0]):
    write_manifest(
        load_study(**snakemake.params.study),
        results=Path(snakemake.output[0]).parent.parent,
        settings=snakemake.params.settings,
        manifest=Path(snakemake.output[0]),
    )
