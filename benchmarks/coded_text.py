"""How fast coders are compared, beside the Python packages that compute alpha, on the same marks.

    python benchmarks/coded_text.py             a minute or two
    python benchmarks/survey.py --install       the peers, once, each in an environment of its own (.venv-peers)

Invented: 200 interviews of 120 lines, 150 codes, three coders with 20,000 marked stretches each, who mostly agree. A peer
that is not installed is named and left out. Peers give a coefficient, no interval, so that the resamples which an interval
needs are their time once more for each; what is scaled up is said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from plait.qualitative import units as unit
from plait.qualitative.agreement import Coding, coder_agreement
from plait.qualitative.resampling import DRAWS
from plait.qualitative.transcripts import CodedText, text_facts
from plait.qualitative.worklist import marks_of, worklist
from plait.study.definition import Project
from plait.tables import SEGMENTS

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".venv-peers"
PEERS = {"krippendorff": 150, "nltk": 6}
"""And of how many codes each is asked the alpha; the rest is scaled up."""
INTERVIEWS, LINES, STRETCHES, CODES, CODERS = 200, 120, 20_000, 150, ("Ann", "Ben", "Cleo")
GOAL, BAR = 10.0, 50
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


def main() -> None:
    if not ONE_THREAD.items() <= os.environ.items():  # libraries look at it when they are loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    coded = invent()
    spec = Project(label="Interviews", mode="interview", format="refi-qda", file="none.qdpx", count_from="Ann")
    size = f"{INTERVIEWS} interviews, {CODES} codes, {len(CODERS)} coders, {len(coded.segments):,} stretches"
    say(f"{size}; seconds of processor time, one thread")
    whole, agreement = timed(lambda: coder_agreement(coded, {"talks": spec}))
    rows = agreement.coefficients
    say(f"  agreement             {whole:8.2f} s   {len(rows):,} coefficients by text, paragraph and character, "
        f"{int(rows['low'].notna().sum()):,} with an interval from {DRAWS:,} resamples")  # fmt: skip
    listing, lines = timed(lambda: worklist(coded, "talks"))
    say(f"  worklist              {listing:8.2f} s   {len(lines):,} disagreements")
    total = whole + listing
    say(f"  together              {total:8.2f} s   goal {GOAL:g} s {'reached' if total <= GOAL else 'MISSED'}")
    compare(coded, whole, rows)


def compare(coded: CodedText, seconds: float, rows: pd.DataFrame) -> None:
    """Alpha of every code over the paragraphs of three coders, once and with its interval."""
    (marks,) = marks_of(Coding.of(coded, "talks"))
    ours = rows[
        (rows["coders"] == "all") & (rows["unit"] == unit.PARAGRAPH) & (rows["coefficient"] == "krippendorff_alpha")
    ]
    alphas = ours.set_index("code")["value"].reindex(list(marks.codes)).to_numpy()
    resamples = DRAWS + 1
    say(f"\nNominal alpha of {CODES} codes over {len(marks.units.source):,} paragraphs, with {DRAWS:,} resamples; plait's "
        "time is that of all coefficients, units and pairs above")  # fmt: skip
    say(f"  plait                 {seconds:8.2f} s")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "marks.npy"
        np.save(path, marks.given)
        for peer, codes in PEERS.items():
            program = ENVIRONMENTS / peer / "bin" / "python"
            if not program.exists():
                say(f"  {peer:<22}not installed, left out (see the top of this file)")
                continue
            command = [str(program), str(HERE / "peers" / "run_alpha.py"), peer, str(path), str(codes)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
            theirs = json.loads(done.stdout)
            once = theirs["seconds"] * CODES / codes
            gap = float(np.abs(np.array(theirs["alphas"]) - alphas[:codes]).max())
            same = f"same alphas to {gap:.0e}" if gap < 1e-9 else f"OTHER ALPHAS, by {gap:.0e}"
            ratio = once * resamples / seconds
            reached = "reached" if ratio >= BAR else "MISSED"
            say(f"  {peer:<22}{once * resamples:8.0f} s   {ratio:8,.0f} x plait, bar {BAR} {reached}; {once:.2f} s once "
                f"({codes} codes x {CODES / codes:g}) x {resamples:,}; {same}")  # fmt: skip


# --- the data ----------------------------------------------------------------------------------------------------------


def invent(seed: int = 20261128) -> CodedText:
    """Stretches that every coder finds in four of five cases, with other ends, and some that only one of them sees."""
    random = np.random.default_rng(seed)
    texts = {f"t{i:03}": _text(random) for i in range(INTERVIEWS)}
    names, lengths = list(texts), np.array([len(t) for t in texts.values()])
    tables = []
    truth = _stretches(random, STRETCHES, lengths)
    for coder in CODERS:
        own = _stretches(random, STRETCHES, lengths)
        found = np.where(random.random(STRETCHES)[:, None] < 0.8, truth, own)
        limit = lengths[found[:, 0]]
        start = np.clip(found[:, 1] + random.integers(-15, 16, STRETCHES), 0, limit - 2)
        end = np.clip(found[:, 2] + random.integers(-15, 16, STRETCHES), start + 1, limit)
        tables.append(pd.DataFrame({
            "source": [names[i] for i in found[:, 0]], "code": [f"c{i:03}" for i in found[:, 3]], "coder": coder,
            "start": start, "end": end,
        }))  # fmt: skip
    segments = pd.concat(tables, ignore_index=True).drop_duplicates(["source", "code", "coder", "start", "end"])
    segments["segment"] = [f"s{i}" for i in range(len(segments))]
    segments["text"] = [texts[s][a:b] for s, a, b in segments[["source", "start", "end"]].itertuples(index=False)]
    segments = segments.assign(collection="talks", case="", origin_row="", status="active", reason="")
    return CodedText.of(
        sources=[
            {"source": s, "collection": "talks", "name": s, "origin_id": s, "case": "", **text_facts(t)}
            for s, t in texts.items()
        ],
        source_texts=[{"source": s, "text": t} for s, t in texts.items()],
        codes=[
            {"code": f"c{i:03}", "parent": "", "label": f"Code {i}", "kind": "code", "definition": "", "order": i}
            for i in range(CODES)
        ],
        coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in CODERS],
        assignments=[{"coder": c, "source": s} for c in CODERS for s in names],
        segments=SEGMENTS.of(segments),
    )


def _text(random: np.random.Generator) -> str:
    words = np.array(
        ["a", "school", "mentor", "has", "little", "time", "for", "trainees", "and", "cover", "is", "rare"]
    )
    return "\n".join(" ".join(random.choice(words, 45)) for _ in range(LINES))


def _stretches(random: np.random.Generator, n: int, lengths: np.ndarray) -> np.ndarray:
    """Rows of interview, start, end and code; some codes are far commoner than others."""
    interview = random.integers(0, len(lengths), n)
    size = random.integers(30, 400, n)
    start = (random.random(n) * (lengths[interview] - size)).astype(int)
    share = 1 / np.arange(1, CODES + 1)
    return np.column_stack([interview, start, start + size, random.choice(CODES, n, p=share / share.sum())])


def timed(work):  # type: ignore[no-untyped-def]
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
