"""What every job of the workflow runs inside."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plait.errors import told_plainly


@contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Tell a user's mistakes plainly, here and in the log, and end as soon as the work is done.

    Jobs are many and short, and most of what each costs is its imports: no collection of garbage looks through them
    again, and nobody waits until the interpreter has taken them apart (matplotlib's cost a fifth of a second).
    """
    gc.freeze()
    with told_plainly(log):
        yield
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
