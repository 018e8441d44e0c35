"""XML that is parsed without giving it anything to do."""

import pytest

from plait.errors import StudyError
from plait.qualitative.xml_safely import parse_xml, split_tag


def refusal(data: bytes) -> str:
    with pytest.raises(StudyError) as error:
        parse_xml(data, "file.xml", "real export", "export it again")
    (problem,) = error.value.problems
    assert (problem.file, problem.mend) == ("file.xml", "export it again")
    return problem.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sound_xml_in_the_encodings_of_tools(encoding: str) -> None:
    root = parse_xml("<a xmlns='n'><b>é</b></a>".encode(encoding), "f", "k", "m")
    assert (split_tag(root.tag), root[0].text) == (("n", "a"), "é")


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<!DOCTYPE a><a",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
    ],
)
def test_a_document_type_is_refused(data: bytes) -> None:
    assert refusal(data) == "declares a document type (DOCTYPE); no real export does"


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a>&b;</a>", b"<a>\x01</a>", b"<?xml version='1.0' encoding='no'?><a/>"]
)
def test_broken_xml_is_told(data: bytes) -> None:
    assert refusal(data).startswith("is not well-formed XML (")


def test_nesting_has_an_end() -> None:
    parse_xml(b"<a>" * 100 + b"</a>" * 100, "f", "k", "m")
    assert "100 deep" in refusal(b"<a>" * 50_000 + b"</a>" * 50_000)
