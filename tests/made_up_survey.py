"""Estimates of people who are written down one by one, for the little study's questions and breaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import pandas as pd

from plait import tables

YEARS = ("infants", "juniors")
DISTANCES = ("near", "middle", "far")
NEAR_OR_NOT = {"near": "near", "middle": "further", "far": "further"}
OPTIONS = {
    "uses": ("yes_", "no_"),
    "wants": ("fruit", "juice", "later", "nothing"),
    "likes": ("agree", "neither", "disagree"),
}
NETS = {"likes": {"not_disagree": ("agree", "neither")}}

Person = Mapping[str, object]


def person(year: str, distance: str, **answers: object) -> Person:
    """A parent: year and distance ("" where it is not known), and the options chosen by question."""
    near = NEAR_OR_NOT.get(distance, "")
    crossed = f"{year}__{near}" if year and near else ""
    return {"year": year, "distance": distance, "near_or_not": near, "year_by_near": crossed, **answers}


GROUPS = {
    "": [""],
    "year": list(YEARS),
    "distance": list(DISTANCES),
    "near_or_not": ["near", "further"],
    "year_by_near": [f"{year}__{near}" for year, near in product(YEARS, ("near", "further"))],
}


def estimates_of(
    people: Iterable[Person], question: str, breaks: Iterable[str] = tuple(GROUPS), grain: str = "respondent"
) -> pd.DataFrame:
    """Unweighted shares and nets of everyone who answered a question; columns of `plait.tables.ESTIMATES`."""
    answered = [p for p in people if question in p]
    rows = []
    for break_ in breaks:
        for group in GROUPS[break_]:
            here = [p for p in answered if break_ == "" or p[break_] == group]
            for option, members, measure in _items(question):
                n = sum(bool(members & _chosen(p[question])) for p in here)
                share = n / len(here) if here else float("nan")
                rows.append(
                    {
                        "question": question, "option": option, "break": break_, "group": group, "measure": measure,
                        "weight_set": "", "value": share, "value_unweighted": share, "se": 0.01,
                        "ci_low": 0.0, "ci_high": 1.0, "base_unweighted": len(here),
                        "base_weighted": float(len(here)), "base_effective": float(len(here)), "design_effect": 1.0,
                        "method": "wilson", "grain": grain, "note": "",
                    }
                )  # fmt: skip
    return tables.ESTIMATES.of(pd.DataFrame(rows))


def _items(question: str) -> list[tuple[str, set[str], str]]:
    options = [(option, {option}, "share") for option in OPTIONS[question]]
    return options + [(net, set(members), "net") for net, members in NETS.get(question, {}).items()]


def _chosen(answer: object) -> set[str]:
    return {answer} if isinstance(answer, str) else set(answer)  # type: ignore[call-overload]
