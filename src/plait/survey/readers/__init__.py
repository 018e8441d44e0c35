"""Reading survey exports: one module a format, and one a reason why reading them goes wrong."""

from plait.survey.readers.audiences import asked, parse_audience
from plait.survey.readers.dates import parse_dates
from plait.survey.readers.dictionary import check_audience, read_dictionary, with_dictionary
from plait.survey.readers.export import RawExport, read_export
from plait.tabular.notes import Note

__all__ = [
    "Note",
    "RawExport",
    "asked",
    "check_audience",
    "parse_audience",
    "parse_dates",
    "read_dictionary",
    "read_export",
    "with_dictionary",
]
