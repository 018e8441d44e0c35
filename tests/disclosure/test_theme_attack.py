"""Theme counts that must stay hidden: what totals, silence, codes and the other unit tell of them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import tables
from plait.disclosure.gate import publish
from plait.disclosure.rules import PROFILES
from plait.disclosure.suppression import hidden_counts
from plait.disclosure.theme_attack import AttackOnThemes
from plait.disclosure.theme_audit import failing, protect_themes
from plait.disclosure.themes import Row, ThemeHiding
from plait.errors import StudyError
from plait.study import load_study
from some_findings import findings

PUBLIC, STRICT = PROFILES["public"], PROFILES["strict"]
PARENTS = {"food": "", "food_fruit": "food", "food_hot": "food", "time": "", "time_later": "time"}
PLACE = ("notes", "year")
Counts = dict[str, tuple[int, ...]]


def themes_of(
    counts: Counts, bases: tuple[int, ...], unit: str = "sources", unknown: tuple[int, int] = (0, 0)
) -> pd.DataFrame:
    """Counts of themes in groups a, b, c and so on, and their totals; `unknown` people of no group, some of them speak."""
    rows = []
    for theme, of_groups in counts.items():
        row = {"collection": "notes", "theme": theme, "level": "code" if PARENTS[theme] else "theme", "unit": unit}
        rows.append(row | {"by": "", "group": "", "n": sum(of_groups) + unknown[0], "of": sum(bases) + unknown[1]})
        for group, n, of in zip("abcdef", of_groups, bases, strict=False):
            rows.append(row | {"by": "year", "group": group, "n": n, "of": of})
    return tables.THEMES.of(pd.DataFrame(rows))


def hiding_of(themes: pd.DataFrame, *, company: bool = True) -> ThemeHiding:
    return ThemeHiding.of(themes, PARENTS, PUBLIC, company=company)


def hidden(hiding: ThemeHiding, theme: str = "food", unit: str = "sources") -> str:
    return "".join(sorted(hiding.tables[PLACE].hidden[Row(theme, unit)]))


def test_a_count_that_is_hidden_alone_is_found_by_subtraction() -> None:
    hiding = hiding_of(themes_of({"food": (12, 2, 9)}, (20, 20, 20)), company=False)
    attack = AttackOnThemes(hiding, hiding.tables[PLACE])
    assert attack.bounds([(Row("food", "sources"), "b")]) == [(2, 2)]
    protected = hiding_of(themes_of({"food": (12, 2, 9)}, (20, 20, 20)))
    assert hidden(protected) == "bc"
    assert AttackOnThemes(protected, protected.tables[PLACE]).bounds([(Row("food", "sources"), "b")]) == [(1, 10)]


@pytest.mark.parametrize(
    ("counts", "bases", "expected", "why"),
    [
        ((1, 0, 9, 12), (20, 20, 20, 20), "ac", "silence is no company: that somebody speaks of it is known of each"),
        ((1, 1, 9, 12), (20, 20, 20, 20), "abc", "two hidden counts of at least one that add up to two are one each"),
        ((1, 2, 9, 12), (20, 20, 20, 20), "abc", "of three, one is one and the other two"),
        ((2, 2, 9, 12), (20, 20, 20, 20), "ab", "of four, each is one, two or three"),
        ((1, 1, 0), (20, 20, 20), "abc", "nobody else speaks of it: the silence is hidden as well"),
        ((7, 3, 9), (7, 3, 9), "", "everybody speaks of it: the total tells it of each group"),
        ((7, 3, 8), (7, 3, 9), "abc", "all but one do: company, though the total tells nearly all"),
        ((0, 0, 0), (20, 20, 20), "", "nobody speaks of it"),
    ],
)
def test_which_counts_are_hidden(counts: tuple[int, ...], bases: tuple[int, ...], expected: str, why: str) -> None:
    hiding = hiding_of(themes_of({"food": counts}, bases))
    assert hidden(hiding) == expected, why
    assert set(protect_themes(hiding).values()) <= {(len(expected), "no hidden group can be found")}


def test_a_theme_that_is_shown_does_not_tell_of_its_codes() -> None:
    """In group a one person has the theme's only code; a theme of one or two is hidden for itself."""
    hiding = hiding_of(themes_of({"food": (4, 12, 9), "food_fruit": (1, 9, 0)}, (20, 20, 20)))
    table, row = hiding.tables[PLACE], Row("food_fruit", "sources")
    assert hidden(hiding) == ""
    assert AttackOnThemes(hiding, table).bounds([(row, "a")]) == [(1, 4)]  # no more than have the theme


def test_where_a_theme_narrows_a_code_more_is_hidden() -> None:
    """One in each of a and b has the code. The others with it are at most the three of c who have the theme."""
    counts = {"food": (3, 3, 3, 30), "food_fruit": (1, 1, 3, 0)}
    hiding = hiding_of(themes_of(counts, (20, 20, 20, 40)))
    before = hidden(hiding, "food_fruit")
    verdicts = protect_themes(hiding)
    assert verdicts["notes", "year", "food_fruit"][1].startswith("no hidden group can be found")
    assert set(before) <= set(hidden(hiding, "food_fruit"))
    assert not failing(hiding, hiding.tables[PLACE], {})


def test_counts_that_contradict_each_other_stop_the_run(little: Path) -> None:
    """Nine of group c have the code and five the theme above it, so that nothing can be tried of those of b."""
    themes = themes_of({"food": (12, 2, 5), "food_fruit": (2, 2, 9)}, (20, 20, 20))
    with pytest.raises(StudyError, match="the theme counts of 'notes' by 'year' contradict each other") as told:
        publish(load_study(little), findings(themes=themes), PUBLIC)
    assert len(told.value.problems) == 1


def test_texts_and_people_are_hidden_together_where_one_tells_the_other() -> None:
    """Everybody has one text: a count of people is one of texts, and logged once."""
    both = [themes_of({"food": (12, 2, 9)}, (20, 20, 20), unit) for unit in ("sources", "cases")]
    hiding = hiding_of(pd.concat(both, ignore_index=True))
    assert hiding.tables[PLACE].one_text_each
    assert hidden(hiding, unit="sources") == hidden(hiding, unit="cases") == "bc"
    more = [themes_of({"food": (14, 3, 12)}, (25, 20, 24)), themes_of({"food": (12, 2, 9)}, (20, 18, 20), "cases")]
    several = hiding_of(pd.concat(more, ignore_index=True))
    assert not several.tables[PLACE].one_text_each
    protect_themes(several)
    assert not failing(several, several.tables[PLACE], {})


def test_a_group_is_logged_once_with_the_cells_of_texts_and_of_people(little: Path) -> None:
    both = [themes_of({"food": (12, 2, 9)}, (20, 20, 20), unit) for unit in ("sources", "cases")]
    themes = pd.concat(both, ignore_index=True)
    out = {t.name: f for t, f in publish(load_study(little), findings(themes=tables.THEMES.of(themes)), PUBLIC)}
    log = out["published/suppression_log"]
    assert log[["group", "cells"]].to_numpy().tolist() == [["b", 2], ["c", 2]]
    counts = out["published/theme_counts"].set_index(["unit", "group"])
    assert (counts.loc[[("sources", "b"), ("cases", "b"), ("sources", "c"), ("cases", "c")], "marker"] == "c").all()
    audit = out["published/attack_audit"]
    assert audit[["question", "break", "groups_hidden"]].to_numpy().tolist() == [["notes: food", "year", 2]]


@pytest.mark.parametrize("fewest", ["a", "b", "c"])
def test_the_log_does_not_say_which_count_is_small_and_which_is_its_company(little: Path, fewest: str) -> None:
    """Of four who speak of it one is of a group and three of another: whoever knows which is small knows both."""
    spoken = {"a": 12, "b": 12, "c": 12} | {fewest: 1, "abca"["abc".index(fewest) + 1]: 3}
    themes = themes_of({"food": tuple(spoken.values())}, (20, 20, 20))
    out = {t.name: f for t, f in publish(load_study(little), findings(themes=tables.THEMES.of(themes)), PUBLIC)}
    log = out["published/suppression_log"]
    assert log["group"].tolist() == sorted(group for group, n in spoken.items() if n < 12)
    assert log["rule"].nunique() == 1


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=4),
    st.tuples(st.integers(0, 1), st.integers(0, 1)),
)
@settings(max_examples=150, deadline=None)
def test_programmes_find_what_trying_every_count_finds(cells: list[tuple[int, int]], unknown: tuple[int, int]) -> None:
    """Bounds are those of all whole counts that agree with what is shown, and small counts are left open."""
    spoke, of_unknown = unknown[0], sum(unknown)
    bases = tuple(n + silent for n, silent in cells)
    hiding = hiding_of(themes_of({"food": tuple(n for n, _ in cells)}, bases, unknown=(spoke, of_unknown)))
    table, row = hiding.tables[PLACE], Row("food", "sources")
    groups = list(table.hidden[row])
    if not groups:
        return
    least = 0 if len(groups) == len(cells) else 1
    together = table.totals[row] - sum(n for g, n in table.counts[row].items() if g not in groups)
    ranges = [range(least, table.bases["sources"][g] + 1) for g in groups]
    agree = [found for found in product(*ranges) if 0 <= together - sum(found) <= of_unknown]
    bounds = AttackOnThemes(hiding, table).bounds([(row, g) for g in groups])
    assert bounds == [(min(f[i] for f in agree), max(f[i] for f in agree)) for i in range(len(groups))]
    for group in hiding.small(table, row):
        found = bounds[groups.index(group)]
        assert found is not None
        assert found[1] - found[0] >= min(2, table.open_to(row, group))


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 4), min_size=2, max_size=4), st.sampled_from([PUBLIC, STRICT]))
@settings(max_examples=40, deadline=None)
def test_no_counts_at_random_are_given_away(groups: list[tuple[int, ...]], rules: object) -> None:
    """Theme and two codes: whoever has a code has the theme; people may have several texts."""
    silent, only_theme, fruit, hot = (list(part) for part in zip(*groups, strict=True))
    counts = {
        "food": tuple(t + f + h for t, f, h in zip(only_theme, fruit, hot, strict=True)),
        "food_fruit": tuple(fruit), "food_hot": tuple(hot),
    }  # fmt: skip
    bases = tuple(s + n for s, n in zip(silent, counts["food"], strict=True))
    hiding = hiding_of(themes_of(counts, bases))
    verdicts = protect_themes(hiding)
    assert all("no hidden group can be found" in words for _, words in verdicts.values())
    table = hiding.tables[PLACE]
    cells = [(row, group) for row in table.hidden for group in table.hidden[row]]
    for (row, group), found in zip(cells, AttackOnThemes(hiding, table).bounds(cells), strict=True):
        assert found is not None
        assert found[0] <= table.counts[row][group] <= found[1]


def test_hidden_counts_leave_room_for_people_of_no_known_group() -> None:
    assert hidden_counts({"a": 1, "b": 9}, {"a": 20, "b": 20}, PUBLIC, total=12, everyone=45) == {
        "a": "fewer than 3 people", "b": "so that a small count cannot be found by subtraction",
    }  # fmt: skip
