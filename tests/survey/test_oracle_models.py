"""Regressions against numbers that the R package survey gives for the same panel."""

from __future__ import annotations

import numpy as np
import pytest

from plait.survey.models import Model, Term, groups_term, interaction_term, linear, logistic, number_term, term_tests
from survey_oracle import close, design, expected, needs_oracle, panel, wide

pytestmark = needs_oracle

TOLERANCE = 1e-6
DESIGNS = ("w", "stratclus", "w_calrake", "stratclus_calrake", "stratclus_fpc")


def groups(name: str) -> Term:
    column = panel()[name]
    return groups_term(name, column.to_numpy() - 1, [f"{name}{level}" for level in range(1, column.max() + 1)])


def fitted(name: str, tag: str) -> Model:
    of, hours = design(name), panel()["hours"].to_numpy()
    if tag == "logit:q1=2~gender+age+hours":
        chosen = (panel()["q1"] == 2).where(panel()["q1"].notna()).to_numpy(float)
        return logistic(of, chosen, [groups("gender"), groups("age"), number_term("hours", hours)])
    if tag == "logit:m2~phase+seniority":
        return logistic(of, panel()["m2"].to_numpy(), [groups("phase"), groups("seniority")])
    if tag == "linear:l1~age+fsm":
        return linear(of, panel()["l1"].to_numpy(), [groups("age"), groups("fsm")])
    seniority, phase = groups("seniority"), groups("phase")
    return linear(of, hours, [seniority, phase, interaction_term(seniority, phase)])


@pytest.mark.parametrize("name", DESIGNS)
def test_coefficients(name: str) -> None:
    frame = expected("models")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "glm")]
    compared = 0
    for tag, part in frame.groupby("item"):
        got = fitted(name, str(tag))
        names = ["(Intercept)", *[label or term for term, label in zip(got.terms, got.labels, strict=True)][1:]]
        want = wide(part[part["level"] != ""], ["level"], ["est", "se", "t", "p"]).loc[names]
        close(got.estimate, want["est"], TOLERANCE, f"{name} {tag}")
        close(got.se, want["se"], TOLERANCE, f"{name} {tag}")
        close(got.statistic, want["t"], TOLERANCE, f"{name} {tag}")
        close(got.p, want["p"], TOLERANCE, f"{name} {tag}")
        assert got.df == part.loc[part["field"] == "df_resid", "value"].item()
        compared += 4 * len(names) + 1
    assert compared == len(frame) == 120


@pytest.mark.parametrize("name", DESIGNS)
def test_a_term(name: str) -> None:
    frame = expected("models")
    want = frame[(frame["design"] == name) & (frame["stat"] == "termtest")].set_index("field")["value"]
    got = term_tests(fitted(name, "linear:l1~age+fsm"))["fsm"]
    close([got.statistic, got.p], want[["F", "p"]], TOLERANCE, name)
    assert (got.df1, got.df2) == (want["df"], want["ddf"])
    assert np.isfinite(got.p)
