"""How it was done, written from the definition and from what the published tables say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from plait.report.blocks import Facts, Paragraph, Section
from plait.report.printing import capital, distinct, named, printed, printed_day, sentence
from plait.report.sections.agreement import KAPPAS, by_unit, coders_of
from plait.report.sections.coded_text import MODES
from plait.report.sections.coding_record import coding_facts, decisions_blocks
from plait.report.sections.disclosure import disclosure_section
from plait.report.sections.strands import signature
from plait.report.sections.view import Record, StudyView, grouped
from plait.study.definition import (
    Collection,
    Comparisons,
    Duplicates,
    Exclusion,
    SampleDesign,
    Sheets,
    Survey,
    Weighting,
)
from plait.study.wording import base_in_words, listed, quoted
from plait.tables import records

Fact = tuple[str, str]

_NO_ANSWER = (
    "Why an answer is missing is kept: not asked, not routed, skipped, refused, don\u2019t know, not applicable. The first "
    "two are never in a base; each question says which others are left out."
)
_LINEARISED = (
    "Linearised (Binder 1983); where weights were fitted to targets, from the residuals of a regression on these (Deville "
    "and S\u00e4rndal 1992)."
)
_AGAIN = "Each replicate is weighted to the targets again. Changes between exports are linearised (Binder 1983)."
_ASSUMED = "They assume that the targets\u2019 variables explain who took part."
_ADJUSTED = (
    "Tests of single answers and nets are adjusted over those of a question in one break (Holm 1979), tests of all answers "
    "together over the questions in one break (Benjamini and Hochberg 1995)."
)
_DATES = {
    "refuse": "All lie within the days of fieldwork.",
    "leave_out": "Rows dated outside the days of fieldwork are left out.",
    "keep": "Rows dated outside the days of fieldwork are kept.",
}
_LONELY = {
    "certainty": "They are taken for certain to be in the sample and add nothing to standard errors.",
    "adjust": "They are compared with the mean of all clusters.",
    "average": "They add to a variance what the other strata add on average.",
}
_TOGETHER = (
    "Of themes with themes and of codes with codes: how many people, texts and paragraphs (or turns) hold both, with "
    "Jaccard\u2019s index and phi; and how many pairs of segments are the same stretch, lie one in the other, or overlap, "
    "with ATLAS.ti\u2019s coefficient c."
)
_SATURATION = (
    "New codes in a run of texts as a share of those in a base of first texts (Guest, Namey and Chen 2020), runs moving on "
    "by one text; the mean over all orders in closed form (Colwell, Mao and Chang 2004), the range from random orders."
)
_LINKING = (
    "Which survey items and themes speak of a construct was decided by the researchers. The numbers of the joint display "
    "are looked up from the two strands; its fits and inferences are written by hand."
)


def methods_section(study: StudyView) -> Section:
    """The whole method, strand by strand."""
    design = (("Design", sentence(study.definition.about.design)), ("Sample", sentence(study.definition.about.sample)))
    parts = (
        _part("methods-design", "Design", design),
        _part("methods-survey", "Survey data", _survey(study)),
        _part("methods-weighting", "Weighting", _weighting(study)),
        _part("methods-estimation", "Estimation and tests", _estimation(study)),
        _coding_section(study),
        _part("methods-linking", "Linking the strands", _linking(study)),
        disclosure_section(study),
    )
    return Section("methods", "Methods", (), tuple(p for p in parts if p.blocks))


def method_notes(study: StudyView) -> list[Fact]:
    """The methods as pairs of a topic and what was done, for renderings that have no sections."""
    notes = []
    for part in methods_section(study).sections:
        for block in part.blocks:
            if isinstance(block, Facts):
                notes += [(f"{part.title}: {topic}", text) for topic, text in block.items]
            elif isinstance(block, Paragraph):
                notes.append((part.title, block.text))
    return notes


def _part(anchor: str, title: str, facts: tuple[Fact, ...] | Iterator[Fact]) -> Section:
    found = tuple(facts)
    return Section(anchor, title, (Facts(found),) if found else ())


def _coding_section(study: StudyView) -> Section:
    part = _part("methods-coding", "Coding", _coding(study))
    return replace(part, blocks=(*part.blocks, *decisions_blocks(study)))


# --- survey ------------------------------------------------------------------------------------------------------------


def _survey(study: StudyView) -> Iterator[Fact]:
    survey = study.definition.survey
    if survey is None:
        return
    if survey.exports:
        exports = [f"{e.label} ({e.file})" if e.label else e.file for e in survey.exports.values()]
        yield "Exports", sentence(listed(exports))
    for breakdown in survey.breakdowns.values():
        label = survey.label_of(breakdown.question)
        yield "Breakdown table", f"{quoted(label)}, as the vendor tabulated it ({breakdown.responses})."
    for exclusion in survey.exclusions:
        yield "Exclusion", f"{capital(exclusion.reason)}: {_excluded(survey, exclusion)}."
    for export in survey.exports.values():
        for column, rule in export.dates.items():
            yield f"Dates in {quoted(column)}", _DATES[rule.outside_fieldwork]
    if survey.duplicates:
        yield "Repeated respondents", duplicates_in_words(survey.duplicates)
    for name, question in survey.questions.items():
        if question.asked_of:
            yield f"Routing of {quoted(question.label)}", base_in_words(survey, name)
    yield from _made_variables(survey)
    if survey.exports:
        yield "Missing answers", _NO_ANSWER


def duplicates_in_words(rule: Duplicates) -> str:
    """Which row of a person who answered more than once is kept."""
    key = f"the same {listed(map(quoted, rule.key))}" if rule.key else "the same id"
    if rule.keep == "refuse":
        return f"None: rows with {key} stop the run."
    return f"Of the rows with {key} the {rule.keep} one is kept."


def _excluded(survey: Survey, exclusion: Exclusion) -> str:
    if exclusion.unanswered:
        labels = listed((quoted(survey.label_of(question)) for question in exclusion.unanswered), "nor")
        return f"respondents who answered neither {labels}"
    if exclusion.before or exclusion.after:
        sides = (("before", exclusion.before), ("after", exclusion.after))
        days = [f"{side} {printed_day(day)}" for side, day in sides if day]
        return f"rows in which {quoted(exclusion.column)} is {listed(days, 'or')}"
    values = listed((quoted(value) if value else "empty" for value in exclusion.values or exclusion.other_than), "or")
    return f"rows in which {quoted(exclusion.column)} is {values if exclusion.values else f'not {values}'}"


def _made_variables(survey: Survey) -> Iterator[Fact]:
    for derived in survey.derived.values():
        names = survey.groups_of(derived.source)
        groups = ((g.label, [names.get(o, o) for o in g.of]) for g in derived.groups.values())
        said = (label if of == [label] else f"{label} (of {listed(of)})" for label, of in groups)
        yield f"Merged variable {quoted(derived.label)}", sentence("; ".join(said))
    for cross in survey.crosses.values():
        yield f"Crossed variable {quoted(cross.label)}", sentence(" by ".join(survey.label_of(v) for v in cross.of))


def _weighting(study: StudyView) -> Iterator[Fact]:
    survey = study.definition.survey
    if survey is None:
        return
    if survey.weighting is None:
        yield "Weights", "None: there are no targets to weight to, and every respondent counts the same."
        return
    notes = [r for r in records(study.published.weighting_notes) if r["kind"] == "method"]
    for text, rows in grouped(notes, lambda r: str(r["text"])).items():
        whose = "" if len(rows) == len(notes) else f"{listed(str(r['weight_set_label']) for r in rows)}: "
        yield "Method", sentence(f"{whose}{text}")
    if survey.weighting.description:
        yield "How the weights were made", sentence(survey.weighting.description)
    targets = [r for r in study.profile if r["target_source"]]
    if targets:
        yield "Variables", sentence(listed(distinct(r["variable_label"] for r in targets)))
        yield "Sources of the targets", sentence("; ".join(distinct(_graded_source(r) for r in targets)))
    yield from _bounds(survey, survey.weighting)


def _graded_source(row: Record) -> str:
    return f"{row['target_source']} ({row['target_grade']})" if row["target_grade"] else str(row["target_source"])


def _bounds(survey: Survey, weighting: Weighting) -> Iterator[Fact]:
    if weighting.population:
        whom = []
        for variable, groups in weighting.population.items():
            names = survey.groups_of(variable)
            whom.append(f"{survey.label_of(variable)} is {listed((quoted(names.get(g, g)) for g in groups), 'or')}")
        yield "Whom the targets describe", f"Those for whom {listed(whom)}. Others have no weight."
    sides = (("at least", weighting.trim.lower), ("at most", weighting.trim.upper))
    limits = [f"{side} {bound:g} times the mean weight" for side, bound in sides if bound is not None]
    if limits:
        both = ", and the targets are met all the same" if weighting.trim.while_raking else ""
        yield "Trimming", f"A weight is {listed(limits)}{both}."


def _estimation(study: StudyView) -> Iterator[Fact]:
    for method, rows in grouped((r for r in study.estimates if r["method"]), lambda r: str(r["method"])).items():
        labels = distinct(r["question_label"] for r in rows)
        where = "all questions" if len(labels) == len(study.questions) else listed(map(quoted, labels))
        yield "Intervals", f"{named(method)}: {where}."
    survey = study.definition.survey
    if survey and study.estimates:
        yield from _sample_design(survey.design)
        yield "Standard errors", f"{_standard_errors(survey)} {_ASSUMED}"
    tests = distinct(t["method"] for t in study.tests)
    if tests:
        yield "Tests", sentence("; ".join(map(named, tests)))
    if tests:
        yield "Adjusted p", _ADJUSTED
    if survey and any(r["letter"] for r in study.estimates):
        yield "Letters", _letters(survey.comparisons)
    effects = distinct(t["effect_name"] for t in study.tests)
    if effects:
        yield "Effect sizes", sentence("; ".join(map(named, effects)))


def _standard_errors(survey: Survey) -> str:
    given = [export.replicate_weights for export in survey.exports.values() if export.replicate_weights]
    if given:
        kinds = listed(dict.fromkeys(f"{weights.method} ({len(weights.names)} columns)" for weights in given))
        return f"From the replicate weights of the file: {kinds}, with deviations from the full sample\u2019s estimate."
    rule = survey.errors
    if rule.method == "bootstrap":
        drawn = f"{rule.replicates:,} replicates of the rescaling bootstrap (Rao and Wu 1988), seed {rule.seed}"
        return f"From {drawn}. {_AGAIN}"
    if rule.method == "jackknife":
        return f"From the jackknife, which leaves out one cluster at a time (Wolter 2007). {_AGAIN}"
    return _LINEARISED


def _sample_design(design: SampleDesign) -> Iterator[Fact]:
    if design.cluster:
        yield "Clusters", f"People were recruited through clusters ({quoted(design.cluster)} in the file)."
    if design.strata:
        yield "Strata", f"The sample was drawn by {listed(map(quoted, design.strata))}."
    if design.clusters_in_population:
        yield "Finite population", "Standard errors allow for the part of the population that was sampled."
    if design.lonely != "refuse":
        yield "Strata with one cluster", _LONELY[design.lonely]


def _letters(rule: Comparisons) -> str:
    test = {
        "design": "a t test that allows for weights, clusters and the targets",
        "effective_base": "a z test of pooled shares on the effective bases of the groups",
    }[rule.letters]
    adjusted = {
        "holm": "adjusted over the pairs of groups of an answer (Holm 1979)",
        "hochberg": "adjusted over the pairs of groups of an answer (Hochberg 1988)",
        "bonferroni": "adjusted over the pairs of groups of an answer (Bonferroni)",
        "benjamini_hochberg": "adjusted over the pairs of groups of an answer (Benjamini and Hochberg 1995)",
        "benjamini_yekutieli": "adjusted over the pairs of groups of an answer (Benjamini and Yekutieli 2001)",
        "none": "not adjusted for the number of pairs",
    }[rule.adjust]
    level = f"{100 * rule.level:g}% level"
    return f"Two groups of thirty people or more are compared by {test}, {adjusted}, at the {level}."


_AGREEMENT = (
    "What each coder marked alone, over the units that the coders compared were asked to code and the codes that they "
    "could choose: texts, and where places are marked also paragraphs and characters. Kappa (Cohen 1960; of more than two "
    "coders Fleiss 1971), PABAK (Brennan and Prediger 1981), AC1 (Gwet 2008), nominal alpha and alpha of freely marked "
    "stretches (Krippendorff 2004), alpha of sets of codes with MASI distances (Passonneau 2006). Intervals are the middle "
    "95 per cent of 2,000 resamples of whole texts."
)


# --- coded text and integration ----------------------------------------------------------------------------------------


def _coding(study: StudyView) -> Iterator[Fact]:
    coded = study.definition.coded_text
    if coded is None:
        return
    for name, collection in coded.collections.items():
        yield collection.label, sentence("; ".join(_coded(study, name, collection)))
        yield from coding_facts(study, name, collection.label)
    yield from _patterns(study, coded.collections.values())
    if study.agreement:
        yield "Agreement", _AGREEMENT


def _patterns(study: StudyView, collections: Iterable[Collection]) -> Iterator[Fact]:
    """How co-occurrence and saturation were measured, where they were."""
    if len(study.published.cooccurrence):
        near = listed(distinct(_near(c) for c in collections))
        yield "Codes that come together", f"{_TOGETHER}{f' Near is {near}.' if near else ''}"
    if len(study.published.saturation):
        yield "Saturation", _SATURATION


def _near(collection: Collection) -> str:
    if collection.near is None:
        return ""
    if collection.near.characters is not None:
        return f"{collection.near.characters} characters apart or less ({collection.label})"
    return f"{collection.near.paragraphs} paragraphs apart or less ({collection.label})"


def _coded(study: StudyView, name: str, collection: Collection) -> Iterator[str]:
    yield f"{MODES[collection.mode]}, counted from the coding of {quoted(collection.count_from)}"
    if isinstance(collection, Sheets):
        coders = (f"{quoted(s.coder)}{' (adjudicated)' if s.adjudicated else ''}" for s in collection.sheets)
        yield f"coders {listed(coders)}"
    for r in study.agreement:
        kappa = r["level"] == "all" and r["coefficient"] in KAPPAS
        if r["collection"] == name and kappa and pd.notna(r["value"]):
            said = f"kappa {printed(r['value'], digits=2)}, {printed(r['n_units'])} units"
            yield f"{coders_of(r)} compared {by_unit(r['unit'])}: {said}"


def _linking(study: StudyView) -> Iterator[Fact]:
    if study.constructs:
        yield "Joint display", _LINKING
        signed = distinct(signature(rows[0]) for rows in study.constructs.values())
        if signed:
            yield "Judged by", sentence(listed(signed))
