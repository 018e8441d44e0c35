"""The survey's estimates as they are published: shares, nets, and the numbers of questions that are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.cells import Cell
from plait.disclosure.hiding import SHARES, Hiding, places_of
from plait.disclosure.labels import Labels, labelled, remarks
from plait.disclosure.rounded import decimals_for, people, per_cents, rounded
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.rounding import round_half_up
from plait.survey.letters import letter, letters
from plait.tables import ALL, Table

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Verdict:
    """What the rules say about the rows of a table of estimates."""

    suppressed: Mask
    """The whole group, its bases included."""
    in_cells: Mask
    """Numbers of a group of which the bases are shown."""
    withheld: Mask
    empty: Mask
    flagged: Mask

    @property
    def no_value(self) -> Mask:
        return self.suppressed | self.in_cells | self.withheld | self.empty

    def markers(self, rounds_to_zero: Mask) -> npt.NDArray[np.str_]:
        marks = [self.suppressed | self.in_cells, self.empty, self.flagged, rounds_to_zero]
        return np.asarray(np.select(marks, ["c", "z", "u", "low"], ""), dtype=str)


def estimates_table(
    main: pd.DataFrame, pairs: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog
) -> pd.DataFrame:
    """Shares and nets, one row a cell: the weighted estimate where there is one, its unweighted value beside it."""
    rules = hiding.rules
    main = main[main["measure"].isin(SHARES)].reset_index(drop=True)
    hiding.note_merged(main, tables.PUBLISHED_ESTIMATES, log)
    main, pairs = hiding.shown(main), hiding.shown(pairs)
    verdict = _judge(main, tables.PUBLISHED_ESTIMATES, hiding, log)
    hidden = verdict.no_value
    per_cent = np.where(hidden, np.nan, per_cents(main["value"], rules))
    rounds_to_zero = ~hidden & (per_cent == 0) & (main["value"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_ESTIMATES.of(
        _names(main, labels)
        .join([_bases(main, verdict, rules), _letters(main, pairs, labels, verdict)])
        .assign(
            option=main["option"],
            option_label=labelled(main, labels.item, "question", "option"),
            grain=main["grain"],
            per_cent=per_cent,
            ci_low=np.where(hidden, np.nan, per_cents(main["ci_low"], rules)),
            ci_high=np.where(hidden, np.nan, per_cents(main["ci_high"], rules)),
            per_cent_unweighted=np.where(hidden, np.nan, per_cents(main["value_unweighted"], rules)),
            method=main["method"].mask(hidden, ""),  # which interval it would be may tell that nobody chose it
            marker=verdict.markers(rounds_to_zero),
            note=remarks(main["note"].mask(verdict.suppressed, ""), main["weight_set"], labels),  # it may tell how few
        )
    )


def numbers_table(main: pd.DataFrame, labels: Labels, hiding: Hiding, log: SuppressionLog) -> pd.DataFrame:
    """Means, medians, totals and ratios, rounded by the size of the question's figure for everyone."""
    main = main[~main["measure"].isin(SHARES)].reset_index(drop=True)
    hiding.note_merged(main, tables.PUBLISHED_NUMBERS, log)
    main = hiding.shown(main)
    verdict = _judge(main, tables.PUBLISHED_NUMBERS, hiding, log)
    impossible = ~np.isfinite(main["value"].to_numpy(dtype=float))
    verdict = replace(verdict, empty=verdict.empty | (impossible & ~verdict.suppressed))
    digits = _decimals(main)

    def shown(column: str) -> list[float]:
        values = zip(main[column], digits, verdict.no_value, strict=True)
        return [np.nan if hidden else round_half_up(value, d) for value, d, hidden in values]

    return tables.PUBLISHED_NUMBERS.of(
        _names(main, labels)
        .join(_bases(main, verdict, hiding.rules))
        .assign(
            unit=main["question"].map(labels.unit),
            value=shown("value"),
            ci_low=shown("ci_low"),
            ci_high=shown("ci_high"),
            value_unweighted=shown("value_unweighted"),
            method=main["method"],
            marker=verdict.markers(np.zeros(len(main), dtype=bool)),
            note=remarks(main["note"].mask(verdict.suppressed, ""), main["weight_set"], labels),
        )
    )


def _judge(main: pd.DataFrame, table: Table, hiding: Hiding, log: SuppressionLog) -> _Verdict:
    """What is hidden of rows of estimates; a place is logged once a rule, with the cells of it that are hidden."""
    rules, places = hiding.rules, list(places_of(main))
    groups = main["group"].tolist()
    base = main["base_unweighted"].astype(int).to_numpy()
    of_group = np.array(
        [hiding.groups.get(p, {}).get(g, "") for p, g in zip(places, groups, strict=True)], dtype=object
    )
    suppressed, empty = of_group != "", base == 0
    withheld = ~suppressed & ~empty & (base < rules.withhold_below)
    of_cell = np.full(len(main), "", dtype=object)
    if rules.cell_below:
        keys = zip(places, groups, main["option"].tolist(), strict=True)
        rule = _rule_of_cell if table is tables.PUBLISHED_ESTIMATES else _rule_of_answers
        of_cell = np.array([rule(hiding.cells.get(p, {}), g, o) for p, g, o in keys], dtype=object)
        of_cell[suppressed | withheld | empty] = ""
    of_base = np.where(withheld, f"base below {rules.withhold_below}", "")
    for place, group, hidden, why in zip(places, groups, (of_group != "") | (of_cell != ""), of_base, strict=True):
        if hidden:
            log.add_hidden(table, place.question, place.break_, group)
        elif why:
            log.add(table, place.question, place.break_, group, str(why))
    in_cells = (of_cell != "") | (withheld if rules.cell_below else np.zeros(len(main), dtype=bool))
    flagged = ~suppressed & ~empty & ~in_cells & (base < rules.flag_below)
    return _Verdict(suppressed, in_cells, withheld, empty, flagged)


def _rule_of_cell(cells: Mapping[Cell, str], group: str, option: str) -> str:
    return cells.get((group, option), "")


def _rule_of_answers(cells: Mapping[Cell, str], group: str, _: str) -> str:
    """By which rule a number of a scale with scores is hidden: with the answers that are shown it tells of the others."""
    return next((rule for (of_group, _), rule in cells.items() if of_group == group), "")


def _names(main: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "question": main["question"],
            "question_label": main["question"].map(labels.variable),
            "measure": main["measure"],
            "break": main["break"],
            "break_label": main["break"].map(labels.variable),
            "group": main["group"],
            "group_label": labelled(main, labels.group, "break", "group"),
            "weight_set": main["weight_set"],
        }
    )


def _bases(main: pd.DataFrame, verdict: _Verdict, rules: Rules) -> pd.DataFrame:
    whole = {name: pd.Series(rounded(main[name], 0), main.index) for name in ("base_weighted", "base_effective")}
    bases = {"base_unweighted": main["base_unweighted"], **whole}
    return pd.DataFrame({name: people(base, rules).mask(verdict.suppressed) for name, base in bases.items()})


def _letters(main: pd.DataFrame, pairs: pd.DataFrame, labels: Labels, verdict: _Verdict) -> pd.DataFrame:
    """Each group's letter, and the letters of the groups it is higher than; a hidden group has and lends none."""
    table = ["question", "option", "break", "weight_set"]
    rows = pd.MultiIndex.from_frame(pairs[table].drop_duplicates())
    place = rows.get_indexer(pd.MultiIndex.from_frame(main[table]))
    of_respondents = (main["grain"] == "respondent").to_numpy(dtype=bool)
    shown = np.where(of_respondents & ~verdict.no_value, place, -1)
    column = _columns(main, "group", labels)
    visible = set(zip(shown[shown >= 0], column[shown >= 0], strict=True))
    row = rows.get_indexer(pd.MultiIndex.from_frame(pairs[table]))
    group, other = _columns(pairs, "group", labels), _columns(pairs, "other", labels)
    both = [(r, g) in visible and (r, o) in visible for r, g, o in zip(row, group, other, strict=True)]
    p = np.where(both, pairs["p_adjusted"].to_numpy(dtype=float), np.nan)
    shape = (len(rows), 1 + int(column.max(initial=0)))
    cells = letters(row, group, other, pairs["difference"].to_numpy(dtype=float), p, shape, labels.level)
    own = [letter(int(c)) if r >= 0 else "" for r, c in zip(shown, column, strict=True)]
    higher = [str(cells[r, c]) if r >= 0 else "" for r, c in zip(shown, column, strict=True)]
    return pd.DataFrame({"letter": own, "higher_than": higher}, index=main.index)


def _columns(frame: pd.DataFrame, group: str, labels: Labels) -> npt.NDArray[np.int64]:
    """The place of each group within its break."""
    found = labelled(frame, labels.column, "break", group)
    return np.array(found, dtype=np.int64)


def _decimals(main: pd.DataFrame) -> list[int]:
    """Decimals of every row: those that suit the figure of its question and measure for everyone."""
    everyone = main[main["break"] == ALL]
    size = dict(zip(zip(everyone["question"], everyone["measure"], strict=True), everyone["value"], strict=True))
    places = zip(main["question"], main["measure"], strict=True)
    return [decimals_for(value) if np.isfinite(value := size.get(place, np.nan)) else 2 for place in places]
