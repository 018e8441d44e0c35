"""A mistake in the definition or a side file ends in a message that names file, row, key, value and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from little_claims import CLAIMS, write_claims
from plait.errors import Problem, StudyError
from plait.study import fingerprint, load_study, side_files


def complaint(folder: Path) -> str:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return str(caught.value)


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return caught.value.problems


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_little_study_is_accepted(little: Path) -> None:
    study = load_study(little)
    assert study.id == "little"
    assert [t.group for t in study.targets] == ["infants", "juniors", "near", "further"]
    assert study.definition.survey is not None
    assert list(study.definition.survey.groups_of("year_by_near")) == [
        "infants__near", "infants__further", "juniors__near", "juniors__further",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    column: uses\n", "    colum: uses\n", ["row 44", "colum'", "did you mean 'column'"]),
        ("title: A little study", "title: A little study\ntitle: Another", ["row 3", "'title' twice", "first on row 2"]),
        ("    wants:\n      label: Wants", "    wants: &w\n      label: *w", ["alias"]),
        ("title: A little study", "title: !!python/name:os.system x", ["tag"]),
        ("    agree3:\n", "    agree3:\n      unipolar: ys\n", ["neither yes nor no", "found 'ys'", "write true or false"]),
        ("scale: agree3", "scale: agree4", ["no scale 'agree4'", "did you mean 'agree3'"]),
        ("asked_of: {uses: [yes_]}", "asked_of: {use: [yes_]}", ["no variable 'use'", "did you mean 'uses'"]),
        ("asked_of: {uses: [yes_]}", "asked_of: {uses: [yess]}", ["no group 'yess'", "did you mean 'yes_'"]),
        ("of: [agree, neither]", "of: [agree, nether]", ["no option 'nether'", "did you mean 'neither'"]),
        ("breaks: [year,", "breaks: [yaer,", ["no variable 'yaer'", "did you mean 'year'"]),
        ("survey/monday.csv", "survey/munday.csv", ["no such raw file", "munday", "did you mean 'monday.csv'"]),
        ("survey/monday.csv", "../monday.csv", ["outside the study folder"]),
        ("survey/monday.csv", "/etc/passwd", ["outside the study folder"]),
        ("codebook: codebook.csv", "codebook: C:\\codes.csv", ["outside the study folder"]),
        ("end: 2026-01-09", "end: 2025-01-09", ["ends before it starts"]),
        ("  respondent_id: id\n", "", ["respondent_id is missing"]),
        ("max_choices: 2", "max_choices: two", ["max_choices", "'two'"]),
        ("      export: friday\n", "", ["does not say which export"]),
        ("format: sheets", "format: sheet", ["a format that is not known: 'sheet'", "did you mean 'sheets'?"]),
        ("total_from: year", "total_from: yeer", ["no break 'yeer'"]),
        ("consent, values: [\"no\"],", "consent,", ["give a column with values, other_than"]),
        ("exclusions:", "exclusions:\n    - {unanswered: [use], reason: empty}", ["no question 'use'", "'uses'"]),
        ("exclusions:", "duplicates: {keep: newest}\n  exclusions:", ["duplicates.keep", "'newest'"]),
        ("targets: targets.csv", "method: supplied, targets: targets.csv", ["give one of them"]),
        ("targets: targets.csv, trim: {upper: 4}", "method: supplied", ["no column of supplied weights", "weight:"]),
        ("targets: targets.csv", "method: logit, targets: targets.csv", ["logit needs bounds"]),
        ("targets: targets.csv", "targets: targets.csv, bounds: {lower: 0.5, upper: 2}", ["bounds are for linear"]),
        (
            "targets: targets.csv",
            "targets: targets.csv, collapse: {fewer_than: 9, into: {year: {infants: infant}}}",
            ["no group 'infant'", "did you mean 'infants'"],
        ),
        ("      scale: agree3\n", "      type: number\n      scale: agree3\n", ["neither options nor a scale"]),
        ("      max_choices: 2", "      repeats: uses\n      max_choices: 2", ["is in the same export"]),
        (
            "      type: multi\n      export: monday\n      column: wants",
            "      type: multi\n      repeats: likes",
            ["needs respondents' own answers, not a breakdown table"],
        ),
        (
            "    likes:\n",
            "    hours: {label: H, text: 'H?', type: number, export: monday, column: h, measures: [median]}\n"
            "    later: {label: L, text: 'L?', type: number, export: friday, column: h, repeats: hours}\n    likes:\n",
            ["key 'survey.questions.later.repeats'", "has no mean to be compared with that of 'hours'"],
        ),
        ("      scale: agree3\n", "      scale: agree3\n      repeats: uses\n", ["does not have the options of 'uses'"]),
        ("  weighting:", "  models: {m: {label: M, outcome: 'uses:yes', predictors: [yeer]}}\n  weighting:",
         ["no option or net 'yes'", "no variable 'yeer'"]),
        ("linking: linking.csv", "robustness: [{label: L, kind: unweighted}]", ["robustness is that of", "`claims:`"]),
        ("near: Near,", "near: {label: Near, mapping: x},", ["mapping"]),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_with_its_place_and_mend(
    little: Path, old: str, new: str, expected: list[str]
) -> None:
    change(little / "study.yaml", old, new)
    message = complaint(little)
    for words in ["study.yaml", *expected]:
        assert words in message


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("targets.csv", "year,infants", "yeer,infants", ["row 2", "no variable 'yeer'"]),
        ("targets.csv", "year,infants", "year,infant", ["row 2", "no group 'infant'", "did you mean 'infants'"]),
        ("targets.csv", "infants,0.5", "infants,0.7", ["sum to 1.2"]),
        ("targets.csv", "infants,0.5", "infants,half", ["row 2", "'share'", "'half'"]),
        ("targets.csv", "infants,0.5", "infants,", ["row 2", "neither a share nor a count"]),
        ("targets.csv", "official", "semi-official", ["row 2", "'grade'"]),
        ("targets.csv", "headcount", "FTE", ["column 'unit'", "the groups of 'year' in FTE and in headcount"]),
        ("codebook.csv", "food_fruit,food,", "food_fruit,foot,", ["row 3", "no theme 'foot'", "did you mean 'food'"]),
        ("codebook.csv", ",,hot", ",,food_fruit", ["row 4", "stands for two codes"]),
        ("linking.csv", "wants:fruit", "wants:fruits", ["row 2", "no option or net 'fruits'", "did you mean 'fruit'"]),
        ("linking.csv", "wants:fruit", "want:fruit", ["row 2", "no question 'want'"]),
        ("linking.csv", ",food,confirmation", ",foot,confirmation", ["row 2", "no code 'foot'"]),
        ("linking.csv", "The form offered one kind.", "", ["row 3", "no rationale"]),
        ("linking.csv", ",time,discordance", ",,discordance", ["row 3", "needs both strands"]),
        ("linking.csv", "construct,", "constructs,", ["row 1", "no column 'construct'", "did you mean 'constructs'"]),
        ("breakdown_columns.csv", "year,infants", "yaer,infants", ["row 2", "no break 'yaer'"]),
    ],
)  # fmt: skip
def test_a_wrong_side_file_is_refused_with_its_place_and_mend(
    little: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    change(little / file, old, new)
    message = complaint(little)
    for words in [file, *expected]:
        assert words in message


def test_all_mistakes_are_told_at_once(little: Path) -> None:
    change(little / "study.yaml", "scale: agree3", "scale: agree4")
    change(little / "study.yaml", "breaks: [year,", "breaks: [yaer,")
    change(little / "targets.csv", "year,infants", "year,infant")
    change(little / "linking.csv", "wants:fruit", "wants:fruits")
    message = complaint(little)
    assert all(word in message for word in ["agree4", "yaer", "'infant'", "fruits"])


def test_a_row_that_cannot_be_read_hides_no_other_mistake_and_adds_none(little: Path) -> None:
    write_claims(little, CLAIMS)
    change(little / "linking.csv", ",food,confirmation", ",food,confirmtion")
    change(little / "linking.csv", "The form offered one kind.", "")
    change(little / "claims.yaml", "item: fruit", "item: fruits")
    problems = problems_of(little)
    assert [(p.file, p.row, p.column or p.message) for p in problems] == [
        ("linking.csv", "row 2", "fit"),
        ("linking.csv", "row 3", "rationale"),
        ("claims.yaml", "row 11", "claims.0.numbers.0.cell.item"),
    ]
    assert problems[0].mend == "did you mean 'confirmation'?"


def test_nobody_is_told_of_codes_that_stand_in_a_faulty_codebook(little: Path) -> None:
    write_claims(little, CLAIMS)
    change(little / "codebook.csv", ",theme", ",thema")
    assert {(p.file, p.column) for p in problems_of(little)} == {("codebook.csv", "kind")}


def test_nobody_is_told_that_shares_of_faulty_targets_do_not_add_up(little: Path) -> None:
    change(little / "targets.csv", "year,infants,0.5", "year,infants,half")
    assert [(p.file, p.row, p.column) for p in problems_of(little)] == [("targets.csv", "row 2", "share")]


def test_unknown_keys_and_unknown_names_are_told_together(little: Path) -> None:
    change(little / "study.yaml", "  respondent_id: id", "  respondant_id: id")
    change(little / "study.yaml", "compare_by: year", "compare_by: yaer")
    message = complaint(little)
    assert "key 'survey.respondant_id': is not a key of the definition" in message
    assert "did you mean 'respondent_id'?" in message
    assert "there is no break 'yaer'" in message


def test_a_raw_file_that_is_a_link_to_elsewhere_is_refused(little: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    monday = little / "raw" / "survey" / "monday.csv"
    elsewhere.write_bytes(monday.read_bytes())
    monday.unlink()
    monday.symlink_to(elsewhere)
    assert "leads outside the folder of raw files" in complaint(little)


def test_raw_files_may_lie_in_a_folder_of_their_own(little: Path, tmp_path: Path) -> None:
    (little / "raw").rename(tmp_path / "drive")
    assert load_study(little, tmp_path / "drive").raw == tmp_path / "drive"
    assert "folder of raw files is not there" in complaint(little)


def test_a_fingerprint_changes_with_its_part_only(little: Path) -> None:
    before = load_study(little).definition
    change(little / "study.yaml", "title: A little study", "title: A small study")
    after = load_study(little).definition
    assert fingerprint(before.survey) == fingerprint(after.survey)
    assert fingerprint(before) != fingerprint(after)


def test_targets_may_be_counts_of_one_population(little: Path) -> None:
    header = "variable,group,count,source,date,unit,grade"
    rows = ["year,infants,60", "year,juniors,40", "near_or_not,near,30", "near_or_not,further,70"]
    lines = [header, *(f"{row},school roll,2026-01,headcount,official" for row in rows)]
    (little / "targets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [t.count for t in load_study(little).targets] == [60, 40, 30, 70]
    lines[-1] = lines[-1].replace("70", "75")
    (little / "targets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "the counts of 'near_or_not' sum to 105, those of 'year' to 100" in complaint(little)


def test_a_mapping_leads_to_options_that_exist(little: Path) -> None:
    change(little / "study.yaml", "    distance:\n", "    distance:\n      mapping: distance.csv\n")
    (little / "distance.csv").write_text(
        "raw,option,why\nround the corner,near,\nvery far,farr,typed\nno idea,unknown,\nNo idea,far,\n",
        encoding="utf-8",
    )
    message = complaint(little)
    assert "distance.csv, row 3, column 'option': 'distance' has no option 'farr'" in message
    assert "distance.csv, row 5, column 'raw': leads to two options" in message


def test_several_exports_cannot_do_without_an_id_and_one_can(little: Path) -> None:
    change(little / "study.yaml", "  respondent_id: id\n", "")
    assert "there are several exports to join" in complaint(little)
    change(little / "study.yaml", "    friday: {file: survey/friday.csv}\n", "")
    change(little / "study.yaml", "      export: friday\n", "      export: monday\n")
    assert load_study(little).definition.survey is not None


def test_summaries_of_a_framework_matrix_are_checked_line_by_line(little: Path) -> None:
    change(
        little / "study.yaml", "  codebook: codebook.csv\n", "  codebook: codebook.csv\n  summaries: summaries.csv\n"
    )
    lines = [
        "collection,theme,case,by,group,summary",
        "notes,food,001,,,Wants fruit.",
        "notes,time,,year,infants,Later on Fridays.",
        "nots,food,001,,,x",
        "notes,fod,001,,,x",
        "notes,food,001,year,infants,x",
        "notes,food,,,,x",
        "notes,food,,yaer,infants,x",
        "notes,food,001,,,Wants more fruit.",
        "notes,unclear,002,,,x",
        "notes,time,003,,,",
    ]
    (little / "summaries.csv").write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    study = load_study(little)
    assert [(row, s.case, s.group, s.summary) for row, s in study.summaries] == [
        ("row 2", "001", "", "Wants fruit."),
        ("row 3", "", "infants", "Later on Fridays."),
    ]
    assert [p.name for p in side_files(study, "summaries")] == ["summaries.csv"]
    (little / "summaries.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    said = complaint(little)
    for expected in (
        "row 4, column 'collection': there is no collection 'nots'",
        "row 5, column 'theme': there is no theme 'fod' in the codebook",
        "row 6: a summary is of one case or of one group",
        "row 7: a summary is of one case or of one group",
        "row 8, column 'by': 'yaer' is not among the breaks of 'notes'",
        "row 9: has a summary of this cell before, in row 2",
        "row 10, column 'theme': there is no theme 'unclear' in the codebook",
    ):
        assert f"summaries.csv, {expected}" in said
    assert said.startswith("7 problems")
    (little / "summaries.csv").write_text("\n".join([lines[0], lines[-1]]) + "\n", encoding="utf-8")
    assert "row 2, column 'summary'" in complaint(little)


@pytest.mark.parametrize("near", ["{}", "{characters: 5, paragraphs: 1}", "{characters: 0}", "{paragraphs: -1}"])
def test_near_is_one_distance(little: Path, near: str) -> None:
    change(little / "study.yaml", "      count_from: agreed\n", f"      count_from: agreed\n      near: {near}\n")
    assert "near" in complaint(little)
