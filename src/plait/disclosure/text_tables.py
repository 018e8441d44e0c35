"""Theme counts, co-occurrence, saturation, agreement and the joint display as they are published."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.disclosure.hiding import Hiding, Place
from plait.disclosure.labels import Labels, labelled, remarks
from plait.disclosure.rounded import people, per_cents, rounded
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.disclosure.themes import ThemeHiding
from plait.rounding import whole_per_cent
from plait.tables import ALL, rows_of

Mask = npt.NDArray[np.bool_]


def theme_counts(themes: pd.DataFrame, labels: Labels, hiding: ThemeHiding, log: SuppressionLog) -> pd.DataFrame:
    """Counts of texts and people, by group too; counts of segments, characters and words for everyone only."""
    shown = themes[(themes["by"] == ALL) | themes["unit"].isin(["sources", "cases"])].reset_index(drop=True)
    keys = ThemeHiding.keys(shown)
    suppressed = np.array([hiding.rule(*key) != "" for key in keys], dtype=bool)
    hiding.note(log)
    of = shown["of"].astype("float64")
    share = shown["n"].astype("float64") / of.where(of > 0)
    rules = hiding.rules
    per_cent = np.where(suppressed | (of < rules.theme_per_cent), np.nan, per_cents(share, rules))
    low = (per_cent == 0) & (shown["n"].fillna(0) > 0).to_numpy(dtype=bool)
    unknown = shown["n"].isna().to_numpy(dtype=bool)
    return tables.PUBLISHED_THEMES.of(
        pd.DataFrame(
            {
                "collection": shown["collection"],
                "collection_label": shown["collection"].map(labels.collection),
                "theme": shown["theme"],
                "theme_label": shown["theme"].map(labels.codes),
                "level": shown["level"],
                "parent": shown["theme"].map(labels.parents),
                "by": shown["by"],
                "by_label": labelled(shown, labels.attribute, "collection", "by"),
                "group": shown["group"],
                "group_label": shown["group"].where(shown["by"] != ALL, "Everyone"),
                "unit": shown["unit"],
                "n": shown["n"].mask(suppressed),
                "of": shown["of"],
                "per_cent": per_cent,
                "marker": np.select([suppressed, low, unknown], ["c", "low", "z"], ""),
            }
        )
    )


def counting_notes_table(notes: pd.DataFrame, labels: Labels, rules: Rules) -> pd.DataFrame:
    """What to know of the counts; how many people a note is about is not said of a few."""
    few = (notes["kind"] == "silent_cases") & (notes["n"] < rules.theme_cell)
    return tables.PUBLISHED_COUNTING_NOTES.of(
        notes.assign(
            collection_label=notes["collection"].map(labels.collection),
            code_label=notes["code"].map(lambda code: labels.codes.get(code, "")),
            n=notes["n"].mask(few),
            marker=np.where(few, "c", ""),
        )
    )


def cooccurrence_table(pairs: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog) -> pd.DataFrame:
    """How often two themes or codes come together; pairs that never meet are left out.

    Of a code that is found in a few people only, to know that it meets another would be to know how often: its pairs are
    left out, and those of such a theme are withheld, whether they meet or not. A pair that meets in few people, or in
    everyone of the few that one of the two has, is withheld in every unit: the other units would tell it.
    """
    key = pd.MultiIndex.from_frame(pairs[["collection", "code_a", "code_b"]])
    people = pairs["unit"].isin(["sources", "cases"]).to_numpy(dtype=bool)
    of_few = key.isin(key[people & (pairs[["n_a", "n_b"]].min(axis=1) < rules.theme_cell).to_numpy(dtype=bool)])
    of_themes = (pairs["level"] == "theme").to_numpy(dtype=bool)
    kept = np.where(of_few, people & of_themes, (pairs["n_both"] > 0).to_numpy(dtype=bool))
    met = pairs[kept].reset_index(drop=True)
    key = pd.MultiIndex.from_frame(met[["collection", "code_a", "code_b"]])
    suppressed = key.isin(key[of_few[kept] | _few_together(met, rules)])
    for collection in met["collection"][suppressed]:
        log.add_hidden(tables.PUBLISHED_COOCCURRENCE, str(collection), ALL, ALL)
    numbers = {name: np.where(suppressed, np.nan, rounded(met[name], 2)) for name in ("jaccard", "phi", "c")}
    return tables.PUBLISHED_COOCCURRENCE.of(
        met.assign(
            collection_label=met["collection"].map(labels.collection),
            code_a_label=met["code_a"].map(labels.codes),
            code_b_label=met["code_b"].map(labels.codes),
            n_both=met["n_both"].mask(suppressed),
            marker=np.where(suppressed, "c", ""),
            note=met["note"].mask(suppressed, ""),
            **numbers,
        )
    )


def _few_together(met: pd.DataFrame, rules: Rules) -> Mask:
    """Pairs that meet in few people, or in everyone of the few that one of the two has.

    How often each is found bounds how often both are (Frechet 1940). Where no more than one number within the bounds
    would be hidden, the next ones are hidden, too, or that it is hidden would tell which.
    """
    people = met["unit"].isin(["sources", "cases"]).to_numpy(dtype=bool)
    a, b, n, everyone = (
        met[name].astype("float64").fillna(0).to_numpy() for name in ("n_a", "n_b", "n_both", "n_units")
    )
    least, most, enough = np.maximum(a + b - everyone, 1), np.minimum(a, b), rules.theme_cell - 1
    can_be_few = least < rules.theme_cell
    few = can_be_few & (n < least + enough)
    beside = np.where(can_be_few, np.minimum(enough, rules.theme_cell - least), 0)
    whole = (most < rules.hide_below) & (n > most - np.maximum(enough - beside, 1))
    return np.asarray(people & (few | whole) & (rules.theme_cell > 0), dtype=bool)


def saturation_curve_table(curve: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """How codes accumulate over texts; which texts, and which codes, is not said."""
    return tables.PUBLISHED_SATURATION_CURVE.of(
        curve.assign(
            collection_label=curve["collection"].map(labels.collection),
            **{name: rounded(curve[name], 1) for name in ("mean", "low", "high")},
        )
    )


def saturation_table(saturation: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """When new codes become rare."""
    return tables.PUBLISHED_SATURATION.of(
        saturation.assign(
            collection_label=saturation["collection"].map(labels.collection),
            threshold=whole_per_cent(saturation["threshold"]),
            share_of_orders=whole_per_cent(saturation["share_of_orders"]),
        )
    )


def saturation_summary_table(summary: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """What saturation was measured on, and the cautions."""
    return tables.PUBLISHED_SATURATION_SUMMARY.of(
        summary.assign(
            collection_label=summary["collection"].map(labels.collection),
            first_share=whole_per_cent(summary["first_share"]),
            chao2=rounded(summary["chao2"], 1),
        )
    )


COEFFICIENTS = (
    "per_cent",
    "cohen_kappa",
    "fleiss_kappa",
    "brennan_prediger",
    "gwet_ac1",
    "krippendorff_alpha",
    "masi_alpha",
    "unitizing_alpha",
)
"""Those that are published; others are in the internal table, and hardly ever say anything else."""


def quotes_table(quotes: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Approved quotations: their words and whom they are attributed to, without where they stand."""
    return tables.PUBLISHED_QUOTES.of(
        pd.DataFrame(
            {
                "quote": quotes["quote"],
                "collection": quotes["collection"],
                "theme": quotes["theme"],
                "theme_label": quotes["theme"].map(labels.codes),
                "text": quotes["text"],
                "attribution": quotes["attribution"],
            }
        )
    )


def agreement_table(agreement: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Agreement between coders, code by code and over all."""
    shown = agreement[agreement["coefficient"].isin(COEFFICIENTS)].reset_index(drop=True)
    per_cent = (shown["coefficient"] == "per_cent").to_numpy(dtype=bool)
    numbers = {
        column: np.where(per_cent, whole_per_cent(shown[column]), rounded(shown[column], 2))
        for column in ("value", "low", "high")
    }
    return tables.PUBLISHED_AGREEMENT.of(
        shown.assign(
            collection_label=shown["collection"].map(labels.collection),
            code_label=shown["code"].map(lambda c: labels.codes[c] if c else "All codes"),
            **numbers,
        )
    )


def agreement_counts_table(counts: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """How often each of two coders gave a code, and both of them."""
    return tables.PUBLISHED_AGREEMENT_COUNTS.of(
        counts.assign(
            collection_label=counts["collection"].map(labels.collection),
            code_label=counts["code"].map(labels.codes),
            prevalence=whole_per_cent(counts["prevalence"]),
        )
    )


def joint_display_table(joint: pd.DataFrame, labels: Labels, hiding: Hiding) -> pd.DataFrame:
    """The strands side by side, under the rules of each."""
    rules = hiding.rules
    survey = (joint["strand"] == "survey").to_numpy(dtype=bool)
    of = joint["of"].astype("float64").to_numpy()
    places = zip(joint["origin"], joint["grain"], joint["item"], strict=True)
    in_cells = np.array([(ALL, i) in hiding.cells.get(Place(o, ALL, g), {}) for o, g, i in places], dtype=bool)
    suppressed = survey & (of < rules.hide_below)
    in_cells |= survey & (of < rules.withhold_below) & (rules.cell_below > 0)
    no_value = in_cells | (survey & (of < rules.withhold_below)) | (~survey & (of < rules.theme_per_cent))
    few = survey & ~suppressed & (of < rules.flag_below)
    named = [labels.linked(*place) for place in rows_of(joint, ["strand", "origin", "item"])]
    kept = ["construct", "label", "strand", "origin", "item", "weight_set"]
    authored = ["interview_question", "fit", "meta_inference", "rationale", "author", "date"]
    per_cent = np.where(no_value, np.nan, per_cents(joint["value"], rules))
    low = (per_cent == 0) & (joint["value"] > 0).to_numpy(dtype=bool)
    return tables.PUBLISHED_JOINT_DISPLAY.of(
        joint[kept + authored].assign(
            origin_label=[origin for origin, _ in named],
            item_label=[item for _, item in named],
            per_cent=per_cent,
            ci_low=np.where(no_value, np.nan, per_cents(joint["ci_low"], rules)),
            ci_high=np.where(no_value, np.nan, per_cents(joint["ci_high"], rules)),
            n=joint["n"],
            of=people(joint["of"], rules).where(survey, joint["of"]).mask(suppressed),
            marker=np.select([suppressed | in_cells, few, low], ["c", "u", "low"], ""),
            note=remarks("", joint["weight_set"], labels),
        )
    )
