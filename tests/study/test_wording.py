"""The base of a question in words: what is not so by default is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.study.wording import base_in_words
from small_survey import small_survey

OPTIONS = (
    "options: {likes: Likes, refused: {label: Refused, no_answer: refused, in_base: true}, "
    "na: {label: N/A, no_answer: not_applicable}}"
)
MULTI = "type: multi, max_choices: 2, options: {likes: Likes, other: Other}"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("options: {likes: Likes}", "Asked of everyone."),
        ("type: number", "Asked of everyone."),
        (OPTIONS, "Asked of everyone; left out of the base: \u2018N/A\u2019. \u2018Refused\u2019 counts as an answer."),
        (
            "options: {likes: Likes}, missing: {'8': dont_know, '9': refused, '-9': refused}",
            "Asked of everyone. In the data \u20188\u2019 means \u2018do not know\u2019: left out of the base. "
            "In the data \u20189\u2019 or \u2018-9\u2019 means a refusal: left out of the base.",
        ),
        ("options: {likes: Likes}, blank: refused", "Asked of everyone. An empty cell means a refusal."),
        ("options: {likes: Likes}, blank: likes", "Asked of everyone. An empty cell stands for \u2018Likes\u2019."),
        (
            f"{MULTI}, blank: none_ticked",
            "Asked of everyone. An empty cell means that nothing was ticked, and is in the base.",
        ),
        (f"{MULTI}, unmapped: other", "Asked of everyone. Other texts count as \u2018Other\u2019."),
        (f"{MULTI}, unmapped: skipped", "Asked of everyone. Texts that fit no option are left out of the base."),
        (
            f"{MULTI}, too_many: set_aside, contradictions: set_aside",
            "Asked of everyone. Answers with more than 2 options are left out of the base. Answers that contradict "
            "themselves are left out of the base.",
        ),
        (
            "options: {likes: Likes}, asked_of: [{role: head}, {role: other, phase: [primary, secondary]}]",
            "Asked of those for whom Role is \u2018Head\u2019, or Role is \u2018Other\u2019 and Phase is "
            "\u2018Primary\u2019 or \u2018Secondary\u2019.",
        ),
        (
            "options: {likes: Likes}, asked_of: {role: head}, stray: keep",
            "Asked of those for whom Role is \u2018Head\u2019. Answers of people whom it was not put to are kept.",
        ),
    ],
)
def test_the_rules_of_a_base_are_said_in_plain_words(tmp_path: Path, keys: str, words: str) -> None:
    survey = (
        "profile:\n"
        "  role: {label: Role, column: role, options: {head: Head, other: Other}}\n"
        "  phase: {label: Phase, column: phase, options: {primary: Primary, secondary: Secondary}}\n"
        f"questions:\n  likes: {{label: L, text: T, column: likes, {keys}}}\n"
    )
    definition = small_survey(tmp_path, survey, form_csv="role,phase,likes\nHead,Primary,Likes\n").definition
    assert definition.survey is not None
    assert base_in_words(definition.survey, "likes") == words
