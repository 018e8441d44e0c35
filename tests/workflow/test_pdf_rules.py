"""The PDFs of both example studies, the reports and the figures, keep the rules for accessible PDFs."""

from __future__ import annotations

from pathlib import Path

import pytest

from report.pdf_checker import broken

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize("study", ["ecf-rural-coastal", "ite-mentors"])
def test_every_pdf_keeps_the_rules(project: Path, study: str) -> None:
    paths = sorted((project / "results" / study).glob("**/*.pdf"))
    assert [path.name for path in paths if path.parent.name == "report"] == ["report.pdf"]
    assert len(paths) > 10
    assert {path.name: found for path in paths if (found := broken(path))} == {}
