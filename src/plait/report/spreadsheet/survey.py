"""The sheets of the survey: who answered, what they answered, and what was tested."""

from __future__ import annotations

from collections.abc import Iterator

from plait.report.printing import EVERYONE, INTERVAL, capital, named
from plait.report.sections.sizes import export_label
from plait.report.sections.survey import grain_in_words
from plait.report.sections.view import Record, StudyView, variants
from plait.report.spreadsheet.parts import (
    INTERVAL_OF,
    NONE,
    Columns,
    marker,
    number,
    sheet,
    text,
    value,
    weighted_or_not,
)
from plait.report.spreadsheet.questions import BASES, question_sheet
from plait.report.workbook import Sheet, Value


def survey_sheets(study: StudyView) -> Iterator[Sheet]:
    """Who answered, what they answered, and what was tested."""
    published = study.published
    yield sheet(study, "Row flow", "From the rows of the files to the respondents", published.row_flow, _flow(study))
    yield sheet(study, "Profile", "Respondents and weighting targets", published.sample_profile, _PROFILE)
    yield sheet(study, "Weighting", "What weighting did", published.weighting, _WEIGHTING)
    yield sheet(study, "Weighting notes", "Remarks on the weights", published.weighting_notes, _WEIGHTING_NOTES)
    distribution = published.weight_distribution
    yield sheet(study, "Weights", "How many respondents carry which weight", distribution, _DISTRIBUTION)
    for name, rows in study.questions.items():
        for variant in variants(rows):
            yield question_sheet(study, name, variant)
    yield sheet(study, "All estimates", "Every survey estimate, one a row", published.survey_estimates, _ESTIMATES)
    yield sheet(study, "Numbers", "Means, medians and totals", published.survey_numbers, _NUMBERS)
    yield sheet(study, "Changes", "Changes between exports", published.survey_changes, _CHANGES)
    yield sheet(study, "Models", "Models of an outcome", published.survey_models, _MODELS)
    yield sheet(study, "Tests", "Tests of differences between groups", published.survey_tests, _TESTS)


def _flow(study: StudyView) -> Columns:
    return {
        "File": lambda r: export_label(study, str(r["file"])) or NONE,
        "Step": lambda r: capital(r["reason"] or r["step"]) or NONE,
        "Rows in": number("rows_in"),
        "Rows left out": number("rows_dropped"),
        "Rows kept": number("rows_out"),
    }


_PROFILE: Columns = {
    "Characteristic": text("variable_label"),
    "Group": text("group_label"),
    "Unweighted base": number("base_unweighted"),
    "Unweighted (%)": number("per_cent_unweighted"),
    "Weighted (%)": number("per_cent_weighted"),
    "Target (%)": number("per_cent_target"),
    "Source of the target": text("target_source", "no target"),
    "Grade of the target": text("target_grade", "no target"),
    "Marker": marker,
}
_WEIGHTING: Columns = {
    "Weight set": text("weight_set_label"),
    "Measure": lambda r: named(r["measure"]),
    "Value": number("value"),
    "Marker": marker,
}
_WEIGHTING_NOTES: Columns = {
    "Weight set": text("weight_set_label"),
    "Remark": text("text"),
    "Respondents": number("respondents"),
    "Marker": marker,
}
_DISTRIBUTION: Columns = {
    "Weight set": text("weight_set_label"),
    "Weight from (times the mean)": number("low"),
    "Weight below (times the mean)": number("high"),
    "Respondents": number("respondents"),
    "Marker": marker,
}
_BASES_OF: Columns = {heading: number(base) for base, heading in BASES.items()}
_ESTIMATES: Columns = {
    "Question": text("question_label"),
    "Answer": text("option_label"),
    "Measure": lambda r: capital(r["measure"]),
    "Split by": lambda r: str(r["break_label"]) if r["break"] else EVERYONE,
    "Group": text("group_label", EVERYONE),
    "From": lambda r: capital(grain_in_words([r])),
    "Per cents are": weighted_or_not,
    "Per cent": number("per_cent"),
    **INTERVAL_OF,
    "Per cent unweighted": number("per_cent_unweighted"),
    **_BASES_OF,
    "Method of the interval": lambda r: named(r["method"]) or NONE,
    "Letter of the group": text("letter"),
    "Higher than the groups": text("higher_than"),
    "Marker": marker,
    "Remark": text("note"),
}
_NUMBERS: Columns = {
    "Question": text("question_label"),
    "Measure": lambda r: capital(str(r["measure"]).replace("_", " ")),
    "Unit": text("unit"),
    "Split by": lambda r: str(r["break_label"]) if r["break"] else EVERYONE,
    "Group": text("group_label", EVERYONE),
    "Values are": weighted_or_not,
    "Value": number("value"),
    **INTERVAL_OF,
    "Unweighted value": number("value_unweighted"),
    **_BASES_OF,
    "Method of the interval": lambda r: named(r["method"]) or NONE,
    "Marker": marker,
    "Remark": text("note"),
}
_CHANGES: Columns = {
    "Question": text("question_label"),
    "Answer": text("option_label"),
    "Since": text("earlier_label"),
    "Figures are": lambda r: "means" if r["measure"] == "mean" else "per cents",
    "Before": lambda r: _of_change(r, "per_cent_earlier", "value_earlier"),
    "Now": lambda r: _of_change(r, "per_cent", "value"),
    "Change": lambda r: _of_change(r, "points", "difference"),
    **INTERVAL_OF,
    "p": number("p"),
    "Adjusted p": number("p_adjusted"),
    "Base before": number("base_earlier"),
    "Base now": number("base"),
    "In both": number("base_both"),
    "Marker": marker,
    "Remark": text("note"),
}


def _of_change(row: Record, share: str, mean: str) -> Value:
    """The figure of a change: of a mean where one is compared, else of a share."""
    return value(row[mean if row["measure"] == "mean" else share], str(row["marker"]))


_MODELS: Columns = {
    "Model": text("model_label"),
    "Characteristic": text("variable_label"),
    "Group": text("group_label"),
    "Compared with": text("reference_label"),
    "Effect is": lambda r: "odds ratio" if r["kind"] == "logistic" else "difference",
    "Effect": number("effect"),
    **INTERVAL_OF,
    "p": number("p"),
    "p of the characteristic": number("p_variable"),
    "Unweighted base": number("base_unweighted"),
    "In the model": number("n"),
    "Marker": marker,
    "Remark": text("note"),
}
_TESTS: Columns = {
    "Question": text("question_label"),
    "Answer": text("option_label", "all answers together"),
    "Split by": text("break_label"),
    "From": lambda r: capital(grain_in_words([r])),
    "Test": lambda r: named(r["method"]) or "no test",
    "Statistic": number("statistic"),
    "Degrees of freedom": number("df1"),
    "Second degrees of freedom": number("df2"),
    "p": number("p"),
    "Adjusted p": number("p_adjusted"),
    "Effect size": number("effect"),
    f"{INTERVAL} of it from": number("effect_low"),
    f"{INTERVAL} of it to": number("effect_high"),
    "Effect size is": lambda r: named(r["effect_name"]) or NONE,
    "Marker": marker,
    "Remark": text("note"),
}
