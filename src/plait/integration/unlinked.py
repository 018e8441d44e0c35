"""What no construct of the linking file speaks of: told, so that nothing is left out unseen."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Survey


def unlinked(study: Study) -> pd.DataFrame:
    """List the survey items and themes that no construct links.

    A question that one choice is made from is linked by any of its options; of a multi-select every option is an item of
    its own, linked by itself or by a net. A theme is linked by itself or by any of its codes.

    Returns:
        Columns of `plait.tables.UNLINKED`; none for a study without a linking file.
    """
    survey = study.definition.survey
    if survey is None or not study.definition.linking:
        return tables.UNLINKED.empty()
    linked = {(item.partition(":")[0], item.partition(":")[2]) for link in study.links for item in link.survey}
    rows: list[dict[str, object]] = [
        {"strand": "survey", "origin": q, "item": item} for q, item in _items(survey, linked)
    ]
    rows += [{"strand": "coded_text", "origin": "", "item": theme} for theme in _themes(study)]
    return tables.UNLINKED.of(rows)


def _items(survey: Survey, linked: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for question, spec in survey.questions.items():
        named = {item for q, item in linked if q == question}
        if not named:
            yield question, ""
        elif spec.type == "multi":
            reached = named | {
                o for net in named & set(survey.nets_of(question)) for o in survey.nets_of(question)[net].of
            }
            for option, meant in survey.options_of(question).items():
                if meant.counts and not meant.exclusive and option not in reached:
                    yield question, option


def _themes(study: Study) -> Iterator[str]:
    named = {theme for link in study.links for theme in link.themes}
    reached = named | {entry.parent for entry in study.codebook if entry.code in named}
    for entry in study.codebook:
        if not entry.parent and entry.kind != "structural" and entry.code not in reached:
            yield entry.code
