"""What was made from what: hashes of every input and output, software, configuration.

The manifest is the only output that holds times, and it holds no path outside the study and no name of a machine or
user. Nor does it hold hashes of what is not for release: a table of which a few numbers are hidden can be written again
with every number that these could be, until its hash is the one that is told. Raw files, such as a vendor's table or a
sheet of a few people, are no safer: their hashes are keyed (HMAC, Krawczyk, Bellare and Canetti 1997) with what all of
them together hold, so that whoever has them can compare, and nobody else can try.
"""

from __future__ import annotations

import hmac
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from plait.study import Study, raw_files, side_files
from plait.tables import write_json

INSIDE = ("survey", "qualitative", "integration", "logs")
"""Folders of the results that are not for release."""
_SOFTWARE = ["snakemake", "pandas", "numpy", "scipy", "statsmodels", "matplotlib", "pyarrow", "pydantic", "nbclient"]


def write_manifest(study: Study, *, results: Path, settings: dict[str, Any], manifest: Path) -> None:
    """Record the run of one study.

    Args:
        study: The study.
        results: Its results folder; everything in it but the manifest and what is not for release is recorded.
        settings: The workflow's configuration.
        manifest: Where to write.
    """
    inputs = {"study.yaml": study.folder / "study.yaml"}
    sides = side_files(
        study,
        "targets",
        "columns",
        "mappings",
        "codebook",
        "decisions",
        "quotes",
        "allow_list",
        "summaries",
        "linking",
        "claims",
    )
    inputs |= {str(f.relative_to(study.folder)): f for f in sides}
    raw = {
        f"raw/{f.relative_to(study.raw)}": f for strand in ("survey", "coded_text") for f in raw_files(study, strand)
    }
    hashed = {name: _file(path) for name, path in sorted(inputs.items())} | _raw_files(raw)
    content = {
        "study": study.id,
        "title": study.definition.title,
        "simulated": study.definition.simulated,
        "run": sha256(json.dumps([hashed, settings["disclosure"]], sort_keys=True).encode()).hexdigest()[:16],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "disclosure": settings["disclosure"],
        "software": {"python": platform.python_version()} | {name: version(name) for name in _SOFTWARE},
        "platform": f"{platform.system()} {platform.machine()}",
        "inputs": hashed,
        "outputs": {str(p.relative_to(results)): _file(p) for p in _outputs(results, manifest)},
    }
    write_json(content, manifest)


def verify(manifest: Path) -> list[str]:
    """Compare a study's outputs with its manifest.

    Returns:
        A line for every recorded output that was changed or removed, and for every one that was added since; empty when
        all is as it was written. What is not for release is not compared.
    """
    results = manifest.parent.parent
    recorded = json.loads(manifest.read_text(encoding="utf-8"))["outputs"]
    present = {str(p.relative_to(results)): p for p in _outputs(results, manifest)}
    lines = [f"missing: {name}" for name in recorded if name not in present]
    lines += [f"added: {name}" for name in present if name not in recorded]
    lines += [
        f"changed: {name}"
        for name, path in present.items()
        if name in recorded and _file(path)["sha256"] != recorded[name]["sha256"]
    ]
    return sorted(lines)


def _outputs(results: Path, manifest: Path) -> list[Path]:
    files = [p for p in results.rglob("*") if p.is_file() and p != manifest]
    return sorted(p for p in files if p.relative_to(results).parts[0] not in INSIDE)


def _file(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": sha256(path.read_bytes()).hexdigest()}


def _raw_files(files: Mapping[str, Path]) -> dict[str, dict[str, object]]:
    """Sizes and keyed hashes of raw files; the key is the hash of the hashes of all, in the order of their names."""
    content = {name: path.read_bytes() for name, path in sorted(files.items())}
    key = sha256(b"".join(sha256(found).digest() for found in content.values())).digest()
    return {
        name: {"bytes": len(found), "hmac_sha256": hmac.digest(key, found, "sha256").hex()}
        for name, found in content.items()
    }


def _commit() -> str:
    """The commit of the checkout, marked where it holds changes; empty outside one."""
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changes = subprocess.run(["git", "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + (" with changes" if changes.stdout.strip() else "")
