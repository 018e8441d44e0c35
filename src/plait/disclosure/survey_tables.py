"""The survey's numbers as they are published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.hiding import SHARES, Hiding, places_of
from plait.disclosure.labels import Labels, labelled, remarks
from plait.disclosure.rounded import decimals_for, people, per_cents, rounded, three_digits
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.rounding import round_half_up
from plait.survey.letters import letter, letters
from plait.tables import ALL, Table

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Verdict:
    """What the rules say about the rows of a table of estimates."""

    suppressed: Mask
    """The whole group, its bases included."""
    in_cells: Mask
    """Numbers of a group of which the bases are shown."""
    withheld: Mask
    empty: Mask
    flagged: Mask

    @property
    def no_value(self) -> Mask:
        return self.suppressed | self.in_cells | self.withheld | self.empty

    def markers(self, rounds_to_zero: Mask) -> npt.NDArray[np.str_]:
        marks = [self.suppressed | self.in_cells, self.empty, self.flagged, rounds_to_zero]
        return np.asarray(np.select(marks, ["c", "z", "u", "low"], ""), dtype=str)


def estimates_table(
    main: pd.DataFrame, pairs: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog
) -> pd.DataFrame:
    """Shares and nets, one row a cell: the weighted estimate where there is one, its unweighted value beside it."""
    rules = hiding.rules
    main = main[main["measure"].isin(SHARES)].reset_index(drop=True)
    hiding.note_merged(main, tables.PUBLISHED_ESTIMATES, log)
    main, pairs = hiding.shown(main), hiding.shown(pairs)
    verdict = _judge(main, tables.PUBLISHED_ESTIMATES, hiding, log)
    hidden = verdict.no_value
    per_cent = np.where(hidden, np.nan, per_cents(main["value"], rules))
    rounds_to_zero = ~hidden & (per_cent == 0) & (main["value"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_ESTIMATES.of(
        _names(main, labels)
        .join([_bases(main, verdict, rules), _letters(main, pairs, labels, verdict)])
        .assign(
            option=main["option"],
            option_label=labelled(main, labels.item, "question", "option"),
            grain=main["grain"],
            per_cent=per_cent,
            ci_low=np.where(hidden, np.nan, per_cents(main["ci_low"], rules)),
            ci_high=np.where(hidden, np.nan, per_cents(main["ci_high"], rules)),
            per_cent_unweighted=np.where(hidden, np.nan, per_cents(main["value_unweighted"], rules)),
            method=main["method"].mask(hidden, ""),  # which interval it would be may tell that nobody chose it
            marker=verdict.markers(rounds_to_zero),
            note=remarks(main["note"].mask(verdict.suppressed, ""), main["weight_set"], labels),  # it may tell how few
        )
    )


def numbers_table(main: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """Means, medians, totals and ratios, rounded by the size of the question's figure for everyone."""
    main = main[~main["measure"].isin(SHARES)].reset_index(drop=True)
    hiding.note_merged(main, tables.PUBLISHED_NUMBERS, log)
    main = hiding.shown(main)
    verdict = _judge(main, tables.PUBLISHED_NUMBERS, hiding, log)
    impossible = ~np.isfinite(main["value"].to_numpy(dtype=float))
    verdict = replace(verdict, empty=verdict.empty | (impossible & ~verdict.suppressed))
    digits = _decimals(main)

    def shown(column: str) -> list[float]:
        values = zip(main[column], digits, verdict.no_value, strict=True)
        return [np.nan if hidden else round_half_up(value, d) for value, d, hidden in values]

    return tables.PUBLISHED_NUMBERS.of(
        _names(main, labels)
        .join(_bases(main, verdict, hiding.rules))
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
    few = ~withheld & _few(changes, rules)
    for question, rows in changes[few].groupby("question", sort=False):
        log.add(tables.PUBLISHED_CHANGES, str(question), "", "", f"fewer than {rules.cell_below} people", len(rows))
    no_value = withheld | few

    def shown(column: str, rounding: Callable[[float], float]) -> pd.Series:
        return changes[column].map(rounding).where(~no_value)

    mean = (changes["measure"] == "mean").to_numpy(dtype=bool)
    digits = [decimals_for(value) if np.isfinite(value) else 2 for value in changes["value"].astype("float64")]

    def points(column: str) -> pd.Series:
        return shown(column, lambda share: round_half_up(100 * share, rules.per_cent_digits)).where(~mean)

    def in_unit(column: str) -> pd.Series:
        exact = zip(changes[column], digits, strict=True)
        return pd.Series([round_half_up(v, d) for v, d in exact], changes.index, dtype=float).where(mean & ~no_value)

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
                "base_earlier": people(changes["base_earlier"], rules).mask(smaller < rules.hide_below),
                "base": people(changes["base"], rules).mask(smaller < rules.hide_below),
                "base_both": people(changes["base_both"], rules).mask((both < rules.hide_below) & (both > 0)),
                "method": changes["method"],
                "marker": np.select([smaller == 0, (smaller < rules.hide_below) | few, flagged], ["z", "c", "u"], ""),
                "note": remarks("", changes["weight_set"], labels),
            }
        )
    )


def _few(changes: pd.DataFrame, rules: Rules) -> npt.NDArray[np.bool_]:
    """Changes of an answer that few people, or all but few, gave on one of the days."""
    few = np.zeros(len(changes), dtype=bool)
    for value, base in (("value_earlier", "base_earlier"), ("value", "base")):
        size = changes[base].astype("float64").fillna(0)
        gave = changes[value].astype("float64") * size
        few |= ((gave < rules.cell_below) | (size - gave < rules.cell_below)).to_numpy(dtype=bool)
    return few & (changes["measure"] != "mean").to_numpy(dtype=bool) & (rules.cell_below > 0)


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
                "base_unweighted": people(models["base_unweighted"], rules).mask(hidden),
                "n": people(models["n"], rules).mask((models["n"] < rules.hide_below).fillna(False)),
                "marker": np.select([hidden, withheld], ["c", "u"], ""),
                "note": remarks("", models["weight_set"], labels),
            }
        )
    )


def _judge(main: pd.DataFrame, table: Table, hiding: Hiding, log: SuppressionLog) -> _Verdict:
    """What is hidden of rows of estimates; a place is logged once a rule, with the cells of it that are hidden."""
    rules, places = hiding.rules, list(places_of(main))
    groups = [hiding.groups.get(p, {}).get(g, "") for p, g in zip(places, main["group"], strict=True)]
    base = main["base_unweighted"].astype(int).to_numpy()
    of_group = np.array(groups, dtype=object)
    suppressed, empty = of_group != "", base == 0
    withheld = ~suppressed & ~empty & (base < rules.withhold_below)
    of_cell = np.full(len(main), "", dtype=object)
    if rules.cell_below and table is tables.PUBLISHED_ESTIMATES:
        keys = zip(places, main["group"], main["option"], strict=True)
        of_cell = np.array([hiding.cells.get(p, {}).get((g, o), "") for p, g, o in keys], dtype=object)
        of_cell[suppressed | withheld | empty] = ""
    of_base = np.where(withheld, f"base below {rules.withhold_below}", "")
    for rule in (of_group, of_base, of_cell):
        hidden = main.assign(rule=rule)[rule != ""]
        for place, rows in hidden.groupby(["question", "break", "group", "rule"], sort=False):
            question, break_, group, why = map(str, place)
            log.add(table, question, break_, group, why, len(rows))
    in_cells = (of_cell != "") | (withheld if rules.cell_below else np.zeros(len(main), dtype=bool))
    flagged = ~suppressed & ~empty & ~in_cells & (base < rules.flag_below)
    return _Verdict(suppressed, in_cells, withheld, empty, flagged)


def _hidden_numbers(tests: pd.DataFrame, hiding: Hiding) -> Mask:
    """Tests of groups, or of answers, of which some are hidden."""
    found = []
    for place, option in zip(places_of(tests), tests["option"], strict=True):
        of_cells = {o for _, o in hiding.cells.get(place, {})}
        found.append(bool(hiding.groups.get(place)) or (option in of_cells if option else bool(of_cells)))
    return np.array(found, dtype=bool)


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


def _bases(main: pd.DataFrame, verdict: _Verdict, rules: Rules) -> pd.DataFrame:
    whole = {name: pd.Series(rounded(main[name], 0), main.index) for name in ("base_weighted", "base_effective")}
    bases = {"base_unweighted": main["base_unweighted"], **whole}
    return pd.DataFrame({name: people(base, rules).mask(verdict.suppressed) for name, base in bases.items()})


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


def tests_table(
    tests: pd.DataFrame, main: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog
) -> pd.DataFrame:
    """Tests between groups that are all large enough to be shown; where more had to be hidden, none."""
    hiding.note_merged(tests, tables.PUBLISHED_TESTS, log)
    rules, tests = hiding.rules, hiding.shown(tests)
    occupied = main[(main["break"] != ALL) & (main["base_unweighted"] > 0)]
    smallest = occupied.groupby(["question", "break", "grain"], sort=False)["base_unweighted"].min()
    key = pd.MultiIndex.from_frame(tests[["question", "break", "grain"]])
    size = smallest.reindex(key).to_numpy(dtype=float)
    not_made = tests["p"].isna().to_numpy(dtype=bool)  # Fisher's exact test has a p and no statistic
    nobody = np.isnan(size) & not_made  # nobody's group is known: there is no test, and nothing to hide
    few = (np.nan_to_num(size) < rules.withhold_below) & ~nobody
    told = ~few & ~nobody & _hidden_numbers(tests, hiding)
    for why, rows in (
        (f"no test: a group has a base below {rules.withhold_below}", few),
        ("no test: numbers that it rests on are hidden", told),
    ):
        answers = tests[rows].drop_duplicates(["question", "break", "option", "method", "effect_name"])
        for (question, break_), cells in answers.groupby(["question", "break"], sort=False):
            log.add(tables.PUBLISHED_TESTS, str(question), str(break_), "", why, len(cells))
    small = few | told
    notes = tests["note"].where(~few, f"a group has fewer than {rules.withhold_below} people")
    notes = notes.where(~told, "numbers that it rests on are hidden")

    def shown(column: str, rounded: Callable[[float], float]) -> pd.Series:
        return tests[column].map(rounded).where(~small)

    def whole(df: float) -> float:
        return float(people(pd.Series([round_half_up(df, 0)]), rules).iloc[0])  # it goes with the base

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
                "df2": shown("df2", whole),
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
