"""How long everything takes that is done with coded text, and agreement beside packages that compute alpha.

    python benchmarks/coded_text.py             a minute or two
    python benchmarks/survey.py --install       the peers, once, each in an environment of its own (.venv-peers)

What the figures mean is in benchmarks/README.md. Every program runs by itself with one thread; a peer that is not
installed is named and left out.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import coded_study
import numpy as np
from coded_study import CODERS, Size

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".venv-peers"
PEERS = {"krippendorff": 150, "nltk": 6}
"""And of how many codes each is asked the alpha; the rest is scaled up."""
SIZE, LARGER = Size(interviews=200, segments=20_000, codes=150), Size(interviews=200, segments=60_000, codes=150)
RESAMPLES = 2000
GOAL, BAR = 10.0, 50
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


def main() -> None:
    say("Seconds of processor time, one thread.")
    with tempfile.TemporaryDirectory() as scratch:
        small = everything(Path(scratch) / "small", SIZE)
        total = sum(seconds for _, seconds, _ in small["steps"])
        say(
            f"  {'together':<32}{total:8.2f} s   goal {GOAL:g} s {met(total <= GOAL)}; {small['peak_mb']:.0f} MB at most"
        )
        compare(Path(scratch) / "small" / "marks.npy", small)
        large = everything(Path(scratch) / "large", LARGER)
        whole = sum(seconds for _, seconds, _ in large["steps"])
        power = math.log(whole / total) / math.log(LARGER.segments / SIZE.segments)
        say(f"  {'together':<32}{whole:8.2f} s   grows with the power {power:.2f} of segments; "
            f"{large['peak_mb']:.0f} MB at most")  # fmt: skip


def everything(folder: Path, size: Size) -> dict[str, Any]:
    """Invent a study and do everything with it, in a process of its own."""
    say(f"\n{size.interviews} interviews, {size.segments:,} segments, {size.codes} codes, {len(CODERS)} coders")
    coded_study.make(folder, size)
    found = run([sys.executable, str(HERE / "coded_steps.py"), str(folder), str(folder / "marks.npy")])
    for step, seconds, note in found["steps"]:
        say(f"  {step:<32}{seconds:8.2f} s   {note}".rstrip())
    return found


def compare(marks: Path, ours: dict[str, Any]) -> None:
    """Alpha of every code over the paragraphs of three coders, once and with an interval."""
    units, alphas = np.load(marks, mmap_mode="r").shape[1], np.array(ours["alphas"], dtype=float)
    once = ours["alpha_seconds"]
    interval = next(seconds for step, seconds, _ in ours["steps"] if step.startswith("agreement"))
    say(f"\nNominal alpha of {len(alphas)} codes over {units:,} paragraphs and {len(CODERS)} coders: once, and with "
        f"{RESAMPLES:,} resamples.")  # fmt: skip
    say("plait's time of the first is that of its five coefficients; of the second, of everything under 'agreement'.")
    say(f"  {'plait':<14}{once:10.4f} s{interval:13.2f} s")
    for peer, codes in PEERS.items():
        program = ENVIRONMENTS / peer / "bin" / "python"
        if not program.exists():
            say(f"  {peer:<14}not installed, left out (see the top of this file)")
            continue
        theirs = run([str(program), str(HERE / "peers" / "run_alpha.py"), peer, str(marks), str(codes)])
        seconds = theirs["seconds"] * len(alphas) / codes
        gap = float(np.nanmax(np.abs(np.array(theirs["alphas"]) - alphas[:codes])))
        same = f"same alphas to {gap:.0e}" if gap < 1e-9 else f"OTHER ALPHAS, by {gap:.0e}"
        scaled = f"{codes} codes x {len(alphas) / codes:g}; " if codes < len(alphas) else ""
        repeated = seconds * (RESAMPLES + 1)
        ratios = seconds / once, repeated / interval
        say(f"  {peer:<14}{seconds:10.2f} s{repeated:13,.0f} s   {ratios[0]:,.0f} x and {ratios[1]:,.0f} x plait, "
            f"bar {BAR} {met(min(ratios) >= BAR)}; {scaled}{same}")  # fmt: skip


def run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def met(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
