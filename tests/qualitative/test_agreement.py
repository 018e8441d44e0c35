"""Who is compared with whom, on what, and what the tables say where there is nothing to say."""

import random

import numpy as np
import pandas as pd
import pytest

from plait.qualitative.agreement import coder_agreement
from plait.qualitative.coefficients import PairCounts, cohen_kappa
from plait.qualitative.resampling import draws
from plait.qualitative.sheets import read_sheets
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText
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
from qualitative.marked_texts import marked, spec

CELLS = ["both", "only_a", "only_b", "neither"]


def coefficients(
    coded: CodedText, coefficient: str = "cohen_kappa", unit: str = "", coders: str = "pair"
) -> pd.DataFrame:
    """The rows of one coefficient by code; "" for all codes."""
    table = coder_agreement(coded, {"talks": spec()}).coefficients
    chosen = (table["coefficient"] == coefficient) & (table["coders"] == coders)
    return table[chosen & ((table["unit"] == unit) | (unit == ""))].set_index("code")


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
    found = coder_agreement(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec})
    table, counts = found.coefficients, found.counts
    assert list(dict.fromkeys(zip(table["coder_a"], table["coder_b"], strict=True))) == [
        ("Ann", "Ben"),
        ("Ann", "Cleo"),
        ("Ben", "Cleo"),
        ("", ""),
    ]
    of_pair = table[(table["coder_a"] == "Ann") & (table["coder_b"] == "Ben")]
    pair = of_pair[of_pair["coefficient"] == "cohen_kappa"].set_index("code")
    # Ben had no column for meetings, so nobody disagreed on it; nobody used pay, and that is no agreement either.
    assert list(pair.index) == ["time_cover", "money_pay", "unclear", ""]
    assert set(pair["n_units"]) == {4}
    cells = counts[(counts["coder_a"] == "Ann") & (counts["coder_b"] == "Ben")].set_index("code")
    assert cells.loc["time_cover", CELLS].tolist() == [1, 1, 0, 2]
    assert cells.loc["time_cover", "prevalence"] == 0.375
    assert pair.loc["time_cover", "value"] == pytest.approx(0.5)
    assert pd.isna(pair.loc["money_pay", "value"])
    assert pair.loc["money_pay", "note"] == "not estimable: neither coder used the code"
    assert pair.loc["unclear", "value"] == 1
    assert pair.loc["unclear", ["low", "high"]].isna().all()
    assert pair.loc["unclear", "note"] == "no interval: the coders never differ"
    assert pair.loc["", "value"] == pytest.approx(0.75)
    assert pair.loc["", "note"].startswith("mean over 2 of 3 codes; interval from 4 texts only")
    identical = of_pair[(of_pair["coefficient"] == "per_cent") & (of_pair["level"] == "all")]
    assert identical["value"].tolist() == [0.75]
    few = table[(table["coder_a"] == "Ann") & (table["coder_b"] == "Cleo")].iloc[-1]
    assert few["n_units"] == 1
    together = table[(table["coders"] == "all") & (table["coefficient"] == "krippendorff_alpha")].set_index("code")
    # Meetings was open to Ann only; answers 1 to 4 and 6 were given to two coders or to three.
    assert list(together.index) == ["time_cover", "money_pay", "unclear", ""]
    assert set(together["n_units"]) == {5}


def test_coders_without_a_shared_text_have_a_row_that_says_so(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover"]
    write_csv(tmp_path / "ann.csv", [header, ["1", "p", "a", "1"]])
    write_csv(tmp_path / "ben.csv", [header, ["2", "p", "b", "1"]])
    spec = sheets_spec({"file": "ann.csv", "coder": "Ann"}, {"file": "ben.csv", "coder": "Ben"})
    table = coder_agreement(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec}).coefficients
    assert len(table) == 1
    assert table["value"].isna().all()
    assert table["note"].iloc[0] == "not estimable: no unit was given to both coders"
    one = sheets_spec({"file": "ann.csv", "coder": "Ann"})
    alone = coder_agreement(read_sheets("answers", one, tmp_path, BOOK), {"answers": one})
    assert alone.coefficients.empty and alone.counts.empty


TEXT = "No cover here.\n\n   \nPay is poor\nMeetings, meetings\nand more of them"


def paragraphs_project(tmp_path) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    spec = project_spec()
    found = coder_agreement(read_tool_files("talks", spec, tmp_path, BOOK), {"talks": spec})
    return found.coefficients, found.counts.set_index(["unit", "code"])


def test_texts_paragraphs_and_characters_stand_side_by_side(tmp_path) -> None:
    table, counts = paragraphs_project(tmp_path)
    assert list(dict.fromkeys(table["unit"])) == ["paragraph", "source", "character"]
    sizes = {"source": (2, 2), "paragraph": (4, 1), "character": (len(TEXT), 1)}
    for unit, size in sizes.items():
        assert set(table.loc[table["unit"] == unit, ["n_units", "n_sources"]].itertuples(index=False)) == {size}, unit
    assert counts.loc[("paragraph", "time_cover"), CELLS].tolist() == [1, 0, 0, 3]
    assert counts.loc[("paragraph", "money_pay"), CELLS].tolist() == [1, 0, 1, 2]
    assert counts.loc[("paragraph", "time_meetings"), CELLS].tolist() == [2, 0, 2, 0]
    assert counts.loc[("source", "money_pay"), CELLS].tolist() == [1, 0, 0, 1]
    rest, meetings = len(TEXT) - 15, TEXT.index("meetings")
    assert counts.loc[("character", "time_cover"), CELLS].tolist() == [11, 3, 1, rest]
    assert counts.loc[("character", "time_meetings"), ["both", "only_b"]].tolist() == [len(TEXT) - meetings, meetings]
    paragraphs = table[(table["unit"] == "paragraph") & (table["level"] == "all")].set_index("coefficient")
    assert paragraphs.loc["per_cent", "value"] == 0.25
    assert "left out: 1" in paragraphs.loc["per_cent", "note"]
    whole = table[(table["unit"] == "source") & (table["code"] == "time_cover")].set_index("coefficient")
    assert whole.loc["cohen_kappa", "note"] == "not estimable: both coders gave the code throughout"


def test_the_definition_says_which_unit_comes_first(tmp_path) -> None:
    coded = marked({"a": TEXT}, {"Ann": "a", "Ben": "a"}, ("Ann", "a", "pay", 0, 4), ("Ben", "a", "pay", 2, 9))
    for unit in ("source", "character"):
        table = coder_agreement(coded, {"talks": spec(agreement_unit=unit)}).coefficients
        assert table["unit"].iloc[0] == unit
    whole = marked({"a": TEXT}, {"Ann": "a", "Ben": "a"}, ("Ann", "a", "pay"), ("Ben", "a", "time"))
    table = coder_agreement(whole, {"talks": spec(agreement_unit="character")}).coefficients
    assert set(table["unit"]) == {"source"}  # nobody marked a place


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
    counts = coder_agreement(coded, {"talks": project_spec()}).counts.set_index(["unit", "code"])

    lines, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            lines.append(set(range(at, at + len(line))))
        at += len(line) + 1
    given = {who: [any(set(range(a, b)) & line for a, b in users[who]) for line in lines] for who in "ab"}
    pairs = list(zip(given["a"], given["b"], strict=True))
    expected = [pairs.count(p) for p in ((True, True), (True, False), (False, True), (False, False))]
    assert counts.loc[("paragraph", "time_cover"), CELLS].tolist() == expected
    inside = {who: set().union(*(range(a, b) for a, b in users[who])) for who in "ab"}
    letters = [(i in inside["a"], i in inside["b"]) for i in range(len(text))]
    expected = [letters.count(p) for p in ((True, True), (True, False), (False, True), (False, False))]
    assert counts.loc[("character", "time_cover"), CELLS].tolist() == expected


# --- stretches of one transcript ---------------------------------------------------------------------------------------

WINDOW = "Every word of this talk weighs the same. " * 4 + "And here it ends, at two hundred."
PLACES = {
    # Alike; side by side; a fifth each, half shared; three fifths each, mostly shared; everything; one coder only.
    "timeline": ((0, 40), (0, 40)),
    "enforcement": ((0, 100), (100, 200)),
    "equity": ((0, 40), (20, 60)),
    "views": ((0, 120), (20, 140)),
    "saturation": ((0, 200), (0, 200)),
    "personal": ((50, 80), None),
}


def two_coders_of_one_talk() -> CodedText:
    text = WINDOW.ljust(200, ".")[:200]
    spans = [
        (coder, "a", code, *place)
        for code, places in PLACES.items()
        for coder, place in zip(("Ann", "Ben"), places, strict=True)
        if place
    ]
    return marked({"a": text}, {"Ann": "a", "Ben": "a"}, *spans, codes=list(PLACES))


def test_kappa_of_characters_is_that_of_a_known_pair_of_documents() -> None:
    """Values worked out by hand for two coders of one transcript; a common tool gives 0.710 for the fourth."""
    kappa = coefficients(two_coders_of_one_talk(), unit="character")
    expected = {"timeline": 1, "enforcement": -1, "equity": 0.375, "views": 0.5833, "personal": 0}
    assert {code: round(kappa.loc[code, "value"], 4) for code in expected} == expected
    assert pd.isna(kappa.loc["saturation", "value"])
    assert kappa.loc["saturation", "note"] == "not estimable: both coders gave the code throughout"
    assert kappa.loc["personal", "note"].startswith("one of the coders never used the code")
    assert set(kappa["n_units"]) == {200}
    assert "interval from the units of one text" in kappa.loc["views", "note"]
    assert kappa.loc["views", "low"] < kappa.loc["views", "value"] < kappa.loc["views", "high"]


def test_alpha_of_stretches_has_no_interval_from_a_single_text() -> None:
    alpha = coefficients(two_coders_of_one_talk(), "unitizing_alpha")
    assert set(alpha["unit"]) == {"character"}
    assert alpha.loc["timeline", "value"] == 1
    assert alpha.loc["views", ["low", "high"]].isna().all()
    assert alpha.loc["views", "note"] == "no interval: a single text"
    assert alpha.loc["", "note"] == "over all codes together; no interval: a single text"


# --- several texts -----------------------------------------------------------------------------------------------------


def three_coders_of_many_talks(talks: int = 12) -> CodedText:
    rng = random.Random(4)
    texts = {f"t{i}": "\n".join("word " * rng.randint(3, 9) for _ in range(5)) for i in range(talks)}
    coders = {"Ann": list(texts), "Ben": list(texts), "Cleo": list(texts)[:5]}
    spans = []
    for coder, asked in coders.items():
        for name in asked:
            for code in ("pay", "time"):
                a, b = sorted(rng.sample(range(len(texts[name]) // 2), 2))
                spans.append((coder, name, code, a, b + len(texts[name]) // 2 * rng.randint(0, 1)))
    return marked(texts, coders, *spans)


def test_intervals_come_from_drawing_whole_texts() -> None:
    """Counted again, text by text, with the same draws and the formula for a single table."""
    coded = three_coders_of_many_talks()
    kappa = coefficients(coded, unit="character")
    row = kappa[(kappa["coder_a"] == "Ann") & (kappa["coder_b"] == "Ben")].loc["pay"]
    cells = []
    for name, size in coded.sources[["source", "n_chars"]].itertuples(index=False, name=None):
        of_text = coded.segments[(coded.segments["source"] == name) & (coded.segments["code"] == "pay")]
        a, b = (
            set().union(*(range(r.start, r.end) for r in of_text[of_text["coder"] == who].itertuples()))
            for who in ("Ann", "Ben")
        )
        cells.append([len(a & b), len(a - b), len(b - a), size - len(a | b)])
    resampled = [float(cohen_kappa(PairCounts.of(*(drawn @ np.array(cells))))) for drawn in np.vstack(list(draws(12)))]
    assert row["value"] == pytest.approx(float(cohen_kappa(PairCounts.of(*np.sum(cells, axis=0)))))
    assert [row["low"], row["high"]] == pytest.approx(list(np.percentile(resampled, [2.5, 97.5])))
    assert row["note"] == ""


def test_few_texts_give_an_interval_with_a_warning() -> None:
    kappa = coefficients(three_coders_of_many_talks(), unit="character")
    few = kappa[kappa["coder_b"] == "Cleo"].loc["pay"].iloc[0]
    assert (few["n_sources"], pd.notna(few["low"])) == (5, True)
    assert "interval from 5 texts only: not to be relied on" in few["note"]


def test_all_coders_are_compared_where_there_are_three() -> None:
    coded = three_coders_of_many_talks()
    alpha = coefficients(coded, "krippendorff_alpha", "paragraph", "all")
    fleiss = coefficients(coded, "fleiss_kappa", "paragraph", "all")
    # Alpha takes every paragraph that two were asked to code; Fleiss' kappa those that all three were.
    assert alpha.loc["pay", "n_units"] == 60
    assert fleiss.loc["pay", "n_units"] == 25
    assert set(alpha["coder_a"]) == {""}
    assert coefficients(two_coders_of_one_talk(), "krippendorff_alpha", coders="all").empty


def test_the_same_coding_gives_the_same_table() -> None:
    once, again = (coder_agreement(three_coders_of_many_talks(), {"talks": spec()}) for _ in range(2))
    pd.testing.assert_frame_equal(once.coefficients, again.coefficients)
    pd.testing.assert_frame_equal(once.counts, again.counts)


def test_nothing_marked_and_nothing_asked_are_no_error() -> None:
    silent = coder_agreement(marked({"a": TEXT}, {"Ann": "a", "Ben": "a"}), {"talks": spec()}).coefficients
    assert silent.set_index("coefficient").loc["cohen_kappa", "note"] == "not estimable: no code varies"
    assert coder_agreement(CodedText.of(), {}).coefficients.empty
