"""Figures say what the published tables say, nothing that was withheld, and the same in every run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from plait import tables
from plait.disclosure.rules import PROFILES, Rules, rules_of
from plait.report import figure_files, figure_words, figures, headlines, likert_chart, palette, sheet, text_headlines
from plait.report.figure_files import Drawing, printable, write_files
from plait.report.figure_plan import SHOWN, planned_figures
from plait.report.figures import draw_figures, read_index
from plait.report.published import Published, read_published
from plait.study.definition import Definition
from plait.tables import write_csv
from report.make_published import empty_published, make_definition, make_published

pytestmark = pytest.mark.rendering

HOSTILE = (
    "<script>alert(1)</script>",
    "costs $5 and $\\frac{1}{2}$ _x_ ^y^",
    "=1+1 & {{ 7*7 }} {% raw %}",
    "Donaudampfschifffahrtsgesellschaftskapit\u00e4nsm\u00fctzenabzeichenverordnung",
    "\u0645\u0643\u062a\u0628\u0629 \u0627\u0644\u0645\u062f\u0631\u0633\u0629 \u0645\u0643\u0627\u0646",
    "\U0001f4da books \U0001f469\U0001f3fd\u200d\U0001f3eb and \u56fe\u4e66\u9986",
    "a heart \u2764\ufe0f, a keycap 1\ufe0f\u20e3, marks q\u0301 and \u0915\u094d\u0937\u093f",
    "line\nbreak\ttab \x00\x07 bell \u202egnp.exe",
    "#%~\\ \u201cquotes\u201d 'and' \"double\"",
    "a" * 400,
    "very " * 60 + "long",
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    draw_figures(make_published(), make_definition(), folder)
    return folder


Sketch = Callable[..., pd.DataFrame]


@pytest.fixture
def sketch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sketch:
    """Draw only some figures, as SVG only, and give their index."""
    monkeypatch.setattr(figure_files, "FORMATS", ("svg",))

    def draw(*names: str, published: Published | None = None, definition: Definition | None = None) -> pd.DataFrame:
        monkeypatch.setattr(
            figures, "planned_figures", lambda d: [p for p in planned_figures(d) if not names or p.name in names]
        )
        draw_figures(published or make_published(), definition or make_definition(), tmp_path)
        return read_index(tmp_path).set_index("name")

    return draw


def svg_texts(path: Path) -> list[str]:
    return ["".join(t.itertext()) for t in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def with_estimates(published: Published, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Published:
    return replace(published, survey_estimates=change(published.survey_estimates.copy()))


# --- plan -------------------------------------------------------------------------------------------------------------


def test_the_plan_follows_from_the_definition() -> None:
    assert [p.name for p in planned_figures(make_definition())] == [
        "weights",
        "bars_uses",
        "compare_uses",
        "overview_uses",
        "likert_valued",
        "compare_valued",
        "overview_valued",
        "bars_money",
        "overview_money",
        "bars_stock",
        "compare_stock",
        "overview_stock",
        "numbers_hours",
        "themes_open_answers",
        "themes_open_answers-phase",
        "together_open_answers",
        "themes_interviews",
        "together_interviews",
        "saturation_interviews",
        "joint_display",
        "robustness",
    ]


@pytest.mark.parametrize(
    ("strand", "expected"),
    [
        ("survey", {"weights", "bars", "likert", "compare", "overview", "numbers"}),
        ("coded_text", {"themes", "heat", "together", "saturation"}),
    ],
)
def test_a_study_of_one_strand_has_the_figures_of_that_strand(strand: str, expected: set[str]) -> None:
    other = {"survey": "coded_text", "coded_text": "survey"}[strand]
    definition = make_definition().model_copy(update={other: None, "linking": None, "robustness": ()})
    assert {p.kind for p in planned_figures(definition)} == expected


def test_planning_and_reading_the_index_need_no_matplotlib() -> None:
    code = "import sys, plait.report.figures, plait.report.figure_plan; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


def test_what_was_planned_is_written_and_nothing_else(drawn: Path) -> None:
    planned = {f"{p.name}.{e}" for p in planned_figures(make_definition()) for e in ("svg", "png", "pdf", "csv")}
    assert {p.name for p in drawn.iterdir()} == planned | {"figures.csv"}
    assert list(read_index(drawn)["name"]) == [p.name for p in planned_figures(make_definition())]


def test_the_figures_read_the_tables_that_the_workflow_says_they_do_and_no_other(tmp_path: Path) -> None:
    made = make_published()
    for field in fields(Published):
        write_csv(getattr(made, field.name), tmp_path / f"{field.name}.csv")
    published = read_published(tmp_path)
    draw_figures(published, make_definition(), tmp_path / "figures")
    assert set(vars(published)) - {"folder"} == set(SHOWN)


# --- the same in every run --------------------------------------------------------------------------------------------

AGAIN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from make_published import make_definition, make_published
from plait.report.figures import draw_figures
draw_figures(make_published(), make_definition(), Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_another_process_locale_zone_and_hash_seed_give_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    elsewhere = os.environ | {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Kathmandu"}
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-W", "ignore", "-c", AGAIN, here, str(tmp_path)], check=True, env=elsewhere)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in drawn.iterdir()}


def test_the_order_of_rows_and_the_users_own_settings_do_not_matter(
    drawn: Path, tmp_path: Path, sketch: Sketch
) -> None:
    published = make_published()
    shuffled = published.survey_estimates.sample(frac=1, random_state=3)
    style: dict[Any, Any] = {"font.size": 30, "svg.fonttype": "path", "patch.linewidth": 9, "figure.facecolor": "red"}
    names = ("bars_money", "likert_valued", "compare_valued", "joint_display")
    with matplotlib.rc_context(style):
        sketch(*names, published=replace(published, survey_estimates=shuffled))
    for name in names:
        assert (tmp_path / f"{name}.svg").read_bytes() == (drawn / f"{name}.svg").read_bytes()


def test_files_hold_no_date_and_no_version(drawn: Path) -> None:
    for path in drawn.glob("*.svg"):
        assert not re.search(r"dc:date|dc:creator|[Mm]atplotlib v", path.read_text(encoding="utf-8"))
    for path in drawn.glob("*.png"):
        assert b"Software" not in path.read_bytes()
    titles = read_index(drawn).set_index("name")["title"]
    for path in drawn.glob("*.pdf"):
        with pikepdf.open(path) as pdf:
            assert {key for key in pdf.docinfo if key != "/Creator"} == {"/Title"}
            assert str(pdf.docinfo.Title) == titles[path.stem]


def test_a_pdf_brings_its_fonts_along(drawn: Path) -> None:
    with pikepdf.open(drawn / "compare_uses.pdf") as pdf:
        fonts = list(pdf.pages[0].Resources.Font.values())
        assert fonts
        assert all(font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes() for font in fonts)
        assert all("/ToUnicode" in font for font in fonts)


def test_texts_stand_where_they_were_laid_out(drawn: Path) -> None:
    index = read_index(drawn).set_index("name")
    for name, told in index.iterrows():
        texts = ElementTree.parse(drawn / f"{name}.svg").iter("{http://www.w3.org/2000/svg}text")
        places = [(float(t.attrib["y"]), "".join(t.itertext())) for t in texts]
        assert [text for _, text in sorted(places)[:2]] == [text for _, text in places[:2]]  # mark, headline
        assert max(places)[1] in told["footnote"]


def test_a_line_is_shown_in_placeholders_only_where_the_font_lacks_a_character(tmp_path: Path) -> None:
    label = "books \U0001f4da, and \u56fe\u4e66"
    words = figure_words.Words(label, "", "", "")
    with sheet.settings():
        svg = sheet.as_svg(sheet.nothing(words), label)
    runs = re.findall(r'<tspan x="([\d.]+)">([^<]*)</tspan>', svg.decode())
    assert [run for _, run in runs] == ["books ", "\U0001f4da", ", and ", "\u56fe\u4e66"]
    assert [float(x) for x, _ in runs] == sorted({float(x) for x, _ in runs})
    write_files(Drawing(svg, label, "A label."), tmp_path, "label")
    with pikepdf.open(tmp_path / "label.pdf") as pdf:
        bold, placeholders = sorted(str(font.BaseFont)[8:] for font in pdf.pages[0].Resources.Font.values())
    assert bold == "DejaVuSans-Bold" and placeholders.startswith("LastResort")


@pytest.mark.parametrize("label", ["\u2764\ufe0f", "1\ufe0f\u20e3", "q\u0301", "\u0915\u094d\u0937\u093f"])
def test_a_drawing_whose_marks_no_pdf_can_name_goes_into_it_as_a_picture(label: str, tmp_path: Path) -> None:
    with sheet.settings():
        svg = sheet.as_svg(sheet.nothing(figure_words.Words(label, "", "", "")), label)
    assert printable(svg) != svg
    write_files(Drawing(svg, label, "A label."), tmp_path, "label")
    with pikepdf.open(tmp_path / "label.pdf") as pdf:
        assert str(pdf.docinfo.Title) == label
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()


# --- withheld stays withheld ------------------------------------------------------------------------------------------


def test_a_suppressed_number_is_in_no_figure_even_if_it_slipped_into_the_table(tmp_path: Path, sketch: Sketch) -> None:
    def slip(estimates: pd.DataFrame) -> pd.DataFrame:
        hidden = estimates["marker"] == "c"
        estimates.loc[hidden, ["per_cent", "ci_low", "ci_high"]] = 77.0
        return estimates

    index = sketch("compare_uses", "compare_stock", published=with_estimates(make_published(), slip))
    for path in tmp_path.glob("compare_*.svg"):
        assert "77%" not in svg_texts(path)
        assert "special" not in path.with_suffix(".csv").read_text(encoding="utf-8").lower()
    assert "Not shown, suppressed for confidentiality: Special." in index.loc["compare_uses", "footnote"]


def test_a_group_with_one_withheld_step_is_left_out_of_the_stack_and_named(tmp_path: Path, sketch: Sketch) -> None:
    def withhold(estimates: pd.DataFrame) -> pd.DataFrame:
        cell = (estimates["option"] == "agree") & (estimates["group"] == "senior")
        estimates.loc[cell, "per_cent"] = float("nan")
        estimates.loc[cell, "marker"] = "u"
        return estimates

    index = sketch("likert_valued", published=with_estimates(make_published(), withhold))
    assert "senior" not in (tmp_path / "likert_valued.csv").read_text(encoding="utf-8")
    assert "base too small: Senior leader." in index.loc["likert_valued", "footnote"]


def test_small_bases_are_marked_where_they_are_named(drawn: Path) -> None:
    texts = svg_texts(drawn / "compare_uses.svg")
    assert "All-through (n = 64) [u]" in texts
    assert "Primary (n = 690)" in texts


def test_a_figure_without_numbers_says_so(tmp_path: Path, sketch: Sketch) -> None:
    index = sketch(published=empty_published())
    assert len(index) == len(planned_figures(make_definition()))
    assert index["title"].str.contains("nothing to show").all()
    assert index["alt"].str.startswith("Empty figure").all()

    def hide(estimates: pd.DataFrame) -> pd.DataFrame:
        return estimates.assign(marker="c", per_cent=float("nan"))

    index = sketch("bars_money", published=with_estimates(make_published(), hide))
    assert "suppressed for confidentiality: Everyone" in index.loc["bars_money", "footnote"]
    assert "suppressed for confidentiality" in " ".join(svg_texts(tmp_path / "bars_money.svg"))


# --- what is said -----------------------------------------------------------------------------------------------------


def test_headlines_repeat_the_numbers_of_the_table(drawn: Path) -> None:
    said = read_index(drawn).set_index("name")["title"]
    estimates = make_published().survey_estimates
    everyone = estimates[(estimates["break"] == "") & (estimates["question"] == "uses")]
    shares = {r.option_label: int(r.per_cent) for r in everyone.itertuples()}
    found = dict(re.findall(r"\u2018([^\u2019]+)\u2019[^(]*\((\d+)%\)", said["bars_uses"]))
    assert found == {k: str(shares[k]) for k in ("Reading for pleasure", "Storing resources")}
    role = estimates[(estimates["break"] == "role") & (estimates["option"] == "any_agree")]
    groups = {r.group_label: str(int(r.per_cent)) for r in role.itertuples()}
    found = {name: value for value, name in re.findall(r"(\d+)% \(([^)]+)\)", said["compare_valued"])}
    assert found == {k: groups[k] for k in ("Classroom teacher", "Senior leader")}
    assert said["likert_valued"].startswith("Leaders value the library: 51% \u2018Agree or strongly agree\u2019, 28% ")
    assert "(12 of 14)" in said["themes_interviews"]
    assert "1 confirmation, 1 expansion, 1 discordance" in said["joint_display"]


def test_the_data_file_is_the_table_and_the_picture_prints_it(drawn: Path) -> None:
    shown = pd.read_csv(drawn / "bars_money.csv")
    estimates = make_published().survey_estimates
    table = estimates[(estimates["question"] == "money") & (estimates["break"] == "")]
    assert shown.set_index("option")["per_cent"].to_dict() == table.set_index("option")["per_cent"].to_dict()
    assert list(shown["per_cent"]) == sorted(shown["per_cent"], reverse=True)
    texts = svg_texts(drawn / "bars_money.svg")
    assert all(f"{v:.0f}%" in texts for v in shown["per_cent"])


def test_none_of_these_stands_below_the_ranking(drawn: Path) -> None:
    assert list(pd.read_csv(drawn / "bars_uses.csv")["option"])[-1] == "none"


def test_a_long_list_of_options_is_cut_where_there_are_many_groups(sketch: Sketch) -> None:
    index = sketch("compare_uses", published=crowded_study()[0])
    assert "Left out for want of space: 1 of 7 answers." in index.loc["compare_uses", "footnote"]


def test_a_theme_found_nowhere_is_named_and_not_drawn(tmp_path: Path, sketch: Sketch) -> None:
    published = make_published()
    themes = published.theme_counts
    themes.loc[(themes["collection"] == "interviews") & (themes["theme"] == "calm"), "n"] = 0
    index = sketch("themes_interviews", published=published)
    assert "Found nowhere in this collection: A calm place to be." in index.loc["themes_interviews", "footnote"]
    assert "calm" not in set(pd.read_csv(tmp_path / "themes_interviews.csv")["theme"])


def test_counts_of_few_people_are_given_without_a_per_cent(drawn: Path) -> None:
    assert not any("%" in text for text in svg_texts(drawn / "themes_interviews.svg"))
    assert "45%" in svg_texts(drawn / "themes_open_answers.svg")


def heat_rows(*rows: tuple[str, str, int | None, int]) -> pd.DataFrame:
    """Theme, group, count and base; None where it was withheld."""
    names = ["theme", "group", "n", "of"]
    frame = pd.DataFrame(rows, columns=names).astype({"n": "Int64"})
    return frame.assign(theme_label=frame["theme"].str.capitalize(), group_label=frame["group"].str.capitalize())


_EVERY = "is the most frequent theme in every group by place"
_DIFFERS = "the most frequent theme differs by place"


@pytest.mark.parametrize(
    ("pay", "east", "west", "title"),
    [
        (5, (6, 2), (4, 3), f"\u2018Calm\u2019 {_EVERY}: 6 of 9 (East), 4 of 8 (West)"),
        (9, (6, 6), (2, 3), f"\u2018Pay\u2019 {_EVERY}: 6 of 9 (East), 3 of 8 (West)"),
        (5, (6, 2), (2, 3), f"{_DIFFERS}: \u2018Calm\u2019 (East, 6 of 9); \u2018Pay\u2019 (West, 3 of 8)"),
        # A withheld count of pay is three at most, where three speak of it; where nine do, it may be the largest.
        (3, (6, None), (4, None), f"\u2018Calm\u2019 {_EVERY}: 6 of 9 (East), 4 of 8 (West)"),
        (9, (6, None), (4, None), "themes by place, 2 of 4 counts can be shown"),
        (5, (None, 3), (None, 2), "themes by place, 2 of 4 counts can be shown"),
        (9, (6, 6), (None, None), "most frequent theme by place: \u2018Calm\u2019 and 1 more (East, each 6 of 9)"),
    ],
)
def test_the_headline_of_themes_by_group_claims_only_what_the_counts_can_bear(
    pay: int, east: tuple[int | None, int | None], west: tuple[int | None, int | None], title: str
) -> None:
    totals = [("calm", "", 10, 17), ("pay", "", pay, 17)]
    groups = [("calm", "east", east[0], 9), ("pay", "east", east[1], 9), ("calm", "west", west[0], 8)]
    rows = heat_rows(*totals, *groups, ("pay", "west", west[1], 8))
    assert text_headlines.heat_title(rows, "Place") == title


def test_every_cell_of_themes_by_group_prints_its_count_and_base(drawn: Path) -> None:
    index = read_index(drawn).set_index("name")
    name = "themes_open_answers-phase"
    assert index.loc[name, "kind"] == "heat"
    data = pd.read_csv(drawn / f"{name}.csv", dtype=str, keep_default_na=False)
    said = svg_texts(drawn / f"{name}.svg")
    hidden = data["marker"] == "c"
    assert hidden.any()
    assert said.count("[c]") == hidden.sum()
    for n, of in zip(data.loc[~hidden, "n"], data.loc[~hidden, "of"], strict=True):
        assert n in said
        assert f"of {of}" in said
    assert "[c] suppressed for confidentiality." in index.loc[name, "footnote"]


def test_many_groups_stand_in_blocks_below_each_other(tmp_path: Path, sketch: Sketch) -> None:
    published = make_published()
    themes = published.theme_counts
    first = themes[themes["group"] == "primary"]
    more = [first.assign(group=f"g{i}", group_label=f"Group {i} with a long name") for i in range(17)]
    sketch(
        "themes_open_answers-phase",
        published=replace(published, theme_counts=pd.concat([themes, *more], ignore_index=True)),
    )
    said = svg_texts(tmp_path / "themes_open_answers-phase.svg")
    assert said.count("Everyone") == 5  # twenty groups, four a block, so that All-through is not torn apart


def test_the_curve_of_saturation_says_what_it_is(drawn: Path) -> None:
    index = read_index(drawn).set_index("name").loc["saturation_interviews"]
    rare = "Interviews: new codes are rare after 5 of 14 texts"
    assert index["title"] == f"{rare}, but not for good: after 7 there are more again"
    assert index["alt"].startswith(f"Line chart: {rare}")
    assert "random orders: 1,000. Counting codes shows when they stop being new" in index["footnote"]
    said = svg_texts(drawn / "saturation_interviews.svg")
    assert {"In order of the files", "Mean of all orders", "95% of random orders", "Number of texts so far"} <= set(
        said
    )
    curve = make_published().saturation_curve
    assert str(curve["codes_in_order"].iloc[-1]) in said and str(curve["n"].iloc[-1]) in said
    assert (
        pd.read_csv(drawn / "saturation_interviews.csv")["codes_in_order"].tolist() == curve["codes_in_order"].tolist()
    )


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        (
            {"later_rise": pd.NA},
            "Interviews: new codes are rare after 5 of 14 texts: the next 2 bring 5% or less of those in the first 4",
        ),
        (
            {"reached_at": pd.NA, "later_rise": pd.NA},
            "Interviews: new codes keep coming, 9 in 14 texts: no 2 more bring 5% or less of those in the first 4",
        ),
        (
            {"codes_in_base": pd.NA},
            "Interviews: 9 codes in 14 texts, too few texts to say whether new ones become rare",
        ),
    ],
)
def test_the_headline_of_saturation(sketch: Sketch, changes: dict[str, object], title: str) -> None:
    published = make_published()
    measure = tables.PUBLISHED_SATURATION.of(published.saturation.assign(**changes))
    index = sketch("saturation_interviews", published=replace(published, saturation=measure))
    assert index.loc["saturation_interviews", "title"] == title


@pytest.mark.parametrize("n", [1, 2, 90, 400])
def test_a_curve_of_any_length_stays_on_the_sheet(tmp_path: Path, sketch: Sketch, n: int) -> None:
    one = make_published().saturation_curve.iloc[0]
    rows = [
        one.to_dict() | {"n": i + 1, "codes_in_order": 4 + i, "mean": 4.0 + i, "low": 2.0 + i, "high": 5.0 + i}
        for i in range(n)
    ]
    sketch(
        "saturation_interviews",
        published=replace(make_published(), saturation_curve=tables.PUBLISHED_SATURATION_CURVE.of(rows)),
    )
    assert f"{n + 3:,}" in svg_texts(tmp_path / "saturation_interviews.svg")


def test_words_around_a_figure(drawn: Path) -> None:
    index = read_index(drawn).set_index("name")
    subtitle = index.loc["bars_uses", "subtitle"]
    assert "Weighted per cent, n = 1,842" in subtitle
    assert "left out of the base: \u2018We have no library\u2019" in subtitle
    assert "fieldwork 3 to 14 March 2025" in subtitle
    assert "Per cent from a breakdown table" in index.loc["bars_stock", "subtitle"]
    assert index["footnote"].str.endswith("Simulated data.").all()
    where = index["alt"].str.extract(r"\. The numbers are in (.+)\.$")[0]
    assert set(where[index["kind"] != "overview"]) == {"the table beside this figure"}
    assert set(where[index["kind"] == "overview"]) == {"the tables by characteristic beside this figure"}


@pytest.mark.parametrize(
    ("rules", "simulated", "mark"),
    [
        (PROFILES["internal"], True, "Not for release. Simulated data."),
        (rules_of("public", {"hide_below": 5}), False, "Loosened disclosure rules."),
        (PROFILES["public"], True, "Simulated data."),
        (PROFILES["public"], False, ""),
    ],
)
def test_what_the_rules_must_say_stands_above_every_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: Rules, simulated: bool, mark: str
) -> None:
    monkeypatch.setattr(figure_files, "FORMATS", ("svg",))
    definition = make_definition().model_copy(update={"simulated": simulated})
    draw_figures(make_published(), definition, tmp_path, rules)
    index = read_index(tmp_path)
    assert index["footnote"].str.endswith(f". {mark}" if mark else "; The School Reading Group.").all()
    for name, title in zip(index["name"], index["title"], strict=True):
        first = svg_texts(tmp_path / f"{name}.svg")[0]
        assert first == mark if mark else title.startswith(first)


@pytest.mark.parametrize(("p", "words"), [(0.001, "differs by role"), (0.4, "no clear difference by role")])
def test_a_difference_is_called_one_only_where_the_test_found_it(sketch: Sketch, p: float, words: str) -> None:
    published = make_published()
    tests = published.survey_tests.assign(p_adjusted=p)
    index = sketch("compare_valued", published=replace(published, survey_tests=tests))
    assert words in index.loc["compare_valued", "title"]


def test_respondents_answers_go_before_a_vendors_breakdown(tmp_path: Path, sketch: Sketch) -> None:
    def both(estimates: pd.DataFrame) -> pd.DataFrame:
        vendor = estimates[estimates["question"] == "money"].assign(grain="breakdown", per_cent=99.0)
        return pd.concat([vendor, estimates], ignore_index=True)

    sketch("bars_money", published=with_estimates(make_published(), both))
    assert 99 not in set(pd.read_csv(tmp_path / "bars_money.csv")["per_cent"])


def ties(*values: int) -> list[headlines.Ranked]:
    return [headlines.Ranked(chr(65 + i), v, f"{v}%") for i, v in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ((5,), "\u2018A\u2019 leads (5%)"),
        ((5, 3), "\u2018A\u2019 leads (5%), \u2018B\u2019 last (3%)"),
        ((5, 5, 3), "\u2018A\u2019 and \u2018B\u2019 lead (each 5%), \u2018C\u2019 last (3%)"),
        ((5, 5, 5, 5), "\u2018A\u2019, \u2018B\u2019 and 2 more lead (each 5%)"),
        ((5, 3, 3), "\u2018A\u2019 leads (5%)"),
    ],
)
def test_ties_are_named_as_ties(values: tuple[int, ...], title: str) -> None:
    assert headlines.ranking_title(ties(*values), "leads", "lead", "last") == title


def ranges(*values: tuple[int, int, int]) -> list[headlines.Ranked]:
    """Entries A, B, C with a value and the ends of its interval."""
    return [headlines.Ranked(chr(65 + i), v, f"{v}%", low, high) for i, (low, v, high) in enumerate(values)]


@pytest.mark.parametrize(
    ("entries", "title"),
    [
        (ranges((55, 60, 65), (20, 25, 30), (5, 8, 12)), "\u2018A\u2019 leads (60%), \u2018C\u2019 last (8%)"),
        (
            ranges((35, 42, 49), (33, 40, 47), (10, 18, 26)),
            "\u2018A\u2019 (42%) and \u2018B\u2019 (40%) lead, too close to rank, \u2018C\u2019 last (18%)",
        ),
        (ranges((55, 60, 65), (20, 25, 30), (15, 22, 27)), "\u2018A\u2019 leads (60%)"),
        (ranges((43, 58, 72), (28, 42, 57)), "no answer stands out, \u2018A\u2019 (58%), \u2018B\u2019 (42%)"),
        (
            ranges((28, 42, 57), (30, 45, 60), (20, 35, 50)),
            "no answer stands out, \u2018B\u2019 (45%) to \u2018C\u2019 (35%)",
        ),
    ],
)
def test_no_answer_is_called_first_or_last_whose_interval_overlaps_with_others(
    entries: list[headlines.Ranked], title: str
) -> None:
    assert headlines.ranking_title(entries, "leads", "lead", "last") == title


def test_an_answer_that_stands_aside_is_not_passed_over_where_it_leads(sketch: Sketch) -> None:
    def most(estimates: pd.DataFrame) -> pd.DataFrame:
        none = (estimates["question"] == "uses") & (estimates["option"] == "none")
        estimates.loc[none, ["per_cent", "ci_low", "ci_high"]] = [80.0, 78.0, 82.0]
        estimates.loc[none, "marker"] = ""
        return estimates

    index = sketch("bars_uses", published=with_estimates(make_published(), most))
    assert "\u2018None of these\u2019 is chosen most often (80%)" in index.loc["bars_uses", "title"]


# --- the stack --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_the_first_net_lies_right_and_not_relevant_beside_the_stack(
    sketch: Sketch, monkeypatch: pytest.MonkeyPatch, turned: bool
) -> None:
    seen: list[likert_chart.Steps] = []
    draw = likert_chart.likert

    def spy(frame: pd.DataFrame, words: figure_words.Words, steps: likert_chart.Steps) -> Figure:
        seen.append(steps)
        return draw(frame, words, steps)

    monkeypatch.setattr(likert_chart, "likert", spy)
    raw = make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    scale = raw["survey"]["scales"]["agreement"]
    if turned:
        scale["options"] = dict(reversed(list(scale["options"].items())))
    sketch("likert_valued", definition=Definition.model_validate(raw))
    assert seen[0].stack == ("strongly_disagree", "disagree", "neither", "agree", "strongly_agree")
    assert seen[0].columns == ("any_agree", "any_disagree", "not_relevant")


def test_a_figure_of_an_earlier_run_that_is_planned_no_more_is_gone(sketch: Sketch, tmp_path: Path) -> None:
    for name in ("bars_gone.svg", "compare_gone.csv", "my_own.svg", "bars_notes.txt"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    sketch("likert_valued")
    assert sorted(f.name for f in tmp_path.iterdir() if f.read_bytes() == b"old") == ["bars_notes.txt", "my_own.svg"]


def test_a_scale_from_none_to_much_starts_at_one_line_in_a_colour_that_darkens(sketch: Sketch, tmp_path: Path) -> None:
    raw = make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    raw["survey"]["scales"]["agreement"]["unipolar"] = True
    index = sketch("stacked_valued", definition=Definition.model_validate(raw))
    assert index.loc["stacked_valued", "alt"].startswith("Stacked bar chart: ")
    assert not (tmp_path / "likert_valued.svg").exists()
    drawn = (tmp_path / "stacked_valued.svg").read_text(encoding="utf-8")
    first, *_, last = palette.darkening(5)
    bars = re.findall(r'<path d="M ([\d.]+) [\d.]+ \nL [^"]*" style="fill: (#\w+)', drawn)
    starts = {float(x) for x, colour in bars if colour.upper() == first and float(x) > 30}
    assert len(starts) == 1  # of everyone and of each group; at the left margin stands the legend
    assert any(colour.upper() == last for _, colour in bars)


@pytest.mark.parametrize("colours_of", [palette.diverging, palette.darkening])
@pytest.mark.parametrize("steps", range(1, 12))
def test_every_step_of_a_scale_has_its_own_colour_and_readable_numbers(
    steps: int, colours_of: Callable[[int], tuple[str, ...]]
) -> None:
    colours = colours_of(steps)
    assert len(set(colours)) == steps
    for colour in colours:
        light, dark = sorted((palette._luminance(colour), palette._luminance(palette.ink_on(colour))))
        assert (dark + 0.05) / (light + 0.05) >= 4.5


# --- any text ---------------------------------------------------------------------------------------------------------


def hostile_labels(value: Any, taken: list[int]) -> Any:
    """Every label of a definition replaced by the next hostile text."""
    if isinstance(value, dict):
        return {k: _hostile(taken) if k in ("label", "cases") else hostile_labels(v, taken) for k, v in value.items()}
    return [hostile_labels(v, taken) for v in value] if isinstance(value, list) else value


def _hostile(taken: list[int]) -> str:
    taken.append(1)
    return HOSTILE[len(taken) % len(HOSTILE)]


def hostile_study() -> tuple[Published, Definition]:
    raw = make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    definition = Definition.model_validate(json.loads(json.dumps(hostile_labels(raw, []))))
    published = make_published()
    hostile = {}
    for field in fields(Published):
        table = getattr(published, field.name)
        labels = [c for c in table.columns if c == "label" or c.endswith("_label")]
        hostile[field.name] = table.assign(
            **{c: [HOSTILE[(i + len(c)) % len(HOSTILE)] for i in pd.factorize(table[c])[0]] for c in labels}
        )
    return Published(**hostile), definition


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_hostile_labels_are_shown_as_text(tmp_path: Path) -> None:
    published, definition = hostile_study()
    draw_figures(published, definition, tmp_path)
    everything = ""
    for path in tmp_path.glob("*.svg"):
        tags = {node.tag.rpartition("}")[2] for node in ElementTree.parse(path).iter()}
        assert not tags & {"script", "foreignObject", "image", "a"}
        everything += " ".join(svg_texts(path))
    for shown in ("<script>alert(1)</script>", "$\\frac{1}{2}$", "=1+1 & {{", "bell gnp.exe", "\u56fe\u4e66\u9986"):
        assert shown in everything
    assert "\u202e" not in everything
    lines = "".join(p.read_text(encoding="utf-8") for p in tmp_path.glob("*.csv")).splitlines()
    assert not any(cell.startswith(("=", '"=')) for line in lines for cell in line.split(","))


def told_study() -> tuple[Published, Definition]:
    return make_published(), make_definition()


def crowded_study() -> tuple[Published, Definition]:
    """Ten groups with long names in every comparison, and five collections in the joint display."""
    published = make_published()
    estimates, joint = published.survey_estimates, published.joint_display
    groups = [estimates]
    for i in range(12):
        more = estimates[estimates["group"] == ("primary", "classroom")[i % 2]]
        groups.append(more.assign(group=f"g{i}", group_label=f"Group {i} of the people who gave a rather long answer"))
    texts = joint[joint["origin"] == "interviews"]
    copies = [texts.assign(origin=f"c{i}", origin_label=f"Collection {i}") for i in range(3)]
    crowded = {"survey_estimates": pd.concat(groups), "joint_display": pd.concat([joint, *copies])}
    return replace(published, **crowded), make_definition()


def lopsided_study() -> tuple[Published, Definition]:
    """Sixty options in one question and one in another, a single group in every break."""
    published, raw = make_published(), make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    estimates = published.survey_estimates
    estimates = estimates[estimates["group"].isin(["", "primary", "classroom"])]
    estimates = estimates[(estimates["question"] != "money") | (estimates["option"] == "budget")]
    pleasure = estimates[(estimates["question"] == "uses") & (estimates["option"] == "pleasure")]
    more = [pleasure.assign(option=f"o{i}", option_label=f"A use of libraries, number {i}") for i in range(60)]
    raw["survey"]["questions"]["uses"]["options"] |= {
        f"o{i}": {"label": f"A use of libraries, number {i}"} for i in range(60)
    }
    columns = raw["survey"]["questions"]["uses"].get("columns")
    if columns:
        columns |= {f"o{i}": f"Column {i}" for i in range(60)}
    return replace(published, survey_estimates=pd.concat([estimates, *more])), Definition.model_validate(raw)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # what draws here is not what draws PNG and PDF
@pytest.mark.parametrize("study", [told_study, hostile_study, crowded_study, lopsided_study])
def test_no_two_texts_touch_and_none_is_cut(
    study: Callable[[], tuple[Published, Definition]], sketch: Sketch, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Figure] = []
    saved = sheet.as_svg
    monkeypatch.setattr(sheet, "as_svg", lambda figure, title: (made.append(figure), saved(figure, title))[1])
    published, definition = study()
    sketch(published=published, definition=definition)
    assert len(made) == len(planned_figures(definition))
    with sheet.settings():
        for figure in made:
            renderer = FigureCanvasAgg(figure).get_renderer()
            boxes = [t.get_window_extent(renderer) for t in figure.findobj(Text)]
            page = figure.bbox
            assert all(b.x0 >= 0 and b.x1 <= page.x1 and b.y0 >= -1 and b.y1 <= page.y1 + 1 for b in boxes)
            for a, b in combinations(boxes, 2):
                wide = min(a.x1, b.x1) - max(a.x0, b.x0)
                high = min(a.y1, b.y1) - max(a.y0, b.y0)
                assert wide <= 0.5 or high <= 0.3 * min(a.height, b.height)


@given(st.text(max_size=200), st.floats(0.3, 6.0), st.booleans())
def test_lines_keep_the_words_and_the_width(text: str, width: float, bold: bool) -> None:
    lines = sheet.wrap(text, width, palette.BODY, bold)
    squeezed = re.sub(r"\s", "", "".join(lines))
    assert squeezed == re.sub(r"\s", "", figure_words.clean(text))
    assert all(sheet.text_width(line, palette.BODY, bold) <= width for line in lines if line.isascii())


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2025-03-03", "2025-03-03", "3 March 2025"),
        ("2025-03-03", "2025-03-14", "3 to 14 March 2025"),
        ("2025-03-03", "2025-04-01", "3 March to 1 April 2025"),
        ("2024-12-30", "2025-01-02", "30 December 2024 to 2 January 2025"),
    ],
)
def test_dates_are_written_out(start: str, end: str, words: str) -> None:
    raw = make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    raw["about"]["fieldwork"] = {"start": start, "end": end}
    assert figure_words.during(Definition.model_validate(raw)) == f"fieldwork {words}"


def test_figures_of_numbers_weighted_to_illustrative_targets_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_files, "PNG_DPI", 20)
    published, definition = make_published(), make_definition()
    profile = published.sample_profile.copy()
    profile.loc[profile["variable"] == "phase", "target_grade"] = "illustrative"
    draw_figures(replace(published, sample_profile=profile), definition, tmp_path)
    index = read_index(tmp_path)
    said = index["footnote"].str.contains("Weighted to illustrative targets (Phase): not to be quoted", regex=False)
    weighted = index["subtitle"].str.contains("Weighted") | index["kind"].isin(["weights", "joint"])
    assert (said == weighted).all()
    assert 0 < said.sum() < len(index)
