"""A survey that leaves out what its readers are owed does not run; answers to checklists name items that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.checklists import checklists
from plait.study import load_study
from plait.study.definition import Definition
from study.test_definition import change, complaint


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("commissioned_by: the school", "commissioned_by: TBC", ["about.commissioned_by'", "who commissioned"]),
        ("conducted_by: the office", "conducted_by: '???'", ["about.conducted_by'", "says nothing"]),
        ("population: parents of the school", "population: Not stated", ["about.population'", "whom the findings"]),
        ("sample: everyone was asked", "sample: to be confirmed", ["about.sample'", "how people came to be asked"]),
        ("mode: paper form", "mode: n/a", ["row 10", "about.mode'", "'n/a'"]),
        ("mode: paper form", "mode: paper form\n  tables: tbc", ["about.tables'", "where the full tables are"]),
        (
            "text: Does your child use the breakfast club?",
            "text: ...",
            ["survey.questions.uses.text'", "word for word"],
        ),
        ("text: Does your child use the breakfast club?", "text: uses", ["short name and not its wording"]),
        ("      text: Does your child use the breakfast club?\n", "", ["survey.questions.uses.text'", "is missing"]),
        ("  commissioned_by: the school\n", "", ["about.commissioned_by'", "is missing"]),
        ("  fieldwork: {start: 2026-01-05, end: 2026-01-09}\n", "", ["about.fieldwork'", "is missing"]),
        (
            "targets: targets.csv",
            "method: supplied",
            ["survey.weighting.description'", "by which variables, to which targets, from which source"],
        ),
        ("targets: targets.csv", "method: supplied, description: todo", ["survey.weighting.description'", "'todo'"]),
    ],
)
def test_what_a_survey_must_disclose_is_refused_where_it_is_missing(
    little: Path, old: str, new: str, expected: list[str]
) -> None:
    change(little / "study.yaml", old, new)
    message = complaint(little)
    for words in ["study.yaml", "mend:", *expected]:
        assert words in message


def test_the_source_of_a_target_must_be_named(little: Path) -> None:
    text = (little / "targets.csv").read_text(encoding="utf-8")
    header, first, *rest = text.splitlines()
    place = header.split(",").index("source")
    cells = first.split(",")
    cells[place] = "TBC"
    (little / "targets.csv").write_text("\n".join([header, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    message = complaint(little)
    assert "targets.csv, row 2, column 'source'" in message and "where the population figure comes from" in message


@pytest.mark.parametrize("licence", ["CC BY 4.0", "{name: MIT, path: 'javascript:alert(1)'}", "{title: free}"])
def test_a_licence_has_an_identifier_and_no_address_but_of_the_web(little: Path, licence: str) -> None:
    change(little / "study.yaml", "mode: paper form", f"mode: paper form\n  licence: {licence}")
    assert "about.licence" in complaint(little)


def test_a_study_of_coded_text_alone_owes_no_pollsters_disclosure(little: Path) -> None:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    survey, coded = text.index("survey:\n"), text.index("coded_text:\n")
    alone = text[:survey] + text[coded:].replace("linking: linking.csv\n", "")
    (little / "study.yaml").write_text(alone.replace("mode: paper form", "mode: TBC"), encoding="utf-8")
    assert load_study(little).definition.survey is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("gramms: {justifcation: x}", ["reporting.gramms.justifcation'", "did you mean 'justification'"]),
        ("cherries: {cookie: x}", ["online surveys has no item 'cookie'", "did you mean 'cookies'"]),
        ("srqr: {}", ["is not a key of the definition"]),
        ("gramms: {design: {}}", ["give either the text or the reason"]),
        ("gramms: {design: {text: a, not_applicable: b}}", ["give either the text or the reason"]),
        ("coreq: {interviewer: one of us}", ["reporting.coreq'", "the study has no such part", "leave it out"]),
        ("{cherries: {contact: x}, leave_out: {cherries: on paper}}", ["answered and left out at once"]),
    ],
)
def test_answers_to_items_that_do_not_exist_are_refused(little: Path, written: str, expected: list[str]) -> None:
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(f"reporting: {written if written.startswith('{') else '{' + written + '}'}\n")
    message = complaint(little)
    for words in ["study.yaml", *expected]:
        assert words in message


def test_answers_are_texts_or_reasons(little: Path) -> None:
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("reporting:\n  gramms: {design: side by side, insights: {not_applicable: not yet}}\n")
    answers = load_study(little).definition.reporting.gramms
    assert answers["design"].text == "side by side"
    assert answers["insights"].not_applicable == "not yet"


def test_checklists_have_the_items_of_their_versions_each_once() -> None:
    found = checklists()
    assert {name: len(c.items) for name, c in found.items()} == {"gramms": 6, "coreq": 32, "cherries": 30}
    assert {name: c.version for name, c in found.items()} == {"gramms": "2008", "coreq": "2007", "cherries": "2004"}
    for checklist in found.values():
        names = [item.name for item in checklist.items]
        assert len(set(names)) == len(names)
        assert [item.number for item in checklist.items] == list(range(1, len(names) + 1))
        assert all(item.asks and item.topic for item in checklist.items)


def test_checklists_fit_the_strands_of_a_study(little: Path) -> None:
    definition = load_study(little).definition
    assert definition.checklists == ("gramms", "cherries")  # its coded texts are answers to an open question
    assert definition.model_copy(update={"coded_text": None, "linking": None}).checklists == ("cherries",)
    coded = definition.model_dump(by_alias=True, exclude={"survey", "linking"})
    for collection in coded["coded_text"]["collections"].values():
        collection["mode"] = "focus_group"
    assert Definition.model_validate(coded).checklists == ("coreq",)
