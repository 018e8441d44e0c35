# The disclosure gate: everything after it reads published tables only.


rule publish:
    message:
        "{wildcards.study}: passing every table through the disclosure rules ({params.disclosure[profile]})"
    input:
        **{name: rule_output for name, rule_output in rules.tabulate_survey.output.items()},
        flow=rules.clean_survey.output.flow,
        cleaning_log=rules.clean_survey.output.log,
        weighting=rules.weight_survey.output.weighting,
        margins=rules.weight_survey.output.margins,
        weight_distribution=rules.weight_survey.output.distribution,
        weighting_notes=rules.weight_survey.output.notes,
        themes=rules.count_themes.output.themes,
        agreement=rules.compare_coders.output.agreement,
        agreement_counts=rules.compare_coders.output.counts,
        quotes=rules.select_quotes.output.quotes,
        counting_notes=rules.count_themes.output.counting_notes,
        cooccurrence=rules.count_themes.output.cooccurrence,
        saturation_curve=rules.count_themes.output.saturation_curve,
        saturation=rules.count_themes.output.saturation,
        saturation_summary=rules.count_themes.output.saturation_summary,
        **{
            name: rules.settle_coding.output[name]
            for name in ("coding_files", "coding_notes", "coding_steps", "coder_work", "adjudication", "decisions")
        },
        claims=rules.check_claims.output.claims,
        robustness=rules.vary_choices.output.robustness,
        **{
            name: rules.join_strands.output[name]
            for name in (
                "joint_display",
                "joining",
                "statistics_by_theme",
                "strands_by_group",
                "quote_matrix",
                "unlinked",
                "case_level",
            )
        },
        codebook=side_input("codebook"),
        deny_list=raw_input("coded_text", "screening"),
        allow_list=side_input("allow_list"),
    output:
        PUBLISHED,
        package=f"{OUT}/published/datapackage.json",
    params:
        study=place,
        files=contents(side_input("codebook"), raw_input("coded_text", "screening"), side_input("allow_list")),
        definition=whole_definition,
        disclosure=SETTINGS.disclosure.rules,
        code=code_fingerprint(*GROUND, "disclosure", "qualitative/screening", "qualitative/deny_list"),
    log:
        f"{OUT}/logs/publish.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/publish.py"
