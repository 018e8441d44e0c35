from pathlib import Path

from plait.errors import told_plainly
from plait.provenance import write_manifest
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    write_manifest(
        load_study(**snakemake.params.study),
        results=Path(snakemake.output[0]).parent.parent,
        settings=snakemake.params.settings,
        manifest=Path(snakemake.output[0]),
    )
