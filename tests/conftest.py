from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from little_study import write_little_study
from visits import Visit, started_browser

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes is the machine's affair: a busy one would fail whatever test it interrupts.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def work_unit(nodeid: str) -> str:
    """What one process does in one go: a file, or the workflow and the browser, which use several cores themselves."""
    file = nodeid.partition("::")[0]
    return "workflow" if file.startswith(("tests/workflow/", "tests/browser/")) else file


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, start with what takes longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: work_unit(item.nodeid) != "workflow")


def pytest_collection_finish() -> None:
    """What was imported and collected is no garbage: no collection looks through it again."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out by `work_unit` when they run in several processes (pytest-xdist)."""
    from xdist.scheduler import LoadScopeScheduling

    class ByWorkUnit(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return work_unit(nodeid)

    config.option.loadscopereorder = False
    return ByWorkUnit(config, log)


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """The folder of a fresh little study."""
    return write_little_study(tmp_path / "little")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all pages."""
    with started_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Open a page by its path, in a window of its own."""
    contexts = []

    def opened(path: Path, width: int = 1280, **options: Any) -> Visit:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        return Visit.to(path, contexts[-1])

    yield opened
    for context in contexts:
        context.close()
