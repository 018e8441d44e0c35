"""Every question by every break: shares with standard error, interval and three bases; tests of independence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Survey
from plait.survey.design import BoolArray, Design, FloatArray, IntArray, degrees_of_freedom
from plait.survey.estimation import shares
from plait.survey.intervals import korn_graubard, wilson
from plait.survey.significance import holm, pearson, rao_scott
from plait.survey.variables import CLUSTER, codes_of, export_column, missing_column, option_column
from plait.survey.weighting import in_population, raking_codes, raking_variables


@dataclass(frozen=True)
class _Sample:
    """The respondents of one export under one weight set, and the design they came by."""

    responses: pd.DataFrame
    design: Design
    weight_set: str
    simple: bool
    """Whether this is a simple random sample: no weights, no clusters."""


@dataclass(frozen=True)
class _Break:
    name: str
    groups: list[str]
    codes: IntArray


def estimate(study: Study, responses: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of every option and net of every question, for everyone and for every group of every break.

    Unweighted estimates stand beside weighted ones (`weight_set`). Intervals are Wilson (1927) for a simple random
    sample and Korn and Graubard (1998) otherwise.

    Returns:
        Columns of `plait.tables.ESTIMATES`, grain "respondent".
    """
    parts = []
    for question, sample, splits in _tables(study, responses, weights):
        items, kinds, chosen, in_base = _chosen(study.definition.survey, question, sample.responses)
        for split in splits:
            parts.append(_estimate_table(question, sample, split, items, kinds, chosen, in_base))
    return tables.ESTIMATES.of(pd.concat(parts, ignore_index=True)) if parts else tables.ESTIMATES.empty()


def compare_groups(
    study: Study, responses: pd.DataFrame, weights: pd.DataFrame, breakdown_cells: list[pd.DataFrame]
) -> pd.DataFrame:
    """Test, option by option, whether its share differs between the groups of a break.

    Respondents' answers are tested with their weights where there are any: Rao and Scott (1984) for weights or
    clusters, Pearson's chi-square otherwise (Yates' correction for two by two). p is adjusted over the options of a
    question and break after Holm (1979).

    Returns:
        Columns of `plait.tables.TESTS`.
    """
    rows: list[dict[str, object]] = []
    for question, sample, splits in _tables(study, responses, weights):
        if sample.weight_set == "" and study.definition.survey and study.definition.survey.weighting:
            continue
        items, kinds, chosen, in_base = _chosen(study.definition.survey, question, sample.responses)
        options = [i for i, kind in enumerate(kinds) if kind == "share"]
        for split in splits[1:]:
            for i in options:
                result = _test_option(sample, split, chosen[:, i], in_base)
                rows.append(_test_row(question, items[i], split.name, sample.weight_set, "respondent", result))
    for cells in breakdown_cells:
        for (of_question, break_, option), table in cells.groupby(["question", "break", "option"], sort=False):
            counts = np.stack([table["n"], table["base"] - table["n"]]).astype(float)
            result = _pearson_row(counts) if table["whole"].all() else {"note": "shares are rounded or weighted"}
            rows.append(_test_row(str(of_question), str(option), str(break_), "", "breakdown", result))
    frame = tables.TESTS.of(pd.DataFrame(rows, columns=list(tables.TESTS.columns)))
    by_table = frame.groupby(["question", "break", "grain"], sort=False)["p"]
    frame["p_adjusted"] = by_table.transform(holm)
    return frame


# --- what is tabulated -------------------------------------------------------------------------------------------------


def _tables(
    study: Study, responses: pd.DataFrame, weights: pd.DataFrame
) -> Iterator[tuple[str, _Sample, list[_Break]]]:
    """Every question with each of its samples (unweighted, then weighted) and the breaks it is split by."""
    survey = study.definition.survey
    if survey is None or not survey.exports:
        return
    samples = {export: list(_samples(study, survey, responses, weights, export)) for export in survey.exports}
    breaks = {
        id(sample): [_everyone(sample.responses), *_breaks(survey, sample.responses)]
        for of_export in samples.values()
        for sample in of_export
    }
    for question, spec in survey.questions.items():
        if not spec.in_exports:
            continue
        for sample in samples[survey.export_of(question)]:
            yield question, sample, [b for b in breaks[id(sample)] if b.name != question]


def _samples(
    study: Study, survey: Survey, responses: pd.DataFrame, weights: pd.DataFrame, export: str
) -> Iterator[_Sample]:
    here = responses[responses[export_column(export)]]
    clusters = _clusters(here)
    ones = np.ones(len(here))
    yield _Sample(here, Design(ones, None, (), clusters, None), "", simple=clusters is None)
    if survey.weighting:
        here = responses[in_population(responses, survey, export)]
        margins = tuple(raking_codes(here, survey, raking_variables(study)))
        final = weights.loc[here.index, export].to_numpy(dtype=float)
        yield _Sample(here, Design(final, None, margins, _clusters(here), None), export, simple=False)


def _clusters(responses: pd.DataFrame) -> IntArray | None:
    return pd.factorize(responses[CLUSTER])[0].astype(np.int64) if CLUSTER in responses else None


def _everyone(responses: pd.DataFrame) -> _Break:
    return _Break(tables.ALL, [tables.ALL], np.zeros(len(responses), dtype=np.int64))


def _breaks(survey: Survey, responses: pd.DataFrame) -> Iterator[_Break]:
    for name in survey.breaks:
        if name in responses:
            yield _Break(name, list(survey.groups_of(name)), codes_of(responses, name, survey))


def _chosen(
    survey: Survey | None, question: str, responses: pd.DataFrame
) -> tuple[list[str], list[str], FloatArray, BoolArray]:
    """Options and nets of a question, their kind, who chose them (0/1) and who is in the base."""
    assert survey is not None
    options = [k for k, option in survey.options_of(question).items() if option.counts]
    in_base = (responses[missing_column(question)] == "").to_numpy()
    if survey.questions[question].type == "single":
        codes = pd.Categorical(responses[question], categories=options).codes
        chosen = (codes[:, None] == np.arange(len(options))).astype(float)
    else:
        chosen = responses[[option_column(question, o) for o in options]].fillna(0).to_numpy(dtype=float)
    nets = survey.nets_of(question)
    members = [[options.index(o) for o in net.of if o in options] for net in nets.values()]
    # At least one of the net's options: for a single choice the sum, for a multi-select each person once.
    netted = [chosen[:, m].max(axis=1) if m else np.zeros(len(chosen)) for m in members]
    items = [*options, *nets]
    kinds = ["share"] * len(options) + ["net"] * len(nets)
    return items, kinds, np.column_stack([chosen, *netted]), in_base


# --- one table ---------------------------------------------------------------------------------------------------------


def _estimate_table(
    question: str, sample: _Sample, split: _Break, items: list[str], kinds: list[str], chosen: FloatArray,
    in_base: BoolArray
) -> pd.DataFrame:  # fmt: skip
    result = shares(sample.design, chosen, in_base, split.codes, len(split.groups))
    n = np.broadcast_to(result.base_unweighted[:, None], result.share.shape)
    if sample.simple:
        low, high = wilson(result.share, n.astype(float))
    else:
        here = [in_base & (split.codes == g) for g in range(len(split.groups))]
        df = np.array([[degrees_of_freedom(sample.design, rows)] for rows in here], dtype=float)
        low, high = korn_graubard(result.share, result.se, n.astype(float), df)
    groups, k = len(split.groups), len(items)
    return pd.DataFrame(
        {
            "question": question,
            "option": np.tile(items, groups),
            "break": split.name,
            "group": np.repeat(split.groups, k),
            "measure": np.tile(kinds, groups),
            "weight_set": sample.weight_set,
            "value": result.share.ravel(),
            "value_unweighted": _plain_shares(chosen, in_base, split).ravel(),
            "se": result.se.ravel(),
            "ci_low": low.ravel(),
            "ci_high": high.ravel(),
            "base_unweighted": n.ravel().astype("int64"),
            "base_weighted": np.repeat(result.base_weighted, k),
            "base_effective": np.repeat(result.base_effective, k),
            "design_effect": result.design_effect.ravel(),
            "method": "wilson" if sample.simple else "korn-graubard",
            "grain": "respondent",
            "note": np.repeat(np.where(result.base_unweighted == 0, "nobody in this group was asked", ""), k),
        }
    )


def _plain_shares(chosen: FloatArray, in_base: BoolArray, split: _Break) -> FloatArray:
    """Shares of the same people without weights, (groups, items)."""
    here = in_base & (split.codes >= 0)
    member = split.codes[here][:, None] == np.arange(len(split.groups))
    with np.errstate(invalid="ignore"):
        return np.asarray((member.T @ chosen[here]) / member.sum(axis=0)[:, None])


def _test_option(sample: _Sample, split: _Break, chosen: FloatArray, in_base: BoolArray) -> dict[str, object]:
    both = np.column_stack([chosen, 1 - chosen])
    if sample.simple:
        here = in_base & (split.codes >= 0)
        counts = np.stack(
            [np.bincount(split.codes[here], both[here, j], len(split.groups)).astype(float) for j in range(2)]
        )
        return _pearson_row(counts)
    result = rao_scott(sample.design, both, in_base, split.codes, len(split.groups))
    if result is None:
        return {"note": "fewer than two groups or answers"}
    return {
        "method": "rao_scott",
        "statistic": result.statistic,
        "df1": result.df1,
        "df2": result.df2,
        "p": result.p,
        "effect": result.cramers_v,
    }


def _pearson_row(counts: FloatArray) -> dict[str, object]:
    try:
        result = pearson(counts)
    except ValueError:  # it needs two rows and two columns with somebody in them
        return {"note": "fewer than two groups or answers"}
    note = "an expected count is below 5" if result.smallest_expected < 5 else ""
    return {
        "method": result.method,
        "statistic": result.statistic,
        "df1": result.df,
        "p": result.p,
        "effect": result.cramers_v,
        "note": note,
    }


def _test_row(
    question: str, option: str, break_: str, weight_set: str, grain: str, result: dict[str, object]
) -> dict[str, object]:
    blank = {"method": "", "statistic": np.nan, "df1": np.nan, "df2": np.nan, "p": np.nan, "effect": np.nan, "note": ""}
    return {
        "question": question,
        "option": option,
        "break": break_,
        "weight_set": weight_set,
        "grain": grain,
        "p_adjusted": np.nan,
        "effect_name": "cramers_v",
        **blank,
        **result,
    }
