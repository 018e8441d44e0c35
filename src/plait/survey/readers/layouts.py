"""Which rows above the data name the columns, and how: one rule for each tool that writes exports.

A row of question wording read as a respondent shifts every count by one, so the header is recognised by its content,
and a file in which it could be either is refused with the key that settles it.

Layouts and their rules:
    qualtrics: codes; then, where present, the wording (in the language of the interface); then import ids in braces.
    surveymonkey: the questions, blank after the first column of each; then `Response` or the option. A column is
        called `question`, or `question [option]`.
    limesurvey: one row, `code[sub-question]. Question [option]` or the bare code.
    teacher-tapp, google-forms, microsoft-forms: one row with the questions, known by the columns around them.
    generic: one row of names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from plait.errors import Problems, did_you_mean
from plait.tabular.grid import Grid

ROWS_LOOKED_AT = 200


@dataclass(frozen=True)
class Heading:
    """What the rows above the data say.

    Attributes:
        layout: The tool that wrote the file.
        header_rows: How many rows stand above the data.
        names: Name of each column, trimmed; empty where the file gives none.
        texts: Wording of each column's question; empty where the file gives none.
        codes: A short code by which a column may also be asked for; empty where there is none.
    """

    layout: str
    header_rows: int
    names: list[str]
    texts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


_Rows = list[list[str]]

# --- recognising -------------------------------------------------------------------------------------------------------

_QUALTRICS = {
    "StartDate", "EndDate", "RecordedDate", "Progress", "Duration (in seconds)", "Finished", "DistributionChannel",
    "ResponseId", "UserLanguage", "RecipientLastName", "RecipientFirstName", "ExternalReference", "LocationLatitude",
}  # fmt: skip
_QUALTRICS_LEGACY = {
    "ResponseID", "ResponseSet", "ExternalDataReference", "EmailAddress", "IPAddress", "StartDate", "EndDate", "Finished",
}  # fmt: skip
_QUALTRICS_TYPED = {"StartDate", "EndDate", "RecordedDate", "Progress", "Duration (in seconds)"}
_IMPORT_ID = re.compile(r"""\{\s*['"]ImportId['"]""")
_SURVEYMONKEY = {
    "RespondentID", "Respondent ID", "CollectorID", "Collector ID", "StartDate", "Start Date", "EndDate", "End Date",
    "Date Created", "Date Modified", "IP Address", "Email Address", "First Name", "Last Name", "LastName",
}  # fmt: skip
_RESPONSE = {
    "Response", "Open-Ended Response", "Réponse", "Réponse ouverte", "Respuesta", "Respuesta abierta", "Antwort",
    "Offene Antwort", "Resposta", "Risposta", "Antwoord",
}  # fmt: skip
_TIMESTAMPS = {
    "Timestamp", "Zeitstempel", "Horodateur", "Marca temporal", "Informazioni cronologiche", "Carimbo de data/hora",
    "Tijdstempel",
}  # fmt: skip
_LIMESURVEY_CODE = re.compile(r"^([A-Za-z][A-Za-z0-9_]*(?:\[[A-Za-z0-9_]+\])*)(?:\. (.*))?$", re.DOTALL)


def _is_qualtrics(rows: _Rows) -> bool:
    if any(_mostly_import_ids(row) for row in rows[1:3]):
        return True
    if len(_QUALTRICS & set(rows[0])) >= 3:
        return True
    numbered = sum(bool(re.fullmatch(r"V\d+", cell)) for cell in rows[0])
    return numbered >= 3 and len(rows) > 1 and len(_QUALTRICS_LEGACY & set(rows[1])) >= 3


def _mostly_import_ids(row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    return bool(filled) and sum(bool(_IMPORT_ID.match(cell)) for cell in filled) > len(filled) / 2


def _is_surveymonkey(rows: _Rows) -> bool:
    """A second row that says `Response` or names options, and nothing below the columns about the response itself."""
    if len(rows) < 2:
        return False
    questions, answers = rows[0], rows[1]
    about = [a for q, a in zip(questions, answers, strict=True) if q in _SURVEYMONKEY]
    responses = sum(a in _RESPONSE for a in answers)
    continued = sum(not q and bool(a) for q, a in zip(questions, answers, strict=True))
    filled = sum(bool(a) for a in answers)
    told = responses >= 2 or (responses >= 1 and responses + continued >= filled / 2)
    return not any(about) and (told or (bool(about) and continued >= 1))


def _is_limesurvey(rows: _Rows) -> bool:
    names = [name for name in rows[0] if name]
    spelled = sum(bool(match and match[2]) for match in map(_LIMESURVEY_CODE.match, names))
    bracketed = sum(bool(re.fullmatch(r"[A-Za-z]\w*(?:\[\w+\])+", name)) for name in names)
    return spelled >= max(2, len(names) / 2) or ("lastpage" in names and "startlanguage" in names) or bracketed >= 3


def _is_teacher_tapp(rows: _Rows) -> bool:
    return rows[0][:2] == ["user_id", "asked_at"]


def _is_google_forms(rows: _Rows) -> bool:
    return rows[0][0] in _TIMESTAMPS


def _is_microsoft_forms(rows: _Rows) -> bool:
    folded = [name.casefold() for name in rows[0][:5]]
    return folded[:3] == ["id", "start time", "completion time"]


_RECOGNISED: dict[str, Callable[[_Rows], bool]] = {
    "qualtrics": _is_qualtrics,
    "surveymonkey": _is_surveymonkey,
    "teacher-tapp": _is_teacher_tapp,
    "limesurvey": _is_limesurvey,
    "microsoft-forms": _is_microsoft_forms,
    "google-forms": _is_google_forms,
    "generic": lambda rows: True,
}
LAYOUTS = tuple(_RECOGNISED)


def read_heading(
    grid: Grid, *, name: str, layout: str | None, header_rows: int | None, problems: Problems
) -> Heading | None:
    """Find the header of a file.

    Args:
        grid: Its cells, from the first row on.
        name: The file as messages call it.
        layout: As the definition gives it; recognised when left out.
        header_rows: As the definition gives it; found when left out.
        problems: Receives what stands in the way.

    Returns:
        The heading; none where it cannot be told.
    """
    if layout is not None and layout not in LAYOUTS:
        problems.add(
            name, "is declared to have a layout that is not known", did_you_mean(layout, LAYOUTS), value=layout
        )
        return None
    rows = grid.top(ROWS_LOOKED_AT)
    if header_rows is not None and len(rows) < header_rows:
        problems.add(name, f"has fewer than the {header_rows} header rows that are declared", "check `header_rows:`")
        return None
    chosen = layout or next(known for known, fits in _RECOGNISED.items() if fits(rows))
    if header_rows is None:
        header_rows = _header_rows(rows, chosen, name, problems)
    return _heading(rows, chosen, header_rows) if header_rows else None


# --- how many rows -----------------------------------------------------------------------------------------------------


def _header_rows(rows: _Rows, layout: str, name: str, problems: Problems) -> int:
    """How many rows stand above the data; 0 with a problem where it cannot be told."""
    if layout == "surveymonkey":
        return 2
    if layout == "qualtrics":
        return _qualtrics_rows(rows, name, problems)
    for number, row in enumerate(rows[1:4], start=2):
        if _mostly_import_ids(row):
            problems.add(
                name, "holds import ids", f"set `header_rows: {number}` in the definition", row=f"row {number}"
            )
            return 0
    suspicion = _not_a_header(rows) or _second_header(rows)
    if suspicion:
        problems.add(name, suspicion[0], suspicion[1], row=suspicion[2])
        return 0
    return 1


def _qualtrics_rows(rows: _Rows, name: str, problems: Problems) -> int:
    for number, row in enumerate(rows[1:4], start=2):
        if _mostly_import_ids(row):
            return number
    if len(rows) == 1:
        return 1
    if len(_QUALTRICS_LEGACY & set(rows[1])) >= 3:
        return 2
    typed = [cell for code, cell in zip(rows[0], rows[1], strict=True) if code in _QUALTRICS_TYPED and cell]
    with_digits = sum(any(c.isdigit() for c in cell) for cell in typed)
    if typed and not with_digits:
        return 2
    if typed and with_digits == len(typed):
        return 1
    problems.add(
        name,
        "could be the wording of the questions or the first respondent",
        "set `header_rows: 2` if it is wording, `header_rows: 1` if it is a respondent",
        row="row 2",
    )
    return 0


def _not_a_header(rows: _Rows) -> tuple[str, str, str] | None:
    """Whether row 1 looks like a respondent, or like a title above the header."""
    first, below = rows[0], rows[1:]
    named = [i for i, cell in enumerate(first) if cell]
    used = [i for i in range(len(first)) if first[i] or any(row[i] for row in below)]
    if len(used) >= 3 and len(named) * 2 < len(used):
        return (
            f"names {len(named)} of {len(used)} columns: it looks like a title, not like the header",
            "remove the rows above the header, or set `header_rows:` (or `layout:`) in the definition",
            "row 1",
        )
    recurring = sum(any(row[i] == first[i] for row in below) for i in named)
    if len(named) >= 3 and recurring >= 0.8 * len(named):
        return (
            "looks like a respondent, not like a header: its cells recur in the rows below",
            "add the header, or set `header_rows: 1` in the definition if these are the names of the columns",
            "row 1",
        )
    return None


_NUMBER_OR_DATE = re.compile(r"[-+]?[\d.,:/%\- TZ]*\d[\d.,:/%\- TZ]*")


def _second_header(rows: _Rows) -> tuple[str, str, str] | None:
    """Whether row 2 looks like wording: letters above columns of numbers, or questions that no respondent gave."""
    if len(rows) < 4:
        return None
    second, below = rows[1], rows[2:]
    columns = [[row[i] for row in below if row[i]] for i in range(len(second))]
    numeric = [i for i, cells in enumerate(columns) if len(cells) >= 2 and all(map(_NUMBER_OR_DATE.fullmatch, cells))]
    odd = [i for i in numeric if second[i] and not any(c.isdigit() for c in second[i])]
    asking = [i for i, cell in enumerate(second) if cell.endswith("?") and cell not in columns[i]]
    if (len(odd) >= 2 and len(odd) * 2 >= len(numeric)) or len(asking) >= max(3, len(second) / 5):
        return (
            "could be a second header row or the first respondent",
            "set `header_rows: 2` if it is wording, `header_rows: 1` if it is a respondent",
            "row 2",
        )
    return None


# --- names and wording --------------------------------------------------------------------------------------------------


def _heading(rows: _Rows, layout: str, header_rows: int) -> Heading:
    first = rows[0]
    if layout == "surveymonkey" and header_rows >= 2:
        names, texts = _surveymonkey_names(first, rows[1])
        return Heading(layout, header_rows, names, texts, [""] * len(first))
    if layout == "limesurvey":
        matches = [_LIMESURVEY_CODE.match(name) for name in first]
        codes = [m[1] if m and m[2] is not None else "" for m in matches]
        texts = [(m[2] or "").strip() if m else "" for m in matches]
        return Heading(layout, header_rows, first, texts, codes)
    second = rows[1] if header_rows >= 2 and not _mostly_import_ids(rows[1]) else [""] * len(first)
    return Heading(layout, header_rows, first, second, [""] * len(first))


def _surveymonkey_names(questions: list[str], answers: list[str]) -> tuple[list[str], list[str]]:
    """`question [option]` for each column; a question's wording stands above its first column only."""
    names: list[str] = []
    texts: list[str] = []
    question = ""
    for asked, option in zip(questions, answers, strict=True):
        question = asked or (question if option else "")
        part = f" [{option}]" if option and option not in _RESPONSE else ""
        names.append(f"{question}{part}".strip())
        texts.append(question if option else "")
    return names, texts
