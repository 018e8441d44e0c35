import pytest

from plait.errors import StudyError
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.readers import read_coded_text
from plait.qualitative.themes import theme_counts
from plait.study.definition import CodedText
from qualitative.coded_files import (
    BOOK,
    COVER,
    coding,
    project_spec,
    project_xml,
    segments_spec,
    selection,
    sheets_spec,
    source,
    the_problem,
    write_csv,
    write_qdpx,
)

STRAND = CodedText(
    codebook="codebook.csv",
    collections={
        "answers": sheets_spec({"file": "ann.csv", "coder": "Ann"}),
        "talks": project_spec(),
        "notes": segments_spec(),
    },
)


def write_all(folder) -> None:
    write_csv(folder / "ann.csv", [["id", "phase", "answer", "Cover"], ["1", "primary", "no cover", "1"]])
    text = "<PlainTextContent>no cover</PlainTextContent>"
    write_qdpx(folder, project_xml(source("1", text, selection(3, 8, coding(COVER)))))
    write_csv(folder / "segments.csv", [["case", "source", "code", "coder", "text"], ["1", "1", "Cover", "Ann", "it"]])
    write_csv(folder / "participants.csv", [["case", "phase"], ["1", "primary"]])


def test_collections_of_all_formats_come_together(tmp_path) -> None:
    write_all(tmp_path)
    coded = read_coded_text(STRAND.collections, tmp_path, BOOK)
    # The same origin id in three collections is three sources.
    assert list(coded.sources["collection"]) == ["answers", "talks", "notes"]
    assert coded.sources["source"].nunique() == coded.cases["case"].nunique() == 3
    assert len(coded.codes) == len(BOOK)
    assert coded.import_log["n_in"].sum() == len(coded.segments) == 3
    counts = theme_counts(coded, STRAND.collections).query("theme == 'time_cover' and unit == 'cases' and by == ''")
    assert list(counts["n"]) == list(counts["of"]) == [1, 1, 1]
    assert coder_agreement(coded, STRAND.collections).coefficients.empty


def test_the_problems_of_all_collections_come_together(tmp_path) -> None:
    write_all(tmp_path)
    write_csv(tmp_path / "ann.csv", [["id", "phase", "answer", "Covr"]])
    (tmp_path / "project.qdpx").write_bytes(b"not a zip")
    (tmp_path / "participants.csv").unlink()
    with pytest.raises(StudyError) as error:
        read_coded_text(STRAND.collections, tmp_path, BOOK)
    assert the_problem(error.value, "'Covr' is not in the codebook").file == "ann.csv"
    assert the_problem(error.value, "is no file of coded text").file == "project.qdpx"
    assert the_problem(error.value, "there is no such file").file == "participants.csv"
