"""The reviewers' notebooks, executed for one study.

The notebooks in `notebooks/` are the source, without outputs. A copy is executed next to the study's results, with its
parameters cell pointing there, so that it reruns where it lies. Nothing in a copy depends on when or where it ran.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from plait.errors import Problem, StudyError
from plait.tables import whole_file

PARAMETERS = "parameters"
_HERE = 'from pathlib import Path\n\nresults = Path("..")'
_SECONDS = 300


def execute_notebooks(sources: list[Path], folder: Path) -> None:
    """Execute notebooks side by side, each in a kernel of its own, and write the copies to `folder`.

    Raises:
        StudyError: A cell failed (a check printed FAIL); names the notebook, the cell and the message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = {source: _with_parameters(nbformat.read(source, as_version=4), source.name) for source in sources}
    problems = [p for p in asyncio.run(_execute_all(notebooks, folder)) if p]
    if problems:
        raise StudyError(problems)
    for source, notebook in notebooks.items():
        _drop_traces(notebook)
        with whole_file(folder / source.name) as part:
            nbformat.write(notebook, part)


def _with_parameters(notebook: NotebookNode, name: str) -> NotebookNode:
    cells = [cell for cell in notebook.cells if PARAMETERS in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise StudyError([Problem(name, f"has {len(cells)} cells tagged '{PARAMETERS}'", "tag exactly one")])
    cells[0].source = _HERE
    return notebook


async def _execute_all(notebooks: dict[Path, NotebookNode], folder: Path) -> list[Problem | None]:
    with TemporaryDirectory() as sockets:
        work = [
            _execute(nb, source.name, folder, Path(sockets) / f"{i}")
            for i, (source, nb) in enumerate(notebooks.items())
        ]
        return list(await asyncio.gather(*work))


async def _execute(notebook: NotebookNode, name: str, folder: Path, socket: Path) -> Problem | None:
    # Local sockets: over TCP anyone on the machine could listen.
    transport = "tcp" if sys.platform == "win32" else "ipc"
    kernel = AsyncKernelManager(kernel_name="python3", transport=transport, connection_file=f"{socket}.json")
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
        await client.async_execute()
    finally:
        await kernel.shutdown_kernel(now=True)
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return Problem(
                    name, f"{output.ename}: {output.evalue}", "open the notebook and run it", f"cell {number}"
                )
    return None


def _drop_traces(notebook: NotebookNode) -> None:
    """Remove what the kernel adds about itself."""
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
