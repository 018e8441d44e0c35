"""The published tables as a spreadsheet that people and screen readers can use, one table a sheet.

The sheets follow the UK Analysis Function's rules for accessible spreadsheets: a title in A1, one marked-up table with
one row of unique headings, no merged, empty, hidden or coloured cells, no frozen panes, every shorthand explained above
its table. All text is written as text: a label that looks like a formula, a number or an address stays a label.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from plait.disclosure.rules import Rules
from plait.errors import Problems
from plait.report.blocks import legible
from plait.report.printing import (
    EVERYONE,
    MISSING,
    capital,
    distinct,
    legend,
    named,
    printed,
    printed_days,
    sentence,
    spoken,
)
from plait.report.published import Published
from plait.report.sections.disclosure import rules_in_words
from plait.report.sections.methods import method_notes
from plait.report.sections.opening import about_section, reading_notes
from plait.report.sections.sizes import export_label
from plait.report.sections.view import Record, StudyView, by_unit, grouped, records, variants
from plait.report.workbook import Sheet, write_workbook
from plait.study.definition import Definition
from plait.study.wording import base_in_words
from plait.tables import MARKERS
