"""Passages worth reading when quotations are chosen: a list for the author, who decides."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from plait.qualitative.quotes import CONSENT, attribute_values, interviewer_turns, people_of
from plait.qualitative.transcripts import CodedText, plain
from plait.qualitative.verbatim import Span
from plait.study.definition import Collection
from plait.tables import QUOTE_CANDIDATES

SHORTEST, LONGEST = 15, 80
"""Words of a candidate."""
PER_CODE = 5
_SHOWN = ("case", "source", "start", "end", "text")
_WORD = re.compile(r"[^\W_]+")


def quote_candidates(
    coded: CodedText, collections: Mapping[str, Collection], quotes: pd.DataFrame, *, per_person: int = 2
) -> pd.DataFrame:
    """List candidates for quotation under each code of each collection.

    A candidate is a counted segment of 15 to 80 words of a participant who may be quoted. Passages that a coder marked
    as important come first; then those of people, and then of groups of people, who have been heard least so far (in
    the approved quotations and higher in the list); then the more typical ones. Typicality is the cosine between the
    words of a passage and of all that was said under the code, words weighted by their rarity (the centroid of Radev,
    Jing, Styś & Tam, 2004).

    Args:
        coded: The coded text, decisions applied.
        collections: The collections of the definition, by name.
        quotes: The approved quotations (`plait.tables.QUOTES`).
        per_person: Candidates of one person under one code.

    Returns:
        Columns of `plait.tables.QUOTE_CANDIDATES`. It holds participants' words and stays in the project.
    """
    kinds = dict(zip(coded.codes["code"], coded.codes["kind"], strict=True))
    found = [_of_collection(coded, name, spec, kinds, quotes, per_person) for name, spec in collections.items()]
    return QUOTE_CANDIDATES.of([row for rows in found for row in rows])


def _of_collection(
    coded: CodedText,
    name: str,
    spec: Collection,
    kinds: Mapping[str, str],
    quotes: pd.DataFrame,
    per_person: int,
) -> list[dict[str, object]]:
    s = coded.segments
    counted = s[(s["collection"] == name) & (s["coder"] == spec.count_from) & (s["status"] == "active")]
    known = attribute_values(coded)
    people = people_of(coded, name, spec.count_from)
    names = dict(zip(coded.sources["source"], coded.sources["name"], strict=True))
    persons = dict(zip(coded.cases["case"], coded.cases["origin_id"], strict=True))
    parents = dict(zip(coded.codes["code"], coded.codes["parent"], strict=True))
    first = spec.attribution[0] if spec.attribution else ""
    group = {case: known.get(case, {}).get(first, "") for case in people}
    size = Counter(group.values())
    recorded = any(CONSENT in known.get(case, {}) for case in people)
    heard = Counter(map(str, quotes.loc[quotes["collection"] == name, "case"]))
    quoted = Counter(heard)
    heard_of_group = Counter[str]()
    for case, n in heard.items():
        heard_of_group[group.get(case, "")] += n
    asked = interviewer_turns(coded)
    of_code = dict(iter(counted.groupby("code", sort=False)))

    rows: list[dict[str, object]] = []
    for code in coded.codes.sort_values("order")["code"]:
        if kinds[code] == "structural" or code not in of_code:
            continue
        under = of_code[code]
        typical = _typicality(plain(under["text"]))
        important = under["important"].fillna(False).astype(bool)
        segments = (dict(zip(_SHOWN, row, strict=True)) for row in zip(*(plain(under[c]) for c in _SHOWN), strict=True))
        waiting = []
        for at, (segment, marked) in enumerate(zip(segments, important, strict=True)):
            case, words = str(segment["case"]), len(str(segment["text"]).split())
            consent = known.get(case, {}).get(CONSENT, "yes" if not recorded else "").casefold()
            spoken_to = _meets(segment, asked.get(segment["source"], []))
            if (
                case in group
                and SHORTEST <= words <= LONGEST
                and consent in ("yes", "anonymous_only")
                and not spoken_to
            ):
                waiting.append((at, segment, bool(marked), words))
        of_person, texts = Counter[str](), set[str]()
        while waiting and len(texts) < PER_CODE:
            best = min(
                waiting,
                key=lambda w: (
                    not w[2],
                    heard[str(w[1]["case"])],
                    heard_of_group[group[str(w[1]["case"])]] / size[group[str(w[1]["case"])]],
                    -typical[w[0]],
                    w[0],
                ),
            )
            waiting.remove(best)
            at, segment, marked, words = best
            case = str(segment["case"])
            if of_person[case] >= per_person or segment["text"] in texts:
                continue
            of_person[case] += 1
            heard[case] += 1
            heard_of_group[group[case]] += 1
            texts.add(segment["text"])
            rows.append(
                {
                    "collection": name,
                    "theme": parents[code] or code,
                    "code": code,
                    "rank": len(texts),
                    "source": names[segment["source"]],
                    "person": persons[case],
                    "group": group[case],
                    "words": words,
                    "important": marked,
                    "quoted": quoted[case],
                    "typicality": round(typical[at], 3),
                    "text": segment["text"],
                }
            )
    return rows


def _meets(segment: Mapping[str, Any], turns: Sequence[Span]) -> bool:
    """Whether a segment shares a character with any of the turns; one without a place is of the whole source."""
    if pd.isna(segment["start"]):
        return bool(turns)
    return any(a < segment["end"] and segment["start"] < b for a, b in turns)


def _typicality(texts: list[str]) -> list[float]:
    """The likeness of each text to all of them together."""
    counts = [Counter(map(str.casefold, _WORD.findall(text))) for text in texts]
    holding = Counter(word for count in counts for word in count)
    rarity = {word: math.log((1 + len(texts)) / (1 + n)) + 1 for word, n in holding.items()}
    vectors = [{word: n * rarity[word] for word, n in count.items()} for count in counts]
    lengths = [math.sqrt(sum(x * x for x in vector.values())) or 1.0 for vector in vectors]
    centre = dict.fromkeys(rarity, 0.0)
    for vector, length in zip(vectors, lengths, strict=True):
        for word, x in vector.items():
            centre[word] += x / length
    whole = math.sqrt(sum(x * x for x in centre.values())) or 1.0
    return [
        sum(x * centre[word] for word, x in vector.items()) / (length * whole)
        for vector, length in zip(vectors, lengths, strict=True)
    ]
