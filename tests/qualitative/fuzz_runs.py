"""Running `fuzzing.py` on a folder of sound files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def fuzz(folder: Path, count: int, seed: int = 20240514) -> None:
    script = Path(__file__).with_name("fuzzing.py")
    paths = os.pathsep.join([str(script.parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(seed), str(count)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    assert "'refused': 0" not in done.stdout and "'read': 0" not in done.stdout
