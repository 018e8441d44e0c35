from __future__ import annotations

from pathlib import Path

import pytest

from little_study import write_little_study

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """The folder of a fresh little study."""
    return write_little_study(tmp_path / "little")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
