from pathlib import Path

from plait import tables
from plait.jobs import job
from plait.qualitative import transcripts
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.worklist import worklist
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    coded = transcripts.read(Path(snakemake.input[0]).parent)
    agreement = coder_agreement(coded, study.collections)
    tables.write_parquet(agreement.coefficients, snakemake.output.agreement)
    tables.write_parquet(agreement.counts, snakemake.output.counts)
    worklists = Path(snakemake.output.worklists)
    worklists.mkdir(parents=True, exist_ok=True)  # a study without coded text has none
    for name in study.collections:
        tables.write_csv(worklist(coded, name), worklists / f"{name}.csv")
