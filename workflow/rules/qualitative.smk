# The coded-text strand: coded projects, sheets and segment tables to theme counts and agreement.


rule read_coded_text:
    message:
        "{wildcards.study}: reading the coded text"
    input:
        raw=raw_input("coded_text", "collections"),
        codebook=side_input("codebook"),
    output:
        [f"{OUT}/qualitative/{table.name}.parquet" for table in tables.NEUTRAL],
    params:
        study=place,
        definition=definition_of("coded_text"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/read_coded_text.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/read_coded_text.py"


rule apply_decisions:
    message:
        "{wildcards.study}: applying the decisions about the coding"
    input:
        coded=rules.read_coded_text.output,
        decisions=side_input("decisions", "codebook"),
    output:
        coded=[f"{OUT}/qualitative/decided/{table.name}.parquet" for table in tables.NEUTRAL],
        decisions=f"{OUT}/qualitative/decisions.parquet",
        sheets=directory(f"{OUT}/qualitative/final_coding"),
    params:
        study=place,
        definition=definition_of("coded_text"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/apply_decisions.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/apply_decisions.py"


rule count_themes:
    message:
        "{wildcards.study}: counting themes and comparing coders"
    input:
        coded=rules.read_coded_text.output,
        decided=rules.apply_decisions.output.coded,
    output:
        themes=f"{OUT}/qualitative/themes.parquet",
        agreement=f"{OUT}/qualitative/agreement.parquet",
    params:
        study=place,
        definition=definition_of("coded_text"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/count_themes.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/count_themes.py"


rule select_quotes:
    message:
        "{wildcards.study}: checking the quotations"
    input:
        decided=rules.apply_decisions.output.coded,
        quotes=side_input("quotes"),
    output:
        quotes=f"{OUT}/qualitative/quotes.parquet",
        candidates=f"{OUT}/qualitative/quote_candidates.csv",
    params:
        study=place,
        definition=definition_of("coded_text"),
        profile=SETTINGS.disclosure,
        code=code_fingerprint(*GROUND, "qualitative", "disclosure"),
    log:
        f"{OUT}/logs/select_quotes.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/select_quotes.py"
