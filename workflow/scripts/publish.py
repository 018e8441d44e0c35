from pathlib import Path

from plait import tables
from plait.disclosure.data_package import data_package
from plait.disclosure.gate import publish, read_findings
from plait.disclosure.rules import rules_of
from plait.errors import told_plainly
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    findings = read_findings(dict(snakemake.input.items()))
    rules = rules_of(**snakemake.params.disclosure)
    folder = Path(snakemake.output.package).parent
    for table, rows in publish(study, findings, rules):
        tables.write_csv(rows, folder.parent / f"{table.name}.csv")
    tables.write_json(data_package(folder, study.definition, rules), snakemake.output.package)
