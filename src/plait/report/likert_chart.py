"""The chart of a scale: stacked bars that part at its middle or start at one line, a row a group."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, based, is_unreliable, per_cent, records, shorten
from plait.report.palette import BODY, QUIET, SMALL, darkening, diverging, ink_on
from plait.report.sheet import LEFT, LINE, RIGHT, SWATCH, Sheet, fit, text_width, wrap

_STACK = 0.24


@dataclass(frozen=True)
class Steps:
    """How a scale is laid out: its steps from left to right, and what stands in columns at the right."""

    stack: tuple[str, ...]
    columns: tuple[str, ...]
    """A net and the options that are no step of the scale."""
    colours: tuple[str, ...]
    """One a step."""
    before: float
    """How many steps lie left of the line that all bars share."""


def from_the_middle(stack: tuple[str, ...], columns: tuple[str, ...]) -> Steps:
    """A scale between two opposite poles: bars part at its middle."""
    return Steps(stack, columns, diverging(len(stack)), len(stack) / 2)


def from_one_line(stack: tuple[str, ...], columns: tuple[str, ...]) -> Steps:
    """A scale from none to much: bars start at one line."""
    return Steps(stack, columns, darkening(len(stack)), 0)


def likert(frame: pd.DataFrame, words: Words, steps: Steps) -> Figure:
    """Stacked bars; a row for everyone, then one a group.

    Args:
        frame: group, group_label, base_unweighted, option, option_label, per_cent, marker; a row an option and group.
        words: What stands around the chart.
        steps: The options of the stack and of the columns beside it.
    """
    sheet = Sheet(words)
    colours = dict(zip(steps.stack, steps.colours, strict=True))
    names = {r.option: shorten(r.option_label, 60) for r in records(frame)}
    groups = [rows for _, rows in frame.groupby("group", sort=False)]
    labels = [_name_and_base(rows) for rows in groups]
    column = max(text_width(line, BODY, True) for lines, _ in labels for line in lines)
    wide = 0.78
    stack_left, stack_right = LEFT + column + 0.1, RIGHT - wide * len(steps.columns) - 0.06
    tables = [dict(zip(rows["option"], rows["per_cent"], strict=True)) for rows in groups]
    left, right = _extent(steps, tables)
    scale = (stack_right - stack_left) / max(left + right, 1.0)
    room = stack_right - LEFT - SWATCH - 0.1
    legend = _legend_rows([(colours[o], fit(names[o], room, SMALL)) for o in steps.stack], stack_right)
    _band(sheet, legend, [names[o] for o in steps.columns], stack_right + 0.06, wide)
    zero, bottom = stack_left + left * scale, sheet.y - 0.06
    for (lines, base), rows, shares in zip(labels, groups, tables, strict=True):
        height = len(lines) * BODY * LINE + SMALL * LINE
        middle = sheet.y + height / 2
        sheet.lines(LEFT, sheet.y, lines, BODY, bold=bool((rows["group"] == "").all()))
        sheet.lines(LEFT, sheet.y + len(lines) * BODY * LINE, [base], SMALL, colour=QUIET)
        sheet.y += height + 0.09
        sheet.rule((zero, bottom), (zero, middle - _STACK / 2), QUIET, 0.8)
        bottom = middle + _STACK / 2
        _stack(sheet, middle, shares, stack_left + (left - _before(steps, shares)) * scale, scale, colours)
        markers = dict(zip(rows["option"], rows["marker"], strict=True))
        for i, option in enumerate(steps.columns):
            shown = per_cent(shares[option], markers[option])
            sheet.text(stack_right + 0.06 + wide * (i + 0.5), middle, shown, BODY, bold=i == 0, align="center")
    sheet.rule((zero, bottom), (zero, bottom + 0.1), QUIET, 0.8)
    return sheet.finish()


def _name_and_base(rows: pd.DataFrame) -> tuple[list[str], str]:
    """A group's name in lines, and its base, marked where it is small."""
    first = rows.iloc[0]
    base = first["base_unweighted"]
    small = any(is_unreliable(m) for m in rows["marker"])
    return wrap(shorten(first["group_label"], 60), 1.3, BODY, True), based(base, small)


def _before(steps: Steps, shares: dict[str, float]) -> float:
    """What lies left of the shared line: of a scale between poles its lower half, with half of a middle step."""
    whole = int(steps.before)
    part = steps.before - whole
    return sum(shares[o] for o in steps.stack[:whole]) + (part * shares[steps.stack[whole]] if part else 0.0)


def _extent(steps: Steps, tables: list[dict[str, float]]) -> tuple[float, float]:
    left = [_before(steps, shares) for shares in tables]
    right = [sum(shares[o] for o in steps.stack) - start for shares, start in zip(tables, left, strict=True)]
    return max(left), max(right)


def _stack(
    sheet: Sheet, middle: float, shares: dict[str, float], x: float, scale: float, colours: dict[str, str]
) -> None:
    gap = 0.012
    for option, colour in colours.items():
        width = shares[option] * scale
        sheet.bar(x, middle, max(width - gap, 0.0), colour, _STACK)
        shown = per_cent(shares[option])
        if text_width(shown, SMALL) + 0.04 <= width:
            sheet.text(x + (width - gap) / 2, middle, shown, SMALL, colour=ink_on(colour), align="center")
        x += width


def _legend_rows(entries: list[tuple[str, str]], right: float) -> list[list[tuple[float, str, str]]]:
    """Swatches in the order of the bars, as many in a line as there is room for: place, colour and name."""
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = LEFT
    for colour, name in entries:
        width = SWATCH + text_width(name, SMALL)
        if rows[-1] and x + width > right:
            rows.append([])
            x = LEFT
        rows[-1].append((x, colour, name))
        x += width + 0.14
    return rows


def _band(sheet: Sheet, legend: list[list[tuple[float, str, str]]], heads: list[str], x: float, wide: float) -> None:
    """The legend and, right of it, the column heads; both end above the first row."""
    wrapped = [wrap(head, wide - 0.06, SMALL, i == 0) for i, head in enumerate(heads)]
    line, legend_line = SMALL * LINE, BODY * LINE + 0.03
    bottom = sheet.y + max(len(legend) * legend_line, *(len(lines) * line for lines in wrapped), 0.0)
    for i, row in enumerate(legend):
        middle = bottom - (len(legend) - i - 0.5) * legend_line
        for left, colour, name in row:
            sheet.bar(left, middle, 0.13, colour, 0.13)
            sheet.text(left + SWATCH, middle, name, SMALL)
    for i, lines in enumerate(wrapped):
        for j, text in enumerate(lines):
            middle = bottom - (len(lines) - j - 0.5) * line
            sheet.text(x + wide * (i + 0.5), middle, text, SMALL, bold=i == 0, align="center")
    sheet.y = bottom + 0.1
