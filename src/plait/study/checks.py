"""Names that refer to other names: every question, option and group that `study.yaml` mentions must exist."""

from __future__ import annotations

from collections.abc import Iterable

from plait.errors import Problems, did_you_mean
from plait.study.definition import EMPTY, Definition, Net, OutcomeModel, Survey, Weighting
from plait.study.yaml_text import Key, YamlText

_FILE = "study.yaml"


def check_names(definition: Definition, text: YamlText, problems: Problems) -> None:
    """Check the references inside `study.yaml`."""
    if definition.survey:
        _SurveyNames(definition.survey, text, problems).check()


class _SurveyNames:
    """One pass over the survey's references, holding what every check needs."""

    def __init__(self, survey: Survey, text: YamlText, problems: Problems) -> None:
        self.survey, self.text, self.problems = survey, text, problems
        self.variables = [*survey.profile, *survey.derived, *survey.crosses, *survey.questions]
        self.splitters = [
            *survey.profile,
            *survey.derived,
            *survey.crosses,
            *(q for q, question in survey.questions.items() if question.type == "single"),
        ]

    def check(self) -> None:
        survey = self.survey
        repeated = {v for v in self.variables if self.variables.count(v) > 1}
        for name in sorted(repeated):
            self.refuse(("survey",), f"'{name}' is used for two different things", "rename one of them")
        for name, question in survey.questions.items():
            place: Key = ("survey", "questions", name)
            if question.scale and not self.known(question.scale, survey.scales, (*place, "scale"), "scale"):
                continue
            self.check_question(name, place)
        for name, profile in survey.profile.items():
            known = ["refuse", "unknown", *profile.options]
            self.known(profile.unmapped, known, ("survey", "profile", name, "unmapped"), "option")
        for name, scale in survey.scales.items():
            self.check_nets(scale.nets, list(scale.options), ("survey", "scales", name, "nets"))
        for name, derived in survey.derived.items():
            place = ("survey", "derived", name)
            if self.known(derived.source, [v for v in self.splitters if v != name], (*place, "from"), "variable"):
                self.check_nets(derived.groups, list(survey.groups_of(derived.source)), (*place, "groups"))
        for name, cross in survey.crosses.items():
            for variable in cross.of:
                simple = [v for v in self.splitters if v not in survey.crosses]
                self.known(variable, simple, ("survey", "crosses", name, "of"), "variable")
        for i, name in enumerate(survey.breaks):
            self.known(name, self.splitters, ("survey", "breaks", i), "variable")
        self.check_merging()
        self.check_ids()
        for i, exclusion in enumerate(survey.exclusions):
            for name in exclusion.unanswered:
                self.known(name, survey.questions, ("survey", "exclusions", i, "unanswered"), "question")
            if exclusion.before or exclusion.after:
                self.check_dated(exclusion.column or "", ("survey", "exclusions", i))
        if survey.weighting:
            self.check_weighting(survey.weighting)
        self.check_errors()
        for name, model in survey.models.items():
            self.check_model(model, ("survey", "models", name))
        for name, breakdown in survey.breakdowns.items():
            place = ("survey", "breakdowns", name)
            self.known(breakdown.question, survey.questions, (*place, "question"), "question")
            self.known(breakdown.total_from, survey.breaks, (*place, "total_from"), "break")
            for known_difference in breakdown.known_differences:
                self.known(known_difference, survey.breaks, (*place, "known_differences"), "break")
            for family in breakdown.counts.families.values() if breakdown.counts else ():
                self.known(family, survey.breaks, (*place, "counts", "families"), "break")

    def check_merging(self) -> None:
        survey = self.survey
        for name, coarser in survey.merge_small.items():
            place = ("survey", "merge_small", name)
            crossed = survey.crosses[name].of if name in survey.crosses else ()
            able = [*(n for n, derived in survey.derived.items() if derived.source == name), *crossed]
            splits = [*survey.breaks, *survey.merge_small.values()]
            if self.known(name, splits, place, "break") and coarser not in able:
                message = f"'{coarser}' is no coarser form of '{name}': it is neither derived from it nor crossed in it"
                make_one = f"name a variable that is made `from: {name}`, or one that it crosses"
                self.refuse(place, message, did_you_mean(coarser, able) if able else make_one)

    def check_ids(self) -> None:
        """Who a respondent is must be known wherever two rows may be one person."""
        survey = self.survey
        if survey.respondent_id is not None or not survey.exports:
            return
        mend = "name the column that identifies a respondent"
        if len(survey.exports) > 1:
            self.refuse(("survey",), "respondent_id is missing, and there are several exports to join", mend)
        if any(export.rows == "ticks" for export in survey.exports.values()):
            self.refuse(("survey",), "respondent_id is missing, and an export has several rows a respondent", mend)
        if survey.duplicates and not survey.duplicates.key:
            self.refuse(("survey", "duplicates"), "there is neither a key nor a respondent_id", "add `key:`")

    def check_weighting(self, weighting: Weighting) -> None:
        place: Key = ("survey", "weighting")
        self.check_condition(weighting.population, (*place, "population"))
        if weighting.method == "supplied":
            for name, export in self.survey.exports.items():
                if export.weight is None:
                    self.refuse(("survey", "exports", name), "has no column of supplied weights", "add `weight:`")
        for variable, merges in (weighting.collapse.into if weighting.collapse else {}).items():
            if self.known(variable, self.splitters, (*place, "collapse", "into"), "variable"):
                groups = self.survey.groups_of(variable)
                for thin, neighbour in merges.items():
                    for group in (thin, neighbour):
                        self.known(group, groups, (*place, "collapse", "into", variable), "group")
                    if thin == neighbour:
                        self.refuse((*place, "collapse", "into", variable), f"merges '{thin}' with itself", "")

    def check_dated(self, column: str, place: Key) -> None:
        """Rows can only be told to be before or after a day where their export says how its dates are written."""
        for name, export in self.survey.exports.items():
            if column not in export.dates:
                mend = f"add it with its format under `dates:` of the export '{name}'"
                self.refuse(place, f"'{column}' is no column of dates of the export '{name}'", mend)

    def check_errors(self) -> None:
        """Standard errors can come from one source only, and need one."""
        survey = self.survey
        given = [name for name, export in survey.exports.items() if export.replicate_weights]
        method, supplied = survey.errors.method, survey.weighting is not None and survey.weighting.method == "supplied"
        if given and not supplied:
            mend = "write `method: supplied` under `weighting:`, or leave them out"
            self.refuse(
                ("survey", "exports", given[0]), "has replicate weights, but its weights are not supplied", mend
            )
        if given and survey.weighting and (survey.weighting.trim.lower or survey.weighting.trim.upper):
            message = "cuts the supplied weights, but not their replicates"
            self.refuse(("survey", "weighting", "trim"), message, "leave the trimming or the replicate weights out")
        if given and (survey.design.cluster or survey.design.strata or survey.design.clusters_in_population):
            message = "says again what the supplied replicate weights already hold"
            self.refuse(("survey", "design"), message, "leave the design or the replicate weights out")
        if given and method != "linearised":
            message = f"asks for a {method} of its own beside supplied replicate weights"
            self.refuse(("survey", "errors"), message, "leave it out, or leave the replicate weights out")
        for name, question in survey.questions.items():
            if question.repeats and given:
                message = "cannot be estimated from supplied replicate weights: they do not tell who is in both exports"
                self.refuse(("survey", "questions", name, "repeats"), message, "leave `repeats:` out")
        if method != "linearised" and survey.weighting is None and not (survey.design.cluster or survey.design.strata):
            message = f"asks for a {method}, but respondents all count the same and were drawn one by one"
            self.refuse(("survey", "errors"), message, "leave it out: their intervals and tests need no replicates")

    def check_model(self, model: OutcomeModel, place: Key) -> None:
        numbers = [name for name, question in self.survey.questions.items() if question.type == "number"]
        exports = set()
        for predictor in model.variables:
            known = self.known(predictor, [*self.splitters, *numbers], (*place, "predictors"), "variable")
            if known and predictor in numbers:
                exports.add(self.survey.export_of(predictor))
        for first, second in model.interactions:
            if first == second:
                self.refuse((*place, "predictors"), f"crosses '{first}' with itself", "name two variables")
        question, _, item = model.outcome.partition(":")
        if question in self.survey.questions and exports - {self.survey.export_of(question)}:
            message = "takes a number from another export than the outcome's"
            self.refuse((*place, "predictors"), message, "a model looks at the respondents of one export")
        if not self.known(question, self.survey.questions, (*place, "outcome"), "question"):
            return
        if self.survey.questions[question].type == "number":
            if item:
                self.refuse((*place, "outcome"), f"'{question}' is a number and has no options", "leave the option out")
        else:
            options = [o for o, spec in self.survey.options_of(question).items() if spec.counts]
            self.known(item, [*options, *self.survey.nets_of(question)], (*place, "outcome"), "option or net")

    def check_repetition(self, name: str, earlier: str, place: Key) -> None:
        """A repeated question must offer the same answers, in another export."""
        survey = self.survey
        if not self.known(earlier, survey.questions, (*place, "repeats"), "question"):
            return
        again, before = survey.questions[name], survey.questions[earlier]
        if not (again.in_exports and before.in_exports):
            mend = "leave it out, or give both questions their columns"
            self.refuse((*place, "repeats"), "needs respondents' own answers, not a breakdown table", mend)
            return
        if survey.export_of(name) == survey.export_of(earlier):
            self.refuse((*place, "repeats"), "is in the same export", "a repetition stands in another export")
        if list(survey.options_of(name)) != list(survey.options_of(earlier)) or again.type != before.type:
            self.refuse((*place, "repeats"), f"does not have the options of '{earlier}'", "give both one scale")
            return
        means = ["mean" in survey.measures_of(q) for q in (name, earlier)]
        if means[0] != means[1] or (again.type == "number" and not means[0]):
            message = f"has no mean to be compared with that of '{earlier}'"
            self.refuse((*place, "repeats"), message, "ask for the mean of both questions under `measures:`")

    def check_question(self, name: str, place: Key) -> None:
        question, survey = self.survey.questions[name], self.survey
        options = survey.options_of(name)
        if question.repeats:
            self.check_repetition(name, question.repeats, place)
        if question.ratio_to and self.known(question.ratio_to, survey.questions, (*place, "ratio_to"), "question"):
            below = survey.questions[question.ratio_to]
            if below.type != "number" or survey.export_of(question.ratio_to) != survey.export_of(name):
                self.refuse((*place, "ratio_to"), "is not a number of the same export", "name one that is")
        self.check_nets(question.nets, list(options), (*place, "nets"))
        if question.export:
            self.known(question.export, survey.exports, (*place, "export"), "export")
        elif question.in_exports and len(survey.exports) != 1:
            self.refuse(place, "does not say which export holds it", did_you_mean("", survey.exports))
        self.known(question.unmapped, ["refuse", *options, *EMPTY], (*place, "unmapped"), "option or reason")
        blank = [*EMPTY, *options, *(["none_ticked"] if question.type == "multi" else [])]
        self.known(question.blank, blank, (*place, "blank"), "reason or option")
        for option in question.columns:
            self.known(option, options, (*place, "columns", option), "option")
        if question.columns:
            for option in options:
                if option not in question.columns:
                    self.refuse((*place, "columns"), f"has no column for the option '{option}'", "add it")
        for i, condition in enumerate(question.asked_of):
            self.check_condition(condition, (*place, "asked_of", i))
        if question.compare_by:
            self.known(question.compare_by, survey.breaks, (*place, "compare_by"), "break")
        written: dict[str, str] = {}
        for option, spec in options.items() if not question.columns else ():  # each column is read by itself
            for raw in spec.written:
                if raw.casefold() in written:
                    self.refuse(place, f"'{raw}' is written for '{written[raw.casefold()]}' and '{option}'", "")
                written[raw.casefold()] = option

    def check_nets(self, nets: dict[str, Net], options: list[str], place: Key) -> None:
        for name, net in nets.items():
            for option in net.of:
                self.known(option, options, (*place, name, "of"), "option")

    def check_condition(self, condition: dict[str, tuple[str, ...]], place: Key) -> None:
        for variable, groups in condition.items():
            if self.known(variable, self.splitters, (*place, variable), "variable"):
                options = (
                    self.survey.options_of(variable)
                    if variable in self.survey.questions
                    else self.survey.groups_of(variable)
                )
                for group in groups:
                    self.known(group, options, (*place, variable), "group")

    def known(self, name: str, names: Iterable[str], place: Key, kind: str) -> bool:
        names = list(names)
        if name in names:
            return True
        self.refuse(place, f"there is no {kind} '{name}'", did_you_mean(name, names))
        return False

    def refuse(self, place: Key, message: str, mend: str) -> None:
        self.problems.add(_FILE, message, mend, row=f"row {self.text.line_of(place)}", column=".".join(map(str, place)))
