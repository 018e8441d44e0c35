"""Headlines of figures of coded text: they describe the texts that were coded, and infer nothing beyond them."""

from __future__ import annotations

import pandas as pd

from plait.report.figure_words import clean, lower_first, per_cent, quoted, records, shorten
from plait.report.headlines import Ranked, ranking_title
from plait.report.printing import printed

LEAST_PHI = 0.3
"""A correlation of two themes below this makes no headline: a medium effect begins there (Cohen 1988), and of many pairs in
a few hundred texts some come to a small one by chance."""
LEAST_OF_PAIR = 5
"""A pair of themes of which one is rarer than this says little."""


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
