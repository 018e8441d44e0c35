"""Claims fit the study: cells name what is in the definition, and no number of a sentence goes unexplained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plait.errors import Problems, did_you_mean
from plait.study.claims import (
    AgreementCell,
    Cell,
    ChangeCell,
    Claim,
    EstimateCell,
    NumberCell,
    ThemeCell,
    without,
    written_numbers,
)
from plait.study.definition import Definition
from plait.study.side_files import CodebookEntry, Link
from plait.study.yaml_text import YamlText

_MEASURES = {
    "quartiles": ("lower_quartile", "upper_quartile"),
    "deciles": ("lower_decile", "upper_decile"),
}


def check_claims(
    definition: Definition,
    claims: dict[int, Claim],
    text: YamlText | None,
    codebook: list[tuple[str, CodebookEntry]],
    constructs: list[str] | None,
    problems: Problems,
) -> None:
    """Check the side file of claims against the study; not its constructs, where they are not known (None)."""
    if not (definition.claims and text):
        return
    codes = [entry.code for _, entry in codebook if entry.kind != "structural"]
    first: dict[str, int] = {}
    for i, (row, claim) in enumerate(claims.items()):
        names = _Names(definition, codes, definition.claims, text, problems, ("claims", i))
        if first.setdefault(claim.claim, row) != row:
            names.refuse(("claim",), f"the claim '{claim.claim}' stands in row {first[claim.claim]} too", "rename one")
        if claim.construct_id and constructs is not None:
            names.known(claim.construct_id, constructs, ("construct",), "construct")
        _check_sentence(claim, names)
        for j, number in enumerate(claim.numbers):
            names.check_cell(number.cell, ("numbers", j, "cell"))


def _check_sentence(claim: Claim, names: _Names) -> None:
    """Every declared number stands in the sentence, and every number in the sentence is declared."""
    left, absent = without(claim.sentence, [*(n.printed for n in claim.numbers), *claim.aside])
    for part in absent:
        mend = "write it as it stands in the sentence, as often as it stands there"
        names.refuse(("sentence",), f"'{part}' does not stand in the sentence", mend, claim.sentence)
    for number in written_numbers(left):
        mend = "declare it under `numbers:` with its cell; or under `aside:`, where it is no finding"
        names.refuse(("sentence",), f"the number {number} in the sentence is not declared", mend, claim.sentence)


def check_numbers_of_links(
    definition: Definition, claims: Iterable[Claim], links: list[tuple[str, Link]], problems: Problems
) -> None:
    """Inference and rationale of a construct print only numbers that a claim of this construct takes from a table.

    A claim that may be left out is none of these: its numbers would stand here all the same.
    """
    claims = list(claims)
    for row, link in links:
        own = [c for c in claims if c.construct_id == link.construct_id and c.when_withheld == "stop"]
        known = {part for claim in own for part in (*(n.printed for n in claim.numbers), *claim.aside)}
        for column in ("meta_inference", "rationale"):
            written = str(getattr(link, column))
            left, _ = without(written, known, everywhere=True)
            for number in written_numbers(left):
                problems.add(
                    definition.linking or "",
                    f"the number {number} is typed, and no claim of the construct '{link.construct_id}' prints it",
                    "say it in words, or add a claim with this construct and the cell that the number comes from",
                    row=row,
                    column=column,
                    value=written,
                )


@dataclass(frozen=True)
class _Names:
    """The names that the cells of one claim may use, and where it stands in the file."""

    definition: Definition
    codes: list[str]
    file: str
    text: YamlText
    problems: Problems
    place: tuple[str | int, ...]

    def refuse(self, key: tuple[str | int, ...], message: str, mend: str, value: str | None = None) -> None:
        place = (*self.place, *key)
        row, column = f"row {self.text.line_of(place)}", ".".join(map(str, place))
        self.problems.add(self.file, message, mend, row=row, column=column, value=value)

    def known(self, name: str, names: Iterable[str], key: tuple[str | int, ...], kind: str) -> bool:
        names = list(names)
        if name in names:
            return True
        self.refuse(key, f"there is no {kind} '{name}'", did_you_mean(name, names))
        return False

    def check_cell(self, cell: Cell, key: tuple[str | int, ...]) -> None:
        match cell:
            case EstimateCell() | NumberCell() | ChangeCell():
                self._check_survey(cell, key)
            case ThemeCell() | AgreementCell():
                self._check_coded_text(cell, key)

    def _check_survey(self, cell: EstimateCell | NumberCell | ChangeCell, key: tuple[str | int, ...]) -> None:
        survey = self.definition.survey
        questions = survey.questions if survey else {}
        if not self.known(cell.question, questions, (*key, "question"), "question") or survey is None:
            return
        measures = [m for name in survey.measures_of(cell.question) for m in _MEASURES.get(name, (name,))]
        if isinstance(cell, NumberCell):
            self.known(cell.measure, measures, (*key, "measure"), f"measure of '{cell.question}' called")
        elif isinstance(cell, EstimateCell) or cell.item or "mean" not in measures:
            items = [] if survey.is_number(cell.question) else list(survey.options_of(cell.question).items())
            names = [*(name for name, option in items if option.counts), *survey.nets_of(cell.question)]
            self.known(cell.item, names, (*key, "item"), "option or net")
        if isinstance(cell, ChangeCell):
            if not questions[cell.question].repeats:
                message = f"'{cell.question}' repeats no earlier question, so that nothing can have changed"
                self.refuse((*key, "question"), message, "name the later of two questions")
            return
        if bool(cell.break_) != bool(cell.group):
            self.refuse(key, "break and group belong together", "give both, or neither for everyone")
        elif cell.break_ and self.known(cell.break_, survey.breaks, (*key, "break"), "break"):
            self.known(cell.group, survey.groups_of(cell.break_), (*key, "group"), "group")

    def _check_coded_text(self, cell: ThemeCell | AgreementCell, key: tuple[str | int, ...]) -> None:
        collections = self.definition.coded_text.collections if self.definition.coded_text else {}
        if not self.known(cell.collection, collections, (*key, "collection"), "collection"):
            return
        if isinstance(cell, AgreementCell):
            if cell.code:
                self.known(cell.code, self.codes, (*key, "code"), "code")
            return
        self.known(cell.theme, self.codes, (*key, "theme"), "theme or code")
        if bool(cell.by) != bool(cell.group):
            self.refuse(key, "by and group belong together", "give both, or neither for everyone")
        elif cell.by:
            self.known(cell.by, collections[cell.collection].breaks, (*key, "by"), "break of the collection")
        if cell.unit == "segments" and cell.column != "n":
            self.refuse((*key, "unit"), "segments have no base", "take another unit, or `column: n`")
