"""A mistake in the configuration ends in a message that names key, value and the mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plait.errors import StudyError
from plait.study.config import load_config


def complaint(values: dict[str, Any]) -> str:
    with pytest.raises(StudyError) as caught:
        load_config(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("disclosure", "expected"),
    [
        ({"hide_belw": 5}, ["key 'disclosure.hide_belw': is not a key", "did you mean 'hide_below'?"]),
        ({"hide_below": -1}, ["key 'disclosure.hide_below': must be greater than or equal to 0 (found '-1')"]),
        ({"hide_below": "few"}, ["is no whole number (found 'few')", "write it in digits"]),
        ({"base_to": 0, "per_cent_digits": 3}, ["2 problems", "(found '0')", "(found '3')"]),
        ("strct", ["key 'disclosure.profile'", "(found 'strct')", "did you mean 'strict'?"]),
        (None, ["key 'disclosure': is no mapping of keys"]),
    ],
)
def test_a_wrong_rule_is_told_with_its_value_and_mend(little: Path, disclosure: object, expected: list[str]) -> None:
    said = complaint({"studies": {"little": str(little)}, "disclosure": disclosure})
    for words in expected:
        assert words in said


def test_a_study_has_one_name(little: Path) -> None:
    said = complaint({"studies": {"my-own": str(little)}})
    assert "my-own: study.yaml, key 'study': calls the study 'little'" in said.replace("row 1, ", "")
    assert "write `study: my-own`" in said


def test_an_unknown_key_and_an_unknown_study_are_told(little: Path) -> None:
    assert "did you mean 'results'?" in complaint({"studies": {"little": str(little)}, "result": "elsewhere"})
    assert "did you mean 'little'?" in complaint({"studies": {"little": str(little)}, "only": "litle"})
