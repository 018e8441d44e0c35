"""The workflow's configuration: which studies to run, and under which disclosure profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from plait.errors import Problem, Problems, StudyError, did_you_mean
from plait.study.definition import Model, Slug, Text, one_or_many
from plait.study.load import Study, load_study
from plait.study.plain_words import in_plain_words
from plait.study.validation import known_keys

_FILE = "config"
_PACKAGE = Path(__file__).resolve().parent.parent


class Place(Model):
    """Where a study lives."""

    definition: Text
    """Folder of `study.yaml`."""
    raw: Text | None = None
    """Folder of the raw files, where they are kept apart (a secure drive)."""


def _folder_only(value: Any) -> Any:
    return {"definition": value} if isinstance(value, str) else value


class Disclosure(Model):
    """The disclosure rules: a profile, and thresholds that differ from it. Looser ones put a mark on every output."""

    profile: Literal["public", "strict", "internal"] = "public"
    hide_below: Annotated[int | None, Field(ge=0)] = None
    """A group of fewer people is hidden."""
    withhold_below: Annotated[int | None, Field(ge=0)] = None
    """Per cents of a group of fewer people are withheld."""
    flag_below: Annotated[int | None, Field(ge=0)] = None
    """A group of fewer people is marked as less reliable."""
    cell_below: Annotated[int | None, Field(ge=0)] = None
    """An answer of fewer people of a group is hidden, none included."""
    base_to: Annotated[int | None, Field(ge=1)] = None
    """Bases are rounded to the nearest multiple of this."""
    per_cent_digits: Annotated[int | None, Field(ge=0, le=2)] = None
    """Decimals of per cents; more of them loosen the rules."""
    theme_cell: Annotated[int | None, Field(ge=0)] = None
    """A theme count in a group of fewer people (but not none) is hidden."""
    theme_per_cent: Annotated[int | None, Field(ge=0)] = None
    """Theme counts out of fewer than this are given without a per cent."""

    @property
    def rules(self) -> dict[str, Any]:
        """What `plait.disclosure.rules.rules_of` is called with."""
        changes = self.model_dump(exclude={"profile"}, exclude_none=True)
        return {"profile": self.profile, "changes": changes}


def _profile_only(value: Any) -> Any:
    return {"profile": value} if isinstance(value, str) else value


class Config(Model):
    """The keys of `config/config.yaml`."""

    studies: dict[Slug, Annotated[Place, BeforeValidator(_folder_only, json_schema_input_type=Text | Place)]]
    only: Annotated[tuple[Slug, ...], BeforeValidator(one_or_many, json_schema_input_type=Slug | tuple[Slug, ...])] = ()
    """Run only these studies; all when left out."""
    results: Text = "results"
    disclosure: Annotated[
        Disclosure,
        BeforeValidator(_profile_only, json_schema_input_type=Literal["public", "strict", "internal"] | Disclosure),
    ] = Disclosure()


def load_config(values: Mapping[str, Any]) -> tuple[Config, dict[str, Study]]:
    """Check the configuration and read every study it names.

    Raises:
        StudyError: Everything wrong in the configuration and in all studies.
    """
    problems = Problems()
    try:
        config = Config.model_validate(dict(values))
    except ValidationError as error:
        for detail in error.errors():
            key = ".".join(str(part) for part in detail["loc"] if part != "[key]")
            message, mend = in_plain_words(detail)
            if detail["type"] == "extra_forbidden":
                message = "is not a key of the configuration"
                mend = did_you_mean(str(detail["loc"][-1]), known_keys(Config, detail["loc"]))
            found = str(detail["input"]) if isinstance(detail["input"], str | int | float) else None
            problems.add(_FILE, message, mend or "see config/README.md", column=key, value=found)
        problems.raise_if_any()
    for name in config.only:
        if name not in config.studies:
            problems.add(_FILE, "there is no such study", did_you_mean(name, config.studies), column="only", value=name)
    studies = {}
    for name in config.only or config.studies:
        if name in config.studies:
            try:
                studies[name] = _load(name, config.studies[name])
            except StudyError as error:
                problems.found += [replace(problem, file=f"{name}: {problem.file}") for problem in error.problems]
    problems.raise_if_any()
    return config, studies


def _load(name: str, place: Place) -> Study:
    study = load_study(place.definition, place.raw)
    if study.id != name:
        message = f"calls the study '{study.id}', the configuration calls it '{name}'"
        mend = f"write `study: {name}`, or call it '{study.id}' in the configuration"
        raise StudyError([Problem("study.yaml", message, mend, column="study")])
    return study


@cache
def contents_fingerprint(files: Iterable[Path]) -> str:
    """A hash of what files hold, so that one that is replaced by an older one, as from a backup, is noticed, too."""
    return sha256("".join(map(_hash_of, files)).encode()).hexdigest()[:16]


@cache
def _hash_of(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def code_fingerprint(*packages: str) -> str:
    """A hash of the library's source below these packages, so that changed code reruns the stages that use it."""
    digest = sha256()
    for package in packages:
        place = _PACKAGE / package
        for file in sorted(place.rglob("*")) if place.is_dir() else [place.with_suffix(".py")]:
            if file.suffix in {".py", ".j2", ".css", ".js", ".typ", ".xml", ".csv"}:
                digest.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
