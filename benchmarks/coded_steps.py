"""Everything that is done with coded text, step by step, in one process: FOLDER MARKS.npy.

Prints what each step took and found. The marks of the paragraphs go to a file, for other programs to compare coders on.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from plait.qualitative import units as unit
from plait.qualitative.agreement import Coding, coder_agreement
from plait.qualitative.case_matrix import case_themes, wide
from plait.qualitative.cautions import counting_notes
from plait.qualitative.comparison import Clusters, ManyComparison
from plait.qualitative.cooccurrence import cooccurrence
from plait.qualitative.final_coding import final_sheet
from plait.qualitative.framework import framework, summaries_file
from plait.qualitative.quote_candidates import quote_candidates
from plait.qualitative.quotes import select_quotes
from plait.qualitative.readers import read_coded_text
from plait.qualitative.saturation import saturation
from plait.qualitative.screening import Leaving, Screen, screen
from plait.qualitative.settling import settle
from plait.qualitative.similarity import case_similarity
from plait.qualitative.themes import theme_counts
from plait.qualitative.worklist import marks_of, worklist
from plait.study import Study, load_study

T = TypeVar("T")


class _Clock:
    """Seconds of processor time of each step, in their order."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float, str]] = []

    def __call__(self, what: str, work: Callable[[], T], found: Callable[[T], str] = lambda _: "") -> T:
        start = time.process_time()
        result = work()
        self.steps.append((what, time.process_time() - start, found(result)))
        return result


def main() -> None:
    folder, marks_file = map(Path, sys.argv[1:])
    clock = _Clock()
    study = clock("the definition and its side files", lambda: load_study(folder))
    (name,) = study.collections
    coded = clock(
        "reading the project",
        lambda: read_coded_text(study.collections, study.raw, study.codebook),
        lambda c: (
            f"{len(c.sources):,} texts of {int(c.sources['n_chars'].sum()):,} characters, "
            f"{len(c.segments):,} segments; {c.import_log['offset_convention'].max()}"
        ),
    )
    lines = clock("worklist", lambda: worklist(coded, name), lambda w: f"{len(w):,} disagreements")
    agreement = clock(
        "agreement, 2,000 resamples",
        lambda: coder_agreement(coded, study.collections).coefficients,
        lambda rows: f"{len(rows):,} coefficients, {int(rows['low'].notna().sum()):,} with an interval",
    )
    settled = clock(
        "settling",
        lambda: settle(coded, study),
        lambda s: f"{len(lines):,} decisions of the worklist, {len(s.effects)} of the log",
    )
    _count(clock, study, name, settled.decided)
    once, alphas = _alphas(coded, name, marks_file)
    rows = agreement[
        (agreement["coders"] == "all")
        & (agreement["unit"] == unit.PARAGRAPH)
        & (agreement["coefficient"] == "krippendorff_alpha")
        & (agreement["level"] == "code")
    ]
    if not np.allclose(rows["value"].to_numpy(), alphas, rtol=0, atol=1e-9, equal_nan=True):
        raise SystemExit("the table of agreement has other alphas than the marks")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"steps": clock.steps, "peak_mb": peak, "alpha_seconds": once, "alphas": alphas}))


def _count(clock: _Clock, study: Study, name: str, settled: Any) -> None:
    """What is counted in the settled coding, and what of it is shown."""
    collections = study.collections
    clock("final sheet", lambda: final_sheet(settled, name, collections[name]))
    clock("theme counts", lambda: theme_counts(settled, collections), _rows)
    clock("counting notes", lambda: counting_notes(settled, collections))
    cells = clock("cases by themes", lambda: case_themes(settled, collections), _rows)
    clock("case matrix", lambda: wide(cells, settled.cases))
    file = summaries_file(study.definition.coded_text)
    clock("framework matrix", lambda: framework(settled, collections, study.summaries, file), _rows)
    clock("co-occurrence", lambda: cooccurrence(settled, collections), _rows)
    clock("similarity of cases", lambda: case_similarity(settled, collections).pairs, _rows)
    clock("saturation", lambda: saturation(settled, collections).curve, _rows)
    quotes = clock("quotations", lambda: select_quotes(settled, collections, study.quotes, study.quote_file), _rows)
    candidates = clock("candidates for quotation", lambda: quote_candidates(settled, collections, quotes), _rows)
    leaving = [
        *(Leaving("quotes", "a quotation", text) for text in quotes["text"]),
        *(Leaving("candidates", "a passage", text) for text in candidates["text"]),
        *(Leaving("codebook", "a definition", entry.definition) for entry in study.codebook),
        *(Leaving("summaries", place, summary.summary) for place, summary in study.summaries),
    ]
    clock("screening", lambda: screen(leaving, Screen.of(study.denied_names)), lambda _: f"{len(leaving):,} strings")


def _alphas(coded: Any, name: str, file: Path) -> tuple[float, list[float]]:
    """Seconds of processor time for the alpha of every code over paragraphs, once, from marks as peers are given them."""
    (marks,) = marks_of(Coding.of(coded, name))
    np.save(file, marks.given)
    asked, offered = marks.asked.any(axis=2), marks.asked.any(axis=1)
    best = np.inf
    for _ in range(5):
        start = time.process_time()
        clusters = Clusters.of(marks.units.first, marks.units.weight)
        compared = ManyComparison.of(marks.given, asked, offered, clusters, with_sets=False)
        alphas = compared.as_it_is["krippendorff_alpha"][0, :-1]
        best = min(best, time.process_time() - start)
    return best, alphas.tolist()


def _rows(table: Any) -> str:
    return f"{len(table):,} rows"


if __name__ == "__main__":
    main()
