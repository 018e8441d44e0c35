"""Small coded files for the tests, written the way tools write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd

from plait.errors import Problem, StudyError
from plait.study.definition import SegmentTable, Sheets, ToolFiles
from plait.study.side_files import CodebookEntry

NAMESPACE = "urn:QDA-XML:project:1.0"


def theme(code: str, label: str = "", *aliases: str) -> CodebookEntry:
    return CodebookEntry(code=code, label=label or code.capitalize(), kind="theme", aliases=aliases)


def code(code: str, parent: str = "", label: str = "", *aliases: str) -> CodebookEntry:
    return CodebookEntry(code=code, parent=parent, label=label or code, kind="code", aliases=aliases)


def structural(code: str) -> CodebookEntry:
    return CodebookEntry(code=code, label=code, kind="structural")


BOOK = (
    theme("time"),
    code("time_cover", "time", "Cover"),
    code("time_meetings", "time", "Meetings", "weekly slot"),
    theme("money"),
    code("money_pay", "money", "Pay"),
    structural("unclear"),
)


def write_csv(path: Path, rows: Iterable[Sequence[str]], *, bom: bool = False) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    return path


def sheets_spec(*sheets: Mapping[str, object], count_from: str = "Ann", **more: object) -> Sheets:
    return Sheets.model_validate(
        {
            "format": "sheets",
            "label": "Open answers",
            "mode": "open_text",
            "count_from": count_from,
            "sheets": list(sheets),
            "id_column": "id",
            "text_column": "answer",
            "attributes": {"phase": "phase"},
            "breaks": {"phase": "Phase"},
        }
        | more
    )


def project_spec(count_from: str = "Ann", **more: object) -> ToolFiles:
    return ToolFiles.model_validate(
        {
            "format": "tool",
            "label": "Interviews",
            "mode": "interview",
            "count_from": count_from,
            "files": "project.qdpx",
        }
        | more
    )


def segments_spec(**more: object) -> SegmentTable:
    return SegmentTable.model_validate(
        {
            "format": "segments",
            "label": "Interviews",
            "mode": "interview",
            "count_from": "Ann",
            "file": "segments.csv",
            "participants": "participants.csv",
            "breaks": {"phase": "Phase"},
        }
        | more
    )


# --- REFI-QDA ----------------------------------------------------------------------------------------------------------

ANN, BEN = "AAAA1111-0000-0000-0000-000000000001", "BBBB2222-0000-0000-0000-000000000002"
USERS = f'<Users><User guid="{ANN}" name="Ann"/><User guid="{BEN}" name="Ben"/></Users>'
COVER, MEETINGS, PAY = "c0000000-1", "c0000000-2", "c0000000-3"
CODES = f"""<CodeBook><Codes>
  <Code guid="C-TIME" name="Time" isCodable="true">
    <Code guid="{COVER}" name="Cover" isCodable="true"/><Code guid="{MEETINGS}" name="Meetings" isCodable="true"/>
  </Code>
  <Code guid="C-MONEY" name="Money" isCodable="false"><Code guid="{PAY}" name="Pay" isCodable="true"/></Code>
</Codes></CodeBook>"""


def coding(target: str, user: str = ANN) -> str:
    return f'<Coding guid="k-{target}-{user[:4]}" creatingUser="{user}"><CodeRef targetGUID="{target}"/></Coding>'


def selection(start: object, end: object, *codings: str, name: str = "", guid: str = "", user: str = ANN) -> str:
    guid = guid or f"s-{start}-{end}"
    return (
        f'<PlainTextSelection guid="{guid}" name={quoteattr(name)} startPosition="{start}" endPosition="{end}" '
        f'creatingUser="{user}"><Description/>{"".join(codings)}</PlainTextSelection>'
    )


def source(guid: str, *inside: str, name: str = "", path: str = "") -> str:
    plain = f'plainTextPath="{path}"' if path else ""
    return f'<TextSource guid="{guid}" name="{name or guid}" {plain}>{"".join(inside)}</TextSource>'


def project_xml(
    *sources: str, users: str = USERS, codes: str = CODES, more: str = "", namespace: str = NAMESPACE, origin: str = "A"
) -> bytes:
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="{namespace}" name="p" origin="{origin}">'
        f"{users}{codes}{more}<Sources>{''.join(sources)}</Sources></Project>"
    )
    return xml.encode()


def write_qdpx(folder: Path, xml: bytes, texts: Mapping[str, bytes] | None = None, *, sources: str = "sources") -> Path:
    members = {"project.qde": xml} | {f"{sources}/{name}": data for name, data in (texts or {}).items()}
    path = folder / "project.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


# --- looking at results ------------------------------------------------------------------------------------------------


def messages(error: StudyError) -> list[str]:
    return [str(problem) for problem in error.problems]


def the_problem(error: StudyError, words: str) -> Problem:
    found = [problem for problem in error.problems if words in str(problem)]
    assert len(found) == 1, messages(error)
    return found[0]


def logged(frame: pd.DataFrame, event: str) -> str:
    found = frame.loc[frame["event"] == event, "message"]
    assert len(found) == 1, frame[["event", "message"]].to_string()
    return str(found.iloc[0])
