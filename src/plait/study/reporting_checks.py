"""What a reader is owed: the British Polling Council's disclosures of a survey, and answers to checklists that exist.

Disclosures (rules of 2023, numbered P1 to P10 here): client, fieldwork, mode, population, per cents behind conclusions,
sample and coverage, wording and order of questions, full tables, weighting, both bases. The first four and the sixth to
ninth are written in the definition and refused here where they are not; the fifth and tenth are columns of every
published table of estimates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plait.checklists import checklists
from plait.errors import Problems, did_you_mean
from plait.study.definition import Definition, Survey
from plait.study.side_files import Target
from plait.study.yaml_text import Key, YamlText

_FILE = "study.yaml"
_FILLERS = {
    *("tbc", "tbd", "tba", "todo", "to do", "to follow", "to be confirmed", "to be decided", "to be added", "pending"),
    *("xx", "xxx", "n a", "na", "none", "unknown", "not known", "not stated", "not given", "not available"),
    *("placeholder", "lorem ipsum", "insert here", "fill in", "fill me in", ""),
}
"""What stands where something is still to be written, without capitals and punctuation."""
_ABOUT = {
    "commissioned_by": "name who commissioned and paid for the survey",
    "conducted_by": "name who conducted the survey",
    "mode": "say how people answered",
    "population": "say whom the findings are about",
    "sample": "say how people came to be asked, and who could not be",
    "tables": "say where the full tables are, or leave the key out: they come with the report",
}
_SUPPLIED = "say how the supplied weights were made: by which variables, to which targets, from which source"


def check_disclosed(
    definition: Definition, targets: Iterable[tuple[str, Target]], text: YamlText, problems: Problems
) -> None:
    """A survey says what the British Polling Council asks of everyone who publishes one."""
    survey = definition.survey
    if survey is None:
        return
    for key, mend in _ABOUT.items():
        said = str(getattr(definition.about, key))
        if _is_filler(said) and (said or key != "tables"):
            _refuse(("about", key), "says nothing", mend, said, text, problems)
    for place, wording, message in _without_wording(survey):
        _refuse(place, message, "write the question as it was put, word for word", wording, text, problems)
    if survey.weighting and survey.weighting.method == "supplied" and _is_filler(survey.weighting.description):
        said = survey.weighting.description
        _refuse(("survey", "weighting", "description"), "is missing or says nothing", _SUPPLIED, said, text, problems)
    for row, target in targets:
        if survey.weighting and survey.weighting.targets and _is_filler(target.source):
            mend = "say where the population figure comes from"
            problems.add(survey.weighting.targets, "says nothing", mend, row=row, column="source", value=target.source)


def _without_wording(survey: Survey) -> Iterator[tuple[Key, str, str]]:
    for name, question in survey.questions.items():
        place: Key = ("survey", "questions", name, "text")
        if _is_filler(question.text):
            yield place, question.text, "says nothing"
        elif question.text == name:
            yield place, question.text, "is the question's short name and not its wording"


def check_reporting(definition: Definition, text: YamlText, problems: Problems) -> None:
    """Answers are to items that a checklist has, of checklists that fit the study."""
    reporting = definition.reporting
    for name, checklist in checklists().items():
        answers, known = reporting.answers(name), [item.name for item in checklist.items]
        place: Key = ("reporting", name)
        for item in answers:
            if item not in known:
                message = f"{checklist.title} has no item '{item}'"
                _refuse((*place, item), message, did_you_mean(item, known), None, text, problems)
        if answers and name in reporting.leave_out:
            _refuse(place, "is answered and left out at once", "keep one of the two", None, text, problems)
        if answers and name not in definition.checklists:
            message = f"is answered, but the study has no such part ({checklist.title})"
            _refuse(place, message, "leave it out", None, text, problems)


def _is_filler(text: str) -> bool:
    return " ".join(re.findall(r"\w+", text.casefold())) in _FILLERS


def _refuse(place: Key, message: str, mend: str, value: str | None, text: YamlText, problems: Problems) -> None:
    row, column = f"row {text.line_of(place)}", ".".join(map(str, place))
    problems.add(_FILE, message, mend, row=row, column=column, value=value or None)
