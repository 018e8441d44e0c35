"""Coded text from real tools, from a drafted codebook to settled counts, against counts that others made.

The numbers are those of the README that lies beside the files; names of codes are read there or from the files.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from coded_samples import (
    EDUCATOR_CODERS,
    EDUCATOR_COUNTS,
    FOLDER,
    SAMPLES,
    Coded,
    coded_study,
    educators_study,
    labels_of,
    matrix_cases,
    needs_coded_samples,
    run_coded,
    tags_of_the_readme,
    write_participants,
)
from plait.errors import StudyError
from plait.qualitative import atlasti
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.coded_file import Conventions
from plait.qualitative.recognition import read_coded_file
from qualitative.marked_texts import marked, spec

pytestmark = [pytest.mark.samples, needs_coded_samples]


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run a study, each once."""

    @cache
    def run(name: str) -> Coded:
        folder = coded_study(name, tmp_path_factory.mktemp("coded") / name)
        if name == "nvivo-insects":
            write_participants(folder / "raw/participants.csv", matrix_cases(folder / "raw"), "half")
        return run_coded(folder)

    return run


def active(study: Coded) -> pd.DataFrame:
    s = study.settled.segments
    return s[s["status"] == "active"]


# --- Taguette ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["taguette-serdif", "taguette-serdif-table"])
def test_taguette_counts_every_tag_as_often_as_it_was_applied(coded: Any, name: str) -> None:
    study = coded(name)
    labels = labels_of(study)
    segments = active(study).assign(label=lambda rows: rows["code"].map(labels))
    counted = segments.groupby("label").agg(n=("segment", "size"), documents=("source", "nunique"))
    expected = tags_of_the_readme()
    assert len(expected) == 22
    assert dict(zip(counted.index, counted.itertuples(index=False, name=None), strict=True)) == expected
    assert len(segments) == 1930
    assert {labels[code]: n for code, n in study.counts("sources").items()} == {t: n for t, (_, n) in expected.items()}


def test_the_report_counts_what_was_applied(coded: Any) -> None:
    study = coded("taguette-serdif")
    labels = labels_of(study)
    counted = {labels[code]: n for code, n in study.counts("segments").items()}
    assert counted == {tag: n for tag, (n, _) in tags_of_the_readme().items()}


def test_selections_of_the_same_words_are_several(coded: Any) -> None:
    study = coded("taguette-serdif-table")
    labels = labels_of(study)
    counted = {labels[code]: n for code, n in study.counts("segments").items()}
    assert counted == {tag: n for tag, (n, _) in tags_of_the_readme().items()}


def test_taguette_places_are_the_bytes_of_its_own_snippets(coded: Any) -> None:
    study = coded("taguette-serdif")
    texts = study.settled.source_texts.set_index("source")["text"]
    assert texts.str.len().sum() == 315_920
    segments = active(study)
    assert set(segments["resolution"]) <= {"exact", "scored"}
    assert all(
        texts[source][start:end] == text
        for source, start, end, text in segments[["source", "start", "end", "text"]].itertuples(index=False, name=None)
    )
    log = study.read.import_log.set_index("event")["message"]
    assert "score 1.000 over 1794" in log["offsets"]
    assert len(study.read.annotations) == 1  # the highlight without a tag
    assert segments["selection"].nunique() == 1793
    assert Counter(segments.groupby("selection").size()) == {1: 1663, 2: 124, 3: 5, 4: 1}


def test_the_table_of_taguette_says_what_its_database_says(coded: Any) -> None:
    by_label = []
    for name in ("taguette-serdif", "taguette-serdif-table"):
        study = coded(name)
        by_label.append(active(study)["code"].map(labels_of(study)).value_counts().to_dict())
    assert by_label[0] == by_label[1]


# --- ATLAS.ti ----------------------------------------------------------------------------------------------------------


def atlasti_table(pattern: str, *, skip: int = 0) -> list[dict[str, str]]:
    path = next((FOLDER / "atlasti-export").glob(pattern))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(skip):
            next(stream)
        return list(csv.DictReader(stream, delimiter=";"))


def codes_of_quotations() -> Iterator[tuple[str, list[str], str]]:
    """Quotation, the names of the codebook in its cell (longest first), and what of the cell is left."""
    names = sorted(
        (next(iter(row.values())) for row in atlasti_table("*codebook_full.csv", skip=1)), key=len, reverse=True
    )
    pattern = re.compile("(?:^|(?<=, ))(" + "|".join(map(re.escape, names)) + ")(?=, |$)")
    for row in atlasti_table("*citation_manager.csv"):
        yield row["Number"], pattern.findall(row["Codes"]), re.sub(r"[,\s]", "", pattern.sub("", row["Codes"]))


def test_atlasti_codes_with_commas_are_told_apart(coded: Any) -> None:
    study = coded("atlasti-edgeai")
    rows = list(codes_of_quotations())
    stated = [int(row["Number of Codes"]) for row in atlasti_table("*citation_manager.csv")]
    assert (len(rows), sum(stated)) == (394, 1465)
    strange = {number for number, _, left in rows if left}
    assert (len(strange), sum(len(names) == n for (_, names, _), n in zip(rows, stated, strict=True))) == (1, 393)

    segments = active(study)
    assert len(segments) == len(study.settled.segments) == 1465
    per_quotation = segments.groupby("selection").size()
    assert sorted(per_quotation) == sorted(stated)
    expected = Counter(name for _, names, _ in rows for name in names)
    theme_of = {code: labels_of(study)[parent] for code, parent in parents_of(study).items() if parent}
    labels = labels_of(study)
    found = Counter(f"{theme_of[c]}: {labels[c]}" if c in theme_of else labels[c] for c in segments["code"])
    assert sum((found - expected).values()) == 1  # the code that stands in no codebook
    assert not expected - found


def test_a_category_of_atlasti_counts_quotations_and_not_codings(coded: Any) -> None:
    study = coded("atlasti-edgeai")
    quotations: defaultdict[str, set[str]] = defaultdict(set)
    codings: Counter[str] = Counter()
    strange = set()
    for number, names, left in codes_of_quotations():
        strange |= {number} if left else set()
        for category in (name.partition(": ")[0] for name in names if ": " in name):
            quotations[category].add(number)
            codings[category] += not left
    assert len(quotations) == 18
    (first,) = (name for name in quotations if name.startswith("T1."))
    # The independent count left the one quotation out that holds a code outside the codebook.
    assert (len(quotations[first] - strange), codings[first]) == (109, 196)

    labels = labels_of(study)
    counted = {labels[code]: n for code, n in study.counts("segments").items() if labels[code] in quotations}
    assert counted == {category: len(numbers) for category, numbers in quotations.items()}
    stated = {name: int(n) for name, n in stated_in_the_code_manager().items() if name in quotations}
    off = [abs(stated[name] - len(numbers - strange)) for name, numbers in quotations.items()]
    assert (off.count(0), max(off)) == (13, 3)
    assert stated[first] == 112


def stated_in_the_code_manager() -> dict[str, int]:
    """What the tool says of each code: `Category: Code`, and the category itself."""
    path = next((FOLDER / "atlasti-export").glob("*code_frequencies.csv"))
    return dict(atlasti.read_codes(path, path.name, Conventions()).stated.of)


def test_atlasti_codes_beside_what_its_code_manager_says(coded: Any) -> None:
    study = coded("atlasti-edgeai")
    parents, labels = parents_of(study), labels_of(study)
    own = study.counts("segments")
    ours = {f"{labels[parents[code]]}: {labels[code]}": n for code, n in own.items() if parents[code]}
    beside_the_strange_one = Counter(name for _, names, left in codes_of_quotations() if left for name in names)
    stated = {name: n for name, n in stated_in_the_code_manager().items() if ": " in name}
    assert len(ours) == len(stated) == 447
    off = [abs(ours[name] - beside_the_strange_one[name] - n) for name, n in stated.items()]
    assert (off.count(0), max(off)) == (433, 2)


# --- NVivo -------------------------------------------------------------------------------------------------------------


def matrix_cells() -> dict[tuple[str, str], int]:
    """Case, code and references, from the cells themselves."""
    cells = {}
    for path in sorted((FOLDER / "nvivo-matrix").glob("Int*.xlsx")):
        header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        for row in rows:
            for title, n in zip(header[1:], row[1:], strict=True):
                cells[str(title).partition(" : ")[2], str(row[0]).partition(" : ")[2]] = int(n)
    return cells


def test_matrices_of_nvivo_are_counted_by_case(coded: Any) -> None:
    study = coded("nvivo-insects")
    cells = matrix_cells()
    assert (sum(cells.values()), len({code for _, code in cells}), len({case for case, _ in cells})) == (65, 18, 15)
    labels = labels_of(study)
    origin = study.settled.cases.set_index("case")["origin_id"]
    counts = study.settled.code_counts
    assert {
        (origin[case], labels[code]): n
        for case, code, n in counts[["case", "code", "n"]].itertuples(index=False, name=None)
    } == cells
    people = {code: sum(n > 0 for (_, c), n in cells.items() if c == code) for code in labels.values()}
    references = {code: sum(n for (_, c), n in cells.items() if c == code) for code in labels.values()}
    assert {labels[code]: n for code, n in study.counts("cases").items()} == people
    assert {labels[code]: n for code, n in study.counts("segments").items()} == references
    assert set(study.themes.loc[study.themes["unit"] == "cases", "of"]) == {15}


def test_a_matrix_that_is_called_after_another_case_must_be_told_apart(tmp_path: Path) -> None:
    folder = coded_study("nvivo-insects", tmp_path / "study")
    definition = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    for file in definition["coded_text"]["collections"]["interviews"]["files"]:
        file.pop("case", None)
    (folder / "study.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    write_participants(folder / "raw/participants.csv", matrix_cases(folder / "raw"), "half")
    with pytest.raises(StudyError) as caught:
        run_coded(folder)
    wrong = misnamed(folder / "raw")
    assert len(caught.value.problems) == len(wrong) == 2
    for problem, (case, file) in zip(caught.value.problems, wrong.items(), strict=True):
        assert problem.file == file
        assert problem.message == f"is called '{Path(file).stem}', but holds the counts of '{case}'"
        assert f"`case: {case}`" in problem.mend


def misnamed(raw: Path) -> dict[str, str]:
    """Cases whose workbook is called otherwise, and the workbook."""
    named = {path.name: next(iter(matrix_cases(path))) for path in sorted(raw.glob("Int*.xlsx"))}
    return {case: file for file, case in named.items() if case != Path(file).stem}


# --- REFI-QDA ----------------------------------------------------------------------------------------------------------


def test_a_project_of_lines_is_counted_code_by_code(coded: Any) -> None:
    study = coded("qc-demo")
    segments = active(study)
    assert len(segments) == len(study.settled.segments) == 205
    assert segments["code"].nunique() == 77
    assert len(segments[["source", "start", "end"]].drop_duplicates()) == segments["selection"].nunique() == 158
    assert len(study.study.codebook) == 262
    texts = study.settled.source_texts.set_index("source")["text"]
    assert sorted(texts.str.len()) == [31_906, 52_543]
    assert segments["source"].nunique() == 1
    kinds = {entry.code: entry.kind for entry in study.study.codebook}
    own = segments["code"].value_counts()
    counted = study.counts("segments")
    assert all(counted[code] == own.get(code, 0) for code in counted.index if kinds[code] == "code")
    # A theme counts every stretch once, whatever stands below it and however deep.
    above = parents_of(study)
    rolled = segments.assign(theme=[above[c] or c for c in segments["code"]])
    stretches = rolled.drop_duplicates(["theme", "source", "start", "end"])["theme"].value_counts()
    assert all(counted[code] == stretches.get(code, 0) for code in counted.index if kinds[code] == "theme")


def test_a_project_without_its_texts_still_counts(coded: Any) -> None:
    study = coded("atlasti-standard")
    states = study.settled.segments["status"].value_counts().to_dict()
    assert states == {"active": 9, "excluded": 7}
    assert sorted(study.settled.segments["reason"].value_counts()) == [1, 2, 4, 9]
    assert len(study.read.annotations) == 2  # a stretch of a text and one of a film, without a code
    assert len(study.study.codebook) == 14
    assert study.counts("segments").sum() == 9
    assert study.settled.source_texts.empty


# --- ROCK --------------------------------------------------------------------------------------------------------------


def test_sources_of_rock(coded: Any) -> None:
    study = coded("rock")
    expected = {"example-1": 16, "example-2": 5, "kristina-example-1": 25, "longer-test": 24}
    names = study.settled.sources.set_index("source")["name"]
    rows = active(study).assign(file=lambda s: s["source"].map(names).str.removesuffix(".rock"))
    assert len(rows) == len(study.settled.segments)
    plain = rows[rows["weight"].isna() & (rows["memo"] == "")]
    assert plain["file"].value_counts().to_dict() == expected
    # Codes with a value are codings as well.
    valued = rows.drop(plain.index)["file"].value_counts().to_dict()
    raw = {name: (FOLDER / "rock" / f"{name}.rock").read_text(encoding="utf-8") for name in expected}
    with_value = {name: len(re.findall(r"\[\[[^\]=]+\|\|[^\]]+\]\]", text)) for name, text in raw.items()}
    assert valued == {name: n for name, n in with_value.items() if n}


# --- Word --------------------------------------------------------------------------------------------------------------

WINDOW = 200
_KAPPAS = [-1, 0, 0.375, 0.5833, 1]


def test_two_documents_have_the_published_kappas(coded: Any) -> None:
    """The positions that Dedoose wrote, within the window that was published, through our own agreement."""
    study = coded("docx-pair")
    assert active(study)["coder"].value_counts().to_dict() == {"A": 6, "B": 5}
    codes = sorted(set(active(study)["code"]))
    spans = []
    for coder, code, where in active(study)[["coder", "code", "locator"]].itertuples(index=False, name=None):
        start, end = map(int, re.fullmatch(r"Dedoose (\d+)-(\d+)", where).groups())  # type: ignore[union-attr]
        if start < WINDOW:
            spans.append((coder, "talk", code, start, min(end, WINDOW)))
    both = marked({"talk": "x" * WINDOW}, {"A": ["talk"], "B": ["talk"]}, *spans, codes=codes)
    table = coder_agreement(both, {"talks": spec(count_from="A", agreement_unit="character")}).coefficients
    kappas = table[
        (table["unit"] == "character") & (table["coefficient"] == "cohen_kappa") & (table["level"] == "code")
    ]
    assert len(kappas) == 6
    assert kappas["value"].isna().sum() == 1  # everything was coded by both
    assert [round(float(k), 4) for k in sorted(kappas["value"].dropna())] == _KAPPAS


def test_two_documents_of_one_transcript_are_one_source(coded: Any) -> None:
    study = coded("docx-pair")
    assert len(study.settled.sources) == 1
    pairs = study.agreement.coefficients.query("unit == 'character' and level == 'code' and coefficient == 'per_cent'")
    assert len(pairs) == 6
    assert pairs["value"].notna().all()


# --- coders' own workbook ------------------------------------------------------------------------------------------------


def test_open_answers_of_educators(tmp_path: Path) -> None:
    study = run_coded(educators_study(tmp_path / "study"))
    names = {entry.code: (entry.aliases or (entry.label,))[0].replace("/", "->") for entry in study.study.codebook}
    reference = pd.read_csv(EDUCATOR_COUNTS, dtype={"code": "str"})
    rows = active(study)
    assert len(rows) == len(study.settled.segments)
    for (question, coder), expected in reference.groupby(["question", "coder"]):
        mine = rows[(rows["collection"] == str(question).lower()) & (rows["coder"] == coder)]
        assert (
            mine["code"].map(names).value_counts().to_dict() == expected.set_index("code")["count_of_cells"].to_dict()
        )
        assert mine["source"].nunique() == expected["respondents_coded"].iloc[0]
    sources = study.themes[study.themes["unit"] == "sources"]
    assert {c: set(of) for c, of in sources.groupby("collection")["of"]} == {"n2": {25}, "n3": {99}, "n4": {97}}


def test_the_second_coder_of_educators_is_compared_on_the_answers_they_coded(tmp_path: Path) -> None:
    study = run_coded(educators_study(tmp_path / "study"))
    table = study.agreement.coefficients
    for collection, n in (("n2", 5), ("n3", 20), ("n4", 20)):
        mine = table[(table["collection"] == collection) & (table["level"] == "code")]
        assert set(mine["n_units"]) == {n}
        kappas = mine[mine["coefficient"] == "cohen_kappa"].set_index("code")["value"]
        given = study.read.segments[study.read.segments["collection"] == collection]
        by = {coder: set(zip(s["source"], s["code"], strict=True)) for coder, s in given.groupby("coder")}
        shared = set.intersection(*({source for source, _ in marks} for marks in by.values()))
        assert len(shared) == n
        for code, kappa in kappas.items():
            a, b = ([(source, code) in by[coder] for source in shared] for coder in EDUCATOR_CODERS)
            expected = sum(a) / n * sum(b) / n + (1 - sum(a) / n) * (1 - sum(b) / n)
            same = sum(x == y for x, y in zip(a, b, strict=True)) / n
            if expected == 1:
                assert pd.isna(kappa)
            else:
                assert kappa == pytest.approx((same - expected) / (1 - expected), abs=1e-9)


# --- what holds for all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_lost(coded: Any, name: str) -> None:
    study = coded(name)
    counted = study.read.import_log.dropna(subset=["n_in"])
    assert counted["n_in"].sum() == len(study.read.segments)
    assert counted["n_active"].sum() == (study.read.segments["status"] == "active").sum()
    assert (counted["n_active"] + counted["n_excluded"] + counted["n_unresolved"].fillna(0) == counted["n_in"]).all()
    pd.testing.assert_frame_equal(study.settled.segments, study.read.segments)  # nothing was decided


@pytest.mark.parametrize("name", SAMPLES)
def test_a_drafted_codebook_knows_every_code(coded: Any, name: str) -> None:
    study = coded(name)
    paths = set()
    for file in sorted(study.study.raw.iterdir()):
        if file.name != "participants.csv":
            paths |= {c.path for c in read_coded_file(file, file.name, conventions_of(study)).codes}
    assert {c for c in study.read.segments["code"] if c} <= {entry.code for entry in study.study.codebook}
    assert len(paths) <= len(study.study.codebook)


def conventions_of(study: Coded) -> Any:
    from plait.qualitative.codebook import CodeNames
    from plait.qualitative.coded_file import Conventions

    return Conventions(code_names=CodeNames.of(study.study.codebook).shown)


def parents_of(study: Coded) -> dict[str, str]:
    return {entry.code: entry.parent for entry in study.study.codebook}
