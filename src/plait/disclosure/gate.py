"""From estimates to published tables: rounded, suppressed, labelled and marked.

Figures, spreadsheet, notebooks and report read what comes out of here and nothing else, so a number is the same
everywhere and a suppressed one is absent everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait import tables
from plait.descriptions import short_name
from plait.disclosure import coding_tables as coding
from plait.disclosure import comparison_tables as comparisons
from plait.disclosure import joint_tables as joint
from plait.disclosure import sample_tables as sample
from plait.disclosure import survey_tables as survey
from plait.disclosure import text_tables as text
from plait.disclosure.claims_tables import claims_table
from plait.disclosure.dictionary import data_dictionary, survey_variables
from plait.disclosure.findings import Findings, read_findings
from plait.disclosure.labels import Labels
from plait.disclosure.protection import Protected, protect_all
from plait.disclosure.robustness_tables import robustness_table
from plait.disclosure.rules import Rules, rules_table
from plait.disclosure.suppression import SuppressionLog
from plait.disclosure.words import screened
from plait.study import Study
from plait.tables import Table

__all__ = ["Findings", "publish", "read_findings"]


def publish(study: Study, findings: Findings, rules: Rules) -> list[tuple[Table, pd.DataFrame]]:
    """Decide what is hidden, attack it, pass every table through the decisions, and every string through the screen.

    Returns:
        Each published table with its rows; those about the others come last: the dictionary of their columns, what the
        screen counted, the log of what was hidden and why (without values), what the attack came to, and the rules.

    Raises:
        StudyError: A claim prints what the rules withhold or round, a string holds what identifies somebody, a hidden group
            can be found, or numbers contradict each other, so that nobody can try; nothing is published then.
    """
    log, labels = SuppressionLog(), Labels(study)
    protected = protect_all(study, findings, rules, labels)
    passed = list(_through_the_rules(study, findings, rules, protected, labels, log))
    passed += _with_the_claims(study, findings, passed, rules, labels, log)
    screening = screened(study, passed, findings.quotes)
    return [
        *passed,
        (tables.PUBLISHED_DICTIONARY, data_dictionary()),  # in the library's own words, which need no screening
        (tables.PUBLISHED_SCREENING, screening),
        (tables.PUBLISHED_SUPPRESSION, log.table()),
        (tables.PUBLISHED_AUDIT, protected.audit),
        (tables.PUBLISHED_RULES, rules_table(rules)),
    ]


def _through_the_rules(
    study: Study, findings: Findings, rules: Rules, protected: Protected, labels: Labels, log: SuppressionLog
) -> Iterator[tuple[Table, pd.DataFrame]]:
    main, hiding = protected.main, protected.survey
    estimates = survey.estimates_table(main, findings.pairs, labels, hiding, log)
    yield tables.PUBLISHED_ESTIMATES, estimates
    yield tables.PUBLISHED_NUMBERS, survey.numbers_table(main, labels, hiding, log)
    yield tables.PUBLISHED_TESTS, comparisons.tests_table(findings.tests, main, labels, hiding, log)
    yield tables.PUBLISHED_CHANGES, comparisons.changes_table(findings.changes, labels, hiding, log)
    yield tables.PUBLISHED_MODELS, comparisons.models_table(findings.models, labels, hiding, log)
    yield tables.PUBLISHED_PROFILE, sample.profile_table(findings.profile, labels, protected.profile, log)
    yield tables.PUBLISHED_WEIGHTING, sample.weighting_table(findings.weighting, labels, rules, log)
    notes = sample.weighting_notes_table(findings.weighting_notes, labels, protected.profile, log)
    yield tables.PUBLISHED_WEIGHTING_NOTES, notes
    distribution = sample.distribution_table(findings.weight_distribution, labels, rules, log)
    yield tables.PUBLISHED_WEIGHT_DISTRIBUTION, distribution
    yield tables.PUBLISHED_FLOW, sample.flow_table(findings.flow, rules)
    yield tables.PUBLISHED_CLEANING, sample.cleaning_table(findings.cleaning_log)
    yield tables.PUBLISHED_RECONCILIATION, sample.reconciliation_table(findings.reconciliation)
    themes = text.theme_counts(findings.themes, labels, protected.themes, log)
    yield tables.PUBLISHED_THEMES, themes
    yield tables.PUBLISHED_COUNTING_NOTES, text.counting_notes_table(findings.counting_notes, labels, rules)
    yield tables.PUBLISHED_COOCCURRENCE, text.cooccurrence_table(findings.cooccurrence, labels, rules, log)
    yield tables.PUBLISHED_SATURATION_CURVE, text.saturation_curve_table(findings.saturation_curve, labels)
    yield tables.PUBLISHED_SATURATION, text.saturation_table(findings.saturation, labels)
    yield tables.PUBLISHED_SATURATION_SUMMARY, text.saturation_summary_table(findings.saturation_summary, labels)
    yield tables.PUBLISHED_AGREEMENT, text.agreement_table(findings.agreement, labels)
    yield tables.PUBLISHED_AGREEMENT_COUNTS, text.agreement_counts_table(findings.agreement_counts, labels)
    yield tables.PUBLISHED_CODING_SOURCES, coding.coding_sources_table(findings.coding_files, study, labels)
    yield tables.PUBLISHED_CODING_NOTES, coding.coding_notes_table(findings.coding_notes, labels)
    steps = coding.coding_steps_table(findings.coding_steps, findings.decisions, labels, rules, log)
    yield tables.PUBLISHED_CODING_STEPS, steps
    yield tables.PUBLISHED_CODERS, coding.coders_table(findings.coder_work, labels)
    yield tables.PUBLISHED_ADJUDICATION, coding.adjudication_table(findings.adjudication, labels)
    yield tables.PUBLISHED_DECISIONS, coding.decisions_table(findings.decisions, labels, rules, log)
    yield tables.PUBLISHED_JOINT_DISPLAY, text.joint_display_table(findings.joint_display, labels, hiding)
    yield tables.PUBLISHED_JOINING, joint.joining_table(findings.joining, labels, rules, log)
    statistics = joint.statistics_table(findings.statistics_by_theme, labels, rules, log)
    yield tables.PUBLISHED_STATISTICS_BY_THEME, statistics
    by_group = joint.by_group_table(findings.strands_by_group, estimates, themes, labels, rules)
    yield tables.PUBLISHED_STRANDS_BY_GROUP, by_group
    yield tables.PUBLISHED_CASE_LEVEL, joint.case_level_table(findings.case_level, labels, rules)
    yield tables.PUBLISHED_UNLINKED, joint.unlinked_table(findings.unlinked, labels)
    quotes = text.quotes_table(findings.quotes, labels)
    yield tables.PUBLISHED_QUOTES, quotes
    matrix = joint.quote_matrix_table(findings.quote_matrix, quotes, themes, labels, rules)
    yield tables.PUBLISHED_QUOTE_MATRIX, matrix
    yield tables.PUBLISHED_VARIABLES, survey_variables(study.definition.survey)


def _with_the_claims(
    study: Study,
    findings: Findings,
    passed: list[tuple[Table, pd.DataFrame]],
    rules: Rules,
    labels: Labels,
    log: SuppressionLog,
) -> Iterator[tuple[Table, pd.DataFrame]]:
    """What the sentences of the report say, in the numbers that have passed already."""
    published = {short_name(table): rows for table, rows in passed}
    said = claims_table(findings.claims, published, study, labels, rules, log)
    yield tables.PUBLISHED_CLAIMS, said
    claims, choices = (frame[frame["claim"].isin(said["claim"])] for frame in (findings.claims, findings.robustness))
    yield tables.PUBLISHED_ROBUSTNESS, robustness_table(choices, claims, labels, rules, log)
