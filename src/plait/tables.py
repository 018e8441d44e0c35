"""The columns of every table that passes between rules, in one place.

Tables are tidy. Text columns hold text (ids never become numbers); `""` is used for "no group" and the like, so that
keys never hold missing values; numbers may be missing where an estimate cannot be made, and then `note` says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported where it is used: the workflow file and the manifest need names, not frames
    import pandas as pd

TEXT, COUNT, NUMBER, FLAG = "str", "Int64", "float64", "boolean"
ALL = ""
"""The group of a table that is not split: everyone in the base."""


@dataclass(frozen=True)
class Table:
    """The name and the typed columns of one kind of table, in order."""

    name: str
    columns: Mapping[str, str]

    def empty(self) -> pd.DataFrame:
        """A table of this kind without rows."""
        return self.of([])

    def of(self, rows: list[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
        """Bring rows into this table's columns, order and types.

        Raises:
            ValueError: A column is missing or one is there that the table does not have.
        """
        import pandas as pd

        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=self._keys(rows))
        missing = [c for c in self.columns if c not in frame.columns]
        extra = [c for c in frame.columns if c not in self.columns]
        if missing or extra:
            raise ValueError(f"table {self.name}: missing columns {missing}, unknown columns {extra}")
        frame = frame[list(self.columns)].reset_index(drop=True)
        for column, kind in self.columns.items():
            if kind == TEXT and frame[column].isna().any():
                raise ValueError(f"table {self.name}: column {column} is text and holds missing values")
        return frame.astype(dict(self.columns))

    def _keys(self, rows: list[dict[str, object]]) -> list[str]:
        return list(rows[0]) if rows else list(self.columns)


# --- survey strand ---------------------------------------------------------------------------------------------------

CLEANING_LOG = Table(
    "cleaning_log",
    {
        "step": TEXT,  # a line without a row is about a whole column or file; its `after` is a number of cells
        "reason": TEXT,
        "file": TEXT,
        "row": COUNT,
        "respondent": TEXT,
        "column": TEXT,
        "before": TEXT,
        "after": TEXT,
    },
)

FLOW = Table(
    "flow",
    {"file": TEXT, "step": TEXT, "reason": TEXT, "rows_in": COUNT, "rows_dropped": COUNT, "rows_out": COUNT},
)

MARGINS = Table(
    "margins",
    {
        "weight_set": TEXT,
        "variable": TEXT,
        "group": TEXT,
        "merged": TEXT,  # the groups weighted together with this one, it included, joined by "+"; "" where it is alone
        "n": COUNT,
        "share_unweighted": NUMBER,
        "share_target": NUMBER,
        "share_achieved": NUMBER,
        "source": TEXT,
        "date": TEXT,
        "unit": TEXT,
        "grade": TEXT,
    },
)

WEIGHTING_NOTES = Table(
    "weighting_notes",
    {
        "weight_set": TEXT,
        "kind": TEXT,  # method, without_weight, unknown_group, merged, trimmed, targets, supplied, precision
        "variable": TEXT,  # "" where the note is not about one
        "n": COUNT,  # respondents it is about; missing where it is about all
        "text": TEXT,
    },
)

WEIGHT_DISTRIBUTION = Table(
    "weight_distribution",
    {
        "weight_set": TEXT,
        "low": NUMBER,  # multiples of the mean weight, low included, high excluded
        "high": NUMBER,
        "n": COUNT,
    },
)

PROFILE = Table(
    "profile",
    {
        "variable": TEXT,
        "group": TEXT,
        "n": COUNT,
        "share_unweighted": NUMBER,
        "share_weighted": NUMBER,
        "share_target": NUMBER,
        "source": TEXT,
        "grade": TEXT,
    },
)

ESTIMATES = Table(
    "estimates",
    {
        "question": TEXT,
        "option": TEXT,  # an option, or a net of options when measure is "net"; "" for a number's mean and the like
        "break": TEXT,  # "" for everyone
        "group": TEXT,  # "" for everyone
        "measure": TEXT,  # share, net, mean, median, lower_quartile, upper_quartile, total, ratio
        "weight_set": TEXT,  # "" for unweighted
        "value": NUMBER,
        "value_unweighted": NUMBER,  # of the same people
        "se": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "base_unweighted": COUNT,
        "base_weighted": NUMBER,
        "base_effective": NUMBER,
        "design_effect": NUMBER,
        "method": TEXT,
        "grain": TEXT,  # respondent, breakdown
        "note": TEXT,
    },
)

TESTS = Table(
    "tests",
    {
        "question": TEXT,
        "option": TEXT,
        "break": TEXT,
        "weight_set": TEXT,
        "grain": TEXT,
        "method": TEXT,
        "statistic": NUMBER,
        "df1": NUMBER,
        "df2": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
        "effect": NUMBER,
        "effect_low": NUMBER,
        "effect_high": NUMBER,
        "effect_name": TEXT,  # cramers_v, probability_higher (two groups, the later one), slope (one step of the break)
        "note": TEXT,
    },
)

PAIRS = Table(
    "pairs",
    {
        "question": TEXT,
        "option": TEXT,
        "break": TEXT,
        "group": TEXT,
        "other": TEXT,
        "weight_set": TEXT,
        "method": TEXT,
        "difference": NUMBER,  # the group's share minus the other's
        "se": NUMBER,
        "statistic": NUMBER,
        "df": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
    },
)

CHANGES = Table(
    "changes",
    {
        "question": TEXT,
        "option": TEXT,
        "measure": TEXT,
        "earlier": TEXT,  # the question that it repeats
        "weight_set": TEXT,
        "value_earlier": NUMBER,
        "value": NUMBER,
        "difference": NUMBER,
        "se": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
        "base_earlier": COUNT,
        "base": COUNT,
        "base_both": COUNT,  # people in both bases
        "method": TEXT,
    },
)

MODELS = Table(
    "models",
    {
        "model": TEXT,
        "kind": TEXT,  # logistic, linear
        "variable": TEXT,  # "" for the intercept
        "group": TEXT,
        "reference": TEXT,  # the group it is compared with
        "weight_set": TEXT,
        "estimate": NUMBER,  # log-odds, or units of the number
        "se": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "df": NUMBER,
        "p": NUMBER,
        "p_variable": NUMBER,  # of all groups of the variable together (adjusted Wald)
        "base_unweighted": COUNT,  # of the group
        "n": COUNT,  # in the model
    },
)

RECONCILIATION = Table(
    "reconciliation",
    {
        "what": TEXT,  # base, count, margin_of_error, integrality
        "question": TEXT,
        "option": TEXT,
        "break": TEXT,
        "group": TEXT,
        "left_source": TEXT,
        "left": NUMBER,
        "right_source": TEXT,
        "right": NUMBER,
        "agrees": FLAG,
        "note": TEXT,
    },
)

# --- coded-text strand (research: neutral tables) ----------------------------------------------------------------------

SOURCES = Table(
    "sources",
    {
        "source": TEXT,
        "collection": TEXT,
        "name": TEXT,
        "origin_id": TEXT,
        "case": TEXT,
        "text_state": TEXT,  # present, absent
        "text_sha256": TEXT,
        "n_chars": COUNT,
        "n_words": COUNT,
    },
)
SOURCE_TEXTS = Table("source_texts", {"source": TEXT, "text": TEXT})
CASES = Table("cases", {"case": TEXT, "collection": TEXT, "origin_id": TEXT})
CASE_ATTRIBUTES = Table("case_attributes", {"case": TEXT, "attribute": TEXT, "value": TEXT})
CODES = Table(
    "codes",
    {
        "code": TEXT,
        "parent": TEXT,  # "" for a theme
        "label": TEXT,
        "kind": TEXT,  # theme, code, structural
        "definition": TEXT,
        "order": COUNT,
    },
)
CODERS = Table("coders", {"coder": TEXT, "collection": TEXT, "label": TEXT, "role": TEXT})  # role: human, adjudicated
CODER_CODES = Table("coder_codes", {"coder": TEXT, "collection": TEXT, "code": TEXT})
"""The codes a coder was given to choose from, where the file says so (the columns of a coder's sheet).

Only codes that were open to both coders can be agreed on; a code never used by a coder who had it differs from a code
that coder never saw. A tool's project does not say it, and then there are no rows.
"""
ASSIGNMENTS = Table("assignments", {"coder": TEXT, "source": TEXT})
SEGMENTS = Table(
    "segments",
    {
        "segment": TEXT,
        "collection": TEXT,
        "source": TEXT,
        "case": TEXT,
        "code": TEXT,
        "coder": TEXT,
        "start": COUNT,  # code points into the canonical text, end exclusive; missing when the whole source is meant
        "end": COUNT,
        "text": TEXT,
        "origin_row": TEXT,
        "status": TEXT,  # active, excluded
        "reason": TEXT,
    },
)
IMPORT_LOG = Table(
    "import_log",
    {
        "file": TEXT,
        "sha256": TEXT,
        "reader": TEXT,
        "tool": TEXT,
        "offset_convention": TEXT,
        "n_in": COUNT,
        "n_active": COUNT,
        "n_excluded": COUNT,
        "event": TEXT,
        "severity": TEXT,  # info, warning
        "message": TEXT,
    },
)

NEUTRAL = (
    SOURCES,
    SOURCE_TEXTS,
    CASES,
    CASE_ATTRIBUTES,
    CODES,
    CODERS,
    CODER_CODES,
    ASSIGNMENTS,
    SEGMENTS,
    IMPORT_LOG,
)

THEMES = Table(
    "themes",
    {
        "collection": TEXT,
        "theme": TEXT,  # a theme or a code
        "level": TEXT,  # theme, code
        "by": TEXT,  # "" for everyone, or a case attribute
        "group": TEXT,
        "unit": TEXT,  # sources, cases, segments
        "n": COUNT,
        "of": COUNT,
        "coverage": NUMBER,
    },
)

AGREEMENT = Table(
    "agreement",
    {
        "collection": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "unit": TEXT,  # source, paragraph
        "level": TEXT,  # code, all
        "code": TEXT,  # "" at level all
        "n_units": COUNT,
        "both": COUNT,
        "only_a": COUNT,
        "only_b": COUNT,
        "neither": COUNT,
        "agreement": NUMBER,  # share of units coded alike
        "kappa": NUMBER,  # Cohen (1960); at level all the mean over estimable codes
        "kappa_low": NUMBER,
        "kappa_high": NUMBER,
        "note": TEXT,
    },
)

# --- integration -------------------------------------------------------------------------------------------------------

JOINT_DISPLAY = Table(
    "joint_display",
    {
        "construct": TEXT,
        "label": TEXT,
        "strand": TEXT,  # survey, coded_text
        "origin": TEXT,  # question or collection
        "item": TEXT,  # option, net or theme
        "weight_set": TEXT,
        "grain": TEXT,
        "value": NUMBER,  # share 0 to 1
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "n": COUNT,  # coded text: sources or cases with the theme
        "of": COUNT,  # unweighted base
        "fit": TEXT,
        "meta_inference": TEXT,
        "rationale": TEXT,
        "author": TEXT,
        "date": TEXT,
    },
)

# --- published (floor 5 reads only these) ------------------------------------------------------------------------------

MARKERS = {
    "": "",
    "c": "suppressed for confidentiality",
    "u": "unreliable: small base",
    "z": "not applicable",
    "low": "rounds to zero but is not zero",
}
"""Shorthand of the UK Analysis Function, in the `marker` column; printed in square brackets."""

PUBLISHED_ESTIMATES = Table(
    "published/survey_estimates",
    {
        "question": TEXT,
        "question_label": TEXT,
        "option": TEXT,
        "option_label": TEXT,
        "measure": TEXT,
        "break": TEXT,
        "break_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "grain": TEXT,
        "weight_set": TEXT,  # of per_cent and its interval; "" when there are no weights
        "per_cent": NUMBER,  # whole per cent, half up; missing when withheld
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "per_cent_unweighted": NUMBER,
        "base_unweighted": COUNT,
        "base_weighted": NUMBER,
        "base_effective": NUMBER,
        "method": TEXT,
        "letter": TEXT,  # of the group within its break
        "higher_than": TEXT,  # letters of the groups whose share is lower beyond chance
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_NUMBERS = Table(
    "published/survey_numbers",
    {
        "question": TEXT,
        "question_label": TEXT,
        "unit": TEXT,
        "measure": TEXT,  # mean, median, lower_quartile, upper_quartile, total, ratio
        "break": TEXT,
        "break_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "weight_set": TEXT,
        "value": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "value_unweighted": NUMBER,
        "base_unweighted": COUNT,
        "base_weighted": NUMBER,
        "base_effective": NUMBER,
        "method": TEXT,
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_CHANGES = Table(
    "published/survey_changes",
    {
        "question": TEXT,
        "question_label": TEXT,
        "option": TEXT,
        "option_label": TEXT,
        "measure": TEXT,
        "earlier": TEXT,
        "earlier_label": TEXT,
        "per_cent_earlier": NUMBER,
        "per_cent": NUMBER,
        "points": NUMBER,  # change in percentage points, half up from the exact difference
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
        "base_earlier": COUNT,
        "base": COUNT,
        "base_both": COUNT,
        "method": TEXT,
        "marker": TEXT,
    },
)
PUBLISHED_MODELS = Table(
    "published/survey_models",
    {
        "model": TEXT,
        "model_label": TEXT,
        "kind": TEXT,
        "variable": TEXT,
        "variable_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "reference_label": TEXT,
        "effect": NUMBER,  # odds ratio, or difference in units of the number
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "p": NUMBER,
        "p_variable": NUMBER,
        "base_unweighted": COUNT,
        "n": COUNT,
        "marker": TEXT,
    },
)
PUBLISHED_WEIGHTING_NOTES = Table(
    "published/weighting_notes",
    {"weight_set": TEXT, "weight_set_label": TEXT, "kind": TEXT, "text": TEXT, "respondents": COUNT, "marker": TEXT},
)
PUBLISHED_WEIGHT_DISTRIBUTION = Table(
    "published/weight_distribution",
    {
        "weight_set": TEXT,
        "weight_set_label": TEXT,
        "low": NUMBER,  # multiples of the mean weight, low included
        "high": NUMBER,
        "respondents": COUNT,
        "marker": TEXT,
    },
)
PUBLISHED_TESTS = Table(
    "published/survey_tests",
    {
        "question": TEXT,
        "question_label": TEXT,
        "option": TEXT,
        "option_label": TEXT,
        "break": TEXT,
        "break_label": TEXT,
        "grain": TEXT,
        "method": TEXT,
        "statistic": NUMBER,
        "df1": NUMBER,
        "df2": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
        "effect": NUMBER,
        "effect_low": NUMBER,
        "effect_high": NUMBER,
        "effect_name": TEXT,
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_PROFILE = Table(
    "published/sample_profile",
    {
        "variable": TEXT,
        "variable_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "base_unweighted": COUNT,
        "per_cent_unweighted": NUMBER,
        "per_cent_weighted": NUMBER,
        "per_cent_target": NUMBER,
        "target_source": TEXT,
        "target_grade": TEXT,
        "marker": TEXT,
    },
)
PUBLISHED_WEIGHTING = Table(
    "published/weighting",
    {"weight_set": TEXT, "weight_set_label": TEXT, "measure": TEXT, "value": NUMBER},
)
PUBLISHED_FLOW = Table("published/row_flow", FLOW.columns)
PUBLISHED_CLEANING = Table("published/cleaning_summary", {"step": TEXT, "reason": TEXT, "column": TEXT, "cells": COUNT})
PUBLISHED_RECONCILIATION = Table(
    "published/reconciliation",
    {
        "what": TEXT,
        "question": TEXT,
        "break": TEXT,
        "left_source": TEXT,
        "right_source": TEXT,
        "compared": COUNT,
        "agreeing": COUNT,
        "note": TEXT,
    },
)
PUBLISHED_THEMES = Table(
    "published/theme_counts",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "theme": TEXT,
        "theme_label": TEXT,
        "level": TEXT,
        "parent": TEXT,
        "by": TEXT,
        "by_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "unit": TEXT,
        "n": COUNT,
        "of": COUNT,
        "per_cent": NUMBER,  # missing where the base is too small for a per cent
        "marker": TEXT,
    },
)
PUBLISHED_AGREEMENT = Table(
    "published/agreement",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "unit": TEXT,
        "level": TEXT,
        "code": TEXT,
        "code_label": TEXT,
        "n_units": COUNT,
        "agreement": NUMBER,
        "kappa": NUMBER,
        "kappa_low": NUMBER,
        "kappa_high": NUMBER,
        "note": TEXT,
    },
)
PUBLISHED_JOINT_DISPLAY = Table(
    "published/joint_display",
    {
        "construct": TEXT,
        "label": TEXT,
        "strand": TEXT,
        "origin": TEXT,
        "origin_label": TEXT,
        "item": TEXT,
        "item_label": TEXT,
        "weight_set": TEXT,
        "per_cent": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "n": COUNT,
        "of": COUNT,
        "marker": TEXT,
        "fit": TEXT,
        "meta_inference": TEXT,
        "rationale": TEXT,
        "author": TEXT,
        "date": TEXT,
    },
)
PUBLISHED_SUPPRESSION = Table(
    "published/suppression_log",
    {"table": TEXT, "question": TEXT, "break": TEXT, "group": TEXT, "rule": TEXT, "cells": COUNT},
)
PUBLISHED = (
    PUBLISHED_ESTIMATES,
    PUBLISHED_NUMBERS,
    PUBLISHED_TESTS,
    PUBLISHED_CHANGES,
    PUBLISHED_MODELS,
    PUBLISHED_PROFILE,
    PUBLISHED_WEIGHTING,
    PUBLISHED_WEIGHTING_NOTES,
    PUBLISHED_WEIGHT_DISTRIBUTION,
    PUBLISHED_FLOW,
    PUBLISHED_CLEANING,
    PUBLISHED_RECONCILIATION,
    PUBLISHED_THEMES,
    PUBLISHED_AGREEMENT,
    PUBLISHED_JOINT_DISPLAY,
    PUBLISHED_SUPPRESSION,
)


# --- reading and writing -----------------------------------------------------------------------------------------------


def write_parquet(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table for the next rule; the file appears whole or not at all."""
    with whole_file(path) as part:
        frame.to_parquet(part, index=False, compression="zstd")


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table for people: UTF-8, LF, numbers in their shortest exact form, text that starts like a formula guarded.

    Numbers are whole or rounded before they come here; whole floats are written without a decimal point.
    """
    import pandas as pd

    shown = pd.DataFrame({column: _as_text(frame[column]) for column in frame.columns}, dtype="str")
    with whole_file(path) as part:
        shown.to_csv(part, index=False, encoding="utf-8", lineterminator="\n")


def write_json(value: object, path: str | Path) -> None:
    """Write plain values as indented JSON, keys in the order given."""
    with whole_file(path) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_csv(path: str | Path, table: Table) -> pd.DataFrame:
    """Read a published table back with its types."""
    import pandas as pd

    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    for column, kind in table.columns.items():
        if kind == TEXT:
            frame[column] = frame[column].map(_unguard)
        elif kind == FLAG:
            frame[column] = frame[column].map({"true": True, "false": False})
        else:
            frame[column] = pd.to_numeric(frame[column].mask(frame[column] == ""))
    return table.of(frame)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary neighbour to write to and rename it at the end.

    No half-written file ever bears a final name; on an error the neighbour is removed.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    part = final.with_name(f".part-{final.name}")
    try:
        yield part
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _as_text(column: pd.Series) -> list[str]:
    import pandas as pd

    if column.dtype == "boolean":
        return ["" if pd.isna(v) else str(bool(v)).lower() for v in column]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return ["" if pd.isna(v) else repr(int(v)) if float(v).is_integer() else repr(float(v)) for v in column]
    return [_guard(str(v)) for v in column]


def _guard(text: str) -> str:
    """Prefix an apostrophe where a spreadsheet would take the text for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(_FORMULA) else text
