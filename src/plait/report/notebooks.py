"""The reviewers' notebooks, executed for one study, and their pages.

The notebooks in `notebooks/` are the source, without outputs. A copy is executed next to the study's results, with its
parameters cell pointing there, so that it reruns where it lies; its page shows the same without any program. Nothing in
either depends on when, where or by whom it ran.

A check that fails does not stop its notebook. Once all have run, those in which something failed are kept beside where
they belong, as `<name>.failed.ipynb` and `<name>.failed.html`, to be looked at, and the run stops.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.report.masthead import Masthead

_PLAIN = {"PYTHON_COLORS": "0", "NO_COLOR": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""No colours in messages, and no threads that a fork would lose."""
_RUN = (sys.executable, "-P", "-c", "import gc; gc.disable(); from plait.report.notebook_run import main; main()")
"""Garbage is not looked for: there is none among imports, and the process is short."""


def execute_notebooks(sources: list[Path], folder: Path, masthead: Masthead) -> None:
    """Execute notebooks side by side, each in a kernel of its own, and write copies and pages to `folder`.

    It is done by a process of its own, `plait.report.notebook_run`: kernels are forked there, and whoever calls may have
    threads or an event loop, which no fork survives. That process ends, and its kernels with it, when this one does.

    Args:
        sources: The notebooks, without outputs.
        folder: `notebooks` in the study's results; `<name>.ipynb`, `<name>.html` and what they are told of the study
            go there.
        masthead: What the notebooks say of the study.

    Raises:
        StudyError: A cell could not be run or a check failed; names the notebook, the check, and where to see it.
    """
    order = {"sources": [str(source) for source in sources], "folder": str(folder)} | asdict(masthead)
    with subprocess.Popen(
        _RUN,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | _PLAIN,
        start_new_session=True,  # an interrupt is for this process; the other ends when it does
    ) as run:
        assert run.stdin and run.stdout
        print(json.dumps(order), file=run.stdin, flush=True)  # left open: its end is that of the run
        answer = run.stdout.read()
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, _RUN)
    if problems := [Problem(**problem) for problem in json.loads(answer)]:
        raise StudyError(problems)
