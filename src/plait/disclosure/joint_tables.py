"""What brings the strands together, as it is published beside the joint display.

Numbers that another published table has are looked up there, so that what is hidden in it is hidden here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.labels import Labels, labelled
from plait.disclosure.rounded import decimals_for, people, per_cents
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SMALL_OR_COMPANY, SuppressionLog, hidden_counts, hidden_groups
from plait.rounding import round_half_up
from plait.tables import ALL, records, rows_of

_LEFT_OUT = ("no_consent", "no_id", "not_in_survey", "no_group")
_UNJOINED = "not joined"
Row = dict[str, Any]


def joining_table(joining: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """How many cases were joined and why others were not; parts of a few people are hidden."""
    rows: list[Row] = []
    for line in records(joining):
        parts = {part: int(line[part]) for part in ("joined", *_LEFT_OUT) if pd.notna(line[part])}
        hidden = hidden_counts(parts, dict.fromkeys(parts, int(line["cases"])), rules)
        for part in (part for part in parts if part in hidden):
            log.add_hidden(tables.PUBLISHED_JOINING, str(line["collection"]), str(line["by"]), part.replace("_", " "))
        names = {
            "collection_label": labels.collection(line["collection"]),
            "by_label": labels.attribute(line["collection"], line["by"]) if line["by"] else "",
            "variable_label": labels.variable(line["variable"]) if line["variable"] else "",
        }
        rows.append(line | names | dict.fromkeys(hidden, pd.NA) | {"marker": "c" if hidden else ""})
    return tables.PUBLISHED_JOINING.of(rows)


def statistics_table(statistics: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """Survey answers of joined people with and without a theme, under the rules of any break of the survey.

    The respondents who are not joined are the third group: with those two they are everyone in the question's base. Where
    a few speak of a theme and not of a code of it, the code's rows would tell of them, and are hidden.
    """
    cell = ["construct", "collection", "theme", "question", "option", "measure"]
    hidden: set[tuple[object, ...]] = set()
    for key, pair in statistics.groupby(cell, sort=False):
        bases = dict(zip(pair["spoken"].astype(bool).map(str), pair["base"].astype(int), strict=True))
        of_pair = hidden_groups(bases | {_UNJOINED: int(pair["base_unjoined"].iloc[0])}, rules)
        for group in (group for group in bases if group in of_pair):
            hidden.add((*key, group))
            log.add_hidden(tables.PUBLISHED_STATISTICS_BY_THEME, *_who(key[1], key[2], key[3], group == "True"))
    for key in _nearly_as_many(statistics, labels, rules):
        for group in (group for group in ("True", "False") if (*key, group) not in hidden):
            hidden.add((*key, group))
            log.add_hidden(tables.PUBLISHED_STATISTICS_BY_THEME, *_who(key[1], key[2], key[3], group == "True"))
    spoken = statistics["spoken"].astype(bool).map(str).tolist()
    keys = zip(rows_of(statistics, cell), spoken, strict=True)
    suppressed = np.array([(*key, group) in hidden for key, group in keys], dtype=bool)
    base = statistics["base"].to_numpy(dtype=float)
    nobody = ~suppressed & (base == 0)
    mean = (statistics["measure"] == "mean").to_numpy(dtype=bool)
    share = statistics["value"].to_numpy(dtype=float)
    withheld = ~suppressed & ~nobody & (base < rules.withhold_below)
    rare = ~mean & (np.minimum(share, 1 - share) * base < rules.cell_below)
    rare = (rare | _beside_rare(statistics, rare, labels, rules)) & ~suppressed & ~withheld
    no_value = suppressed | withheld | rare | nobody
    _note_answers(statistics, {f"base below {rules.withhold_below}": withheld, SMALL_OR_COMPANY: rare}, log)
    digits = statistics["value"].abs().groupby(statistics["question"]).transform("max").fillna(0).map(decimals_for)
    means = [round_half_up(v, d) for v, d in zip(statistics["value"], digits, strict=True)]
    per_cent = np.where(no_value | mean, np.nan, per_cents(statistics["value"], rules))
    low = (per_cent == 0) & (statistics["value"] > 0).to_numpy(dtype=bool)
    few = base < rules.flag_below
    in_cells = rare | (withheld & (rules.cell_below > 0))
    shown = [c for c in tables.STATISTICS_BY_THEME.columns if c in tables.PUBLISHED_STATISTICS_BY_THEME.columns]
    return tables.PUBLISHED_STATISTICS_BY_THEME.of(
        statistics[shown].assign(
            collection_label=statistics["collection"].map(labels.collection),
            theme_label=statistics["theme"].map(labels.codes),
            question_label=statistics["question"].map(labels.variable),
            option_label=np.where(mean, "Mean", labelled(statistics, labels.item, "question", "option")),
            per_cent=per_cent,
            mean=np.where(no_value | ~mean, np.nan, np.array(means, dtype=float)),
            base=people(statistics["base"], rules).mask(suppressed),
            marker=np.select([suppressed | in_cells, nobody, few, low], ["c", "z", "u", "low"], ""),
        )
    )


def _nearly_as_many(statistics: pd.DataFrame, labels: Labels, rules: Rules) -> list[tuple[object, ...]]:
    """Rows of codes of which the theme has a few people more, who stand beside those of the theme, each once."""
    place = ["collection", "theme", "question", "option"]
    spoken = statistics[statistics["spoken"].astype(bool)]
    sizes = dict(zip(rows_of(spoken, place), spoken["base"].astype(int).tolist(), strict=True))
    found = []
    for *key, size in rows_of(spoken, ["construct", *place, "measure", "base"]):
        _, collection, code, question, option, _ = key
        of_theme = sizes.get((collection, labels.parents.get(code, ""), question, option), size)
        if 0 < of_theme - size < rules.hide_below:
            found.append(tuple(key))
    return found


def _beside_rare(
    statistics: pd.DataFrame, rare: npt.NDArray[np.bool_], labels: Labels, rules: Rules
) -> npt.NDArray[np.bool_]:
    """What would tell of rare answers: the others to a single choice, its mean, and those of the people beside.

    The others add up with the rare one, and where a few respondents are not joined everyone's answers are known.
    """
    single = statistics["question"].map(labels.takes_one_answer).to_numpy(dtype=bool)
    group = pd.MultiIndex.from_frame(statistics[["collection", "theme", "question", "spoken"]])
    answer = pd.MultiIndex.from_frame(statistics[["collection", "theme", "question", "option"]])
    all_joined = (statistics["base_unjoined"] < rules.hide_below).to_numpy(dtype=bool)
    of_group = rare | (single & group.isin(group[rare]))
    return np.asarray(of_group | (all_joined & answer.isin(answer[of_group])), dtype=bool)


def _note_answers(statistics: pd.DataFrame, hidden: Mapping[str, npt.NDArray[np.bool_]], log: SuppressionLog) -> None:
    """Log the answers that each rule hides of groups whose bases are shown, once a group of a question."""
    groups = ["collection", "theme", "question", "spoken"]
    for rule, rows in hidden.items():
        for collection, theme, question, spoken in rows_of(statistics[rows], groups):
            place = _who(collection, theme, question, bool(spoken))
            log.add(tables.PUBLISHED_STATISTICS_BY_THEME, *place, rule)


def _who(collection: object, theme: object, question: object, spoken: bool) -> tuple[str, str, str]:
    """A group of joined people, as the log names it."""
    return f"{collection}: {theme}", str(question), "speaks of it" if spoken else "does not"


def by_group_table(
    cells: pd.DataFrame, estimates: pd.DataFrame, themes: pd.DataFrame, labels: Labels, rules: Rules
) -> pd.DataFrame:
    """Survey estimates and theme counts of the same groups, each as its own published table has it.

    Args:
        cells: Columns of `plait.tables.STRANDS_BY_GROUP`.
        estimates: Columns of `plait.tables.PUBLISHED_ESTIMATES`.
        themes: Columns of `plait.tables.PUBLISHED_THEMES`.
        labels: The printed names.
        rules: The disclosure profile.
    """
    found = _Published(estimates, themes, labels, rules)
    rows: list[Row] = []
    for cell in records(cells):
        about = {k: v for k, v in cell.items() if k not in ("by", "values")}
        origin, item = labels.linked(cell["strand"], cell["origin"], cell["item"])
        about |= {
            "variable_label": labels.variable(cell["variable"]),
            "group_label": labels.group(cell["variable"], cell["group"]),
            "origin_label": origin,
            "item_label": item,
        }
        if cell["strand"] == "survey":
            rows.append(about | found.estimate(cell["origin"], cell["item"], cell["variable"], cell["group"]))
        else:
            rows.append(about | found.count(cell["origin"], cell["item"], cell["by"], cell["values"].split("\n")))
    return tables.PUBLISHED_STRANDS_BY_GROUP.of(rows)


def quote_matrix_table(
    matrix: pd.DataFrame, quotes: pd.DataFrame, themes: pd.DataFrame, labels: Labels, rules: Rules
) -> pd.DataFrame:
    """Approved quotations by theme and group, beside how many of the group speak of the theme.

    Args:
        matrix: Columns of `plait.tables.QUOTE_MATRIX`.
        quotes: Columns of `plait.tables.PUBLISHED_QUOTES`.
        themes: Columns of `plait.tables.PUBLISHED_THEMES`.
        labels: The printed names.
        rules: The disclosure profile.
    """
    found = _Published(tables.PUBLISHED_ESTIMATES.empty(), themes, labels, rules)
    said = {row["quote"]: row for row in records(quotes)}
    rows: list[Row] = []
    for cell in records(matrix):
        count: Row = {"n": pd.NA, "of": pd.NA, "marker": "z"}  # of people whose group is not told there is no count
        if cell["group"]:
            count = found.count(cell["collection"], cell["theme"], cell["by"], [cell["group"]])
        quote = said.get(cell["quote"], {"text": "", "attribution": ""})
        rows.append(cell | {
            "collection_label": labels.collection(cell["collection"]),
            "theme_label": labels.codes[cell["theme"]],
            "by_label": labels.attribute(cell["collection"], cell["by"]),
            "group_label": cell["group"] or "Not told",
            "n": count["n"],
            "of": count["of"],
            "marker": count["marker"],
            "text": quote["text"],
            "attribution": quote["attribution"],
        })  # fmt: skip
    return tables.PUBLISHED_QUOTE_MATRIX.of(rows)


def case_level_table(matrix: pd.DataFrame, labels: Labels, rules: Rules) -> pd.DataFrame:
    """Answers and themes of single people, who are numbered: only where nothing is for release."""
    if rules.released or matrix.empty:
        return tables.PUBLISHED_CASE_LEVEL.empty()
    named = [labels.linked(*place) for place in rows_of(matrix, ["strand", "origin", "item"])]
    number = matrix.groupby("collection")["case"].transform(lambda case: pd.factorize(case, sort=True)[0] + 1)
    return tables.PUBLISHED_CASE_LEVEL.of(
        matrix.drop(columns="case").assign(
            collection_label=matrix["collection"].map(labels.collection),
            number=number.astype("int64"),
            origin_label=[origin for origin, _ in named],
            item_label=[item for _, item in named],
        )
    )


def unlinked_table(unlinked: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """What no construct speaks of, by its printed names."""
    rows: list[Row] = []
    for row in records(unlinked):
        if row["strand"] == "survey":
            item = labels.item(row["origin"], row["item"]) if row["item"] else ""
            names = {"origin_label": labels.variable(row["origin"]), "item_label": item}
        else:
            names = {"origin_label": "Codebook", "item_label": labels.codes[row["item"]]}
        rows.append(row | names)
    return tables.PUBLISHED_UNLINKED.of(rows)


class _Published:
    """Numbers looked up in the published tables of each strand."""

    def __init__(self, estimates: pd.DataFrame, themes: pd.DataFrame, labels: Labels, rules: Rules) -> None:
        self.rules = rules
        # The weighted estimate before an unweighted one, that of respondents before a vendor's.
        best = estimates.assign(plain=estimates["weight_set"] == "", vendor=estimates["grain"] != "respondent")
        best = best.sort_values(["plain", "vendor"], kind="stable")
        place = ["question", "option", "break", "group"]
        self.estimates = {tuple(r[c] for c in place): r for r in reversed(records(best))}
        coded = labels.coded.collections if labels.coded else {}
        by_answer = [name for name, collection in coded.items() if collection.people_unit == "sources"]
        answers = (themes["unit"] == "sources") & themes["collection"].isin(by_answer)
        place = ["collection", "theme", "by", "group"]
        # Answers to an open question count one by one, where they are known and not counts of codes alone.
        counted = [*records(themes[themes["unit"] == "cases"]), *records(themes[answers])]
        self.counts = {tuple(r[c] for c in place): r for r in counted}

    def estimate(self, question: str, item: str, variable: str, group: str) -> Row:
        """A share of a group; where the group was not asked, or the question has no such break, that it is none."""
        row = self.estimates.get((question, item, variable, group))
        kept = ("weight_set", "per_cent", "ci_low", "ci_high", "marker", "note")
        if row is None:
            nothing = {"weight_set": "", "marker": "z", "note": "", "n": pd.NA, "of": pd.NA}
            return nothing | dict.fromkeys(("per_cent", "ci_low", "ci_high"), float("nan"))
        return {name: row[name] for name in kept} | {"n": pd.NA, "of": row["base_unweighted"]}

    def count(self, collection: str, theme: str, by: str, values: Iterable[str]) -> Row:
        """How many people of a group speak of a theme; several values of an attribute add up unless one is hidden."""
        rows = [self.counts[(collection, theme, by, value)] for value in (values if by else (ALL,))]
        found: Row = {"weight_set": "", "note": "", "ci_low": float("nan"), "ci_high": float("nan")}
        found["of"] = of = sum(int(row["of"]) for row in rows)
        if len(rows) == 1:
            return found | {name: rows[0][name] for name in ("n", "per_cent", "marker")}
        unknown = [row["marker"] for row in rows if pd.isna(row["n"])]
        if unknown:
            return found | {"n": pd.NA, "per_cent": float("nan"), "marker": unknown[0]}
        n = sum(int(row["n"]) for row in rows)
        enough = all(pd.notna(row["per_cent"]) for row in rows)
        (per_cent,) = per_cents([n / of if enough else np.nan], self.rules)
        return found | {"n": n, "per_cent": per_cent, "marker": "low" if n and per_cent == 0 else ""}
