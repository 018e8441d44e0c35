"""What the notebooks use: inputs with their hashes, and checks that say PASS or FAIL."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pandas as pd


def inputs(results: Path, *names: str) -> pd.DataFrame:
    """The files a notebook reads, with size and SHA-256, so that a reviewer knows what was looked at."""
    files = [results / "published" / f"{name}.csv" for name in names]
    return pd.DataFrame(
        {
            "file": [f"published/{file.name}" for file in files],
            "bytes": [file.stat().st_size for file in files],
            "sha256": [sha256(file.read_bytes()).hexdigest() for file in files],
        }
    )


class Checks:
    """Checks of one notebook: each prints PASS or FAIL, and the last cell asks for the verdict."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.made = 0

    def that(self, statement: str, holds: object) -> None:
        """Print whether a statement holds."""
        self.made += 1
        if not bool(holds):
            self.failed.append(statement)
        print(f"{'PASS' if bool(holds) else 'FAIL'}  {statement}")

    def verdict(self) -> None:
        """Say how many checks passed.

        Raises:
            AssertionError: One of them failed; the build stops.
        """
        print(f"{self.made - len(self.failed)} of {self.made} checks passed")
        if self.failed:
            raise AssertionError("failed: " + "; ".join(self.failed))
