from pathlib import Path

from plait import tables
from plait.disclosure.data_package import data_package
from plait.disclosure.gate import publish, read_findings
from plait.disclosure.rules import marked, rules_of
from plait.jobs import job
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    rules = rules_of(**snakemake.params.disclosure)
    findings = read_findings(dict(snakemake.input.items()))
    package = Path(snakemake.output.package)
    for table, rows in publish(study, findings, rules):
        tables.write_csv(marked(rows, rules), package.parent.parent / f"{table.name}.csv")
    tables.write_json(data_package(package.parent, study.definition, rules), package)
