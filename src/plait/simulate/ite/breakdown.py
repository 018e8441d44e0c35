"""The vendor's three tables on one question, counted from the respondents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor, sqrt
from pathlib import Path

from plait.simulate.files import write_table
from plait.simulate.ite import wording
from plait.simulate.ite.panel import Person

Test = Callable[[Person], bool]
_OPTIONS = (
    "external_training",
    "protected_time",
    "internal_training",
    "collaboration",
    "celebration",
    "salary",
    "recognition",
    "none",
)


def write_breakdown(support: Mapping[Person, set[str]], folder: Path) -> list[Path]:
    """Write shares, bases and margins of error, one column a group.

    The split of leaders by mentoring was added later and holds whole per cents.
    """
    groups = {name: [p for p in support if test(p)] for name, test in _groups().items()}
    bases = {name: len(people) for name, people in groups.items()}
    rows = []
    for option in _OPTIONS:
        counts = {name: sum(option in support[p] for p in people) for name, people in groups.items()}
        rows.append([wording.Q2_ANSWERS[option], *(_share(name, counts[name], bases[name]) for name in groups)])
    margins = [f"{_half_up(98 / sqrt(base))}%" for base in bases.values()]
    names = list(groups)
    return [
        write_table(folder / "responses.csv", ["question", *names], rows, byte_order_mark=True),
        write_table(folder / "responders.csv", names, [[str(b) for b in bases.values()]], byte_order_mark=True),
        write_table(folder / "margin_of_error.csv", names, [margins], byte_order_mark=True),
    ]


def _share(group: str, count: int, base: int) -> str:
    if group.startswith("seniorSplit"):
        return f"{_half_up(100 * count / base)}%"
    return f"{count / base:.9f}".rstrip("0").rstrip(".")


def _half_up(value: float) -> int:
    return floor(value + 0.5)


def _groups() -> dict[str, Test]:
    families = {
        "phase": ("phase", {"primary": "primary", "secondary": "secondary"}),
        "ofsted": ("ofsted", {"outstanding": "outstanding", "good": "good", "RI_inadequate": "below_good"}),
        "fsm": ("fsm_quartile", {"q1_affluent": "q1", "q2": "q2", "q3": "q3", "q4_deprived": "q4"}),
        "schoolSize": ("school_size_quartile", {"q1_small": "q1", "q2": "q2", "q3": "q3", "q4_large": "q4"}),
        "governance": (
            "governance",
            {
                "LA_comm": "la_community",
                "LA_non_comm": "la_other",
                "large_MAT": "large_mat",
                "small_MAT": "small_mat",
                "single_acad": "single_academy",
            },
        ),
        "region": (
            "region",
            {
                "East": "east",
                "London": "london",
                "Midlands": "midlands",
                "NW": "north_west",
                "SE": "south_east",
                "SW": "south_west",
                "Yorkshire_NE": "yorkshire_north_east",
            },
        ),
        "age": ("age_group", {"20s": "a20s", "30s": "a30s", "40s": "a40s", "50s_plus": "a50s"}),
        "gender": ("gender", {"female": "female", "male": "male"}),
        "experience": (
            "experience",
            {"less_than_5": "under5", "5_to_10": "y5to10", "10_to_20": "y10to20", "over_20": "over20"},
        ),
        "seniority": (
            "role",
            {"classroom": "classroom", "middle_leader": "middle", "SLT_excl_head": "slt", "headteacher": "head"},
        ),
    }
    groups = {
        f"{family}_{name}": _has(fact, value)
        for family, (fact, names) in families.items()
        for name, value in names.items()
    }
    for phase in ("primary", "secondary"):
        for name, roles in (("teacher", ("classroom", "middle")), ("SLT", ("slt",)), ("head", ("head",))):
            groups[f"phaseSeniority_{phase}_{name}"] = _has_both(phase, roles)
    for name, value in (
        ("SLT_mentor", "slt_mentor"),
        ("SLT_non_mentor", "slt_other"),
        ("head_mentor", "head_mentor"),
        ("head_non_mentor", "head_other"),
    ):
        groups[f"seniorSplit_{name}"] = _has("leader_mentoring", value)
    return groups


def _has(fact: str, value: str) -> Test:
    return lambda person: person.is_(fact, value)


def _has_both(phase: str, roles: tuple[str, ...]) -> Test:
    return lambda person: person.phase == phase and person.role in roles
