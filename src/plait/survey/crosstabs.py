"""Every question by every break: shares with standard error, interval and three bases; tests; comparisons of groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Comparisons, StandardErrors, Survey
from plait.survey.bank import Answers, Bank, Cells, Pairs, Split, tabulate
from plait.survey.design import FloatArray, IntArray, degrees_of_freedom
from plait.survey.independence import Independence
from plait.survey.intervals import Limits, arcsine, korn_graubard, logit, wald, wilson
from plait.survey.pairs import large_enough, pooled_z
from plait.survey.replicates import replicated
from plait.survey.sample import Sample, Samples, with_errors
from plait.survey.significance import (
    ADJUSTMENTS,
    Pearson,
    benjamini_hochberg,
    cramers_v_interval,
    holm,
    independence_of_counts,
)
from plait.survey.variables import codes_of, missing_column, option_column, places
from plait.survey.wald import TableTotals, adjusted_wald, design_effects, interaction, saddlepoint, table_totals

_ONE_CLUSTER = "everyone in this group is in one cluster: no error can be estimated"
_NOT_TESTED = "fewer than two groups or answers"
_NUMBERS = [name for name, kind in tables.TESTS.columns.items() if kind == tables.NUMBER]


@dataclass(frozen=True)
class Tabulated:
    """What respondents' answers say; columns in `plait.tables`, the p of tests not adjusted yet."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Tables:
    """The tables of the questions of one export, from one sample, and the names of what is in them.

    A multi-select is a table for each box, of which only the item "ticked" is of interest; a single choice is one table.
    """

    sample: Sample
    bank: Bank
    questions: list[str]
    """For each question of the bank."""
    items: list[list[str]]
    """For each question of the bank its options, then its nets; for a box "" (not ticked) and the option."""
    kinds: list[list[str]]
    splits: list[str]
    groups: list[list[str]]
    answers: list[Answers]
    codes: list[Split]
    replicates: IntArray | None
    """For each cell of the bank, the replicates in which its share exists."""

    def names(self, question: IntArray, item: IntArray) -> tuple[pd.Series, pd.Series, pd.Series]:
        """Question, option and kind (share, net) of entries of the bank."""
        start = np.cumsum([0, *map(len, self.items)])
        place = start[question] + np.maximum(item, 0)
        options, kinds = (
            np.array([n for part in parts for n in part], dtype=object) for parts in (self.items, self.kinds)
        )
        whole = item < 0
        return (
            pd.Series(np.array(self.questions, dtype=object)[question], dtype="str"),
            pd.Series(np.where(whole, "", options[place]), dtype="str"),
            pd.Series(np.where(whole, "", kinds[place]), dtype="str"),
        )

    def breaks(self, split: IntArray) -> pd.Series:
        return pd.Series(np.array(self.splits, dtype=object)[split], dtype="str")

    def group_names(self, split: IntArray, group: IntArray) -> pd.Series:
        start = np.cumsum([0, *map(len, self.groups)])
        names = np.array([name for part in self.groups for name in part], dtype=object)
        return pd.Series(names[start[split] + group], dtype="str")


def tabulate_responses(study: Study, responses: pd.DataFrame, samples: Samples) -> Tabulated:
    """Estimate the share of every option and net of every question, for everyone and for every group of every break.

    Unweighted estimates stand beside weighted ones (`weight_set`); tests and pairs are of weighted answers where there
    are weights. Intervals are those that `errors` of the definition names: Wilson (1927) for a simple random sample and
    Korn and Graubard (1998) otherwise, unless others are asked for. A break and the answers are tested for independence
    after Rao and Scott (1984), with a saddlepoint approximation if that is asked for, or by an adjusted Wald test, in a
    simple random sample by Pearson's chi-squared or Fisher's exact test: all answers to a single choice together, and
    each option and net against the rest. Pairs of groups with thirty people or more are compared as `comparisons` of the
    definition says.

    Args:
        study: What to tabulate by what.
        responses: The cleaned responses.
        samples: Made from these responses.

    Raises:
        StudyError: The design of the sample cannot be used.
    """
    survey = study.definition.survey
    found = list(_tables(study, responses, samples))
    if survey is None or not found:
        return Tabulated(tables.ESTIMATES.empty(), tables.TESTS.empty(), tables.PAIRS.empty())
    main = [part for part in found if part.sample.weight_set or not survey.weighting]
    estimates = pd.concat([_estimates(part, survey.errors) for part in found], ignore_index=True)
    pairs = pd.concat([_pairs(part, survey.comparisons) for part in main], ignore_index=True)
    tests = tables.TESTS.of(pd.concat([_tests(part, survey) for part in main], ignore_index=True))
    return Tabulated(
        tables.ESTIMATES.of(_in_order(estimates, survey, ["weight_set"])),
        _in_order(tests, survey, []),
        tables.PAIRS.of(_in_order(pairs, survey, [])),
    )


def compare_breakdowns(cells: pd.DataFrame) -> pd.DataFrame:
    """Test the counts of a vendor's breakdown table, option by option, as those of a simple random sample.

    Args:
        cells: Of `plait.survey.breakdowns.BreakdownTable`.

    Returns:
        Columns of `plait.tables.TESTS`, p not adjusted.
    """
    rows: list[dict[str, object]] = []
    for (question, break_, option), table in cells.groupby(["question", "break", "option"], sort=False):
        counts = np.stack([table["n"], table["base"] - table["n"]]).astype(float)
        exact = table["whole"].all() and not table["weighted"].any()
        result = _counted(counts) if exact else _blank("shares are rounded or weighted")
        place = {"question": question, "option": option, "break": break_, "weight_set": "", "grain": "breakdown"}
        rows.append(place | result)
    return tables.TESTS.of(pd.DataFrame(rows, columns=list(tables.TESTS.columns)))


def adjusted(tests: pd.DataFrame) -> pd.DataFrame:
    """Adjust p-values for their number.

    Tests of single options and nets: over those of their question and break (Holm 1979). Tests of all answers together:
    over the questions that a break splits (Benjamini and Hochberg 1995).
    """
    whole = (tests["option"] == "").to_numpy(dtype=bool)
    p = tests["p"].to_numpy(dtype=float)
    by_table = family_of(tests, ["question", "break", "grain"])
    by_break = family_of(tests, ["break", "grain"])
    p_adjusted = np.where(
        whole,
        benjamini_hochberg(np.where(whole, p, np.nan), by_break),
        holm(np.where(whole, np.nan, p), by_table),
    )
    return tests.assign(p_adjusted=p_adjusted)


def family_of(frame: pd.DataFrame, columns: list[str]) -> IntArray:
    """(rows,) a number for every combination of the columns."""
    return np.asarray(frame.groupby(columns, sort=False).ngroup(), dtype=np.int64)


# --- what is tabulated -------------------------------------------------------------------------------------------------


def breaks_of(survey: Survey, responses: pd.DataFrame) -> tuple[list[str], list[list[str]], list[Split]]:
    """Everyone, then every break that respondents have: their names, their groups, and who is in which."""
    names = [name for name in survey.splits if name in responses]
    groups = [[tables.ALL], *(list(survey.groups_of(name)) for name in names)]
    codes = [np.zeros(len(responses), dtype=np.int64), *(codes_of(responses, name, survey) for name in names)]
    splits = [Split(code, len(group)) for code, group in zip(codes, groups, strict=True)]
    return [tables.ALL, *names], groups, splits


def _tables(study: Study, responses: pd.DataFrame, samples: Samples) -> Iterator[_Tables]:
    survey = study.definition.survey
    if survey is None:
        return
    for export in survey.exports:
        asked = [name for name, question in survey.questions_in(export).items() if question.type != "number"]
        if not asked:
            continue
        for sample in samples.of(export):
            here = responses[sample.rows]
            names, groups, splits = breaks_of(survey, here)
            found = [part for question in asked for part in _answers(survey, question, here)]
            questions, answers, items, kinds = (list(part) for part in zip(*found, strict=True))
            bank, replicates = tabulate(sample.design, answers, splits), None
            if sample.design.replicates is not None:
                bank, replicates = replicated(bank, sample.design, answers, splits)
            yield _Tables(sample, bank, questions, items, kinds, names, groups, answers, splits, replicates)


def _answers(
    survey: Survey, question: str, responses: pd.DataFrame
) -> Iterator[tuple[str, Answers, list[str], list[str]]]:
    """A question as tables: the answers, their items and the kinds of these."""
    options = [name for name, option in survey.options_of(question).items() if option.counts]
    in_base = (responses[missing_column(question)] == "").to_numpy()
    nets = {net: [options.index(o) for o in spec.of if o in options] for net, spec in survey.nets_of(question).items()}
    if survey.questions[question].type == "single":
        codes = places(responses[question], options)
        members = tuple(tuple(found) for found in nets.values())
        kinds = ["share"] * len(options) + ["net"] * len(nets)
        yield question, Answers(np.where(in_base, codes, -1), len(options), members), [*options, *nets], kinds
        return
    ticked = responses[[option_column(question, o) for o in options]].fillna(0).to_numpy(dtype=np.int8)
    for i, option in enumerate(options):
        yield question, Answers(np.where(in_base, ticked[:, i], -1), 2), ["", option], ["", "share"]
    for net, members_of in nets.items():  # each person once, however many of the net's options they ticked
        any_of = ticked[:, members_of].any(axis=1).astype(np.int8)
        yield question, Answers(np.where(in_base, any_of, -1), 2), ["", net], ["", "net"]


def _in_order(frame: pd.DataFrame, survey: Survey, more: list[str]) -> pd.DataFrame:
    """Rows of a question one after another, and in it by break and group; else as they came."""
    order = {name: i for i, name in enumerate(survey.questions)}
    splits = {name: i for i, name in enumerate([tables.ALL, *survey.splits])}
    keys = pd.DataFrame({"question": frame["question"].map(order)} | {name: frame[name] for name in more})
    keys["break"] = frame["break"].map(splits)
    if "group" in frame and "other" not in frame:
        keys["group"] = frame.groupby(["question", *more, "break"], sort=False)["group"].transform(_place)
    return frame.loc[keys.sort_values(keys.columns.tolist(), kind="stable").index].reset_index(drop=True)


def _place(groups: pd.Series) -> pd.Series:
    return pd.Series(pd.factorize(groups)[0], index=groups.index)


# --- what is in the tables ---------------------------------------------------------------------------------------------


def _of_interest(part: _Tables, entries: Cells | Independence | Pairs) -> IntArray:
    """Places of the entries that are told: not of a question by itself, and of a box not the share that left it empty."""
    questions, splits = np.array(part.questions, dtype=object), np.array(part.splits, dtype=object)
    by_itself = questions[entries.question] == splits[entries.split]
    start = np.cumsum([0, *map(len, part.items)])
    named = np.array([name != "" for items in part.items for name in items])
    told = (entries.item < 0) | named[start[entries.question] + np.maximum(entries.item, 0)]
    return np.flatnonzero(told & ~by_itself)


def _estimates(part: _Tables, rule: StandardErrors) -> pd.DataFrame:
    cells, at = part.bank.cells, _of_interest(part, part.bank.cells)
    share, base, df = cells.share[at], cells.base_unweighted[at], cells.df[at].astype(float)
    alone = (df < 1) & (base > 1) & (not part.sample.simple)
    se, effect = (np.where(alone, np.nan, part[at]) for part in (cells.se, cells.design_effect))
    (low, high), method = _intervals(rule.intervals, part.sample, share, se, base.astype(float), df)
    question, option, kind = part.names(cells.question[at], cells.item[at])
    return pd.DataFrame(
        {
            "question": question,
            "option": option,
            "break": part.breaks(cells.split[at]),
            "group": part.group_names(cells.split[at], cells.group[at]),
            "measure": kind,
            "weight_set": part.sample.weight_set,
            "value": share,
            "value_unweighted": cells.share_unweighted[at],
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "base_unweighted": base,
            "base_weighted": cells.base_weighted[at],
            "base_effective": cells.base_effective[at],
            "design_effect": effect,
            "method": method,
            "grain": "respondent",
            "note": np.select([base == 0, alone], ["nobody in this group was asked", _ONE_CLUSTER], _notes(part, at)),
        }
    )


def _intervals(
    kind: str, sample: Sample, share: FloatArray, se: FloatArray, n: FloatArray, df: FloatArray
) -> tuple[Limits, npt.NDArray[np.object_]]:
    """The limits of shares of the kind that is asked for, and what each interval is called."""
    kind = ("wilson" if sample.simple else "korn_graubard") if kind == "usual" else kind
    if kind == "wilson" and sample.simple:
        return wilson(share, n), np.full(share.shape, "wilson", dtype=object)
    exact = korn_graubard(share, se, n, df)
    names = np.full(share.shape, with_errors("korn-graubard", sample), dtype=object)
    if kind == "korn_graubard":
        return exact, names
    certain = ~((share > 0) & (share < 1) & (se > 0))
    if kind == "wilson":
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(np.isnan(se), np.nan, np.where(certain, n, np.fmin(share * (1 - share) / se**2, n)))
        return wilson(share, size), np.full(share.shape, with_errors("wilson-effective", sample), dtype=object)
    interval, name = {"logit": (logit, "logit"), "arcsine": (arcsine, "arcsine"), "wald": (wald, "wald_t")}[kind]
    low, high = (np.where(certain, safe, limit) for safe, limit in zip(exact, interval(share, se, df), strict=True))
    return (np.maximum(low, 0), np.minimum(high, 1)), np.where(certain, names, with_errors(name, sample))


def _notes(part: _Tables, at: IntArray) -> npt.NDArray[np.object_]:
    """What a reader must know of the replicates that the errors come from."""
    notes = np.where(part.bank.cells.split[at] == 0, part.sample.note, "").astype(object)
    if part.replicates is None or part.sample.design.replicates is None:
        return notes
    drawn, exists = part.sample.design.replicates.scales.size, part.replicates[at]
    fewer = np.flatnonzero(exists < drawn)
    notes[fewer] = [f"in {n} of {drawn} replicates; the others hold nobody of this group" for n in exists[fewer]]
    return notes


def _tests(part: _Tables, survey: Survey) -> pd.DataFrame:
    tests = part.bank.tests
    boxes = np.array([items[0] == "" for items in part.items])
    # A box has one test, ticked or not, and it stands for the option; a single choice has one of all answers and more.
    at = np.flatnonzero(tests.split > 0)
    at = at[(pd.Series(part.questions).to_numpy()[tests.question[at]] != part.breaks(tests.split[at]).to_numpy())]
    question, option, _ = part.names(tests.question[at], np.where(boxes[tests.question[at]], 1, tests.item[at]))
    frame = pd.DataFrame({"question": question, "option": option, "break": part.breaks(tests.split[at])})
    simple = part.sample.simple
    columns = [name for name in tables.TESTS.columns if name not in (*frame, "weight_set", "grain")]
    counted = (_counted(_counts(part, int(i))) for i in at) if simple else ()
    results = (
        pd.DataFrame(list(counted), columns=columns) if simple else _associations(part, at, survey.comparisons.tests)
    )
    return frame.assign(weight_set=part.sample.weight_set, grain="respondent").join(results)


def _associations(part: _Tables, at: IntArray, kind: str) -> pd.DataFrame:
    """Tests that know the design; the interval of Cramer's V is that of the test of Rao and Scott, whichever is told."""
    found = part.bank.tests
    low, high = cramers_v_interval(found.cramers_v[at], found.statistic[at], found.df1[at], found.df2[at])
    statistic, df1, df2, p = found.statistic[at], found.df1[at], found.df2[at], found.p[at]
    if kind != "rao_scott":
        test = {"adjusted_wald": _adjusted_wald, "saddlepoint": _saddlepoint}[kind]
        statistic, df1, df2, p = np.array([test(part, int(i)) for i in at], dtype=float).reshape(-1, 4).T
    made, associated = np.isfinite(p), np.isfinite(found.cramers_v[at])
    return pd.DataFrame(
        {
            "method": np.where(made, with_errors(kind, part.sample), ""),
            "statistic": statistic,
            "df1": df1,
            "df2": df2,
            "p": p,
            "p_adjusted": np.nan,
            "effect": found.cramers_v[at],
            "effect_low": low,
            "effect_high": high,
            "effect_name": "cramers_v",
            "note": np.select([made, associated], ["", "too little varies for a test"], _NOT_TESTED),
        }
    )


def _adjusted_wald(part: _Tables, test: int) -> tuple[float, float, float, float]:
    """F, its degrees of freedom and p."""
    totals = _table_totals(part, test)
    if totals is None:
        return (np.nan,) * 4
    found = adjusted_wald(*interaction(totals), degrees_of_freedom(part.sample.design))
    return float(found.statistic), float(found.df1), float(found.df2), float(found.p)


def _saddlepoint(part: _Tables, test: int) -> tuple[float, float, float, float]:
    """X2 and p; its distribution is that of a sum of squares, which has no degrees of freedom."""
    totals = _table_totals(part, test)
    if totals is None:
        return (np.nan,) * 4
    x2 = float(part.bank.tests.x2[test])
    p = float(saddlepoint(x2, design_effects(totals), degrees_of_freedom(part.sample.design)))
    return (np.nan if np.isnan(p) else x2), np.nan, np.nan, p


def _table_totals(part: _Tables, test: int) -> TableTotals | None:
    """The table of a test: all answers, or an item against the rest; `None` where there is nothing to test."""
    tests = part.bank.tests
    question, item = part.answers[tests.question[test]], int(tests.item[test])
    codes = np.asarray(question.codes, dtype=np.int64)
    if item >= 0:
        members = [item] if item < question.options else list(question.nets[item - question.options])
        codes = np.where(codes < 0, -1, np.isin(codes, members).astype(np.int64))
    group = np.asarray(part.codes[tests.split[test]].codes, dtype=np.int64)
    return table_totals(part.sample.design, codes, group)


def _counts(part: _Tables, test: int) -> FloatArray:
    """Numbers of people in the table of a test: all answers, or an item and the rest."""
    tests = part.bank.tests
    question, item = int(tests.question[test]), int(tests.item[test])
    counts = part.bank.counts[question, int(tests.split[test])].astype(float)
    if item < 0:
        return counts
    options = counts.shape[1]
    members = [item] if item < options else list(part.bank.nets[question][item - options])
    chosen = counts[:, members].sum(axis=1)
    return np.column_stack([chosen, counts.sum(axis=1) - chosen])


def _counted(counts: FloatArray) -> dict[str, object]:
    """A test on numbers of people."""
    try:
        result: Pearson = independence_of_counts(counts)
    except ValueError:  # it needs two rows and two columns with somebody in them
        return _blank(_NOT_TESTED)
    small = result.method != "fisher" and result.smallest_expected < 5
    low, high = np.nan, np.nan
    if result.method != "fisher":
        chi2 = result.cramers_v**2 * counts.sum() * (min((counts.sum(axis=k) > 0).sum() for k in (0, 1)) - 1)
        low, high = (float(v) for v in cramers_v_interval(result.cramers_v, chi2 / result.df, result.df, np.inf))
    return _blank("an expected count is below 5" if small else "") | {
        "method": result.method,
        "statistic": result.statistic,
        "df1": np.nan if result.method == "fisher" else result.df,
        "p": result.p,
        "effect": result.cramers_v,
        "effect_low": low,
        "effect_high": high,
    }


def _blank(note: str) -> dict[str, object]:
    numbers = dict.fromkeys(_NUMBERS, np.nan)
    return {"method": "", **numbers, "effect_name": "cramers_v", "note": note}


def _pairs(part: _Tables, rule: Comparisons) -> pd.DataFrame:
    """Every two groups that are large enough, compared."""
    pairs, cells = part.bank.pairs, part.bank.cells
    place = pd.MultiIndex.from_arrays([cells.question, cells.split, cells.item, cells.group])
    first, second = (
        place.get_indexer(pd.MultiIndex.from_arrays([pairs.question, pairs.split, pairs.item, group]))
        for group in (pairs.group, pairs.other)
    )
    tested = large_enough(cells.base_unweighted[first], cells.base_unweighted[second])
    at = _of_interest(part, pairs)
    at = at[tested[at]]
    if rule.letters == "design":
        se, statistic, df, p = pairs.se, pairs.statistic, pairs.df, pairs.p
    else:
        z = pooled_z(cells.share[first], cells.base_effective[first], cells.share[second], cells.base_effective[second])
        se, statistic, df, p = z.se, z.statistic, np.full_like(z.p, np.inf), z.p
    question, option, _ = part.names(pairs.question[at], pairs.item[at])
    frame = pd.DataFrame(
        {
            "question": question,
            "option": option,
            "break": part.breaks(pairs.split[at]),
            "group": part.group_names(pairs.split[at], pairs.group[at]),
            "other": part.group_names(pairs.split[at], pairs.other[at]),
            "weight_set": part.sample.weight_set,
            "method": with_errors("design_t", part.sample) if rule.letters == "design" else "pooled_z",
            "difference": pairs.difference[at],
            "se": se[at],
            "statistic": statistic[at],
            "df": df[at],
            "p": p[at],
        }
    )
    p, row = frame["p"].to_numpy(dtype=float), family_of(frame, ["question", "option", "break"])
    return frame.assign(p_adjusted=ADJUSTMENTS[rule.adjust](p, row) if rule.adjust != "none" else p)
