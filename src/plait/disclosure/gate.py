"""From estimates to published tables: rounded, suppressed, labelled and marked.

Figures, spreadsheet, notebooks and report read what comes out of here and nothing else, so a number is the same
everywhere and a suppressed one is absent everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from math import floor, isfinite, log10
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plait import tables
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import hidden_counts, hidden_groups
from plait.rounding import round_half_up, whole_per_cent
from plait.study import Study
from plait.tables import ALL, Table

CELL = ["question", "option", "break", "group", "measure", "grain"]


@dataclass(frozen=True)
class Findings:
    """What the strands and their integration hand to the gate; columns in `plait.tables`."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    profile: pd.DataFrame
    weighting: dict[str, dict[str, float]]
    flow: pd.DataFrame
    cleaning_log: pd.DataFrame
    reconciliation: pd.DataFrame
    themes: pd.DataFrame
    agreement: pd.DataFrame
    joint_display: pd.DataFrame


def read_findings(files: Mapping[str, str]) -> Findings:
    """Read what the strands and their integration wrote, by the names of `Findings`."""
    csv = {"flow": tables.FLOW, "cleaning_log": tables.CLEANING_LOG}
    read: dict[str, Any] = {name: tables.read_csv(files[name], table) for name, table in csv.items()}
    read["weighting"] = json.loads(Path(files["weighting"]).read_text(encoding="utf-8"))
    read |= {f.name: pd.read_parquet(files[f.name]) for f in fields(Findings) if f.name not in read}
    return Findings(**read)


def publish(study: Study, findings: Findings, rules: Rules) -> Iterator[tuple[Table, pd.DataFrame]]:
    """Pass every table through the disclosure rules.

    Yields:
        Each published table with its rows, the log of what was hidden and why (without values) last.
    """
    labels = _Labels(study)
    log: list[dict[str, object]] = []
    estimates = _estimates(findings.estimates, labels, rules, log)
    yield tables.PUBLISHED_ESTIMATES, estimates
    yield tables.PUBLISHED_TESTS, _tests(findings.tests, findings.estimates, labels, rules, log)
    yield tables.PUBLISHED_PROFILE, _profile(findings.profile, labels, rules, log)
    yield tables.PUBLISHED_WEIGHTING, _weighting(findings.weighting, labels)
    yield tables.PUBLISHED_FLOW, tables.PUBLISHED_FLOW.of(findings.flow)
    yield tables.PUBLISHED_CLEANING, _cleaning(findings.cleaning_log)
    yield tables.PUBLISHED_RECONCILIATION, _reconciliation(findings.reconciliation)
    yield tables.PUBLISHED_THEMES, _themes(findings.themes, labels, rules, log)
    yield tables.PUBLISHED_AGREEMENT, _agreement(findings.agreement, labels)
    yield tables.PUBLISHED_JOINT_DISPLAY, _joint_display(findings.joint_display, labels, rules)
    log_frame = pd.DataFrame(log, columns=list(tables.PUBLISHED_SUPPRESSION.columns))
    yield tables.PUBLISHED_SUPPRESSION, tables.PUBLISHED_SUPPRESSION.of(log_frame)


class _Labels:
    """Printed names of everything in the definition."""

    def __init__(self, study: Study) -> None:
        self.survey = study.definition.survey
        self.coded = study.definition.coded_text
        self.codes = {entry.code: entry.label for entry in study.codebook}
        self.parents = {entry.code: entry.parent for entry in study.codebook}

    def variable(self, name: str) -> str:
        return self.survey.label_of(name) if self.survey and name else "Everyone"

    def group(self, variable: str, group: str) -> str:
        return self.survey.groups_of(variable)[group] if self.survey and variable else "Everyone"

    def item(self, question: str, item: str) -> str:
        assert self.survey is not None
        nets = self.survey.nets_of(question)
        return nets[item].label if item in nets else self.survey.options_of(question)[item].label

    def collection(self, name: str) -> str:
        assert self.coded is not None
        return self.coded.collections[name].label

    def attribute(self, collection: str, name: str) -> str:
        assert self.coded is not None
        return self.coded.collections[collection].breaks.get(name, name) if name else "Everyone"


# --- survey ------------------------------------------------------------------------------------------------------------


def _estimates(estimates: pd.DataFrame, labels: _Labels, rules: Rules, log: list[dict[str, object]]) -> pd.DataFrame:
    """One row a cell: the weighted estimate where there is one, its unweighted value beside it."""
    main = _main_rows(estimates)
    hidden: list[str] = []
    for (question, break_, grain), cells in main.groupby(["question", "break", "grain"], sort=False):
        bases = dict(zip(cells["group"], cells["base_unweighted"].astype(int), strict=True))
        reasons = hidden_groups(bases, rules)
        hidden += [_key(question, break_, grain, group) for group in reasons]
        for group, rule in reasons.items():
            _log(
                log,
                tables.PUBLISHED_ESTIMATES,
                str(question),
                str(break_),
                group,
                rule,
                int((cells["group"] == group).sum()),
            )
    keys = [_key(*k) for k in zip(main["question"], main["break"], main["grain"], main["group"], strict=True)]
    suppressed = np.isin(keys, hidden)
    base = main["base_unweighted"].astype(int).to_numpy()
    empty = base == 0
    withheld = ~suppressed & ~empty & (base < rules.withhold_below)
    for question, break_, group in (
        main[withheld][["question", "break", "group"]].drop_duplicates().itertuples(index=False)
    ):
        number = int(((main["question"] == question) & (main["break"] == break_) & (main["group"] == group)).sum())
        _log(log, tables.PUBLISHED_ESTIMATES, question, break_, group, f"base below {rules.withhold_below}", number)
    flagged = ~suppressed & ~empty & (base < rules.flag_below)
    no_value = suppressed | withheld | empty
    per_cent = np.where(no_value, np.nan, whole_per_cent(main["value"]))
    rounds_to_zero = ~no_value & (per_cent == 0) & (main["value"] > 0)
    marker = np.select([suppressed, empty, flagged, rounds_to_zero], ["c", "z", "u", "low"], "")
    return tables.PUBLISHED_ESTIMATES.of(
        pd.DataFrame(
            {
                "question": main["question"],
                "question_label": main["question"].map(labels.variable),
                "option": main["option"],
                "option_label": _label(main, labels.item, "question", "option"),
                "measure": main["measure"],
                "break": main["break"],
                "break_label": main["break"].map(labels.variable),
                "group": main["group"],
                "group_label": _label(main, labels.group, "break", "group"),
                "grain": main["grain"],
                "weight_set": main["weight_set"],
                "per_cent": per_cent,
                "ci_low": np.where(no_value, np.nan, whole_per_cent(main["ci_low"])),
                "ci_high": np.where(no_value, np.nan, whole_per_cent(main["ci_high"])),
                "per_cent_unweighted": np.where(no_value, np.nan, whole_per_cent(main["value_unweighted"])),
                "base_unweighted": main["base_unweighted"].mask(suppressed),
                "base_weighted": np.where(suppressed, np.nan, _rounded(main["base_weighted"], 0)),
                "base_effective": np.where(suppressed, np.nan, _rounded(main["base_effective"], 0)),
                "method": main["method"],
                "marker": marker,
                "note": main["note"],
            }
        )
    )


def _main_rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """The weighted row of every cell that has one, else the unweighted row."""
    weighted = estimates["weight_set"] != ""
    has_weights = estimates.assign(weighted=weighted).groupby(CELL, sort=False)["weighted"].transform("any")
    return estimates[weighted | ~has_weights].reset_index(drop=True)


def _tests(
    tests: pd.DataFrame, estimates: pd.DataFrame, labels: _Labels, rules: Rules, log: list[dict[str, object]]
) -> pd.DataFrame:
    """Tests between groups that are all large enough to be shown."""
    main = _main_rows(estimates)
    occupied = main[(main["break"] != ALL) & (main["base_unweighted"] > 0)]
    smallest = occupied.groupby(["question", "break", "grain"], sort=False)["base_unweighted"].min()
    key = pd.MultiIndex.from_frame(tests[["question", "break", "grain"]])
    small = smallest.reindex(key).fillna(0).to_numpy(dtype=float) < rules.withhold_below
    for question, break_ in tests[small][["question", "break"]].drop_duplicates().itertuples(index=False):
        cells = int(((tests["question"] == question) & (tests["break"] == break_)).sum())
        rule = f"no test: a group has a base below {rules.withhold_below}"
        _log(log, tables.PUBLISHED_TESTS, question, break_, "", rule, cells)

    def shown(column: str, rounded: Callable[[float], float]) -> pd.Series:
        return tests[column].map(rounded).where(~small)

    not_made = tests["statistic"].isna().to_numpy(dtype=bool)
    return tables.PUBLISHED_TESTS.of(
        pd.DataFrame(
            {
                "question": tests["question"],
                "question_label": tests["question"].map(labels.variable),
                "option": tests["option"],
                "option_label": _label(tests, labels.item, "question", "option"),
                "break": tests["break"],
                "break_label": tests["break"].map(labels.variable),
                "grain": tests["grain"],
                "method": tests["method"],
                "statistic": shown("statistic", lambda v: round_half_up(v, 2)),
                "df1": shown("df1", lambda v: round_half_up(v, 2)),
                "df2": shown("df2", lambda v: round_half_up(v, 0)),
                "p": shown("p", _significant),
                "p_adjusted": shown("p_adjusted", _significant),
                "effect": shown("effect", lambda v: round_half_up(v, 3)),
                "effect_name": tests["effect_name"],
                "marker": np.select([small, not_made], ["u", "z"], ""),
                "note": tests["note"].where(~small, f"a group has fewer than {rules.withhold_below} people"),
            }
        )
    )


def _profile(profile: pd.DataFrame, labels: _Labels, rules: Rules, log: list[dict[str, object]]) -> pd.DataFrame:
    hidden = set()
    for variable, cells in profile.groupby("variable", sort=False):
        for group, rule in hidden_groups(dict(zip(cells["group"], cells["n"].astype(int), strict=True)), rules).items():
            hidden.add((variable, group))
            _log(log, tables.PUBLISHED_PROFILE, "", str(variable), group, rule, 1)
    keys = zip(profile["variable"], profile["group"], strict=True)
    suppressed = np.array([k in hidden for k in keys], dtype=bool)
    return tables.PUBLISHED_PROFILE.of(
        pd.DataFrame(
            {
                "variable": profile["variable"],
                "variable_label": profile["variable"].map(labels.variable),
                "group": profile["group"],
                "group_label": _label(profile, labels.group, "variable", "group"),
                "base_unweighted": profile["n"].mask(suppressed),
                "per_cent_unweighted": np.where(suppressed, np.nan, whole_per_cent(profile["share_unweighted"])),
                "per_cent_weighted": np.where(suppressed, np.nan, whole_per_cent(profile["share_weighted"])),
                "per_cent_target": whole_per_cent(profile["share_target"]),
                "target_source": profile["source"],
                "target_grade": profile["grade"],
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )


def _weighting(diagnostics: dict[str, dict[str, float]], labels: _Labels) -> pd.DataFrame:
    digits = {"largest_error": 9, "effective_n": 0}
    rows = [
        {
            "weight_set": name,
            "weight_set_label": (labels.survey.exports[name].label or name) if labels.survey else name,
            "measure": measure,
            "value": round_half_up(value, digits.get(measure, 2)),
        }
        for name, measures in diagnostics.items()
        for measure, value in measures.items()
    ]
    return tables.PUBLISHED_WEIGHTING.of(pd.DataFrame(rows, columns=list(tables.PUBLISHED_WEIGHTING.columns)))


def _cleaning(log: pd.DataFrame) -> pd.DataFrame:
    """How many cells each step changed, by column; what they held stays inside."""
    counts = log.groupby(["step", "reason", "column"], sort=True).size().rename("cells").reset_index()
    return tables.PUBLISHED_CLEANING.of(counts)


def _reconciliation(reconciliation: pd.DataFrame) -> pd.DataFrame:
    grouped = reconciliation.groupby(
        ["what", "question", "break", "left_source", "right_source", "note"], sort=False, as_index=False
    ).agg(compared=("agrees", "size"), agreeing=("agrees", "sum"))
    return tables.PUBLISHED_RECONCILIATION.of(grouped)


# --- coded text --------------------------------------------------------------------------------------------------------


def _themes(themes: pd.DataFrame, labels: _Labels, rules: Rules, log: list[dict[str, object]]) -> pd.DataFrame:
    """Counts of texts and people, by group too; counts of segments for everyone only."""
    shown = themes[(themes["by"] == ALL) | (themes["unit"] != "segments")].reset_index(drop=True)
    hidden: set[tuple[str, ...]] = set()
    for (collection, theme, by, unit), cells in shown[shown["by"] != ALL].groupby(
        ["collection", "theme", "by", "unit"], sort=False
    ):
        counts = dict(zip(cells["group"], cells["n"].astype(int), strict=True))
        bases = dict(zip(cells["group"], cells["of"].astype(int), strict=True))
        for group, rule in hidden_counts(counts, bases, rules).items():
            hidden.add((str(collection), str(theme), str(by), str(unit), group))
            _log(log, tables.PUBLISHED_THEMES, f"{collection}: {theme}", str(by), group, rule, 1)
    keys = zip(shown["collection"], shown["theme"], shown["by"], shown["unit"], shown["group"], strict=True)
    suppressed = np.array([k in hidden for k in keys], dtype=bool)
    of = shown["of"].astype("float64")
    share = shown["n"].astype("float64") / of.where(of > 0)
    per_cent = np.where(suppressed | (of < rules.theme_per_cent), np.nan, whole_per_cent(share))
    low = (per_cent == 0) & (shown["n"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_THEMES.of(
        pd.DataFrame(
            {
                "collection": shown["collection"],
                "collection_label": shown["collection"].map(labels.collection),
                "theme": shown["theme"],
                "theme_label": shown["theme"].map(labels.codes),
                "level": shown["level"],
                "parent": shown["theme"].map(labels.parents),
                "by": shown["by"],
                "by_label": _label(shown, labels.attribute, "collection", "by"),
                "group": shown["group"],
                "group_label": shown["group"].where(shown["by"] != ALL, "Everyone"),
                "unit": shown["unit"],
                "n": shown["n"].mask(suppressed),
                "of": shown["of"],
                "per_cent": per_cent,
                "marker": np.select([suppressed, low], ["c", "low"], ""),
            }
        )
    )


def _agreement(agreement: pd.DataFrame, labels: _Labels) -> pd.DataFrame:
    return tables.PUBLISHED_AGREEMENT.of(
        pd.DataFrame(
            {
                "collection": agreement["collection"],
                "collection_label": agreement["collection"].map(labels.collection),
                "coder_a": agreement["coder_a"],
                "coder_b": agreement["coder_b"],
                "unit": agreement["unit"],
                "level": agreement["level"],
                "code": agreement["code"],
                "code_label": agreement["code"].map(lambda c: labels.codes[c] if c else "All codes"),
                "n_units": agreement["n_units"],
                "agreement": whole_per_cent(agreement["agreement"]),
                "kappa": _rounded(agreement["kappa"], 2),
                "kappa_low": _rounded(agreement["kappa_low"], 2),
                "kappa_high": _rounded(agreement["kappa_high"], 2),
                "note": agreement["note"],
            }
        )
    )


# --- integration -------------------------------------------------------------------------------------------------------


def _joint_display(joint: pd.DataFrame, labels: _Labels, rules: Rules) -> pd.DataFrame:
    survey = (joint["strand"] == "survey").to_numpy(dtype=bool)
    of = joint["of"].astype("float64").to_numpy()
    suppressed = survey & (of < rules.hide_below)
    no_value = (survey & (of < rules.withhold_below)) | (~survey & (of < rules.theme_per_cent))
    few = survey & ~suppressed & (of < rules.flag_below)
    origin = [
        labels.variable(o) if s == "survey" else labels.collection(o)
        for o, s in zip(joint["origin"], joint["strand"], strict=True)
    ]
    item = [
        labels.item(o, i) if s == "survey" else labels.codes[i]
        for o, i, s in zip(joint["origin"], joint["item"], joint["strand"], strict=True)
    ]
    kept = ["construct", "label", "strand", "origin", "item", "weight_set"]
    authored = ["fit", "meta_inference", "rationale", "author", "date"]
    per_cent = np.where(no_value, np.nan, whole_per_cent(joint["value"]))
    low = (per_cent == 0) & (joint["value"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_JOINT_DISPLAY.of(
        joint[kept + authored].assign(
            origin_label=origin,
            item_label=item,
            per_cent=per_cent,
            ci_low=np.where(no_value, np.nan, whole_per_cent(joint["ci_low"])),
            ci_high=np.where(no_value, np.nan, whole_per_cent(joint["ci_high"])),
            n=joint["n"],
            of=joint["of"].mask(suppressed),
            marker=np.select([suppressed, few, low], ["c", "u", "low"], ""),
        )
    )


# --- helpers -----------------------------------------------------------------------------------------------------------


def _label(frame: pd.DataFrame, label: Callable[[str, str], str], first: str, second: str) -> list[str]:
    pairs = list(zip(frame[first], frame[second], strict=True))
    names = {pair: label(*pair) for pair in set(pairs)}
    return [names[pair] for pair in pairs]


def _key(*parts: object) -> str:
    return "\x1f".join(map(str, parts))


def _log(
    log: list[dict[str, object]], table: Table, question: str, break_: str, group: str, rule: str, cells: int
) -> None:
    log.append(
        {"table": table.name, "question": question, "break": break_, "group": group, "rule": rule, "cells": cells}
    )


def _rounded(values: pd.Series, digits: int) -> np.ndarray:
    return np.array([round_half_up(v, digits) for v in values], dtype=float)


def _significant(p: float, digits: int = 3) -> float:
    """A p value to three significant digits."""
    if not isfinite(p) or p == 0:
        return p
    return float(f"{p:.{digits}g}") if floor(log10(p)) > -300 else 0.0
