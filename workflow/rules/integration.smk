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
        definition=definition_of("survey", "coded_text", "joining"),
        code=code_fingerprint(*GROUND, "integration", "survey/stand_ins", "survey/items"),
    log:
        f"{OUT}/logs/join_strands.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/join_strands.py"
