"""Headlines of figures: each states what the numbers say, and no more than the intervals and the tests can bear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from plait.report.figure_words import (
    IN_TITLE,
    clean,
    is_unreliable,
    lower_first,
    named,
    per_cent,
    quoted,
    records,
    shorten,
)
from plait.study.wording import listed

RELIABLE_P = 0.05


def about(label: str, finding: str) -> str:
    """A headline that can be read by itself: what it is about, then the finding."""
    return f"{shorten(label, IN_TITLE)}: {finding}"


@dataclass(frozen=True)
class Ranked:
    """One entry of a ranking: its label, what it is ranked by, how that is printed, and its interval if it has one."""

    label: str
    value: float
    shown: str
    low: float = math.nan
    high: float = math.nan
    aside: bool = False
    """Never called the last: it was not offered beside the others ("None of these")."""

    @property
    def in_words(self) -> str:
        return f"{quoted(self.label)} ({self.shown})"


def ranking_title(entries: Sequence[Ranked], one: str, many: str, least: str) -> str:
    """The headline of a ranking: what is first and what is last, as far as the intervals can tell.

    Two shares whose intervals do not overlap differ by more than chance, however the answers go together: the standard
    error of a difference is no larger than the sum of both (Cauchy and Schwarz). Where intervals overlap, entries are
    named together.

    Args:
        entries: What was ranked.
        one: What is said of a first place that stands alone ("is chosen most often").
        many: The same of several.
        least: What is said of the last place ("least").
    """
    top = max(e.value for e in entries)
    sure = min(e.low for e in entries if e.value == top)
    first = [e for e in entries if e.value == top or e.high >= sure]
    first.sort(key=lambda e: -e.value)
    if all(e.value == top for e in first):
        told = f"{_several([quoted(e.label) for e in first])} {one if len(first) == 1 else many}"
        title = f"{told} ({'' if len(first) == 1 else 'each '}{first[0].shown})"
    elif len(first) == len(entries):
        between = ", " if len(first) == 2 else " to "
        return f"no answer stands out, {first[0].in_words}{between}{first[-1].in_words}"
    else:
        title = f"{_several([e.in_words for e in first])} {many}, too close to rank"
    offered = [e for e in entries if not e.aside]
    lowest = min(offered or entries, key=lambda e: e.value)
    close = [e for e in offered if e.value == lowest.value or e.low <= lowest.high]
    alone = len(close) == 1 and lowest not in first
    return f"{title}, {quoted(lowest.label)} {least} ({lowest.shown})" if alone else title


def _several(names: list[str]) -> str:
    return listed(names if len(names) <= 2 else [*names[:2], f"{len(names) - 2} more"])


def bars_title(frame: pd.DataFrame, several: bool, aside: frozenset[str] = frozenset()) -> str:
    """The most and the least common answer.

    Args:
        frame: option, option_label, per_cent, ci_low, ci_high, marker.
        several: Whether several answers could be given.
        aside: Options that stand beside those that were offered.
    """
    entries = [
        Ranked(
            r.option_label,
            r.per_cent,
            _in_title(r.per_cent, r.marker),
            r.ci_low,
            r.ci_high,
            several and r.option in aside,
        )
        for r in records(frame)
    ]
    if several:
        return ranking_title(entries, "is chosen most often", "are chosen most often", "least")
    return ranking_title(entries, "is the most common answer", "are the most common answers", "the rarest")


def likert_title(everyone: pd.DataFrame, nets: pd.DataFrame) -> str:
    """What everyone said (or, where that is withheld, the first group): the nets, or else the most common step."""
    group = everyone.iloc[0]
    of = f" ({shorten(group['group_label'], 48)})" if group["group"] else ""
    if nets.empty:
        return bars_title(everyone, several=False) + of
    return ", ".join(f"{_in_title(r.per_cent, r.marker)} {quoted(r.option_label)}" for r in records(nets[:2])) + of


def compare_title(frame: pd.DataFrame, break_label: str, p_values: dict[str, float]) -> str:
    """The widest gap between two groups; whether it is called a difference is up to the published test.

    Args:
        frame: option, option_label, group_label, base_unweighted, per_cent, marker; groups only.
        break_label: What the groups differ in.
        p_values: Adjusted p value of each option that was tested.
    """
    spreads = {str(option): _spread(rows) for option, rows in frame.groupby("option", sort=False)}
    certain = {o: s for o, s in spreads.items() if p_values.get(o, 1.0) < RELIABLE_P}
    option, spread = max((certain or spreads).items(), key=lambda pair: pair[1].gap)
    by, alone = lower_first(clean(break_label)), len(spreads) == 1
    if frame["group_label"].nunique() == 1:
        return f"{spread.label}, {spread.lowest}; no other group by {by} can be shown"
    if spread.gap == 0:
        return f"{spread.label} does not differ by {by} in whole per cents, {spread.lowest} as in the other groups"
    if certain:
        return f"{spread.label} differs {'' if alone else 'most '}by {by}, {spread.in_words}"
    if option in p_values:
        where = f" in {spread.label}" if alone else f"; the widest gap is in {spread.label}"
        return f"no clear difference by {by}{where}, {spread.in_words}"
    return f"{'' if alone else 'widest gap in '}{spread.label} by {by}, {spread.in_words} (not tested)"


@dataclass(frozen=True)
class _Spread:
    label: str
    lowest: str
    highest: str
    gap: float

    @property
    def in_words(self) -> str:
        return f"{self.lowest} to {self.highest}"


def _spread(rows: pd.DataFrame, who: str = "group_label") -> _Spread:
    """The lowest and the highest group (or what else is named in `who`)."""
    low, high = _ends(rows, "per_cent")
    lowest, highest = (f"{_in_title(r['per_cent'], r['marker'])} ({shorten(r[who], 48)})" for r in (low, high))
    return _Spread(quoted(low["option_label"]), lowest, highest, float(high["per_cent"] - low["per_cent"]))


def _ends(rows: pd.DataFrame, value: str) -> tuple[pd.Series, pd.Series]:
    """The lowest and the highest row; those with a small base count only where there are no two others."""
    firm = rows[[not is_unreliable(m) for m in rows["marker"]]]
    rows = firm if len(firm) > 1 else rows
    return rows.iloc[int(rows[value].argmin())], rows.iloc[int(rows[value].argmax())]


def overview_title(everyone: pd.Series, groups: pd.DataFrame, p_values: Sequence[tuple[str, float]]) -> str:
    """One answer of everyone, and by which breaks it differs according to the published tests.

    Args:
        everyone: option_label, per_cent, marker.
        groups: option_label, group_label, per_cent, marker; every group that can be shown.
        p_values: The label of each break that was tested, and its adjusted p value.
    """
    head = f"{_in_title(everyone['per_cent'], everyone['marker'])} {quoted(everyone['option_label'])}"
    certain = [lower_first(clean(label)) for label, p in p_values if p < RELIABLE_P]
    tested = len(p_values)
    if len(certain) > 3:
        return f"{head}, differs by {len(certain)} of the {tested} characteristics tested"
    if certain:
        return f"{head}, differs by {named(certain)}{f' (of {tested} tested)' if tested > len(certain) else ''}"
    if tested:
        return f"{head}, no clear difference by {'the one' if tested == 1 else f'any of the {tested}'} tested"
    return f"{head}, by group {_spread(groups).in_words} (not tested)" if len(groups) > 1 else head


def nets_title(frame: pd.DataFrame) -> str:
    """Where nets are lowest and highest: of the first net that several questions share, or else of all.

    Args:
        frame: section ("" where a net is one question's only), row_label, option_label, per_cent, marker.
    """
    sizes = frame[frame["section"] != ""].groupby("section", sort=False).size()
    shared = next((str(label) for label, size in sizes.items() if size > 1), None)
    rows = frame if shared is None else frame[frame["section"] == shared]
    told = _spread(rows, "row_label").in_words
    head = f"Nets of {rows['question'].nunique()} questions" if shared is None else f"{quoted(shared)}"
    return f"{head}: {told}"


def numbers_title(frame: pd.DataFrame, by: str, unit: str, p: float | None) -> str:
    """What everyone's figure is, and where it is lowest and highest among the groups.

    Args:
        frame: group, group_label, value, marker; everyone first.
        by: What the groups differ in; empty when there are none.
        unit: Of the number; may be empty.
        p: Adjusted p value of the difference between the groups, where it was tested.
    """
    groups, everyone = frame[frame["group"] != ""], frame.loc[frame["group"] == "", "value"]
    head = f"{in_unit(everyone.iloc[0], unit)}, " if len(everyone) else ""
    if len(groups) < 2:
        return head.removesuffix(", ") or f"{in_unit(groups['value'].iloc[0], unit)} ({groups['group_label'].iloc[0]})"
    ends = " to ".join(f"{r['value']:,g} ({shorten(r['group_label'], 48)})" for r in _ends(groups, "value"))
    difference = "" if p is None else "differs " if p < RELIABLE_P else "no clear difference "
    return f"{head}{difference}by {lower_first(clean(by))}, {ends}{' (not tested)' if p is None else ''}"


def in_unit(value: float, unit: str) -> str:
    """A number with its unit."""
    return f"{value:,g} {clean(unit)}".strip()


def weights_title(diagnostics: pd.DataFrame) -> str:
    """How far the weights reach and what they cost in precision.

    Args:
        diagnostics: weight_set, measure and value: smallest_weight, largest_weight and design_effect among them.
    """
    found = diagnostics.groupby("measure")["value"]
    low, high = found.min(), found.max()
    reach = f"Weights lie between {low['smallest_weight']:.2f} and {high['largest_weight']:.2f} times the mean"
    ends = dict.fromkeys(f"{effect['design_effect']:.2f}" for effect in (low, high))
    return f"{reach}; the design effect of weighting is {' to '.join(ends)}"


def _in_title(value: float, marker: str) -> str:
    return "less than 1%" if marker == "low" else per_cent(value)
