# What people receive. One figures rule a study, because its outputs follow from the study's questions.

from plait.report.figure_plan import SHOWN, planned_figures

FIGURES = [
    f"{RESULTS}/{name}/figures/{plan.name}.{kind}"
    for name, study in STUDIES.items()
    for plan in planned_figures(study.definition)
    for kind in ("svg", "png", "pdf", "csv")
]

for name, study in STUDIES.items():

    rule:
        name:
            f"draw_figures_{name}"
        message:
            f"{name}: drawing the figures"
        priority: 2  # what is long, or waited for, goes first
        input:
            [f"{RESULTS}/{name}/published/{table}.csv" for table in SHOWN],
        output:
            index=f"{RESULTS}/{name}/figures/figures.csv",
            svg=report(
                [f"{RESULTS}/{name}/figures/{plan.name}.svg" for plan in planned_figures(study.definition)],
                category=name,
                caption="../report/figure.rst",
            ),
            png=[f"{RESULTS}/{name}/figures/{plan.name}.png" for plan in planned_figures(study.definition)],
            pdf=[f"{RESULTS}/{name}/figures/{plan.name}.pdf" for plan in planned_figures(study.definition)],
            data=[f"{RESULTS}/{name}/figures/{plan.name}.csv" for plan in planned_figures(study.definition)],
        params:
            study={"definition": str(study.folder), "raw": str(study.raw)},
            definition=fingerprint(study.definition),
            disclosure=SETTINGS.disclosure.rules,
            code=code_fingerprint(*GROUND, "report"),
        log:
            f"{RESULTS}/{name}/logs/draw_figures.log",
        conda:
            ENVIRONMENT
        script:
            "../scripts/draw_figures.py"


rule write_spreadsheet:
    message:
        "{wildcards.study}: writing the accessible spreadsheet"
    input:
        PUBLISHED,
    output:
        f"{OUT}/tables/{{study}}.xlsx",
    params:
        study=place,
        definition=whole_definition,
        disclosure=SETTINGS.disclosure.rules,
        code=code_fingerprint(*GROUND, "report"),
    log:
        f"{OUT}/logs/write_spreadsheet.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/write_spreadsheet.py"


rule execute_notebooks:
    message:
        "{wildcards.study}: executing the reviewers' notebooks and writing their pages"
    priority: 1
    input:
        published=PUBLISHED,
        figures=f"{OUT}/figures/figures.csv",
        notebooks=[f"notebooks/{notebook}.ipynb" for notebook in NOTEBOOKS],
    output:
        [f"{OUT}/notebooks/{notebook}.{kind}" for notebook in NOTEBOOKS for kind in ("ipynb", "html")],
        f"{OUT}/notebooks/study.json",
    params:
        masthead=masthead,
        code=code_fingerprint(*GROUND, "report"),
    log:
        f"{OUT}/logs/execute_notebooks.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/execute_notebooks.py"


rule write_report:
    message:
        "{wildcards.study}: writing the report as a page, a Word document and a PDF"
    priority: 2
    input:
        published=PUBLISHED,
        figures=f"{OUT}/figures/figures.csv",
    output:
        page=report(f"{OUT}/report/report.html", category="{study}", caption="../report/report.rst"),
        word=f"{OUT}/report/report.docx",
        pdf=f"{OUT}/report/report.pdf",
    params:
        study=place,
        definition=whole_definition,
        disclosure=SETTINGS.disclosure.rules,
        code=code_fingerprint(*GROUND, "report"),
    log:
        f"{OUT}/logs/write_report.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/write_report.py"


SIDE_FILES = side_input(
    *("targets", "columns", "mappings", "codebook", "decisions"),
    *("quotes", "allow_list", "summaries", "linking", "claims"),
)


rule write_manifest:
    message:
        "{wildcards.study}: recording what was made from what"
    input:
        raw=raw_input("survey"),
        coded=raw_input("coded_text"),
        sides=SIDE_FILES,
        published=PUBLISHED,
        package=rules.publish.output.package,
        figures=f"{OUT}/figures/figures.csv",
        spreadsheet=rules.write_spreadsheet.output,
        notebooks=rules.execute_notebooks.output,
        report=rules.write_report.output,
    output:
        f"{OUT}/provenance/manifest.json",
    params:
        study=place,
        files=contents(raw_input("survey"), raw_input("coded_text"), SIDE_FILES),
        definition=whole_definition,
        settings=SETTINGS.model_dump(mode="json"),
    log:
        f"{OUT}/logs/write_manifest.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/write_manifest.py"
