"""The closing of the report: what was checked, and where its numbers end."""

from __future__ import annotations

import pandas as pd

from plait.report.blocks import Block, Bullets, Cell, Fold, Paragraph, Row, Section
from plait.report.printing import EVERYONE, capital, distinct, named, printed, sentence, spoken
from plait.report.sections.strands import construct_title
from plait.report.sections.view import Record, StudyView, cells, grouped, numbers, table, total_of, words
from plait.study.wording import listed, quoted
from plait.tables import records

# --- checks ------------------------------------------------------------------------------------------------------------


def checks_section(study: StudyView) -> Section:
    """Numbers that reach the study by two ways, and what cleaning changed."""
    return Section("checks", "Checks", (*_reconciliation(study), *_cleaning(study)))


def _reconciliation(study: StudyView) -> tuple[Block, ...]:
    checks = records(study.published.reconciliation)
    if not checks:
        return ()
    agreeing, compared = printed(total_of(checks, "agreeing")), printed(total_of(checks, "compared"))
    intro = f"Numbers that reach this study by two ways were compared: {agreeing} of {compared} agree."
    columns = [*words("What", "Question", "Sources"), *numbers("Compared", "Agreeing"), *words("Split by", "Remark")]
    same = ("what", "question", "left_source", "right_source", "note")
    alike = grouped(checks, lambda r: (*(str(r[c]) for c in same), bool(r["compared"] == r["agreeing"])))
    body = [Row(_comparison(study, rows)) for rows in alike.values()]
    return (Paragraph(intro), table("Numbers compared between sources", columns, body, row_headers=2))


def _comparison(study: StudyView, rows: list[Record]) -> tuple[Cell, ...]:
    """Comparisons of one kind, over all the breaks that they were made for."""
    first = rows[0]
    agree = first["compared"] == first["agreeing"]
    breaks = distinct(study.label_of(str(r["break"])) or EVERYONE for r in rows)
    return cells(
        named(first["what"]),
        study.label_of(str(first["question"])) or "All",
        listed(distinct([first["left_source"], first["right_source"]])) or "Not named",
        printed(total_of(rows, "compared")),
        printed(total_of(rows, "agreeing")),
        breaks[0] if len(breaks) == 1 else f"{printed(len(breaks))} characteristics",
        capital(first["note"]) or ("Agrees" if agree else "Not explained"),
    )


def _cleaning(study: StudyView) -> tuple[Block, ...]:
    changes = records(study.published.cleaning_summary)
    if not changes:
        return ()
    columns = [*words("Step", "Reason", "Question or column"), *numbers("Cells or items")]
    body = [
        Row(
            cells(
                spoken(r["step"]),
                capital(r["reason"]) or "None given",
                study.label_of(str(r["column"])) or "All",
                printed(r["cells"]),
            )
        )
        for r in changes
    ]
    after_reading = [r for r in changes if r["step"] != "read"]
    touched = f"{printed(total_of(after_reading, 'cells'))} cells" if after_reading else "no cell"
    intro = (
        f"Cleaning touched {touched}; what was noticed while reading and what was done since is logged with its reason."
    )
    what = "What reading noticed and cleaning did"
    return (Paragraph(intro), Fold(what, (table(what, columns, body, row_headers=3),)))


# --- limitations -------------------------------------------------------------------------------------------------------


def limitations_section(study: StudyView) -> Section:
    """The researchers' own limitations, then those that the run itself can see."""
    own = [sentence(text) for text in study.definition.about.limitations]
    seen = [*_of_simulation(study, own), *_of_the_data(study), *_of_the_bases(study), *_of_the_judgements(study)]
    return Section("limitations", "Limitations", (Bullets((*own, *seen)),) if own or seen else ())


def _of_simulation(study: StudyView, own: list[str]) -> list[str]:
    if not study.definition.simulated or any("simulated" in text for text in own):
        return []
    return ["The data are simulated: they show what the report can do and say nothing about real people."]


def _of_the_data(study: StudyView) -> list[str]:
    seen = []
    if study.estimates and not study.weighted:
        seen.append("The survey is not weighted: it describes those who answered, who may differ from the population.")
    if illustrative := _graded(study, "illustrative"):
        seen.append(
            f"The weighting targets of {listed(illustrative)} are illustrative, not official: weighted figures show how "
            "weighting works and must not be quoted as findings."
        )
    if proxies := _graded(study, "proxy"):
        seen.append(f"The weighting targets of {listed(proxies)} are proxies for figures that are not published.")
    if vendors := _breakdown_only(study):
        seen.append(
            f"{listed(map(quoted, vendors))}: known only from a vendor\u2019s breakdown table, and could therefore not be "
            "weighted or split anew."
        )
    checks = study.published.reconciliation
    if len(checks) and checks["agreeing"].lt(checks["compared"]).any():
        seen.append("Some numbers differ between the sources that report them; the section on checks lists them.")
    return seen


def _breakdown_only(study: StudyView) -> list[str]:
    questions = study.questions.values()
    return [str(rows[0]["question_label"]) for rows in questions if all(r["grain"] == "breakdown" for r in rows)]


def _graded(study: StudyView, grade: str) -> list[str]:
    return distinct(r["variable_label"] for r in study.profile if r["target_grade"] == grade)


def _of_the_bases(study: StudyView) -> list[str]:
    columns = ("question", "break", "group", "grain", "weight_set")
    groups = grouped(study.estimates, lambda r: tuple(r[c] for c in columns)).values()
    withheld = [g for g in groups if all(pd.isna(r["per_cent"]) for r in g)]
    small = [g for g in groups if any(r["marker"] == "u" and pd.notna(r["per_cent"]) for r in g)]
    of = f"of {printed(len(groups))} sets of survey figures (one question in one group)"
    seen = []
    if small:
        seen.append(f"{printed(len(small))} {of} rest on a small base and are marked [u].")
    if withheld:
        seen.append(f"{printed(len(withheld))} {of} are withheld.")
    return seen


def _of_the_judgements(study: StudyView) -> list[str]:
    compared = {r["collection"] for r in study.agreement}
    alone = [rows[0]["collection_label"] for name, rows in study.collections.items() if name not in compared]
    unjudged = [construct_title(rows) for rows in study.constructs.values() if not rows[0]["fit"]]
    seen = []
    if alone:
        seen.append(f"Agreement between coders was not measured for {listed(map(quoted, alone))}.")
    if unjudged:
        seen.append(f"The fit of the strands is not yet judged for {listed(map(quoted, unjudged))}.")
    return seen
