"""The reviewers' notebooks, executed for one study, and their pages.

The notebooks in `notebooks/` are the source, without outputs. A copy is executed next to the study's results, with its
parameters cell pointing there, so that it reruns where it lies; its page shows the same without any program. Nothing in
either depends on when, where or by whom it ran.

A check that fails does not stop its notebook. Once all have run, those in which something failed are kept beside where
they belong, as `<name>.failed.ipynb` and `<name>.failed.html`, to be looked at, and the run stops.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from plait.errors import Problem, StudyError
from plait.report.notebook_page import Masthead, checks_in, notebook_page
from plait.report.review import STUDY_FILE
from plait.tables import whole_file, write_json

PARAMETERS = "parameters"
_HERE = 'from pathlib import Path\n\nresults = Path("..")'
_SECONDS = 300
_FOLDERS = re.compile(
    r"(?:(?<=^)|(?<=[\s'\"(<]))(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'\"<>]*)+[\\/](?=[^\s\\/])", re.MULTILINE
)
"""Folders from the root of a file system on, in a message."""


def execute_notebooks(sources: list[Path], folder: Path, masthead: Masthead) -> None:
    """Execute notebooks side by side, each in a kernel of its own, and write copies and pages to `folder`.

    Args:
        sources: The notebooks, without outputs.
        folder: `notebooks` in the study's results; `<name>.ipynb`, `<name>.html` and what they are told of the study
            go there.
        masthead: What the notebooks say of the study.

    Raises:
        StudyError: A cell could not be run or a check failed; names the notebook, the check, and where to see it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        for left in folder.glob(f"{source.stem}.*"):  # of an earlier run, passed or failed
            left.unlink()
    write_json({"title": masthead.study, "marks": list(masthead.marks)}, folder / STUDY_FILE)
    notebooks = {source: _with_parameters(nbformat.read(source, as_version=4), source.name) for source in sources}
    with ThreadPoolExecutor(1) as thread:  # whoever calls may have an event loop of their own
        thread.submit(asyncio.run, _execute_all(list(notebooks.values()), folder)).result()
    problems = []
    for source, notebook in notebooks.items():
        _drop_traces(notebook, folder)
        found = _problems(notebook, source)
        problems += found
        _write(notebook, folder / (f"{source.stem}.failed.ipynb" if found else source.name), masthead)
    if problems:
        raise StudyError(problems)


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


async def _execute_all(notebooks: list[NotebookNode], folder: Path) -> None:
    with TemporaryDirectory() as own:
        await asyncio.gather(*(_execute(nb, folder, Path(own) / f"{i}") for i, nb in enumerate(notebooks)))


async def _execute(notebook: NotebookNode, folder: Path, own: Path) -> None:
    """Run one notebook to its end, whatever fails in it.

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
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=_SECONDS,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,  # how prints are cut into pieces depends on the clock
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        await client.async_execute(env=os.environ | {"IPYTHONDIR": str(own), "PYTHON_COLORS": "0", "NO_COLOR": "1"})
    finally:
        if client.kc:
            client.kc.stop_channels()
        await kernel.shutdown_kernel(now=True)


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


def _problems(notebook: NotebookNode, source: Path) -> list[Problem]:
    """The checks that failed, and the first cell that could not be run."""
    see = f"see {source.stem}.failed.html among the study's notebooks"
    found = []
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
