"""The names that tools give the columns of their tables, in the languages of their interfaces.

A tool writes its headers in the language it is used in, and researchers translate some of them by hand. A column is
known by any of its names, whatever its capitals, accents and spaces. English names come first; the others follow in
the order German, French, Spanish, Portuguese. The first name that is there decides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from plait.errors import Problems
from plait.tabular.folding import fold

Names = Mapping[str, tuple[str, ...]]
"""For each field, in our word for it, the names of its column."""

MAXQDA: Names = {
    "document": (
        "Document name", "Document", "Dokumentname", "Dokument", "Nom du document", "Nombre del documento",
        "Nombre de documento", "Nome do documento",
    ),
    "group": (
        "Document group", "Dokumentgruppe", "Groupe de documents", "Grupo de documentos", "Grupo de documento",
    ),
    "code": ("Code", "Kode", "Código", "Codes"),
    "text": ("Segment", "Coded segment", "Codiertes Segment", "Segment codé", "Segmento", "Segmento codificado"),
    "start": ("Beginning", "Begin", "Start", "Anfang", "Beginn", "Début", "Inicio", "Principio", "Comienzo", "Início"),
    "end": ("End", "Ende", "Fin", "Final", "Fim"),
    "weight": (
        "Weight score", "Weight", "Gewicht", "Gewichtung", "Gewichtungswert", "Score de pondération", "Pondération",
        "Poids", "Valor de peso", "Ponderación", "Peso", "Pontuação de peso", "Valor do peso",
    ),
    "comment": ("Comment", "Kommentar", "Commentaire", "Comentario", "Comentário"),
    "coder": ("Created by", "Author", "Erstellt von", "Autor", "Créé par", "Auteur", "Creado por", "Criado por"),
    "created": (
        "Created", "Creation date", "Erstellt", "Erstellt am", "Erstellungsdatum", "Créé", "Créé le",
        "Date de création", "Creado", "Creado el", "Fecha de creación", "Criado", "Criado em", "Data de criação",
    ),
    "area": ("Area", "Fläche", "Surface", "Zone", "Área", "Superficie"),
    "colour": ("Color", "Colour", "Farbe", "Couleur", "Cor"),
    "modified_by": (
        "Modified by", "Last modified by", "Geändert von", "Bearbeitet von", "Modifié par", "Modificado por",
    ),
    "modified": ("Modified", "Last modified", "Geändert", "Geändert am", "Bearbeitet am", "Modifié", "Modifié le",
        "Modificado", "Modificado el", "Modificado em"),
    "coverage": (
        "Coverage %", "Coverage", "Abdeckungsgrad %", "Abdeckungsgrad", "Abdeckung %", "Couverture %",
        "% de couverture", "Cobertura %", "% Cobertura", "% de cobertura",
    ),
}  # fmt: skip

ATLASTI_QUOTATIONS: Names = {
    "id": ("ID", "Number", "Id", "Nummer", "Identifiant", "Numéro", "Número", "Identificador"),
    "document": ("Document", "Documents", "Document name", "Dokument", "Documento"),
    "text": (
        "Quotation Content", "Text Content", "Content", "Zitatinhalt", "Zitat-Inhalt", "Textinhalt", "Inhalt",
        "Contenu de la citation", "Contenu du texte", "Contenu", "Contenido de la cita", "Contenido del texto",
        "Contenido", "Conteúdo da citação", "Conteúdo do texto", "Conteúdo",
    ),
    "name": (
        "Quotation Name", "Name", "Zitatname", "Nom de la citation", "Nom", "Nombre de la cita", "Nombre",
        "Nome da citação", "Nome",
    ),
    "codes": ("Codes", "Code", "Kodes", "Códigos"),
    "n_codes": (
        "Number of Codes", "Code Count", "Anzahl der Kodes", "Anzahl Kodes", "Anzahl der Codes", "Nombre de codes",
        "Número de códigos", "Cantidad de códigos", "Quantidade de códigos",
    ),
    "reference": ("Reference", "Referenz", "Référence", "Referencia", "Referência"),
    "comment": ("Comment", "Quotation Comment", "Kommentar", "Commentaire", "Comentario", "Comentário"),
    "coder": (
        "Created by", "Creator", "Erstellt von", "Créé par", "Creado por", "Criado por",
    ),
    "created": (
        "Creation Date", "Created", "Date Created", "Erstellungsdatum", "Erstellt", "Erstellt am", "Date de création",
        "Créé", "Fecha de creación", "Creado", "Data de criação", "Criado em",
    ),
    "start": ("Initial Position", "Start Position", "Start", "Anfangsposition", "Startposition", "Position initiale",
        "Posición inicial", "Posição inicial"),
    "end": ("Final Position", "End Position", "End", "Endposition", "Position finale", "Posición final",
        "Posição final"),
}  # fmt: skip

ATLASTI_CODES: Names = {
    "code": ("Code", "Name", "Kode", "Código"),
    "comment": ("Comment", "Code Comment", "Kommentar", "Commentaire", "Comentario", "Comentário"),
    "grounded": (
        "Grounded", "Groundedness", "Magnitude Degree", "Gr", "Verankerung", "Verankert", "Fundiertheit", "Enracinement",
        "Enraizamiento", "Enraizado", "Magnitude", "Enraizamento", "Fundamentação",
    ),
    "density": ("Density", "Dichte", "Densité", "Densidad", "Densidade"),
    "groups": (
        "Groups", "Code Groups", "Gruppen", "Kodegruppen", "Code-Gruppen", "Groupes", "Groupes de codes", "Grupos",
        "Grupos de códigos",
    ),
}  # fmt: skip

ATLASTI_GROUP = ("Code Group", "Kodegruppe", "Code-Gruppe", "Groupe de codes", "Grupo de códigos")
"""What the headers of a codebook's numbered group columns start with."""

DEDOOSE_EXCERPTS: Names = {
    "media": ("Media Title", "Resource Title"),
    "range": ("Excerpt Range",),
    "coder": ("Excerpt Creator",),
    "created": ("Excerpt Date",),
    "text": ("Excerpt Copy", "Excerpt"),
    "media_creator": ("Resource Creator", "Media Creator"),
    "media_date": ("Resource Date", "Media Date"),
    "combined": ("Codes Applied Combined",),
}

DEDOOSE_CODES: Names = {
    "id": ("Id",),
    "parent": ("Parent Id",),
    "depth": ("Depth",),
    "title": ("Title",),
    "description": ("Description",),
    "weighted": ("Weighted",),
    "weight_minimum": ("Weight Minimum",),
    "weight_maximum": ("Weight Maximum",),
    "weight_default": ("Weight Default",),
}


QUALCODER_REPORT: Names = {
    "file": ("Filename", "File", "File/case"),
    "case": ("Case",),
    "coder": ("Coder",),
    "coded": ("Coded",),
    "id": ("Id",),
    "code": ("Codename",),
    "memo": ("Coded_Memo",),
}

TAGUETTE_HIGHLIGHTS: Names = {"id": ("id",), "document": ("document",), "tag": ("tag",), "content": ("content",)}

TAGUETTE_CODEBOOK: Names = {
    "tag": ("tag",),
    "description": ("description",),
    "highlights": ("number of highlights",),
    "documents": ("number of documents",),
    "parent": ("parent",),
}


def plain(name: str) -> str:
    """A name for comparing: without capitals, accents, and spaces at its ends or in a row."""
    parts = unicodedata.normalize("NFD", fold(name))
    return "".join(char for char in parts if not unicodedata.combining(char))


def places_of(header: Sequence[str], names: Names) -> dict[str, int]:
    """Where the column of each field stands; a field without one is left out, and no column serves two fields."""
    first: dict[str, int] = {}
    for place, title in enumerate(header):
        first.setdefault(plain(title), place)
    places: dict[str, int] = {}
    for field, known in names.items():
        found = (first[plain(name)] for name in known if plain(name) in first)
        free = [place for place in found if place not in places.values()]
        if free:
            places[field] = free[0]
    return places


def has_columns(rows: Sequence[Sequence[str]], names: Names, needed: Sequence[str]) -> bool:
    """Whether one of the first rows of a table is a header with a column for each of these fields."""
    return any(set(needed) <= set(places_of(row, names)) for row in rows)


def require(
    header: Sequence[str], places: Mapping[str, int], names: Names, needed: Sequence[str], file: str, problems: Problems
) -> None:
    """Add a problem for every field that has no column: what was found and what was expected."""
    for field in needed:
        if field not in places:
            expected = " or ".join(f"'{name}'" for name in names[field][:4])
            found = ", ".join(f"'{title}'" for title in header if title)
            problems.add(
                file,
                f"has no column for the {field.replace('_', ' ')}: expected {expected}; found {found}",
                "export the table in English, or rename the column",
            )
