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
        "{wildcards.study}: counting themes, what comes together and what is new, and comparing coders"
    input:
        rules.read_coded_text.output,
        summaries=side_input("summaries"),
    output:
        themes=f"{OUT}/qualitative/themes.parquet",
        agreement=f"{OUT}/qualitative/agreement.parquet",
        counting_notes=f"{OUT}/qualitative/counting_notes.parquet",
        cooccurrence=f"{OUT}/qualitative/cooccurrence.parquet",
        saturation_curve=f"{OUT}/qualitative/saturation_curve.parquet",
        saturation=f"{OUT}/qualitative/saturation.parquet",
        saturation_summary=f"{OUT}/qualitative/saturation_summary.parquet",
        # About single people: for joins within the project, never published as they are.
        case_themes=f"{OUT}/qualitative/case_themes.parquet",
        case_matrix=f"{OUT}/qualitative/case_matrix.parquet",
        case_similarity=f"{OUT}/qualitative/case_similarity.parquet",
        case_tree=f"{OUT}/qualitative/case_tree.parquet",
        framework=f"{OUT}/qualitative/framework.parquet",
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
