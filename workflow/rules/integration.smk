# Where the strands meet.


rule join_strands:
    message:
        "{wildcards.study}: setting survey estimates beside themes"
    input:
        linking=side_input("linking"),
        estimates=rules.tabulate_survey.output.estimates,
        themes=rules.count_themes.output.themes,
    output:
        joint_display=f"{OUT}/integration/joint_display.parquet",
    params:
        study=place,
        definition=definition_of("survey", "coded_text"),
        code=code_fingerprint(*GROUND, "integration"),
    log:
        f"{OUT}/logs/join_strands.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/join_strands.py"
