"""From what each coder wrote to the coding that is counted."""

from __future__ import annotations

import pandas as pd

from plait.qualitative.adjudication import adjudicated
from plait.qualitative.decisions import apply_decisions
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study import Study


def settle(coded: CodedText, study: Study) -> tuple[CodedText, pd.DataFrame]:
    """What coders agreed on and what was decided of the rest, then the decisions of the log in their order.

    Returns:
        The coded text with the settled coding, and what each decision did (columns of `plait.tables.DECISIONS`).

    Raises:
        StudyError: Everything wrong with the worklists that came back, or with the decisions.
    """
    agreed = adjudicated(coded, study.collections, study.raw)
    settled, effects = apply_decisions(agreed, study.collections, study.decisions, study.decision_log)
    check_invariants(settled)
    return settled, effects
