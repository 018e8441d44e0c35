"""The process that executes the notebooks of one study and writes their pages; see `plait.report.notebooks`.

It reads its order as a line of JSON, and answers with the problems that it found. When its input ends, whoever ordered is
gone, and it ends with its kernels.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from plait.errors import Problem, StudyError
from plait.report.kernels import CAN_FORK, ForkedKernel, ForkedProvisioner, forked_kernels
from plait.report.masthead import Masthead
from plait.report.notebook_page import checks_in, notebook_page
from plait.report.review import STUDY_FILE
from plait.tables import whole_file, write_json

PARAMETERS = "parameters"
_HERE = 'from pathlib import Path\n\nresults = Path("..")'
_SECONDS = 300
_FOLDERS = re.compile(
    r"(?:(?<=^)|(?<=[\s'\"(<]))(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'\"<>]*)+[\\/](?=[^\s\\/])", re.MULTILINE
)
"""Folders from the root of a file system on, in a message."""


def main() -> None:
    """Take an order from the standard input, see to it, and answer with its problems on the standard output."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is said is no part of the answer
    order = json.loads(sys.stdin.readline())
    sources = [Path(source) for source in order["sources"]]
    try:
        problems = run(sources, Path(order["folder"]), Masthead(order["study"], tuple(order["marks"])))
    except StudyError as error:
        problems = list(error.problems)
    with answer:
        json.dump([asdict(problem) for problem in problems], answer)


def run(sources: list[Path], folder: Path, masthead: Masthead) -> list[Problem]:
    """Execute notebooks, write copies and pages, and tell what failed in them."""
    kernels = forked_kernels(len(sources)) if CAN_FORK else [None] * len(sources)
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        for left in folder.glob(f"{source.stem}.*"):  # of an earlier run, passed or failed
            left.unlink()
    write_json({"title": masthead.study, "marks": list(masthead.marks)}, folder / STUDY_FILE)
    notebooks = {source: _with_parameters(nbformat.read(source, as_version=4), source.name) for source in sources}
    stops = asyncio.run(_execute_all(list(notebooks.values()), kernels, folder))
    problems = []
    for (source, notebook), stop in zip(notebooks.items(), stops, strict=True):
        _drop_traces(notebook, folder)
        found = _problems(notebook, source, stop)
        problems += found
        _write(notebook, folder / (f"{source.stem}.failed.ipynb" if found else source.name), masthead)
    return problems


def _with_parameters(notebook: NotebookNode, name: str) -> NotebookNode:
    cells = [cell for cell in notebook.cells if PARAMETERS in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise StudyError([Problem(name, f"has {len(cells)} cells tagged '{PARAMETERS}'", "tag exactly one")])
    cells[0].source = _HERE
    return notebook


def _write(notebook: NotebookNode, file: Path, masthead: Masthead) -> None:
    with whole_file(file) as part:
        nbformat.write(notebook, part)
    with whole_file(file.with_suffix(".html")) as part:
        part.write_text(notebook_page(notebook, file.name, masthead), encoding="utf-8", newline="\n")


# --- execution ---------------------------------------------------------------------------------------------------------


async def _execute_all(
    notebooks: list[NotebookNode], kernels: Sequence[ForkedKernel | None], folder: Path
) -> list[str]:
    """Run notebooks side by side; of each, tell what stopped it, if anything did."""
    _end_with_the_input()
    with TemporaryDirectory() as own:
        places = [Path(own) / str(number) for number in range(len(notebooks))]
        runs = [_execute(*one, folder) for one in zip(notebooks, kernels, places, strict=True)]
        return await asyncio.gather(*runs)


def _end_with_the_input() -> None:
    """Cancel the task that calls this once nobody can write to the standard input any more."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task

    def wait() -> None:
        os.read(0, 1)
        with suppress(RuntimeError):  # the loop was closed, for all is done
            loop.call_soon_threadsafe(task.cancel)

    Thread(target=wait, daemon=True).start()


async def _execute(notebook: NotebookNode, forked: ForkedKernel | None, own: Path, folder: Path) -> str:
    """Run one notebook to its end, whatever fails in it, and tell what stopped it before, if anything did.

    The kernel is the Python that runs the workflow, not one that a user registered under the same name, and it reads no
    settings or start-up files of a user.
    """
    # Local sockets: over TCP anyone on the machine could listen.
    transport = "tcp" if sys.platform == "win32" else "ipc"
    kernel = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        transport=transport,
        connection_file=f"{own}.json",
    )
    if forked:
        kernel.provisioner = ForkedProvisioner(forked, kernel_spec=kernel.kernel_spec, parent=kernel)
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=_SECONDS,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,  # how prints are cut into pieces depends on the clock
        extra_arguments=["--HistoryManager.enabled=False"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        await client.async_execute(env=os.environ | {"IPYTHONDIR": str(own)})
    except TimeoutError:
        return f"a cell took more than {_SECONDS} seconds"
    except RuntimeError as error:  # a kernel that died, or did not come to life
        return f"it could not be run to its end: {error}"
    finally:
        if client.kc:
            client.kc.stop_channels()
        await kernel.shutdown_kernel(now=True)
    return ""


def _drop_traces(notebook: NotebookNode, folder: Path) -> None:
    """Remove what the kernel adds about itself and about where it ran."""
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.evalue = _without_folders(output.evalue, folder)
                output.traceback = [f"{output.ename}: {output.evalue}"]
            elif output.output_type == "stream" and output.name == "stderr":
                output.text = _without_folders(output.text, folder)


def _without_folders(message: str, folder: Path) -> str:
    """A message without the folders of this machine; names of files stay.

    Those that are known go first, for their names may hold spaces.
    """
    known = (folder, folder.parent, Path(), Path.home(), Path(sys.prefix), Path(__file__).parents[2])
    places = {str(path.resolve()) for path in known} - {Path("/").anchor}
    for place in sorted(places, key=len, reverse=True):
        message = message.replace(f"{place}{os.sep}", "").replace(place, "")
    return _FOLDERS.sub("", message)


def _problems(notebook: NotebookNode, source: Path, stop: str) -> list[Problem]:
    """What stopped the notebook, the first cell that could not be run, and the checks that failed."""
    see = f"see {source.stem}.failed.html among the study's notebooks"
    found = [Problem(source.name, stop, see)] if stop else []
    for number, cell in enumerate(notebook.cells, start=1):
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors:
            told = f"a cell could not be run: {errors[0].ename}: {errors[0].evalue}"
            found.append(Problem(source.name, told, see, f"cell {number}"))
            break
    checks = checks_in(notebook)
    for check in checks:
        if check["verdict"] == "FAIL":
            told = f"{check['statement']} ({check['detail']})" if check["detail"] else check["statement"]
            found.append(Problem(source.name, f"a check failed: {told}", see))
    if not checks and not found:
        found.append(Problem(source.name, "no check was made in it", "make at least one"))
    return found
