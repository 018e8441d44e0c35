"""Every page of both example studies in a browser: accessible, asking for nothing, complaining of nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from visits import Visit

pytestmark = [pytest.mark.workflow, pytest.mark.browser]
PAGES = [
    "report/report.html", "notebooks/cleaning_and_weighting.html", "notebooks/survey_findings.html",
    "notebooks/coding_and_agreement.html", "notebooks/integration.html",
]  # fmt: skip


@pytest.mark.parametrize("study", ["ecf-rural-coastal", "ite-mentors"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_used_by_everybody_and_needs_nothing(
    project: Path, open_page: Callable[..., Visit], study: str, page: str
) -> None:
    phone = open_page(project / "results" / study / page, 320, color_scheme="dark")
    assert phone.broken_rules == []
    assert phone.overflow() == 0
    desk = open_page(project / "results" / study / page, 1280, java_script_enabled=False)
    assert [found for visit in (phone, desk) for found in (*visit.outside, *visit.complaints)] == []
