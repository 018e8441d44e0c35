from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plait.disclosure.rules import rules_of
from plait.jobs import job
from plait.report.content import report_content
from plait.report.figures import read_index
from plait.report.html import write_html
from plait.report.pdf import write_pdf
from plait.report.published import published_hash, read_published
from plait.report.word import write_word
from plait.study import load_study

with job(snakemake.log[0]):
    study = load_study(**snakemake.params.study)
    figures = Path(snakemake.input.figures).parent
    folder = Path(snakemake.input.published[0]).parent
    rules = rules_of(**snakemake.params.disclosure)
    content = report_content(
        read_published(folder), study.definition, read_index(figures), rules, published_hash(folder)
    )
    with ThreadPoolExecutor(1) as beside:  # the compiler of the PDF works outside the interpreter
        pdf = beside.submit(write_pdf, content, Path(snakemake.output.pdf), figures)
        write_html(content, Path(snakemake.output.page), figures)
        write_word(content, Path(snakemake.output.word), figures)
        pdf.result()
