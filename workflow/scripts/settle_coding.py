from dataclasses import asdict
from pathlib import Path

from plait import tables
from plait.jobs import job
from plait.qualitative import transcripts
from plait.qualitative.coding_record import coding_record
from plait.qualitative.final_coding import final_sheet, write_sheet
from plait.qualitative.settling import settle
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    coded = transcripts.read(Path(snakemake.input.coded[0]).parent)
    settled = settle(coded, study)
    transcripts.write(settled.decided, Path(snakemake.output.coded[0]).parent)
    tables.write_parquet(settled.effects, snakemake.output.decisions)
    for name, table in asdict(coding_record(coded, settled, study)).items():
        tables.write_parquet(table, snakemake.output[name])
    sheets = Path(snakemake.output.sheets)
    sheets.mkdir(parents=True, exist_ok=True)  # a study without coded text has none
    for name, spec in study.collections.items():
        write_sheet(final_sheet(settled.decided, name, spec), sheets / f"{name}.csv")
