"""What tells of hidden numbers though no programme attacks it: means, models, changes, weights, and hashes."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from little_study import write_little_study
from plait.disclosure.rules import PROFILES
from plait.errors import StudyError
from plait.provenance import verify, write_manifest
from plait.study import load_study
from whole_survey import Outcome, through

TWO_DAYS = """
respondent_id: id
exports: {day1: {file: day1.csv, weight: w}, day2: {file: day2.csv, weight: w}}
weighting: {method: supplied, description: Drawn for this test.}
profile:
  phase: {label: Phase, column: phase, options: {p: Primary, s: Secondary}}
scales:
  agree4:
    options:
      a: {label: Agree, score: 1}
      b: {label: Neither, score: 0}
      c: {label: Disagree, score: -1}
      d: {label: Strongly disagree, score: -2}
questions:
  one: {label: One, text: One?, export: day1, column: said, scale: agree4, compare_by: phase}
  two: {label: Two, text: Two?, export: day2, column: said, scale: agree4, compare_by: phase, repeats: one}
breaks: [phase]
models:
  strongly: {label: Strongly, outcome: "one:d", predictors: [phase]}
  mildly: {label: Mildly, outcome: "one:c", predictors: [phase]}
  agreeing: {label: Agreeing, outcome: "one:a", predictors: [phase]}
"""
ANSWERS = ["Agree", "Neither", "Disagree", "Strongly disagree"]


def day(primary: list[int], secondary: list[int]) -> str:
    """So many of either phase gave each answer; who disagrees strongly counts twice."""
    lines = ["id,phase,said,w\n"]
    for phase, counts in (("Primary", primary), ("Secondary", secondary)):
        said = [answer for answer, n in zip(ANSWERS, counts, strict=True) for _ in range(n)]
        lines += [f"{phase}{i},{phase},{answer},{1 + (answer == ANSWERS[-1])}\n" for i, answer in enumerate(said)]
    return "".join(lines)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Nine disagree strongly on the first day, six of the 178 of primary among them."""
    days = {"day1_csv": day([90, 60, 22, 6], [70, 60, 45, 3]), "day2_csv": day([90, 60, 22, 20], [70, 60, 45, 20])}
    return through(tmp_path_factory.mktemp("two days"), TWO_DAYS, "strict", **days)


def test_a_mean_of_scores_is_hidden_with_the_answers_it_tells_of(strict: Outcome) -> None:
    """51 and 34 per cent of 180 and a mean of 0.31 leave four numbers for the six; without the mean there are thirty."""
    numbers = strict.published.survey_numbers.set_index(["question", "group"])
    assert strict.shares("one", "phase", "p").loc[["c", "d"], "marker"].tolist() == ["c", "c"]
    for place in (("one", ""), ("one", "p"), ("one", "s")):
        assert numbers.loc[place, "marker"] == "c"
        assert numbers.loc[place, ["value", "ci_low", "ci_high", "value_unweighted"]].isna().all()
    assert numbers.loc[("two", "p"), "marker"] == "" and np.isfinite(numbers.loc[("two", "p"), "value"])


def test_a_model_of_a_hidden_answer_is_withheld(strict: Outcome) -> None:
    """The odds of an intercept are those of the group that others are compared with: 0.034 of 180 are six people."""
    models = strict.published.survey_models
    for name, told in (("strongly", False), ("mildly", False), ("agreeing", True)):
        rows = models[models["model"] == name]
        assert rows[["effect", "ci_low", "ci_high", "p"]].notna().all(axis=None) == told
        assert set(rows["marker"]) == ({""} if told else {"c"})


def test_a_change_tells_nothing_of_an_answer_that_is_hidden_on_one_day(strict: Outcome) -> None:
    """The few count for twice as many by their weights; and what keeps them company tells of them like they do."""
    changes = strict.published.survey_changes.set_index("option")
    hidden = strict.shares("one").query("marker == 'c'").index
    assert "d" in hidden and len(hidden) >= 2
    numbers = ["per_cent_earlier", "per_cent", "points", "value_earlier", "value", "difference", "ci_low", "ci_high"]
    for option in [*hidden, ""]:
        assert changes.loc[option, numbers].isna().all() and changes.loc[option, "marker"] == "c"
    assert changes.loc["a", ["per_cent_earlier", "per_cent", "points"]].notna().all()


RAKED = """
respondent_id: id
profile:
  phase: {{label: Phase, column: phase, options: {{p: P, s: S, t: T, u: U}}}}
questions:
  likes: {{label: Likes, text: Likes?, column: likes, options: {{y: Yes, n: No}}, compare_by: phase}}
breaks: [phase]
weighting: {{method: post_stratification, targets: targets.csv{more}}}
"""
TARGETS = """\
variable,group,share,source,date,unit,grade
phase,p,0.35,census,2025,headcount,official
phase,s,0.4,census,2025,headcount,official
phase,t,0.1,census,2025,headcount,official
phase,u,0.15,census,2025,headcount,official
"""


def raked(folder: Path, more: str, **sizes: int) -> Outcome:
    """Of each phase so many, every third of whom says yes."""
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
    phases = [phase for phase, n in sizes.items() for _ in range(n)]
    lines = [f"r{i},{phase},{'Yes' if i % 3 == 0 else 'No'}\n" for i, phase in enumerate(phases)]
    return through(folder, RAKED.format(more=more), form_csv="".join(["id,phase,likes\n", *lines]))


def test_weights_may_not_tell_how_few_a_group_is(tmp_path: Path) -> None:
    """15 per cent of the population are five of 187 respondents where the largest weight is 5.61: no four, and no six."""
    told = r"weights 'form': 'u' of 'phase' has a target of its own"
    mend = r"collapse: {fewer_than: 10, into: {phase: {u: neighbour}}}"
    with pytest.raises(StudyError, match=rf"{told}(.|\n)*{mend}"):
        raked(tmp_path, "", P=90, S=80, T=12, U=5)


def test_groups_that_were_weighted_together_are_not_told_apart(tmp_path: Path) -> None:
    both = raked(tmp_path, ", collapse: {fewer_than: 10, into: {phase: {u: t}}}", P=90, S=80, T=12, U=5)
    profile = both.published.sample_profile.set_index("group")
    assert profile.loc[["t", "u"], "base_unweighted"].isna().all()
    notes = both.published.weighting_notes.set_index("kind")
    assert np.isnan(float(notes["respondents"].astype("float64")["merged"])) and notes.loc["merged", "marker"] == "c"


def test_a_note_on_groups_that_were_weighted_together_counts_them_where_all_are_shown(tmp_path: Path) -> None:
    shown = raked(tmp_path, ", collapse: {fewer_than: 40, into: {phase: {u: t}}}", P=90, S=80, T=32, U=35)
    notes = shown.published.weighting_notes.set_index("kind")
    assert notes.loc["merged", "respondents"] == 67 and notes.loc["merged", "marker"] == ""


def test_the_manifest_holds_no_hash_of_what_is_not_for_release(tmp_path: Path) -> None:
    """Who writes a table again with every number that a hidden one could be knows it by the hash."""
    study = load_study(write_little_study(tmp_path / "little"))
    results = tmp_path / "results"
    for name in (
        "survey/profile.parquet",
        "qualitative/themes.parquet",
        "integration/joining.parquet",
        "logs/publish.log",
    ):
        (results / name).parent.mkdir(parents=True)
        (results / name).write_text("1 2 3\n")
    (results / "published").mkdir()
    (results / "published" / "themes.csv").write_text("n\n")
    manifest = results / "provenance" / "manifest.json"
    write_manifest(study, results=results, settings={"disclosure": PROFILES["public"].name}, manifest=manifest)
    recorded = json.loads(manifest.read_text())
    assert list(recorded["outputs"]) == ["published/themes.csv"]
    raw = {name: study.raw / name.removeprefix("raw/") for name in recorded["inputs"] if name.startswith("raw/")}
    assert raw and not any(sha256(file.read_bytes()).hexdigest() in manifest.read_text() for file in raw.values())
    key = sha256(b"".join(sha256(raw[name].read_bytes()).digest() for name in sorted(raw))).digest()
    for name, file in raw.items():  # who has all of them can compare
        assert recorded["inputs"][name]["hmac_sha256"] == hmac.new(key, file.read_bytes(), sha256).hexdigest()
    assert verify(manifest) == []
    (results / "published" / "themes.csv").write_text("m\n")
    assert verify(manifest) == ["changed: published/themes.csv"]
