"""Both example studies: without company the attack finds hidden groups, under every profile for release it finds none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from plait import tables
from plait.disclosure.attack import AttackOnQuestion, Target
from plait.disclosure.audit import FOUND, NOT_FOUND, PROTECTED
from plait.disclosure.gate import publish
from plait.disclosure.hiding import Hiding, Place, main_rows
from plait.disclosure.labels import Labels
from plait.disclosure.protection import SurveyTables
from plait.disclosure.rules import PROFILES
from plait.disclosure.sample_tables import hiding_of_profile
from plait.disclosure.theme_attack import AttackOnThemes
from plait.disclosure.themes import Row, ThemeHiding
from plait.qualitative.readers import read_coded_text_of
from plait.qualitative.settling import settle
from plait.qualitative.themes import theme_counts
from plait.study import Study, load_study
from plait.survey.cleaning import clean
from plait.survey.findings import survey_findings
from plait.survey.weighting import weight
from some_findings import findings

pytestmark = pytest.mark.study
ROOT = Path(__file__).resolve().parents[2]
PUBLIC = PROFILES["public"]
BOTH = pytest.mark.parametrize("name", ["ite-mentors", "ecf-rural-coastal"])


@cache
def example(name: str) -> tuple[Study, pd.DataFrame, pd.DataFrame]:
    """The study, its estimates and its theme counts."""
    study = load_study(ROOT / "studies" / name)
    responses = clean(study).responses
    estimates = survey_findings(study, responses, weight(study, responses).weights).estimates
    settled = settle(read_coded_text_of(study), study).decided
    return study, estimates, theme_counts(settled, study.collections)


def test_without_company_a_group_of_heads_is_found_exactly() -> None:
    study, estimates, _ = example("ite-mentors")
    assert study.definition.survey is not None
    survey = study.definition.survey.model_copy(update={"merge_small": {}})  # else the heads are merged, and safe
    main = main_rows(estimates)
    hiding = Hiding.of(main, survey, PUBLIC, company=False)
    place = Place("im_q6", "role3", "respondent")
    assert hiding.small(place) == ["head"] and set(hiding.groups[place]) == {"head"}
    made = SurveyTables(
        main, findings(), Labels(study), hiding, hiding_of_profile(tables.PROFILE.empty(), survey, PUBLIC)
    )
    attack = AttackOnQuestion(survey, "im_q6", made.questions(["im_q6"]), PUBLIC, not_known=hiding.not_known("im_q6"))
    base, *answers = attack.bounds([Target(place, "head", o) for o in ("", *hiding.answers[place].counts["head"])])
    assert base == (hiding.bases[place]["head"], hiding.bases[place]["head"])
    assert any(found is not None and found[1] - found[0] < base[0] for found in answers)


@BOTH
def test_without_company_theme_counts_are_found_exactly(name: str) -> None:
    study, _, themes = example(name)
    hiding = ThemeHiding.of(themes, Labels(study).parents, PUBLIC, company=False)
    exact = 0
    for table in hiding.tables.values():
        alone: list[tuple[Row, str]] = [(row, next(iter(h))) for row, h in table.hidden.items() if len(h) == 1]
        for (row, group), found in zip(alone, AttackOnThemes(hiding, table).bounds(alone), strict=True):
            exact += found == (table.counts[row][group], table.counts[row][group])
    assert exact > 10


@BOTH
@pytest.mark.parametrize("profile", ["public", "strict"])
def test_under_every_profile_for_release_nothing_is_found(name: str, profile: str) -> None:
    study, estimates, themes = example(name)
    found = findings(estimates=estimates, themes=themes)
    out = {table.name: rows for table, rows in publish(study, found, PROFILES[profile])}
    audit = out["published/attack_audit"]
    assert len(audit) and set(audit["verdict"]) <= {NOT_FOUND, PROTECTED}
    assert FOUND not in set(audit["verdict"])
