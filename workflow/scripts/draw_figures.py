from pathlib import Path

from plait.disclosure.rules import rules_of
from plait.errors import told_plainly
from plait.report.figures import draw_figures
from plait.report.published import read_published
from plait.study import load_study

with told_plainly(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    published = read_published(Path(snakemake.input[0]).parent)
    rules = rules_of(**snakemake.params.disclosure)
    draw_figures(published, study.definition, Path(snakemake.output.index).parent, rules)
