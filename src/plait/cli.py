"""The `plait` command: what is done around a run of the workflow."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from plait.errors import told_plainly


def main(arguments: list[str] | None = None) -> None:
    """Run one command; a user's mistakes are told without a traceback, with exit code 1."""
    parser = argparse.ArgumentParser(prog="plait", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    check = commands.add_parser("check", help="check a study's definition, side files and raw files; no analysis")
    check.add_argument("study", type=Path, help="the folder of study.yaml")
    check.add_argument("--raw", type=Path, help="the folder of the raw files, where it is another")
    check.set_defaults(run=_check)

    simulate = commands.add_parser("simulate", help="write the raw files of the example studies again")
    simulate.add_argument("study", nargs="*", help="which (both when left out)")
    simulate.add_argument("--into", type=Path, default=Path("studies"), help="the folder of the studies")
    simulate.set_defaults(run=_simulate)

    schema = commands.add_parser("schema", help="print the JSON Schema of study.yaml or config.yaml, for editors")
    schema.add_argument("what", choices=["study", "config"])
    schema.set_defaults(run=_schema)

    verify = commands.add_parser("verify", help="compare a study's results with its manifest")
    verify.add_argument("results", type=Path, help="the study's results folder")
    verify.set_defaults(run=_verify)

    chosen = parser.parse_args(arguments)
    with told_plainly():
        sys.exit(chosen.run(chosen))


def _check(arguments: argparse.Namespace) -> int:
    from plait.errors import Problems
    from plait.qualitative.decisions import apply_decisions
    from plait.qualitative.readers import read_coded_text
    from plait.study import load_study
    from plait.survey.breakdowns import read_breakdowns
    from plait.survey.cleaning import clean

    study = load_study(arguments.study, arguments.raw)
    problems = Problems()
    with problems.collecting():
        clean(study)
    with problems.collecting():
        read_breakdowns(study)
    with problems.collecting():
        coded = read_coded_text(study.collections, study.raw, study.codebook)
        apply_decisions(coded, study.collections, study.decisions, study.decision_log)
    problems.raise_if_any()
    print(f"{study.id}: the definition, its side files and its raw files fit together")
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from plait.errors import Problems, did_you_mean
    from plait.simulate import STUDIES, simulate

    problems = Problems()
    for name in arguments.study:
        if name not in STUDIES:
            problems.add("plait simulate", f"there is no example study '{name}'", did_you_mean(name, STUDIES))
    problems.raise_if_any()
    for name in arguments.study or STUDIES:
        for file in simulate(name, arguments.into / name):
            print(file)
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    from plait.study.config import Config
    from plait.study.definition import Definition

    model = Definition if arguments.what == "study" else Config
    print(json.dumps(model.model_json_schema(by_alias=True), indent=2))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from plait.errors import Problem, StudyError
    from plait.provenance import verify

    manifest = arguments.results / "provenance" / "manifest.json"
    if not manifest.is_file():
        raise StudyError([Problem(str(manifest), "there is no such manifest", "run the workflow first")])
    differences = verify(manifest)
    print("\n".join(differences) or "every result is as it was written")
    return 1 if differences else 0
