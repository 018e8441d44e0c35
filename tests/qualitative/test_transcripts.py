from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.qualitative.transcripts import (
    TABLES,
    CodedText,
    canonical_text,
    check_invariants,
    combine,
    read,
    stable_id,
    text_facts,
    with_segment_ids,
    write,
)

TEXT = "We get no cover.\nNobody asks."


def small(collection: str = "talks") -> CodedText:
    source, case = stable_id("source", collection, "1"), stable_id("case", collection, "1")
    segments = pd.DataFrame(
        [
            {
                "collection": collection,
                "source": source,
                "case": case,
                "code": "time",
                "coder": "Ann",
                "start": 7,
                "end": 15,
                "text": "no cover",
                "origin_row": "row 2",
                "status": "active",
                "reason": "",
            }
        ]
    )
    return CodedText.of(
        sources=[
            {"source": source, "collection": collection, "name": "one", "origin_id": "1", "case": case}
            | text_facts(TEXT)
        ],
        source_texts=[{"source": source, "text": TEXT}],
        cases=[{"case": case, "collection": collection, "origin_id": "1"}],
        case_attributes=[{"case": case, "attribute": "phase", "value": "primary"}],
        codes=[{"code": "time", "parent": "", "label": "Time", "kind": "theme", "definition": "", "order": 0}],
        coders=[{"coder": "Ann", "collection": collection, "label": "Ann", "role": "human"}],
        assignments=[{"coder": "Ann", "source": source}],
        segments=with_segment_ids(segments),
        import_log=[
            {
                "file": "a.csv",
                "sha256": "0",
                "reader": "sheets",
                "tool": "",
                "offset_convention": "",
                "n_in": 1,
                "n_active": 1,
                "n_excluded": 0,
                "event": "read",
                "severity": "info",
                "message": "",
            }
        ],
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeffWe\r\nsaid".encode(), "We\nsaid"),
        ("We\r\nsaid\r".encode("utf-16"), "We\nsaid\n"),
        ("a\rb\r\nc\n\r\nd", "a\nb\nc\n\nd"),
        # Nothing else is touched: spaces, form feeds, combining accents, no-break spaces, line separators.
        (" e\u0301\u00a0\x0c\u2028 ", " e\u0301\u00a0\x0c\u2028 "),
    ],
)
def test_canonical_text_drops_the_mark_and_makes_line_ends_line_feeds(data: bytes | str, text: str) -> None:
    assert canonical_text(data) == text


@given(st.text())
def test_canonical_text_is_settled_and_keeps_everything_but_line_ends(text: str) -> None:
    once = canonical_text(text)
    assert canonical_text(once) == once
    assert "\r" not in once
    assert once.replace("\n", "") == text.lstrip("\ufeff").replace("\r", "").replace("\n", "")


def test_a_text_in_another_encoding_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        canonical_text("café".encode("cp1252"))


def test_ids_are_the_same_for_the_same_thing_only() -> None:
    assert stable_id("source", "a", "bc") == stable_id("source", "a", "bc")
    assert stable_id("source", "a", "bc") != stable_id("source", "ab", "c")
    assert stable_id("source", "a") != stable_id("segment", "a")
    assert stable_id("case", "1")[0] == "c"


def test_tables_survive_being_written_and_read(tmp_path) -> None:
    coded = combine([small("talks"), small("answers")])
    write(coded, tmp_path)
    again = read(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f"{name}.parquet" for name in TABLES)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(coded, name), getattr(again, name))
    check_invariants(again)


def test_collections_share_one_codebook() -> None:
    coded = combine([small("talks"), small("answers")])
    assert len(coded.codes) == 1
    assert len(coded.sources) == len(coded.segments) == 2
    check_invariants(coded)
    check_invariants(combine([]))


def broken(coded: CodedText, table: str, **values: object) -> CodedText:
    return replace(coded, **{table: TABLES[table].of(getattr(coded, table).assign(**values))})


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        ("segments", {"text": "no covet"}, "not its slice"),
        ("segments", {"end": 99}, "not its slice"),
        ("segments", {"end": None}, "a start or an end only"),
        ("segments", {"code": "tiem"}, "unknown code"),
        ("segments", {"coder": "Eve"}, "unknown coder"),
        ("segments", {"source": "s0"}, "unknown source"),
        ("segments", {"case": "c0"}, "unknown case"),
        ("segments", {"status": "excluded"}, "without a reason"),
        ("source_texts", {"text": "We get no cover, ever"}, "not the one that was hashed"),
        ("sources", {"text_state": "absent"}, "text is not there"),
        ("assignments", {"coder": "Eve"}, "not assigned"),
        ("codes", {"parent": "gone"}, "unknown parent"),
        ("import_log", {"n_excluded": 1}, "rows in"),
    ],
)
def test_broken_tables_are_noticed(table: str, values: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_invariants(broken(small(), table, **values))


def test_turns_and_counts_lead_somewhere() -> None:
    coded = small()
    turn = {"source": "nowhere", "start": 0, "end": 3, "speaker": "I", "role": "interviewer"}
    count = {"collection": "talks", "case": "nobody", "code": "nothing", "n": 1}
    with pytest.raises(ValueError, match=r"turns of an unknown source; 1 counts of an unknown case; 1 counts of an"):
        check_invariants(
            replace(coded, turns=TABLES["turns"].of([turn]), code_counts=TABLES["code_counts"].of([count]))
        )


def test_repeated_keys_are_noticed() -> None:
    coded = small()
    with pytest.raises(ValueError, match="1 rows of segments repeat segment"):
        check_invariants(replace(coded, segments=pd.concat([coded.segments] * 2)))
