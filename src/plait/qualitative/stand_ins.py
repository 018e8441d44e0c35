"""Respondent ids among the case attributes are replaced by stand-ins before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plait.qualitative.transcripts import CodedText
from plait.study.definition import JoinedPeople
from plait.study.identity import stand_in


def with_stand_ins(coded: CodedText, study: str, people: Mapping[str, JoinedPeople]) -> CodedText:
    """The coded text, in which no attribute that joins people to the survey holds an id any more.

    Args:
        coded: As the readers made it.
        study: The study's short name.
        people: By collection, what the definition says of joining its people.
    """
    attributes = coded.case_attributes
    collection = attributes["case"].map(dict(zip(coded.cases["case"], coded.cases["collection"], strict=True)))
    holds = {name: joined.respondent for name, joined in people.items()}
    ids = (attributes["attribute"] == collection.map(holds)).fillna(False).to_numpy(dtype=bool)
    value = attributes["value"].mask(ids, attributes["value"].map(lambda text: stand_in(study, text)))
    return replace(coded, case_attributes=attributes.assign(value=value))
