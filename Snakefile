# plait: from raw survey exports and coded text to one report, study by study.
#
#   snakemake                                    both example studies
#   snakemake results/ite-mentors/report/report.html
#   snakemake --config disclosure=strict
#
# Each line of the drawing is a file below workflow/rules:
#
#   survey        exports ─ clean ─ weight ─ estimate, test ─┐
#   qualitative   coded text ─ read ─ decide ─ count, agree ─┤
#   integration          joint displays, claims, robustness ─┤
#   publication              disclosure gate, attacked ─ published tables, data package
#   report           figures, spreadsheet, notebooks, report (page, Word, PDF), manifest

from snakemake.utils import min_version

min_version("9.0")


# A file of one's own (--configfile) that names studies stands alone: the examples are not run beside them.
if "studies" not in config:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/survey.smk"
include: "workflow/rules/qualitative.smk"
include: "workflow/rules/integration.smk"
include: "workflow/rules/publication.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        # Everything that people receive, and not the manifest alone: what was deleted by hand is made again.
        expand(
            [
                f"{OUT}/provenance/manifest.json",
                *map(str, rules.publish.output),
                *map(str, rules.write_spreadsheet.output),
                *map(str, rules.execute_notebooks.output),
                *map(str, rules.write_report.output),
            ],
            study=STUDIES,
        ),
        *FIGURES,


# The scheduler leaves a timer behind that would hold a finished run for another second.
onsuccess:
    cancel_timers()


onerror:
    cancel_timers()
