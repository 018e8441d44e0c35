"""Two coders' exports of one transcript, from the files to the agreement, against figures made without any reader."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plait.qualitative.agreement import coder_agreement
from plait.qualitative.coded_file import CodedFile, Conventions
from plait.qualitative.refi_qda import OWN_ORIGIN
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.word_comments import read_comments
from plait.study.side_files import CodebookEntry
from qualitative.coded_files import code, coding, project_spec, project_xml, selection, source, write_qdpx

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative" / "docx-comments"
FILES = {"A": "coder_a.docx", "B": "coder_b.docx"}
WINDOW = 200

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not on this computer"),
]


@pytest.fixture(scope="module")
def documents() -> dict[str, CodedFile]:
    return {coder: read_comments(FOLDER / file, file, Conventions()) for coder, file in FILES.items()}


def kappas(folder: Path, files: dict[str, str], documents: dict[str, CodedFile]) -> pd.Series:
    names = sorted({c.path[-1] for file in documents.values() for c in file.codes})
    book: list[CodebookEntry] = [code(name.lower().replace(" ", "_"), label=name) for name in names]
    given = [{"file": file, "coder": coder, "assigned": "all"} for coder, file in files.items()]
    spec = project_spec("A", files=given, agreement_unit="character")
    coded = read_tool_files("talks", spec, folder, book)
    assert len(coded.sources) == 1
    table = coder_agreement(coded, {"talks": spec}).coefficients
    chosen = table[(table["coefficient"] == "cohen_kappa") & (table["unit"] == "character") & (table["code"] != "")]
    return chosen.set_index("code")["value"]


def test_the_documents_are_one_source_and_their_marks_are_compared(documents: dict[str, CodedFile]) -> None:
    texts = {file.sources[0].text for file in documents.values()}
    assert len(texts) == 1
    length = len(texts.pop() or "")
    marked = {}
    for coder, file in documents.items():
        places = {s.id: s for s in file.selections}
        marked[coder] = {c.path[-1]: np.zeros(length, bool) for other in documents.values() for c in other.codes}
        for c in file.codings:
            marked[coder][c.code][places[c.selection].start : places[c.selection].end] = True
    found = kappas(FOLDER, FILES, documents)
    assert len(found) == 6
    for name, a in marked["A"].items():
        b = marked["B"][name]
        expected = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
        kappa = ((a == b).mean() - expected) / (1 - expected)
        assert found[name.lower().replace(" ", "_")] == pytest.approx(kappa, abs=1e-9)


def test_the_ranges_that_dedoose_wrote_give_its_kappas(documents: dict[str, CodedFile], tmp_path: Path) -> None:
    """The same codings at the ranges in the comments, as projects whose one source has another name in each."""
    files = {}
    for coder, file in documents.items():
        ids = {c.code: f"c-{n}" for n, c in enumerate(file.codings)}
        codes = "".join(f'<Code guid="{guid}" name="{name}"/>' for name, guid in ids.items())
        places = {s.id: s.locator.removeprefix("Dedoose ").split("-") for s in file.selections}
        parts = [selection(*places[c.selection], coding(ids[c.code]), guid=f"s{c.origin}") for c in file.codings]
        text = f"<PlainTextContent>{'.' * WINDOW}</PlainTextContent>"
        xml = project_xml(
            source("T1", text, *parts, name=f"copy of {coder}"),
            users="",
            codes=f"<CodeBook><Codes>{codes}</Codes></CodeBook>",
            origin=OWN_ORIGIN,
        )
        files[coder] = f"{coder}.qdpx"
        write_qdpx(tmp_path, xml.replace(b' creatingUser="AAAA1111-0000-0000-0000-000000000001"', b"")).rename(
            tmp_path / files[coder]
        )
    found = kappas(tmp_path, files, documents)
    assert {name: None if pd.isna(k) else round(float(k), 4) for name, k in found.items()} == {
        "policy_views": 0.5833,
        "legalization_timeline": 1,
        "enforcement": -1,
        "social_equity": 0.375,
        "market_saturation": None,
        "personal_use": 0,
    }
