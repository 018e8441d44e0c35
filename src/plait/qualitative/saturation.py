"""Whether more texts would have brought new codes: the accumulation of codes over texts, and when it levels off.

The measure is that of Guest, Namey and Chen (2020): the codes new in a run of texts, as a share of those in a base of
first texts. It depends on the order of the texts, and is therefore given for the order in which they were collected
beside its distribution over random orders; the mean over all orders has a closed form (Colwell, Mao and Chang 2004).
Codes count as they were given, not the themes above them. Answers to an open question are no such texts: a few answers
are not a base.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.counted import CountedText, Index, counted_texts
from plait.qualitative.similarity import SHORT
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.study.load import DEFINITION_FILE
from plait.tables import SATURATION, SATURATION_CURVE, SATURATION_SUMMARY

BASES, RUNS, THRESHOLDS = (4, 5, 6), (2, 3), (5, 0)
"""Texts, texts, and per cents, as Guest, Namey and Chen (2020) tried them."""
ORDERS = 1000
"""Random ones."""
SEED = 2020
"""Fixed, so that the same texts give the same table."""
SOON = 0.8
"""Share of the codes; where the first text has more, the rest could hardly add any."""
MEANING = (
    "counting codes shows when they stop being new, not when they are understood (Hennink, Kaiser and Marconi 2017)"
)
EARLY = (
    "more than 80% of the codes are in the first text: with few or broad codes, or codes made beforehand, the measure "
    "says little"
)
_AT_ONCE = 4_000_000
"""Numbers held in memory for random orders at a time."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Saturation:
    """The accumulation curve, the measure for every base, run and threshold, and what there is to say beside them."""

    curve: pd.DataFrame
    measure: pd.DataFrame
    summary: pd.DataFrame


@dataclass(frozen=True)
class Found:
    """Which code was found in which text, each pair once, by code.

    Attributes:
        text: The place of each text in the order of collection.
        first: Where the pairs of each code start.
        n_texts: How many texts there are, those without a code included.
    """

    text: Index
    first: Index
    n_texts: int

    @property
    def texts_of(self) -> Index:
        """In how many texts each code was found."""
        return np.diff(np.append(self.first, len(self.text)))


def saturation(coded: CodedText, collections: Mapping[str, Collection]) -> Saturation:
    """Follow the codes of every collection but those of short texts.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have, or the attribute that orders its
            texts is not there or is neither a date nor a number.
    """
    followed = {name: spec for name, spec in collections.items() if spec.mode not in SHORT}
    problems = Problems()
    parts = []
    for counted in counted_texts(coded, followed):
        with problems.collecting():
            parts.append(_of_collection(counted))
    problems.raise_if_any()
    return Saturation(
        SATURATION_CURVE.of(pd.concat([p.curve for p in parts])) if parts else SATURATION_CURVE.empty(),
        SATURATION.of(pd.concat([p.measure for p in parts])) if parts else SATURATION.empty(),
        SATURATION_SUMMARY.of(pd.concat([p.summary for p in parts])) if parts else SATURATION_SUMMARY.empty(),
    )


# --- the numbers -------------------------------------------------------------------------------------------------------


def accumulated(found: Found, rank: npt.NDArray[np.int64]) -> Index:
    """How many codes there are after each text, for one or more orders.

    Args:
        found: Which code was found in which text.
        rank: Place of each text in each order: (orders, texts).

    Returns:
        (orders, texts): codes in the first text, the first two, and so on.
    """
    orders, n = rank.shape
    new = np.zeros(orders * n, dtype=np.int64)
    if len(found.first):
        earliest = np.minimum.reduceat(rank[:, found.text], found.first, axis=1)
        new += np.bincount((earliest + n * np.arange(orders)[:, None]).reshape(-1), minlength=orders * n)
    return np.cumsum(new.reshape(orders, n), axis=1)


def random_orders(found: Found, orders: int = ORDERS, seed: int = SEED) -> Index:
    """Codes after each text in random orders of the texts: (orders, texts); the same for the same seed."""
    source = np.random.default_rng(seed)
    size = max(1, _AT_ONCE // max(len(found.text), found.n_texts, 1))
    parts = []
    for start in range(0, orders, size):
        shuffled = source.random((min(size, orders - start), found.n_texts)).argsort(axis=1, kind="stable")
        parts.append(accumulated(found, shuffled))
    return np.concatenate(parts)


def mean_curve(texts_of: Index, n_texts: int) -> npt.NDArray[np.float64]:
    """The mean number of codes after each text over all orders.

    A code found in f of N texts is missing from n of them with probability C(N-f, n) / C(N, n).

    Args:
        texts_of: In how many texts each code was found.
        n_texts: How many texts there are.
    """
    left = n_texts - np.arange(n_texts)
    # Draw text after text: the chance that the next is without the code, given that those before were.
    without = np.maximum(left[None, :] - texts_of[:, None], 0) / left[None, :]
    return np.asarray((1 - np.cumprod(without, axis=1)).sum(axis=0), dtype=np.float64)


def chao2(texts_of: Index, n_texts: int) -> float:
    """A lower bound of how many codes there would be in ever more such texts (Chao 1987).

    From the codes found in one text only (Q1) and in two (Q2): S + (N-1)/N Q1² / (2 Q2), and without any in two
    S + (N-1)/N Q1 (Q1-1) / 2.
    """
    if n_texts == 0:
        return float("nan")
    once, twice = int((texts_of == 1).sum()), int((texts_of == 2).sum())
    more = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    return len(texts_of) + (n_texts - 1) / n_texts * more


@dataclass(frozen=True)
class Levelling:
    """Where accumulation levels off, for one or more orders.

    Attributes:
        base: Codes in the base.
        reached_at: The last text before the first run with little new; a number beyond all texts where there is none.
        above: (orders, runs): whether each run is above the threshold.
    """

    base: Index
    reached_at: Index
    above: npt.NDArray[np.bool_]


def levelling(codes: Index, base: int, run: int, per_cent: int) -> Levelling:
    """Compare every run of texts with the base; runs move on by one text.

    Args:
        codes: Codes after each text: (orders, texts); there are at least as many texts as base and run together.
        base: Texts in the base.
        run: Texts in a run.
        per_cent: Of the codes in the base, that may be new in a run.
    """
    in_base = codes[:, base - 1]
    new = codes[:, base + run - 1 :] - codes[:, base - 1 : -run]
    above = 100 * new > per_cent * in_base[:, None]
    reached = np.where(above.all(axis=1), _NEVER, base + np.argmin(above, axis=1))
    return Levelling(in_base, reached, above)


# --- the tables --------------------------------------------------------------------------------------------------------


def _of_collection(counted: CountedText) -> Saturation:
    order = _order(counted)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    unit, entry = counted.given
    by_code = np.lexsort((rank[unit], entry))
    first = np.flatnonzero(np.diff(entry[by_code], prepend=-1))
    found = Found(rank[unit][by_code], first.astype(np.int64), len(order))
    codes = accumulated(found, np.arange(len(order), dtype=np.int64)[None, :])
    drawn = random_orders(found) if len(order) else codes
    return Saturation(
        _curve(counted.name, found, codes[0], drawn),
        SATURATION.of(pd.DataFrame(list(_measure(counted.name, codes, drawn)))),
        _summary(counted, found, codes[0]),
    )


def _curve(name: str, found: Found, codes: Index, drawn: Index) -> pd.DataFrame:
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0, method="inverted_cdf") if len(codes) else (codes, codes)
    return SATURATION_CURVE.of(
        pd.DataFrame(
            {
                "collection": name,
                "n": np.arange(1, len(codes) + 1),
                "codes_in_order": codes,
                "new": np.diff(codes, prepend=0),
                "mean": mean_curve(found.texts_of, found.n_texts),
                "low": low,
                "high": high,
            }
        )
    )


def _measure(name: str, codes: Index, drawn: Index) -> Iterator[dict[str, object]]:
    n = codes.shape[1]
    for base, run, per_cent in product(BASES, RUNS, THRESHOLDS):
        row: dict[str, object] = {"collection": name, "base": base, "run": run, "threshold": per_cent / 100}
        row |= dict.fromkeys(("codes_in_base", "reached_at", "later_rise", "median_of_orders"), pd.NA)
        row |= {"share_of_orders": float("nan"), "note": ""}
        if n < base + run:
            yield row | {"note": f"not estimable: needs {base + run} texts, and there are {n}"}
            continue
        own, others = levelling(codes, base, run, per_cent), levelling(drawn, base, run, per_cent)
        in_base = int(own.base[0])
        if in_base == 0:
            yield row | {"codes_in_base": 0, "note": "not estimable: there is no code in the base"}
            continue
        row |= {"codes_in_base": in_base} | _over_orders(others)
        reached = int(own.reached_at[0])
        if reached == _NEVER:
            yield row | {"note": "not reached"}
            continue
        rises = base + np.flatnonzero(own.above[0])
        rises = rises[rises > reached]
        note = f"above the threshold again after text {', '.join(map(str, rises))}" if len(rises) else ""
        yield row | {"reached_at": reached, "later_rise": int(rises[0]) if len(rises) else pd.NA, "note": note}


def _over_orders(others: Levelling) -> dict[str, object]:
    """Random orders whose base holds no code reach nothing."""
    reached = np.where(others.base > 0, others.reached_at, _NEVER)
    middle = int(np.sort(reached)[(len(reached) - 1) // 2])
    return {
        "share_of_orders": float((reached < _NEVER).mean()),
        "median_of_orders": middle if middle < _NEVER else pd.NA,
    }


def _summary(counted: CountedText, found: Found, codes: Index) -> pd.DataFrame:
    n_codes = len(found.first)
    share = float(codes[0]) / n_codes if n_codes and len(codes) else float("nan")
    return SATURATION_SUMMARY.of(
        pd.DataFrame(
            [
                {
                    "collection": counted.name,
                    "unit": "sources" if counted.counts is None else "cases",
                    "n_units": found.n_texts,
                    "n_codes": n_codes,
                    "first_share": share,
                    "once": int((found.texts_of == 1).sum()),
                    "chao2": chao2(found.texts_of, found.n_texts),
                    "order": counted.spec.order_by or "",
                    "orders": ORDERS if found.n_texts else 0,
                    "note": f"{EARLY}; {MEANING}" if share > SOON else MEANING,
                }
            ]
        )
    )


# --- the order of texts ------------------------------------------------------------------------------------------------


def _order(counted: CountedText) -> Index:
    """The numbers of the texts (or of cases, where only counts are known) as they were collected."""
    cases = counted.cases if counted.counts is not None else counted.sources["case"]
    if not counted.spec.order_by:
        return np.arange(len(cases), dtype=np.int64)
    keys = _order_keys(counted, cases, counted.spec.order_by)
    return np.argsort(np.array(keys, dtype=float), kind="stable").astype(np.int64)


def _order_keys(counted: CountedText, cases: pd.Series[str], attribute: str) -> list[float]:
    problems = Problems()
    known = counted.coded.case_attributes
    known = known[known["case"].isin(counted.cases)]
    values = known[known["attribute"] == attribute].set_index("case")["value"]
    if values.empty:
        message = (
            f"no case of '{counted.name}' has the attribute '{attribute}', which is to give the order of the texts"
        )
        mend = did_you_mean(attribute, dict.fromkeys(known["attribute"]))
        problems.add(DEFINITION_FILE, message, mend, column="order_by", value=attribute)
        problems.raise_if_any()
    origin = counted.coded.cases.set_index("case")["origin_id"]
    keys = []
    for case in cases:
        value = str(values.get(case, ""))
        key = _order_key(value)
        if key is None:
            whose = f"the case '{origin[case]}'" if case else "a text without a case"
            message = f"{whose} of '{counted.name}' has no '{attribute}' that is a number or a date like 2026-03-31"
            problems.add(DEFINITION_FILE, message, "fill it in", column="order_by", value=value)
        keys.append(key if key is not None else np.nan)
    problems.raise_if_any()
    return keys


def _order_key(value: str) -> float | None:
    try:
        return float(datetime.date.fromisoformat(value).toordinal())
    except ValueError:
        pass
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
