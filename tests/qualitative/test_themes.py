"""Theme counts, held against a second way of counting: plain sets, one question at a time."""

import random
from itertools import product

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.qualitative.codebook import codes_table
from plait.qualitative.sheets import read_sheets
from plait.qualitative.themes import NOT_KNOWN, theme_counts
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants, text_facts, with_segment_ids
from qualitative.coded_files import BOOK, code, project_spec, sheets_spec, structural, theme, write_csv

CODES = [
    theme("time"),
    code("cover", "time"),
    code("meetings", "time"),
    theme("money"),
    code("pay", "money"),
    code("idle", "money"),
    code("loose"),
    structural("unclear"),
    structural("off_topic").model_copy(update={"parent": "time"}),
]
UNDER = {
    "time": {"time", "cover", "meetings"},
    "money": {"money", "pay", "idle"},
    **{c: {c} for c in ("cover", "meetings", "pay", "idle", "loose")},
}


def made_up(seed: int) -> CodedText:
    """Sources of random length, some without text, some without a case or with two; random stretches and codes."""
    rng = random.Random(seed)
    cases = [f"c{n}" for n in range(6)]
    texts = {f"s{n}": "".join(rng.choice("ab \n") for _ in range(rng.randint(1, 40))) for n in range(9)}
    absent = set(rng.sample(sorted(texts), 2))
    case_of = {s: rng.choice([*cases, ""]) for s in texts}
    assigned = set(rng.sample(sorted(texts), 6))
    rows = []
    for _ in range(60):
        s = rng.choice(sorted(texts))
        coder = rng.choice(["Ann", "Ben"])
        if coder == "Ann" and s not in assigned:
            continue
        a, b = sorted(rng.sample(range(len(texts[s]) + 1), 2))
        whole = rng.random() < 0.1
        rows.append(
            {
                "collection": "talks",
                "source": s,
                "case": case_of[s] or rng.choice(["", *cases]),
                "code": rng.choice([entry.code for entry in CODES if entry.code != "idle"]),
                "coder": coder,
                "start": None if whole else a,
                "end": None if whole else b,
                "text": "" if s in absent else texts[s] if whole else texts[s][a:b],
                "origin_row": "",
                "status": rng.choice(["active"] * 9 + ["excluded"]),
                "reason": "made up",
            }
        )
    return CodedText.of(
        sources=[
            {"source": s, "collection": "talks", "name": s, "origin_id": s, "case": case_of[s]}
            | text_facts(None if s in absent else text)
            for s, text in texts.items()
        ],
        source_texts=[{"source": s, "text": text} for s, text in texts.items() if s not in absent],
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in cases],
        case_attributes=[
            {"case": c, "attribute": "phase", "value": rng.choice(["primary", "secondary"])} for c in cases[:-1]
        ],
        codes=codes_table(CODES),
        coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in ("Ann", "Ben")],
        assignments=[{"coder": "Ann", "source": s} for s in sorted(assigned)]
        + [{"coder": "Ben", "source": s} for s in texts],
        segments=with_segment_ids(pd.DataFrame(rows).astype({"start": "Int64", "end": "Int64"})),
    )


def second_way(coded: CodedText) -> dict[tuple[str, str, str], tuple[set, set, set, int]]:
    """Distinct sources, cases, segments and covered characters by theme, break and group, with the base under ''."""
    assigned = set(coded.assignments.loc[coded.assignments["coder"] == "Ann", "source"])
    phase = dict(zip(coded.case_attributes["case"], coded.case_attributes["value"], strict=True))
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    own = dict(zip(coded.sources["source"], coded.sources["case"], strict=True))
    rows = [r for r in coded.segments.itertuples() if r.status == "active" and r.source in assigned]
    parts = {s: {r.case for r in rows if r.source == s and r.case} | ({own[s]} - {""}) for s in assigned}
    parts = {s: found or {""} for s, found in parts.items()}
    found: dict[tuple[str, str, str], tuple[set, set, set, int]] = {}
    groups = {("", "")} | {("phase", phase.get(c, NOT_KNOWN)) for cs in parts.values() for c in cs}
    for by, group in groups:

        def inside(case: str, by: str = by, group: str = group) -> bool:
            return by == "" or phase.get(case, NOT_KNOWN) == group

        base_sources = {s for s, cs in parts.items() if any(inside(c) for c in cs)}
        base_cases = {c for cs in parts.values() for c in cs if c and inside(c)}
        found["", by, group] = (base_sources, base_cases, set(), sum(len(texts.get(s, "")) for s in base_sources))
        for name, codes in UNDER.items():
            mine = [r for r in rows if r.coder == "Ann" and r.code in codes and inside(r.case)]
            covered = {
                (r.source, at)
                for r in mine
                if r.source in texts
                for at in (range(len(texts[r.source])) if pd.isna(r.start) else range(r.start, r.end))
            }
            segments = {(r.source, str(r.start), str(r.end), r.text) for r in mine}
            found[name, by, group] = (
                {r.source for r in mine},
                {r.case for r in mine if r.case},
                segments,
                len(covered),
            )
    return found


@pytest.mark.parametrize("seed", range(25))
def test_counts_are_those_of_the_second_way(seed: int) -> None:
    coded = made_up(seed)
    table = theme_counts(coded, {"talks": project_spec(breaks={"phase": "Phase"})})
    expected = second_way(coded)
    assert len(table) == 3 * (len(expected) - len({(b, g) for _, b, g in expected}))
    for row in table.itertuples():
        sources, cases, segments, covered = expected[row.theme, row.by, row.group]
        base = expected["", row.by, row.group]
        n = {"sources": len(sources), "cases": len(cases), "segments": len(segments)}[row.unit]
        of = {"sources": len(base[0]), "cases": len(base[1]), "segments": None}[row.unit]
        assert row.n == n, row
        assert (of is None and pd.isna(row.of)) or row.of == of, row
        if base[3]:
            assert row.coverage == pytest.approx(covered / base[3]), row
        else:
            assert pd.isna(row.coverage)


def test_made_up_texts_keep_the_rules() -> None:
    coded = made_up(1)
    active = coded.segments["status"].eq("active")
    segments = coded.segments.assign(reason=coded.segments["reason"].mask(active, ""))
    parts = {name: getattr(coded, name) for name in ("sources", "source_texts", "cases", "codes", "coders")}
    check_invariants(CodedText.of(**parts, assignments=coded.assignments, segments=segments))


def test_a_theme_is_counted_once_however_many_of_its_codes_were_given(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover", "Meetings", "Pay", "unclear"]
    rows = [
        ["1", "primary", "a", "1", "1", "", ""],
        ["2", "primary", "b", "", "1", "", ""],
        ["3", "", "c", "", "", "", "1"],
    ]
    write_csv(tmp_path / "ann.csv", [header, *rows])
    spec = sheets_spec({"file": "ann.csv", "coder": "Ann"})
    table = theme_counts(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec})
    sources = table[table["unit"] == "sources"].set_index(["theme", "group"])
    # The answer without a phase has a group of its own, so that groups add up to everyone.
    assert sources.loc[("time", "")][["n", "of"]].tolist() == [2, 3]
    assert sources.loc[("time", "primary")][["n", "of"]].tolist() == [2, 2]
    assert sources.loc[("time", NOT_KNOWN)][["n", "of"]].tolist() == [0, 1]
    assert sources.loc[("money", "")][["n", "of"]].tolist() == [0, 3]
    assert "unclear" not in set(table["theme"])
    assert table["coverage"].isna().all()
    levels = dict(zip(table["theme"], table["level"], strict=True))
    assert levels == {
        "time": "theme",
        "time_cover": "code",
        "time_meetings": "code",
        "money": "theme",
        "money_pay": "code",
    }
    assert len(table) == 3 * 5 * len(list(product(["", "primary", NOT_KNOWN])))


def test_a_collection_without_its_coder_is_refused() -> None:
    with pytest.raises(StudyError) as error:
        theme_counts(made_up(0), {"talks": project_spec("Anne"), "more": project_spec("Ann")})
    assert [p.file for p in error.value.problems] == ["study.yaml", "study.yaml"]
    assert "did you mean 'Ann'?" in error.value.problems[0].mend


def test_a_coder_without_sources_has_zeros_of_zero() -> None:
    coded = made_up(0)
    empty = CodedText.of(codes=coded.codes, coders=coded.coders)
    table = theme_counts(empty, {"talks": project_spec(breaks={"phase": "Phase"})})
    assert set(table["n"]) == {0}
    assert set(table["of"].dropna()) == {0}
    assert set(table["by"]) == {""}
    assert len(theme_counts(coded, {})) == 0


def test_the_same_words_at_two_places_are_two_segments(tmp_path) -> None:
    header = ["Document name", "Code", "Beginning", "End", "Segment", "Created by"]
    rows = [
        ["Talk", code, place, place, "Yes.", "Ann"] for code, place in (("Cover", 3), ("Meetings", 3), ("Cover", 9))
    ]
    write_csv(tmp_path / "segments.csv", [header, *(list(map(str, row)) for row in rows)])
    spec = project_spec(files="segments.csv")
    table = theme_counts(read_tool_files("talks", spec, tmp_path, BOOK), {"talks": spec})
    segments = table[table["unit"] == "segments"].set_index("theme")["n"]
    assert segments[["time", "time_cover", "time_meetings"]].tolist() == [2, 2, 1]
