"""The survey's numbers as they are published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.labels import Labels, labelled, remarks
from plait.disclosure.rounded import decimals_for, rounded, three_digits
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog, hidden_groups
from plait.rounding import round_half_up, whole_per_cent
from plait.survey.letters import letter, letters
from plait.tables import ALL, Table

CELL = ["question", "option", "break", "group", "measure", "grain"]
SHARES = ("share", "net")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Verdict:
    """What the rules say about the rows of a table of estimates."""

    suppressed: Mask
    withheld: Mask
    empty: Mask
    flagged: Mask

    @property
    def no_value(self) -> Mask:
        return self.suppressed | self.withheld | self.empty

    def markers(self, rounds_to_zero: Mask) -> npt.NDArray[np.str_]:
        marks = [self.suppressed, self.empty, self.flagged, rounds_to_zero]
        return np.asarray(np.select(marks, ["c", "z", "u", "low"], ""), dtype=str)


def estimates_table(
    estimates: pd.DataFrame, pairs: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """Shares and nets, one row a cell: the weighted estimate where there is one, its unweighted value beside it."""
    main = main_rows(estimates[estimates["measure"].isin(SHARES)])
    verdict = _judge(main, tables.PUBLISHED_ESTIMATES, rules, log)
    hidden = verdict.no_value
    per_cent = np.where(hidden, np.nan, whole_per_cent(main["value"]))
    rounds_to_zero = ~hidden & (per_cent == 0) & (main["value"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_ESTIMATES.of(
        _names(main, labels)
        .join([_bases(main, verdict), _letters(main, pairs, labels, verdict)])
        .assign(
            option=main["option"],
            option_label=labelled(main, labels.item, "question", "option"),
            grain=main["grain"],
            per_cent=per_cent,
            ci_low=np.where(hidden, np.nan, whole_per_cent(main["ci_low"])),
            ci_high=np.where(hidden, np.nan, whole_per_cent(main["ci_high"])),
            per_cent_unweighted=np.where(hidden, np.nan, whole_per_cent(main["value_unweighted"])),
            method=main["method"].mask(hidden, ""),  # which interval it would be may tell that nobody chose it
            marker=verdict.markers(rounds_to_zero),
            note=remarks(main["note"].mask(verdict.suppressed, ""), main["weight_set"], labels),  # it may tell how few
        )
    )


def numbers_table(estimates: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Means, medians, totals and ratios, rounded by the size of the question's figure for everyone."""
    main = main_rows(estimates[~estimates["measure"].isin(SHARES)])
    verdict = _judge(main, tables.PUBLISHED_NUMBERS, rules, log)
    impossible = ~np.isfinite(main["value"].to_numpy(dtype=float))
    verdict = replace(verdict, empty=verdict.empty | (impossible & ~verdict.suppressed))
    digits = _decimals(main)

    def shown(column: str) -> list[float]:
        values = zip(main[column], digits, verdict.no_value, strict=True)
        return [np.nan if hidden else round_half_up(value, d) for value, d, hidden in values]

    return tables.PUBLISHED_NUMBERS.of(
        _names(main, labels)
        .join(_bases(main, verdict))
        .assign(
            unit=main["question"].map(labels.unit),
            value=shown("value"),
            ci_low=shown("ci_low"),
            ci_high=shown("ci_high"),
            value_unweighted=shown("value_unweighted"),
            method=main["method"],
            marker=verdict.markers(np.zeros(len(main), dtype=bool)),
            note=remarks(main["note"].mask(verdict.suppressed, ""), main["weight_set"], labels),
        )
    )


def changes_table(changes: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Changes between two exports: of shares in percentage points, of means in their unit, rounded from the exact ones."""
    smaller = changes[["base_earlier", "base"]].min(axis="columns").astype("float64").fillna(0).to_numpy()
    both = changes["base_both"].astype("float64").to_numpy()
    withheld, flagged = smaller < rules.withhold_below, smaller < rules.flag_below
    for question, rows in changes[withheld].groupby("question", sort=False):
        log.add(tables.PUBLISHED_CHANGES, str(question), "", "", f"base below {rules.withhold_below}", len(rows))

    def shown(column: str, rounding: Callable[[float], float]) -> pd.Series:
        return changes[column].map(rounding).where(~withheld)

    mean = (changes["measure"] == "mean").to_numpy(dtype=bool)
    digits = [decimals_for(value) if np.isfinite(value) else 2 for value in changes["value"].astype("float64")]

    def points(column: str) -> pd.Series:
        return shown(column, _per_cent).where(~mean)

    def in_unit(column: str) -> pd.Series:
        exact = zip(changes[column], digits, strict=True)
        return pd.Series([round_half_up(v, d) for v, d in exact], changes.index, dtype=float).where(mean & ~withheld)

    return tables.PUBLISHED_CHANGES.of(
        pd.DataFrame(
            {
                "question": changes["question"],
                "question_label": changes["question"].map(labels.variable),
                "option": changes["option"],
                "option_label": np.where(mean, "Mean", labelled(changes, labels.item, "question", "option")),
                "measure": changes["measure"],
                "earlier": changes["earlier"],
                "earlier_label": changes["earlier"].map(labels.day),
                "per_cent_earlier": points("value_earlier"),
                "per_cent": points("value"),
                "points": points("difference"),
                **{column: in_unit(column) for column in ("value_earlier", "value", "difference")},
                **{column: points(column).where(~mean, in_unit(column)) for column in ("ci_low", "ci_high")},
                "p": shown("p", three_digits),
                "p_adjusted": shown("p_adjusted", three_digits),
                "base_earlier": changes["base_earlier"].mask(smaller < rules.hide_below),
                "base": changes["base"].mask(smaller < rules.hide_below),
                "base_both": changes["base_both"].mask((both < rules.hide_below) & (both > 0)),
                "method": changes["method"],
                "marker": np.select([smaller == 0, smaller < rules.hide_below, flagged], ["z", "c", "u"], ""),
                "note": remarks("", changes["weight_set"], labels),
            }
        )
    )


def models_table(models: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Odds ratios and differences; a model with a group too small to be shown is withheld whole.

    The group that others are compared with, and the crossings of an interaction, count like any other: with the numbers
    of the others they could be found by subtraction.
    """
    smallest = models["smallest_base"].to_numpy(dtype=float)
    withheld, hidden = smallest < rules.withhold_below, smallest < rules.hide_below
    for model, rows in models[withheld].groupby("model", sort=False):
        rule = f"no model: a group has a base below {rules.withhold_below}"
        log.add(tables.PUBLISHED_MODELS, str(model), "", "", rule, len(rows))
    logistic = (models["kind"] == "logistic").to_numpy(dtype=bool)

    def effect(column: str) -> pd.Series:
        exact = models[column].to_numpy(dtype=float)
        natural = np.where(logistic, np.exp(np.where(logistic, exact, 0)), exact)
        return pd.Series(natural, index=models.index).map(three_digits).where(~withheld)

    return tables.PUBLISHED_MODELS.of(
        pd.DataFrame(
            {
                "model": models["model"],
                "model_label": models["model"].map(labels.model),
                "kind": models["kind"],
                "variable": models["variable"],
                "variable_label": models["variable"].map(lambda v: labels.variable(v) if v else "Intercept"),
                "group": models["group"],
                "group_label": labelled(models, labels.group, "variable", "group"),
                "reference_label": labelled(models, labels.group, "variable", "reference"),
                "effect": effect("estimate"),
                "ci_low": effect("ci_low"),
                "ci_high": effect("ci_high"),
                "p": models["p"].map(three_digits).where(~withheld),
                "p_variable": models["p_variable"].map(three_digits).where(~withheld),
                "base_unweighted": models["base_unweighted"].mask(hidden),
                "n": models["n"].mask((models["n"] < rules.hide_below).fillna(False)),
                "marker": np.select([hidden, withheld], ["c", "u"], ""),
                "note": remarks("", models["weight_set"], labels),
            }
        )
    )


def weighting_notes_table(notes: pd.DataFrame, labels: Labels, rules: Rules) -> pd.DataFrame:
    """What a reader must know of the weights, in sentences; numbers of a few respondents are hidden."""
    few = ((notes["n"] > 0) & (notes["n"] < rules.hide_below)).fillna(False).to_numpy(dtype=bool)
    return tables.PUBLISHED_WEIGHTING_NOTES.of(
        pd.DataFrame(
            {
                "weight_set": notes["weight_set"],
                "weight_set_label": notes["weight_set"].map(labels.export),
                "kind": notes["kind"],
                "text": notes["text"],
                "respondents": notes["n"].mask(few),
                "marker": np.where(few, "c", ""),
            }
        )
    )


def distribution_table(distribution: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """How many respondents carry which weight."""
    hidden: set[tuple[str, float]] = set()
    for weight_set, bins in distribution.groupby("weight_set", sort=False):
        counts = {str(low): int(n) for low, n in zip(bins["low"], bins["n"], strict=True)}
        reasons = hidden_groups(counts, rules)
        hidden |= {(str(weight_set), float(low)) for low in reasons}
        for rule in dict.fromkeys(reasons.values()):
            number = list(reasons.values()).count(rule)
            log.add(tables.PUBLISHED_WEIGHT_DISTRIBUTION, str(weight_set), "", "", rule, number)
    places = zip(distribution["weight_set"], distribution["low"], strict=True)
    suppressed = np.array([place in hidden for place in places], dtype=bool)
    return tables.PUBLISHED_WEIGHT_DISTRIBUTION.of(
        pd.DataFrame(
            {
                "weight_set": distribution["weight_set"],
                "weight_set_label": distribution["weight_set"].map(labels.export),
                "low": rounded(distribution["low"], 3),
                "high": rounded(distribution["high"], 3),
                "respondents": distribution["n"].mask(suppressed),
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )


def main_rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """The weighted row of every cell that has one, else the unweighted row."""
    weighted = estimates["weight_set"] != ""
    has_weights = estimates.assign(weighted=weighted).groupby(CELL, sort=False)["weighted"].transform("any")
    return estimates[weighted | ~has_weights].reset_index(drop=True)


def _judge(main: pd.DataFrame, table: Table, rules: Rules, log: SuppressionLog) -> _Verdict:
    """Apply the rules to rows of estimates, group by group of each question, break and grain."""
    hidden: set[tuple[str, ...]] = set()
    for (question, break_, grain), cells in main.groupby(["question", "break", "grain"], sort=False):
        bases = dict(zip(cells["group"], cells["base_unweighted"].astype(int), strict=True))
        for group, rule in hidden_groups(bases, rules).items():
            hidden.add((str(question), str(break_), str(grain), group))
            log.add(table, str(question), str(break_), group, rule, int((cells["group"] == group).sum()))
    places = zip(main["question"], main["break"], main["grain"], main["group"], strict=True)
    suppressed = np.array([place in hidden for place in places], dtype=bool)
    base = main["base_unweighted"].astype(int).to_numpy()
    empty = base == 0
    withheld = ~suppressed & ~empty & (base < rules.withhold_below)
    for (question, break_, group), cells in main[withheld].groupby(["question", "break", "group"], sort=False):
        log.add(table, str(question), str(break_), str(group), f"base below {rules.withhold_below}", len(cells))
    return _Verdict(suppressed, withheld, empty, ~suppressed & ~empty & (base < rules.flag_below))


def _names(main: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "question": main["question"],
            "question_label": main["question"].map(labels.variable),
            "measure": main["measure"],
            "break": main["break"],
            "break_label": main["break"].map(labels.variable),
            "group": main["group"],
            "group_label": labelled(main, labels.group, "break", "group"),
            "weight_set": main["weight_set"],
        }
    )


def _bases(main: pd.DataFrame, verdict: _Verdict) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "base_unweighted": main["base_unweighted"].mask(verdict.suppressed),
            "base_weighted": np.where(verdict.suppressed, np.nan, rounded(main["base_weighted"], 0)),
            "base_effective": np.where(verdict.suppressed, np.nan, rounded(main["base_effective"], 0)),
        }
    )


def _letters(main: pd.DataFrame, pairs: pd.DataFrame, labels: Labels, verdict: _Verdict) -> pd.DataFrame:
    """Each group's letter, and the letters of the groups it is higher than; a hidden group has and lends none."""
    table = ["question", "option", "break", "weight_set"]
    rows = pd.MultiIndex.from_frame(pairs[table].drop_duplicates())
    place = rows.get_indexer(pd.MultiIndex.from_frame(main[table]))
    of_respondents = (main["grain"] == "respondent").to_numpy(dtype=bool)
    shown = np.where(of_respondents & ~verdict.no_value, place, -1)
    column = _columns(main, "group", labels)
    visible = set(zip(shown[shown >= 0], column[shown >= 0], strict=True))
    row = rows.get_indexer(pd.MultiIndex.from_frame(pairs[table]))
    group, other = _columns(pairs, "group", labels), _columns(pairs, "other", labels)
    both = [(r, g) in visible and (r, o) in visible for r, g, o in zip(row, group, other, strict=True)]
    p = np.where(both, pairs["p_adjusted"].to_numpy(dtype=float), np.nan)
    shape = (len(rows), 1 + int(column.max(initial=0)))
    cells = letters(row, group, other, pairs["difference"].to_numpy(dtype=float), p, shape, labels.level)
    own = [letter(int(c)) if r >= 0 else "" for r, c in zip(shown, column, strict=True)]
    higher = [str(cells[r, c]) if r >= 0 else "" for r, c in zip(shown, column, strict=True)]
    return pd.DataFrame({"letter": own, "higher_than": higher}, index=main.index)


def _columns(frame: pd.DataFrame, group: str, labels: Labels) -> npt.NDArray[np.int64]:
    """The place of each group within its break."""
    found = labelled(frame, labels.column, "break", group)
    return np.array(found, dtype=np.int64)


def _decimals(main: pd.DataFrame) -> list[int]:
    """Decimals of every row: those that suit the figure of its question and measure for everyone."""
    everyone = main[main["break"] == ALL]
    size = dict(zip(zip(everyone["question"], everyone["measure"], strict=True), everyone["value"], strict=True))
    places = zip(main["question"], main["measure"], strict=True)
    return [decimals_for(value) if np.isfinite(value := size.get(place, np.nan)) else 2 for place in places]


def _per_cent(share: float) -> float:
    return float(whole_per_cent(share)[0])


def tests_table(
    tests: pd.DataFrame, estimates: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """Tests between groups that are all large enough to be shown."""
    main = main_rows(estimates)
    occupied = main[(main["break"] != ALL) & (main["base_unweighted"] > 0)]
    smallest = occupied.groupby(["question", "break", "grain"], sort=False)["base_unweighted"].min()
    key = pd.MultiIndex.from_frame(tests[["question", "break", "grain"]])
    size = smallest.reindex(key).to_numpy(dtype=float)
    not_made = tests["p"].isna().to_numpy(dtype=bool)  # Fisher's exact test has a p and no statistic
    nobody = np.isnan(size) & not_made  # nobody's group is known: there is no test, and nothing to hide
    small = (np.nan_to_num(size) < rules.withhold_below) & ~nobody
    for question, break_ in tests[small][["question", "break"]].drop_duplicates().itertuples(index=False):
        cells = int(((tests["question"] == question) & (tests["break"] == break_)).sum())
        rule = f"no test: a group has a base below {rules.withhold_below}"
        log.add(tables.PUBLISHED_TESTS, question, break_, "", rule, cells)

    notes = tests["note"].where(~small, f"a group has fewer than {rules.withhold_below} people")

    def shown(column: str, rounded: Callable[[float], float]) -> pd.Series:
        return tests[column].map(rounded).where(~small)

    return tables.PUBLISHED_TESTS.of(
        pd.DataFrame(
            {
                "question": tests["question"],
                "question_label": tests["question"].map(labels.variable),
                "option": tests["option"],
                "option_label": labelled(tests, labels.item, "question", "option"),
                "break": tests["break"],
                "break_label": tests["break"].map(labels.variable),
                "grain": tests["grain"],
                "method": tests["method"].mask(small, ""),  # which test it would be tells of small counts
                "statistic": shown("statistic", lambda v: round_half_up(v, 2)),
                "df1": shown("df1", lambda v: round_half_up(v, 2)),
                "df2": shown("df2", lambda v: round_half_up(v, 0)),
                "p": shown("p", three_digits),
                "p_adjusted": shown("p_adjusted", three_digits),
                "effect": shown("effect", lambda v: round_half_up(v, 3)),
                "effect_low": shown("effect_low", lambda v: round_half_up(v, 3)),
                "effect_high": shown("effect_high", lambda v: round_half_up(v, 3)),
                "effect_name": tests["effect_name"].mask(small, ""),  # it may tell in how many groups people are
                "marker": np.select([small, not_made], ["u", "z"], ""),
                "note": remarks(notes, tests["weight_set"], labels),
            }
        )
    )


def profile_table(profile: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Who answered, beside the population targets."""
    hidden = set()
    for variable, cells in profile.groupby("variable", sort=False):
        for group, rule in hidden_groups(dict(zip(cells["group"], cells["n"].astype(int), strict=True)), rules).items():
            hidden.add((variable, group))
            log.add(tables.PUBLISHED_PROFILE, "", str(variable), group, rule, 1)
    keys = zip(profile["variable"], profile["group"], strict=True)
    suppressed = np.array([k in hidden for k in keys], dtype=bool)
    return tables.PUBLISHED_PROFILE.of(
        pd.DataFrame(
            {
                "variable": profile["variable"],
                "variable_label": profile["variable"].map(labels.variable),
                "group": profile["group"],
                "group_label": labelled(profile, labels.group, "variable", "group"),
                "base_unweighted": profile["n"].mask(suppressed),
                "per_cent_unweighted": np.where(suppressed, np.nan, whole_per_cent(profile["share_unweighted"])),
                "per_cent_weighted": np.where(suppressed, np.nan, whole_per_cent(profile["share_weighted"])),
                "per_cent_target": whole_per_cent(profile["share_target"]),
                "target_source": profile["source"],
                "target_grade": profile["grade"],
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )


def weighting_table(diagnostics: dict[str, dict[str, float]], labels: Labels, rules: Rules) -> pd.DataFrame:
    """What weighting did, one diagnostic a row; numbers of a few respondents are left out."""
    digits = {"largest_error": 9, "effective_n": 0, "sum_of_weights": 0}
    rows = [
        {
            "weight_set": name,
            "weight_set_label": labels.export(name),
            "measure": measure,
            "value": round_half_up(value, digits.get(measure, 2)),
        }
        for name, measures in diagnostics.items()
        for measure, value in measures.items()
        if not (measure.startswith("n_") and 0 < value < rules.hide_below)
    ]
    return tables.PUBLISHED_WEIGHTING.of(pd.DataFrame(rows, columns=list(tables.PUBLISHED_WEIGHTING.columns)))


def cleaning_table(log: pd.DataFrame) -> pd.DataFrame:
    """How many cells each step changed, by column; what they held stays inside."""
    whole = log["row"].isna().to_numpy(dtype=bool)  # a line about a whole column or file says itself how many
    cells = np.where(whole, pd.to_numeric(log["after"].where(whole, "1"), errors="coerce").fillna(1), 1)
    counts = log.assign(cells=cells.astype(int)).groupby(["step", "reason", "column"], sort=True)["cells"].sum()
    return tables.PUBLISHED_CLEANING.of(counts.reset_index())


def reconciliation_table(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """How many numbers agree between two sources."""
    grouped = reconciliation.groupby(
        ["what", "question", "break", "left_source", "right_source", "note"], sort=False, as_index=False
    ).agg(compared=("agrees", "size"), agreeing=("agrees", "sum"))
    return tables.PUBLISHED_RECONCILIATION.of(grouped)
