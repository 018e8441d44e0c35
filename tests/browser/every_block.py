"""A report that has every kind of block, each of its texts once plain and once as hostile as a person can make it."""

from __future__ import annotations

from plait.report.blocks import (
    Bullets,
    Cell,
    Column,
    Facts,
    FigureBlock,
    Fold,
    KeyFigure,
    KeyFigures,
    Note,
    Paragraph,
    Quotation,
    Quotations,
    Report,
    Row,
    Section,
    TableBlock,
    Wording,
    numbered,
    with_legible_text,
)

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="453.6pt" height="250pt" viewBox="0 0 453.6 250">'
    '<rect width="453.6" height="250" fill="#f4f6f8"/><script>alert("picture")</script></svg>'
)
HOSTILE = (
    "=1+1 <script>alert(1)</script>--></style></script><img src=x onerror=alert(2)> \"' {{ 7*7 }} {% raw %} "
    "$\\frac{1}{2}$ ](file:///etc/passwd) javascript:alert(3) \u202egnp.exe\u202c \u200b\u200f" + "verylongword" * 40
)


def every_block(also: str = "") -> Report:
    """The report; `also` is added to each of its texts, in front, where a spreadsheet would see it first."""

    def t(text: str) -> str:
        return f"{also} {text}" if also else text

    def table(caption: str, rows: tuple[Row, ...] = ()) -> TableBlock:
        columns = (Column(t("Answer")), Column(t("Everyone"), numeric=True))
        columns += tuple(Column(t(label), numeric=True, group=t("Phase")) for label in ("Primary", "Secondary"))
        body = rows or (
            Row((Cell(t("Often")), Cell("1,042"), Cell("41", "38 to 44\nabove B"), Cell("[c]")), "net"),
            Row((Cell(t("-5 or less")), Cell("-5"), Cell("+3"), Cell(t("@b"), t("=2+2")))),
            Row((Cell(t("Base")), Cell("88"), Cell("44"), Cell("44")), "base"),
        )
        return TableBlock(t(caption), columns, body, note=t("A note. Shorthand: [c] suppressed."))

    def figure(title: str) -> FigureBlock:
        return FigureBlock("f", t(title), t("Of whom"), t(f"Bar chart: {title}"), t("Base 88."), "picture.svg")

    wide = TableBlock(
        t("Two headings a row"),
        (Column(t("Split by")), Column(t("Answer")), *(Column(t(f"Column {i}"), numeric=True) for i in range(9))),
        tuple(Row((Cell(t(by)), Cell(t(a)), *(Cell(f"{n}.5") for n in range(9)))) for by in "AB" for a in ("x", "y")),
        row_headers=2,
    )
    said = (
        Quotation(t("Quiet, at last"), t("Pupil, Primary")),
        Quotation("\u0645\u0643\u062a\u0628\u0629", t("Pupil")),
    )
    quotations = (Quotations(t("Calm"), said), Quotations(t("Noise"), (Quotation(t("Never quiet"), t("Teacher")),)))
    asked = (Wording(t("How often do you go?")), Paragraph(t("Asked of everyone.")))
    splits = tuple(
        Fold(t(f"Table by {by}"), (table(f"Visits by {by}"),), choice=t(by)) for by in ("Phase", "Region", "Caf\u00e9")
    )
    themes = tuple(
        Fold(t(f"Themes by {by}"), (figure(f"Themes by {by}"), table(f"Themes by {by}")), choice=t(by))
        for by in ("Role", "Place")
    )
    sections = (
        Section(
            "opening",
            t("Opening"),
            (
                Note(t("Read with care."), "warning"),
                Note(t("A remark.")),
                Facts(((t("Population"), t("Pupils\nand teachers")),)),
                KeyFigures((KeyFigure("41%", t("Visits"), t("go often (base 88)."), "visits"),), "findings"),
                KeyFigures((KeyFigure("[c]", t("No place"), t("withheld.")),), "findings"),
                Bullets((t("First"), t("Second"))),
            ),
        ),
        Section(
            "findings",
            t("Findings"),
            (),
            (
                Section(
                    "visits",
                    t("Visits"),
                    (
                        Fold(t("How it was asked"), asked, open=True),
                        figure("Often is common"),
                        table("Visits: per cents"),
                        figure("Visits differ by phase"),
                        *splits,
                        Fold(t("Tests"), (wide,)),
                    ),
                ),
                Section(
                    "one-break", t("One break only"), (Fold(t("By Sex"), (table("Loans by Sex"),), choice=t("Sex")),)
                ),
            ),
        ),
        Section("voices", t("Voices"), (Paragraph(t("Chosen words.")), *themes, *quotations)),
    )
    sizes = KeyFigures((KeyFigure("88", t("respondents"), t("after exclusions")),), "sizes")
    report: Report = with_legible_text(
        Report(
            study="made-up",
            title=t("What libraries are for"),
            research_question=t("What are they for?"),
            kind=t("Survey"),
            author=t("Us"),
            simulated=True,
            mark="Not for release",
            sizes=sizes,
            sections=numbered(sections),
            program="plait 0",
            tables="0123456789ab",
        )
    )
    return report
