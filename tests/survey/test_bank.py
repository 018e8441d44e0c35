"""The bank of tables: against R, against its formulas written out, and under changes that must not matter."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from plait.survey import bank as bank_module
from plait.survey import bank_clusters, bank_sums
from plait.survey.bank import Answers, Bank, Split, tabulate
from plait.survey.design import Design, Lonely
from plait.survey.intervals import korn_graubard
from plait.survey.raking import rake
from survey_oracle import EST, QUESTIONS, SE, TICKS, F, P, close, design, expected, needs_oracle, panel, wide

BREAKS = {"gender": 2, "age": 5, "phase": 2, "seniority": 4, "region": 9, "fsm": 5}
R_DESIGNS = ("w", "stratclus", "stratclus_fpc", "w_calrake", "stratclus_calrake", "stratclus_fixed")


def frame(entries: Any) -> pd.DataFrame:
    return pd.DataFrame({f.name: getattr(entries, f.name) for f in fields(entries)})


# --- against R ---------------------------------------------------------------------------------------------------------


@cache
def panel_bank(name: str) -> tuple[Bank, dict[str, int], dict[str, int]]:
    """All tables of the invented panel under one design; q4 is a break, too, as one of R's tests wants it."""
    questions = {
        name: Answers(
            panel()[name].fillna(0 if name not in TICKS else -1).to_numpy(dtype=np.int8) - (name in QUESTIONS), k
        )
        for name, k in {**QUESTIONS, **dict.fromkeys(TICKS, 2)}.items()
    }
    splits = {name: Split(panel()[name].to_numpy(dtype=np.int8) - 1, k) for name, k in BREAKS.items()}
    splits |= {name: Split(questions[name].codes, QUESTIONS[name]) for name in ("q2", "q4")}
    made = tabulate(design(name), list(questions.values()), list(splits.values()))
    return made, {name: i for i, name in enumerate(questions)}, {name: i for i, name in enumerate(splits)}


def numbers(level: pd.Series) -> pd.DataFrame:
    """What R's levels count, from 0; "value" is the one box of a multi-select, whose item is 1."""
    parts = level.str.replace("value", "2").str.split(r"[|-]", regex=True, expand=True)
    return parts.astype(int) - 1


@needs_oracle
@pytest.mark.parametrize("name", R_DESIGNS)
def test_shares_and_their_errors_as_in_r(name: str) -> None:
    made, question, split = panel_bank(name)
    want = expected("crosstabs")
    want = want[(want["design"] == name) & (want["stat"] == "by") & want["item"].isin(list(question))]
    want = wide(want, ["item", "by", "level"], ["est", "se"]).reset_index()
    assert len(want) == 432
    place = numbers(want["level"])
    keys = [want["item"].map(question), want["by"].map(split), place[0], place[1]]
    got = frame(made.cells).set_index(["question", "split", "group", "item"]).loc[list(zip(*keys, strict=True))]
    close(got["share"], want["est"], EST, name)
    close(got["se"], want["se"], SE, name)


@needs_oracle
@pytest.mark.parametrize("name", [name for name in R_DESIGNS if name not in ("stratclus_fpc", "stratclus_fixed")])
def test_pairs_of_groups_as_in_r(name: str) -> None:
    made, question, split = panel_bank(name)
    want = expected("crosstabs")
    want = want[(want["design"] == name) & (want["stat"] == "pair") & want["item"].isin(list(question))]
    df = want[want["level"] == ""]
    assert len(df) and set(df["value"]) == set(made.pairs.df)
    want = wide(want[want["level"] != ""], ["item", "by", "level"], ["diff", "se", "t", "p"]).reset_index()
    assert len(want) == 228
    place = numbers(want["level"])
    keys = [want["item"].map(question), want["by"].map(split), place[0], place[1], place[2]]
    index = ["question", "split", "item", "group", "other"]
    got = frame(made.pairs).set_index(index).loc[list(zip(*keys, strict=True))]
    np.testing.assert_allclose(got["difference"], want["diff"], rtol=EST, atol=EST)
    close(got["se"], want["se"], SE, name)
    np.testing.assert_allclose(got["statistic"], want["t"], rtol=SE, atol=1e-9)
    close(got["p"], want["p"], P, name)


@needs_oracle
@pytest.mark.parametrize("name", ["unw", *R_DESIGNS])
def test_tests_of_independence_as_in_r(name: str) -> None:
    made, question, split = panel_bank(name)
    want = expected("tests")
    want = want[(want["design"] == name) & (want["stat"] == "chisq") & (want["level"] == "F")]
    want = wide(want, ["item", "by"], ["stat", "ndf", "ddf", "p"]).reset_index()
    keys = [want["item"].map(question), want["by"].map(split), np.full(len(want), -1)]
    got = frame(made.tests).set_index(["question", "split", "item"]).loc[list(zip(*keys, strict=True))]
    assert len(got) == 26
    close(got[["statistic", "df1", "df2"]], want[["stat", "ndf", "ddf"]], F, name)
    close(got["p"], want["p"], P, name)


# --- against the formulas, written out -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A design with two questions and two breaks; the first question has nets, both have gaps."""

    design: Design
    questions: tuple[Answers, ...]
    splits: tuple[Split, ...]

    def bank(self) -> Bank:
        return tabulate(self.design, self.questions, self.splits)


KINDS = ("weights", "strata", "clusters", "strata clusters", "strata fpc", "strata clusters fpc", "certainty", "adjust",
         "average", "adjust people")  # fmt: skip


def invent(n: int, kind: str, seed: int, raked: bool = True) -> Case:
    """A random case; the last four kinds have a stratum with one cluster (with one person in the very last)."""
    rng = np.random.default_rng(seed)
    margins = (rng.integers(0, 2, n), rng.integers(0, 3, n))
    start = rng.uniform(0.4, 2.5, n)
    weights = start
    if raked:
        totals = [np.bincount(code, start) * rng.uniform(0.7, 1.4, code.max() + 1) for code in margins]
        weights = rake(margins, [total * n / total.sum() for total in totals], start).weights
    alone = kind.split(" ", maxsplit=1)[0] in ("certainty", "adjust", "average")
    strata = rng.integers(0, 4, n) if "strata" in kind or alone else None
    clusters = rng.integers(0, max(3, n // 16), n) if kind not in ("weights", "strata", "strata fpc") else None
    if kind == "adjust people":
        clusters = None
    if strata is not None and alone:
        few = np.arange(n) < (1 if clusters is None else 5)
        strata = np.where(few, 9, strata)
        clusters = None if clusters is None else np.where(few, 0, clusters)
    population = None
    if "fpc" in kind and strata is not None:
        units = np.arange(n) if clusters is None else clusters
        sampled = np.array([np.unique(units[strata == h]).size for h in range(4)])
        population = (sampled * rng.uniform(1, 3, 4))[strata]
    lonely: Lonely = kind.split(" ", maxsplit=1)[0] if alone else "refuse"  # type: ignore[assignment]
    leaning = (
        rng.normal(size=n)
        + 0.4 * margins[0]
        + (0 if clusters is None else rng.normal(0, 0.5, clusters.max() + 1)[clusters])
    )

    def gaps(codes: np.ndarray, part: float) -> np.ndarray:
        return np.where(rng.random(n) < part, -1, codes).astype(np.int8)

    return Case(
        Design(weights, start, margins if raked else (), clusters, strata, population, lonely),
        (
            Answers(gaps(np.digitize(leaning, [-0.6, 0.2, 1.1]), 0.1), 4, ((0, 1), (2, 3), (1,))),
            Answers(gaps((leaning > 0.5).astype(int), 0.4), 2),
        ),
        (Split(gaps(rng.integers(0, 3, n), 0.1), 3), Split(margins[1], 3), Split(np.zeros(n, dtype=np.int8), 1)),
    )


def covariance_by_hand(design: Design, influence: np.ndarray) -> np.ndarray:
    """Residuals of a weighted regression on the margins; totals of clusters; distances from the mean, by stratum."""
    n = len(influence)
    residual = influence
    if design.margins:
        x = np.column_stack([m == level for m in design.margins for level in np.unique(m)]).astype(float)
        root = np.sqrt(np.ones(n) if design.base_weights is None else design.base_weights)[:, None]
        residual = influence - x @ np.linalg.lstsq(root * x, root * influence, rcond=None)[0]
    strata = np.zeros(n, dtype=int) if design.strata is None else design.strata
    clusters = np.arange(n) if design.clusters is None else design.clusters
    totals = pd.DataFrame(design.weights[:, None] * residual).groupby([strata, clusters]).sum()
    sums, lonely, count = np.zeros((influence.shape[1],) * 2), 0, 0
    for stratum, part in totals.groupby(level=0):
        t, count = part.to_numpy(), count + 1
        population = np.inf if design.population_clusters is None else design.population_clusters[strata == stratum][0]
        away = t - (t.mean(axis=0) if len(t) > 1 else totals.to_numpy().mean(axis=0))
        if len(t) > 1:
            sums += (1 - len(t) / population) * len(t) / (len(t) - 1) * away.T @ away
        else:
            lonely += 1
            sums += (away.T @ away) * (design.lonely == "adjust")
    return sums * (count / (count - lonely) if design.lonely == "average" else 1)


def df_by_hand(design: Design, inside: np.ndarray) -> int:
    n = len(inside)
    strata = np.zeros(n, dtype=int) if design.strata is None else design.strata
    clusters = np.arange(n) if design.clusters is None else design.clusters
    return len(set(zip(strata[inside], clusters[inside], strict=True))) - len(set(strata[inside]))


def members(question: Answers) -> list[np.ndarray]:
    """Who chose each option and net."""
    return [np.isin(question.codes, item) for item in [*((k,) for k in range(question.options)), *question.nets]]


def check_table(case: Case, made: Bank, q: int, s: int) -> None:
    design, question, split = case.design, case.questions[q], case.splits[s]
    weights, base = design.weights, question.codes >= 0
    cells = frame(made.cells).query("question == @q and split == @s").set_index(["group", "item"])
    pairs = frame(made.pairs).query("question == @q and split == @s").set_index(["item", "group", "other"])
    df = df_by_hand(design, np.ones(len(base), dtype=bool))
    assert len(cells) == split.groups * len(members(question))
    for item, chose in enumerate(members(question)):
        inside = np.column_stack([base & (split.codes == g) for g in range(split.groups)])
        total = weights @ inside
        share = weights @ (inside & chose[:, None]) / total
        cov = covariance_by_hand(design, inside * (chose[:, None] - share) / total)
        for g in range(split.groups):
            got, n, p = cells.loc[(g, item)], inside[:, g].sum(), share[g]
            assert got["base_unweighted"] == n
            assert got["share"] == pytest.approx(p, rel=1e-12)
            assert got["share_unweighted"] == pytest.approx((chose & inside[:, g]).sum() / n)
            assert got["base_weighted"] == pytest.approx(total[g])
            assert got["base_effective"] == pytest.approx(total[g] ** 2 / (weights[inside[:, g]] ** 2).sum())
            assert got["se"] == pytest.approx(np.sqrt(cov[g, g]), rel=1e-7, abs=1e-12)
            assert got["df"] == df_by_hand(design, inside[:, g])
            if 0 < p < 1:
                assert got["design_effect"] == pytest.approx(cov[g, g] / (p * (1 - p) / (n - 1)), rel=1e-6, abs=1e-12)
        for g, h in combinations(range(split.groups), 2):
            got, variance = pairs.loc[(item, g, h)], cov[g, g] + cov[h, h] - 2 * cov[g, h]
            assert got["difference"] == pytest.approx(share[g] - share[h], abs=1e-12)
            assert got["se"] == pytest.approx(np.sqrt(variance), rel=1e-7)
            assert got["p"] == pytest.approx(2 * stats.t.sf(abs(share[g] - share[h]) / np.sqrt(variance), df), rel=1e-5)


def check_test(case: Case, made: Bank, q: int, s: int) -> None:
    """F with contrasts at right angles to both main effects, for all answers and for each item against the rest."""
    question, split, weights = case.questions[q], case.splits[s], case.design.weights
    inside = (question.codes >= 0) & (split.codes >= 0)
    tests = frame(made.tests).query("question == @q and split == @s").set_index("item")
    each = [question.codes == k for k in range(question.options)]
    columns = {-1: each} | {
        item: [chose, ~chose] for item, chose in enumerate(members(question)) if len(members(question)) > 2
    }
    assert set(tests.index) == set(columns)
    for item, answers in columns.items():
        cell = np.column_stack([inside & (split.codes == g) & a for g in range(split.groups) for a in answers]).astype(
            float
        )
        p = weights @ cell / (weights @ inside)
        v = covariance_by_hand(case.design, (cell - np.outer(inside, p)) / (weights @ inside))
        rows, cols = split.groups, len(answers)
        main = [np.kron(np.eye(rows), np.ones(cols)), np.kron(np.ones(rows), np.eye(cols))]
        rest = np.linalg.svd(np.vstack(main))[2][rows + cols - 1 :].T
        inverse = np.diag(1 / p)
        delta = np.linalg.inv(rest.T @ inverse @ rest) @ rest.T @ inverse @ v @ inverse @ rest
        table = p.reshape(rows, cols)
        expected_ = np.outer(table.sum(axis=1), table.sum(axis=0))
        phi = ((table - expected_) ** 2 / expected_).sum()
        df1 = np.trace(delta) ** 2 / np.trace(delta @ delta)
        got = tests.loc[item]
        assert got["statistic"] == pytest.approx(phi / np.trace(delta), rel=1e-6)
        assert got["df1"] == pytest.approx(df1, rel=1e-6)
        df2 = df1 * df_by_hand(case.design, np.ones(len(inside), dtype=bool))
        assert got["df2"] == pytest.approx(df2, rel=1e-6)
        assert got["p"] == pytest.approx(stats.f.sf(phi / np.trace(delta), df1, df2), rel=1e-4)
        assert got["cramers_v"] == pytest.approx(np.sqrt(phi / (min(rows, cols) - 1)), rel=1e-9)


@pytest.mark.parametrize("raked", [True, False], ids=["raked", "not raked"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_as_its_formula_is_written(kind: str, raked: bool) -> None:
    case = invent(400, kind, seed=3, raked=raked)
    made = case.bank()
    for q in range(2):
        for s in range(3):
            check_table(case, made, q, s)
        for s in range(2):
            check_test(case, made, q, s)


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 1_000, 100_000])
@pytest.mark.parametrize("kind", ["weights", "strata clusters fpc"])
def test_the_size_of_the_sample_does_not_matter_to_accuracy(n: int, kind: str) -> None:
    """Nearly singular sums of squares of margins have gone wrong at some sizes and not at others."""
    case = invent(n, kind, seed=n)
    check_table(case, case.bank(), 0, 1)


def test_counts_are_those_of_the_respondents() -> None:
    case = invent(300, "weights", seed=8)
    question, split = case.questions[0], case.splits[0]
    want = [[np.sum((split.codes == g) & (question.codes == k)) for k in range(4)] for g in range(3)]
    np.testing.assert_array_equal(case.bank().counts[0, 0], want)


# --- what must not change a result ---------------------------------------------------------------------------------------

LESS_WEIGHT = {"base_weighted"}


def same(got: Any, want: Any, but_for: set[str] | None = None) -> None:
    for f in fields(want):
        if f.name not in (but_for or set()):
            a, b = getattr(got, f.name), getattr(want, f.name)
            np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-9, err_msg=f.name)


def same_bank(got: Bank, want: Bank, but_for: set[str] | None = None) -> None:
    for part in ("cells", "tests", "pairs"):
        same(getattr(got, part), getattr(want, part), but_for)


def of_rows(case: Case, rows: np.ndarray) -> Case:
    """The case of some of its respondents, in some order."""
    d = case.design
    parts = {k: None if v is None else v[rows] for k, v in vars(d).items()
             if k in ("weights", "base_weights", "clusters", "strata", "population_clusters")}  # fmt: skip
    return Case(
        replace(d, **parts, margins=tuple(m[rows] for m in d.margins)),
        tuple(replace(q, codes=q.codes[rows]) for q in case.questions),
        tuple(replace(s, codes=s.codes[rows]) for s in case.splits),
    )


some_case = st.builds(invent, st.integers(60, 250), st.sampled_from(KINDS), st.integers(0, 10_000), st.booleans())
few = settings(max_examples=25, deadline=None)


@few
@given(some_case, st.floats(1e-4, 1e6), st.floats(1e-3, 1e3))
def test_units_of_weights(case: Case, unit: float, other_unit: float) -> None:
    d = case.design
    assert d.base_weights is not None
    scaled = replace(case, design=replace(d, weights=d.weights * unit, base_weights=d.base_weights * other_unit))
    got, want = scaled.bank(), case.bank()
    same_bank(got, want, LESS_WEIGHT)
    np.testing.assert_allclose(got.cells.base_weighted, want.cells.base_weighted * unit)


@few
@given(some_case, st.integers(0, 100))
def test_order_of_respondents(case: Case, seed: int) -> None:
    rows = np.random.default_rng(seed).permutation(case.design.weights.size)
    same_bank(of_rows(case, rows).bank(), case.bank())


@few
@given(some_case)
def test_a_wave_split_in_two_and_stacked(case: Case) -> None:
    rows = np.arange(case.design.weights.size)
    same_bank(of_rows(case, np.concatenate([rows[1::2], rows[::2]])).bank(), case.bank())


@few
@given(st.integers(60, 250), st.integers(0, 10_000), st.booleans())
def test_everyone_twice(n: int, seed: int, raked: bool) -> None:
    """Shares stay; each sum of n squares becomes half of one of 2 n, with n / (n - 1) in front."""
    case = invent(n, "weights", seed, raked)
    got, want = of_rows(case, np.tile(np.arange(n), 2)).bank().cells, case.bank().cells
    np.testing.assert_allclose(got.share, want.share, rtol=1e-9)
    np.testing.assert_allclose(got.se, want.se * np.sqrt((n - 1) / (2 * n - 1)), rtol=1e-6, atol=1e-10)
    np.testing.assert_array_equal(got.base_unweighted, 2 * want.base_unweighted)


@few
@given(some_case)
def test_everyone_twice_in_the_same_cluster(case: Case) -> None:
    if case.design.clusters is None:
        return
    n = case.design.weights.size
    twice = of_rows(case, np.tile(np.arange(n), 2)).bank()
    same(twice.pairs, case.bank().pairs)
    np.testing.assert_allclose(twice.cells.se, case.bank().cells.se, rtol=1e-6, atol=1e-10)


@few
@given(some_case, st.permutations(range(4)), st.permutations(range(3)))
def test_names_of_options_and_groups(case: Case, options: list[int], groups: list[int]) -> None:
    """What is called k becomes options[k]; entries move, and nothing else does."""
    q, s = case.questions[0], case.splits[0]
    recoded = Case(
        case.design,
        (Answers(np.append(options, -1)[q.codes], 4, tuple(tuple(options[k] for k in net) for net in q.nets)),),
        (Split(np.append(groups, -1)[s.codes], 3),),
    )
    got, want = (frame(c.bank().cells) for c in (recoded, Case(case.design, (q,), (s,))))
    want["item"] = want["item"].map({**{k: options[k] for k in range(4)}, 4: 4, 5: 5, 6: 6})
    want["group"] = want["group"].map(dict(enumerate(groups)))
    want = want.sort_values(["group", "item"], ignore_index=True)
    np.testing.assert_allclose(got, want, rtol=2e-6, atol=1e-9)
    tests = [frame(c.bank().tests).set_index("item") for c in (recoded, Case(case.design, (q,), (s,)))]
    np.testing.assert_allclose(tests[0].loc[-1], tests[1].loc[-1], rtol=2e-6)


@few
@given(some_case)
def test_an_empty_option_and_an_empty_group(case: Case) -> None:
    q, s = case.questions[0], case.splits[0]
    plain = tabulate(case.design, [Answers(q.codes, 4)], [s])
    wider = tabulate(case.design, [Answers(np.where(q.codes > 1, q.codes + 1, q.codes), 5)], [Split(s.codes, 4)])
    got = frame(wider.cells)
    empty = got[got["group"] == 3]
    assert empty[["share", "share_unweighted", "se", "design_effect"]].isna().all(axis=None)
    assert not empty[["base_unweighted", "base_weighted", "base_effective", "df"]].any(axis=None)
    nobody = got[(got["item"] == 2) & (got["group"] < 3)]
    assert (nobody[["share", "se"]] == 0).all(axis=None)
    rest = got[(got["item"] != 2) & (got["group"] < 3)].drop(columns="item")
    np.testing.assert_allclose(rest, frame(plain.cells).drop(columns="item"), rtol=2e-6, atol=1e-9)
    tests = [frame(made.tests).set_index("item").loc[-1] for made in (wider, plain)]
    np.testing.assert_allclose(tests[0], tests[1], rtol=2e-6)
    pairs = frame(wider.pairs)
    assert not (pairs["other"] == 3).any()
    assert (pairs.loc[pairs["item"] == 2, "se"] == 0).all()


@few
@given(some_case)
def test_a_table_is_the_same_in_any_company(case: Case) -> None:
    """Alone or in a bank, in small portions or all at once, and in small or large integers."""
    want = case.bank()
    first = tabulate(case.design, case.questions[:1], case.splits[:1])
    at = (want.cells.question == 0) & (want.cells.split == 0)
    np.testing.assert_allclose(first.cells.se, want.cells.se[at], rtol=2e-6, atol=1e-9)
    large = Case(
        case.design,
        tuple(replace(q, codes=q.codes.astype(np.int64)) for q in case.questions),
        tuple(replace(s, codes=s.codes.astype(np.int32)) for s in case.splits),
    )
    same_bank(large.bank(), want)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bank_module, "_AT_ONCE", 1)
        patch.setattr(bank_clusters, "_BLOCK", 30)
        patch.setattr(bank_clusters, "_TABLE", 1)
        patch.setattr(bank_sums, "_ROWS_OF_A_CELL", 10_000)
        patch.setattr(bank_sums, "_INT32", 1)
        same_bank(case.bank(), want)


@few
@given(some_case)
def test_whom_a_break_does_not_place_is_as_if_not_in_the_base(case: Case) -> None:
    q, s = case.questions[0], case.splits[0]
    fewer = Answers(np.where(s.codes < 0, -1, q.codes), 4, q.nets)
    same_bank(tabulate(case.design, [fewer], [s]), tabulate(case.design, [q], [s]))


# --- nets, boxes, and what is certain ------------------------------------------------------------------------------------


@few
@given(some_case)
def test_nets_and_options(case: Case) -> None:
    """(0, 1) and (2, 3) are each other's rest; a net of one option is that option."""
    made = case.bank()
    cells = frame(made.cells).query("question == 0").set_index(["split", "group", "item"])
    share, se = (cells[name].unstack().to_numpy() for name in ("share", "se"))
    np.testing.assert_allclose(share[:, 4], share[:, 0] + share[:, 1])
    np.testing.assert_allclose(share[:, 4] + share[:, 5], 1)
    np.testing.assert_allclose(se[:, 4], se[:, 5], rtol=2e-6, atol=1e-9)
    np.testing.assert_allclose(se[:, 6], se[:, 1], rtol=2e-6, atol=1e-9)
    tests = frame(made.tests).query("question == 0 and split == 0").set_index("item")
    np.testing.assert_allclose(tests.loc[4], tests.loc[5], rtol=2e-6)


@few
@given(some_case)
def test_an_option_against_the_rest_is_a_box(case: Case) -> None:
    q, s = case.questions[0], case.splits[0]
    box = Answers(np.where(q.codes < 0, -1, q.codes == 2), 2)
    whole, alone = tabulate(case.design, [q], [s]), tabulate(case.design, [box], [s])
    a = frame(whole.tests).set_index("item").loc[2]
    b = frame(alone.tests).set_index("item").loc[-1]
    np.testing.assert_allclose(a, b, rtol=2e-6)
    a, b = (frame(made.pairs).query("item == @item")["se"] for made, item in ((whole, 2), (alone, 1)))
    np.testing.assert_allclose(a, b, rtol=2e-6)


@pytest.mark.parametrize("kind", ["weights", "strata clusters"])
def test_a_difference_between_certain_shares_has_no_error(kind: str) -> None:
    """In every group all gave one answer, another in each: nothing is left to chance, and no statistic is to be had."""
    case = invent(200, kind, seed=4)
    group = case.splits[1].codes
    made = tabulate(case.design, [Answers(group, 3)], [Split(group, 3)])
    np.testing.assert_array_equal(made.cells.se, 0)
    np.testing.assert_array_equal(made.pairs.se, 0)
    assert np.isnan(made.pairs.statistic).all() and np.isnan(made.pairs.p).all()


@pytest.mark.parametrize("n", [400, 100_000])
@pytest.mark.parametrize("kind", ["weights", "strata clusters"])
def test_a_difference_between_shares_that_raking_fixes_has_no_error(kind: str, n: int) -> None:
    """Weights are raked to the crossing of break and answer, so that both shares are known."""
    case = invent(n, kind, seed=6, raked=False)
    rng = np.random.default_rng(1)
    crossed = rng.integers(0, 6, n)
    raked = replace(case.design, margins=(crossed,))
    made = tabulate(raked, [Answers(crossed % 3, 3)], [Split(crossed // 3, 2)])
    np.testing.assert_array_equal(made.cells.se, 0)
    np.testing.assert_array_equal(made.pairs.se, 0)
    assert np.isnan(made.pairs.p).all()


def test_a_net_that_everybody_chose_has_a_share_of_exactly_one() -> None:
    """Weighted shares of options add up to 1 only up to rounding, and an exact interval ends at 1 only for 1."""
    rng = np.random.default_rng(5)
    questions = [Answers(rng.integers(0, 5, 60), 5, ((0, 1, 2, 3, 4),)) for _ in range(40)]
    cells = tabulate(Design(rng.uniform(0.1, 3, 60)), questions, [Split(rng.integers(0, 3, 60), 3)]).cells
    net = cells.item == 5
    assert set(cells.share[net]) == set(cells.share_unweighted[net]) == {1.0}
    np.testing.assert_array_equal(korn_graubard(cells.share, cells.se, cells.base_unweighted, cells.df)[1][net], 1)


@pytest.mark.slow
@pytest.mark.parametrize("alone", [False, True], ids=["people", "clusters of one"])
def test_many_groups_in_small_integers(alone: bool) -> None:
    """128 groups times 7 options are more than a small integer holds."""
    rng = np.random.default_rng(0)
    n = 4_000
    group, answer = rng.integers(0, 128, n).astype(np.int8), rng.integers(-1, 7, n).astype(np.int8)
    everyone = Design(np.ones(n), clusters=np.arange(n) if alone else None)
    made = tabulate(everyone, [Answers(answer, 7)], [Split(group, 128)])
    want = pd.crosstab(group, answer)[list(range(7))].to_numpy()
    np.testing.assert_array_equal(made.counts[0, 0], want)
    np.testing.assert_array_equal(made.cells.df.reshape(128, 7)[:, 0], want.sum(axis=1) - 1)
    p = want / want.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(made.cells.share.reshape(128, 7), p)
    variance = n / (n - 1) * p * (1 - p) / want.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(made.cells.se.reshape(128, 7), np.sqrt(variance), rtol=1e-9)


def test_margins_that_refine_each_other() -> None:
    case = invent(3_000, "strata clusters", seed=2)
    a, b = case.design.margins
    doubled = replace(case, design=replace(case.design, margins=(a, b, b == 1, 10 * b + 3, a)))
    same_bank(doubled.bank(), case.bank())


@pytest.mark.parametrize(("codes", "groups", "words"), [
    ([0, 1, 2], [0, 0, 0], "options must be 0 to 1"), ([0, 1, 1], [0, -2, 0], "groups must be 0 to 0"),
    ([0, 1], [0, 0, 0], "one for each respondent"),
])  # fmt: skip
def test_codes_out_of_range_are_refused(codes: list[int], groups: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tabulate(Design(np.ones(3)), [Answers(np.array(codes), 2)], [Split(np.array(groups), 1)])


def test_nobody_answered() -> None:
    made = tabulate(Design(np.ones(5)), [Answers(np.full(5, -1), 2)], [Split(np.zeros(5, dtype=int), 1)])
    assert np.isnan(made.cells.share).all() and np.isnan(made.tests.p).all()
    assert not made.cells.base_unweighted.any()


def test_nothing_to_tabulate() -> None:
    design, someone = Design(np.ones(5)), np.zeros(5, dtype=int)
    for made in (tabulate(design, [], [Split(someone, 1)]), tabulate(design, [Answers(someone, 2)], [])):
        assert made.cells.share.size == made.tests.p.size == made.pairs.p.size == 0
