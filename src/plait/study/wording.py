"""Sentences about the design of a question, written from the definition."""

from __future__ import annotations

from plait.study.definition import Survey


def base_in_words(survey: Survey, question: str) -> str:
    """Who is counted in a question's base: whom it was put to, and which answers are left out."""
    q = survey.questions[question]
    asked = " or ".join(_condition(survey, condition) for condition in q.asked_of)
    left_out = [o.label for o in survey.options_of(question).values() if not o.counts]
    text = f"Asked of those with {asked}" if asked else "Asked of everyone"
    if left_out:
        text += f"; left out of the base: {_listed(left_out)}"
    return text + "."


def _condition(survey: Survey, condition: dict[str, tuple[str, ...]]) -> str:
    parts = []
    for variable, groups in condition.items():
        labels = survey.groups_of(variable)
        parts.append(f"{survey.label_of(variable)} = {_listed([labels.get(g, g) for g in groups], 'or')}")
    return " and ".join(parts)


def _listed(words: list[str], joiner: str = "and") -> str:
    quoted = [f"\u2018{w}\u2019" for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joiner} {quoted[-1]}"
