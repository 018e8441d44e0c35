from pathlib import Path


def simulate(raw: Path) -> list[Path]:
    return []
