"""From what each coder wrote to the coding that is counted."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait.qualitative.adjudication import adjudicated
from plait.qualitative.decisions import apply_decisions
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study import Study


@dataclass(frozen=True)
class Settled:
    """The stages of a coding once it was read.

    Attributes:
        agreed: With the settled coding, where coders' disagreements were decided.
        decided: After the decisions of the log; what is counted.
        effects: What each decision did (columns of `plait.tables.DECISIONS`).
    """

    agreed: CodedText
    decided: CodedText
    effects: pd.DataFrame


def settle(coded: CodedText, study: Study) -> Settled:
    """What coders agreed on and what was decided of the rest, then the decisions of the log in their order.

    Raises:
        StudyError: Everything wrong with the worklists that came back, or with the decisions.
    """
    agreed = adjudicated(coded, study.collections, study.raw)
    decided, effects = apply_decisions(agreed, study.collections, study.decisions, study.decision_log)
    check_invariants(decided)
    return Settled(agreed, decided, effects)
