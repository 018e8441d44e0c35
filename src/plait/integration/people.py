"""Who is in both strands: cases joined to respondents by id and with consent, or to groups of respondents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from plait import tables
from plait.errors import Problems, did_you_mean
from plait.study import Study
from plait.study.definition import JoinedGroups, JoinedPeople
from plait.survey.identifiers import hidden
from plait.survey.variables import RESPONDENT


@dataclass(frozen=True, eq=False)
class Cases:
    """The cases whose words are counted, and what is known of each.

    Attributes:
        of: By collection, the cases of its base.
        names: What the raw files call each case.
        attributes: By case, the values of its attributes; respondent ids are stand-ins.
    """

    of: Mapping[str, list[str]]
    names: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_tables(cls, case_themes: pd.DataFrame, cases: pd.DataFrame, case_attributes: pd.DataFrame) -> Cases:
        """Take them from the tables of coded text.

        Args:
            case_themes: Columns of `plait.tables.CASE_THEMES`; its cases are those of the base.
            cases: Columns of `plait.tables.CASES`.
            case_attributes: Columns of `plait.tables.CASE_ATTRIBUTES`.
        """
        base = case_themes[["collection", "case"]].drop_duplicates()
        known: dict[str, dict[str, str]] = {}
        for case, attribute, value in case_attributes.itertuples(index=False, name=None):
            known.setdefault(case, {})[attribute] = value.strip()
        of = {str(name): rows["case"].tolist() for name, rows in base.groupby("collection", sort=False)}
        return cls(of, dict(zip(cases["case"], cases["origin_id"], strict=True)), known)

    def value(self, case: str, attribute: str) -> str:
        """What is known of a case; empty where nothing is."""
        return self.attributes.get(case, {}).get(attribute, "")

    def knows(self, collection: str, attribute: str) -> bool:
        """Whether anybody of a collection has an attribute."""
        return any(self.value(case, attribute) for case in self.of.get(collection, []))

    def attributes_in(self, collection: str) -> list[str]:
        """The attributes that somebody of a collection has."""
        return sorted({name for case in self.of.get(collection, []) for name in self.attributes.get(case, {})})


@dataclass(frozen=True, eq=False)
class Joined:
    """Who was joined (`plait.tables.JOINED_PEOPLE`), and how many were and were not (`plait.tables.JOINING`)."""

    people: pd.DataFrame
    flow: pd.DataFrame


def join_cases(study: Study, cases: Cases, stand_ins: pd.DataFrame, responses: pd.DataFrame) -> Joined:
    """Join people by id, and groups by what they are called.

    People without consent are counted and left out before anything else of them is looked at. With consent, a person
    without an id was not asked by the survey, and one whose rows cleaning left out is not in it.

    Args:
        study: Its definition says who is joined by what.
        cases: Of the coded text.
        stand_ins: Columns of `plait.tables.STAND_INS`.
        responses: The cleaned responses.

    Raises:
        StudyError: An attribute that nobody has; an id that stands for nobody, or for two cases; a value of a case
            attribute that no case has. Ids are never repeated in a message.
    """
    problems = Problems()
    kept = set(responses[RESPONDENT])
    respondent_of = dict(zip(stand_ins["stand_in"], stand_ins["respondent"], strict=True))
    people: list[dict[str, object]] = []
    flow: list[dict[str, object]] = []
    for name, joined in study.definition.joining.people.items():
        if _has_attributes(name, joined, cases, problems):
            flow.append(_by_id(name, joined, cases, respondent_of, kept, people, problems))
    for name, attributes in study.definition.joining.groups.items():
        for attribute, groups in attributes.items():
            flow.append(_by_group(name, attribute, groups, cases, problems))
    problems.raise_if_any()
    return Joined(tables.JOINED_PEOPLE.of(people), tables.JOINING.of(flow))


def _has_attributes(name: str, joined: JoinedPeople, cases: Cases, problems: Problems) -> bool:
    found = True
    for key, attribute in (("respondent", joined.respondent), ("consent", joined.consent)):
        if attribute is not None and not cases.knows(name, attribute):
            message = f"'{attribute}' is known of no case of '{name}', so that nobody can be joined"
            mend = did_you_mean(attribute, cases.attributes_in(name))
            problems.add("study.yaml", message, mend, column=f"joining.people.{name}.{key}")
            found = False
    return found


def _by_id(
    name: str,
    joined: JoinedPeople,
    cases: Cases,
    respondent_of: Mapping[str, str],
    kept: set[str],
    people: list[dict[str, object]],
    problems: Problems,
) -> dict[str, object]:
    place = f"joining.people.{name}.respondent"
    everyone = cases.of.get(name, [])
    counts = dict.fromkeys(("joined", "no_consent", "no_id", "not_in_survey"), 0)
    taken: dict[str, str] = {}
    for case in everyone:
        called = f"the case '{hidden(cases.names[case])}' of '{name}'"
        token = cases.value(case, joined.respondent)
        if joined.consent and cases.value(case, joined.consent).casefold() != joined.given.casefold():
            counts["no_consent"] += 1
        elif not token:
            counts["no_id"] += 1
        elif token not in respondent_of:
            message, mend = f"{called} has a respondent id that stands for nobody", "mend the id, or leave it empty"
            problems.add("study.yaml", message, mend, column=place)
        elif (first := taken.setdefault(token, case)) != case:
            message = f"{called} has the respondent id of the case '{hidden(cases.names[first])}'"
            problems.add("study.yaml", message, "a respondent is one case: mend the ids", column=place)
        elif respondent_of[token] not in kept:
            counts["not_in_survey"] += 1
        else:
            counts["joined"] += 1
            people.append({"collection": name, "case": case, "respondent": respondent_of[token]})
    return (
        {"collection": name, "how": "people", "by": "", "variable": "", "cases": len(everyone)}
        | counts
        | {"no_group": pd.NA}
    )


def _by_group(name: str, attribute: str, groups: JoinedGroups, cases: Cases, problems: Problems) -> dict[str, object]:
    everyone = cases.of.get(name, [])
    values = [cases.value(case, attribute) for case in everyone]
    for value in groups.groups:
        if value not in values:
            message, mend = (
                f"no case of '{name}' has the value '{value}'",
                did_you_mean(value, sorted({*values} - {""})),
            )
            problems.add("study.yaml", message, mend, column=f"joining.groups.{name}.{attribute}")
    inside = sum(value in groups.groups for value in values)
    row = {"collection": name, "how": "groups", "by": attribute, "variable": groups.variable, "cases": len(everyone)}
    nothing = dict.fromkeys(("no_consent", "no_id", "not_in_survey"), pd.NA)
    return row | {"joined": inside, **nothing, "no_group": len(everyone) - inside}
