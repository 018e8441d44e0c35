# The coded-text strand: coded projects, sheets and segment tables to theme counts and agreement.


rule read_coded_text:
    message:
        "{wildcards.study}: reading the coded text"
    input:
        raw=raw_input("coded_text"),
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


rule count_themes:
    message:
        "{wildcards.study}: counting themes"
    input:
        rules.read_coded_text.output,
    output:
        themes=f"{OUT}/qualitative/themes.parquet",
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


rule compare_coders:
    message:
        "{wildcards.study}: comparing coders"
    input:
        rules.read_coded_text.output,
    output:
        agreement=f"{OUT}/qualitative/agreement.parquet",
        counts=f"{OUT}/qualitative/agreement_counts.parquet",
    params:
        study=place,
        definition=definition_of("coded_text"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/compare_coders.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/compare_coders.py"


# For the coders' eyes: what people said, and who marked it. Never published.
rule list_disagreements:
    message:
        "{wildcards.study}: listing what the coders of {wildcards.collection} have to settle"
    input:
        rules.read_coded_text.output,
    output:
        f"{OUT}/qualitative/worklist_{{collection}}.csv",
    params:
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/list_disagreements_{{collection}}.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/list_disagreements.py"
