"""What figures say: headlines written from the numbers, subtitles, footnotes, and labels made fit to draw."""

from __future__ import annotations

import unicodedata
from collections import Counter, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from plait.report.printing import printed_days
from plait.study.definition import Collection, Definition, Survey
from plait.study.wording import base_in_words, listed

LONGEST = 160
"""Characters of a label that are drawn; the data file has all of them."""
IN_TITLE = 64
LEFT_TO_RIGHT = "\u200e"
_FITS = ("confirmation", "expansion", "discordance", "silence", "")


@dataclass(frozen=True)
class Words:
    """What stands above and below a chart."""

    title: str
    subtitle: str
    footnote: str
    mark: str = ""
    """What must be said before all else ("Not for release")."""


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
    text = text if len(text) <= limit else f"{text[: limit - 1].rstrip()}\u2026"
    # What follows a name in Arabic or Hebrew would be set to its left without the mark.
    return f"{text}{LEFT_TO_RIGHT}" if runs_leftwards(text) else text


def runs_leftwards(text: str) -> bool:
    """Whether a text has letters that are written from the right."""
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def quoted(label: str) -> str:
    """A label inside a headline."""
    return f"\u2018{shorten(label, IN_TITLE)}\u2019"


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


def group_name(label: str, base: Any, unreliable: bool, limit: int = 60) -> str:
    """A group with its base, and marked where the base is small."""
    known = "" if pd.isna(base) else f" ({based(base, False)})"
    return f"{shorten(label, limit)}{known}{' [u]' if unreliable else ''}"


def lower_first(text: str) -> str:
    """A label inside a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# --- subtitles --------------------------------------------------------------------------------------------------------


def survey_subtitle(
    definition: Definition, survey: Survey, question: str, rows: pd.DataFrame, measure: str = "per cent"
) -> str:
    """What was asked, who is counted, how, and when."""
    everyone = rows[rows["group"] == ""]
    base = "" if everyone.empty or pd.isna(everyone["base_unweighted"].iloc[0]) else _base(everyone.iloc[0])
    asked = f"\u2018{shorten(survey.questions[question].text)}\u2019"
    return f"{asked} {clean(base_in_words(survey, question))} {measured(rows, measure)}{base}; {during(definition)}."


def nets_subtitle(definition: Definition, rows: pd.DataFrame) -> str:
    """What stands side by side."""
    return f"{measured(rows)} with one of several answers (a net), of all who were asked; {during(definition)}."


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
    split = f", by {lower_first(clean(by))}" if by else ""
    return f"Number of {counted} with the theme{total}{split}; {during(definition)}."


def together_subtitle(definition: Definition, collection: Collection, counted: str, pairs: pd.DataFrame) -> str:
    """What was counted, of how many, and when."""
    of = pairs["n_units"].dropna()
    total = f", of {int(of.iloc[0]):,}" if len(of) else ""
    return f"Number of {counted} with both themes{total}; {during(definition)}."


def saturation_subtitle(definition: Definition, collection: Collection) -> str:
    """What is added up, and over what."""
    return f"Number of different codes found so far; {during(definition)}."


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


def joint_subtitle(definition: Definition) -> str:
    """What stands side by side."""
    return (
        "Survey: per cent of all who were asked, with 95% interval. Coded text: answers or people with the theme, of all. "
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


def hidden_nets(rows: pd.DataFrame, drawn: pd.DataFrame) -> list[str]:
    """A sentence for each reason why nets are not drawn, by the labels of their questions."""
    unseen: dict[str, dict[str, None]] = {}
    for row in records(rows[~rows.index.isin(drawn.index)]):
        unseen.setdefault(row.marker if row.marker in _WHY else "", {})[shorten(row.question_label, 60)] = None
    return [f"{_WHY[marker]}: {named(list(labels))}." for marker, labels in unseen.items()]


def withheld(frame: pd.DataFrame) -> list[str]:
    """What the markers mean that stand in place of a number."""
    markers = dict.fromkeys(m if m in _WHY else "" for m in frame.loc[frame["per_cent"].isna(), "marker"])
    told = [f"[{m or 'z'}] {_WHY[m].removeprefix('Not shown, ')}" for m in markers]
    return [f"In place of a number: {', '.join(told)}."] if told else []


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
    return f"Source: {clean(definition.title)}; {clean(definition.about.conducted_by)}."


def mark_of(definition: Definition, mark: str) -> str:
    """What must be said before all else: that a figure is not for release, that its data are simulated."""
    return ". ".join(filter(None, (mark, "Simulated data" if definition.simulated else "")))
