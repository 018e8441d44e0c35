"""Both strands of a study from its raw files to the tables that claims look at, in one go."""

from __future__ import annotations

from plait.integration.cells import StrandTables
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.readers import read_coded_text_of
from plait.qualitative.settling import settle
from plait.qualitative.themes import theme_counts
from plait.study import Study
from plait.study.claims import AgreementCell
from plait.survey.cleaning import clean
from plait.survey.findings import survey_findings
from plait.survey.weighting import weight
from plait.tables import AGREEMENT


def tables_of_today(study: Study) -> StrandTables:
    """What the strands say today, by the same functions as in the workflow.

    Agreement, which takes long, is only measured where a claim speaks of it.

    Raises:
        StudyError: The raw files, the weights or the coding cannot be used.
    """
    responses = clean(study).responses
    found = survey_findings(study, responses, weight(study, responses).weights)
    coded = read_coded_text_of(study)
    themes = theme_counts(settle(coded, study).decided, study.collections)
    compared = any(
        isinstance(number.cell, AgreementCell) for claim in study.claims.values() for number in claim.numbers
    )
    agreement = coder_agreement(coded, study.collections).coefficients if compared else AGREEMENT.empty()
    return StrandTables(found.estimates, found.changes, themes, agreement)
