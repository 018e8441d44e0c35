"""The columns of every table that passes between rules, in one place.

Tables are tidy. Text columns hold text (ids never become numbers); `""` is used for "no group" and the like, so that
keys never hold missing values; numbers may be missing where an estimate cannot be made, and then `note` says why.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

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
        import pandas as pd

        return pd.DataFrame({column: pd.Series(dtype=kind).array for column, kind in self.columns.items()})

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
        typed = {}
        for column, kind in self.columns.items():
            values = frame[column].array
            if kind == TEXT and values.isna().any():
                raise ValueError(f"table {self.name}: column {column} is text and holds missing values")
            # array by array: most tables are small, and to cast a frame costs pandas more than all else here
            typed[column] = values if values.dtype == kind else values.astype(kind)
        return pd.DataFrame(typed)

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

STAND_INS = Table("stand_ins", {"stand_in": TEXT, "respondent": TEXT})
"""Which respondent an id stands for, told by the stand-in of the id (`plait.study.identity`)."""

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
        "measure": TEXT,  # share, net, mean, median, lower_quartile and the like, total, ratio
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
        "smallest_base": COUNT,  # of all groups and crossings of groups in the model, those compared with included
        "smallest_cell": COUNT,  # logistic: with or without the outcome, the fewest of any of these
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
        "kind": TEXT,  # text, pdf, docx, audio, video, image
        "case": TEXT,
        "text_state": TEXT,  # present, absent, not_text
        "text_sha256": TEXT,
        "n_chars": COUNT,
        "n_words": COUNT,
    },
)
SOURCE_TEXTS = Table("source_texts", {"source": TEXT, "text": TEXT})
CASES = Table("cases", {"case": TEXT, "collection": TEXT, "origin_id": TEXT})
CASE_SPANS = Table("case_spans", {"case": TEXT, "source": TEXT, "start": COUNT, "end": COUNT})
"""What of a source is a case's own; no start and end where the whole source is."""
CASE_ATTRIBUTES = Table("case_attributes", {"case": TEXT, "attribute": TEXT, "value": TEXT})
TURNS = Table("turns", {"source": TEXT, "start": COUNT, "end": COUNT, "speaker": TEXT, "role": TEXT})
"""Who speaks where; role: interviewer, participant, other."""
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
CODE_SETS = Table("code_sets", {"collection": TEXT, "name": TEXT, "kind": TEXT, "member": TEXT})
"""Named groups of codes or sources that a tool holds beside its tree; kind: code, source."""
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
        "selection": TEXT,  # several codes put on one stretch by one act share it
        "collection": TEXT,
        "source": TEXT,
        "case": TEXT,
        "code": TEXT,
        "coder": TEXT,
        "start": COUNT,  # code points into the canonical text, end exclusive; missing when the whole source is meant
        "end": COUNT,
        "text": TEXT,
        "locator": TEXT,  # paragraph, page, line, row or time, as the tool says it
        "weight": NUMBER,  # how strongly the code applies, where coders say so
        "important": FLAG,
        "memo": TEXT,
        "created": TEXT,
        "origin_row": TEXT,
        "resolution": TEXT,  # how its place was found: exact, scored, text_match, none
        "status": TEXT,  # active, excluded, unresolved
        "reason": TEXT,
    },
)
CODE_COUNTS = Table("code_counts", {"collection": TEXT, "case": TEXT, "code": TEXT, "n": COUNT})
"""How often a code was given to a case, where a file holds counts and no segments."""
ANNOTATIONS = Table(
    "annotations",
    {"annotation": TEXT, "collection": TEXT, "source": TEXT, "start": COUNT, "end": COUNT, "text": TEXT, "memo": TEXT},
)
"""Stretches that were marked or commented without a code."""
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
        "n_unresolved": COUNT,
        "event": TEXT,
        "severity": TEXT,  # info, warning
        "message": TEXT,
    },
)

NEUTRAL = (
    SOURCES,
    SOURCE_TEXTS,
    TURNS,
    CASES,
    CASE_SPANS,
    CASE_ATTRIBUTES,
    CODES,
    CODE_SETS,
    CODERS,
    CODER_CODES,
    ASSIGNMENTS,
    SEGMENTS,
    CODE_COUNTS,
    ANNOTATIONS,
    IMPORT_LOG,
)

DECISIONS = Table(
    "decisions",
    {
        "row": COUNT,  # of the decision log
        "date": TEXT,
        "action": TEXT,
        "collection": TEXT,  # "" for every one
        "code": TEXT,
        "source": TEXT,  # as the log names it; "" for every one
        "into": TEXT,
        "why": TEXT,
        "who": TEXT,
        "segments_before": COUNT,  # counted segments that the decision was about, just before it
        "segments_changed": COUNT,  # have another code now
        "segments_added": COUNT,
        "segments_removed": COUNT,  # no longer counted
        "sources_touched": COUNT,
    },
)

QUOTES = Table(
    "quotes",
    {
        "quote": TEXT,
        "collection": TEXT,
        "case": TEXT,  # whose words they are; not published
        "theme": TEXT,
        "code": TEXT,
        "text": TEXT,
        "attribution": TEXT,
        "alike": COUNT,  # people whom the attribution fits
        "source_sha256": TEXT,  # of the text that start and end count in: the source's, or the extract's without one
        "start": COUNT,
        "end": COUNT,
    },
)

QUOTE_CANDIDATES = Table(
    "quote_candidates",
    {
        "collection": TEXT,
        "theme": TEXT,
        "code": TEXT,
        "rank": COUNT,
        "source": TEXT,
        "person": TEXT,
        "group": TEXT,  # of the first attribute that quotations are attributed with
        "words": COUNT,
        "important": FLAG,  # marked by a coder
        "quoted": COUNT,  # approved quotations of the same person
        "typicality": NUMBER,  # likeness to all that was said under the code, 0 to 1
        "text": TEXT,
    },
)

SCREENING = Table(
    "screening",
    {
        "where": TEXT,  # a table and its column
        "kind": TEXT,  # what was found, never the thing itself; "strings" where severity is screened
        "severity": TEXT,  # screened, warning, error
        "count": COUNT,
    },
)

THEMES = Table(
    "themes",
    {
        "collection": TEXT,
        "theme": TEXT,  # a theme or a code
        "level": TEXT,  # theme, code
        "by": TEXT,  # "" for everyone, or a case attribute
        "group": TEXT,
        "unit": TEXT,  # sources, cases, segments; characters and words where the places of segments are known
        "n": COUNT,  # missing where it cannot be known: segments of a theme of which only counts code by code are known
        "of": COUNT,  # missing for segments, which have no base
    },
)

COUNTING_NOTES = Table(
    "counting_notes",
    {
        "collection": TEXT,
        "kind": TEXT,  # nothing_coded, no_cases, silent_cases, no_case_of_its_own, shared, overlapping, covers_all
        "code": TEXT,  # "" where the note is not about one
        "n": COUNT,
        "of": COUNT,
        "text": TEXT,
    },
)

CASE_THEMES = Table(
    "case_themes",
    {
        "collection": TEXT,
        "case": TEXT,
        "theme": TEXT,
        "level": TEXT,
        "present": FLAG,
        "n_segments": COUNT,
        "coverage": NUMBER,  # share of the characters of the case's sources
    },
)

FRAMEWORK = Table(
    "framework",
    {
        "collection": TEXT,
        "theme": TEXT,
        "group_by": TEXT,  # case, or a case attribute
        "group": TEXT,  # a case, or a value of the attribute
        "n": COUNT,  # cases with the theme
        "of": COUNT,
        "summary": TEXT,  # the author's words; "" where the cell is not written
    },
)

COOCCURRENCE = Table(
    "cooccurrence",
    {
        "collection": TEXT,
        "level": TEXT,  # of both: theme, code
        "code_a": TEXT,  # before code_b in the codebook
        "code_b": TEXT,
        "unit": TEXT,  # segments, paragraphs or turns, sources, cases
        "relation": TEXT,  # of segments: exact, inclusion, overlap; together for any of these; near. "" for other units
        "n_a": COUNT,
        "n_b": COUNT,
        "n_both": COUNT,  # units with both; pairs of segments
        "n_units": COUNT,  # missing for segments
        "jaccard": NUMBER,
        "phi": NUMBER,
        "c": NUMBER,  # of segments that are together
        "note": TEXT,
    },
)

CASE_SIMILARITY = Table(
    "case_similarity",
    {
        "collection": TEXT,
        "case_a": TEXT,
        "case_b": TEXT,
        "n_codes": COUNT,  # used in the collection
        "n_both": COUNT,
        "n_either": COUNT,
        "jaccard": NUMBER,
        "simple_matching": NUMBER,
    },
)
CASE_TREE = Table(
    "case_tree",
    {
        "collection": TEXT,
        "step": COUNT,
        "left": TEXT,  # a cluster, called by its first case
        "right": TEXT,
        "distance": NUMBER,  # mean of 1 - Jaccard over the pairs of cases
        "n_cases": COUNT,  # of both together
    },
)

SATURATION_CURVE = Table(
    "saturation_curve",
    {
        "collection": TEXT,
        "n": COUNT,  # sources so far
        "codes_in_order": COUNT,
        "new": COUNT,
        "mean": NUMBER,  # over all orders, in closed form
        "low": NUMBER,  # 2.5 % and 97.5 % of random orders
        "high": NUMBER,
    },
)
SATURATION = Table(
    "saturation",
    {
        "collection": TEXT,
        "base": COUNT,  # sources
        "run": COUNT,  # sources
        "threshold": NUMBER,  # of new information, 0 to 1
        "codes_in_base": COUNT,
        "reached_at": COUNT,  # the last source before the run; missing where it is not reached
        "later_rise": COUNT,  # the last source before the first later run above the threshold; missing without one
        "share_of_orders": NUMBER,  # of random orders that reach it
        "median_of_orders": COUNT,  # of reached_at; missing where fewer than half reach it
        "note": TEXT,
    },
)
SATURATION_SUMMARY = Table(
    "saturation_summary",
    {
        "collection": TEXT,
        "unit": TEXT,  # sources; cases where only counts are known
        "n_units": COUNT,
        "n_codes": COUNT,
        "first_share": NUMBER,  # of the codes that the first source has
        "once": COUNT,  # codes found in one source only
        "chao2": NUMBER,
        "order": TEXT,  # the attribute that gives the order; "" for that of the file
        "orders": COUNT,  # random ones
        "note": TEXT,
    },
)

AGREEMENT = Table(
    "agreement",
    {
        "collection": TEXT,
        "coders": TEXT,  # pair, all (of three coders or more)
        "coder_a": TEXT,  # "" where all are compared
        "coder_b": TEXT,
        "unit": TEXT,  # source, paragraph, character
        "level": TEXT,  # code, all
        "code": TEXT,  # "" at level all
        "coefficient": TEXT,  # at level all the mean over the codes that vary; per cent: units alike on every code
        "value": NUMBER,
        "low": NUMBER,  # percentile bootstrap over texts
        "high": NUMBER,
        "n_units": COUNT,  # characters where they are the unit
        "n_sources": COUNT,
        "note": TEXT,
    },
)
AGREEMENT_COUNTS = Table(
    "agreement_counts",
    {
        "collection": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "unit": TEXT,
        "code": TEXT,
        "both": COUNT,
        "only_a": COUNT,
        "only_b": COUNT,
        "neither": COUNT,
        "prevalence": NUMBER,  # share of units with the code, mean of the two coders
    },
)

CODING_FILES = Table(
    "coding_files",
    {
        "collection": TEXT,  # "" where a file belongs to several
        "file": TEXT,
        "name": TEXT,  # without folder and ending
        "names_a_source": FLAG,  # the name is that of one of its texts, as of a coded document
        "reader": TEXT,
        "tool": TEXT,
        "offset_convention": TEXT,
        "n_in": COUNT,
        "n_active": COUNT,
        "n_excluded": COUNT,
        "n_unresolved": COUNT,
    },
)
CODING_NOTES = Table(
    "coding_notes",
    {
        "collection": TEXT,  # "" for every one, or several
        "kind": TEXT,  # left_out: codings by reason; caution: lines of the import log by event
        "what": TEXT,  # the reason, or the event; not the message, which may name sources
        "n": COUNT,
    },
)
CODING_STEPS = Table(
    "coding_steps",
    {
        "collection": TEXT,
        "step": TEXT,  # read, settled, chosen, decided; in this order
        "segments_in": COUNT,
        "segments_added": COUNT,
        "segments_removed": COUNT,
        "segments_out": COUNT,
    },
)
"""From the codings in the files to those that are counted; every step adds up and starts where the last ended."""
CODER_WORK = Table(
    "coder_work",
    {
        "collection": TEXT,
        "coder": TEXT,
        "role": TEXT,  # human, adjudicated
        "counted": FLAG,  # whose coding is counted
        "sources_assigned": COUNT,
        "sources_coded": COUNT,  # with a coding that counts as theirs
        "segments": COUNT,  # in the end: of the counted coder after all decisions
    },
)
ADJUDICATION = Table(
    "adjudication",
    {
        "collection": TEXT,
        "unit": TEXT,  # source, paragraph
        "n_units": COUNT,  # that two coders or more were asked to code
        "units_alike": COUNT,  # of these, without a disagreement on any code
        "agreed": COUNT,  # codes of units: given by all who were asked, two or more
        "alone": COUNT,  # given by the only coder who was asked
        "disputed": COUNT,  # given by some of them only
        "accepted": COUNT,  # disputed, and given in the settled coding
        "rejected": COUNT,
        "open": COUNT,  # disputed, in texts that the settled coding does not cover
        "overruled": COUNT,  # agreed on or given alone, and not given in the settled coding
        "added": COUNT,  # given by nobody before
        "settled": COUNT,  # agreed + alone - overruled + accepted + added, in the texts that it covers
    },
)
"""What coders agreed on and what was settled of the rest; the settled counts are missing where nothing was settled."""

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
        "interview_question": TEXT,
        "fit": TEXT,
        "meta_inference": TEXT,
        "rationale": TEXT,
        "author": TEXT,
        "date": TEXT,
    },
)

CLAIMS = Table(
    "claims",
    {
        "claim": TEXT,
        "number": COUNT,  # its place in the claim
        "sentence": TEXT,
        "construct": TEXT,
        "printed": TEXT,
        "stated": TEXT,  # the value that the printed text stands for, as written
        "rounding": TEXT,
        "tolerance": NUMBER,
        "table": TEXT,  # estimates, numbers, changes, themes, agreement
        "origin": TEXT,  # question or collection
        "item": TEXT,  # option, net, theme or code
        "measure": TEXT,  # of a number, or the coefficient of agreement
        "break": TEXT,
        "group": TEXT,
        "unit": TEXT,  # of themes and agreement
        "column": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "weight_set": TEXT,
        "grain": TEXT,
        "value": NUMBER,  # unrounded, as it is printed: shares in per cents
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "value_unweighted": NUMBER,
        "base": COUNT,
    },
)
ROBUSTNESS = Table(
    "robustness",
    {
        "claim": TEXT,
        "number": COUNT,
        "alternative": TEXT,  # "" for the number of the claim itself
        "kind": TEXT,
        "weight_set": TEXT,
        "value": NUMBER,  # unrounded; shares, also those of theme counts, in per cents
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "n": COUNT,  # of theme counts
        "base": COUNT,
        "difference": NUMBER,  # from the claim's own value
        "inside": FLAG,  # whether it lies in the claim's own interval; missing where there is none
        "note": TEXT,
    },
)
JOINED_PEOPLE = Table("joined_people", {"collection": TEXT, "case": TEXT, "respondent": TEXT})
"""The cases that are known to be respondents and agreed to be joined."""
JOINING = Table(
    "joining",
    {
        "collection": TEXT,
        "how": TEXT,  # people, groups
        "by": TEXT,  # groups: the case attribute
        "variable": TEXT,  # groups: the variable of the survey
        "cases": COUNT,  # whose words the counted coder was given
        "joined": COUNT,
        "no_consent": COUNT,  # people: left out first, whatever else is known of them
        "no_id": COUNT,  # people: with consent, but without an id
        "not_in_survey": COUNT,  # people: rows of the survey that cleaning leaves out
        "no_group": COUNT,  # groups: cases whose value is none of the joined ones
    },
)
"""How many cases were joined and why the others were not; every line adds up to its cases."""
STATISTICS_BY_THEME = Table(
    "statistics_by_theme",
    {
        "construct": TEXT,
        "label": TEXT,
        "collection": TEXT,
        "theme": TEXT,
        "question": TEXT,
        "option": TEXT,  # "" for a mean
        "measure": TEXT,  # share, net, mean
        "spoken": FLAG,  # of the people who speak of the theme, or of those who do not
        "value": NUMBER,  # share 0 to 1, or mean; never weighted
        "base": COUNT,  # joined people in the question's base
        "base_unjoined": COUNT,  # respondents in the question's base who are not joined
    },
)
STRANDS_BY_GROUP = Table(
    "strands_by_group",
    {
        "construct": TEXT,
        "label": TEXT,
        "variable": TEXT,
        "group": TEXT,
        "strand": TEXT,  # survey, coded_text
        "origin": TEXT,  # question or collection
        "item": TEXT,  # option, net or theme
        "by": TEXT,  # coded text: the case attribute; "" where all cases are of the group
        "values": TEXT,  # coded text: its values that make up the group, one a line
    },
)
"""What stands in which cell; the numbers are those of the published tables of each strand."""
QUOTE_MATRIX = Table(
    "quote_matrix",
    {"collection": TEXT, "theme": TEXT, "by": TEXT, "group": TEXT, "quote": TEXT},  # no quote: "", once a cell
)
CASE_LEVEL = Table(
    "case_level",
    {
        "collection": TEXT,
        "case": TEXT,
        "construct": TEXT,
        "label": TEXT,
        "strand": TEXT,
        "origin": TEXT,
        "item": TEXT,
        "value": COUNT,  # 1 chosen or spoken of, 0 not, missing where the question was not answered
    },
)
"""Survey answers and themes of each joined case: about single people."""
UNLINKED = Table("unlinked", {"strand": TEXT, "origin": TEXT, "item": TEXT})
"""What no construct speaks of: questions, options of multi-selects, and themes."""

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
        "measure": TEXT,  # mean, median, lower_quartile, upper_quartile, lower_decile, upper_decile, total, ratio
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
        "value_earlier": NUMBER,  # of a mean, in its own unit; it has no per cents
        "value": NUMBER,
        "difference": NUMBER,
        "ci_low": NUMBER,  # of the points, or of the difference
        "ci_high": NUMBER,
        "p": NUMBER,
        "p_adjusted": NUMBER,
        "base_earlier": COUNT,
        "base": COUNT,
        "base_both": COUNT,
        "method": TEXT,
        "marker": TEXT,
        "note": TEXT,
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
        "note": TEXT,
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
    {"weight_set": TEXT, "weight_set_label": TEXT, "measure": TEXT, "value": NUMBER, "marker": TEXT},
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
PUBLISHED_COUNTING_NOTES = Table(
    "published/counting_notes",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "kind": TEXT,
        "code": TEXT,
        "code_label": TEXT,
        "n": COUNT,
        "of": COUNT,
        "text": TEXT,
        "marker": TEXT,
    },
)
PUBLISHED_COOCCURRENCE = Table(
    "published/cooccurrence",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "level": TEXT,
        "code_a": TEXT,
        "code_a_label": TEXT,
        "code_b": TEXT,
        "code_b_label": TEXT,
        "unit": TEXT,
        "relation": TEXT,
        "n_a": COUNT,
        "n_b": COUNT,
        "n_both": COUNT,
        "n_units": COUNT,
        "jaccard": NUMBER,
        "phi": NUMBER,
        "c": NUMBER,
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_SATURATION_CURVE = Table(
    "published/saturation_curve",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "n": COUNT,
        "codes_in_order": COUNT,
        "new": COUNT,
        "mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
    },
)
PUBLISHED_SATURATION = Table(
    "published/saturation",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "base": COUNT,
        "run": COUNT,
        "threshold": NUMBER,  # whole per cent
        "codes_in_base": COUNT,
        "reached_at": COUNT,
        "later_rise": COUNT,
        "share_of_orders": NUMBER,  # whole per cent
        "median_of_orders": COUNT,
        "note": TEXT,
    },
)
PUBLISHED_SATURATION_SUMMARY = Table(
    "published/saturation_summary",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "unit": TEXT,
        "n_units": COUNT,
        "n_codes": COUNT,
        "first_share": NUMBER,  # whole per cent
        "once": COUNT,
        "chao2": NUMBER,
        "order": TEXT,
        "orders": COUNT,
        "note": TEXT,
    },
)
PUBLISHED_AGREEMENT = Table(
    "published/agreement",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "coders": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "unit": TEXT,
        "level": TEXT,
        "code": TEXT,
        "code_label": TEXT,
        "coefficient": TEXT,
        "value": NUMBER,  # per_cent: whole per cent; coefficients: two decimals
        "low": NUMBER,
        "high": NUMBER,
        "n_units": COUNT,
        "n_sources": COUNT,
        "note": TEXT,
    },
)
PUBLISHED_AGREEMENT_COUNTS = Table(
    "published/agreement_counts",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "unit": TEXT,
        "code": TEXT,
        "code_label": TEXT,
        "both": COUNT,
        "only_a": COUNT,
        "only_b": COUNT,
        "neither": COUNT,
        "prevalence": NUMBER,  # whole per cent
    },
)
PUBLISHED_CODING_SOURCES = Table(
    "published/coding_sources",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "file": TEXT,  # its name without folder and ending, or a number where the name may tell of somebody
        "reader": TEXT,
        "tool": TEXT,
        "offset_convention": TEXT,
        "codings_in": COUNT,
        "active": COUNT,
        "excluded": COUNT,
        "unresolved": COUNT,
    },
)
PUBLISHED_CODING_NOTES = Table(
    "published/coding_notes",
    {"collection": TEXT, "collection_label": TEXT, "kind": TEXT, "text": TEXT, "n": COUNT},
)
PUBLISHED_CODING_STEPS = Table(
    "published/coding_steps",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "step": TEXT,
        "segments_in": COUNT,
        "segments_added": COUNT,
        "segments_removed": COUNT,
        "segments_out": COUNT,
        "marker": TEXT,
    },
)
PUBLISHED_CODERS = Table(
    "published/coders",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "coder": TEXT,
        "role": TEXT,
        "counted": FLAG,
        "sources_assigned": COUNT,
        "sources_coded": COUNT,
        "segments": COUNT,
    },
)
PUBLISHED_ADJUDICATION = Table(
    "published/adjudication",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "unit": TEXT,
        "n_units": COUNT,
        "units_alike": COUNT,
        "per_cent_alike": NUMBER,  # whole per cent
        "agreed": COUNT,
        "alone": COUNT,
        "disputed": COUNT,
        "accepted": COUNT,
        "rejected": COUNT,
        "open": COUNT,
        "overruled": COUNT,
        "added": COUNT,
        "settled": COUNT,
    },
)
PUBLISHED_DECISIONS = Table(
    "published/decisions",
    {
        "number": COUNT,  # in the order in which they were applied
        "date": TEXT,
        "action": TEXT,
        "collection": TEXT,  # "" for every one
        "collection_label": TEXT,
        "code_label": TEXT,
        "into_labels": TEXT,
        "why": TEXT,
        "segments_before": COUNT,
        "segments_changed": COUNT,
        "segments_added": COUNT,
        "segments_removed": COUNT,
        "sources_touched": COUNT,
        "marker": TEXT,
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
        "note": TEXT,
        "interview_question": TEXT,
        "fit": TEXT,
        "meta_inference": TEXT,
        "rationale": TEXT,
        "author": TEXT,
        "date": TEXT,
    },
)
PUBLISHED_CLAIMS = Table(
    "published/claims",
    {
        "claim": TEXT,
        "number": COUNT,
        "sentence": TEXT,
        "construct": TEXT,
        "printed": TEXT,
        "rounding": TEXT,
        "tolerance": NUMBER,
        "table": TEXT,
        "cell": TEXT,  # in words
        "unit": TEXT,  # per_cent, points, number, count
        "value": NUMBER,  # as in the published table that it comes from
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "base": COUNT,
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_ROBUSTNESS = Table(
    "published/robustness",
    {
        "claim": TEXT,
        "number": COUNT,
        "printed": TEXT,
        "cell": TEXT,
        "alternative": TEXT,  # "" for the number of the claim itself
        "kind": TEXT,
        "unit": TEXT,  # per_cent, points, number; count where the base is too small for a per cent
        "value": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "base": COUNT,
        "difference": NUMBER,  # half up from the exact difference; points, where the values are per cents
        "inside": TEXT,  # inside or outside the claim's own interval; "" where there is none
        "marker": TEXT,
        "note": TEXT,
    },
)
PUBLISHED_JOINING = Table(
    "published/joining",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "how": TEXT,
        "by": TEXT,
        "by_label": TEXT,
        "variable": TEXT,
        "variable_label": TEXT,
        "cases": COUNT,
        "joined": COUNT,
        "no_consent": COUNT,
        "no_id": COUNT,
        "not_in_survey": COUNT,
        "no_group": COUNT,
        "marker": TEXT,
    },
)
PUBLISHED_STATISTICS_BY_THEME = Table(
    "published/statistics_by_theme",
    {
        "construct": TEXT,
        "label": TEXT,
        "collection": TEXT,
        "collection_label": TEXT,
        "theme": TEXT,
        "theme_label": TEXT,
        "question": TEXT,
        "question_label": TEXT,
        "option": TEXT,
        "option_label": TEXT,
        "measure": TEXT,
        "spoken": FLAG,
        "per_cent": NUMBER,  # whole per cent; missing for means
        "mean": NUMBER,
        "base": COUNT,
        "marker": TEXT,
    },
)
PUBLISHED_STRANDS_BY_GROUP = Table(
    "published/strands_by_group",
    {
        "construct": TEXT,
        "label": TEXT,
        "variable": TEXT,
        "variable_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
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
        "note": TEXT,
    },
)
PUBLISHED_QUOTE_MATRIX = Table(
    "published/quote_matrix",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "theme": TEXT,
        "theme_label": TEXT,
        "by": TEXT,
        "by_label": TEXT,
        "group": TEXT,
        "group_label": TEXT,
        "n": COUNT,
        "of": COUNT,
        "marker": TEXT,  # of the number
        "quote": TEXT,  # "" where nobody of the group is quoted
        "text": TEXT,
        "attribution": TEXT,
    },
)
PUBLISHED_CASE_LEVEL = Table(
    "published/case_level",
    {
        "collection": TEXT,
        "collection_label": TEXT,
        "number": COUNT,  # of the case, in no order that tells who it is
        "construct": TEXT,
        "label": TEXT,
        "strand": TEXT,
        "origin": TEXT,
        "origin_label": TEXT,
        "item": TEXT,
        "item_label": TEXT,
        "value": COUNT,
    },
)
"""Empty in every profile for release."""
PUBLISHED_UNLINKED = Table(
    "published/unlinked",
    {"strand": TEXT, "origin": TEXT, "origin_label": TEXT, "item": TEXT, "item_label": TEXT},
)
PUBLISHED_QUOTES = Table(
    "published/quotes",
    {"quote": TEXT, "collection": TEXT, "theme": TEXT, "theme_label": TEXT, "text": TEXT, "attribution": TEXT},
)
PUBLISHED_VARIABLES = Table(
    "published/survey_variables",
    {
        "variable": TEXT,
        "label": TEXT,
        "role": TEXT,
        "position": COUNT,
        "wording": TEXT,
        "type": TEXT,
        "values": TEXT,
        "missing": TEXT,
        "unit": TEXT,
        "base": TEXT,
        "made_from": TEXT,
    },
)
PUBLISHED_DICTIONARY = Table(
    "published/data_dictionary",
    {
        "table": TEXT,
        "table_title": TEXT,
        "column": TEXT,
        "type": TEXT,
        "description": TEXT,
        "values": TEXT,
        "unit": TEXT,
        "base": TEXT,
        "when_empty": TEXT,
        "made_from": TEXT,
    },
)
PUBLISHED_SCREENING = Table("published/screening", SCREENING.columns)
PUBLISHED_SUPPRESSION = Table(
    "published/suppression_log",
    {"table": TEXT, "question": TEXT, "break": TEXT, "group": TEXT, "rule": TEXT, "cells": COUNT},
)
PUBLISHED_AUDIT = Table(
    "published/attack_audit",
    {
        "table": TEXT,
        "question": TEXT,  # or collection and theme, as in the suppression log
        "break": TEXT,
        "groups_hidden": COUNT,
        "verdict": TEXT,
    },
)
PUBLISHED_RULES = Table(
    "published/disclosure_rules",
    {
        "profile": TEXT,
        "rule": TEXT,  # as the configuration calls it
        "topic": TEXT,
        "threshold": COUNT,
        "threshold_of_profile": COUNT,
        "loosened": FLAG,
        "words": TEXT,
        "mark": TEXT,  # what every output must say of the rules; "" where they are a profile's for release
    },
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
    PUBLISHED_COUNTING_NOTES,
    PUBLISHED_COOCCURRENCE,
    PUBLISHED_SATURATION_CURVE,
    PUBLISHED_SATURATION,
    PUBLISHED_SATURATION_SUMMARY,
    PUBLISHED_AGREEMENT,
    PUBLISHED_AGREEMENT_COUNTS,
    PUBLISHED_CODING_SOURCES,
    PUBLISHED_CODING_NOTES,
    PUBLISHED_CODING_STEPS,
    PUBLISHED_CODERS,
    PUBLISHED_ADJUDICATION,
    PUBLISHED_DECISIONS,
    PUBLISHED_JOINT_DISPLAY,
    PUBLISHED_JOINING,
    PUBLISHED_STATISTICS_BY_THEME,
    PUBLISHED_STRANDS_BY_GROUP,
    PUBLISHED_CASE_LEVEL,
    PUBLISHED_UNLINKED,
    PUBLISHED_QUOTES,
    PUBLISHED_QUOTE_MATRIX,
    PUBLISHED_VARIABLES,
    PUBLISHED_CLAIMS,
    PUBLISHED_ROBUSTNESS,
    PUBLISHED_DICTIONARY,
    PUBLISHED_SCREENING,
    PUBLISHED_SUPPRESSION,
    PUBLISHED_AUDIT,
    PUBLISHED_RULES,
)


# --- reading and writing -----------------------------------------------------------------------------------------------

MARK = "mark"
"""The column of a table for people that says in every row what outputs must say of the disclosure rules, if anything."""


def write_parquet(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table for the next rule; the file appears whole or not at all."""
    with whole_file(path) as part:
        frame.to_parquet(part, index=False, compression="zstd")


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table for people: UTF-8, LF, numbers in their shortest exact form, text that starts like a formula guarded.

    Numbers are whole or rounded before they come here; whole floats are written without a decimal point.
    """
    shown = [_as_text(frame[column]) for column in frame.columns]
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(_Lines(file), lineterminator="\r\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*shown, strict=True))


def write_json(value: object, path: str | Path) -> None:
    """Write plain values as indented JSON, keys in the order given."""
    with whole_file(path) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_csv(path: str | Path, table: Table) -> pd.DataFrame:
    """Read a published table back with its types; what every output must say of the rules is no part of it."""
    import pandas as pd

    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    if MARK not in table.columns:
        frame = frame.drop(columns=MARK, errors="ignore")
    read = {name: _from_text(cells, table.columns.get(str(name), TEXT)).array for name, cells in frame.items()}
    return table.of(pd.DataFrame(read))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, their cells by column."""
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in rows_of(frame, names)]


def rows_of(frame: pd.DataFrame, columns: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The cells of some columns, row by row; to walk along the columns themselves is many times slower."""
    return zip(*(frame[name].to_numpy(dtype=object).tolist() for name in columns), strict=True)


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


class _Lines:
    """Ends lines with LF for a writer that ends them with CR LF, which is how it comes to quote a text with a CR in it.

    An unquoted CR would start a new row in every reader, and what follows it a new cell that no guard has seen.
    """

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def write(self, line: str) -> None:
        self.file.write(line.removesuffix("\r\n") + "\n")


_FORMULA = re.compile(
    r"[\t\r\n\0]"  # a control character that some programs skip at the start of a cell
    r"|[\s\u200b-\u200f\u2060\ufeff\x01-\x1f\x7f]*[=+\-@\uff1d\uff0b\uff0d\uff20]"  # a sign, also full-width, after blanks
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _as_text(column: pd.Series) -> list[str]:
    import pandas as pd

    found, missing = column.to_numpy(dtype=object).tolist(), column.isna().tolist()
    if column.dtype == "boolean":
        return ["" if none else str(bool(v)).lower() for v, none in zip(found, missing, strict=True)]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return ["" if none else _shortest(v) for v, none in zip(found, missing, strict=True)]
    return [_guard(str(v)) for v in found]


def _shortest(number: float) -> str:
    return repr(int(number)) if float(number).is_integer() else repr(float(number))


def _from_text(cells: pd.Series, kind: str) -> pd.Series:
    import pandas as pd

    if kind == TEXT and not cells.str.startswith("'").any():
        return cells
    found = cells.to_numpy(dtype=object).tolist()
    if kind == TEXT:
        return pd.Series([_unguard(cell) for cell in found], dtype="str")
    if kind == FLAG:
        return pd.Series([{"true": True, "false": False}.get(cell) for cell in found], dtype="boolean")
    return pd.to_numeric(pd.Series([cell or None for cell in found], dtype="object"))


def _guard(text: str) -> str:
    """Prefix an apostrophe where a spreadsheet would take the text for a formula; a number is none.

    A text that has such an apostrophe of its own gets another, so that `_unguard` gives back every text as it was.
    """
    return f"'{text}" if _acts(text.lstrip("'")) else text


def _unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and _acts(text.lstrip("'")) else text


def _acts(text: str) -> bool:
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)
