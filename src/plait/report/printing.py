"""How numbers, dates and lists of words are printed: in one way, in every renderer and every locale."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from plait.rounding import round_half_up
from plait.tables import MARKERS

LANGUAGE = "en-GB"
"""Of all that the program words itself."""
INTERVAL = "95% interval"
EVERYONE = "Everyone"
MISSING = "z"
"""The marker where a table has neither a number nor a reason: a quantity that does not exist for this row."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def printed(value: Any, marker: str = "", digits: int = 0) -> str:
    """Print a published number: thousands with commas, halves up, its marker in square brackets.

    Args:
        value: The number; missing where it was withheld or does not exist, and then the marker stands alone.
        marker: Shorthand of `tables.MARKERS`, without brackets.
        digits: Decimals.
    """
    if pd.isna(value):
        return f"[{marker or MISSING}]"
    text = f"{round_half_up(float(value), digits) + 0.0:,.{digits}f}"
    return f"{text} [{marker}]" if marker else text


def printed_or(value: Any, marker: str, digits: int = 0) -> str:
    """Print a number without its marker, which stands elsewhere in the table, or the marker in place of the number."""
    return printed(value, marker if pd.isna(value) else "", digits)


def printed_as_is(value: Any, marker: str = "") -> str:
    """Print a number of any kind: a whole one without decimals, another with two, a tiny one as less than the least."""
    if pd.notna(value) and 0 < abs(float(value)) < 0.005:
        return "<0.01"
    return printed_or(value, marker, 0 if pd.isna(value) or float(value).is_integer() else 2)


def signed(text: str, value: Any) -> str:
    """A printed difference with its sign: a plus, or a true minus."""
    return f"+{text}" if pd.notna(value) and value > 0 else text.replace("-", "\u2212")


def printed_p(value: Any, marker: str = "") -> str:
    """Print a p value; below a thousandth only that it is below."""
    return "<0.001" if pd.notna(value) and float(value) < 0.001 else printed_or(value, marker, 3)


def printed_range(low: Any, high: Any, marker: str = "", digits: int = 0) -> str:
    """Print an interval, or the marker where it has no ends."""
    if pd.isna(low) or pd.isna(high):
        return printed(None, marker)
    return f"{printed(low, digits=digits)} to {printed(high, digits=digits)}"


def printed_day(day: datetime.date | str) -> str:
    """Print a date in words; a text that is no date stays as it is."""
    if isinstance(day, str):
        try:
            day = datetime.date.fromisoformat(day)
        except ValueError:
            return str(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def printed_days(start: datetime.date, end: datetime.date) -> str:
    """Print a span of days, saying month and year once where they are the same."""
    if start == end:
        return printed_day(start)
    first = str(start.day)
    if (start.month, start.year) != (end.month, end.year):
        first = printed_day(start) if start.year != end.year else printed_day(start).rsplit(" ", 1)[0]
    return f"{first} to {printed_day(end)}"


def named(name: object) -> str:
    """What the report calls a method, effect size, diagnostic or table; its own name as words where it has no other."""
    method, _, errors = str(name).partition("+")
    known = _NAMES.get(method) or spoken(method)
    return f"{known}; standard errors from {_ERRORS[errors]}" if errors else known


_ERRORS = {
    "bootstrap": "the bootstrap",
    "jackknife": "the jackknife",
    "replicate_weights": "the replicate weights of the file",
}


_REDUCED = "the base divided by the figure\u2019s own design effect, of weights and clusters"
"""Not the effective base that is printed, which knows of weights only."""
_NAMES = {
    # intervals
    "wilson": "Wilson score interval for a simple random sample",
    "wilson-effective": f"Wilson score interval on {_REDUCED}",
    "logit": "Interval on the log-odds with Student\u2019s t",
    "arcsine": "Interval on the arcsine of the square root with Student\u2019s t",
    "korn-graubard": f"Korn\u2013Graubard interval, exact for {_REDUCED}",
    # tests
    "pearson": "Pearson\u2019s chi-squared",
    "pearson_yates": "Pearson\u2019s chi-squared with Yates\u2019 correction",
    "rao_scott": "Rao\u2013Scott chi-squared (F), which allows for weights and clusters",
    "fisher": "Fisher\u2019s exact test",
    "wald_means": "Wald test of means (F), which allows for weights and clusters",
    "rank_test": "Rank test (F) after Lumley and Scott, which allows for weights and clusters",
    "saddlepoint": "Rao\u2013Scott chi-squared, p from a saddlepoint approximation, which allows for weights and clusters",
    "adjusted_wald": "Adjusted Wald test (F), which allows for weights and clusters",
    "mean_trend": "Test of a trend of the mean (t), which allows for weights and clusters",
    "rank_trend": "Test of a trend of the ranks (t) after Lumley and Scott, which allows for weights and clusters",
    "wald_t": "Wald interval with Student\u2019s t",
    "woodruff": "Woodruff interval",
    "cramers_v": "Cram\u00e9r\u2019s V",
    # agreement between coders
    "per_cent": "Per cent coded alike",
    "cohen_kappa": "Cohen\u2019s kappa",
    "fleiss_kappa": "Fleiss\u2019 kappa",
    "brennan_prediger": "PABAK (Brennan and Prediger\u2019s kappa)",
    "gwet_ac1": "Gwet\u2019s AC1",
    "krippendorff_alpha": "Krippendorff\u2019s alpha",
    "masi_alpha": "Krippendorff\u2019s alpha of sets of codes (MASI distances)",
    "unitizing_alpha": "Krippendorff\u2019s alpha of stretches (unitizing)",
    "probability_higher": "Probability that somebody of the later group answers higher",
    "slope": "Change for one step of the break",
    # diagnostics of weights
    "n": "Respondents with a weight",
    "n_without_weight": "Respondents without a weight",
    "n_outside_population": "Without a weight: outside the population of the targets",
    "n_population_not_known": "Without a weight: not known whether in the population",
    "n_unknown_group": "Without a weight: a weighting group is not known",
    "n_missing_weight": "Without a weight: none in the file",
    "n_zero_weight": "Without a weight: zero in the file",
    "largest_gap": "Largest distance of a share from its target, in points",
    "design_effect_untrimmed": "Design effect before trimming",
    "percentile_5": "5th percentile of the weights",
    "lower_quartile": "Lower quartile of the weights",
    "median_weight": "Median weight",
    "upper_quartile": "Upper quartile of the weights",
    "percentile_95": "95th percentile of the weights",
    "mean_weight": "Mean weight",
    "smallest_ratio_to_start": "Smallest ratio of weight to start weight",
    "largest_ratio_to_start": "Largest ratio of weight to start weight",
    "merged_groups": "Groups merged for weighting",
    "proxy_targets": "Targets that are proxies",
    "illustrative_targets": "Targets that are illustrative",
    "smallest_weight": "Smallest weight (the mean is 1)",
    "largest_weight": "Largest weight (the mean is 1)",
    "effective_n": "Effective number of respondents",
    "design_effect": "Design effect of weighting",
    "iterations": "Rounds of fitting",
    "largest_error": "Largest relative distance from a target before trimming",
    "trimmed": "Weights trimmed",
    # published tables
    "cooccurrence": "Themes and codes that come together",
    "statistics_by_theme": "Survey answers by theme",
    "robustness": "Headline numbers under other choices",
    # numbers compared between sources
    "base": "Bases",
    "count": "Counts",
    "margin_of_error": "Margins of error",
    "integrality": "Whether share times base is a whole number",
}


def with_marker(label: str, marker: str) -> str:
    """A label, followed by a marker that holds for all it names."""
    return f"{label} [{marker}]" if marker else label


def legend(texts: Iterable[str]) -> str:
    """The meaning of every marker that these texts use, as a sentence; empty when they use none."""
    used = set(re.findall(r"\[(\w+)\]", " ".join(texts)))
    meanings = "; ".join(f"[{m}] {meaning}" for m, meaning in MARKERS.items() if m in used)
    return f"Shorthand: {meanings}." if meanings else ""


def sentence(text: str) -> str:
    """Close a text with a full stop, where it has no stop of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?\u2026" else f"{text}."


def capital(text: object) -> str:
    """A text with a capital at its start."""
    return str(text)[:1].upper() + str(text)[1:]


def spoken(name: object) -> str:
    """An internal name as words: `design_effect` is a design effect."""
    return capital(str(name).replace("_", " "))


def distinct(values: Iterable[Any]) -> list[str]:
    """Texts without repeats and without empty ones, in order."""
    return [v for v in dict.fromkeys(str(v) for v in values) if v]
