"""Every string that is about to leave, looked at before it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

import pandas as pd

from plait import tables
from plait.errors import Problem, StudyError
from plait.qualitative.quotes import FEWEST
from plait.qualitative.screening import Leaving, Screen, problems_of, screen
from plait.study import Study
from plait.tables import TEXT, Table

_OF_CODED_TEXT = (
    tables.PUBLISHED_THEMES,
    tables.PUBLISHED_AGREEMENT,
    tables.PUBLISHED_CODING_SOURCES,
    tables.PUBLISHED_CODERS,
    tables.PUBLISHED_DECISIONS,
    tables.PUBLISHED_JOINT_DISPLAY,
    tables.PUBLISHED_STATISTICS_BY_THEME,
    tables.PUBLISHED_STRANDS_BY_GROUP,
    tables.PUBLISHED_CASE_LEVEL,
    tables.PUBLISHED_QUOTE_MATRIX,
    tables.PUBLISHED_QUOTES,
    tables.PUBLISHED_CLAIMS,
)
"""Tables with words of participants, coders and interpreters, or names of files; in others all stem from the definition."""
_NO_WORDS = ("date", "marker")


def screened(study: Study, published: Iterable[tuple[Table, pd.DataFrame]], quotes: pd.DataFrame) -> pd.DataFrame:
    """Screen the published tables, the codebook and the definition.

    Args:
        study: The study, with its deny list and its allowed words.
        published: What passed the disclosure rules.
        quotes: The quotations, with how many people each attribution fits.

    Returns:
        Columns of `plait.tables.SCREENING`.

    Raises:
        StudyError: What must not leave, each with its place and mend, never repeated.
    """
    defined = list(_strings_of(study.definition.model_dump(mode="json", by_alias=True)))
    known = [*(text for _, text in defined), *(allowed.word for allowed in study.allowed_words)]
    strings = [
        *(Leaving("study.yaml", key, text, written_by_authors=True) for key, text in defined),
        *_of_codebook(study),
        *(leaving for table, rows in published for leaving in _of_table(table, rows)),
    ]
    hits, counted = screen(strings, Screen.of(study.denied_names, known))
    problems = problems_of(hits)
    for quote in quotes[quotes["alike"] < FEWEST].to_dict("records"):
        message = f"the attribution of '{quote['quote']}' fits fewer than {FEWEST} people"
        problems.append(Problem("published/quotes: attribution", message, "attribute it with less"))
    if problems:
        raise StudyError(problems)
    return counted


def _of_codebook(study: Study) -> Iterator[Leaving]:
    for entry in study.codebook:
        for column, text in (("code", entry.code), ("label", entry.label), ("definition", entry.definition)):
            if text:
                yield Leaving(f"codebook: {column}", f"the code '{entry.code}'" if column != "code" else "a code", text)


def _of_table(table: Table, rows: pd.DataFrame) -> Iterator[Leaving]:
    by_authors, quotes = table not in _OF_CODED_TEXT, table is tables.PUBLISHED_QUOTES
    for column, kind in table.columns.items():
        if kind != TEXT or column in _NO_WORDS:
            continue
        texts = rows[column].tolist()
        first = dict(zip(reversed(texts), reversed(range(len(texts))), strict=True))  # the earlier line wins
        where = table.name if by_authors else f"{table.name}: {column}"
        for text, at in sorted(first.items(), key=itemgetter(1)):
            if text:
                line = f"the column '{column}' in line {at + 2}"
                place = f"the quotation '{rows['quote'].iloc[at]}'" if quotes else line
                yield Leaving(where, place, text, written_by_authors=by_authors)


def _strings_of(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a definition, and the key that holds it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings_of(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings_of(inner, key)
