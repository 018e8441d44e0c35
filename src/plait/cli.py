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

    schema = commands.add_parser(
        "schema", help="print the JSON Schema of study.yaml, claims.yaml or config.yaml, for editors"
    )
    schema.add_argument("what", choices=["study", "claims", "config"])
    schema.set_defaults(run=_schema)

    verify = commands.add_parser("verify", help="compare a study's results with its manifest")
    verify.add_argument("results", type=Path, help="the study's results folder")
    verify.set_defaults(run=_verify)

    codebook = commands.add_parser("codebook", help="print a first codebook.csv from the codes of coded files")
    codebook.add_argument("file", type=Path, nargs="+", help="a project, an export of segments, a codebook of a tool")
    codebook.set_defaults(run=_codebook)

    texts = commands.add_parser("texts", help="print the list of a study's texts, to hold later runs against")
    texts.add_argument("study", type=Path, help="the folder of study.yaml")
    texts.add_argument("--raw", type=Path, help="the folder of the raw files, where it is another")
    texts.set_defaults(run=_texts)

    claims = commands.add_parser("claims", help="print a study's claims with today's numbers, to compare with the file")
    claims.add_argument("study", type=Path, help="the folder of study.yaml")
    claims.add_argument("--raw", type=Path, help="the folder of the raw files, where it is another")
    claims.set_defaults(run=_claims)

    export = commands.add_parser("export", help="write a collection of coded text as a REFI-QDA project")
    export.add_argument("study", type=Path, help="the folder of study.yaml")
    export.add_argument("collection", help="its name in the definition")
    export.add_argument("project", type=Path, help="the file to write (.qdpx)")
    export.add_argument("--raw", type=Path, help="the folder of the raw files, where it is another")
    export.set_defaults(run=_export)

    chosen = parser.parse_args(arguments)
    with told_plainly():
        sys.exit(chosen.run(chosen))


def _check(arguments: argparse.Namespace) -> int:
    from plait.errors import Problems
    from plait.qualitative.quotes import FEWEST, select_quotes
    from plait.qualitative.readers import read_coded_text_of
    from plait.qualitative.settling import settle
    from plait.qualitative.themes import theme_counts
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
        settled = settle(read_coded_text_of(study), study).decided
        theme_counts(settled, study.collections)
        most = study.quotes_per_person
        select_quotes(settled, study.collections, study.quotes, study.quote_file, per_person=most, fewest=FEWEST)
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
    from plait.study.claims import ClaimsFile
    from plait.study.config import Config
    from plait.study.definition import Definition, Model

    models: dict[str, type[Model]] = {"study": Definition, "claims": ClaimsFile, "config": Config}
    print(json.dumps(models[arguments.what].model_json_schema(by_alias=True), indent=2))
    return 0


def _codebook(arguments: argparse.Namespace) -> int:
    from plait.errors import Problems
    from plait.qualitative.codebook import draft_codebook
    from plait.qualitative.coded_file import Conventions, FileCode
    from plait.qualitative.recognition import read_coded_file

    problems = Problems()
    codes: dict[tuple[str, ...], FileCode] = {}
    for path in arguments.file:
        with problems.collecting():
            file = read_coded_file(path, path.name, Conventions())
            codes |= {c.path: c for c in file.codes if c.path not in codes}
    problems.raise_if_any()
    draft_codebook(list(codes.values())).to_csv(sys.stdout, index=False, lineterminator="\n")
    return 0


def _texts(arguments: argparse.Namespace) -> int:
    from plait.qualitative.known_texts import list_of_texts
    from plait.qualitative.readers import read_coded_text
    from plait.study import load_study

    study = load_study(arguments.study, arguments.raw)
    texts = list_of_texts(read_coded_text(study.collections, study.raw, study.codebook))
    texts.to_csv(sys.stdout, index=False, lineterminator="\n")
    return 0


def _claims(arguments: argparse.Namespace) -> int:
    from plait.errors import Problem, StudyError
    from plait.integration.claims_text import claims_with_todays_numbers
    from plait.integration.today import tables_of_today
    from plait.study import load_study

    study = load_study(arguments.study, arguments.raw)
    if not study.claims:
        raise StudyError([Problem("study.yaml", "the study has no claims", "name their file under `claims:`")])
    sys.stdout.write(claims_with_todays_numbers(study, tables_of_today(study)))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from plait.errors import Problem, StudyError, did_you_mean
    from plait.qualitative.readers import read_coded_text
    from plait.qualitative.refi_export import write_project
    from plait.study import load_study

    study = load_study(arguments.study, arguments.raw)
    if arguments.collection not in study.collections:
        mend = did_you_mean(arguments.collection, study.collections)
        raise StudyError([Problem("plait export", f"there is no collection '{arguments.collection}'", mend)])
    wanted = {arguments.collection: study.collections[arguments.collection]}
    left_out = write_project(
        read_coded_text(wanted, study.raw, study.codebook), arguments.collection, arguments.project
    )
    print(f"{arguments.project}: written")
    for count, what in (
        (left_out.not_active, "rows that are not counted"),
        (left_out.without_place, "codings without a place in a text"),
        (left_out.names, "names and notes with characters that XML cannot write; these are gone"),
    ):
        if count:
            print(f"left out: {count} {what}")
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
