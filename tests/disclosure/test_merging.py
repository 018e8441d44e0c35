"""The declared variable that takes the place of a break: it must be made of it, and the survey strand estimates it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plait.disclosure.hiding import Hiding, main_rows
from plait.disclosure.rules import PROFILES
from plait.errors import StudyError
from plait.report.figures import draw_figures, read_index
from plait.study import load_study
from plait.survey.cleaning import clean
from plait.survey.findings import survey_findings
from plait.survey.weighting import weight
from report.make_published import make_definition, make_published
from small_survey import small_survey

SURVEY = """
respondent_id: id
profile:
  role: {label: Role, column: role, options: {teacher: Teacher, deputy: Deputy, head: Head}}
  phase: {label: Phase, column: phase, options: {p: Primary, s: Secondary}}
derived:
  leads:
    label: Leads
    from: role
    groups: {no_: {label: Teacher, of: teacher}, yes_: {label: Leader, of: [deputy, head]}}
questions:
  uses: {label: Uses it, text: Do you use it?, column: uses, options: {yes_: 'Yes', no_: 'No'}, compare_by: role}
  hours: {label: Hours, text: How many?, type: number, column: hours, unit: hours, compare_by: role}
"""
BREAKS = "breaks: [role, phase]\nmerge_small: {role: leads}\n"


def form() -> str:
    """Forty teachers, thirty-three deputies and four heads, of whom every other one uses it."""
    roles = ["Teacher"] * 40 + ["Deputy"] * 33 + ["Head"] * 4
    rows = [f"r{i},{r},{['Primary', 'Secondary'][i % 2]},{['Yes', 'No'][i % 2]},{i % 5}" for i, r in enumerate(roles)]
    return "\n".join(["id,role,phase,uses,hours", *rows, ""])


def test_the_coarser_variable_is_estimated_though_it_is_no_break(tmp_path: Path) -> None:
    study = small_survey(tmp_path / "merged", SURVEY + BREAKS, form_csv=form())
    responses = clean(study).responses
    found = survey_findings(study, responses, weight(study, responses).weights)
    assert set(found.estimates["break"]) == {"", "role", "phase", "leads"}
    assert {"leads", "role", "phase"} == set(found.tests["break"]) == set(found.pairs["break"])
    hiding = Hiding.of(main_rows(found.estimates), study.definition.survey, PROFILES["public"])
    assert hiding.merged == {("uses", "role"): "leads", ("hours", "role"): "leads"}
    assert hiding.published("uses", "leads") and not hiding.published("uses", "role")


@pytest.mark.parametrize(
    ("merge", "told"),
    [
        ("{phase: leads}", "'leads' is no coarser form of 'phase'"),
        ("{role: phase}", "phase"),
        ("{role: leeds}", "leads"),
        ("{leads: leads}", "'leads' is no coarser form of 'leads'"),
    ],
)
def test_a_coarser_variable_that_cannot_take_the_place_is_refused(tmp_path: Path, merge: str, told: str) -> None:
    with pytest.raises(StudyError, match="merge_small") as caught:
        small_survey(
            tmp_path / "wrong", f"{SURVEY}breaks: [role, phase, leads]\nmerge_small: {merge}\n", form_csv=form()
        )
    assert told in str(caught.value)


@pytest.mark.rendering
def test_a_figure_compares_by_the_coarser_variable_where_the_finer_one_is_merged(tmp_path: Path) -> None:
    definition, published = make_definition(), make_published()
    survey = definition.survey
    assert survey is not None
    groups = {group: {"label": label, "of": group} for group, label in survey.groups_of("phase").items()}
    coarser = {"merged": {"label": "Phase, merged", "from": "phase", "groups": groups}}
    written = definition.model_dump(by_alias=True, exclude_unset=True)
    written["survey"] |= {"derived": written["survey"].get("derived", {}) | coarser, "merge_small": {"phase": "merged"}}
    merged = type(definition).model_validate(written)
    renamed = {
        name: getattr(published, name).assign(**{"break": getattr(published, name)["break"].replace("phase", "merged")})
        for name in ("survey_estimates", "survey_tests", "survey_numbers")
    }
    plain, coarse = tmp_path / "plain", tmp_path / "coarse"
    draw_figures(published, definition, plain)
    draw_figures(replace(published, **renamed), merged, coarse)
    kinds = [dict(zip(index["name"], index["kind"], strict=True)) for index in map(read_index, (plain, coarse))]
    assert kinds[0] == kinds[1]
    titles = " ".join(read_index(coarse)["title"])
    assert titles.replace("phase, merged", "phase") == " ".join(read_index(plain)["title"])


def test_little_study_needs_no_merging(little: Path) -> None:
    survey = load_study(little).definition.survey
    assert survey is not None and survey.splits == survey.breaks
