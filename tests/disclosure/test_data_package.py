"""Every published column is described, and the package says of every file what is true of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from disclosure.package_checker import broken
from plait import descriptions, tables
from plait.descriptions import describe, describe_columns, short_name
from plait.disclosure.data_package import data_package
from plait.disclosure.dictionary import data_dictionary, survey_variables
from plait.disclosure.rules import PROFILES
from plait.report.published import Published
from plait.study.definition import Definition
from report.make_published import empty_published, make_definition, make_published


def packed(folder: Path, published: Published | None = None, definition: Definition | None = None) -> Path:
    """Write published tables and their package."""
    published = published or make_published()
    for table in tables.PUBLISHED:
        tables.write_csv(getattr(published, short_name(table)), folder / f"{short_name(table)}.csv")
    package = data_package(folder, definition or make_definition(), PROFILES["public"])
    tables.write_json(package, folder / "datapackage.json")
    return folder


def described() -> set[tuple[str, str]]:
    """Every table and column with a line of its own; the table is empty where the line holds for all."""
    file = Path(descriptions.__file__).with_name("columns.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        found = [(line["table"], line["column"]) for line in csv.DictReader(lines)]
    assert len(set(found)) == len(found)
    return set(found)


def content(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


# --- descriptions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", tables.PUBLISHED, ids=short_name)
def test_every_published_table_and_column_is_described(table: tables.Table) -> None:
    assert describe(table).title and describe(table).made_from
    for column, said in describe_columns(table).items():
        assert said.description[0].isupper() and not said.description.endswith("."), column


def test_nothing_is_described_that_is_not_published() -> None:
    published = {short_name(t): t.columns for t in tables.PUBLISHED}
    own = {(table, column) for table, column in described() if table}
    assert [place for place in sorted(own) if place[1] not in published.get(place[0], ())] == []
    for _, column in (place for place in described() if not place[0]):
        assert any(column in columns and (table, column) not in own for table, columns in published.items()), column


def test_the_dictionary_has_a_line_for_every_column_itself_included() -> None:
    shown = data_dictionary()
    lines = list(zip(shown["table"], shown["column"], strict=True))
    assert lines == [(short_name(t), column) for t in tables.PUBLISHED for column in t.columns]
    marker = shown[(shown["table"] == "survey_estimates") & (shown["column"] == "marker")].iloc[0]
    assert "c = suppressed for confidentiality" in marker["values"]
    assert marker["when_empty"] == "nothing to remark"


def test_a_column_that_may_be_empty_says_what_that_means(tmp_path: Path) -> None:
    """Checked on a study that has every special case of a published table."""
    may = {(t, c) for t, c in zip(*(data_dictionary()[n] for n in ("table", "column")), strict=True)}
    shown = data_dictionary().set_index(["table", "column"])["when_empty"]
    for field in fields(Published):
        for column, cells in getattr(make_published(), field.name).items():
            assert (field.name, column) in may
            if (cells.isna() | (cells.astype("str") == "")).any():
                assert shown[field.name, column], (field.name, column)


# --- variables ---------------------------------------------------------------------------------------------------------


def test_every_variable_has_its_wording_answers_missing_codes_base_and_origin() -> None:
    survey = make_definition().survey
    assert survey
    shown = survey_variables(survey).set_index("variable")
    assert set(shown.index) == {*survey.questions, *survey.profile, *survey.derived, *survey.crosses}
    uses = shown.loc["uses"]
    assert uses["wording"] == "What do you use your school library for? Tick all that apply."
    assert (uses["role"], uses["type"], uses["position"]) == ("question", "multi", 1)
    assert uses["values"].startswith("pleasure = Reading for pleasure; quiet = A quiet place")
    assert uses["made_from"] == "Panel survey, the column \u2018q1\u2019"
    assert uses["base"].startswith("Asked of")
    assert shown.loc["phase", "role"] == "profile"
    assert "empty: not known" in shown.loc["phase", "missing"]


def test_missing_codes_are_told_with_their_reasons() -> None:
    definition = make_definition()
    survey = definition.survey
    assert survey
    uses = survey.questions["uses"].model_copy(update={"missing": {"-9": "refused"}, "blank": "none_ticked"})
    changed = survey.model_copy(update={"missing": {"-1": "not_asked"}, "questions": {"uses": uses}})
    (missing,) = survey_variables(changed).set_index("variable").loc[["uses"], "missing"]
    assert missing.endswith(
        "\u2018-1\u2019: that the question was not asked; \u2018-9\u2019: a refusal; empty: nothing was ticked"
    )


def test_a_study_without_a_survey_has_no_variables() -> None:
    assert len(survey_variables(None)) == 0


# --- package -----------------------------------------------------------------------------------------------------------


def test_the_package_keeps_the_published_rules_and_every_file_its_schema(tmp_path: Path) -> None:
    assert broken(packed(tmp_path)) == []


def test_a_package_of_withheld_numbers_is_whole(tmp_path: Path) -> None:
    assert broken(packed(tmp_path, empty_published())) == []


def test_the_package_says_whose_it_is_and_under_which_licence(tmp_path: Path) -> None:
    definition = make_definition()
    assert "licenses" not in content(packed(tmp_path, definition=definition))
    about = definition.about.model_validate(definition.about.model_dump() | {"licence": "OGL-UK-3.0"})
    said = content(packed(tmp_path, definition=definition.model_copy(update={"about": about})))
    assert said["licenses"] == [{"name": "OGL-UK-3.0"}]
    assert said["title"] == definition.title
    assert [c["title"] for c in said["contributors"]] == ["The School Reading Group", "The Library Fund"]
    assert "simulated" in said["description"]


def test_rules_that_must_be_told_are_told(tmp_path: Path) -> None:
    packed(tmp_path)
    assert "Not for release." in data_package(tmp_path, make_definition(), PROFILES["internal"])["description"]


def test_the_package_is_the_same_when_written_again(tmp_path: Path) -> None:
    once, again = packed(tmp_path / "a"), packed(tmp_path / "b")
    assert (once / "datapackage.json").read_bytes() == (again / "datapackage.json").read_bytes()
    assert str(tmp_path) not in (once / "datapackage.json").read_text(encoding="utf-8")


def with_cell(name: str, column: str, value: object) -> Callable[[Published], Published]:
    def change(published: Published) -> Published:
        frame = getattr(published, name).astype({column: "object"})
        frame.loc[0, column] = value
        return replace(published, **{name: frame})

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (with_cell("survey_estimates", "per_cent", 101), "survey_estimates.per_cent: 101 is too large"),
        (with_cell("survey_estimates", "per_cent", "34 [u]"), "'34 [u]' is no number"),
        (with_cell("survey_estimates", "marker", "q"), "'q' is not one of"),
        (with_cell("survey_estimates", "question", "elsewhere"), "('elsewhere',) leads nowhere"),
        (with_cell("survey_estimates", "question_label", ""), "question_label: required and empty"),
        (with_cell("row_flow", "rows_out", -1), "-1 is too small"),
        (with_cell("row_flow", "rows_out", 1.5), "'1.5' is no integer"),
        (with_cell("coders", "counted", "perhaps"), "'perhaps' is no boolean"),
        (with_cell("survey_variables", "variable", "valued"), "['variable'] is no key"),
    ],
)
def test_a_file_that_breaks_its_schema_is_seen(
    tmp_path: Path, change: Callable[[Published], Published], complaint: str
) -> None:
    assert complaint in " ".join(broken(packed(tmp_path, change(make_published()))))


def test_a_changed_file_and_another_column_are_seen(tmp_path: Path) -> None:
    file = packed(tmp_path) / "row_flow.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("rows_in", "rows"), encoding="utf-8")
    assert broken(tmp_path) == ["row_flow: bytes or hash", "row_flow: columns"]


def test_an_unsafe_path_is_seen(tmp_path: Path) -> None:
    package = content(packed(tmp_path))
    package["resources"][0]["path"] = "../published/survey_estimates.csv"
    (tmp_path / "published").mkdir()
    tables.write_json(package, tmp_path / "datapackage.json")
    (tmp_path.parent / "published").mkdir(exist_ok=True)
    (tmp_path.parent / "published" / "survey_estimates.csv").write_bytes(
        (tmp_path / "survey_estimates.csv").read_bytes()
    )
    assert broken(tmp_path) == ["survey_estimates: path is missing or unsafe"]
