"""The joint display: survey estimates beside theme counts, construct by construct.

Numbers come from the two strands by name. Fit and meta-inference are the author's judgement (Fetters, Curry and
Creswell 2013) and are carried over from the linking file, never computed. Interview counts are never weighted.
"""

from __future__ import annotations

import pandas as pd

from plait import tables
from plait.integration.cells import best_first
from plait.study import Study
from plait.study.side_files import Link


def join_strands(study: Study, estimates: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Build the joint display of a study.

    A survey item takes the weighted estimate for everyone where there is one, else the unweighted one, else the
    vendor's breakdown. A theme takes, in each collection, the number of texts (open answers) or of people
    (interviews) with it, out of all.

    Returns:
        Columns of `plait.tables.JOINT_DISPLAY`: one row a construct and item; a construct of one strand keeps its row.
    """
    everyone = estimates[estimates["break"] == tables.ALL]
    overall = themes[themes["by"] == tables.ALL]
    rows: list[dict[str, object]] = []
    for link in study.links:
        about = {
            "construct": link.construct_id,
            "label": link.label,
            "interview_question": link.interview_question,
            "fit": link.fit,
            "meta_inference": link.meta_inference,
            "rationale": link.rationale,
            "author": link.author,
            "date": link.date.isoformat() if link.date else "",
        }
        rows += [about | item for item in _survey_items(study, link, everyone)]
        rows += [about | item for item in _theme_items(study, link, overall)]
    return tables.JOINT_DISPLAY.of(pd.DataFrame(rows, columns=list(tables.JOINT_DISPLAY.columns)))


def _survey_items(study: Study, link: Link, everyone: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for item in link.survey:
        question, _, option = item.partition(":")
        cells = everyone[(everyone["question"] == question) & (everyone["option"] == option)]
        if cells.empty:
            continue
        cell = best_first(cells).iloc[0]
        rows.append(
            {
                "strand": "survey",
                "origin": question,
                "item": option,
                "weight_set": cell["weight_set"],
                "grain": cell["grain"],
                "value": cell["value"],
                "ci_low": cell["ci_low"],
                "ci_high": cell["ci_high"],
                "n": pd.NA,
                "of": cell["base_unweighted"],
            }
        )
    return rows


def _theme_items(study: Study, link: Link, overall: pd.DataFrame) -> list[dict[str, object]]:
    coded = study.definition.coded_text
    assert coded is not None
    rows = []
    for name, collection in coded.collections.items():
        unit = collection.people_unit
        for theme in link.themes:
            cells = overall[(overall["collection"] == name) & (overall["theme"] == theme) & (overall["unit"] == unit)]
            for cell in cells.to_dict("records"):
                rows.append(
                    {
                        "strand": "coded_text",
                        "origin": name,
                        "item": theme,
                        "weight_set": "",
                        "grain": unit,
                        "value": cell["n"] / cell["of"] if cell["of"] else float("nan"),
                        "ci_low": float("nan"),
                        "ci_high": float("nan"),
                        "n": cell["n"],
                        "of": cell["of"],
                    }
                )
    return rows
