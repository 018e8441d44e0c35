from __future__ import annotations

from pathlib import Path

import pytest

from little_study import write_little_study

ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Share the tests out by file, and start with those that take longest: the workflow and the browser, in one process."""
    heavy = {id(item) for item in items if any(item.get_closest_marker(name) for name in ("workflow", "browser"))}
    items.sort(key=lambda item: id(item) not in heavy)
    for item in items:
        item.add_marker(pytest.mark.xdist_group("workflow" if id(item) in heavy else item.nodeid.partition("::")[0]))


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """The folder of a fresh little study."""
    return write_little_study(tmp_path / "little")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
