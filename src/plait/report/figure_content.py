"""What a figure shows: the rows of published tables that it draws, its words, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from plait.report.figure_words import Words
from plait.report.headlines import about

if TYPE_CHECKING:  # drawing is imported where it happens: readers of the index need no matplotlib
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Content:
    """What a figure shows: its data, its words, and how it is drawn (None where there is nothing to draw)."""

    data: pd.DataFrame
    title: str
    subtitle: str
    notes: list[str]
    draw: Callable[[Words], Figure] | None


def nothing_to_show(label: str, data: pd.DataFrame, subtitle: str, why: list[str]) -> Content:
    """An empty figure that says why."""
    return Content(data, about(label, "nothing to show"), subtitle, why, None)


def in_order(rows: pd.DataFrame, column: str, order: Sequence[str]) -> pd.DataFrame:
    """Rows in the order of the values of a column; values that are not in it come last."""
    place = {value: i for i, value in enumerate(order)}
    keyed = rows.assign(place=[place.get(value, len(place)) for value in rows[column]])
    return keyed.sort_values("place", kind="stable").drop(columns="place")
