# The coded-text strand: coded projects, sheets and segment tables to theme counts and agreement.


rule read_coded_text:
    message:
        "{wildcards.study}: reading the coded text"
    input:
        raw=raw_input("coded_text", "collections"),
        texts=raw_input("coded_text", "texts"),
        codebook=side_input("codebook"),
    output:
        [f"{OUT}/qualitative/{table.name}.parquet" for table in tables.NEUTRAL],
    params:
        study=place,
        files=contents(raw_input("coded_text", "collections"), raw_input("coded_text", "texts"), side_input("codebook")),
        definition=definition_of("coded_text", "joining"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/read_coded_text.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/read_coded_text.py"


rule settle_coding:
    message:
        "{wildcards.study}: settling the coding: what coders agreed on, and the decisions since"
    input:
        coded=rules.read_coded_text.output,
        adjudications=raw_input("coded_text", "collections"),
        decisions=side_input("decisions", "codebook"),
    output:
        coded=[f"{OUT}/qualitative/settled/{table.name}.parquet" for table in tables.NEUTRAL],
        decisions=f"{OUT}/qualitative/decisions.parquet",
        coding_files=f"{OUT}/qualitative/coding_files.parquet",
        coding_notes=f"{OUT}/qualitative/coding_notes.parquet",
        coding_steps=f"{OUT}/qualitative/coding_steps.parquet",
        coder_work=f"{OUT}/qualitative/coder_work.parquet",
        adjudication=f"{OUT}/qualitative/adjudication.parquet",
        sheets=directory(f"{OUT}/qualitative/final_coding"),
    params:
        study=place,
        files=contents(raw_input("coded_text", "collections"), side_input("decisions", "codebook")),
        definition=definition_of("coded_text"),
        code=code_fingerprint(*GROUND, "qualitative"),
    log:
        f"{OUT}/logs/settle_coding.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/settle_coding.py"


rule count_themes:
    message:
        "{wildcards.study}: counting themes, what comes together and what is new"
    input:
        rules.settle_coding.output.coded,
        summaries=side_input("summaries"),
    output:
        themes=f"{OUT}/qualitative/themes.parquet",
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
        files=contents(side_input("summaries")),
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
        "{wildcards.study}: comparing coders, listing what they have to settle"
    input:
        rules.read_coded_text.output,
    output:
        agreement=f"{OUT}/qualitative/agreement.parquet",
        counts=f"{OUT}/qualitative/agreement_counts.parquet",
        # For the coders' eyes: what people said, and who marked it. Never published.
        worklists=directory(f"{OUT}/qualitative/worklists"),
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


rule select_quotes:
    message:
        "{wildcards.study}: checking the quotations"
    input:
        settled=rules.settle_coding.output.coded,
        quotes=side_input("quotes"),
    output:
        quotes=f"{OUT}/qualitative/quotes.parquet",
        candidates=f"{OUT}/qualitative/quote_candidates.csv",
    params:
        study=place,
        files=contents(side_input("quotes")),
        definition=definition_of("coded_text"),
        disclosure=SETTINGS.disclosure.rules,
        code=code_fingerprint(*GROUND, "qualitative", "disclosure"),
    log:
        f"{OUT}/logs/select_quotes.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/select_quotes.py"
