"""An invented study about school libraries: its definition and the published tables a gate would have let through.

No respondent stands behind the numbers; they are written so that they tell a story (leaders say that they value the
library, staff feel it less) and so that every special case of a published table occurs once: a suppressed group (special
schools), an unreliable one (all-through schools), an option outside the scale, a question known only from a vendor's
breakdown table, theme counts too small for a per cent, and one that was suppressed.
"""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from typing import Any

import pandas as pd

from plait import tables
from plait.descriptions import short_name
from plait.disclosure.dictionary import data_dictionary, survey_variables
from plait.disclosure.rules import PROFILES, rules_table
from plait.report.published import Published
from plait.rounding import round_half_up
from plait.study.definition import Definition

WEIGHTS = "teachers"
NAN = float("nan")
SIZES = {
    "": {"": 1842},
    "phase": {"primary": 690, "secondary": 1071, "all_through": 64, "special": 17},
    "role": {"classroom": 1102, "middle": 512, "senior": 228},
}
"""Unweighted bases."""
SHARES: dict[str, dict[str, float]] = {
    "uses": {
        "pleasure": 68.2,
        "quiet": 54.4,
        "judge": 41.1,
        "clubs": 33.0,
        "tutoring": 21.6,
        "storing": 8.7,
        "none": 0.4,
    },
    "valued": {
        "strongly_disagree": 8.3,
        "disagree": 19.4,
        "neither": 17.2,
        "agree": 33.8,
        "strongly_agree": 16.9,
        "not_relevant": 4.4,
    },
    "money": {"budget": 46.3, "parents": 22.8, "trust": 17.1, "grants": 8.9, "nothing": 4.9},
    "stock": {"weekly": 12.2, "termly": 38.9, "yearly": 34.6, "never": 14.3},
}
NETS = {
    "valued": {"any_agree": ("agree", "strongly_agree"), "any_disagree": ("strongly_disagree", "disagree")},
}
TILT = {"primary": 6.0, "secondary": -5.0, "all_through": 2.0, "special": 0.0, "classroom": -8.0, "middle": 1.0} | {
    "senior": 21.0
}
"""How far a group's answers lie from everyone's, in points, on options whose order number is even."""
LETTERS = {"classroom": ("A", ""), "middle": ("B", ""), "senior": ("C", "AB")}
"""Column letters of the roles, and which roles each is higher than."""
THEMES = {
    "calm": ("A calm place to be", ("refuge", "homework_space")),
    "culture": ("Reading culture", ("choice", "adults_read")),
    "staffing": ("Staff and time", ("no_librarian", "timetable")),
    "stock_money": ("Money and stock", ("old_books", "parents_pay")),
    "leadership": ("Backing from leaders", ("words_not_deeds",)),
}
CODES = {
    "refuge": "A refuge at break",
    "homework_space": "Somewhere to do homework",
    "choice": "Pupils choose what they read",
    "adults_read": "Adults seen reading",
    "no_librarian": "No trained librarian",
    "timetable": "Library lessons dropped from the timetable",
    "old_books": "Books out of date",
    "parents_pay": "Parents pay for books",
    "words_not_deeds": "Words but no deeds",
}
COUNTS = {
    "open_answers": {"calm": 88, "culture": 61, "staffing": 97, "stock_money": 54, "leadership": 23}
    | {"refuge": 59, "homework_space": 34, "choice": 41, "adults_read": 22, "no_librarian": 71, "timetable": 30}
    | {"old_books": 37, "parents_pay": 19, "words_not_deeds": 23},
    "interviews": {"calm": 9, "culture": 11, "staffing": 12, "stock_money": 6, "leadership": 10}
    | {"refuge": 7, "homework_space": 5, "choice": 8, "adults_read": 6, "no_librarian": 10, "timetable": 7}
    | {"old_books": 4, "parents_pay": 3, "words_not_deeds": 10},
}
ASKED = {"backing": "What do your leaders do for the library?"}
"""The question of the interviews that a construct's survey result led to."""
UNITS = {"open_answers": ("sources", 214), "interviews": ("cases", 14)}


def make_definition() -> Definition:
    """The study definition."""
    return Definition.model_validate(
        {
            "study": "school-libraries",
            "title": "What school libraries are for",
            "research_question": "What are school libraries used for, and do schools back them?",
            "simulated": True,
            "about": _about(),
            "survey": _survey(),
            "coded_text": _coded_text(),
            "linking": "linking.csv",
            "claims": "claims.yaml",
            "robustness": _alternatives(),
            "joining": _joining_defined(),
        }
    )


def make_published() -> Published:
    """The published tables of the study, which may be changed."""
    made = _made()
    return Published(**{field.name: getattr(made, field.name).copy() for field in fields(made)})


@cache
def _made() -> Published:
    return Published(
        survey_estimates=tables.PUBLISHED_ESTIMATES.of(_estimates()),
        survey_numbers=tables.PUBLISHED_NUMBERS.of(_numbers()),
        survey_tests=tables.PUBLISHED_TESTS.of(_tests()),
        survey_changes=tables.PUBLISHED_CHANGES.of(_changes()),
        survey_models=tables.PUBLISHED_MODELS.of(_models()),
        sample_profile=tables.PUBLISHED_PROFILE.of(_profile()),
        weighting=tables.PUBLISHED_WEIGHTING.of(_weighting()),
        weighting_notes=tables.PUBLISHED_WEIGHTING_NOTES.of(_weighting_notes()),
        weight_distribution=tables.PUBLISHED_WEIGHT_DISTRIBUTION.of(_weight_distribution()),
        row_flow=tables.PUBLISHED_FLOW.of(_row_flow()),
        cleaning_summary=tables.PUBLISHED_CLEANING.of(_cleaning()),
        reconciliation=tables.PUBLISHED_RECONCILIATION.of(_reconciliation()),
        theme_counts=tables.PUBLISHED_THEMES.of(_theme_counts()),
        counting_notes=tables.PUBLISHED_COUNTING_NOTES.of(_counting_notes()),
        cooccurrence=tables.PUBLISHED_COOCCURRENCE.of(pd.DataFrame(_cooccurrence())),
        saturation_curve=tables.PUBLISHED_SATURATION_CURVE.of(_saturation_curve()),
        saturation=tables.PUBLISHED_SATURATION.of(pd.DataFrame(_saturation())),
        saturation_summary=tables.PUBLISHED_SATURATION_SUMMARY.of(_saturation_summary()),
        agreement=tables.PUBLISHED_AGREEMENT.of(_agreement()),
        agreement_counts=tables.PUBLISHED_AGREEMENT_COUNTS.of(_agreement_counts()),
        coding_sources=tables.PUBLISHED_CODING_SOURCES.of(pd.DataFrame(_coding_sources())),
        coding_notes=tables.PUBLISHED_CODING_NOTES.of(_coding_notes()),
        coding_steps=tables.PUBLISHED_CODING_STEPS.of(pd.DataFrame(_coding_steps())),
        coders=tables.PUBLISHED_CODERS.of(_coders()),
        adjudication=tables.PUBLISHED_ADJUDICATION.of(pd.DataFrame(_adjudication())),
        decisions=tables.PUBLISHED_DECISIONS.of(pd.DataFrame(_decisions())),
        joint_display=tables.PUBLISHED_JOINT_DISPLAY.of(_joint_display()),
        joining=tables.PUBLISHED_JOINING.of(pd.DataFrame(_joining())),
        statistics_by_theme=tables.PUBLISHED_STATISTICS_BY_THEME.of(_statistics_by_theme()),
        strands_by_group=tables.PUBLISHED_STRANDS_BY_GROUP.of(_strands_by_group()),
        case_level=tables.PUBLISHED_CASE_LEVEL.empty(),
        unlinked=tables.PUBLISHED_UNLINKED.of(_unlinked()),
        quotes=tables.PUBLISHED_QUOTES.of(_quotes()),
        claims=tables.PUBLISHED_CLAIMS.of(_claims()),
        robustness=tables.PUBLISHED_ROBUSTNESS.of(pd.DataFrame(_robustness())),
        quote_matrix=tables.PUBLISHED_QUOTE_MATRIX.of(_quote_matrix()),
        survey_variables=survey_variables(make_definition().survey),
        data_dictionary=data_dictionary(),
        screening=tables.PUBLISHED_SCREENING.of(_screening()),
        suppression_log=tables.PUBLISHED_SUPPRESSION.of(_suppression()),
        attack_audit=tables.PUBLISHED_AUDIT.of(pd.DataFrame(_audit())),
        disclosure_rules=rules_table(PROFILES["public"]),
    )


def empty_published() -> Published:
    """Published tables without a row, as of a study whose every number was withheld."""
    return Published(**{short_name(t): t.empty() for t in tables.PUBLISHED})


# --- definition -------------------------------------------------------------------------------------------------------


def _alternatives() -> list[dict[str, Any]]:
    return [
        {"label": "Without weights", "kind": "unweighted"},
        {"label": "Without those who use it for nothing", "kind": "base", "left_out": {"uses": "none"}},
        {"label": "Coded by another coder", "kind": "without_coder", "collection": "interviews", "coder": "AB"},
    ]


def _about() -> dict[str, Any]:
    return {
        "commissioned_by": "The Library Fund",
        "conducted_by": "The School Reading Group",
        "population": "Teachers in state-funded schools in England",
        "sample": "Daily panel of volunteers; the school cannot be chosen by the sender",
        "mode": "Mobile app; interviews by telephone",
        "fieldwork": {"start": "2025-03-03", "end": "2025-03-14"},
        "design": "Convergent: both strands at the same time and with equal weight, merged in a joint display",
        "contact": "library-study@example.org",
        "limitations": ["Volunteers may care more about libraries than other teachers do."],
    }


def _survey() -> dict[str, Any]:
    return {
        "respondent_id": "id",
        "exports": {"panel": {"file": "panel.csv", "label": "Panel survey"}},
        "profile": {
            "phase": {
                "label": "Phase",
                "column": "phase",
                "options": {
                    "primary": "Primary",
                    "secondary": "Secondary",
                    "all_through": "All-through",
                    "special": "Special",
                },
            },
            "role": {
                "label": "Role",
                "column": "role",
                "options": {"classroom": "Classroom teacher", "middle": "Middle leader", "senior": "Senior leader"},
            },
        },
        "scales": {
            "agreement": {
                "options": {
                    "strongly_disagree": "Strongly disagree",
                    "disagree": "Disagree",
                    "neither": "Neither agree nor disagree",
                    "agree": "Agree",
                    "strongly_agree": "Strongly agree",
                    "not_relevant": {
                        "label": "Not relevant / cannot answer",
                        "no_answer": "not_applicable",
                        "in_base": True,
                    },
                },
                "nets": {
                    "any_agree": {"label": "Agree or strongly agree", "of": ["agree", "strongly_agree"]},
                    "any_disagree": {"label": "Disagree or strongly disagree", "of": ["strongly_disagree", "disagree"]},
                },
            }
        },
        "questions": _questions(),
        "breaks": ["phase", "role"],
        "weighting": {"targets": "targets.csv"},
        "models": {
            "pleasure": {"label": "Who reads for pleasure there", "outcome": "uses:pleasure", "predictors": ["role"]}
        },
    }


def _questions() -> dict[str, Any]:
    return {
        "uses": {
            "label": "Uses of the library",
            "text": "What do you use your school library for? Tick all that apply.",
            "type": "multi",
            "column": "q1",
            "options": {
                "pleasure": "Reading for pleasure",
                "quiet": "A quiet place for homework and revision",
                "judge": "Teaching pupils to find information and to judge whether it can be trusted",
                "clubs": "Clubs and author visits",
                "tutoring": "Tutoring",
                "storing": "Storing resources",
                "none": {"label": "None of these", "exclusive": True},
                "no_library": {"label": "We have no library", "no_answer": "not_applicable"},
            },
            "compare_by": "phase",
        },
        "valued": {
            "label": "Leaders value the library",
            "text": "How far do you agree that senior leaders in your school value the library?",
            "column": "q2",
            "scale": "agreement",
            "compare_by": "role",
        },
        "money": {
            "label": "Main source of money for books",
            "text": "Where does most of the money for new library books come from?",
            "column": "q3",
            "options": {
                "budget": "School budget",
                "parents": "Parents\u2019 association",
                "trust": "Trust or local authority",
                "grants": "Grants and prizes",
                "nothing": "No money for books this year",
            },
        },
        "stock": {
            "label": "New books arrive",
            "text": "How often do new books arrive in your library?",
            "options": {"weekly": "Weekly", "termly": "Each term", "yearly": "Each year", "never": "Never"},
            "compare_by": "phase",
        },
        "hours": {
            "label": "Hours the library is open",
            "text": "For how many hours a week is your library open?",
            "type": "number",
            "column": "q5",
            "unit": "hours a week",
            "compare_by": "phase",
        },
    }


def _coded_text() -> dict[str, Any]:
    return {
        "codebook": "codebook.csv",
        "collections": {
            "open_answers": {
                "label": "Open answers",
                "mode": "open_text",
                "cases": "respondents",
                "count_from": "agreed",
                "breaks": {"phase": "Phase"},
                "format": "sheets",
                "sheets": [
                    {"file": "a.csv", "coder": "AB"},
                    {"file": "b.csv", "coder": "CD"},
                    {"file": "agreed.csv", "coder": "agreed", "adjudicated": True},
                ],
                "id_column": "id",
                "text_column": "answer",
            },
            "interviews": {
                "label": "Interviews",
                "mode": "interview",
                "cases": "librarians and teachers",
                "count_from": "AB",
                "format": "tool",
                "files": "interviews.qdpx",
            },
        },
    }


# --- survey tables ----------------------------------------------------------------------------------------------------


def _estimates() -> list[dict[str, object]]:
    definition = make_definition()
    rows = []
    for question in SHARES:
        for by, sizes in SIZES.items():
            for group, base in sizes.items():
                rows += _cells(definition, question, by, group, base)
    return rows


def _cells(definition: Definition, question: str, by: str, group: str, base: int) -> list[dict[str, object]]:
    survey = definition.survey
    assert survey is not None
    shares = _tilted(question, group)
    options = survey.options_of(question)
    cells = [(k, options[k].label, "share", v) for k, v in shares.items()]
    for net, parts in NETS.get(question, {}).items():
        cells.append((net, survey.nets_of(question)[net].label, "net", sum(shares[p] for p in parts)))
    heading = {
        "question": question,
        "question_label": survey.label_of(question),
        "break": by,
        "break_label": survey.label_of(by) if by else "Everyone",
        "group": group,
        "group_label": survey.groups_of(by)[group] if by else "Everyone",
        "grain": "respondent" if survey.questions[question].in_exports else "breakdown",
    }
    heading["weight_set"] = WEIGHTS if heading["grain"] == "respondent" else ""
    letter, higher = LETTERS.get(group, ("", "")) if question == "valued" and by == "role" else ("", "")
    heading |= {"letter": letter, "higher_than": higher}
    return [
        heading | {"option": o, "option_label": label, "measure": measure} | _published(share, base)
        for o, label, measure, share in cells
    ]


def _tilted(question: str, group: str) -> dict[str, float]:
    tilt = TILT.get(group, 0.0)
    shares = SHARES[question]
    if question == "uses":
        return {k: v + tilt * (0.1 if i % 2 else 1.0) if v > 1 else v for i, (k, v) in enumerate(shares.items())}
    middle = len(shares) / 2
    moved = {k: max(v * (1 + tilt / 50 * (1 if i >= middle else -1)), 0.3) for i, (k, v) in enumerate(shares.items())}
    return {k: 100 * v / sum(moved.values()) for k, v in moved.items()}


def _published(share: float, base: int) -> dict[str, object]:
    if base < 30:
        withheld = dict.fromkeys(("per_cent", "ci_low", "ci_high", "per_cent_unweighted"), NAN)
        bases = {"base_unweighted": pd.NA, "base_weighted": NAN, "base_effective": NAN}
        return withheld | bases | {"method": "", "marker": "c", "note": "base below 30"}
    effective = base / 1.31
    half = 196 * math.sqrt(share / 100 * (1 - share / 100) / effective)
    per_cent = round_half_up(share)
    return {
        "per_cent": per_cent,
        "ci_low": round_half_up(max(share - half, 0)),
        "ci_high": round_half_up(min(share + half, 100)),
        "per_cent_unweighted": round_half_up(min(share * 1.03, 100)),
        "base_unweighted": base,
        "base_weighted": float(base + 3),
        "base_effective": round_half_up(effective),
        "method": "logit",
        "marker": "low" if per_cent == 0 else "u" if base < 100 else "",
        "note": "",
    }


def _numbers() -> list[dict[str, object]]:
    """The mean and the median of the hours, withheld where the base is small."""
    survey = make_definition().survey
    assert survey is not None
    rows: list[dict[str, object]] = []
    for measure, typical in (("mean", 21.4), ("median", 20.0)):
        for by, group, base in [("", "", 1842), *(("phase", g, n) for g, n in SIZES["phase"].items())]:
            hidden = base < 30
            value = round_half_up(typical + TILT.get(group, 0.0) / 4, 1)
            rows.append(
                {
                    "question": "hours",
                    "question_label": survey.label_of("hours"),
                    "unit": "hours a week",
                    "measure": measure,
                    "break": by,
                    "break_label": "Phase" if by else "Everyone",
                    "group": group,
                    "group_label": survey.groups_of(by)[group] if by else "Everyone",
                    "weight_set": WEIGHTS,
                    "value": NAN if hidden else value,
                    "ci_low": NAN if hidden else value - 0.8,
                    "ci_high": NAN if hidden else value + 0.9,
                    "value_unweighted": NAN if hidden else value + 0.3,
                    "base_unweighted": pd.NA if hidden else base,
                    "base_weighted": NAN if hidden else float(base + 3),
                    "base_effective": NAN if hidden else round_half_up(base / 1.31),
                    "method": "wald_t" if measure == "mean" else "woodruff",
                    "marker": "c" if hidden else "u" if base < 100 else "",
                    "note": "",
                }
            )
    return rows


def _changes() -> list[dict[str, object]]:
    survey = make_definition().survey
    assert survey is not None
    return [
        {
            "question": "money",
            "question_label": survey.label_of("money"),
            "option": option,
            "option_label": survey.options_of("money")[option].label,
            "measure": "share",
            "earlier": "stock",
            "earlier_label": "Panel survey a year before",
            "per_cent_earlier": round_half_up(share - points),
            "per_cent": round_half_up(share),
            "points": round_half_up(points),
            "value_earlier": NAN,
            "value": NAN,
            "difference": NAN,
            "ci_low": round_half_up(points - 2.2),
            "ci_high": round_half_up(points + 2.2),
            "p": p,
            "p_adjusted": min(5 * p, 1.0),
            "base_earlier": 1790,
            "base": 1842,
            "base_both": 611,
            "method": "design_t",
            "marker": "",
            "note": "",
        }
        for (option, share), points, p in zip(
            SHARES["money"].items(), (-6.1, 3.2, 0.4, 1.9, 0.6), (0.0001, 0.004, 0.7, 0.09, 0.3), strict=True
        )
    ]


def _models() -> list[dict[str, object]]:
    common = {"model": "pleasure", "model_label": "Who reads for pleasure there", "kind": "logistic", "n": 1842}
    rows = [
        ("", "Intercept", "", "", "", 1.9, 0.00001, NAN, 1842),
        ("role", "Role", "middle", "Middle leader", "Classroom teacher", 1.31, 0.031, 0.0004, 512),
        ("role", "Role", "senior", "Senior leader", "Classroom teacher", 2.04, 0.0002, 0.0004, 228),
    ]
    names = ("variable", "variable_label", "group", "group_label", "reference_label", "effect", "p", "p_variable")
    return [
        common
        | dict(zip((*names, "base_unweighted"), row, strict=True))
        | {
            "ci_low": round_half_up(row[5] * 0.8, 2),
            "ci_high": round_half_up(row[5] * 1.25, 2),
            "marker": "",
            "note": "",
        }
        for row in rows
    ]


def _weighting_notes() -> list[dict[str, object]]:
    label = "Teachers in state-funded schools"
    notes = (
        ("method", "Raking to Phase.", pd.NA, ""),
        ("without_weight", "No weight: outside the population that the targets describe.", 61, ""),
        ("trimmed", "Weights above 5 times the mean were cut.", pd.NA, "c"),
    )
    return [
        {
            "weight_set": WEIGHTS,
            "weight_set_label": label,
            "kind": kind,
            "text": text,
            "respondents": n,
            "marker": marker,
        }
        for kind, text, n, marker in notes
    ]


def _weight_distribution() -> list[dict[str, object]]:
    classes = ((0.25, 0.5, 61), (0.5, 1.0, 1012), (1.0, 1.5, 540), (1.5, 2.0, 171), (2.0, 3.0, 58))
    label = "Teachers in state-funded schools"
    return [
        {"weight_set": WEIGHTS, "weight_set_label": label, "low": low, "high": high, "respondents": n, "marker": ""}
        for low, high, n in classes
    ]


def _tests() -> list[dict[str, object]]:
    definition = make_definition()
    survey = definition.survey
    assert survey is not None
    return [
        {
            "question": question,
            "question_label": survey.label_of(question),
            "option": option,
            "option_label": survey.options_of(question)[option].label if option else "All answers",
            "break": by,
            "break_label": survey.label_of(by),
            "grain": "respondent",
            "method": "Rao-Scott chi-squared",
            "statistic": 9.41 if p < 0.05 else 1.02,
            "df1": 1.9,
            "df2": 3487.0,
            "p": p,
            "p_adjusted": min(4 * p, 1.0),
            "effect": 0.11 if p < 0.05 else 0.02,
            "effect_low": 0.04 if p < 0.05 else 0.0,
            "effect_high": 0.18 if p < 0.05 else 0.09,
            "effect_name": "Cram\u00e9r\u2019s V",
            "marker": "",
            "note": "",
        }
        for question, option, by, p in (
            ("uses", "pleasure", "phase", 0.0001),
            ("uses", "clubs", "phase", 0.36),
            ("valued", "", "phase", 0.21),
            ("valued", "", "role", 0.00003),
            ("money", "", "phase", 0.012),
        )
    ]


def _profile() -> list[dict[str, object]]:
    survey = make_definition().survey
    assert survey is not None
    targets = {"primary": 43.0, "secondary": 52.0, "all_through": 3.0, "special": 2.0}
    rows: list[dict[str, object]] = []
    for variable in ("phase", "role"):
        for group, label in survey.groups_of(variable).items():
            base = SIZES[variable][group]
            hidden = base < 30
            unweighted = round_half_up(100 * base / SIZES[""][""])
            target = targets.get(group, NAN) if not hidden else NAN
            rows.append(
                {
                    "variable": variable,
                    "variable_label": survey.label_of(variable),
                    "group": group,
                    "group_label": label,
                    "base_unweighted": pd.NA if hidden else base,
                    "per_cent_unweighted": NAN if hidden else unweighted,
                    "per_cent_weighted": NAN if hidden else (target if variable == "phase" else unweighted - 1),
                    "per_cent_target": target,
                    "target_source": "School Workforce Census 2024" if variable == "phase" else "",
                    "target_grade": "official" if variable == "phase" else "",
                    "marker": "c" if hidden else "u" if base < 100 else "",
                }
            )
    return rows


def _weighting() -> list[dict[str, object]]:
    values = {
        "respondents": 1842,
        "effective_n": 1406,
        "design_effect": 1.31,
        "smallest_weight": 0.42,
        "largest_weight": 2.87,
        "iterations": 6,
    }
    row = {"weight_set": WEIGHTS, "weight_set_label": "Teachers in state-funded schools"}
    shown = [row | {"measure": m, "value": float(v), "marker": ""} for m, v in values.items()]
    return [*shown, row | {"measure": "trimmed", "value": math.nan, "marker": "c"}]


def _row_flow() -> list[dict[str, object]]:
    steps = (
        ("read", "rows in the file", 1903, 0),
        ("exclude", "test entries", 1903, 12),
        ("exclude", "no consent", 1891, 31),
        ("deduplicate", "later answer of the same respondent", 1860, 18),
    )
    return [
        {"file": "panel.csv", "step": s, "reason": r, "rows_in": i, "rows_dropped": d, "rows_out": i - d}
        for s, r, i, d in steps
    ]


def _cleaning() -> list[dict[str, object]]:
    steps = (("trim", "spaces around an answer", "q1", 214), ("map", "older wording of an option", "q2", 37))
    return [{"step": s, "reason": r, "column": c, "cells": n} for s, r, c, n in steps]


def _reconciliation() -> list[dict[str, object]]:
    return [
        {
            "what": "base",
            "question": "stock",
            "break": by,
            "left_source": "responders.csv",
            "right_source": "counts.csv",
            "compared": compared,
            "agreeing": agreeing,
            "note": "" if compared == agreeing else "two groups were counted a day later",
        }
        for by, compared, agreeing in (("phase", 4, 4), ("role", 3, 1))
    ]


# --- coded text -------------------------------------------------------------------------------------------------------


def _theme_counts() -> list[dict[str, object]]:
    rows = []
    for collection, (unit, of) in UNITS.items():
        rows += [_theme_row(collection, item, "", "", unit, n, of) for item, n in COUNTS[collection].items()]
        segments = 3 * sum(COUNTS[collection].values())
        rows += [
            _theme_row(collection, item, "", "", "segments", 3 * n, segments) for item, n in COUNTS[collection].items()
        ]
    for unit, of, a_segment in (("characters", 61_480, 310), ("words", 10_950, 55)):
        rows += [
            _theme_row("interviews", item, "", "", unit, a_segment * n, of) for item, n in COUNTS["interviews"].items()
        ]
    for theme in THEMES:
        for group, of, share in (("primary", 81, 0.36), ("secondary", 126, 0.45), ("special", 7, 0.43)):
            n = round(share * of * COUNTS["open_answers"][theme] / 88)
            rows.append(_theme_row("open_answers", theme, "phase", group, "sources", n, of))
    return rows


def _theme_row(collection: str, item: str, by: str, group: str, unit: str, n: int, of: int) -> dict[str, object]:
    parent = next((t for t, (_, codes) in THEMES.items() if item in codes), "")
    hidden = by != "" and of < 10
    definition = make_definition()
    survey, coded = definition.survey, definition.coded_text
    assert survey is not None and coded is not None
    return {
        "collection": collection,
        "collection_label": coded.collections[collection].label,
        "theme": item,
        "theme_label": THEMES[item][0] if item in THEMES else CODES[item],
        "level": "code" if parent else "theme",
        "parent": parent,
        "by": by,
        "by_label": survey.label_of(by) if by else "Everyone",
        "group": group,
        "group_label": survey.groups_of(by)[group] if by else "Everyone",
        "unit": unit,
        "n": pd.NA if hidden else n,
        "of": pd.NA if hidden else of,
        "per_cent": NAN if hidden or of < 30 or unit == "segments" else round_half_up(100 * n / of),
        "marker": "c" if hidden else "",
    }


def _counting_notes() -> list[dict[str, object]]:
    row = {"collection": "interviews", "collection_label": "Interviews"}
    silent = {"kind": "silent_cases", "code": "", "code_label": "", "n": pd.NA, "of": 14, "marker": "c"}
    whole = {"kind": "covers_all", "code": "refuge", "code_label": CODES["refuge"], "n": 3, "of": 7, "marker": ""}
    return [
        row | silent | {"text": "Cases without a coded segment."},
        row | whole | {"text": "A code that covers more than 90% of a text."},
    ]


def _cooccurrence() -> list[dict[str, object]]:
    """Pairs of themes in people and in segments, one of them withheld; a pair of codes."""
    pairs = (
        ("interviews", "calm", "culture", "cases", 14, 8, 0.67, 0.39, ""),
        ("interviews", "culture", "staffing", "cases", 14, 9, 0.64, -0.21, ""),
        ("interviews", "calm", "stock_money", "cases", 14, pd.NA, NAN, NAN, "c"),
        ("interviews", "refuge", "choice", "cases", 14, 5, 0.5, 0.29, ""),
        ("interviews", "choice", "old_books", "cases", 14, 3, 0.33, 0.49, ""),
        ("open_answers", "calm", "culture", "sources", 214, 31, 0.26, 0.12, ""),
    )
    rows = [_pair(*pair) for pair in pairs]
    for relation, n in (("overlap", 2), ("together", 4), ("inclusion", 2)):
        c = round_half_up(4 / 23, 2) if relation == "together" else NAN
        meeting = _pair("interviews", "calm", "culture", "segments", pd.NA, n, NAN, NAN, "")
        rows.append(meeting | {"relation": relation, "n_a": 12, "n_b": 15, "c": c})
    return rows


def _pair(
    collection: str, a: str, b: str, unit: str, of: object, n: object, jaccard: float, phi: float, marker: str
) -> dict[str, object]:
    one, other = (_theme_row(collection, item, "", "", unit, COUNTS[collection][item], 14) for item in (a, b))
    few = min(COUNTS[collection][item] for item in (a, b)) < 5
    return {
        "collection": collection,
        "collection_label": one["collection_label"],
        "level": one["level"],
        "code_a": a,
        "code_a_label": one["theme_label"],
        "code_b": b,
        "code_b_label": other["theme_label"],
        "unit": unit,
        "relation": "",
        "n_a": one["n"],
        "n_b": other["n"],
        "n_both": n,
        "n_units": of,
        "jaccard": jaccard,
        "phi": phi,
        "c": NAN,
        "marker": marker,
        "note": "one is found fewer than 5 times" if few else "",
    }


CURVE = (4, 6, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9)
"""Codes after each interview: levelling off after the fifth, with one more in the ninth."""


def _saturation_curve() -> list[dict[str, object]]:
    return [
        {
            "collection": "interviews",
            "collection_label": "Interviews",
            "n": n,
            "codes_in_order": codes,
            "new": codes - (0, *CURVE)[n - 1],
            "mean": round_half_up(9 * (1 - 0.62**n), 1),
            "low": float(max(2, codes - 2)),
            "high": float(min(9, codes + 1)),
        }
        for n, codes in enumerate(CURVE, 1)
    ]


def _saturation() -> list[dict[str, object]]:
    rows = []
    for base, run, threshold, reached, later, share, median in (
        (4, 2, 5, 5, 7, 100, 6),
        (4, 2, 0, 5, 7, 100, 6),
        (4, 3, 5, 5, 6, 100, 7),
        (5, 3, 0, pd.NA, pd.NA, 31, pd.NA),
    ):
        rows.append(
            {
                "collection": "interviews",
                "collection_label": "Interviews",
                "base": base,
                "run": run,
                "threshold": threshold,
                "codes_in_base": CURVE[base - 1],
                "reached_at": reached,
                "later_rise": later,
                "share_of_orders": share,
                "median_of_orders": median,
                "note": "not reached" if pd.isna(reached) else "above the threshold again after text 7",
            }
        )
    return rows


def _saturation_summary() -> list[dict[str, object]]:
    return [
        {
            "collection": "interviews",
            "collection_label": "Interviews",
            "unit": "sources",
            "n_units": 14,
            "n_codes": 9,
            "first_share": 44,
            "once": 1,
            "chao2": 9.2,
            "order": "",
            "orders": 1000,
            "note": "counting codes shows when they stop being new, not when they are understood",
        }
    ]


_AGREEMENT = {
    "per_cent": 93,
    "cohen_kappa": 0.68,
    "brennan_prediger": 0.86,
    "gwet_ac1": 0.9,
    "krippendorff_alpha": 0.67,
}


def _agreement() -> list[dict[str, object]]:
    """Two coders over the same answers; a third had some of them. Kappa falls from code to code."""
    rows: list[dict[str, object]] = []
    everything = {"": "All codes", **CODES}
    for coders, a, b, n in (("pair", "AB", "CD", 214), ("all", "", "", 214)):
        for name, value in _AGREEMENT.items():
            for i, (code, label) in enumerate(everything.items()):
                shown = name.replace("cohen", "fleiss") if coders == "all" else name
                width = 4 if name == "per_cent" else 0.09
                found = value - i * width / 3
                rows.append(_agreement_row(coders, a, b, code, label, shown, found, width, n))
        rows.append(_agreement_row(coders, a, b, "", "All codes", "masi_alpha", 0.59, 0.06, n))
    return rows


def _agreement_row(
    coders: str, a: str, b: str, code: str, label: str, coefficient: str, value: float, width: float, n: int
) -> dict[str, object]:
    digits = 0 if coefficient == "per_cent" else 2
    return {
        "collection": "open_answers",
        "collection_label": "Open answers",
        "coders": coders,
        "coder_a": a,
        "coder_b": b,
        "unit": "source",
        "level": "code" if code else "all",
        "code": code,
        "code_label": label,
        "coefficient": coefficient,
        "value": round_half_up(value, digits),
        "low": round_half_up(value - width, digits),
        "high": round_half_up(value + width, digits),
        "n_units": n,
        "n_sources": n,
        "note": "" if code else "mean over 9 of 9 codes",
    }


def _agreement_counts() -> list[dict[str, object]]:
    return [
        {
            "collection": "open_answers",
            "collection_label": "Open answers",
            "coder_a": "AB",
            "coder_b": "CD",
            "unit": "source",
            "code": code,
            "code_label": label,
            "both": 40 - i,
            "only_a": 5,
            "only_b": i,
            "neither": 169,
            "prevalence": round_half_up(100 * (2 * (40 - i) + 5 + i) / 428),
        }
        for i, (code, label) in enumerate(CODES.items())
    ]


_OPEN = {"collection": "open_answers", "collection_label": "Open answers"}
_TALKS = {"collection": "interviews", "collection_label": "Interviews"}


def _coding_sources() -> list[dict[str, object]]:
    """Two sheets, and a project of which two codings were left out and one has no place."""
    read = {"tool": "", "offset_convention": "", "excluded": 0, "unresolved": 0, "reader": "sheets"}
    places = "code points, line ends as stored; score 0.984 over 240 quotes and 3 pairs of word ends"
    project = {"reader": "refi-qda", "tool": "NVivo 14", "offset_convention": places}
    return [
        _OPEN | read | {"file": "coder_ab", "codings_in": 380, "active": 380},
        _OPEN | read | {"file": "file 2", "codings_in": 372, "active": 372},
        _TALKS | project | {"file": "talks", "codings_in": 243, "active": 240, "excluded": 2, "unresolved": 1},
    ]


def _coding_notes() -> list[dict[str, object]]:
    return [
        _TALKS | {"kind": "left_out", "text": "a code that is no code of the study", "n": 2},
        _TALKS | {"kind": "left_out", "text": "the quoted words do not stand where they should", "n": 1},
        _TALKS | {"kind": "caution", "text": "codings of nearly a whole text", "n": 1},
    ]


def _coding_steps() -> list[dict[str, object]]:
    """The settled answers lose what a few decisions did; what a single one did to the interviews is withheld."""
    kept: dict[str, object] = {"segments_added": 0, "segments_removed": 0, "marker": ""}
    hidden = {"segments_added": pd.NA, "segments_removed": pd.NA, "marker": "c"}
    steps = [
        _OPEN | kept | {"step": "read", "segments_in": 752, "segments_out": 752},
        _OPEN | kept | {"step": "settled", "segments_in": 752, "segments_added": 391, "segments_out": 1143},
        _OPEN | kept | {"step": "chosen", "segments_in": 1143, "segments_removed": 752, "segments_out": 391},
        _OPEN | kept | {"step": "decided", "segments_in": 391, "segments_removed": 14, "segments_out": 377},
        _TALKS | kept | {"step": "read", "segments_in": 243, "segments_removed": 3, "segments_out": 240},
        _TALKS | hidden | {"step": "chosen", "segments_in": 240, "segments_out": pd.NA},
        _TALKS | hidden | {"step": "decided", "segments_in": pd.NA, "segments_out": 240},
    ]
    return [{column: step[column] for column in tables.PUBLISHED_CODING_STEPS.columns} for step in steps]


def _coders() -> list[dict[str, object]]:
    given = {"role": "human", "counted": False, "sources_assigned": 214, "sources_coded": 209}
    return [
        _OPEN | given | {"coder": "AB", "segments": 380},
        _OPEN | given | {"coder": "CD", "segments": 372},
        _OPEN | given | {"coder": "agreed", "role": "adjudicated", "counted": True, "segments": 377},
        _TALKS | given | {"coder": "AB", "counted": True, "sources_assigned": 14, "sources_coded": 14, "segments": 240},
    ]


def _adjudication() -> list[dict[str, object]]:
    units = {"unit": "source", "n_units": 214, "units_alike": 171, "per_cent_alike": 80, "agreed": 348, "alone": 0}
    return [
        _OPEN
        | units
        | {"disputed": 56, "accepted": 44, "rejected": 12, "open": 0, "overruled": 2, "added": 1, "settled": 391}
    ]


def _decisions() -> list[dict[str, object]]:
    """A merge, two recodes of one answer each, which are withheld, a rule; and one about the interviews."""
    keys = ("segments_before", "segments_changed", "segments_added", "segments_removed", "sources_touched")
    rows = (
        (
            "2025-04-02",
            "merge",
            _OPEN,
            "Adults seen reading",
            "A refuge at break",
            "Nobody could part them.",
            (22, 19, 0, 3, 22),
        ),
        ("2025-04-02", "recode", _OPEN, "Books out of date", "Parents pay for books", "It is about money.", None),
        ("2025-04-02", "recode", _OPEN, "Books out of date", "Parents pay for books", "It is about money.", None),
        (
            "2025-04-09",
            "gives_way",
            _OPEN,
            "No trained librarian",
            "any other code",
            "Others say more.",
            (71, 0, 0, 9, 9),
        ),
        ("2025-04-09", "add", _TALKS, "No trained librarian", "", "Said on a second reading.", None),
    )
    return [
        whose
        | {"number": n, "date": date, "action": action, "code_label": code, "into_labels": into, "why": why}
        | dict(zip(keys, effect or (pd.NA,) * 5, strict=True))
        | {"marker": "" if effect else "c"}
        for n, (date, action, whose, code, into, why, effect) in enumerate(rows, 1)
    ]


# --- integration ------------------------------------------------------------------------------------------------------


def _joint_display() -> list[dict[str, object]]:
    constructs = (
        (
            "place",
            "A place to be and to work",
            (("uses", "quiet"), ("uses", "pleasure")),
            ("calm",),
            "confirmation",
            "Both strands show the library as a room before they show it as a collection.",
        ),
        (
            "backing",
            "Backing from senior leaders",
            (("valued", "any_agree"),),
            ("leadership",),
            "discordance",
            "Half of teachers say that leaders value the library; most interviews tell of words without deeds.",
        ),
        (
            "means",
            "Money, books and staff",
            (("money", "parents"), ("money", "nothing"), ("stock", "never")),
            ("stock_money", "staffing"),
            "expansion",
            "The survey counts sources of money; the texts say that people and time are what is missing.",
        ),
    )
    estimates = tables.PUBLISHED_ESTIMATES.of(_estimates())
    estimates = estimates[estimates["break"] == ""].set_index(["question", "option"])
    rows = []
    for construct, label, items, themes, fit, meta in constructs:
        heading = {"construct": construct, "label": label, "fit": fit, "meta_inference": meta}
        heading |= {"rationale": "Read side by side by two researchers.", "author": "AB", "date": "2025-05-02"}
        heading |= {"interview_question": ASKED.get(construct, "")}
        for question, option in items:
            cell = estimates.loc[(question, option)]
            rows.append(heading | _survey_side(question, option, cell))
        for theme in themes:
            rows += [heading | _text_side(collection, theme) for collection in UNITS]
    return rows


def _survey_side(question: str, option: str, cell: pd.Series) -> dict[str, object]:
    return {
        "strand": "survey",
        "origin": question,
        "origin_label": cell["question_label"],
        "item": option,
        "item_label": cell["option_label"],
        "weight_set": cell["weight_set"],
        "per_cent": cell["per_cent"],
        "ci_low": cell["ci_low"],
        "ci_high": cell["ci_high"],
        "n": pd.NA,
        "of": cell["base_unweighted"],
        "marker": cell["marker"],
        "note": "",
    }


def _text_side(collection: str, theme: str) -> dict[str, object]:
    row = _theme_row(collection, theme, "", "", UNITS[collection][0], COUNTS[collection][theme], UNITS[collection][1])
    return {
        "strand": "coded_text",
        "origin": collection,
        "origin_label": row["collection_label"],
        "item": theme,
        "item_label": row["theme_label"],
        "weight_set": "",
        "per_cent": row["per_cent"],
        "ci_low": NAN,
        "ci_high": NAN,
        "n": row["n"],
        "of": row["of"],
        "marker": row["marker"],
        "note": "",
    }


_CLAIMS = {
    ("backed", 1): ("54%", "whole", "uses", "quiet"),
    ("backed", 2): ("nearly seven in ten", "nearly", "uses", "pleasure"),
}
"""Two numbers of one sentence."""
_SENTENCE = "Teachers use the library for quiet (54%), and nearly seven in ten for pleasure."


def _claims() -> list[dict[str, object]]:
    estimates = tables.PUBLISHED_ESTIMATES.of(_estimates())
    estimates = estimates[estimates["break"] == ""].set_index(["question", "option"])
    rows = []
    for (claim, number), (printed, rounding, question, option) in _CLAIMS.items():
        cell = estimates.loc[(question, option)]
        rows.append(
            {
                "claim": claim,
                "number": number,
                "sentence": _SENTENCE,
                "construct": "place",
                "printed": printed,
                "rounding": rounding,
                "tolerance": NAN if rounding == "whole" else 3,
                "table": "survey_estimates",
                "cell": f"{cell['question_label']}: {cell['option_label']}; everyone; weighted",
                "unit": "per_cent",
                **{column: cell[column] for column in ("ci_low", "ci_high", "marker")},
                "value": cell["per_cent"],
                "base": cell["base_unweighted"],
                "note": "",
            }
        )
    told = {"claim": "told", "number": 1, "sentence": "Of 14 people, 12 speak of staff.", "construct": "means"}
    told |= {"printed": "12", "rounding": "none", "tolerance": NAN, "table": "theme_counts", "unit": "count"}
    told |= {"cell": "Interviews: Staff and time; everyone; number of librarians and teachers"}
    return [*rows, told | {"value": 12, "ci_low": NAN, "ci_high": NAN, "base": 14, "marker": "", "note": ""}]


def _robustness() -> list[dict[str, object]]:
    """Each number, then what other choices make of it: one lies outside, one base is hidden, one is not possible."""
    rows = []
    for claim in _claims():
        same = ("claim", "number", "printed", "cell", "unit", "value", "ci_low", "ci_high", "base", "marker", "note")
        own = {name: claim[name] for name in same} | {"alternative": "", "kind": "", "difference": NAN, "inside": ""}
        rows.append(own)
        if claim["table"] == "theme_counts":
            gone = dict.fromkeys(("value", "difference"), NAN) | {"base": pd.NA, "marker": "z"}
            why = "not possible: nobody else coded these texts"
            other = {"alternative": "Coded by another coder", "kind": "without_coder", "note": why}
            rows.append(own | gone | other)
            continue
        moves = {"Without weights": ("unweighted", 9 if claim["number"] == 2 else 1)}
        moves["Without those who use it for nothing"] = ("base", 0)
        for label, (kind, points) in moves.items():
            value = float(str(claim["value"])) + points
            inside = "inside" if value <= float(str(claim["ci_high"])) else "outside"
            base = claim["base"] if kind == "unweighted" else pd.NA
            note = (
                "" if kind == "unweighted" else "the base is not given, since it differs from another by a few people"
            )
            changed = {"value": value, "difference": points, "inside": inside, "base": base, "note": note}
            rows.append(own | changed | {"alternative": label, "kind": kind})
    return rows


def _joining_defined() -> dict[str, Any]:
    phases = {"Primary": "primary", "Secondary": "secondary"}
    return {
        "people": {"interviews": {"respondent": "teacher", "consent": "agreed"}},
        "groups": {"interviews": {"phase": {"variable": "phase", "groups": phases}}},
        "typology": "phase",
    }


def _joining() -> list[dict[str, object]]:
    """Nine of fourteen people interviewed are known in the survey; two did not agree, and with them three are hidden."""
    names = {"collection": "interviews", "collection_label": "Interviews"}
    nothing = dict.fromkeys(("no_consent", "no_id", "not_in_survey", "no_group"), pd.NA)
    people = {"how": "people", "by": "", "by_label": "", "variable": "", "variable_label": "", "cases": 14}
    phases = {"how": "groups", "by": "phase", "by_label": "Phase", "variable": "phase", "variable_label": "Phase"}
    return [
        names | nothing | people | {"joined": 9, "not_in_survey": 0, "marker": "c"},
        names | nothing | phases | {"cases": 14, "joined": 11, "no_group": 3, "marker": ""},
    ]


def _statistics_by_theme() -> list[dict[str, object]]:
    """One comparison that can be shown, and one of too few people."""
    row: dict[str, object] = {
        "construct": "backing",
        "label": "Backing from senior leaders",
        "collection": "interviews",
    }
    row |= {"collection_label": "Interviews", "theme": "leadership"}
    row |= {"theme_label": "Backing from leaders", "question": "valued", "question_label": "Leaders value the library"}
    shown = {
        "option": "any_agree",
        "option_label": "Agree or strongly agree",
        "measure": "net",
        "mean": NAN,
        "marker": "u",
    }
    hidden = {
        "option": "agree",
        "option_label": "Agree",
        "measure": "share",
        "mean": NAN,
        "per_cent": NAN,
        "marker": "c",
    }
    return [
        row | shown | {"spoken": True, "per_cent": 41, "base": 44},
        row | shown | {"spoken": False, "per_cent": 63, "base": 51},
        row | hidden | {"spoken": True, "base": pd.NA},
        row | hidden | {"spoken": False, "base": pd.NA},
    ]


def _strands_by_group() -> list[dict[str, object]]:
    """Secondary schools speak of leaders; how many in primary ones is hidden."""
    estimates = tables.PUBLISHED_ESTIMATES.of(_estimates())
    estimates = estimates.set_index(["question", "option", "break", "group"])
    rows: list[dict[str, object]] = []
    for group, label, n, of in (("primary", "Primary", pd.NA, 4), ("secondary", "Secondary", 6, 7)):
        about = {"construct": "backing", "label": "Backing from senior leaders"}
        about |= {"variable": "phase", "variable_label": "Phase", "group": group, "group_label": label}
        cell = estimates.loc[("valued", "any_agree", "phase", group)]
        texts = _text_side("interviews", "leadership") | {"n": n, "of": of, "per_cent": NAN}
        rows.append(about | _survey_side("valued", "any_agree", cell))
        rows.append(about | texts | {"marker": "c" if n is pd.NA else ""})
    return rows


def _quote_matrix() -> list[dict[str, object]]:
    common: dict[str, object] = {"collection": "open_answers", "collection_label": "Open answers"}
    common |= {"theme": "calm", "theme_label": "A calm place to be", "by": "phase", "by_label": "Phase"}
    said = {
        str(q["quote"]): {"quote": q["quote"], "text": q["text"], "attribution": q["attribution"]} for q in _quotes()
    }
    nobody = {"quote": "", "text": "", "attribution": ""}
    return [
        common | said["q1"] | {"group": "Primary", "group_label": "Primary", "n": 40, "of": 90, "marker": ""},
        common | nobody | {"group": "Secondary", "group_label": "Secondary", "n": 48, "of": 124, "marker": ""},
        common | said["q2"] | {"group": "", "group_label": "Not told", "n": pd.NA, "of": pd.NA, "marker": "z"},
    ]


def _unlinked() -> list[dict[str, object]]:
    return [
        {"strand": "survey", "origin": "stock", "origin_label": "New books arrive", "item": "", "item_label": ""},
        {
            "strand": "coded_text",
            "origin": "",
            "origin_label": "Codebook",
            "item": "culture",
            "item_label": "Reading culture",
        },
    ]


def _suppression() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "table": "survey_estimates",
            "question": question,
            "break": "phase",
            "group": "special",
            "rule": "base below 30",
            "cells": len(SHARES[question]) + len(NETS.get(question, {})),
        }
        for question in SHARES
    ]
    themes = {"table": "theme_counts", "question": "open_answers", "break": "phase", "group": "special"}
    return [*rows, themes | {"rule": "base below 10", "cells": len(THEMES)}]


def _audit() -> list[dict[str, object]]:
    row: dict[str, object] = {"table": "published/survey_estimates", "question": "library", "break": "phase"}
    return [row | {"groups_hidden": 2, "verdict": "no hidden group can be found"}]


def _quotes() -> list[dict[str, object]]:
    common = {"collection": "open_answers", "theme": "calm", "theme_label": "Calm"}
    return [
        common | {"quote": "q1", "text": "It was [...] so quiet", "attribution": "Pupil, Primary"},
        common | {"quote": "q2", "text": "Two\nlines", "attribution": "Open answers"},
    ]


def _screening() -> list[dict[str, object]]:
    where = "published/quotes: text"
    return [
        {"where": where, "kind": "strings", "severity": "screened", "count": 2},
        {"where": where, "kind": "a capital letter within a sentence", "severity": "warning", "count": 1},
    ]
