"""What figures say: headlines written from the numbers, subtitles, footnotes, and labels made fit to draw."""

from __future__ import annotations

import unicodedata
from collections import Counter, namedtuple
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from plait.report.printing import printed_days
from plait.study.definition import Collection, Definition, Survey
from plait.study.wording import base_in_words, listed

LONGEST = 160
"""Characters of a label that are drawn; the data file has all of them."""
_IN_TITLE = 64
_FITS = ("confirmation", "expansion", "discordance", "silence", "")
RELIABLE_P = 0.05


@dataclass(frozen=True)
class Words:
    """What stands above and below a chart."""

    title: str
    subtitle: str
    footnote: str


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, their cells as attributes."""
    row = _row(tuple(frame.columns))
    return map(row._make, zip(*(frame[column].tolist() for column in frame), strict=True))


@lru_cache(maxsize=64)
def _row(columns: tuple[str, ...]) -> Any:
    return namedtuple("_Row", columns, rename=True)  # pandas would compile one for every frame


# --- labels -----------------------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Make any text fit to draw: one line, no control characters, no lone surrogates, no direction overrides."""
    return "".join(c for c in " ".join(text.split()) if _can_be_drawn(c)).strip()


def _can_be_drawn(char: str) -> bool:
    turns_direction = "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"
    return not turns_direction and unicodedata.category(char) not in ("Cc", "Cs", "Cn")


def shorten(text: str, limit: int = LONGEST) -> str:
    """Cut a text that is too long, and show that it was cut."""
    text = clean(text)
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}\u2026"


def quoted(label: str) -> str:
    """A label inside a headline."""
    return f"\u2018{shorten(label, _IN_TITLE)}\u2019"


def per_cent(value: float, marker: str = "") -> str:
    """A whole per cent as printed."""
    return f"{value:.0f}%{' [low]' if marker == 'low' else ''}"


def is_unreliable(marker: str) -> bool:
    """Whether the gate marked an estimate as resting on a small base."""
    return marker == "u"


def based(base: Any, unreliable: bool) -> str:
    """A base as printed, marked where it is small."""
    known = "" if pd.isna(base) else f"n = {int(base):,}"
    return f"{known}{' [u]' if unreliable else ''}".strip()


def group_name(label: str, base: Any, unreliable: bool) -> str:
    """A group with its base, and marked where the base is small."""
    known = "" if pd.isna(base) else f" ({based(base, False)})"
    return f"{shorten(label, 60)}{known}{' [u]' if unreliable else ''}"


# --- headlines --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranked:
    """One entry of a ranking: its label, what it is ranked by, and how that is printed."""

    label: str
    value: float
    shown: str


def ranking_title(entries: Sequence[Ranked], one: str, many: str, least: str) -> str:
    """The headline of a ranking: what is first and what is last, ties named as ties.

    Args:
        entries: What was ranked.
        one: What is said of a first place that stands alone ("is chosen most often").
        many: The same of several.
        least: What is said of the last place ("least").
    """
    values = [e.value for e in entries]
    first = [e for e in entries if e.value == max(values)]
    last = [e for e in entries if e.value == min(values)]
    names = [quoted(e.label) for e in first]
    if len(names) > 2:
        names = [*names[:2], f"{len(names) - 2} more"]
    title = f"{listed(names)} {one if len(first) == 1 else many} ({'' if len(first) == 1 else 'each '}{first[0].shown})"
    return title + f", {quoted(last[0].label)} {least} ({last[0].shown})" if len(last) == 1 < len(entries) else title


def bars_title(frame: pd.DataFrame, several: bool) -> str:
    """The most and the least common answer."""
    entries = [Ranked(r.option_label, r.per_cent, _in_title(r.per_cent, r.marker)) for r in records(frame)]
    if several:
        return ranking_title(entries, "is chosen most often", "are chosen most often", "least")
    if len(entries) == 2 and entries[0].value != entries[1].value:
        more, less = sorted(entries, key=lambda e: -e.value)
        return f"{quoted(more.label)} ({more.shown}) is more common than {quoted(less.label)} ({less.shown})"
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
    by = _lower_first(clean(break_label))
    groups = frame[frame["group"] != ""]
    tops = _tops(frame)
    if not tops:
        known = int(groups["n"].notna().sum())
        return f"Themes by {by}: {known:,} of {len(groups):,} counts can be shown"
    shared = [theme for theme in tops[0]["theme"] if all((top["theme"] == theme).any() for top in tops)]
    if not shared or len(tops) == 1:
        told = _some(list(map(_top, tops)), "; ")
        return f"{'Most frequent theme' if len(tops) == 1 else 'The most frequent theme differs'} by {by}: {told}"
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
        return f"New codes keep coming, {codes:,} in {total:,} {unit}: {never}"
    head = f"New codes are rare after {int(first['reached_at']):,} of {total:,} {unit}"
    if pd.notna(first["later_rise"]):
        return f"{head}, but not for good: after {int(first['later_rise']):,} there are more again"
    return f"{head}: the next {run} bring {little} of those in the first {base}"


def likert_title(everyone: pd.DataFrame, nets: pd.DataFrame) -> str:
    """What everyone said (or, where that is withheld, the first group): the nets, or else the most common step."""
    group = everyone.iloc[0]
    of = f" ({shorten(group['group_label'], 48)})" if group["group"] else ""
    if nets.empty:
        return bars_title(everyone, several=False) + of
    first, *others = [(quoted(r.option_label), _in_title(r.per_cent, r.marker)) for r in records(nets)]
    return f"{first[1]} choose {first[0]}" + "".join(f", {shown} {label}" for label, shown in others[:1]) + of


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
    by, alone = _lower_first(clean(break_label)), len(spreads) == 1
    if frame["group_label"].nunique() == 1:
        return f"{spread.label}: {spread.lowest}; no other group by {by} can be shown"
    if spread.gap == 0:
        return f"No difference by {by}: {spread.label}, {spread.lowest} as in the other groups"
    if certain:
        return f"{spread.label} differs {'' if alone else 'most '}by {by}: {spread.in_words}"
    if option in p_values:
        where = f" in {spread.label}" if alone else f"; the widest gap is in {spread.label}"
        return f"No clear difference by {by}{where}: {spread.in_words}"
    return (
        f"{spread.label} by {by}: {spread.in_words}"
        if alone
        else f"Widest gap by {by}: {spread.label}, {spread.in_words}"
    )


@dataclass(frozen=True)
class _Spread:
    label: str
    lowest: str
    highest: str
    gap: float

    @property
    def in_words(self) -> str:
        return f"{self.lowest} to {self.highest}"


def _spread(rows: pd.DataFrame) -> _Spread:
    """The lowest and the highest group; groups with a small base count only where there are no others."""
    small = [is_unreliable(r.marker) for r in records(rows)]
    firm = rows[[not s for s in small]]
    rows = firm if len(firm) > 1 else rows
    low, high = rows.iloc[int(rows["per_cent"].argmin())], rows.iloc[int(rows["per_cent"].argmax())]
    lowest, highest = (
        f"{_in_title(r['per_cent'], r['marker'])} ({shorten(r['group_label'], 48)})" for r in (low, high)
    )
    return _Spread(quoted(low["option_label"]), lowest, highest, float(high["per_cent"] - low["per_cent"]))


def numbers_title(frame: pd.DataFrame, label: str, by: str, unit: str) -> str:
    """What everyone's figure is, and where it is lowest and highest among the groups.

    Args:
        frame: group, group_label, value, marker; everyone first.
        label: The question.
        by: What the groups differ in; empty when there are none.
        unit: Of the number; may be empty.
    """
    groups = frame[frame["group"] != ""]
    firm = groups[[not is_unreliable(m) for m in groups["marker"]]]
    groups = firm if len(firm) > 1 else groups
    everyone = frame.loc[frame["group"] == "", "value"]
    head = f"{label}: {in_unit(everyone.iloc[0], unit)}" if len(everyone) else label
    if len(groups) < 2:
        return head
    low, high = groups.iloc[int(groups["value"].argmin())], groups.iloc[int(groups["value"].argmax())]
    ends = (f"{r['value']:,g} ({shorten(r['group_label'], 48)})" for r in (low, high))
    return f"{head}; by {_lower_first(clean(by))} from {' to '.join(ends)}"


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


def joint_title(frame: pd.DataFrame) -> str:
    """How many constructs there are and how the strands fit."""
    fits = Counter(frame.drop_duplicates("construct")["fit"])
    known = [*_FITS[:-1], *sorted(set(fits) - set(_FITS)), ""]
    parts = [
        f"{fits[f]} {f}{'' if fits[f] == 1 else 's'}" if f else f"{fits[f]} not judged yet" for f in known if fits[f]
    ]
    total = sum(fits.values())
    return f"How the strands fit in {total} construct{'' if total == 1 else 's'}: {', '.join(parts)}"


def robustness_title(frame: pd.DataFrame) -> str:
    """How many of the numbers that have an interval stay within it, whatever is chosen."""
    others = frame[(frame["alternative"] != "") & (frame["inside"] != "")]
    total = others.groupby(["claim", "number"]).ngroups
    if not total:
        return "How the headline numbers move under other choices"
    stay = total - others[others["inside"] == "outside"].groupby(["claim", "number"]).ngroups
    if stay == total:
        return f"No other choice takes a headline number out of its 95% interval ({total} of {total})"
    return f"{stay} of {total} headline numbers stay within their 95% interval under every other choice"


def _in_title(value: float, marker: str) -> str:
    return "less than 1%" if marker == "low" else per_cent(value)


def _lower_first(text: str) -> str:
    """A label inside a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# --- subtitles --------------------------------------------------------------------------------------------------------


def survey_subtitle(
    definition: Definition, survey: Survey, question: str, rows: pd.DataFrame, measure: str = "per cent"
) -> str:
    """What was asked, who is counted, how, and when."""
    everyone = rows[rows["group"] == ""]
    base = "" if everyone.empty or pd.isna(everyone["base_unweighted"].iloc[0]) else _base(everyone.iloc[0])
    label = clean(survey.label_of(question)).rstrip(".")
    return f"{label}. {clean(base_in_words(survey, question))} {measured(rows, measure)}{base}; {during(definition)}."


def measured(rows: pd.DataFrame, measure: str = "per cent") -> str:
    """What the numbers are."""
    if rows.empty:
        return measure.capitalize()
    first = rows.iloc[0]
    if first["weight_set"]:
        return f"Weighted {measure}"
    of_vendor = "grain" in rows and first["grain"] == "breakdown"
    return f"{measure.capitalize()} from a breakdown table" if of_vendor else f"Unweighted {measure}"


def weights_subtitle(definition: Definition, survey: Survey) -> str:
    """What the classes count."""
    origin = "" if survey.weighting and survey.weighting.targets else " supplied with the data"
    return f"Number of respondents by weight{origin}, in multiples of the mean weight; {during(definition)}."


def themes_subtitle(definition: Definition, collection: Collection, unit: str, of: int | None, by: str = "") -> str:
    """What was counted, of how many, and when; `by` is what the groups differ in, if it is split."""
    counted = unit_in_words(collection, unit)
    total = "" if of is None else f", of {of:,}"
    split = f", by {_lower_first(clean(by))}" if by else ""
    return f"{clean(collection.label)}. Number of {counted} with the theme{total}{split}; {during(definition)}."


def saturation_subtitle(definition: Definition, collection: Collection) -> str:
    """What is added up, and over what."""
    return f"{clean(collection.label)}. Number of different codes found so far; {during(definition)}."


def saturation_note(summary: pd.Series) -> str:
    """The orders, and what the curve cannot show."""
    by = clean(str(summary["order"]))
    known = f"The order of collection follows {quoted(by)}" if by else "Texts are taken in the order of the files"
    drawn = f"{known}; random orders: {int(summary['orders']):,}."
    cautions = clean(str(summary["note"]))
    return f"{drawn} {cautions[:1].upper()}{cautions[1:]}."


def unit_in_words(collection: Collection, unit: str) -> str:
    """The plural of what is counted."""
    if unit == "cases":
        return clean(collection.cases)
    return {"open_text": "answers", "document": "documents"}.get(collection.mode, "texts")


def joint_subtitle(definition: Definition) -> str:
    """What stands side by side."""
    return (
        "Survey: per cent of everyone with 95% interval. Coded text: answers or people with the theme, of all. "
        f"The fit is the authors\u2019 judgement; {during(definition)}."
    )


def robustness_subtitle(definition: Definition) -> str:
    """What is varied."""
    count = len(definition.robustness)
    return f"Per cent, as reported and under {count} other choice{'' if count == 1 else 's'}; {during(definition)}."


def during(definition: Definition) -> str:
    """When the data were collected."""
    fieldwork = definition.about.fieldwork
    return f"fieldwork {printed_days(fieldwork.start, fieldwork.end)}"


def _base(row: pd.Series) -> str:
    base = row["base_unweighted"]
    return f", {based(base, is_unreliable(row['marker']))}"


# --- footnotes --------------------------------------------------------------------------------------------------------

_WHY = {
    "c": "Not shown, suppressed for confidentiality",
    "u": "Not shown, base too small",
    "z": "Not shown, nobody in the group",
    "": "Not shown, no estimate",
}


def hidden_groups(rows: pd.DataFrame, drawn: pd.DataFrame) -> list[str]:
    """A sentence for each reason why groups, or some of a group's answers, are not drawn."""
    items = "option" if "option" in rows else "measure"
    shown = set(zip(drawn[items], drawn["group"], strict=True))
    present = set(drawn["group"])
    unseen: dict[tuple[str, bool], dict[str, None]] = {}
    for row in records(rows):
        if (getattr(row, items), row.group) not in shown:
            key = (row.marker if row.marker in _WHY else "", row.group in present)
            unseen.setdefault(key, {})[shorten(row.group_label, 60)] = None
    return [
        f"{_WHY[marker]}: {'some answers of ' if partly else ''}{named(list(labels))}."
        for (marker, partly), labels in unseen.items()
    ]


def named(labels: list[str]) -> str:
    """Groups one after another; names that hold a comma themselves are parted by semicolons."""
    return "; ".join(labels) if any("," in label for label in labels) else listed(labels)


def marks(frame: pd.DataFrame) -> list[str]:
    """What the marks in a figure mean."""
    notes = ["[u] unreliable: small base."] if any(map(is_unreliable, frame["marker"])) else []
    return notes + (["[low] rounds to zero but is not zero."] if (frame["marker"] == "low").any() else [])


def illustrative(labels: list[str]) -> str:
    """That weights meet targets which are no official figures."""
    return (
        f"Weighted to illustrative targets ({listed(clean(label) for label in labels)}): not to be quoted as findings."
    )


def source(definition: Definition) -> str:
    """Where the numbers come from."""
    about = definition.about
    simulated = " Simulated data." if definition.simulated else ""
    return f"Source: {clean(definition.title)}; {clean(about.conducted_by)}.{simulated}"
