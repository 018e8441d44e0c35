"""The published tables as a spreadsheet that people and screen readers can use, one table a sheet.

The sheets follow the UK Analysis Function's rules for accessible spreadsheets: a title in A1, one marked-up table with
one row of unique headings, no merged, empty, hidden or coloured cells, no frozen panes, every shorthand explained above
its table. All text is written as text: a label that looks like a formula, a number or an address stays a label.
"""

from plait.report.spreadsheet.writer import write_spreadsheet

__all__ = ["write_spreadsheet"]
