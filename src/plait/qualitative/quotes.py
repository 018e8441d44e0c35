"""Quotations that an author approved: verbatim, of people who agreed to be quoted, attributed without telling who."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.attribution import Values, alike, attributions
from plait.qualitative.transcripts import CodedText, plain
from plait.qualitative.verbatim import NotVerbatimError, Span, find_quote
from plait.study.definition import Collection
from plait.study.side_files import Quotation
from plait.tables import QUOTES

CONSENT = "consent_quote"
"""The case attribute that says whether a person may be quoted: yes, no, anonymous_only."""
FEWEST = 3
"""People who must share what a quotation is attributed with."""
_PERMITTED = ("yes", "anonymous_only")


@dataclass(frozen=True)
class _Place:
    """Where a quotation was found: the text it was found in, and from where to where."""

    sha256: str
    spans: tuple[Span, ...]
    case: str


def select_quotes(
    coded: CodedText,
    collections: Mapping[str, Collection],
    quotes: Mapping[int, Quotation],
    file: str,
    *,
    per_person: int = 2,
    fewest: int = FEWEST,
) -> pd.DataFrame:
    """Check the approved quotations and attribute them; those that nobody approved are passed over.

    Args:
        coded: The coded text, decisions applied.
        collections: The collections of the definition, by name.
        quotes: The quotations, by row of their file.
        file: Their file as messages call it.
        per_person: How many quotations of one person may be printed.
        fewest: How many people must share what a quotation is attributed with.

    Returns:
        Columns of `plait.tables.QUOTES`, in the order of the file.

    Raises:
        StudyError: Quotations that are not verbatim, stand outside what was counted under their code, are of people who
            did not agree, or more than `per_person` of one; all at once, none of them repeating the words.
    """
    problems = Problems()
    approved = {row: quote for row, quote in quotes.items() if quote.approved}
    banks = {name: _Bank(coded, name, spec, fewest) for name, spec in collections.items()}
    for name in dict.fromkeys(quote.collection for quote in approved.values()):
        banks[name].check(problems)
    rows: list[dict[str, object]] = []
    of_person: Counter[str] = Counter()
    for row, quote in approved.items():
        bank = banks[quote.collection]
        try:
            place = bank.find(quote)
            shown, fitting = bank.attribution(place.case, fewest)
            of_person[place.case] += 1
            if of_person[place.case] > per_person:
                raise _RefusedError(
                    "source",
                    f"is of a person with {per_person} quotations already",
                    "choose somebody else's words, or raise quotes_per_person",
                )
        except _RefusedError as refused:
            column, message, mend = refused.args
            problems.add(file, f"the quotation '{quote.quote_id}' {message}", mend, row=f"row {row}", column=column)
            continue
        rows.append(
            {
                "quote": quote.quote_id,
                "collection": quote.collection,
                "case": place.case,
                "theme": bank.theme_of(quote.code),
                "code": quote.code,
                "text": quote.text,
                "attribution": shown,
                "alike": fitting,
                "source_sha256": place.sha256,
                "start": place.spans[0][0],
                "end": place.spans[-1][1],
            }
        )
    problems.raise_if_any()
    return QUOTES.of(rows)


class _RefusedError(Exception):
    """A quotation that cannot be printed: column, message, mend."""


class _Bank:
    """What of one collection can be quoted, and how its people may be shown."""

    def __init__(self, coded: CodedText, name: str, spec: Collection, fewest: int) -> None:
        self.coded, self.name, self.spec = coded, name, spec
        s = coded.segments
        self.counted = s[(s["collection"] == name) & (s["coder"] == spec.count_from) & (s["status"] == "active")]
        self.sources = coded.sources[coded.sources["collection"] == name]
        self.texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
        self.hashes = dict(zip(self.sources["source"], self.sources["text_sha256"], strict=True))
        self.parents = dict(zip(coded.codes["code"], coded.codes["parent"], strict=True))
        self.asked = interviewer_turns(coded)
        self.values = attribute_values(coded)
        self.people = people_of(coded, name, spec.count_from)
        known = {case: self.values.get(case, {}) for case in self.people}
        self.consent = {case: values.get(CONSENT, "") for case, values in known.items()}
        self.shown = attributions({c: tuple(v.get(a, "") for a in spec.attribution) for c, v in known.items()}, fewest)
        self.printed = {case: tuple(value for value in values if value) for case, values in self.shown.items()}

    def check(self, problems: Problems) -> None:
        """The attributes that quotations are attributed with must be known of somebody."""
        there = {attribute for case in self.people for attribute in self.values.get(case, {})}
        for attribute in self.spec.attribution:
            if attribute not in there:
                problems.add(
                    "study.yaml",
                    f"quotations of '{self.name}' are to be attributed with '{attribute}', which is known of nobody",
                    did_you_mean(attribute, sorted(there)),
                    column="attribution",
                )

    def theme_of(self, code: str) -> str:
        return self.parents.get(code) or code

    def find(self, quote: Quotation) -> _Place:
        """Where the quotation stands, within what was counted under its code."""
        names = self.sources[["source", "name", "origin_id"]]
        found = self.sources.loc[(names == quote.source).any(axis="columns"), "source"]
        if len(found) != 1:
            message = "names a source that is not there" if found.empty else "names a source that several have"
            raise _RefusedError("source", message, did_you_mean(quote.source, list(self.sources["name"])))
        source = found.iloc[0]
        codes = {quote.code, *(code for code, parent in self.parents.items() if parent == quote.code)}
        segments = self.counted[(self.counted["source"] == source) & self.counted["code"].isin(codes)]
        if segments.empty:
            mend = "name a code that the counted coding has there"
            raise _RefusedError("code", f"has a code that is not counted in its source ('{quote.code}')", mend)
        try:
            if source in self.texts:
                return self._in_text(quote.text, source, segments)
            return self._in_extract(quote.text, segments)
        except NotVerbatimError as error:
            mend = "copy the words from the source; [...] for what is left out, [brackets] for what is put in"
            raise _RefusedError("text", f"is not verbatim: {error}", mend) from None

    def _in_text(self, words: str, source: str, segments: pd.DataFrame) -> _Place:
        whole = bool(segments["start"].isna().any())
        placed = segments.dropna(subset=["start"])
        coded = [
            (int(a), int(b), str(c)) for a, b, c in zip(placed["start"], placed["end"], placed["case"], strict=True)
        ]
        others = self.asked.get(source, [])

        def allowed(start: int, end: int) -> bool:
            inside = whole or any(a < end and start < b for a, b, _ in coded)
            return inside and not any(a < end and start < b for a, b in others)

        spans = find_quote(words, self.texts[source], allowed)
        cases = {case for a, b, case in coded for start, end in spans if a < end and start < b}
        cases |= set(segments.loc[segments["start"].isna(), "case"]) if not cases else set()
        return _Place(self.hashes[source], spans, self._one_person(cases))

    def _in_extract(self, words: str, segments: pd.DataFrame) -> _Place:
        """Where the source's text is not at hand, the coded extracts are what was said."""
        reasons = []
        for text, case in zip(segments["text"], segments["case"], strict=True):
            try:
                spans = find_quote(words, text, lambda start, end: True)
            except NotVerbatimError as error:
                reasons.append(error)
            else:
                digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
                return _Place(digest, spans, self._one_person({case}))
        raise reasons[0]

    def _one_person(self, cases: set[str]) -> str:
        if len(cases) > 1:
            raise _RefusedError("text", "joins the words of several people", "quote one person at a time")
        (case,) = cases
        if case not in self.people:
            raise _RefusedError("source", "is of nobody who is known as a case", "link the source to a case")
        consent = self.consent[case].casefold()
        recorded = any(self.consent.values())
        if recorded and consent not in _PERMITTED:
            message = "is of a person who did not agree to be quoted" if consent else "is of a person without consent"
            raise _RefusedError("source", message, f"leave it out ({CONSENT} must be yes or anonymous_only)")
        return case

    def attribution(self, case: str, fewest: int) -> tuple[str, int]:
        """What is printed below the words, and how many people it fits."""
        if len(self.people) < fewest:
            message = f"is of one of only {len(self.people)} people, fewer than {fewest}"
            raise _RefusedError("collection", message, "people of so small a group cannot be quoted")
        values: Values = self.printed[case]
        if self.consent[case].casefold() == "anonymous_only" or not values:
            return self.spec.label, len(self.people)
        return ", ".join(values), alike(self.printed)[values]


def attribute_values(coded: CodedText) -> dict[str, dict[str, str]]:
    """What is known of each case."""
    known: dict[str, dict[str, str]] = {}
    for case, attribute, value in coded.case_attributes.itertuples(index=False, name=None):
        known.setdefault(case, {})[attribute] = value.strip()
    return known


def people_of(coded: CodedText, collection: str, coder: str) -> list[str]:
    """The cases of a collection whose words the counted coder was given."""
    given = coded.assignments.loc[coded.assignments["coder"] == coder, "source"]
    sources = coded.sources[(coded.sources["collection"] == collection) & coded.sources["source"].isin(given)]
    s = coded.segments
    spoken = s.loc[s["source"].isin(sources["source"]) & (s["status"] == "active"), "case"]
    cases = dict.fromkeys([*sources["case"], *spoken])
    return [case for case in cases if case]


def interviewer_turns(coded: CodedText) -> dict[str, list[Span]]:
    """Stretches of each source in which the interviewer speaks, where the tool that held the text says so."""
    asked = coded.turns[coded.turns["role"] == "interviewer"]
    spans: dict[str, list[Span]] = {}
    for source, start, end in zip(*(plain(asked[c]) for c in ("source", "start", "end")), strict=True):
        spans.setdefault(source, []).append((int(start), int(end)))
    return spans
