"""An invented panel of teachers for timing: nobody in it exists, and any number of them can be had.

Teachers sit in schools, four on average, and schools in strata of phase by region. Answers lean on who the teacher is
and on the school, so that breaks differ, clusters matter and the weights are not all alike. `write` puts the panel in a
folder in the plainest form there is, so that every program reads the same numbers: bytes on disk and two small CSVs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

POPULATION = 510_000
TARGETS = {
    "gender": (0.755, 0.245),
    "age": (0.22, 0.31, 0.26, 0.17, 0.04),
    "phase": (0.47, 0.46, 0.07),
    "seniority": (0.60, 0.24, 0.12, 0.04),
    "region": (0.047, 0.129, 0.098, 0.088, 0.107, 0.115, 0.170, 0.158, 0.088),
}
"""Shares of the population in each level of the raked margins; the panel's own shares differ."""
JOINED = {
    "gender": (0.66, 0.34),
    "age": (0.18, 0.33, 0.29, 0.16, 0.04),
    "phase": (0.41, 0.52, 0.07),
    "seniority": (0.52, 0.28, 0.15, 0.05),
    "region": (0.05, 0.13, 0.10, 0.09, 0.11, 0.11, 0.15, 0.16, 0.10),
}
"""Shares of the levels among those who joined the panel."""
OTHERS = {"poverty": 5, "urban": 2, "size": 3, "trust": 2, "subject": 6, "contract": 2, "experience": 5}
OTHERS |= {"training": 4, "route": 3, "cohort": 6}
"""Groups of the breaks that are not raked."""
BREAKS = (*TARGETS, *OTHERS)
OPTIONS = (2, 3, 4, 5, 6, 7)
"""Options of the first six questions; the next six have as many again."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of n teachers.

    Attributes:
        breaks: Name to (n,) group of every teacher, 0 to groups - 1; the first five are the raked margins.
        questions: Name to (n,) option chosen, 0 to options - 1; -1 where there is no answer.
        options: Name of the question to its number of options.
        start: (n,) weights before raking.
        school: (n,) number of the school, the primary sampling unit.
        stratum: (n,) number of the stratum the school was drawn from.
    """

    breaks: dict[str, np.ndarray]
    questions: dict[str, np.ndarray]
    options: dict[str, int]
    start: np.ndarray
    school: np.ndarray
    stratum: np.ndarray


def invent(n: int, n_questions: int = 30, n_breaks: int = 6, seed: int = 20261124) -> Panel:
    """Invent a panel; the same arguments give the same panel."""
    random = np.random.default_rng(seed)
    n_schools, n_strata = n // 4, 27
    stratum_of = np.concatenate([np.repeat(np.arange(n_strata), 2), _draw(random, n_schools - 2 * n_strata, STRATA)])
    poverty_of, effect_of = random.integers(0, 5, n_schools), random.normal(0, 0.4, n_schools).astype(np.float32)
    school = np.concatenate([np.arange(n_schools), random.integers(0, n_schools, n - n_schools)])
    random.shuffle(school)
    stratum = stratum_of[school]

    breaks = {
        "gender": _draw(random, n, JOINED["gender"]),
        "age": _draw(random, n, JOINED["age"]),
        "phase": (stratum // 9).astype(np.int8),
        "seniority": _draw(random, n, JOINED["seniority"]),
        "region": (stratum % 9).astype(np.int8),
        "poverty": poverty_of[school].astype(np.int8),
    }
    for name in BREAKS[6:n_breaks]:
        breaks[name] = random.integers(0, OTHERS[name], n, dtype=np.int8)
    options = {f"q{j + 1}": OPTIONS[j % len(OPTIONS)] for j in range(n_questions)}
    questions = {name: _answers(random, breaks, effect_of[school], k, j) for j, (name, k) in enumerate(options.items())}
    start = np.exp(random.normal(0, 0.35, n))
    return Panel(breaks, questions, options, start * (POPULATION / start.sum()), school, stratum)


def write(panel: Panel, folder: Path) -> None:
    """Write `codes` (one byte a value, column after column), `school`, `stratum`, `start`, and two CSVs that name them."""
    columns = {name: (panel.breaks[name], "break", int(panel.breaks[name].max()) + 1) for name in panel.breaks}
    columns |= {name: (panel.questions[name], "question", panel.options[name]) for name in panel.questions}
    np.stack([codes for codes, _, _ in columns.values()]).astype(np.int8).tofile(folder / "codes.int8")
    panel.school.astype(np.int32).tofile(folder / "school.int32")
    panel.stratum.astype(np.int32).tofile(folder / "stratum.int32")
    panel.start.tofile(folder / "start.float64")
    lines = [f"{name},{role},{levels}" for name, (_, role, levels) in columns.items()]
    (folder / "columns.csv").write_text("name,role,levels\n" + "\n".join(lines) + "\n", encoding="utf-8")
    totals = [
        f"{name},{level},{s * POPULATION!r}" for name, shares in TARGETS.items() for level, s in enumerate(shares)
    ]
    (folder / "targets.csv").write_text("name,level,total\n" + "\n".join(totals) + "\n", encoding="utf-8")


STRATA = tuple(phase * region for phase in JOINED["phase"] for region in JOINED["region"])


def _draw(random: np.random.Generator, n: int, shares: tuple[float, ...]) -> np.ndarray:
    return np.searchsorted(np.cumsum(shares)[:-1], random.random(n), side="right").astype(np.int8)


def _answers(
    random: np.random.Generator, breaks: dict[str, np.ndarray], effect: np.ndarray, options: int, j: int
) -> np.ndarray:
    """Options as steps of a leaning that differs by who the teacher is; every fifth question goes to half of them."""
    leaning = effect + random.standard_normal(effect.size, dtype=np.float32)
    for name, shares in TARGETS.items():
        by_group = random.normal(0, 0.15, len(shares)).astype(np.float32)
        leaning += by_group[breaks[name]]
    cuts = np.linspace(-1.4, 1.2, options - 1) if options > 2 else np.array([0.2])
    answers = np.searchsorted(cuts.astype(np.float32), leaning).astype(np.int8)
    answers[random.random(effect.size, dtype=np.float32) < (0.5 if j % 5 == 4 else 0.06)] = -1
    return answers
