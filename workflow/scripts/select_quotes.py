from pathlib import Path

from plait import tables
from plait.disclosure.rules import rules_of
from plait.jobs import job
from plait.qualitative import transcripts
from plait.qualitative.quote_candidates import quote_candidates
from plait.qualitative.quotes import FEWEST, select_quotes
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    settled = transcripts.read(Path(snakemake.input.settled[0]).parent)
    fewest = max(FEWEST, rules_of(**snakemake.params.disclosure).theme_cell)
    most = study.quotes_per_person
    quotes = select_quotes(settled, study.collections, study.quotes, study.quote_file, per_person=most, fewest=fewest)
    tables.write_parquet(quotes, snakemake.output.quotes)
    candidates = quote_candidates(settled, study.collections, quotes, per_person=most)
    tables.write_csv(candidates, snakemake.output.candidates)
