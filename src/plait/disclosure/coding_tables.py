"""How the coding came about, as it is published: files, remarks, steps, coders, adjudication and decisions.

Nothing here names a text or holds what was said in one. The import log's messages may name sources, and so only events
leave, in words of this module; a file's name leaves where it passes the screen and is not that of a text; and who made a
decision stays in the project, since a reason may rest on somebody who was asked ("member check").
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from plait import tables
from plait.disclosure.labels import Labels
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY_OF_COUNTS, SuppressionLog, by_size
from plait.qualitative.deny_list import words_of
from plait.qualitative.screening import Leaving, Screen
from plait.rounding import whole_per_cent
from plait.study import Study
from plait.study.coding_checks import EVERY_CODE
from plait.tables import ALL

EVERY_COLLECTION = "All collections"
_EFFECTS = ["segments_before", "segments_changed", "segments_added", "segments_removed", "sources_touched"]

_TOOLS = re.compile(
    r"(ATLAS\.ti|Dedoose|f4analyse|MAXQDA|NVivo|plait|QDA Miner|QualCoder|Quirkos|Quirkos Cloud|REFI|ROCK|RQDA|Taguette|"
    r"Transana|webQDA|Word)\b(?:\D{0,20}(\d{1,4}(?:\.\d{1,3})?)\b)?",
    re.IGNORECASE,
)
_ANOTHER_TOOL = "another program"
_LEFT_OUT = {
    "repeats": "the same code again on the same stretch by the same coder",
    "a code that the definition leaves out": "a code that is no code of the study",
    "names a code": "a code that is not in the file",
    "names no code": "no code is named",
    "names no coder": "no coder is named",
    "the coder is not": "a coder whom the file does not know",
    "the quoted text": "the quoted words do not stand where they should, nor elsewhere just once",
    "lies outside": "lies outside the text",
    "starts before": "lies outside the text",
    "ends after": "lies outside the text",
    "ends before": "its positions are no stretch of text",
    "codes no character": "its positions are no stretch of text",
    "is empty": "its positions are no stretch of text",
    "has a position": "its positions are no stretch of text",
    "its start and end": "its positions are no stretch of text",
    "cuts a character": "its positions are no stretch of text",
    "codes a line": "its positions are no stretch of text",
    "marks no stretch": "its positions are no stretch of text",
    "is not anchored": "its positions are no stretch of text",
    "stands in a source": "a source that is not in the file",
    "is not in the project": "a source that is not in the file",
    "codes a part of a picture": "a part of a picture, not text",
    "was deleted": "was deleted in the tool",
    "its weight": "its weight is not a number",
    "says neither": "does not say whether the code applies",
    "is a note": "a note, not a coding",
}
"""Why codings are left out, by how the reason in the segments begins; what follows there may quote the file."""
_CAUTIONS = {
    "astray": "codings that do not stand on the text stored with them",
    "attributes": "attributes of people that are unclear or not in the file",
    "blank": "marks on blank answers",
    "broad": "codings of nearly a whole text",
    "cases": "links of people to texts that cannot be used",
    "case_nodes": "codes that stand for people and were read as such",
    "code": "a file that does not name its code",
    "code_lists": "codes that cannot be told apart",
    "code_names": "codes of the same name, or nearly",
    "coders": "coders who are not named, or whose names are nearly alike",
    "counts": "counts that differ between files",
    "cut": "codings whose ends were probably cut off by the tool",
    "dates": "dates that cannot be read",
    "decision": "decisions that change nothing",
    "descriptors": "attributes of people that contradict each other",
    "excluded": "codings left out, by reason",
    "file_or_case": "a column that may name files or people",
    "ids": "answers of one sheet that are not in another",
    "names": "texts of the same name",
    "namespace": "a project file of an unusual form",
    "networks": "relations between codes, which are not read",
    "newer_version": "a version of the tool that is not known",
    "no_paragraph": "settled codings that lie on blank lines only",
    "no_users": "a file that does not say who coded",
    "not_codable": "codings at codes that are not to be coded with",
    "offsets": "positions that were found by the quoted words, or fit badly",
    "ranges": "codes whose stretch differs from that of their excerpt",
    "repeated_ids": "ids that occur more than once",
    "repeated_selections": "selections that share an id",
    "repeats": "rows that repeat another",
    "second_coding": "a second table of codings, which is not read",
    "several_categories": "codes in several categories",
    "several_codes": "codings that name several codes",
    "several_parents": "codes below several others",
    "several_users": "several users in the file, without who coded what",
    "silent": "people without a coded segment",
    "single_coder": "codes settled by the only coder who was asked",
    "sources_without_case": "texts that belong to nobody",
}
"""The cautions of the import log by event. `missing_...` is any field that is empty."""


def coding_sources_table(files: pd.DataFrame, study: Study, labels: Labels) -> pd.DataFrame:
    """The files of each collection; a name that may tell of somebody gives way to a number."""
    screen = Screen.of(study.denied_names, [allowed.word for allowed in study.allowed_words])
    names = files["name"].tolist()
    safe = [
        not of_text and _may_be_printed(name, screen)
        for name, of_text in zip(names, files["names_a_source"], strict=True)
    ]
    return tables.PUBLISHED_CODING_SOURCES.of(
        pd.DataFrame(
            {
                "collection": files["collection"],
                "collection_label": _collections(files["collection"], labels),
                "file": [
                    name if ok else f"file {n}" for n, (name, ok) in enumerate(zip(names, safe, strict=True), start=1)
                ],
                "reader": files["reader"],
                "tool": files["tool"].map(_tool),
                "offset_convention": files["offset_convention"],
                "codings_in": files["n_in"],
                "active": files["n_active"],
                "excluded": files["n_excluded"],
                "unresolved": files["n_unresolved"],
            }
        )
    )


def _may_be_printed(name: str, screen: Screen) -> bool:
    """Whether nothing in a file's name looks like a name, a number or an address, in capitals or without."""
    words = " ".join(re.findall(r"[^\W_]+", name))
    if not words:
        return False
    # Within a sentence any capital letter counts; at its start names of the deny list do, which are capitalised.
    asked = [Leaving("file", name, f"the file {words}"), Leaving("file", name, name)]
    denied = screen.names.find(words.title(), words_of(words.title()))
    return not denied and not any(screen.look_at(leaving) for leaving in asked)


def _tool(text: str) -> str:
    """The program that wrote a file, of those that are known, with the first two parts of its version."""
    if not text:
        return ""
    found = _TOOLS.match(text.strip())
    return " ".join(part for part in found.groups() if part) if found else _ANOTHER_TOOL


def coding_notes_table(notes: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """What was left out and what to look at, as counts, in words of this module."""
    said = [_said(kind, what) for kind, what in zip(notes["kind"], notes["what"], strict=True)]
    rows = notes.assign(text=said, collection_label=_collections(notes["collection"], labels)).drop(columns="what")
    keys = ["collection", "collection_label", "kind", "text"]
    return tables.PUBLISHED_CODING_NOTES.of(rows.groupby(keys, sort=False)["n"].sum().reset_index())


def _said(kind: str, what: str) -> str:
    if kind == "left_out":
        return next((text for start, text in _LEFT_OUT.items() if what.startswith(start)), "another reason")
    if what.startswith("missing_"):
        return "cells that are empty"
    return _CAUTIONS.get(what, "another caution")


def coders_table(work: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Who coded, under the names that agreement is published with, and how much."""
    return tables.PUBLISHED_CODERS.of(work.assign(collection_label=_collections(work["collection"], labels)))


def adjudication_table(adjudication: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """What coders agreed on before they met, and what was settled of the rest."""
    units = adjudication["n_units"].astype("float64")
    return tables.PUBLISHED_ADJUDICATION.of(
        adjudication.assign(
            collection_label=_collections(adjudication["collection"], labels),
            per_cent_alike=whole_per_cent(adjudication["units_alike"].astype("float64") / units.where(units > 0)),
        )
    )


def decisions_table(decisions: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Every decision in order, without its sources; what it did is withheld where that is about a few texts."""
    hidden = _hidden(decisions, rules)
    for number in hidden:
        log.add_hidden(tables.PUBLISHED_DECISIONS, str(decisions["collection"].iloc[number]), ALL, ALL)
    suppressed = np.array([n in hidden for n in range(len(decisions))], dtype=bool)
    effects = {name: decisions[name].mask(suppressed) for name in _EFFECTS}
    return tables.PUBLISHED_DECISIONS.of(
        pd.DataFrame(
            {
                "number": range(1, len(decisions) + 1),
                "date": decisions["date"],
                "action": decisions["action"],
                "collection": decisions["collection"],
                "collection_label": _collections(decisions["collection"], labels),
                "code_label": [labels.codes[code] if code else "All codes" for code in decisions["code"]],
                "into_labels": [_into(into, labels) for into in decisions["into"]],
                "why": list(map(_without_source, decisions["why"], decisions["source"])),
                **effects,
                "marker": np.where(suppressed, "c", ""),
            }
        )
    )


def coding_steps_table(
    steps: pd.DataFrame, decisions: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """From the codings in the files to those that count.

    What the decisions of a collection did together is withheld where it would tell what a single hidden one did.
    """
    hidden = [str(decisions["collection"].iloc[n]) for n in _hidden(decisions, rules)]
    lonely = {c for c in steps["collection"] if sum(scope in ("", c) for scope in hidden) == 1}
    alone = steps["collection"].isin(lonely)
    of_decided, of_chosen = (alone & (steps["step"] == step) for step in ("decided", "chosen"))
    for collection in sorted(lonely):
        log.add(tables.PUBLISHED_CODING_STEPS, collection, ALL, ALL, "what a single hidden decision did", 5)
    masks = {
        "segments_in": of_decided,
        "segments_added": of_decided,
        "segments_removed": of_decided | of_chosen,
        "segments_out": of_chosen,
    }
    return tables.PUBLISHED_CODING_STEPS.of(
        steps.assign(
            collection_label=_collections(steps["collection"], labels),
            marker=np.where(of_decided | of_chosen, "c", ""),
            **{name: steps[name].mask(mask) for name, mask in masks.items()},
        )
    )


def _hidden(decisions: pd.DataFrame, rules: Rules) -> dict[int, str]:
    """The decisions whose effects are withheld, by place, each with the rule.

    Together they add up to what the steps tell, so that a single one gets company.
    """
    hidden: dict[int, str] = {}
    for _, scope in decisions.reset_index(drop=True).groupby("collection", sort=False):
        touched = {str(n): int(count) for n, count in scope["sources_touched"].items() if count > 0}
        few = {n: f"fewer than {rules.theme_cell} texts" for n, count in touched.items() if count < rules.theme_cell}
        others = by_size(touched, (n for n in touched if n not in few))
        alone = dict.fromkeys(others[:1], COMPANY_OF_COUNTS) if len(few) == 1 else {}
        hidden |= {int(n): rule for n, rule in (few | alone).items()}
    return dict(sorted(hidden.items()))


def _into(into: str, labels: Labels) -> str:
    codes = [code for code in into.split(";") if code]
    return "; ".join("any other code" if code == EVERY_CODE else labels.codes[code] for code in codes)


def _without_source(why: str, source: str) -> str:
    """A reason in which the text that it is about is not named."""
    return re.sub(rf"(?<!\w){re.escape(source)}(?!\w)", "[this text]", why) if source else why


def _collections(names: pd.Series, labels: Labels) -> list[str]:
    return [labels.collection(name) if name else EVERY_COLLECTION for name in names]
