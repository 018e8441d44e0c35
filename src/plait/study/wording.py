"""Sentences about the design of a question, written from the definition."""

from __future__ import annotations

from collections.abc import Iterable

from plait.study.definition import Survey


def base_in_words(survey: Survey, question: str) -> str:
    """Who is counted in a question's base: whom it was put to, and which answers are left out."""
    q = survey.questions[question]
    asked = " or ".join(_condition(survey, condition) for condition in q.asked_of)
    left_out = [o.label for o in survey.options_of(question).values() if not o.counts]
    text = f"Asked of those with {asked}" if asked else "Asked of everyone"
    if left_out:
        text += f"; left out of the base: {listed(map(quoted, left_out))}"
    return text + "."


def _condition(survey: Survey, condition: dict[str, tuple[str, ...]]) -> str:
    parts = []
    for variable, groups in condition.items():
        labels = survey.groups_of(variable)
        parts.append(f"{survey.label_of(variable)} = {listed((quoted(labels.get(g, g)) for g in groups), 'or')}")
    return " and ".join(parts)


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """Words as a list inside a sentence."""
    words = list(words)
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}" if len(words) > 1 else "".join(words)


def quoted(text: object) -> str:
    """A label inside a sentence."""
    return f"\u2018{text}\u2019"
