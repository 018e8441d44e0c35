from pathlib import Path

from plait import tables
from plait.disclosure.gate import publish, read_findings
from plait.disclosure.rules import rules_of
from plait.errors import told_plainly
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    findings = read_findings(dict(snakemake.input.items()))
    folder = Path(snakemake.output[0]).parent
    for table, rows in publish(study, findings, rules_of(**snakemake.params.disclosure)):
        tables.write_csv(rows, folder.parent / f"{table.name}.csv")
