"""What a reader with a computer can find out about hidden groups, and that nothing is left to find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from little_study import write_little_study
from made_up_survey import DISTANCES, OPTIONS, YEARS, Person, estimates_of, person
from plait import tables
from plait.disclosure.attack import AttackOnQuestion, Target
from plait.disclosure.audit import FOUND, NOT_FOUND, PROTECTED, Verdict, protect, wanted
from plait.disclosure.gate import publish
from plait.disclosure.hiding import Hiding, Place, main_rows
from plait.disclosure.labels import Labels
from plait.disclosure.linked import components, kinds_of_people
from plait.disclosure.programme import ContradictionError, Programme
from plait.disclosure.protection import SurveyTables
from plait.disclosure.rounded import per_cents, rounded_people
from plait.disclosure.rules import PROFILES, Rules, rules_of
from plait.disclosure.sample_tables import hiding_of_profile
from plait.disclosure.seen import base_bounds, bounds_by_limits, count_bounds
from plait.errors import Problem, StudyError
from plait.rounding import round_half_up
from plait.study import Study, load_study
from plait.survey.intervals import wilson
from some_findings import findings

PUBLIC, STRICT = PROFILES["public"], PROFILES["strict"]
FAR = Place("uses", "distance", "respondent")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_little_study(tmp_path_factory.mktemp("attacked") / "little"))


def tables_of(
    study: Study, estimates: pd.DataFrame, rules: Rules, *, company: bool = True
) -> tuple[Hiding, SurveyTables]:
    """What would be published of estimates, with company for small groups or without."""
    found = findings(estimates=estimates)
    main = main_rows(estimates)
    hiding = Hiding.of(main, study.definition.survey, rules, company=company)
    profile = hiding_of_profile(found.profile, study.definition.survey, rules)
    return hiding, SurveyTables(main, found, Labels(study), hiding, profile)


def attacked(
    study: Study, estimates: pd.DataFrame, question: str, rules: Rules = PUBLIC, *, company: bool = True
) -> AttackOnQuestion:
    hiding, made = tables_of(study, estimates, rules, company=company)
    survey = study.definition.survey
    assert survey is not None
    return AttackOnQuestion(survey, question, made.questions([question]), rules, not_known=hiding.not_known(question))


def protected(
    study: Study, estimates: pd.DataFrame, rules: Rules = PUBLIC, *, company: bool = True, mend: bool = True
) -> tuple[Hiding, list[Verdict], list[Problem]]:
    hiding, made = tables_of(study, estimates, rules, company=company)
    survey = study.definition.survey
    assert survey is not None
    return hiding, *protect(hiding, survey, {}, made.questions, tables.PUBLISHED_ESTIMATES, mend=mend)


def people(*rows: tuple[int, str, str, str]) -> list[Person]:
    """So many people of a year, at a distance, who give an answer."""
    return [person(year, distance, uses=answer) for n, year, distance, answer in rows for _ in range(n)]


SCHOOL = people(
    (300, "infants", "near", "yes_"), (420, "juniors", "near", "no_"), (400, "infants", "middle", "yes_"),
    (359, "juniors", "middle", "no_"), (3, "infants", "far", "yes_"), (5, "juniors", "far", "no_"),
)  # fmt: skip
"""1,487 parents, of whom eight live far away: three use the club and five do not."""
EIGHT = [Target(FAR, "far", option) for option in ("", "yes_", "no_")]
EITHER = ("", "year", "distance")


def test_a_group_that_is_hidden_alone_is_found_by_subtraction(study: Study) -> None:
    """Measured for the design: at whole per cents the base, at one decimal nearly every answer."""
    by_distance = estimates_of(SCHOOL, "uses", EITHER)
    base, *cells = attacked(study, by_distance, "uses", company=False).bounds(EIGHT)
    assert base == (8, 8)
    assert cells == [(0, 8), (0, 8)]
    finer = rules_of("public", {"per_cent_digits": 1})
    base, yes, no = attacked(study, by_distance, "uses", finer, company=False).bounds(EIGHT)
    assert base == (8, 8)
    assert yes is not None and no is not None
    assert yes[0] <= 3 <= yes[1] and yes[1] - yes[0] < 5
    exact = rules_of("public", {"per_cent_digits": 2})
    assert attacked(study, by_distance, "uses", exact, company=False).bounds(EIGHT) == [(8, 8), (3, 3), (5, 5)]


def test_in_a_small_study_whole_per_cents_tell_every_answer(study: Study) -> None:
    few = people((30, "infants", "near", "yes_"), (35, "juniors", "middle", "no_"), (2, "juniors", "far", "yes_"))
    assert attacked(study, estimates_of(few, "uses", EITHER), "uses", company=False).bounds(EIGHT) == [
        (2, 2), (2, 2), (0, 0),
    ]  # fmt: skip


def test_with_company_nothing_is_found(study: Study) -> None:
    hiding, verdicts, problems = protected(study, estimates_of(SCHOOL, "uses", EITHER))
    assert not problems
    assert [(v.place, v.hidden, v.words) for v in verdicts] == [(FAR, 2, NOT_FOUND)]
    assert set(hiding.groups[FAR]) == {"far", "near"}


def test_the_gate_mends_what_it_finds(study: Study) -> None:
    """Hidden alone, the group is found; the gate hides the next one by itself and says so."""
    hiding, verdicts, problems = protected(study, estimates_of(SCHOOL, "uses", EITHER), company=False)
    assert not problems
    assert [v.words for v in verdicts] == [PROTECTED]
    assert set(hiding.groups[FAR]) > {"far"}


def test_what_cannot_be_mended_stops_the_run_without_values(study: Study) -> None:
    _, verdicts, problems = protected(study, estimates_of(SCHOOL, "uses", EITHER), company=False, mend=False)
    assert [v.words for v in verdicts] == [FOUND]
    (problem,) = problems
    assert "'uses' by 'distance'" in str(problem) and "merge_small" in str(problem)
    assert not any(number in str(problem) for number in ("8", "1487", "far"))


def test_a_linked_break_does_not_tell_of_a_hidden_group(study: Study) -> None:
    """Far and near are hidden together; near_or_not tells how many are near, and so all of the eight."""
    estimates = estimates_of(SCHOOL, "uses")
    assert attacked(study, estimates, "uses").bounds(EIGHT)[0] == (8, 8)
    hiding, verdicts, problems = protected(study, estimates)
    assert not problems
    assert {v.place.break_: v.words for v in verdicts} == {"distance": PROTECTED}
    assert set(hiding.groups[FAR]) == {"far", "near", "middle"}
    assert "the break is not published for this question" in hiding.groups[FAR]["middle"]


def test_a_crossed_break_that_would_tell_of_a_group_is_hidden_too(study: Study) -> None:
    """Five of the infants live further away. The crossing hides them with company; the margins are known."""
    crossed = people(
        (200, "infants", "near", "yes_"), (5, "infants", "far", "no_"), (150, "juniors", "near", "no_"),
        (90, "juniors", "middle", "yes_"), (60, "juniors", "middle", "no_"),
    )  # fmt: skip
    place = Place("uses", "year_by_near", "respondent")
    estimates = estimates_of(crossed, "uses", ("", "year", "near_or_not", "year_by_near"))
    found = attacked(study, estimates, "uses", company=False).bounds([Target(place, "infants__further", "")])
    assert found == [(5, 5)]
    hiding, verdicts, problems = protected(study, estimates)
    assert not problems
    assert len(hiding.groups[place]) > 1
    assert {v.words for v in verdicts} <= {NOT_FOUND, PROTECTED}


def test_people_whom_the_estimates_leave_out_are_protected_in_the_breakdown(study: Study) -> None:
    """The vendor counts four more parents of infants than the estimates; both tables together tell what they want."""
    ours = [person(year, "near", wants=wants) for year in YEARS for wants in ["fruit", "juice"] * 24]
    more = {"infants": 4, "juniors": 20}
    theirs = [*ours, *(person(year, "near", wants="later") for year, n in more.items() for _ in range(n))]
    both = [estimates_of(ours, "wants", ("", "year")), estimates_of(theirs, "wants", ("", "year"), "breakdown")]
    estimates = tables.ESTIMATES.of(pd.concat(both, ignore_index=True))
    place = Place("wants", "year", "breakdown")
    left_out = [Target(place, "infants", option, left_out=True) for option in ("", "later", "fruit")]
    assert attacked(study, estimates, "wants").bounds(left_out) == [(4, 4), (4, 4), (0, 0)]
    hiding, verdicts, problems = protected(study, estimates)
    assert not problems
    assert "infants" in hiding.groups[place] and not hiding.groups[place._replace(grain="respondent")]
    assert [v.words for v in verdicts] == [PROTECTED]
    out = {t.name: f for t, f in publish(study, findings(estimates=estimates), PUBLIC)}
    assert "infants" in set(out["published/suppression_log"]["group"])


def test_numbers_that_contradict_each_other_stop_the_run(study: Study) -> None:
    few = people((200, "infants", "near", "yes_"), (5, "juniors", "far", "no_"), (50, "juniors", "middle", "no_"))
    estimates = estimates_of(few, "uses", EITHER)
    estimates.loc[estimates["group"] == "near", "base_unweighted"] = 300  # more than there are
    with pytest.raises(StudyError, match=r"'uses' by 'distance' \(respondent\) contradict each other") as told:
        publish(study, findings(estimates=estimates), PUBLIC)
    (problem,) = told.value.problems
    assert problem.file == "published/survey_estimates"
    assert "take the break or the question out" in problem.mend


@pytest.mark.parametrize("beside", [False, True])
def test_a_breakdown_that_does_not_add_up_is_named_with_its_files(study: Study, beside: bool) -> None:
    """As the vendor has it all parents want fruit, and of those near by, most of them, nobody does."""
    near, middle, far = (person("infants", where, wants="fruit") for where in DISTANCES)
    table = estimates_of([near] * 60 + [middle] * 45 + [far] * 5, "wants", ("", "distance"), "breakdown")
    here = table["group"] == "near"
    table.loc[here, "value_unweighted"] = (table.loc[here, "option"] != "fruit").astype(float)
    ours = estimates_of([near] * 30 + [middle] * 45 + [far] * 5, "wants", ("", "distance"))
    estimates = tables.ESTIMATES.of(pd.concat([ours, table] if beside else [table], ignore_index=True))
    with pytest.raises(StudyError, match=r"'wants' by 'distance' \(breakdown\) contradict each other") as told:
        publish(study, findings(estimates=estimates), PUBLIC)
    (problem,) = told.value.problems
    assert problem.file == "breakdown/responses.csv, breakdown/responders.csv"
    assert "make shares and bases add up" in problem.mend


def test_breaks_that_contradict_each_other_are_not_attacked_one_by_one(study: Study) -> None:
    """Each adds up by itself; but of twenty parents of juniors a hundred live near by."""
    crossed = people(
        (100, "infants", "near", "yes_"), (50, "infants", "far", "yes_"), (100, "juniors", "near", "yes_"),
        (7, "juniors", "far", "yes_"),
    )  # fmt: skip
    by_year = people((237, "infants", "near", "yes_"), (20, "juniors", "near", "yes_"))
    parts = [estimates_of(crossed, "uses", ("", "year_by_near")), estimates_of(by_year, "uses", ("year",))]
    with pytest.raises(StudyError, match=r"'uses' by 'year_by_near'.* contradict each other"):
        publish(study, findings(estimates=tables.ESTIMATES.of(pd.concat(parts, ignore_index=True))), PUBLIC)


def test_a_profile_that_contradicts_itself_is_called_the_profile(study: Study) -> None:
    row = {"variable": "distance", "share_unweighted": 0.3, "share_weighted": 0.3, "share_target": None}
    row |= {"source": "", "grade": ""}
    profile = tables.PROFILE.of([row | {"group": g, "n": n} for g, n in (("near", 300), ("middle", 40), ("far", 5))])
    flow = {"file": "f", "step": "read", "reason": "", "rows_in": 200, "rows_dropped": 0, "rows_out": 200}
    with pytest.raises(StudyError, match=r"the profile of the respondents by 'distance' .* contradict each other"):
        publish(study, findings(profile=profile, flow=tables.FLOW.of([flow])), PUBLIC)


# --- the programmes, computed a second time ------------------------------------------------------------------------------


def brute_force(targets: Sequence[str], published: dict[str, tuple[int, int]], most: int) -> dict[str, tuple[int, int]]:
    """All whole tables of near, middle, far and unknown by yes and no that agree with what is published."""
    places = [*DISTANCES, ""]
    found: dict[str, list[int]] = {target: [] for target in targets}
    for cells in product(range(most + 1), repeat=2 * len(places)):
        yes, no = dict(zip(places, cells[::2], strict=True)), dict(zip(places, cells[1::2], strict=True))
        sums = {"": places, "near": ["near"], "further": ["middle", "far"], "middle": ["middle"], "far": ["far"]}
        told = {name: (sum(yes[p] for p in of), sum(no[p] for p in of)) for name, of in sums.items()}
        if all(told[name] == pair for name, pair in published.items()):
            for target in targets:
                found[target].append(yes[target])
    return {target: (min(values), max(values)) for target, values in found.items()}


@pytest.mark.parametrize("unknown", [0, 1])
def test_programmes_find_what_trying_every_table_finds(study: Study, unknown: int) -> None:
    loose = rules_of("public", {"hide_below": 2, "withhold_below": 0})
    few = people(
        (2, "infants", "near", "yes_"), (1, "infants", "near", "no_"), (1, "infants", "middle", "yes_"),
        (1, "juniors", "middle", "no_"), (1, "juniors", "far", "yes_"), (unknown, "juniors", "", "no_"),
    )  # fmt: skip
    estimates = estimates_of(few, "uses", ("", "distance", "near_or_not"))
    attack = attacked(study, estimates, "uses", loose)
    told = {
        group: (groups[group].counts["yes_"][0], groups[group].counts["no_"][0])
        for groups in attack.tables.values()
        for group in groups
    }
    assert set(told) == {"", "near", "further"}  # middle and far are hidden
    by_hand = brute_force(["middle", "far"], {name: (int(a), int(b)) for name, (a, b) in told.items()}, most=3)
    by_programme = attack.bounds([Target(FAR, group, "yes_") for group in ("middle", "far")])
    assert by_programme == [by_hand["middle"], by_hand["far"]]


@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=4), st.data())
@settings(max_examples=60, deadline=None)
def test_bounds_hold_every_whole_solution(rows: list[list[int]], data: st.DataObject) -> None:
    """Sums of four unknowns of at most four: every solution lies within, and nested sums are met exactly."""
    truth = data.draw(st.lists(st.integers(0, 4), min_size=4, max_size=4))
    programme = Programme(4)
    sums = [sum(a * x for a, x in zip(row, truth, strict=True)) for row in rows]
    for i in range(4):
        programme.know({i: 1.0}, 0, 4)
    for row, total in zip(rows, sums, strict=True):
        programme.know({i: float(a) for i, a in enumerate(row) if a}, total, total)
    solutions = [
        x for x in product(range(5), repeat=4) if [sum(a * b for a, b in zip(r, x, strict=True)) for r in rows] == sums
    ]
    for i, (low, high) in enumerate(programme.bounds([{i: 1.0} for i in range(4)])):
        assert low <= min(x[i] for x in solutions) and max(x[i] for x in solutions) <= high
        if len(rows) == 1:
            assert (low, high) == (min(x[i] for x in solutions), max(x[i] for x in solutions))


def test_what_nothing_limits_is_infinite_and_what_cannot_be_is_a_contradiction() -> None:
    programme = Programme(2)
    programme.know({0: 1.0, 1: -1.0}, 0, inf)
    assert programme.bounds([{0: 1.0}, {1: 1.0}]) == [(0, inf), (0, inf)]
    programme.know({0: 1.0}, -inf, -1)
    with pytest.raises(ContradictionError):
        programme.bounds([{0: 1.0}])


@given(st.integers(1, 400), st.integers(0, 2), st.data())
def test_a_rounded_per_cent_stands_for_the_counts_that_round_to_it(base: int, digits: int, data: st.DataObject) -> None:
    rules = rules_of("public", {"per_cent_digits": digits})
    n = data.draw(st.integers(0, base))
    per_cent = round_half_up(100 * n / base, digits)
    low, high = count_bounds(per_cent, (base, base), rules)
    alike = [k for k in range(base + 1) if round_half_up(100 * k / base, digits) == per_cent]
    assert (low, high) == (alike[0], alike[-1])


@pytest.mark.parametrize("to", [1, 5, 10])
def test_a_rounded_base_stands_for_the_people_that_round_to_it(to: int) -> None:
    rules = rules_of("strict", {"base_to": to})
    for shown in range(to, 60, to):
        alike = [n for n in range(1, 100) if int(n / to + 0.5) * to == shown]
        assert base_bounds(shown, rules) == (alike[0], alike[-1])
    assert base_bounds(0, rules) == (0, 0)


def test_linked_breaks_are_those_made_of_the_same_variables(study: Study) -> None:
    survey = study.definition.survey
    assert survey is not None
    assert components(survey, ["year", "distance"]) == [("year",), ("distance",)]
    assert [set(part) for part in components(survey, ["year", "distance", "year_by_near"])] == [
        {"year", "distance", "year_by_near"}
    ]
    kinds = kinds_of_people(survey, ["distance", "near_or_not"])
    assert {tuple(kind) for kind in kinds.tolist()} == {(0, 0), (1, 1), (2, 1), (-1, -1)}


# --- surveys at random ----------------------------------------------------------------------------------------------------


@st.composite
def surveys(draw: st.DrawFn) -> list[Person]:
    """Parents in cells of year, distance and answer, some cells small, some large; a few of no known place."""
    sizes = st.one_of(st.integers(0, 4), st.integers(0, 40), st.integers(0, 300))
    return [
        person(year, distance, likes=answer, wants=[answers])
        for year, distance in product((*YEARS, ""), (*DISTANCES, ""))
        for answer, answers in zip(OPTIONS["likes"], OPTIONS["wants"][:3], strict=True)
        for _ in range(draw(sizes) if year and distance else draw(st.integers(0, 2)))
    ]


def true_and_open(study: Study, estimates: pd.DataFrame, rules: Rules) -> Iterator[tuple[bool, bool]]:
    """Of every hidden number: whether the truth lies within what the attack finds, and whether anything else does.

    What is told without any break that has a small group is not asked for.
    """
    survey = study.definition.survey
    assert survey is not None
    hiding, made = tables_of(study, estimates, rules)
    _, problems = protect(hiding, survey, {}, made.questions, tables.PUBLISHED_ESTIMATES)
    assert not problems
    for question in estimates["question"].unique():
        attack = AttackOnQuestion(
            survey, question, made.questions([question]), rules, not_known=hiding.not_known(question)
        )
        targets = wanted(hiding, question)
        without = attack.without({target.place for target in targets} | {p for p in hiding.bases if hiding.small(p)})
        for target, bounds, free in zip(targets, attack.bounds(targets), without.bounds(targets), strict=True):
            counts = hiding.answers[target.place].counts[target.group]
            truth = counts[target.option] if target.option else hiding.bases[target.place][target.group]
            assert bounds is not None and free is not None
            yield bounds[0] <= truth <= bounds[1], bounds[0] < bounds[1] or free[0] == free[1]


@given(surveys(), st.sampled_from(["public", "strict"]))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.slow
def test_no_survey_at_random_gives_a_hidden_group_away(study: Study, asked: list[Person], profile: str) -> None:
    estimates = tables.ESTIMATES.of(pd.concat([estimates_of(asked, q) for q in ("likes", "wants")], ignore_index=True))
    for within, open_ in true_and_open(study, estimates, PROFILES[profile]):
        assert within and open_


def test_a_run_stops_where_a_group_can_be_found(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.disclosure.audit._mend", lambda *_, **__: False)
    with pytest.raises(StudyError, match="tells of a group that must stay hidden"):
        publish(study, findings(estimates=estimates_of(SCHOOL, "uses")), PUBLIC)


def test_tables_for_the_project_alone_are_not_attacked_and_say_so(study: Study) -> None:
    out = {t.name: f for t, f in publish(study, findings(estimates=estimates_of(SCHOOL, "uses")), PROFILES["internal"])}
    assert out["published/attack_audit"]["verdict"].tolist() == ["not attacked: the tables are not for release"]
    audit = {t.name: f for t, f in publish(study, findings(estimates=estimates_of(SCHOOL, "uses")), PUBLIC)}[
        "published/attack_audit"
    ]
    assert audit[["table", "question", "break"]].iloc[0].tolist() == ["published/survey_estimates", "uses", "distance"]
    assert set(audit["verdict"]) <= {NOT_FOUND, PROTECTED}


@pytest.mark.parametrize("people", [60, 220, 418, 1000])
@pytest.mark.parametrize("rules", [PUBLIC, STRICT], ids=["public", "strict"])
def test_limits_tell_more_of_a_count_than_its_per_cent(people: int, rules: Rules) -> None:
    """An interval of Wilson is known where count and base are: of the counts that a per cent can be, few have its limits."""
    base = base_bounds(rounded_people(people, rules), rules)
    narrower = 0
    for count in range(0, people + 1, 7):
        low, high = wilson(count / people, people)
        (per_cent, *limits) = per_cents([count / people, float(low), float(high)], rules)
        alone = count_bounds(per_cent, base, rules)
        found = bounds_by_limits(alone, (limits[0], limits[1]), base, rules)
        assert alone[0] <= found[0] <= count <= found[1] <= alone[1]
        narrower += found != alone
    assert narrower > 10 or people == 60
    assert bounds_by_limits((3, 9), (0.0, 100.0), base, rules) == (3, 9)  # made otherwise
