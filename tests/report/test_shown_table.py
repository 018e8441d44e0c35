"""A table in a notebook says what its rows say, as text, and how it was cut."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from plait.report.shown_table import RESOURCE, ShownTable, shown_table, table_markup


@pytest.fixture
def libraries() -> ShownTable:
    """Three kinds of school and how many of their libraries are open at lunch; special schools are withheld."""
    frame = pd.DataFrame(
        {
            "phase": ["Primary", "Secondary", "Special"],
            "per_cent": [61.0, 48.5, None],
            "p": [1.18e-20, 0.04, None],
            "n": pd.array([690, 1071, None], dtype="Int64"),
            "has_librarian": pd.array([False, True, None], dtype="boolean"),
            "remark": ["", "", ""],
            "marker": ["", "u", "c"],
            "source": ["the panel"] * 3,
        }
    ).astype({"phase": "str", "remark": "str", "marker": "str", "source": "str"})
    return shown_table(frame, "Open at lunch")


def test_numbers_are_printed_in_their_shortest_exact_form(libraries: ShownTable) -> None:
    columns = dict(zip(libraries.columns, zip(*libraries.rows, strict=True), strict=True))
    assert columns["per_cent"] == ("61", "48.5", "[c]")
    assert columns["p"] == ("1.18e-20", "0.04", "[c]")
    assert columns["n"] == ("690", "1071", "[c]")
    assert columns["has_librarian"] == ("no", "yes", "\u2013")


def test_what_says_nothing_is_left_out_and_what_all_rows_share_is_said_once(libraries: ShownTable) -> None:
    assert "remark" not in libraries.columns
    assert "source" not in libraries.columns
    assert "In all rows, source: the panel." in libraries.remark
    assert "[c] suppressed for confidentiality; [u] unreliable: small base" in libraries.remark


def test_a_number_that_is_missing_without_a_marker_does_not_apply() -> None:
    shown = shown_table(pd.DataFrame({"test": ["a", "b"], "df2": [3.0, None]}), "Tests")
    assert [row[1] for row in shown.rows] == ["3", "[z]"]
    assert shown.remark == "Shorthand: [z] not applicable."


def test_a_long_table_says_where_it_was_cut() -> None:
    shown = shown_table(pd.DataFrame({"n": range(100)}), "Many", most=10)
    assert len(shown.rows) == 10
    assert shown.remark == "The first 10 of 100 rows; all of them are in the published file."


def test_a_table_without_rows_says_so() -> None:
    shown = shown_table(pd.DataFrame({"theme": [], "n": []}), "Themes")
    assert str(shown) == "Themes: nothing of this kind was published."
    assert table_markup(shown.resource()) == "<p>Themes: nothing of this kind was published.</p>"


def test_several_columns_may_name_a_row() -> None:
    frame = pd.DataFrame({"question": ["q", "q"], "empty": ["", ""], "option": ["a", "b"], "n": [1, 2]})
    page = BeautifulSoup(table_markup(shown_table(frame, "Both", headers=3).resource()), "html.parser")
    assert [th.text for th in page.select("tbody th[scope=row]")] == ["q", "a", "q", "b"]
    assert [td.text for td in page.select("td.n")] == ["1", "2"]
    assert [th.text for th in page.select("thead th[scope=col]")] == ["question", "option", "n"]


def test_words_are_never_markup() -> None:
    hostile = "<script>alert(1)</script>\u202e"
    frame = pd.DataFrame({hostile: ["a", hostile], "b": [hostile, "&amp;"]})
    bundle = shown_table(frame, hostile)._repr_mimebundle_()
    assert "<script" not in bundle["text/html"]
    page = BeautifulSoup(bundle["text/html"], "html.parser")
    assert page.caption is not None
    assert page.caption.text == "<script>alert(1)</script>"
    assert [cell.text for cell in page.select("tbody td")] == ["<script>alert(1)</script>", "&amp;"]
    assert bundle[RESOURCE]["data"][1]["b"] == "&amp;"


def test_a_resource_that_somebody_tampered_with_is_escaped_all_the_same() -> None:
    bad = {"title": "</caption><img src=x>", "schema": {"fields": [{"name": "<b>"}]}, "data": [{"<b>": "<i onload=x>"}]}
    assert "<img" not in table_markup(bad)
    assert "<i " not in table_markup(bad)
    assert "<b>" not in table_markup(bad)
