"""Sentences about the design of a question, written from the definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plait.study.definition import Options, Survey

_REASONS: dict[str, str] = {
    "not_asked": "that the question was not asked",
    "not_routed": "that the question was not for them",
    "skipped": "no answer",
    "refused": "a refusal",
    "dont_know": "\u2018do not know\u2019",
    "not_applicable": "\u2018does not apply\u2019",
}


def base_in_words(survey: Survey, question: str) -> str:
    """Who is counted in a question's base: whom it was put to, which answers are left out, what empty cells mean.

    What is so of every question by default is not said.
    """
    q = survey.questions[question]
    asked = ", or ".join(_condition(survey, condition) for condition in q.asked_of)
    left_out = [o.label for o in survey.options_of(question).values() if not o.counts]
    text = f"Asked of those for whom {asked}" if asked else "Asked of everyone"
    if left_out:
        text += f"; left out of the base: {listed(map(quoted, left_out))}"
    return " ".join([f"{text}.", *_further_rules(survey, question)])


def _further_rules(survey: Survey, question: str) -> Iterator[str]:
    """Sentences on who else is in the base or out of it."""
    q, options = survey.questions[question], survey.options_of(question)
    in_base = [o.label for o in options.values() if o.no_answer and o.in_base]
    if in_base:
        yield f"{listed(map(quoted, in_base))} {'count as answers' if len(in_base) > 1 else 'counts as an answer'}."
    for reason in dict.fromkeys(q.missing.values()):
        texts = [text for text, meaning in q.missing.items() if meaning == reason]
        yield f"In the data {listed(map(quoted, texts), 'or')} means {_REASONS[reason]}: left out of the base."
    if q.blank == "none_ticked":
        yield "An empty cell means that nothing was ticked, and is in the base."
    elif q.blank in options:
        yield f"An empty cell stands for {quoted(options[q.blank].label)}."
    elif q.blank != "skipped":
        yield f"An empty cell means {_REASONS[q.blank]}."
    if q.unmapped in options:
        yield f"Other texts count as {quoted(options[q.unmapped].label)}."
    elif q.unmapped != "refuse":
        yield "Texts that fit no option are left out of the base."
    if q.too_many == "set_aside" and q.max_choices:
        yield f"Answers with more than {q.max_choices} options are left out of the base."
    if q.contradictions == "set_aside":
        yield "Answers that contradict themselves are left out of the base."
    if q.stray == "keep" and q.asked_of:
        yield "Answers of people whom it was not put to are kept."


def missing_in_words(survey: Survey, variable: str) -> str:
    """What stands for no answer in the data of a question or profile variable, and what an empty cell means."""
    question, profile = survey.questions.get(variable), survey.profile.get(variable)
    if question is None and profile is None:
        return ""
    options = survey.options_of(variable) if question else survey.profile[variable].options
    said = [f"{quoted(o.label)}: {_REASONS[o.no_answer]}" for o in options.values() if o.no_answer]
    if question is None:
        unknown = survey.profile[variable].unknown
        return "; ".join([*said, *(f"{quoted(text)}: not known" for text in unknown), "empty: not known"])
    if not question.in_exports:
        return "; ".join(said)
    said += [f"{quoted(text)}: {_REASONS[reason]}" for text, reason in (survey.missing | question.missing).items()]
    return "; ".join([*said, f"empty: {_blank_in_words(question.blank, options)}"])


def _blank_in_words(blank: str, options: Options) -> str:
    if blank == "none_ticked":
        return "nothing was ticked"
    return quoted(options[blank].label) if blank in options else _REASONS[blank]


def _condition(survey: Survey, condition: dict[str, tuple[str, ...]]) -> str:
    parts = []
    for variable, groups in condition.items():
        labels = survey.groups_of(variable)
        parts.append(f"{survey.label_of(variable)} is {listed((quoted(labels.get(g, g)) for g in groups), 'or')}")
    return " and ".join(parts)


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """Words as a list inside a sentence."""
    words = list(words)
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}" if len(words) > 1 else "".join(words)


def quoted(text: object) -> str:
    """A label inside a sentence."""
    return f"\u2018{text}\u2019"
