"""An invented study of interviews as large as asked for, in the form in which a tool hands one over.

A folder with a definition, a codebook, a log of decisions, summaries and quotations, and raw files: a REFI-QDA project
(`.qdpx`) as tools other than plait write it, whose positions count UTF-16 units and line ends as stored, and the
worklist of disagreements with a decision in every row. The same size gives the same bytes.
"""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt

from plait.qualitative.quote_candidates import quote_candidates
from plait.qualitative.quotes import select_quotes
from plait.qualitative.readers import read_coded_text
from plait.qualitative.settling import settle
from plait.qualitative.worklist import DECISION, worklist
from plait.study import load_study

Whole = npt.NDArray[np.int64]

COLLECTION, SETTLED = "interviews", "agreed"
CODERS = ("Ann", "Ben", "Cleo")
THEMES = 15
_PAIRS_OF_TURNS = 46
_EMOJI = ("\N{SLIGHTLY SMILING FACE}", "\N{FACE WITH TEARS OF JOY}", "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{SCHOOL}")
_ROLES, _PHASES = ("mentor", "leader", "trainee"), ("primary", "secondary")
_DEFINITION = f"""\
study: invented-interviews
title: Interviews about mentoring
research_question: How do schools support those who mentor?
simulated: true
about:
  commissioned_by: a benchmark
  conducted_by: a benchmark
  population: Nobody
  sample: Invented
  mode: Video call
  fieldwork: {{start: 2026-01-05, end: 2026-06-26}}
  design: Interviews only.
coded_text:
  codebook: codebook.csv
  decisions: decisions.csv
  quotes: quotes.csv
  summaries: summaries.csv
  screening: {{deny_list: deny_list.csv}}
  collections:
    {COLLECTION}:
      label: Interviews
      mode: interview
      format: tool
      files: interviews.qdpx
      interviewers: Interviewer
      count_from: {SETTLED}
      adjudication: worklist.csv
      breaks: {{role: Role, phase: Phase}}
      attribution: [role, phase]
      order_by: interviewed
"""


@dataclass(frozen=True)
class Size:
    """How much there is: segments are those of all coders together."""

    interviews: int
    segments: int
    codes: int


def make(folder: Path, size: Size, seed: int = 20261128) -> None:
    """Write the study of a size into an empty folder."""
    random = np.random.default_rng(seed)
    raw = folder / "raw"
    raw.mkdir(parents=True)
    (folder / "study.yaml").write_text(_DEFINITION, encoding="utf-8")
    _write_codebook(folder / "codebook.csv", size)
    words = _vocabulary(random)
    _write_project(raw / "interviews.qdpx", size, words, random)
    names = [f"{_syllables(random, 3).title()} {_syllables(random, 2).title()}ford" for _ in range(300)]
    _write(raw / "deny_list.csv", ["name", "kind"], [[name, "person"] for name in names])
    columns = ["date", "action", "collection", "code", "source", "into", "why", "who"]
    _write(folder / "decisions.csv", columns, _decisions())
    _write_summaries(folder / "summaries.csv", size, words, random)
    _write(folder / "quotes.csv", _QUOTE, [])
    (raw / "worklist.csv").touch()
    _write_what_comes_back(folder, random)


# --- what people wrote ---------------------------------------------------------------------------------------------------


def _write_codebook(path: Path, size: Size) -> None:
    rows = [[f"t{i:02}", "", f"Theme {i}", "theme", ""] for i in range(THEMES)]
    rows += [
        [f"c{i:03}", f"t{i % THEMES:02}", f"Code {i}", "code", f"Said of the matter number {i}."]
        for i in range(size.codes)
    ]
    rows += [[code, "t00", f"New {code}", "code", ""] for code in ("n0", "n1", "n2")]
    _write(path, ["code", "parent", "label", "kind", "definition"], rows)


def _decisions() -> list[list[str]]:
    """Every kind of decision, as two coders make them after they met."""
    said = [
        ("rename", "c004", "", "n0"),
        ("rename", "c005", "", "n1"),
        ("merge", "c031", "", "c016"),
        ("merge", "c032", "", "c017"),
        ("merge", "c033", "", "c018"),
        ("split", "c003", "Interview 2", "n2"),
        ("split", "c003", "Interview 3", "n2;c018"),
        ("split", "c003", "", "c003"),
        *(("recode", "c000", f"Interview {i}", "c015") for i in (4, 5, 6)),
        ("exclude", "c001", "Interview 7", ""),
        ("exclude", "c001", "Interview 8", ""),
        ("exclude", "c040", "", ""),
        *(("add", "c045", f"Interview {i}", "") for i in (9, 10, 11)),
        ("gives_way", "c002", "", "t01"),
        ("gives_way", "c006", "", "c000;c001"),
        ("stands_alone", "c060", "", "c000;c002"),
    ]
    return [["2026-07-01", action, COLLECTION, code, source, into, "As agreed.", "Ann and Ben"]
            for action, code, source, into in said]  # fmt: skip


def _write_summaries(path: Path, size: Size, words: list[str], random: np.random.Generator) -> None:
    rows = [
        [COLLECTION, f"t{theme:02}", _guid(4, i), " ".join(random.choice(words, 25)).capitalize() + "."]
        for i in range(size.interviews)
        for theme in range(4)
    ]
    _write(path, ["collection", "theme", "case", "summary"], rows)


_QUOTE = ["quote_id", "collection", "code", "source", "text", "approved_by", "date"]


def _write_what_comes_back(folder: Path, random: np.random.Generator) -> None:
    """The worklist with decisions, and quotations from the list of candidates: made from what plait handed out."""
    study = load_study(folder)
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    rows = worklist(coded, COLLECTION)
    rows[DECISION] = random.integers(0, 2, len(rows)).astype("str")
    rows.to_csv(folder / "raw" / "worklist.csv", index=False)
    settled = settle(coded, study).decided
    none = select_quotes(settled, study.collections, {}, study.quote_file)
    found = quote_candidates(settled, study.collections, none, per_person=1)
    found = found[found["rank"] == 1].drop_duplicates("person")
    quotes = [
        [f"Q{i}", COLLECTION, code, source, text, "Ann", "2026-07-02"]
        for i, (code, source, text) in enumerate(found[["code", "source", "text"]].itertuples(index=False, name=None))
    ]
    _write(folder / "quotes.csv", _QUOTE, quotes)


# --- what the tool wrote -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Interview:
    """A text with its line ends, and where words of the participant start and end in it (code points)."""

    text: str
    starts: Whole
    ends: Whole

    def counted(self) -> Whole:
        """For every code point, its position in UTF-16 units."""
        points = np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32)
        return np.concatenate([[0], np.cumsum(np.where(points > 0xFFFF, 2, 1))]).astype(np.int64)


def _write_project(path: Path, size: Size, words: list[str], random: np.random.Generator) -> None:
    interviews = [_interview(i, words, random) for i in range(size.interviews)]
    marked = _marks(interviews, size, random)
    lines = ['<?xml version="1.0" encoding="utf-8"?>',
             '<Project xmlns="urn:QDA-XML:project:1.0" name="Interviews" origin="A Tool 26.1">', "<Users>"]  # fmt: skip
    lines += [f'<User guid="{_guid(1, i)}" name="{coder}"/>' for i, coder in enumerate(CODERS)]
    lines.append("</Users><CodeBook><Codes>")
    for t in range(THEMES):
        lines.append(f'<Code guid="{_guid(2, 1000 + t)}" name="Theme {t}" isCodable="false">')
        own = range(t, size.codes, THEMES)
        lines += [f'<Code guid="{_guid(2, c)}" name="Code {c}" isCodable="true"/>' for c in own]
        lines.append("</Code>")
    lines.append("</Codes></CodeBook><Variables>")
    lines += [f'<Variable guid="{_guid(3, v)}" name="{name}" typeOfVariable="Text"/>'
              for v, name in enumerate(("role", "phase", "interviewed"))]  # fmt: skip
    lines.append("</Variables><Cases>")
    for i in range(size.interviews):
        lines.append(f'<Case guid="{_guid(4, i)}" name="Person {i + 1}">')
        day = f"2026-{1 + i // 28 % 6:02}-{1 + i % 28:02}"
        for v, value in enumerate((random.choice(_ROLES), random.choice(_PHASES), day)):
            lines.append(f'<VariableValue><VariableRef targetGUID="{_guid(3, v)}"/><TextValue>{value}</TextValue>'
                         "</VariableValue>")  # fmt: skip
        lines.append(f'<SourceRef targetGUID="{_guid(5, i)}"/></Case>')
    lines.append("</Cases><Sources>")
    number = 0
    for i, interview in enumerate(interviews):
        lines.append(f'<TextSource guid="{_guid(5, i)}" name="Interview {i + 1}" '
                     f'plainTextPath="internal://{_guid(5, i)}.txt">')  # fmt: skip
        at = interview.counted()
        for coder, start, end, code in marked[i]:
            said = interview.text[start:end]
            name = quoteattr(said if len(said) <= 200 else said[:200].rstrip() + "...")
            lines.append(
                f'<PlainTextSelection guid="{_guid(6, number)}" name={name} startPosition="{at[start]}" '
                f'endPosition="{at[end]}"><Coding guid="{_guid(7, number)}" creatingUser="{_guid(1, coder)}" '
                f'creationDateTime="2026-06-27T10:00:00Z"><CodeRef targetGUID="{_guid(2, code)}"/></Coding>'
                "</PlainTextSelection>"
            )
            number += 1
        lines.append("</TextSource>")
    lines.append("</Sources></Project>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("project.qde"), "\n".join(lines).encode(), zipfile.ZIP_DEFLATED)
        for i, interview in enumerate(interviews):
            member = zipfile.ZipInfo(f"sources/{_guid(5, i)}.txt")
            package.writestr(member, interview.text.encode("utf-8-sig"), zipfile.ZIP_DEFLATED)


def _interview(number: int, words: list[str], random: np.random.Generator) -> _Interview:
    """Some 30,000 characters: questions and answers in turn, some with an emoji, line ends of two characters."""
    common = 1 / np.arange(1, len(words) + 1)
    lengths = np.stack([random.integers(6, 25, _PAIRS_OF_TURNS), random.integers(40, 170, _PAIRS_OF_TURNS)], axis=1)
    drawn = random.choice(words, lengths.sum(), p=common / common.sum()).tolist()
    parts: list[str] = []
    starts, ends, at = [], [], 0
    for ask, answer in lengths.tolist():
        for speaker, n in (("Interviewer", ask), (f"Person {number + 1}", answer)):
            line = f"{speaker}: "
            for k in range(n):
                word = drawn.pop()
                if k and k % 14 == 0:
                    word = random.choice(_EMOJI) if random.random() < 0.05 else f"{word}."
                if speaker != "Interviewer":
                    starts.append(at + len(line))
                    ends.append(at + len(line) + len(word))
                line += word + " "
            line = line[:-1] + ".\r\n\r\n"
            parts.append(line)
            at += len(line)
    return _Interview("".join(parts), np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))


def _marks(
    interviews: list[_Interview], size: Size, random: np.random.Generator
) -> list[list[tuple[int, int, int, int]]]:
    """Of each interview: coder, start, end and code; four in five of a coder's marks are also the others', nearly."""
    share = 1 / np.arange(1, size.codes + 1) ** 0.7
    words = np.array([len(i.starts) for i in interviews])
    several = -(-size.segments // len(CODERS))

    def stretches() -> Whole:
        interview = random.integers(0, len(interviews), 2 * several)
        first = (random.random(2 * several) * (words[interview] - 90)).astype(np.int64)
        code = random.choice(size.codes, 2 * several, p=share / share.sum())
        return np.column_stack([interview, first, first + random.integers(3, 80, 2 * several), code])

    truth = stretches()
    found: list[list[tuple[int, int, int, int]]] = [[] for _ in interviews]
    for number in range(len(CODERS)):
        own = np.where(random.random(2 * several)[:, None] < 0.8, truth, stretches())
        own[:, 1] = np.maximum(own[:, 1] + random.integers(-2, 3, len(own)), 0)
        own[:, 2] = np.minimum(own[:, 2] + random.integers(-2, 3, len(own)), words[own[:, 0]] - 1)
        _, once = np.unique(own, axis=0, return_index=True)
        wanted = size.segments // len(CODERS) + (number < size.segments % len(CODERS))
        for interview, first, last, code in own[np.sort(once)[:wanted]].tolist():
            text = interviews[interview]
            low, high = sorted((first, last))
            found[interview].append((number, int(text.starts[low]), int(text.ends[high]), code))
    return found


# --- words ---------------------------------------------------------------------------------------------------------------


def _vocabulary(random: np.random.Generator) -> list[str]:
    """Words nobody has heard, the first of them common ones."""
    common = ["the", "and", "to", "of", "that", "it", "we", "in", "was", "they", "is", "so", "mentor", "school", "time"]
    return list(dict.fromkeys(common + [_syllables(random, int(n)) for n in random.integers(1, 4, 2000)]))


def _syllables(random: np.random.Generator, n: int) -> str:
    consonants, vowels = list("bdfgklmnprstvz"), ["a", "e", "i", "o", "u", "é", "ai"]
    return "".join(f"{random.choice(consonants)}{random.choice(vowels)}" for _ in range(n))


def _guid(kind: int, number: int) -> str:
    return str(UUID(int=kind << 64 | number))


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
