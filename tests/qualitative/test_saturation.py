"""Saturation, held against its definition read aloud, all orders of a few texts, and counts made by others."""

import sqlite3
from itertools import permutations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.qualitative.codebook import codes_table
from plait.qualitative.saturation import (
    BASES,
    EARLY,
    MEANING,
    RUNS,
    THRESHOLDS,
    Found,
    accumulated,
    chao2,
    levelling,
    mean_curve,
    random_orders,
    saturation,
)
from plait.qualitative.transcripts import CodedText, text_facts, with_segment_ids
from qualitative.coded_files import code, project_spec, sheets_spec

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative"
Texts = list[set[int]]


def found_in(texts: Texts) -> Found:
    pairs = sorted((c, t) for t, codes in enumerate(texts) for c in codes)
    first = [i for i, (c, _) in enumerate(pairs) if i == 0 or pairs[i - 1][0] != c]
    return Found(np.array([t for _, t in pairs], dtype=np.int64), np.array(first, dtype=np.int64), len(texts))


def curve(texts: Texts) -> list[int]:
    return [len(set().union(*texts[: i + 1])) for i in range(len(texts))]


interviews = st.lists(st.sets(st.integers(0, 12), max_size=5), min_size=1, max_size=6)


@given(interviews)
@settings(deadline=None)
def test_the_closed_form_is_the_mean_over_all_orders(texts: Texts) -> None:
    found = found_in(texts)
    orders = list(permutations(range(len(texts))))
    walked = [curve([texts[t] for t in order]) for order in orders]
    places = np.argsort(np.array(orders), axis=1)
    assert accumulated(found, places).tolist() == walked
    assert mean_curve(found.texts_of, len(texts)) == pytest.approx(np.mean(walked, axis=0))
    n = len(texts)
    told = [sum(1 - comb(n - f, i) / comb(n, i) for f in found.texts_of.tolist()) for i in range(1, n + 1)]
    assert mean_curve(found.texts_of, n) == pytest.approx(told)


def test_random_orders_are_the_same_every_time_and_close_to_the_mean() -> None:
    source = np.random.default_rng(1)
    texts = [set(source.choice(40, size=8, replace=False).tolist()) for _ in range(15)]
    found = found_in(texts)
    drawn = random_orders(found)
    assert np.array_equal(drawn, random_orders(found))
    assert drawn.shape == (1000, 15) and (np.diff(drawn, axis=1) >= 0).all()
    error = drawn.std(axis=0) / np.sqrt(1000)
    assert (np.abs(drawn.mean(axis=0) - mean_curve(found.texts_of, 15)) <= 5 * error + 1e-9).all()


def read_aloud(texts: Texts, base: int, run: int, per_cent: int) -> tuple[int | None, list[int]]:
    """Guest, Namey and Chen: new codes in the run, over codes in the base; first run at or below the threshold."""
    in_base = len(set().union(*texts[:base]))
    reached, rises = None, []
    for k in range(base, len(texts) - run + 1):
        new = len(set().union(*texts[k : k + run]) - set().union(*texts[:k]))
        little = new / in_base <= per_cent / 100
        if reached is None and little:
            reached = k
        elif reached is not None and not little:
            rises.append(k)
    return reached, rises


@given(st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=8), min_size=9, max_size=14))
@settings(deadline=None)
def test_levelling_is_what_its_definition_says(texts: Texts) -> None:
    codes = accumulated(found_in(texts), np.arange(len(texts))[None, :])
    for base in BASES:
        for run in RUNS:
            for per_cent in THRESHOLDS:
                mine = levelling(codes, base, run, per_cent)
                reached, rises = read_aloud(texts, base, run, per_cent)
                assert (mine.reached_at[0] == reached) if reached else (mine.reached_at[0] > len(texts))
                later = base + np.flatnonzero(mine.above[0])
                assert [k for k in later if reached and k > reached] == rises


def test_chao2_by_hand() -> None:
    # 10 texts; 3 codes in one text, 2 in two, 1 in five: 6 + 9/10 * 9/4.
    assert chao2(np.array([1, 1, 1, 2, 2, 5]), 10) == pytest.approx(6 + 0.9 * 9 / 4)
    assert chao2(np.array([1, 1, 1, 5]), 10) == pytest.approx(4 + 0.9 * 3)
    assert chao2(np.array([4, 5]), 10) == 2
    assert np.isnan(chao2(np.array([], dtype=np.int64), 0))


# --- tables ------------------------------------------------------------------------------------------------------------


def study_of(texts: list[str], attributes: dict[str, list[str]] | None = None) -> CodedText:
    """One source and one case a text; a letter is a code, given to the whole source."""
    names = [f"t{i}" for i in range(len(texts))]
    rows = [
        {"collection": "talks", "source": s, "case": s, "code": letter, "coder": "Ann", "start": i, "end": i + 1,
         "text": letter, "origin_row": "", "status": "active", "reason": ""}
        for s, text in zip(names, texts, strict=True)
        for i, letter in enumerate(text)
    ]  # fmt: skip
    return CodedText.of(
        sources=[
            {"source": s, "collection": "talks", "name": s, "origin_id": s, "case": s} | text_facts(text)
            for s, text in zip(names, texts, strict=True)
        ],
        source_texts=[{"source": s, "text": text} for s, text in zip(names, texts, strict=True)],
        cases=[{"case": s, "collection": "talks", "origin_id": s} for s in names],
        case_attributes=[
            {"case": s, "attribute": name, "value": value}
            for name, values in (attributes or {}).items()
            for s, value in zip(names, values, strict=True)
        ],
        codes=codes_table([code(letter) for letter in sorted(set("".join(texts)))]),
        coders=[{"coder": "Ann", "collection": "talks", "label": "Ann", "role": "human"}],
        assignments=[{"coder": "Ann", "source": s} for s in names],
        segments=with_segment_ids(pd.DataFrame(rows).astype({"start": "Int64", "end": "Int64"})),
    )


def test_a_rise_after_saturation_is_told() -> None:
    found = saturation(study_of(["abcd", "abe", "cf", "dg", "a", "b", "ah", "c", "d"]), {"talks": project_spec()})
    assert found.curve["codes_in_order"].tolist() == [4, 5, 6, 7, 7, 7, 8, 8, 8]
    assert found.curve["new"].tolist() == [4, 1, 1, 1, 0, 0, 1, 0, 0]
    measure = found.measure.set_index(["base", "run", "threshold"])
    row = measure.loc[(4, 2, 0.0)]
    assert (row.codes_in_base, row.reached_at, row.later_rise) == (7, 4, 5)
    assert row.note == "above the threshold again after text 5, 6"
    assert measure.loc[(5, 3, 0.0), "reached_at"] is pd.NA or pd.isna(measure.loc[(5, 3, 0.0), "reached_at"])
    assert measure.loc[(5, 3, 0.0), "note"] == "not reached"
    summary = found.summary.iloc[0]
    assert (summary.n_units, summary.n_codes, summary.first_share, summary.once) == (9, 8, 0.5, 4)
    assert summary.note == MEANING


def test_too_few_texts_and_none_at_all() -> None:
    few = saturation(study_of(["ab", "a", "b", "a", "b"]), {"talks": project_spec()})
    assert few.measure["reached_at"].isna().all()
    assert few.measure["note"].str.startswith("not estimable: needs").all()
    assert few.summary.iloc[0]["note"].startswith(EARLY)
    coded = study_of(["ab", "a"])
    nothing = saturation(CodedText.of(codes=coded.codes, coders=coded.coders), {"talks": project_spec()})
    assert nothing.curve.empty and len(nothing.measure) == 12
    assert nothing.summary.loc[0, ["n_units", "n_codes", "orders"]].tolist() == [0, 0, 0]
    assert saturation(coded, {"talks": sheets_spec()}).summary.empty  # answers to an open question


def test_a_declared_order_is_followed() -> None:
    coded = study_of(["c", "b", "a"], {"day": ["2026-03-03", "2026-01-05", "2025-12-31"], "nth": ["10", "9", "1"]})
    assert saturation(coded, {"talks": project_spec()}).curve["codes_in_order"].tolist() == [1, 2, 3]
    two = study_of(["ab", "a", "abc"], {"day": ["2026-03-03", "2026-01-05", "2025-12-31"], "nth": ["10", "9", "1"]})
    for order in ("day", "nth"):
        found = saturation(two, {"talks": project_spec(order_by=order)})
        assert found.curve["codes_in_order"].tolist() == [3, 3, 3]
        assert found.summary["order"].tolist() == [order]
    with pytest.raises(StudyError) as error:
        saturation(study_of(["a", "b"], {"day": ["2026-01-05", "soon"]}), {"talks": project_spec(order_by="day")})
    assert "the case 't1'" in str(error.value) and "soon" in str(error.value)
    with pytest.raises(StudyError, match="did you mean 'day'"):
        saturation(two, {"talks": project_spec(order_by="dya")})


# --- real data ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real projects are not on this computer")
def test_a_real_project_in_which_the_first_text_has_nearly_all_codes() -> None:
    path = SAMPLES / "taguette" / "SERDIF_P2_ThematicAnalysis.sqlite3"
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as base:
        rows = base.execute(
            "select h.document_id, t.tag_id from highlights h join highlight_tags t on t.highlight_id = h.id "
            "order by h.document_id"
        ).fetchall()
    documents = sorted({d for d, _ in rows})
    assert (len(rows), len(documents)) == (1930, 17)
    texts = [{t for d, t in rows if d == document} for document in documents]
    found = found_in(texts)
    assert len(found.first) == 22 and len(texts[0]) == 21  # as an independent script found
    assert sorted(found.texts_of.tolist()) == [9, 11, 14, 14, 15, 15, 16, 16, 16, *[17] * 13]
    assert curve(texts) == accumulated(found, np.arange(17)[None, :])[0].tolist()
