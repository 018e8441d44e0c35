"""The page in a browser: reachable, readable on a phone and on paper, asking for nothing, with no complaint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from browser.every_block import HOSTILE
from plait.report.blocks import legible
from report.make_published import make_definition
from visits import Visit

pytestmark = pytest.mark.browser
EXAMPLES = sorted((Path(__file__).parents[2] / "results").glob("*/report/report.html"))
Open = Callable[..., Visit]


# --- accessibility -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_accessibility_rule_is_broken_by_any_block(visit: Open, scheme: str, width: int) -> None:
    assert visit("blocks.html", width, color_scheme=scheme).broken_rules == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_no_accessibility_rule_is_broken_by_a_study(visit: Open, scheme: str, width: int) -> None:
    assert visit("study.html", width, color_scheme=scheme).broken_rules == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_no_accessibility_rule_is_broken_by_a_bare_shell(visit: Open, scheme: str, width: int) -> None:
    found = visit("shell.html", width, color_scheme=scheme)
    assert found.broken_rules == []
    assert found.overflow() == 0
    assert found.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.parents[1].name)
def test_no_accessibility_rule_is_broken_by_the_examples(visit: Open, page: Path) -> None:
    found = visit(page, 320)
    assert found.broken_rules == []
    assert found.overflow() == 0
    assert (found.outside, found.complaints) == ([], [])
    assert page.stat().st_size < 4_000_000


def test_no_accessibility_rule_is_broken_while_something_is_sought_and_charts_are_shown(visit: Open) -> None:
    found = visit("blocks.html")
    found.find("quiet")
    found.page.get_by_role("radio", name="Charts", exact=True).check()
    assert found.broken_rules == []


# --- fitting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["study.html", "blocks.html", "hostile.html"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_itself_never_scrolls_sideways_nor_asks_nor_complains(visit: Open, name: str, width: int) -> None:
    found = visit(name, width)
    found.open_folds()
    assert found.overflow() == 0
    assert (found.outside, found.complaints) == ([], [])


def test_on_a_phone_every_cell_of_a_table_of_words_is_in_sight_under_its_heading(visit: Open) -> None:
    page = visit("study.html", 360).page
    cells = page.evaluate("""[...document.querySelectorAll('#strands-together .wordy td')].filter(e => e.offsetParent)
        .map(e => [e.getBoundingClientRect().right, getComputedStyle(e, '::before').content])""")
    assert len(cells) > 3
    assert max(right for right, _ in cells) <= 360
    assert all(label not in ("none", '""') for _, label in cells)


def test_twice_the_text_size_still_fits(visit: Open) -> None:
    found = visit("blocks.html")
    found.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    found.open_folds()
    assert found.overflow() == 0


def test_whatever_is_pressed_is_large_enough(visit: Open) -> None:
    page = visit("blocks.html", 320).page
    sizes = page.evaluate("""[...document.querySelectorAll('a:not(.skip), button, summary, input, label')]
        .filter(e => e.offsetParent)
        .map(e => [e.textContent.trim().slice(0, 40), e.getBoundingClientRect().width, e.getBoundingClientRect().height])
    """)
    assert len(sizes) > 20
    assert [s for s in sizes if min(s[1:]) < 24] == []


def test_every_picture_is_drawn(visit: Open) -> None:
    sizes = visit().page.evaluate("[...document.images].map(image => [image.complete, image.naturalWidth])")
    assert len(sizes) > 5
    assert all(complete and width > 300 for complete, width in sizes)


def test_motion_is_left_out_where_it_is_not_wanted(visit: Open) -> None:
    page = visit("blocks.html", reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_the_chosen_of_several_is_told_apart_where_colours_are_forced(visit: Open) -> None:
    page = visit("blocks.html", forced_colors="active").page
    colours = page.evaluate("""[...document.querySelectorAll('#tools .radios span')]
        .map(e => getComputedStyle(e).backgroundColor)""")
    assert colours[0] != colours[1] == colours[2]


# --- without a script, and on paper ------------------------------------------------------------------------------------


def test_without_scripts_all_is_there_and_no_control_is(visit: Open) -> None:
    page = visit("blocks.html", java_script_enabled=False).page
    for kind, number in (("table", 8), ("figure.chart", 4)):
        shown = [thing.is_visible() for thing in page.locator(f"main {kind}").all()]
        assert len(shown) == number
        assert shown.count(False) == (1 if kind == "table" else 0)  # one is folded
    assert [c for c in page.locator("input, button, select, [role=search]").all() if c.is_visible()] == []
    fold = page.locator("details", has_text="Tests").last
    fold.locator("summary").click()
    assert fold.locator("table").is_visible()


def test_without_scripts_a_study_can_be_read(visit: Open) -> None:
    page = visit(java_script_enabled=False).page
    assert page.locator("h1").inner_text() == make_definition().title
    assert all(choice.is_visible() for choice in page.locator(".choice table").all())


def test_paper_shows_whatever_a_screen_hides(visit: Open) -> None:
    found = visit("blocks.html", 700)
    found.find("teacher")
    found.page.get_by_role("radio", name="Charts", exact=True).check()
    found.page.emulate_media(media="print")
    for kind, number in (("table", 8), ("figure.chart", 4), (".quotation", 3), ("section", 5), (".wording", 1)):
        places = f"[...document.querySelectorAll('main {kind}')].map(e => e.getBoundingClientRect().height)"
        heights = found.page.evaluate(places)
        assert len(heights) == number and min(heights) > 20, kind
    controls = "input, button, .skip, .radios, [role=search]"
    assert [c for c in found.page.locator(controls).all() if c.is_visible()] == []


def test_the_marks_stand_on_every_printed_page(visit: Open, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    printed = tmp_path / "printed.pdf"
    visit("blocks.html").page.pdf(path=str(printed), prefer_css_page_size=True)
    pages = [page.extract_text() for page in pypdf.PdfReader(printed).pages]
    assert len(pages) > 2
    assert [i for i, text in enumerate(pages) if "Simulated data \u2013 Not for release" not in text] == []


# --- keyboard ----------------------------------------------------------------------------------------------------------


def test_the_first_stop_of_the_keyboard_skips_to_the_report(visit: Open) -> None:
    page = visit("blocks.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    box = page.evaluate(
        "(() => {const b = document.activeElement.getBoundingClientRect(); return [b.top, b.height]})()"
    )
    assert box[0] >= 0 and box[1] >= 24
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"


def test_the_keyboard_reaches_every_control_in_reading_order_and_shows_where_it_is(visit: Open) -> None:
    page = visit("blocks.html", reduced_motion="reduce").page
    stops = page.evaluate("""(() => {
        const all = [...document.querySelectorAll('a, button, summary, input, [tabindex="0"]')]
            .filter(e => e.checkVisibility());
        all.forEach((e, i) => { e.dataset.stop = i; });
        return all.filter(e => e.type !== 'radio' || e.checked).map(e => Number(e.dataset.stop));
    })()""")
    assert len(stops) > 20
    met = []
    for _ in stops:
        page.keyboard.press("Tab")
        stop, outlined, top, bottom = page.evaluate("""(() => {
            const e = document.activeElement, drawn = e.type === 'radio' ? e.nextElementSibling : e;
            const box = e.getBoundingClientRect();
            return [Number(e.dataset.stop), getComputedStyle(drawn).outlineStyle, box.top, box.bottom];
        })()""")
        met.append(stop)
        assert outlined == "solid"
        assert bottom > 0 and top < 900  # in view
    assert met == stops


def test_folds_open_and_tables_scroll_by_keyboard(visit: Open) -> None:
    page = visit("blocks.html", 320, reduced_motion="reduce").page
    fold = page.locator("details", has_text="Tests").last
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    region = fold.locator(".scroll").first
    region.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(40):  # the page's own policy forbids a function that waits inside it
        if scrolled := region.evaluate("region => region.scrollLeft > 0"):
            break
        page.wait_for_timeout(25)
    assert scrolled


# --- what people wrote -------------------------------------------------------------------------------------------------


def test_hostile_text_is_shown_as_text_everywhere_and_never_acts(visit: Open) -> None:
    found = visit("hostile.html")
    found.open_folds()
    page, text = found.page, " ".join(legible(HOSTILE).split())
    for place in ("title", "h1", "h3", "caption", "th", "td", ".wording", ".quotation", ".note", "dd", ".radios label"):
        said = page.evaluate(f"[...document.querySelectorAll({place!r})].map(e => e.textContent)")
        assert any(text in " ".join(s.split()) for s in said), place
    assert page.evaluate("document.querySelectorAll('script').length") == 1
    assert page.evaluate("[...document.images].every(i => i.src.startsWith('data:'))")
    found.find("<script>")
    page.wait_for_timeout(50)
    assert (found.outside, found.complaints) == ([], [])


def test_markup_that_found_its_way_in_could_not_run(visit: Open) -> None:
    found = visit("blocks.html")
    found.page.evaluate("""(() => {
        const script = document.createElement('script');
        script.textContent = 'document.title = "ran"';
        const image = document.createElement('img');
        image.setAttribute('onerror', 'document.title = "ran"');
        image.src = 'data:image/png;base64,broken';
        const style = document.createElement('style');
        style.textContent = 'h1 { display: none }';
        document.body.append(script, image, style);
    })()""")
    found.page.wait_for_timeout(100)
    assert found.page.title().startswith("What libraries are for")
    assert found.page.locator("h1").is_visible()
    assert len(found.complaints) == 3 and all("Content Security Policy" in c for c in found.complaints)
