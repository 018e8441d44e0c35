"""Who answered and how they were weighted, as it is published: rows, cleaning, profile, weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plait import tables
from plait.disclosure.hiding import Hiding, Place
from plait.disclosure.labels import Labels, labelled
from plait.disclosure.rounded import people, per_cents, rounded
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY, SuppressionLog, hidden_groups
from plait.errors import Problem
from plait.rounding import round_half_up
from plait.study.definition import Survey
from plait.tables import ALL, rows_of

_OF_PEOPLE = ("n", "trimmed", "effective_n", "sum_of_weights")
"""Diagnostics that are numbers of people, or tell one: weights with a mean of one add up to it."""


def flow_table(flow: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Rows in and out of every step."""
    counts = ("rows_in", "rows_dropped", "rows_out")
    return tables.PUBLISHED_FLOW.of(flow.assign(**{name: people(flow[name], rules) for name in counts}))


def hiding_of_profile(profile: pd.DataFrame, survey: Survey | None, rules: Rules, *, company: bool = True) -> Hiding:
    """What of the profile is hidden: its variables are tables of everybody, without a question."""
    bases: dict[Place, dict[str, int]] = {}
    for variable, group, n in zip(profile["variable"], profile["group"], profile["n"], strict=True):
        bases.setdefault(Place("", variable, "respondent"), {})[group] = int(n)
    return Hiding.of_bases(bases, survey, rules, company=company)


def profile_table(profile: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """Who answered, beside the population targets."""
    rules = hiding.rules
    hidden = [
        hiding.groups[Place("", variable, "respondent")].get(group, "")
        for variable, group in zip(profile["variable"], profile["group"], strict=True)
    ]
    for variable, group, rule in zip(profile["variable"], profile["group"], hidden, strict=True):
        if rule:
            log.add_hidden(tables.PUBLISHED_PROFILE, "", variable, group)
    suppressed = np.array([rule != "" for rule in hidden], dtype=bool)
    return tables.PUBLISHED_PROFILE.of(
        pd.DataFrame(
            {
                "variable": profile["variable"],
                "variable_label": profile["variable"].map(labels.variable),
                "group": profile["group"],
                "group_label": labelled(profile, labels.group, "variable", "group"),
                "base_unweighted": people(profile["n"], rules).mask(suppressed),
                "per_cent_unweighted": np.where(suppressed, np.nan, per_cents(profile["share_unweighted"], rules)),
                "per_cent_weighted": np.where(suppressed, np.nan, per_cents(profile["share_weighted"], rules)),
                "per_cent_target": per_cents(profile["share_target"], rules),
                "target_source": profile["source"],
                "target_grade": profile["grade"],
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )


def weighting_table(
    diagnostics: dict[str, dict[str, float]], labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """What weighting did, one diagnostic a row; numbers of a few respondents are hidden."""
    digits = {"largest_error": 9, "effective_n": 0, "sum_of_weights": 0}
    rows = []
    for name, measures in diagnostics.items():
        hidden = _few_respondents(measures, rules)
        for measure in (measure for measure in measures if measure in hidden):
            log.add_hidden(tables.PUBLISHED_WEIGHTING, name, ALL, measure.replace("_", " "))
        for measure, exact in measures.items():
            counted = measure in _OF_PEOPLE or measure.startswith("n_")
            value = round_half_up(exact, digits.get(measure, 2))
            shown = float(people(pd.Series([value]), rules).iloc[0]) if counted else value
            rows.append(
                {
                    "weight_set": name,
                    "weight_set_label": labels.export(name),
                    "measure": measure,
                    "value": np.nan if measure in hidden else shown,
                    "marker": "c" if measure in hidden else "",
                }
            )
    return tables.PUBLISHED_WEIGHTING.of(pd.DataFrame(rows, columns=list(tables.PUBLISHED_WEIGHTING.columns)))


def _few_respondents(measures: Mapping[str, float], rules: Rules) -> dict[str, str]:
    """Numbers of a few respondents, each with the rule; of the reasons for no weight, which add up, another one, too."""
    counted = {name: int(n) for name, n in measures.items() if name == "trimmed" or name.startswith("n_")}
    reasons = {name: n for name, n in counted.items() if name.startswith("n_") and name != "n_without_weight"}
    few = {name: _few(rules) for name, n in counted.items() if 0 < n < rules.hide_below}
    return few | (hidden_groups(reasons, rules) if few.keys() & reasons.keys() else {})


def _few(rules: Rules) -> str:
    return f"fewer than {rules.hide_below} people"


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


def weights_that_tell(margins: pd.DataFrame, rules: Rules) -> list[Problem]:
    """A problem for each group of a few respondents that has a target of its own; groups weighted together are one.

    The weight of a group is its target over its size, and the largest weight, the design effect and effective bases are
    published; and once weights are known, weighted numbers beside unweighted ones tell of a hidden group apart from those
    that are hidden with it.
    """
    place = ["weight_set", "variable", "level"]
    levels = margins.assign(level=margins["merged"].where(margins["merged"] != "", margins["group"]))
    sizes = levels.groupby(place, sort=False)["n"].sum().reset_index()
    few = sizes[(sizes["n"] > 0) & (sizes["n"] < rules.hide_below) & rules.attacked]
    return [
        Problem(
            "study.yaml",
            f"weights '{name}': '{level}' of '{variable}' has a target of its own and so few respondents that the weights "
            "tell how many, and weighted beside unweighted numbers what they answered",
            f"merge it with a neighbour (`collapse: {{fewer_than: {rules.hide_below}, into: {{{variable}: {{{level}: "
            "neighbour}}}` under `weighting:`), or take the variable out of the targets",
            column="survey.weighting.collapse",
            value=str(n),
        )
        for name, variable, level, n in rows_of(few, [*place, "n"])
    ]


def weighting_notes_table(notes: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """What a reader must know of the weights, in sentences; numbers of a few respondents are hidden.

    So is how many are in groups that were weighted together, where a group of the variable is hidden in the profile: less
    those that are shown there, it would tell of the others.
    """
    rules = hiding.rules
    counted = notes.loc[notes["n"].notna(), "n"].astype(int)
    hidden = {str(row): _few(rules) for row, n in counted.items() if 0 < n < rules.hide_below}
    for _, reasons in notes[notes["kind"] == "without_weight"].groupby("weight_set", sort=False):
        counts = {str(row): int(n) for row, n in reasons["n"].dropna().items()}
        hidden |= hidden_groups(counts, rules)
    together = notes[(notes["kind"] == "merged").to_numpy(dtype=bool) & notes["n"].notna().to_numpy(dtype=bool)]
    for row, variable in zip(together.index, together["variable"], strict=True):
        if hiding.groups.get(Place("", variable, "respondent")):
            hidden.setdefault(str(row), COMPANY)
    rule = [hidden.get(str(row), "") for row in notes.index]
    for weights, kind, why in zip(notes["weight_set"], notes["kind"], rule, strict=True):
        if why:
            log.add_hidden(tables.PUBLISHED_WEIGHTING_NOTES, weights, ALL, kind.replace("_", " "))
    few = np.array([why != "" for why in rule], dtype=bool)
    return tables.PUBLISHED_WEIGHTING_NOTES.of(
        pd.DataFrame(
            {
                "weight_set": notes["weight_set"],
                "weight_set_label": notes["weight_set"].map(labels.export),
                "kind": notes["kind"],
                "text": notes["text"],
                "respondents": people(notes["n"], rules).mask(few),
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
        if reasons:
            log.add_hidden(tables.PUBLISHED_WEIGHT_DISTRIBUTION, str(weight_set), "", "", len(reasons))
    places = zip(distribution["weight_set"], distribution["low"], strict=True)
    suppressed = np.array([place in hidden for place in places], dtype=bool)
    return tables.PUBLISHED_WEIGHT_DISTRIBUTION.of(
        pd.DataFrame(
            {
                "weight_set": distribution["weight_set"],
                "weight_set_label": distribution["weight_set"].map(labels.export),
                "low": rounded(distribution["low"], 3),
                "high": rounded(distribution["high"], 3),
                "respondents": people(distribution["n"], rules).mask(suppressed),
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )
