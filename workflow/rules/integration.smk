# Where the strands meet.


rule join_strands:
    message:
        "{wildcards.study}: setting survey estimates beside themes"
    input:
        linking=side_input("linking"),
        raw=raw_input("survey", "exports"),
        responses=rules.clean_survey.output.responses,
        estimates=rules.tabulate_survey.output.estimates,
        themes=rules.count_themes.output.themes,
        case_themes=rules.count_themes.output.case_themes,
        coded=rules.settle_coding.output.coded,
        quotes=rules.select_quotes.output.quotes,
    output:
        joint_display=f"{OUT}/integration/joint_display.parquet",
        joining=f"{OUT}/integration/joining.parquet",
        statistics_by_theme=f"{OUT}/integration/statistics_by_theme.parquet",
        strands_by_group=f"{OUT}/integration/strands_by_group.parquet",
        quote_matrix=f"{OUT}/integration/quote_matrix.parquet",
        unlinked=f"{OUT}/integration/unlinked.parquet",
        # About single people: published only where nothing is for release.
        joined_people=f"{OUT}/integration/joined_people.parquet",
        case_level=f"{OUT}/integration/case_level.parquet",
    params:
        study=place,
        files=contents(side_input("linking"), raw_input("survey", "exports")),
        definition=definition_of("survey", "coded_text", "joining"),
        code=code_fingerprint(*GROUND, "integration", "survey/stand_ins", "survey/items"),
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
        files=contents(side_input("claims")),
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
        files=contents(
            raw_input("survey"),
            raw_input("coded_text", "collections"),
            side_input("targets", "mappings", "decisions", "codebook"),
        ),
        definition=definition_of("survey", "coded_text", "claims", "robustness"),
        code=code_fingerprint(*GROUND, "integration", "survey", "qualitative"),
    log:
        f"{OUT}/logs/vary_choices.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/vary_choices.py"
