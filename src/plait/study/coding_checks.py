"""What side files say about the coding: decisions must name codes and collections that exist, in the right columns."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from plait.errors import Problems, did_you_mean
from plait.study.definition import Definition
from plait.study.side_files import CodebookEntry, Decision, Quotation

EVERY_CODE = "*"

_MUST, _MAY, _NOT, _ONE = "must be given", "may be given", "must be empty", "must name one code"
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "rename": {"code": _MUST, "source": _NOT, "into": _ONE},
    "merge": {"code": _MUST, "source": _NOT, "into": _ONE},
    "split": {"code": _MUST, "source": _MAY, "into": _MUST},
    "recode": {"code": _MUST, "source": _MUST, "into": _ONE},
    "exclude": {"code": _MAY, "source": _MAY, "into": _NOT},
    "add": {"code": _MUST, "source": _MUST, "into": _NOT},
    "gives_way": {"code": _MUST, "source": _NOT, "into": _MUST},
    "stands_alone": {"code": _MUST, "source": _NOT, "into": _MUST},
}
"""What each action needs in which column of the decision log."""


def check_decisions(
    definition: Definition,
    decisions: Mapping[int, Decision],
    codebook: Sequence[CodebookEntry],
    problems: Problems,
) -> None:
    """Decisions stand in order of their dates, name what exists, fill the right columns, and do not run in circles."""
    coded = definition.coded_text
    if not (coded and coded.decisions):
        return
    file, codes = coded.decisions, [entry.code for entry in codebook]
    last = datetime.date.min
    for row, decision in decisions.items():
        place = f"row {row}"
        if decision.date < last:
            message = f"is dated before the decision above it ({last.isoformat()})"
            problems.add(file, message, "put decisions in the order in which they were made", row=place, column="date")
        last = max(last, decision.date)
        if decision.collection and decision.collection not in coded.collections:
            message, mend = "there is no such collection", did_you_mean(decision.collection, coded.collections)
            problems.add(file, message, mend, row=place, column="collection", value=decision.collection)
        _check_columns(file, place, decision, problems)
        rule = decision.action in ("gives_way", "stands_alone")
        named = [("code", decision.code), *(("into", code) for code in decision.into)]
        for column, code in named:
            if not code or code in codes or (rule and column == "into" and code == EVERY_CODE):
                continue
            mend = f"{did_you_mean(code, codes)}; a new code needs its line in the codebook"
            problems.add(file, f"the code '{code}' is not in the codebook", mend, row=place, column=column)
        if decision.into == (decision.code,) and decision.action not in ("split", "stands_alone"):
            problems.add(file, f"'{decision.code}' goes into itself", "name another code", row=place, column="into")
    _check_circles(file, decisions, problems)


def check_quotes(
    definition: Definition, quotes: Mapping[int, Quotation], codebook: Sequence[CodebookEntry], problems: Problems
) -> None:
    """Quotations have names of their own, name what exists, and are approved by somebody on a day or not at all."""
    coded = definition.coded_text
    if not (coded and coded.quotes):
        return
    file, codes, seen = coded.quotes, [entry.code for entry in codebook], dict[str, int]()
    for row, quote in quotes.items():
        place = f"row {row}"
        if seen.setdefault(quote.quote_id.casefold(), row) != row:
            first = seen[quote.quote_id.casefold()]
            problems.add(
                file, f"the quotation is there before, in row {first}", "rename one", row=place, column="quote_id"
            )
        if quote.collection not in coded.collections:
            message, mend = "there is no such collection", did_you_mean(quote.collection, coded.collections)
            problems.add(file, message, mend, row=place, column="collection", value=quote.collection)
        if quote.code not in codes:
            message = f"the code '{quote.code}' is not in the codebook"
            problems.add(file, message, did_you_mean(quote.code, codes), row=place, column="code")
        if bool(quote.approved_by) != bool(quote.date):
            column = "date" if quote.approved_by else "approved_by"
            message = "an approval has a name and a date"
            problems.add(file, message, "fill in both, or neither", row=place, column=column)


def _check_columns(file: str, place: str, decision: Decision, problems: Problems) -> None:
    filled = {"code": bool(decision.code), "source": bool(decision.source), "into": bool(decision.into)}
    for column, rule in _COLUMNS[decision.action].items():
        broken = {
            _MUST: not filled[column],
            _NOT: filled[column],
            _ONE: len(decision.into) != 1,
            _MAY: False,
        }[rule]
        if broken:
            problems.add(file, rule, _mend(decision, column), row=place, column=column)
    if decision.action == "exclude" and not (decision.code or decision.source):
        problems.add(file, "excludes nothing", "name a code, a source, or both", row=place, column="code")


def _mend(decision: Decision, column: str) -> str:
    if column == "source" and decision.source:
        return {
            "rename": "a name holds everywhere; for one source use recode",
            "merge": "a merge holds everywhere; for one source use recode",
        }.get(decision.action, "the rule holds in every source; for one source use exclude or recode")
    if column == "into" and len(decision.into) > 1:
        return "to give a segment several codes use split"
    return f"see what '{decision.action}' does in config/README.md"


def _check_circles(file: str, decisions: Mapping[int, Decision], problems: Problems) -> None:
    """A code that was given up must not come back through later merges and renames."""
    edges: list[tuple[str, str, str]] = []
    for row, decision in decisions.items():
        if decision.action not in ("rename", "merge") or len(decision.into) != 1 or decision.into == (decision.code,):
            continue
        collection, code, into = decision.collection, decision.code, decision.into[0]
        if code in _reached(
            into, [(a, b) for where, a, b in edges if "" in (where, collection) or where == collection]
        ):
            problems.add(
                file,
                f"leads '{code}' back to where it came from: '{into}' went into it, directly or over others",
                "decide which of them stays, and let the others go into it",
                row=f"row {row}",
                column="into",
            )
        edges.append((collection, code, into))


def _reached(start: str, edges: Iterable[tuple[str, str]]) -> set[str]:
    edges, found, waiting = list(edges), set[str](), [start]
    while waiting:
        code = waiting.pop()
        found.add(code)
        waiting += [b for a, b in edges if a == code and b not in found]
    return found
