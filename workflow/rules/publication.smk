# The disclosure gate: everything after it reads published tables only.


rule publish:
    message:
        "{wildcards.study}: passing every table through the disclosure rules ({params.profile})"
    input:
        **{name: rule_output for name, rule_output in rules.tabulate_survey.output.items()},
        flow=rules.clean_survey.output.flow,
        cleaning_log=rules.clean_survey.output.log,
        weighting=rules.weight_survey.output.weighting,
        weight_distribution=rules.weight_survey.output.distribution,
        weighting_notes=rules.weight_survey.output.notes,
        themes=rules.count_themes.output.themes,
        counting_notes=rules.count_themes.output.counting_notes,
        cooccurrence=rules.count_themes.output.cooccurrence,
        saturation_curve=rules.count_themes.output.saturation_curve,
        saturation=rules.count_themes.output.saturation,
        saturation_summary=rules.count_themes.output.saturation_summary,
        agreement=rules.count_themes.output.agreement,
        joint_display=rules.join_strands.output.joint_display,
        codebook=side_input("codebook"),
    output:
        PUBLISHED,
    params:
        study=place,
        definition=definition_of("survey", "coded_text"),
        profile=SETTINGS.disclosure,
        code=code_fingerprint(*GROUND, "disclosure"),
    log:
        f"{OUT}/logs/publish.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/publish.py"
