"""Everything that the survey strand finds, from respondents' answers and from vendors' breakdown tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait.study import Study
from plait.survey.breakdowns import BreakdownTable, breakdown_estimates, read_breakdowns
from plait.survey.crosstabs import adjusted, compare_breakdowns, tabulate_responses
from plait.survey.numbers import compare_numbers, estimate_numbers
from plait.survey.outcomes import estimate_models
from plait.survey.reconciliation import reconcile
from plait.survey.sample import Samples
from plait.survey.waves import estimate_changes


@dataclass(frozen=True)
class SurveyFindings:
    """Estimates, tests and comparisons; columns in `plait.tables`."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    changes: pd.DataFrame
    models: pd.DataFrame
    reconciliation: pd.DataFrame
    breakdowns: list[BreakdownTable]


def survey_findings(study: Study, responses: pd.DataFrame, weights: pd.DataFrame) -> SurveyFindings:
    """Estimate and test all that the definition asks for.

    Args:
        study: Its definition, and where its breakdown tables lie.
        responses: The cleaned responses.
        weights: Made from these responses.

    Raises:
        StudyError: A breakdown table, the design of the sample or a model cannot be used.
    """
    breakdowns = read_breakdowns(study)
    samples = Samples(study, responses, weights)
    tabulated = tabulate_responses(study, responses, samples)
    parts = (
        tabulated.estimates,
        estimate_numbers(study, responses, samples),
        breakdown_estimates(study, breakdowns),
    )
    tests = (
        tabulated.tests,
        compare_numbers(study, responses, samples),
        *(compare_breakdowns(table.cells) for table in breakdowns),
    )
    estimates = pd.concat(parts, ignore_index=True)
    return SurveyFindings(
        estimates=estimates,
        tests=adjusted(pd.concat(tests, ignore_index=True)),
        pairs=tabulated.pairs,
        changes=estimate_changes(study, responses, samples),
        models=estimate_models(study, responses, samples),
        reconciliation=reconcile(study, breakdowns, estimates),
        breakdowns=breakdowns,
    )
