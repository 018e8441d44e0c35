"""What compares the survey's numbers, as it is published: changes between exports, models, and tests between groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.hiding import Hiding, Place, places_of
from plait.disclosure.labels import Labels, labelled, remarks
from plait.disclosure.rounded import decimals_for, people, three_digits
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.rounding import round_half_up
from plait.tables import ALL, rows_of


def changes_table(changes: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """Changes between two exports: of shares in percentage points, of means in their unit, rounded from the exact ones."""
    rules = hiding.rules
    smaller = changes[["base_earlier", "base"]].min(axis="columns").astype("float64").fillna(0).to_numpy()
    both = changes["base_both"].astype("float64").to_numpy()
    withheld, flagged = smaller < rules.withhold_below, smaller < rules.flag_below
    log.add_rows(tables.PUBLISHED_CHANGES, changes["question"][withheld], f"base below {rules.withhold_below}")
    few = ~withheld & (_few(changes, rules) | _hidden_answers(changes, hiding))
    for question in changes["question"][few]:
        log.add_hidden(tables.PUBLISHED_CHANGES, question, ALL, ALL)
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


def _hidden_answers(changes: pd.DataFrame, hiding: Hiding) -> npt.NDArray[np.bool_]:
    """Changes of an answer that is hidden on one of the days, or of a mean that rests on one."""
    found = []
    for question, earlier, option in rows_of(changes, ["question", "earlier", "option"]):
        places = [hiding.cells.get(Place(name, ALL, "respondent"), {}) for name in (question, earlier)]
        found.append(any((ALL, option) in cells if option else bool(cells) for cells in places))
    return np.array(found, dtype=bool)


def models_table(models: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """Odds ratios and differences; a model with a group or an answer too small to be shown is withheld whole.

    The group that others are compared with, and the crossings of an interaction, count like any other: with the numbers
    of the others they could be found by subtraction. An intercept and odds ratios give back how many of each group gave
    the answer.
    """
    rules = hiding.rules
    smallest = models["smallest_base"].to_numpy(dtype=float)
    few, hidden = smallest < rules.withhold_below, smallest < rules.hide_below
    told = ~few & _hidden_outcomes(models, labels, hiding)
    withheld = few | told
    rule = f"no model: a group has a base below {rules.withhold_below}"
    log.add_rows(tables.PUBLISHED_MODELS, models["model"][few], rule)
    log.add_rows(tables.PUBLISHED_MODELS, models["model"][told], "no model: numbers that it rests on are hidden")
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
                "marker": np.select([hidden | told, withheld], ["c", "u"], ""),
                "note": remarks("", models["weight_set"], labels),
            }
        )
    )


def _hidden_outcomes(models: pd.DataFrame, labels: Labels, hiding: Hiding) -> npt.NDArray[np.bool_]:
    """Models of an answer that few people, or all but few, gave, or that is hidden in a group of a predictor."""
    fewest = models["smallest_cell"].astype("float64").fillna(np.inf).to_numpy()
    hidden = {name: _is_hidden(*labels.outcome(name), hiding) for name in models["model"].unique()}
    return np.array([hidden[name] for name in models["model"]], dtype=bool) | (fewest < hiding.rules.cell_below)


def _is_hidden(question: str, option: str, variables: tuple[str, ...], hiding: Hiding) -> bool:
    """Whether an answer is hidden for everyone or in a group of one of the variables."""
    places = [Place(question, break_, "respondent") for break_ in (ALL, *variables)]
    return any(option == of_cell for place in places for _, of_cell in hiding.cells.get(place, {}))


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
        for question, break_ in rows_of(answers, ["question", "break"]):
            log.add(tables.PUBLISHED_TESTS, question, break_, "", why)
    small = few | told
    notes = tests["note"].where(~few, f"a group has fewer than {rules.withhold_below} people")
    notes = notes.where(~told, "numbers that it rests on are hidden")

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
                "df2": people(shown("df2", lambda v: round_half_up(v, 0)), rules),  # it goes with the base
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


def _hidden_numbers(tests: pd.DataFrame, hiding: Hiding) -> npt.NDArray[np.bool_]:
    """Tests of groups, or of answers, of which some are hidden."""
    found = []
    for place, option in zip(places_of(tests), tests["option"].tolist(), strict=True):
        of_cells = {o for _, o in hiding.cells.get(place, {})}
        found.append(bool(hiding.groups.get(place)) or (option in of_cells if option else bool(of_cells)))
    return np.array(found, dtype=bool)
