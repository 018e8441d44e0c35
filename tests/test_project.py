"""Files that must not drift apart: locks, environments, schemas, floors."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from plait.cli import main

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(path: Path) -> dict[str, set[str]]:
    """Every package of a lock and its versions (more than one where Python versions differ)."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(path.read_text(encoding="utf-8")):
        found.setdefault(normal(name), set()).add(version)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(root: Path) -> dict[str, list[str]]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"run": project["dependencies"], "test": project["optional-dependencies"]["test"]}
    return {group: [normal(re.split(r"[<>=~\[; ]", d)[0]) for d in listed] for group, listed in groups.items()}


def test_every_dependency_is_locked_with_hashes_and_no_address(root: Path) -> None:
    for lock, groups in {"requirements.lock": ["run"], "requirements-dev.lock": ["run", "test"]}.items():
        text = (root / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^--(index|extra-index|find)", text, re.MULTILINE)
        locked = pins(root / lock)
        assert [name for group in groups for name in required(root)[group] if name not in locked] == []
        blocks = re.split(r"\n(?=[A-Za-z])", text.strip())
        assert [b.splitlines()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_the_test_environment_has_the_versions_of_the_lock(root: Path) -> None:
    run, test = pins(root / "requirements.lock"), pins(root / "requirements-dev.lock")
    assert {name: test.get(name) for name in run} == run


def test_conda_users_get_the_same_pins(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = (root / ".python-version").read_text().strip()
    assert f"python={python}" in environment["dependencies"]
    assert project["requires-python"] == f">={python}"
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert pip == ["--require-hashes", "-r requirements.lock"]
    assert [d for d in environment["dependencies"] if isinstance(d, str)] == [f"python={python}", "pip"]


@pytest.mark.parametrize("what", ["study", "claims", "config"])
def test_the_schemas_for_editors_are_those_of_the_models(
    root: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["schema", what])
    assert left.value.code == 0
    assert json.loads((root / "config" / f"{what}.schema.json").read_text()) == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "file",
    [
        "config/config.yaml",
        *(
            f"studies/{study}/{file}.yaml"
            for study in ("ite-mentors", "ecf-rural-coastal")
            for file in ("study", "claims")
        ),
    ],
)
def test_editors_accept_what_the_project_ships(root: Path, file: str) -> None:
    """As an editor sees it: values typed by YAML, checked against the schema."""
    schema = json.loads((root / "config" / f"{Path(file).stem}.schema.json").read_text(encoding="utf-8"))
    typed = yaml.safe_load((root / file).read_text(encoding="utf-8"))
    assert [
        e.message for e in Draft202012Validator(schema).iter_errors(json.loads(json.dumps(typed, default=str)))
    ] == []


def test_versions_agree(root: Path) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == version
    assert "## [Unreleased]" in (root / "CHANGELOG.md").read_text()


def test_notebooks_are_stored_without_outputs(root: Path) -> None:
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert [c for c in code if c["outputs"] or c["execution_count"]] == []
        assert sum("parameters" in c["metadata"].get("tags", []) for c in code) == 1


def test_the_library_names_no_study(root: Path) -> None:
    names = re.compile(r"ite.mentors|ecf.rural|im_q\d|\bec_[a-z]+|teacher ?tapp|niot", re.IGNORECASE)
    outside = [p for p in (root / "src" / "plait").rglob("*.py") if "simulate" not in p.parts]
    assert [str(p) for p in outside if names.search(p.read_text(encoding="utf-8"))] == []


def test_check_says_that_a_study_fits_together(little: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", str(little)])
    assert left.value.code == 0
    assert "little: the definition" in capsys.readouterr().out


def test_check_knows_whose_coding_is_to_be_counted(little: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definition = little / "study.yaml"
    definition.write_text(definition.read_text().replace("count_from: agreed", "count_from: agred"))
    with pytest.raises(SystemExit) as left:
        main(["check", str(little)])
    assert left.value.code == 1
    told = capsys.readouterr().err
    assert "the coding of 'agred' is to be counted in 'notes', where no such coder is" in told
    assert "did you mean 'agreed'?" in told


def test_check_tells_the_mistakes_of_both_strands_at_once(little: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monday = little / "raw" / "survey" / "monday.csv"
    monday.write_text(monday.read_text().replace("Nothing", "Nowt", 1))
    ann = little / "raw" / "coding" / "ann.csv"
    ann.write_text(ann.read_text().replace("food_fruit", "food_froot"))
    with pytest.raises(SystemExit) as left:
        main(["check", str(little)])
    assert left.value.code == 1
    told = capsys.readouterr().err
    assert "survey/monday.csv, row 4, column 'wants'" in told
    assert "food_froot" in told
    assert "Traceback" not in told
