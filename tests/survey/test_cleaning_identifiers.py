"""Nothing that says who somebody is leaves cleaning. Every address and name below is invented."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from plait.survey.identifiers import by_header, hidden, identifying, of_respondents
from small_survey import cleaned, column, refused

LIKES = """
questions:
  likes: {label: L, text: T, column: likes, options: {likes: Likes, dislikes: Dislikes}}
"""


def text(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("RecipientEmail", ["x@example.org"], "e-mail addresses"),
        ("E-Mail-Adresse", ["(removed)"], "e-mail addresses"),
        ("contact", ["ann@example.org", "bob@example.org", "none"], "e-mail addresses"),
        ("IPAddress", ["192.0.2.1"], "IP addresses"),
        ("origin", ["192.0.2.1", "198.51.100.7"], "IP addresses"),
        ("origin", ["2001:db8:0:0:0:0:0:1"], "IP addresses"),
        ("RecipientLastName", ["Lee"], "names"),
        ("Name", ["Ann Lee"], "names"),
        ("Pr\u00e9nom", ["Ren\u00e9e"], "names"),
        ("opdata_username", ["student12"], "names"),
        ("LocationLatitude", ["51.5"], "coordinates"),
        ("Home postcode", ["SW1"], "postcodes"),
        ("where", ["SW1A 1AA", "M1 1AE"], "postcodes"),
        ("Phone number", ["555 0100"], "telephone numbers"),
        ("call", ["+44 20 7946 0000", "01632 960001"], "telephone numbers"),
        ("Date of birth", ["1990-01-01"], "dates of birth"),
        # None of these says who somebody is.
        ("cds", ["01611190130229", "01611190132878"], ""),
        ("StartDate", ["01/02/2020 10:15", "2020-02-01 10:15:00"], ""),
        ("version", ["1.2.3", "1.2.4"], ""),
        ("phone", ["1", "2", "9"], ""),
        ("IPAddress", ["", " "], ""),
        ("comments", ["ask ann@example.org", "no", "nothing", "great"], ""),
        ("Does the school know your name", ["Yes", "No"], ""),
        ("school name known", ["Yes"], ""),
        ("membership", ["gold"], ""),
    ],
)
def test_identifying_columns_are_known_by_name_or_by_content(header: str, cells: list[str], kind: str) -> None:
    assert identifying(header, text(*cells)) == kind


@pytest.mark.parametrize("header", ["shipping", "recipe", "tip", "cell", "contacted", "zipper", "latent"])
def test_a_word_that_only_contains_an_identifying_one_is_not_it(header: str) -> None:
    assert by_header(header) == ""


def test_addresses_are_hidden_wherever_a_cell_is_shown() -> None:
    assert (
        hidden("ask ann@example.org at 192.0.2.1 in SW1A 1AA") == "ask (e-mail address) at (IP address) in (postcode)"
    )
    assert hidden("Strongly agree, 2019-10-05 10:15:01") == "Strongly agree, 2019-10-05 10:15:01"


def test_columns_left_behind_are_counted_without_their_values(tmp_path: Path) -> None:
    form = "IPAddress,RecipientEmail,likes,note\n192.0.2.1,ann@example.org,Likes,x\n192.0.2.2,,Likes,y\n"
    result = cleaned(tmp_path, LIKES, form_csv=form)
    left = result.log[result.log["reason"].str.startswith("identifying")]
    assert dict(zip(left["column"], left["after"], strict=True)) == {"IPAddress": "2", "RecipientEmail": "1"}
    assert list(result.responses) == ["respondent", "in.form", "missing.likes", "likes"]
    everything = result.log.to_csv() + result.responses.to_csv() + result.flow.to_csv()
    assert "192.0.2" not in everything and "ann@" not in everything


IDS = "respondent_id: user\nduplicates: {keep: first}\n" + LIKES


@pytest.mark.parametrize(
    ("header", "people"),
    [
        ("user", ["ann@example.org", "bob@example.org"]),
        ("user", ["192.0.2.1", "192.0.2.2"]),
        ("user", ["Ann Lee", "Bob O'Neil"]),
        ("username", ["annlee1", "bobo"]),
    ],
)
def test_respondents_who_are_known_by_name_are_numbered(tmp_path: Path, header: str, people: list[str]) -> None:
    ann, bob = people
    form = f"{header},likes\n{ann},Likes\n{bob}, LIKES\n{ann},Dislikes\n"
    result = cleaned(tmp_path, IDS.replace("id: user", f"id: {header}"), form_csv=form)
    assert column(result.responses, "respondent") == ["1", "2"]
    assert set(result.log["respondent"]) <= {"", "1", "2"}
    assert result.log["reason"].str.contains("respondents are numbered instead").sum() == 1
    everything = result.log.to_csv() + result.responses.to_csv()
    assert ann not in everything and bob not in everything


def test_one_number_a_person_over_all_exports(tmp_path: Path) -> None:
    survey = """
    respondent_id: mail
    exports: {monday: {file: monday.csv}, friday: {file: friday.csv}}
    questions:
      likes: {label: L, text: T, export: monday, column: likes, options: {likes: Likes}}
      again: {label: A, text: A, export: friday, column: again, options: {again: Again}}
    """
    result = cleaned(
        tmp_path, survey,
        monday_csv="mail,likes\na@example.org,Likes\nb@example.org,Likes\n",
        friday_csv="mail,again\nc@example.org,Again\na@example.org,Again\n",
    )  # fmt: skip
    assert column(result.responses, "respondent") == ["1", "2", "3"]
    assert column(result.responses, "again") == ["again", None, "again"]


@pytest.mark.parametrize("ids", [["R_3fGh", "R_9aBc"], ["007", "008"], ["01611190130229", "2"], ["P 1", "P 2"]])
def test_mere_ids_stay_as_they_are(tmp_path: Path, ids: list[str]) -> None:
    form = "user,likes\n" + "".join(f"{i},Likes\n" for i in ids)
    assert column(cleaned(tmp_path, IDS, form_csv=form).responses, "respondent") == ids


def test_who_repeats_is_not_named_in_a_message(tmp_path: Path) -> None:
    survey = "respondent_id: user\n" + LIKES
    message = refused(tmp_path, survey, form_csv="user,likes\na@example.org,Likes\na@example.org,Likes\n")
    assert "stands on 2 rows (2, 3)" in message
    assert "example.org" not in message


@pytest.mark.parametrize(
    ("cells", "kind"),
    [(["ann@example.org", "bob@example.org"], "e-mail addresses"), (["SW1A 1AA", "M1 1AE"], "postcodes")],
)
def test_a_declared_column_that_identifies_people_is_refused(tmp_path: Path, cells: list[str], kind: str) -> None:
    survey = LIKES + "profile: {where: {label: W, column: where, options: {a: A}, unmapped: unknown}}\n"
    form = "likes,where\n" + "".join(f"Likes,{cell}\n" for cell in cells)
    message = refused(tmp_path, survey, form_csv=form)
    assert f"form.csv, column 'where': holds {kind}, which say who the respondents are" in message
    assert cells[0] not in message


def test_ids_are_judged_by_most_of_them() -> None:
    assert of_respondents("id", text("ann@example.org", "bob@example.org", "x")) == "e-mail addresses"
    assert of_respondents("id", text("x", "y", "ann@example.org")) == ""
