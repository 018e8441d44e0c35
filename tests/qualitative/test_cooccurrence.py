"""Co-occurrence, held against every pair of segments and every unit looked at one by one."""

from itertools import combinations, product
from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.qualitative.codebook import codes_table
from plait.qualitative.cooccurrence import TOGETHER, cooccurrence
from plait.qualitative.relations import near, touching
from plait.qualitative.transcripts import CodedText, text_facts, with_segment_ids
from plait.study.definition import Collection
from qualitative.coded_files import code, project_spec, theme
from qualitative.made_up_texts import CODES, UNDER, made_up

KIND = {entry.code: entry.kind for entry in CODES}
ORDER = [c for c in KIND if c in UNDER]
Stretch = tuple[int, int]


def relation(one: Stretch, other: Stretch) -> str:
    (a, b), (c, d) = one, other
    if (a, b) == (c, d):
        return "exact"
    if (a <= c and d <= b) or (c <= a and b <= d):
        return "inclusion"
    return "overlap" if a < d and c < b else ""


stretches = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda p: (p[0], p[0] + p[1])), max_size=25)


@given(stretches, st.integers(1, 6))
@settings(deadline=None)
def test_the_sweep_finds_every_pair_once(found: list[Stretch], most: int) -> None:
    start, end = (np.array(side, dtype=np.int64).reshape(-1) for side in ([s for s, _ in found], [e for _, e in found]))
    expected: dict[str, list[tuple[int, int]]] = {"exact": [], "inclusion": [], "overlap": [], "": []}
    for i, j in combinations(range(len(found)), 2):
        expected[relation(found[i], found[j])].append((i, j))
    close = [
        (i, j) for i, j in expected.pop("") if max(found[i][0], found[j][0]) - min(found[i][1], found[j][1]) <= most
    ]
    swept = touching(start, end) | {"near": near(start, end, start, end, most)}
    for name, pairs in (expected | {"near": close}).items():
        mine = [tuple(sorted(p)) for p in zip(swept[name].first.tolist(), swept[name].second.tolist(), strict=True)]
        assert sorted(mine) == pairs, name


# --- whole tables, the slow way ----------------------------------------------------------------------------------------


def lines_of(text: str) -> list[Stretch]:
    found, at = [], 0
    for line in text.split("\n"):
        found += [(at, at + len(line))] if line.strip() else []
        at += len(line) + 1
    return found


def second_way(coded: CodedText, spec: Collection) -> dict[tuple[str, str, str, str], tuple[int, int, int, int | None]]:
    """(a, b, unit, relation): how many of a, of b, of both, and units, from sets and loops."""
    assigned = set(coded.assignments.loc[coded.assignments["coder"] == "Ann", "source"])
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    texts = {s: t for s, t in texts.items() if s in assigned}
    own = dict(zip(coded.sources["source"], coded.sources["case"], strict=True))
    rows = [r for r in coded.segments.itertuples() if r.status == "active" and r.source in assigned]
    everyone = {r.case for r in rows if r.case} | {own[s] for s in assigned if own[s]}
    mine = [r for r in rows if r.coder == "Ann"]

    def place(r: object) -> tuple[str, str, str, int, int]:
        whole = pd.isna(r.start)
        bounds = (0, len(texts.get(r.source, ""))) if whole else (int(r.start), int(r.end))
        return (r.source, "whole" if whole else "part", r.text, *bounds)

    turns = {
        s: [(t.start, t.end) for t in coded.turns.itertuples() if t.source == s and t.role != "interviewer"]
        for s in texts
    }
    talk = {t.source for t in coded.turns.itertuples()}
    unit = "turns" if texts and set(texts) <= talk else "paragraphs"
    passages = {(s, *p) for s, t in texts.items() for p in (turns[s] if unit == "turns" else lines_of(t))}
    held: dict[str, dict[str, set]] = {}
    for name in ORDER:
        codings = [r for r in mine if r.code in UNDER[name]]
        places = {place(r) for r in codings}
        held[name] = {
            "segments": places,
            "sources": {r.source for r in codings},
            "cases": {r.case for r in codings if r.case},
            unit: {(s, a, b) for s, a, b in passages for p in places if p[0] == s and p[3] < b and a < p[4]},
        }
    sizes = {"sources": len(assigned), "cases": len(everyone), unit: len(passages)}
    found = {}
    for a, b in combinations(ORDER, 2):
        if KIND[a] != KIND[b] or UNDER[a] & UNDER[b]:
            continue
        for name, of in sizes.items():
            one, other = held[a][name], held[b][name]
            found[a, b, name, ""] = (len(one), len(other), len(one & other), of)
        counts = dict.fromkeys(("exact", "inclusion", "overlap", "near"), 0)
        for p, q in product(held[a]["segments"], held[b]["segments"]):
            how = distance(p, q, texts, spec)
            counts |= {how: counts[how] + 1} if how else {}
        sums = (len(held[a]["segments"]), len(held[b]["segments"]))
        counts[TOGETHER] = counts["exact"] + counts["inclusion"] + counts["overlap"]
        for how, n in counts.items():
            found[a, b, "segments", how] = (*sums, n, None)
    return found


def distance(p: tuple, q: tuple, texts: dict[str, str], spec: Collection) -> str:
    if p == q:
        return "exact"
    if p[0] != q[0] or p[0] not in texts:
        return ""
    how = relation(p[3:], q[3:])
    if how or not spec.near:
        return how
    first, then = sorted((p[3:], q[3:]))
    if spec.near.characters:
        return "near" if then[0] - first[1] <= spec.near.characters else ""
    lines = lines_of(texts[p[0]])
    low, high = ([sum(b <= s[0] for _, b in lines), sum(a < s[1] for a, _ in lines)] for s in (first, then))
    return "near" if high[0] - max(low[1] - 1, low[0]) <= (spec.near.paragraphs or 0) else ""


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("apart", [None, {"characters": 3}, {"paragraphs": 1}])
def test_counts_are_those_of_the_second_way(seed: int, apart: dict | None) -> None:
    coded, spec = made_up(seed), project_spec(near=apart)
    expected = second_way(coded, spec)
    table = cooccurrence(coded, {"talks": spec})
    seen = set()
    for row in table.itertuples():
        key = (row.code_a, row.code_b, row.unit, row.relation)
        n_a, n_b, n_both, n_units = expected[key]
        assert (row.n_a, row.n_b, row.n_both) == (n_a, n_b, n_both), key
        assert row.n_units == n_units if n_units is not None else pd.isna(row.n_units)
        seen.add(key)
        if row.unit == "segments":
            assert isnan(row.jaccard) and isnan(row.phi)
            continue
        assert row.jaccard == pytest.approx(n_both / (n_a + n_b - n_both))
        ones = [np.array([1] * n_both + [1] * (n_a - n_both) + [0] * (n_units - n_a))]
        ones.append(
            np.array([1] * n_both + [0] * (n_a - n_both) + [1] * (n_b - n_both) + [0] * (n_units - n_a - n_b + n_both))
        )
        if any(x.std() == 0 for x in ones):
            assert isnan(row.phi) and "not estimable" in row.note
        else:
            assert row.phi == pytest.approx(np.corrcoef(*ones)[0, 1])
    for key, (n_a, n_b, n_both, _) in expected.items():
        if n_a and n_b and (n_both or key[3] in ("", TOGETHER)):
            assert key in seen, key


# --- by hand -----------------------------------------------------------------------------------------------------------

TEXT = "We have no cover. We have no money either.\n\nNothing changes."


def by_hand(*segments: tuple[str, int, int], text: str = TEXT) -> CodedText:
    rows = [
        {"collection": "talks", "source": "s", "case": "c", "code": name, "coder": "Ann", "start": a, "end": b,
         "text": text[a:b], "origin_row": "", "status": "active", "reason": ""}
        for name, a, b in segments
    ]  # fmt: skip
    return CodedText.of(
        sources=[{"source": "s", "collection": "talks", "name": "s", "origin_id": "s", "case": "c"} | text_facts(text)],
        source_texts=[{"source": "s", "text": text}],
        cases=[{"case": "c", "collection": "talks", "origin_id": "1"}],
        codes=codes_table([theme("time"), code("cover", "time"), theme("money"), code("pay", "money")]),
        coders=[{"coder": "Ann", "collection": "talks", "label": "Ann", "role": "human"}],
        assignments=[{"coder": "Ann", "source": "s"}],
        segments=with_segment_ids(pd.DataFrame(rows).astype({"start": "Int64", "end": "Int64"})),
    )


def test_the_coefficient_of_atlas_ti_and_its_warnings() -> None:
    # Three segments of cover lie in the one of pay: three pairs over 3 + 1 - 3 segments.
    coded = by_hand(("cover", 0, 2), ("cover", 3, 7), ("cover", 8, 10), ("pay", 0, 42))
    table = cooccurrence(coded, {"talks": project_spec()}).query("unit == 'segments' and level == 'code'")
    together = table[table["relation"] == TOGETHER].iloc[0]
    assert (together.n_a, together.n_b, together.n_both, together.c) == (3, 1, 3, 3.0)
    assert "c exceeds 1" in together.note and "fewer than 5" in together.note
    assert table.set_index("relation")["n_both"].to_dict() == {"inclusion": 3, TOGETHER: 3}
    # 5 and 3 segments that meet twice, as in a table of the manual's form: 2 / (5 + 3 - 2).
    apart = [("cover", i, i + 1) for i in range(0, 10, 2)] + [("pay", 0, 1), ("pay", 2, 3), ("pay", 40, 41)]
    c = cooccurrence(by_hand(*apart), {"talks": project_spec()}).query(f"relation == '{TOGETHER}' and level == 'code'")
    assert c["c"].tolist() == [pytest.approx(2 / 6)]


def test_pairs_that_outnumber_segments_have_no_coefficient() -> None:
    crossing = [(name, i, 40) for name in ("cover", "pay") for i in range(4)]
    row = cooccurrence(by_hand(*crossing), {"talks": project_spec()}).query(
        f"relation == '{TOGETHER}' and level == 'code'"
    )
    assert row["n_both"].tolist() == [16] and row["c"].isna().all()
    assert "c is not estimable" in row["note"].iloc[0]


def test_a_code_that_is_rare_beside_another_is_said_to_be() -> None:
    often = [("cover", i, i + 1) for i in range(31)]
    row = cooccurrence(by_hand(*often, ("pay", 0, 1)), {"talks": project_spec()}).query(
        f"relation == '{TOGETHER}' and level == 'code'"
    )
    assert row["note"].iloc[0].startswith("one is found more than 5 times as often as the other; one is found fewer")


def test_near_is_counted_only_where_it_is_declared() -> None:
    coded = by_hand(("cover", 0, 16), ("pay", 19, 41), ("pay", 44, 51))
    for apart, n in (
        (None, 0),
        ({"characters": 2}, 0),
        ({"characters": 3}, 1),
        ({"paragraphs": 0}, 1),
        ({"paragraphs": 1}, 2),
    ):
        table = cooccurrence(coded, {"talks": project_spec(near=apart)}).query("relation == 'near' and level == 'code'")
        assert table["n_both"].sum() == n, apart


def test_counts_alone_give_people_and_nothing_else() -> None:
    coded = CodedText.of(
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in "abcd"],
        codes=codes_table([theme("time"), code("cover", "time"), theme("money"), code("pay", "money")]),
        code_counts=[
            {"collection": "talks", "case": case, "code": name, "n": n}
            for case, name, n in [
                ("a", "cover", 2),
                ("a", "pay", 1),
                ("b", "cover", 1),
                ("c", "pay", 0),
                ("d", "money", 1),
            ]
        ],
    )
    table = cooccurrence(coded, {"talks": project_spec()})
    assert set(table["unit"]) == {"cases"}
    row = table.set_index("level").loc["code"]
    assert (row.n_a, row.n_b, row.n_both, row.n_units) == (2, 1, 1, 4)
    assert row.jaccard == 0.5 and row.phi == pytest.approx((1 * 2 - 1 * 0) / sqrt(2 * 2 * 1 * 3))


def test_nothing_coded_gives_an_empty_table() -> None:
    assert cooccurrence(by_hand(("cover", 0, 2)), {"talks": project_spec()}).empty
    assert cooccurrence(CodedText.of(), {}).empty
