from pathlib import Path

from plait import tables
from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.final_coding import final_sheet, write_sheet
from plait.qualitative.settling import settle
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    settled, effects = settle(transcripts.read(Path(snakemake.input.coded[0]).parent), study)
    transcripts.write(settled, Path(snakemake.output.coded[0]).parent)
    tables.write_parquet(effects, snakemake.output.decisions)
    sheets = Path(snakemake.output.sheets)
    sheets.mkdir(parents=True, exist_ok=True)  # a study without coded text has none
    for name, spec in study.collections.items():
        write_sheet(final_sheet(settled, name, spec), sheets / f"{name}.csv")
