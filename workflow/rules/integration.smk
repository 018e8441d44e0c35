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


rule check_claims:
    message:
        "{wildcards.study}: holding the claims against the tables"
    input:
        claims=side_input("claims"),
        estimates=rules.tabulate_survey.output.estimates,
        changes=rules.tabulate_survey.output.changes,
        themes=rules.count_themes.output.themes,
        agreement=rules.compare_coders.output.agreement,
    output:
        claims=f"{OUT}/integration/claims.csv",
    params:
        study=place,
        definition=definition_of("survey", "coded_text", "claims"),
        code=code_fingerprint(*GROUND, "integration"),
    log:
        f"{OUT}/logs/check_claims.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/check_claims.py"


rule vary_choices:
    message:
        "{wildcards.study}: making the numbers of the claims again with other choices"
    input:
        **rules.check_claims.input,
        responses=rules.clean_survey.output.responses,
        coded=rules.read_coded_text.output,
        # Another base is found by cleaning again, another coder's counts by settling again.
        raw=raw_input("survey"),
        adjudications=raw_input("coded_text", "collections"),
        sides=side_input("targets", "mappings", "decisions", "codebook"),
    output:
        robustness=f"{OUT}/integration/robustness.parquet",
    params:
        study=place,
        definition=definition_of("survey", "coded_text", "claims", "robustness"),
        code=code_fingerprint(*GROUND, "integration", "survey", "qualitative"),
    log:
        f"{OUT}/logs/vary_choices.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/vary_choices.py"
