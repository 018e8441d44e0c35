"""The framework matrix: cases or groups down, themes across, in each cell what an author says (Ritchie and Spencer 1994).

Every cell is there, whether it is written or not, with how many cases speak of the theme: an empty cell beside a theme
that is there is work to do, one beside a theme that is not is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.case_matrix import case_themes
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText
from plait.study.definition import CodedText as Strand
from plait.study.definition import Collection
from plait.study.side_files import Summary
from plait.tables import ALL, FRAMEWORK

_CELL = ["collection", "theme", "group_by", "group"]
BY_CASE = "case"
"""What `group_by` says where each case is a group of its own."""


def framework(
    coded: CodedText, collections: Mapping[str, Collection], summaries: Sequence[tuple[str, Summary]], file: str
) -> pd.DataFrame:
    """One row a theme or code and case, and one a theme or code and group of each break.

    Args:
        coded: The coded text.
        collections: The collections of the definition, by name.
        summaries: What the author wrote, each with its place in the file.
        file: The file of summaries, as messages call it.

    Raises:
        StudyError: A summary is of a case, group or theme that is not in the base of its collection; all of them.
    """
    cells = pd.concat([_by_case(coded, collections), _by_group(coded, collections)], ignore_index=True)
    origins = {(c, origin): case for case, c, origin in coded.cases[["case", "collection", "origin_id"]].to_numpy()}
    written = []
    problems = Problems()
    known: dict[tuple[str, str], set[str]] = {
        (str(c), str(by)): set(groups)
        for (c, by), groups in cells.groupby(["collection", "group_by"], sort=False)["group"]
    }
    for row, summary in summaries:
        by, name = (BY_CASE, summary.case) if summary.case else (summary.by, summary.group)
        group = origins.get((summary.collection, name), "") if summary.case else name
        there = known.get((summary.collection, by), set())
        if group not in there:
            names = [o for (c, o), case in origins.items() if c == summary.collection and case in there]
            mend = did_you_mean(name, names if summary.case else sorted(there))
            what = "case" if summary.case else "group"
            message = f"there is no such {what} among those that were coded"
            problems.add(file, message, mend, row=row, column=what, value=name)
        written.append((summary.collection, summary.theme, by, group, summary.summary))
    problems.raise_if_any()
    words = pd.DataFrame(written, columns=[*_CELL, "summary"], dtype="str")
    filled = cells.merge(words, on=_CELL, how="left")
    return FRAMEWORK.of(filled.assign(summary=filled["summary"].fillna("")))


def summaries_file(strand: Strand | None) -> str:
    """The name of a study's file of summaries; empty when it has none."""
    return (strand.summaries or "") if strand else ""


def _by_case(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    cells = case_themes(coded, collections)
    return cells[["collection", "theme"]].assign(
        group_by=BY_CASE, group=cells["case"], n=cells["present"].astype("Int64"), of=1
    )


def _by_group(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    counts = theme_counts(coded, collections)
    groups = counts[(counts["by"] != ALL) & (counts["unit"] == "cases")].rename(columns={"by": "group_by"})
    return groups[["collection", "theme", "group_by", "group", "n", "of"]]
