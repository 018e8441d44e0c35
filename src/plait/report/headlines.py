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
from plait.report.printing import printed
from plait.study.wording import listed

RELIABLE_P = 0.05
LEAST_PHI = 0.1
"""A correlation of two themes below this is called none (a small effect begins there: Cohen 1988)."""
LEAST_OF_PAIR = 5
"""A pair of themes of which one is rarer than this says little."""


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


def themes_title(frame: pd.DataFrame) -> str:
    """The most and the least frequent theme, as counts and, where there is one, as a per cent."""
    entries = [
        Ranked(
            r.theme_label, r.n, f"{r.n:,} of {r.of:,}" + ("" if pd.isna(r.per_cent) else f", {per_cent(r.per_cent)}")
        )
        for r in records(frame)
    ]
    return ranking_title(entries, "is the most frequent theme", "are the most frequent themes", "the least")


def heat_title(frame: pd.DataFrame, break_label: str) -> str:
    """Which theme is the most frequent in each group, of the groups in which no withheld count can be larger.

    Args:
        frame: theme, theme_label, group, group_label, n, of; everyone's rows have the group "", and n is missing where it
            was withheld.
        break_label: What the groups differ in.
    """
    by = lower_first(clean(break_label))
    groups = frame[frame["group"] != ""]
    tops = _tops(frame)
    if not tops:
        known = int(groups["n"].notna().sum())
        return f"themes by {by}, {known:,} of {len(groups):,} counts can be shown"
    shared = [theme for theme in tops[0]["theme"] if all((top["theme"] == theme).any() for top in tops)]
    if not shared or len(tops) == 1:
        told = _some(list(map(_top, tops)), "; ")
        return f"{'most frequent theme' if len(tops) == 1 else 'the most frequent theme differs'} by {by}: {told}"
    first = [next(r for r in records(top) if r.theme == shared[0]) for top in tops]
    every = "every group" if len(tops) == groups["group"].nunique() else f"{len(tops)} groups"
    told = _some([f"{r.n:,} of {r.of:,} ({shorten(r.group_label, 40)})" for r in first], ", ")
    return f"{quoted(first[0].theme_label)} is the most frequent theme in {every} by {by}: {told}"


def _tops(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """The most frequent themes of each group that can be told.

    A withheld count is at most what is left of everyone's once the other groups' published counts are taken away.
    """
    groups = frame[frame["group"] != ""]
    total = frame[frame["group"] == ""].set_index("theme")["n"].astype("float64")
    left = total - groups.groupby("theme")["n"].sum().astype("float64")
    tops = []
    for _, rows in groups.groupby("group", sort=False):
        known = rows[rows["n"] > 0]
        most_hidden = left.reindex(rows.loc[rows["n"].isna(), "theme"]).fillna(float("inf")).max()
        if len(known) and not most_hidden >= known["n"].max():
            tops.append(known[known["n"] == known["n"].max()])
    return tops


def _some(parts: list[str], between: str) -> str:
    """Up to four, or three and how many more."""
    return between.join(parts if len(parts) <= 4 else [*parts[:3], f"{len(parts) - 3} more"])


def _top(rows: pd.DataFrame) -> str:
    """The most frequent themes of one group, and how many people speak of each."""
    first, more = next(records(rows)), len(rows) - 1
    tied, each = (f" and {more} more", "each ") if more else ("", "")
    return f"{quoted(first.theme_label)}{tied} ({shorten(first.group_label, 40)}, {each}{first.n:,} of {first.of:,})"


def saturation_title(curve: pd.DataFrame, measure: pd.DataFrame, unit: str) -> str:
    """Whether new codes become rare, by the first measure that could be made.

    Args:
        curve: n, codes_in_order; a row a text.
        measure: base, run, threshold (per cent), codes_in_base, reached_at, later_rise, from the least strict on.
        unit: What the texts are called, in the plural.
    """
    total, codes = int(curve["n"].iloc[-1]), int(curve["codes_in_order"].iloc[-1])
    made = measure[measure["codes_in_base"].notna() & (measure["codes_in_base"] > 0)]
    if made.empty:
        return f"{codes:,} codes in {total:,} {unit}, too few {unit} to say whether new ones become rare"
    first = made.iloc[0]
    base, run, little = int(first["base"]), int(first["run"]), f"{first['threshold']:.0f}% or less"
    if pd.isna(first["reached_at"]):
        never = f"no {run} more bring {little} of those in the first {base}"
        return f"new codes keep coming, {codes:,} in {total:,} {unit}: {never}"
    head = f"new codes are rare after {int(first['reached_at']):,} of {total:,} {unit}"
    if pd.notna(first["later_rise"]):
        return f"{head}, but not for good: after {int(first['later_rise']):,} there are more again"
    return f"{head}: the next {run} bring {little} of those in the first {base}"


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


def overview_title(everyone: pd.Series, groups: pd.DataFrame, p_values: dict[str, float]) -> str:
    """One answer of everyone, and by which breaks it differs according to the published tests.

    Args:
        everyone: option_label, per_cent, marker.
        groups: option_label, group_label, per_cent, marker; every group that can be shown.
        p_values: Adjusted p value by the label of each break that was tested.
    """
    head = f"{_in_title(everyone['per_cent'], everyone['marker'])} {quoted(everyone['option_label'])}"
    certain = [lower_first(clean(label)) for label, p in p_values.items() if p < RELIABLE_P]
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


def together_title(pairs: pd.DataFrame, unit: str, hidden: bool) -> str:
    """Which two themes go together most closely, of the pairs that can be shown.

    Args:
        pairs: code_a_label, code_b_label, n_a, n_b, n_both, phi.
        unit: What is counted, in the plural.
        hidden: Whether other pairs were withheld.
    """
    enough = pairs[pairs[["n_a", "n_b"]].min(axis=1) >= LEAST_OF_PAIR]
    ranked = enough.sort_values(["phi", "jaccard"], ascending=False, kind="stable")
    close = ranked[ranked["phi"] >= LEAST_PHI]
    if close.empty:
        return (
            f"no two themes go together much more often than chance would have it{', as far as can be shown' * hidden}"
        )
    first = close.iloc[0]
    either = int(first["n_a"] + first["n_b"] - first["n_both"])
    both = f"{int(first['n_both']):,} of the {either:,} {unit} with either have both"
    pair = f"{quoted(first['code_a_label'])} and {quoted(first['code_b_label'])}"
    most = f"go together most closely{' of the pairs that can be shown' * hidden}"
    return f"{pair} {most}, {both} (phi {printed(first['phi'], digits=2)})"


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
