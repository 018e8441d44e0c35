"""The report of a study: what is said, in which order, with which numbers.

Every number is read from a published table and every fact about the design from the definition; nothing is typed here.
A section appears only where the study has something to fill it, so that a survey without interviews, or interviews
without a survey, gives a whole report.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version

import pandas as pd

from plait.disclosure.rules import Rules
from plait.report.blocks import Report, numbered, with_legible_text, with_tables
from plait.report.published import Published
from plait.report.sections.checklists import checklists_section
from plait.report.sections.claims import sources_section
from plait.report.sections.closing import checks_section, limitations_section
from plait.report.sections.coded_text import coded_text_section
from plait.report.sections.disclosure import with_rules
from plait.report.sections.methods import methods_section
from plait.report.sections.opening import about_section, how_to_read_section, summary_section
from plait.report.sections.respondents import respondents_section
from plait.report.sections.robustness import robustness_section
from plait.report.sections.sizes import sizes
from plait.report.sections.strands import strands_section
from plait.report.sections.survey import survey_section
from plait.report.sections.view import StudyView
from plait.study.definition import Definition

_SECTIONS = (
    about_section,
    summary_section,
    how_to_read_section,
    respondents_section,
    survey_section,
    coded_text_section,
    strands_section,
    robustness_section,
    checks_section,
    limitations_section,
    methods_section,
    sources_section,
    checklists_section,
)


def report_content(
    published: Published,
    definition: Definition,
    figures_index: pd.DataFrame,
    rules: Rules | None = None,
    tables: str = "",
) -> Report:
    """Compose the report of a study.

    Args:
        published: The published tables.
        definition: The study definition.
        figures_index: The figures that were drawn: `name`, `title`, `subtitle`, `alt`, `footnote`.
        rules: The disclosure profile that the tables passed, to be stated among the methods.
        tables: A short hash of the published tables, to be stated at the end.
    """
    study = StudyView(published, definition, figures_index, rules)
    sections = [write(study) for write in _SECTIONS]
    report: Report = with_legible_text(
        Report(
            study=definition.study,
            title=definition.title,
            research_question=definition.research_question,
            kind=_kind(definition),
            author=definition.about.conducted_by,
            simulated=definition.simulated,
            mark=rules.mark if rules else "",
            sizes=sizes(study),
            sections=numbered(
                with_tables(tuple(s for s in sections if s.blocks or s.sections), partial(with_rules, study))
            ),
            program=f"plait {version('plait')}",
            tables=tables,
        )
    )
    return report


def _kind(definition: Definition) -> str:
    if definition.survey and definition.coded_text:
        return "Mixed-methods study: survey and coded text"
    return "Survey" if definition.survey else "Study of coded text"
