# The survey strand: exports and vendor breakdown tables to estimates and tests.


rule clean_survey:
    message:
        "{wildcards.study}: reading and cleaning the survey exports"
    input:
        raw=raw_input("survey"),
        mappings=side_input("mappings"),
    output:
        responses=f"{OUT}/survey/responses.parquet",
        log=f"{OUT}/survey/cleaning_log.csv",
        flow=f"{OUT}/survey/flow.csv",
    params:
        study=place,
        files=contents(raw_input("survey"), side_input("mappings")),
        definition=definition_of("survey"),
        code=code_fingerprint(*GROUND, "survey"),
    log:
        f"{OUT}/logs/clean_survey.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/clean_survey.py"


rule weight_survey:
    message:
        "{wildcards.study}: weighting respondents to the population targets"
    input:
        responses=rules.clean_survey.output.responses,
        targets=side_input("targets"),
    output:
        weights=f"{OUT}/survey/weights.parquet",
        margins=f"{OUT}/survey/margins.parquet",
        distribution=f"{OUT}/survey/weight_distribution.parquet",
        notes=f"{OUT}/survey/weighting_notes.parquet",
        weighting=f"{OUT}/survey/weighting.json",
    params:
        study=place,
        files=contents(side_input("targets")),
        definition=definition_of("survey"),
        code=code_fingerprint(*GROUND, "survey"),
    log:
        f"{OUT}/logs/weight_survey.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/weight_survey.py"


rule tabulate_survey:
    message:
        "{wildcards.study}: estimating every question by every break, testing the differences"
    input:
        raw=raw_input("survey"),
        sides=side_input("columns", "targets"),
        responses=rules.clean_survey.output.responses,
        weights=rules.weight_survey.output.weights,
        margins=rules.weight_survey.output.margins,
    output:
        estimates=f"{OUT}/survey/estimates.parquet",
        tests=f"{OUT}/survey/tests.parquet",
        pairs=f"{OUT}/survey/pairs.parquet",
        changes=f"{OUT}/survey/changes.parquet",
        models=f"{OUT}/survey/models.parquet",
        profile=f"{OUT}/survey/profile.parquet",
        reconciliation=f"{OUT}/survey/reconciliation.parquet",
    params:
        study=place,
        files=contents(raw_input("survey"), side_input("columns", "targets")),
        definition=definition_of("survey"),
        code=code_fingerprint(*GROUND, "survey"),
    log:
        f"{OUT}/logs/tabulate_survey.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_survey.py"
