"""From a list of quotations to what is printed: approved, verbatim, agreed to, and attributed with care."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.qualitative.quote_candidates import quote_candidates
from plait.qualitative.quotes import select_quotes
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText
from plait.study.side_files import Quotation
from plait.tables import TURNS
from qualitative.coded_files import BOOK, COVER, PAY, coding, project_spec, project_xml, selection, source, write_qdpx

WORDS = "They cover my lessons. They pay me too little, {name}."
SPEC = project_spec(attribution=["role", "phase"])
SPECS = {"talks": SPEC}
PEOPLE = {
    "t1": ("Mentor", "Primary"),
    "t2": ("Mentor", "Primary"),
    "t3": ("Mentor", "Primary"),
    "t4": ("Lead", "Primary"),
    "t5": ("Lead", "Secondary"),
    "t6": ("Lead", "Secondary"),
}


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> CodedText:
    """Six transcripts: cover is coded on the first sentence (0-22), pay on the second."""
    folder = tmp_path_factory.mktemp("talks")
    sources, texts, cases = [], {}, []
    for name, (role, phase) in PEOPLE.items():
        text = WORDS.format(name=name)
        spans = [(0, 22, COVER), (23, len(text), PAY)]
        found = [selection(a, b, coding(c), name=text[a:b], guid=f"{name}-{a}") for a, b, c in spans]
        sources.append(source(name, *found, path=f"internal://{name}.txt"))
        texts[f"{name}.txt"] = text.encode()
        values = "".join(
            f'<VariableValue><VariableRef targetGUID="v-{v}"/><TextValue>{x}</TextValue></VariableValue>'
            for v, x in (("role", role), ("phase", phase))
        )
        cases.append(f'<Case guid="case-{name}" name="{name}">{values}<SourceRef targetGUID="{name}"/></Case>')
    variables = "".join(f'<Variable guid="v-{v}" name="{v}" typeOfVariable="Text"/>' for v in ("role", "phase"))
    more = f"<Variables>{variables}</Variables><Cases>{''.join(cases)}</Cases>"
    write_qdpx(folder, project_xml(*sources, more=more), texts)
    return read_tool_files("talks", SPEC, folder, BOOK)


def quote(text: str, where: str = "t1", code: str = "money_pay", **more: Any) -> Quotation:
    row = {"quote_id": "q1", "collection": "talks", "code": code, "source": where, "text": text}
    return Quotation.model_validate(row | {"approved_by": "Ann", "date": "2026-03-02"} | more)


def selected(coded: CodedText, *quotes: Quotation, **more: int) -> pd.DataFrame:
    return select_quotes(coded, SPECS, dict(enumerate(quotes, start=2)), "quotes.csv", **more)


def complaints(coded: CodedText, *quotes: Quotation, **more: int) -> list[str]:
    with pytest.raises(StudyError) as caught:
        selected(coded, *quotes, **more)
    return [str(problem) for problem in caught.value.problems]


def with_consent(coded: CodedText, **consent: str) -> CodedText:
    cases = coded.cases.set_index("origin_id")["case"]
    rows = [
        {"case": cases[f"case-{name}"], "attribute": "consent_quote", "value": value} for name, value in consent.items()
    ]
    return replace(coded, case_attributes=pd.concat([coded.case_attributes, pd.DataFrame(rows)], ignore_index=True))


def test_a_quotation_is_found_and_attributed(coded: CodedText) -> None:
    (row,) = selected(coded, quote("They pay me [...] little")).to_dict("records")
    assert (row["start"], row["end"]) == (23, 45)
    assert row["attribution"] == "Mentor, Primary"
    assert (row["alike"], row["theme"], row["code"]) == (3, "money", "money_pay")
    assert row["source_sha256"] == coded.sources.set_index("name").loc["t1", "text_sha256"]


def test_what_nobody_approved_is_not_printed(coded: CodedText) -> None:
    draft = quote("Never said", approved_by="", date="")
    assert selected(coded, draft, quote("They pay me", quote_id="q2"))["quote"].tolist() == ["q2"]


def test_a_theme_may_be_quoted_by_any_of_its_codes(coded: CodedText) -> None:
    assert selected(coded, quote("They pay me", code="money"))["theme"].tolist() == ["money"]


def test_a_combination_of_few_is_coarsened(coded: CodedText) -> None:
    rows = selected(coded, quote("They pay me", "t4"), quote("They pay me", "t5", quote_id="q2"))
    assert rows["attribution"].tolist() == ["Lead", "Lead"]
    assert rows["alike"].tolist() == [3, 3]
    (row,) = selected(coded, quote("They pay me"), fewest=4).to_dict("records")
    assert (row["attribution"], row["alike"]) == ("Interviews", 6)


def test_every_mistake_is_told_at_once_and_no_words_with_it(coded: CodedText) -> None:
    told = complaints(
        coded,
        quote("They paid me", quote_id="a"),
        quote("They cover my lessons", quote_id="b"),
        quote("They pay me", "t9", quote_id="c"),
        quote("They pay me", code="time_meetings", quote_id="d"),
        quote("They pay [me", quote_id="e"),
    )
    assert len(told) == 5
    assert "row 2, column 'text': the quotation 'a' is not verbatim" in told[0]
    assert "row 3, column 'text': the quotation 'b' is not verbatim: it stands in the source, but not within" in told[1]
    assert "row 4, column 'source': the quotation 'c' names a source that is not there" in told[2]
    assert "row 5, column 'code': the quotation 'd' has a code that is not counted in its source" in told[3]
    assert "row 6, column 'text': the quotation 'e' is not verbatim: a square bracket" in told[4]
    assert not any("pay" in t.replace("money_pay", "") or "lessons" in t for t in told)


def test_one_person_is_quoted_so_often_and_no_more(coded: CodedText) -> None:
    three = [quote("They pay me", quote_id=f"q{n}") for n in range(3)]
    (told,) = complaints(coded, *three)
    assert "row 4" in told
    assert "2 quotations already" in told
    assert len(selected(coded, *three, per_person=3)) == 3


def test_consent_is_kept(coded: CodedText) -> None:
    asked = with_consent(coded, t1="yes", t2="no", t3="anonymous_only", t4="perhaps")
    said = [quote("They pay me", f"t{n}", quote_id=f"q{n}") for n in range(1, 6)]
    told = complaints(asked, *said)
    assert len(told) == 3
    assert "'q2' is of a person who did not agree to be quoted" in told[0]
    assert "'q4' is of a person who did not agree" in told[1]
    assert "'q5' is of a person without consent" in told[2]
    assert selected(asked, said[0], said[2])["attribution"].tolist() == ["Mentor, Primary", "Interviews"]


def test_people_of_a_tiny_group_are_not_quoted_at_all(coded: CodedText) -> None:
    (told,) = complaints(coded, quote("They pay me"), fewest=7)
    assert "one of only 6 people, fewer than 7" in told


def test_an_attribute_that_is_not_there_is_told(coded: CodedText) -> None:
    with pytest.raises(StudyError, match="known of nobody") as caught:
        select_quotes(coded, {"talks": project_spec(attribution=["rolle"])}, {2: quote("They pay me")}, "quotes.csv")
    assert "did you mean 'role'?" in str(caught.value)


def test_an_excluded_coding_cannot_be_quoted(coded: CodedText) -> None:
    gone = coded.segments.assign(
        status=coded.segments["status"].mask(coded.segments["code"] == "money_pay", "excluded"),
        reason=coded.segments["reason"].mask(coded.segments["code"] == "money_pay", "decisions.csv, row 2: exclude"),
    )
    (told,) = complaints(replace(coded, segments=gone), quote("They pay me"))
    assert "not counted in its source" in told


def test_candidates_are_long_enough_and_vary_by_person_and_group(coded: CodedText) -> None:
    assert len(quote_candidates(coded, SPECS, selected(coded))) == 0
    longer = coded.segments.assign(text=coded.segments["text"] + " and so on" * 5)
    quoted = selected(coded, quote("They pay me", "t4"))
    found = quote_candidates(replace(coded, segments=longer), SPECS, quoted)
    assert set(found["words"]) == {19, 21}
    pay = found[found["code"] == "money_pay"]
    assert pay["rank"].tolist() == [1, 2, 3, 4, 5]
    assert pay["source"].nunique() == 5
    assert "t4" not in pay["source"].tolist()
    first = found[found["code"] == "time_cover"]
    assert first["group"].tolist() == ["Mentor"]  # all said the same; a lead has been heard already
    refused = with_consent(replace(coded, segments=longer), t1="no", t2="yes")
    assert set(quote_candidates(refused, SPECS, quoted)["source"]) == {"t2"}


def test_a_coding_of_a_whole_text_in_which_the_interviewer_speaks_is_no_candidate(coded: CodedText) -> None:
    source = coded.sources["source"].iloc[0]
    long = "We never have the time to sit down and talk about how a lesson went, which is a pity for us all."
    segments = coded.segments.assign(text=long)
    mine = segments["source"] == source
    whole = segments.assign(start=segments["start"].mask(mine), end=segments["end"].mask(mine))
    turns = TURNS.of([{"source": source, "start": 0, "end": 5, "speaker": "Interviewer", "role": "interviewer"}])
    listed = quote_candidates(replace(coded, segments=whole, turns=turns), SPECS, selected(coded), per_person=9)
    assert len(listed) and "t1" not in set(listed["source"])
