from pathlib import Path

from plait import tables
from plait.errors import told_plainly
from plait.qualitative import transcripts
from plait.qualitative.decisions import apply_decisions
from plait.qualitative.final_coding import final_sheet, write_sheet
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    coded = transcripts.read(Path(snakemake.input.coded[0]).parent)
    decided, effects = apply_decisions(coded, study.collections, study.decisions, study.decision_log)
    transcripts.check_invariants(decided)
    transcripts.write(decided, Path(snakemake.output.coded[0]).parent)
    tables.write_parquet(effects, snakemake.output.decisions)
    sheets = Path(snakemake.output.sheets)
    sheets.mkdir(parents=True, exist_ok=True)  # a study without coded text has none
    for name, spec in study.collections.items():
        write_sheet(final_sheet(decided, name, spec), sheets / f"{name}.csv")
