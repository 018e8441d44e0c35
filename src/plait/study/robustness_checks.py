"""Declared alternatives can be carried out: what they change is there to be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plait.errors import Problems, did_you_mean
from plait.study.definition import Definition, OtherBase, OtherTrimming, OtherUnit, TargetsWithout, WithoutCoder
from plait.study.side_files import Target
from plait.study.yaml_text import YamlText

_FILE = "study.yaml"
Refuse = Callable[[str, str, str], None]


def check_robustness(definition: Definition, targets: Iterable[Target], text: YamlText, problems: Problems) -> None:
    """Check the alternatives of `robustness:` against the rest of the definition."""
    targeted = list(dict.fromkeys(target.variable for target in targets))
    seen: set[str] = set()
    for i, other in enumerate(definition.robustness):

        def refuse(key: str, message: str, mend: str, place: int = i) -> None:
            row = text.line_of(("robustness", place, key) if key else ("robustness", place))
            column = f"robustness.{place}.{key}".rstrip(".")
            problems.add(_FILE, message, mend, row=f"row {row}", column=column)

        if other.label in seen:
            refuse("label", f"'{other.label}' is the label of two alternatives", "rename one")
        seen.add(other.label)
        survey = definition.survey
        weighting = survey.weighting if survey else None
        match other:
            case OtherBase():
                _check_base(definition, other, refuse)
            case OtherUnit() | WithoutCoder():
                collections = definition.coded_text.collections if definition.coded_text else {}
                if other.collection not in collections:
                    mend = did_you_mean(other.collection, collections)
                    refuse("collection", f"there is no collection '{other.collection}'", mend)
            case _ if weighting is None:
                refuse("kind", "changes the weights of a study that has none", "leave it out")
            case TargetsWithout() if other.variable not in targeted:
                mend = did_you_mean(other.variable, targeted)
                refuse("variable", f"there are no targets for '{other.variable}'", mend)
            case TargetsWithout() if len(targeted) == 1:
                refuse("variable", "leaves no targets to weight to", "use `kind: unweighted`")
            case OtherTrimming() if any(e.replicate_weights for e in (survey.exports.values() if survey else ())):
                refuse("kind", "cuts the supplied weights, but not their replicates", "leave it out")
            case OtherTrimming() if (other.lower, other.upper) == (weighting.trim.lower, weighting.trim.upper):
                refuse("kind", "trims the weights as the study does", "give other limits, or none")


def _check_base(definition: Definition, other: OtherBase, refuse: Refuse) -> None:
    """Options to be counted are no answer now, and options to be left out are in the base now."""
    survey = definition.survey
    questions = survey.questions if survey else {}
    if not (other.counted or other.left_out):
        refuse("", "changes no base", "give `counted` or `left_out`: a question and some of its options")
    for key, named, counts in (("counted", other.counted, False), ("left_out", other.left_out, True)):
        for question, options in named.items():
            if survey is None or question not in questions:
                refuse(key, f"there is no question '{question}'", did_you_mean(question, questions))
                continue
            known = [name for name, option in survey.options_of(question).items() if option.counts == counts]
            for option in options:
                if option not in known:
                    what = "is in its base" if counts else "is no answer"
                    message = f"'{question}' has no option '{option}' that {what}"
                    refuse(key, message, did_you_mean(option, known))
