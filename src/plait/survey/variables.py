"""The layout of the responses table, and variables made from other variables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.study.definition import Survey

IntArray = npt.NDArray[np.int64]

RESPONDENT = "respondent"
CLUSTER = "cluster"
"""The primary sampling unit, as the export writes it."""
STRATUM = "stratum"
"""The cells of the columns that make up the stratum, joined."""
CLUSTERS_IN_POPULATION = "clusters_in_population"
"""How many primary sampling units the stratum has in the population."""


def option_column(question: str, option: str) -> str:
    """The 0/1 column of one option of a multi-select."""
    return f"{question}.{option}"


def missing_column(question: str) -> str:
    """The column that says why an answer is empty (`plait.study.definition.EMPTY`; empty text where there is an answer)."""
    return f"missing.{question}"


def export_column(export: str) -> str:
    """The column that says whether the respondent is in an export."""
    return f"in.{export}"


def weight_column(export: str) -> str:
    """The column of the weights that an export carries; missing where it gives none, zero where it gives zero."""
    return f"weight.{export}"


def replicate_columns(export: str, n: int) -> list[str]:
    """The columns of the n replicate weights that an export carries."""
    return [f"{weight_column(export)}.{number}" for number in range(1, n + 1)]


def add_derived(responses: pd.DataFrame, survey: Survey) -> None:
    """Add merged variables, then crossed ones, as columns of group ids."""
    for name, derived in survey.derived.items():
        if derived.source in responses:
            groups = {option: group for group, net in derived.groups.items() for option in net.of}
            responses[name] = responses[derived.source].map(groups).astype("str")
    for name, cross in survey.crosses.items():
        first, second = cross.of
        if first in responses and second in responses:
            responses[name] = responses[first].str.cat(responses[second], sep="__")


def codes_of(responses: pd.DataFrame, variable: str, survey: Survey) -> IntArray:
    """Each respondent's group of a variable as a number in the definition's order; -1 for none."""
    return places(responses[variable], list(survey.groups_of(variable)))


def places(values: pd.Series, names: list[str]) -> IntArray:
    """(rows,) the place of each value in a list of names; -1 for none of them."""
    return pd.Index(names, dtype="str").get_indexer(pd.Index(values.astype("str"))).astype(np.int64)


def meets(responses: pd.DataFrame, condition: Mapping[str, tuple[str, ...]]) -> npt.NDArray[np.bool_]:
    """Whether a respondent is known to meet all parts of a condition."""
    met = np.ones(len(responses), dtype=bool)
    for variable, groups in condition.items():
        met &= responses[variable].isin(groups).to_numpy()
    return met


def fails(responses: pd.DataFrame, condition: Mapping[str, tuple[str, ...]]) -> npt.NDArray[np.bool_]:
    """Whether a respondent is known to fail a part of a condition."""
    failed = np.zeros(len(responses), dtype=bool)
    for variable, groups in condition.items():
        values = responses[variable]
        failed |= (values.notna() & ~values.isin(groups)).to_numpy()
    return failed
