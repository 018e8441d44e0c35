import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as by_statsmodels

from plait.qualitative.agreement import coder_agreement, cohen_kappa
from plait.qualitative.sheets import read_sheets
from plait.qualitative.tool_files import read_tool_files
from qualitative.coded_files import (
    BEN,
    BOOK,
    COVER,
    MEETINGS,
    PAY,
    coding,
    project_spec,
    project_xml,
    selection,
    sheets_spec,
    source,
    write_csv,
    write_qdpx,
)

CELLS = st.integers(0, 400)


def kappa(both: int, only_a: int, only_b: int, neither: int) -> tuple[float, float, float]:
    found = cohen_kappa(*(np.array([cell]) for cell in (both, only_a, only_b, neither)))
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


def test_a_known_table() -> None:
    value, low, high = kappa(20, 5, 10, 15)
    assert value == pytest.approx(0.4)
    assert (round(low, 3), round(high, 3)) == (0.151, 0.649)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # statsmodels divides by a standard error of zero
@given(CELLS, CELLS, CELLS, CELLS)
def test_kappa_and_its_interval_are_those_of_statsmodels(both: int, only_a: int, only_b: int, neither: int) -> None:
    value, low, high = kappa(both, only_a, only_b, neither)
    if both + only_a + only_b == 0 or only_a + only_b + neither == 0:
        assert np.isnan([value, low, high]).all()
        return
    expected = by_statsmodels(np.array([[both, only_a], [only_b, neither]]))
    assert value == pytest.approx(expected.kappa, abs=1e-9)
    if value < 1 - 1e-9:
        half = 1.959963984540054 * np.sqrt(max(expected.var_kappa, 0))
        assert low == pytest.approx(max(expected.kappa - half, -1), abs=1e-6)
        assert high == pytest.approx(min(expected.kappa + half, 1), abs=1e-6)


def test_many_codes_at_once_are_each_on_their_own() -> None:
    tables = np.random.default_rng(1).integers(0, 30, size=(4, 50))
    together = cohen_kappa(*tables)
    for i in range(50):
        assert float(together.value[i]) == pytest.approx(kappa(*tables[:, i])[0], nan_ok=True)


def test_sheets_are_compared_on_shared_answers_and_shared_columns(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover", "Meetings", "Pay", "unclear"]
    ann = [
        header,
        ["1", "p", "a", "1", "", "", ""],
        ["2", "p", "b", "1", "", "", "1"],
        ["3", "p", "c", "", "", "", ""],
        ["4", "p", "d", "", "", "", "1"],
        ["5", "p", " ", "", "", "", ""],
    ]
    ben = [
        [c for c in header if c != "Meetings"],
        ["1", "p", "a", "1", "", ""],
        ["2", "p", "b", "", "", "1"],
        ["3", "p", "c", "", "", ""],
        ["4", "p", "d", "", "", "1"],
        ["6", "p", "f", "1", "1", ""],
    ]
    write_csv(tmp_path / "ann.csv", ann)
    write_csv(tmp_path / "ben.csv", ben)
    write_csv(tmp_path / "cleo.csv", [ben[0], ben[2], ben[5]])
    write_csv(tmp_path / "final.csv", ann)
    spec = sheets_spec(
        {"file": "ann.csv", "coder": "Ann"},
        {"file": "ben.csv", "coder": "Ben"},
        {"file": "cleo.csv", "coder": "Cleo", "assigned": "marked"},
        {"file": "final.csv", "coder": "final", "adjudicated": True},
        count_from="final",
    )
    table = coder_agreement(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec})
    assert list(dict.fromkeys(zip(table["coder_a"], table["coder_b"], strict=True))) == [
        ("Ann", "Ben"),
        ("Ann", "Cleo"),
        ("Ben", "Cleo"),
    ]
    pair = table[table["coder_b"] == "Ben"].set_index("code")
    # Ben had no column for meetings, so nobody disagreed on it; nobody used pay, and that is no agreement either.
    assert list(pair.index) == ["time_cover", "money_pay", "unclear", ""]
    assert set(pair["n_units"]) == {4}
    assert pair.loc["time_cover", ["both", "only_a", "only_b", "neither"]].tolist() == [1, 1, 0, 2]
    assert pair.loc["time_cover", "kappa"] == pytest.approx(0.5)
    assert pd.isna(pair.loc["money_pay", "kappa"])
    assert pair.loc["money_pay", "note"].startswith("not estimable")
    assert pair.loc["unclear", "kappa"] == 1
    assert "full agreement" in pair.loc["unclear", "note"]
    assert pair.loc["", "kappa"] == pytest.approx(0.75)
    assert pair.loc["", "agreement"] == 0.75
    assert pair.loc["", "note"] == "mean over 2 of 3 codes"
    assert pd.isna(pair.loc["", "both"])
    few = table[(table["coder_a"] == "Ann") & (table["coder_b"] == "Cleo")].iloc[-1]
    assert few["n_units"] == 1


def test_coders_without_a_shared_text_have_a_row_that_says_so(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover"]
    write_csv(tmp_path / "ann.csv", [header, ["1", "p", "a", "1"]])
    write_csv(tmp_path / "ben.csv", [header, ["2", "p", "b", "1"]])
    spec = sheets_spec({"file": "ann.csv", "coder": "Ann"}, {"file": "ben.csv", "coder": "Ben"})
    table = coder_agreement(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec})
    assert len(table) == 1
    assert table["note"].iloc[0] == "not estimable: no unit was given to both coders"
    one = sheets_spec({"file": "ann.csv", "coder": "Ann"})
    assert len(coder_agreement(read_sheets("answers", one, tmp_path, BOOK), {"answers": one})) == 0


TEXT = "No cover here.\n\n   \nPay is poor\nMeetings, meetings\nand more of them"


def paragraphs_project(tmp_path, **more: object) -> pd.DataFrame:
    pay = TEXT.index("Pay is")
    meetings = TEXT.index("meetings")
    xml = project_xml(
        source(
            "T1",
            selection(0, 14, coding(COVER)),
            # Ben's stretch is another one in the same paragraph, and takes the line end with it.
            selection(3, 15, coding(COVER, BEN)),
            selection(pay, pay + 11, coding(PAY)),
            # One character of the next paragraph is enough to code it.
            selection(pay, pay + 13, coding(PAY, BEN)),
            # Over a line end: two paragraphs.
            selection(meetings, len(TEXT), coding(MEETINGS)),
            coding(MEETINGS, BEN),
            path="internal://t1.txt",
        ),
        source("T2", selection(0, 3, coding(COVER), coding(COVER, BEN)), path="internal://gone.txt"),
    )
    write_qdpx(tmp_path, xml, {"t1.txt": TEXT.encode()})
    spec = project_spec(**more)
    return coder_agreement(read_tool_files("talks", spec, tmp_path, BOOK), {"talks": spec}).set_index("code")


def test_paragraphs_are_units_when_the_definition_says_so(tmp_path) -> None:
    table = paragraphs_project(tmp_path)
    cells = ["both", "only_a", "only_b", "neither"]
    assert set(table["unit"]) == {"paragraph"}
    assert set(table["n_units"]) == {4}
    assert table.loc["time_cover", cells].tolist() == [1, 0, 0, 3]
    assert table.loc["money_pay", cells].tolist() == [1, 0, 1, 2]
    assert table.loc["time_meetings", cells].tolist() == [2, 0, 2, 0]
    assert table.loc["", "agreement"] == 0.25
    assert table.loc["", "note"] == "mean over 3 of 3 codes; shared sources without a text to divide, left out: 1"


def test_whole_sources_are_units_when_the_definition_says_so(tmp_path) -> None:
    table = paragraphs_project(tmp_path, agreement_unit="source")
    assert set(table["n_units"]) == {2}
    assert table.loc["money_pay", ["both", "only_a", "only_b", "neither"]].tolist() == [1, 0, 0, 1]
    assert "both coders gave the code throughout" in table.loc["time_cover", "note"]


@pytest.mark.parametrize("seed", range(8))
def test_paragraphs_are_counted_like_single_characters_would_be(tmp_path, seed: int) -> None:
    """Random stretches, held against a look at every character of every line."""
    rng = random.Random(seed)
    text = "".join(rng.choice(["word ", "\n", "other ", " \n"]) for _ in range(120))
    places = [(rng.choice("ab"), *sorted(rng.sample(range(len(text)), 2))) for _ in range(3)]
    places = [(who, a, min(b, a + 60)) for who, a, b in places]
    # Stretches that start and end at a line end are where a count goes wrong.
    breaks = [i for i, character in enumerate(text) if character == "\n"]
    pairs = [sorted(rng.sample(breaks, 2)) for _ in range(4)]
    places += [(rng.choice("ab"), a, b + n % 2) for n, (a, b) in enumerate(pairs)]
    users = {"a": [], "b": []}
    for who, a, b in places:
        users[who].append((a, b))
    rows = [selection(a, b, coding(COVER, BEN) if who == "b" else coding(COVER)) for who, a, b in places]
    always = [coding(PAY), coding(PAY, BEN)]
    write_qdpx(tmp_path, project_xml(source("T1", *rows, *always, path="internal://t.txt")), {"t.txt": text.encode()})
    coded = read_tool_files("talks", project_spec(), tmp_path, BOOK)
    row = coder_agreement(coded, {"talks": project_spec()}).set_index("code").loc["time_cover"]

    lines, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            lines.append(set(range(at, at + len(line))))
        at += len(line) + 1
    given = {who: [any(set(range(a, b)) & line for a, b in users[who]) for line in lines] for who in "ab"}
    pairs = list(zip(given["a"], given["b"], strict=True))
    expected = [pairs.count(p) for p in ((True, True), (True, False), (False, True), (False, False))]
    assert row[["both", "only_a", "only_b", "neither"]].tolist() == expected
