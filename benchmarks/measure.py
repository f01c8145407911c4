"""What every benchmark needs: clocks, child processes with their peak memory, tables in the docs."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
ROUNDS = 7

LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors="replace")
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([done.returncode, seconds, peak, done.stdout, done.stderr]))
"""
"""A child inherits the peak of the process that starts it, so a small process starts each child."""


def timed(call: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def pair(ours: Callable[[], object], other: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Median seconds of ours and of the other, and the median ratio, after one warm-up of each."""
    ours(), other()
    times = [(timed(ours), timed(other)) for _ in range(rounds)]
    a, b = (statistics.median(t[i] for t in times) for i in (0, 1))
    return a, b, statistics.median(x / y for x, y in times)


class Child(NamedTuple):
    """One run of a process: seconds from start to end, peak resident memory in MB (2**20 bytes)."""

    seconds: float
    mb: float
    out: str

    def __str__(self) -> str:
        return f"{ms(self.seconds)}, {self.mb:,.0f} MB"


def child(*command: object) -> Child:
    """Run Python with these arguments. Errors: RuntimeError with what it said."""
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, sys.executable, *map(str, command)]
    said = subprocess.run(launcher, capture_output=True, text=True, check=True).stdout
    code, seconds, mb, out, err = json.loads(said)
    if code:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {code}\n{err or out}")
    run = Child(seconds, mb, out)
    named = " ".join(Path(str(part)).name for part in command[:3])
    print(f"  {named}: {run}", file=sys.stderr, flush=True)
    return run


def in_turns(rounds: int, *calls: Callable[[], Child]) -> list[list[Child]]:
    """The runs of each call: all calls once, then all again, so that a drifting machine favours none."""
    runs: list[list[Child]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, mine in zip(calls, runs, strict=True):
            mine.append(call())
    return runs


def median(runs: Sequence[Child]) -> Child:
    return Child(statistics.median(r.seconds for r in runs), statistics.median(r.mb for r in runs), "")


def ratio(ours: Sequence[Child], other: Sequence[Child], of: str, limit: float, shown: str | None = None) -> str:
    """The median over the rounds of ours / other (`of`: seconds or mb), with its limit beside it."""
    value = statistics.median(getattr(a, of) / getattr(b, of) for a, b in zip(ours, other, strict=True))
    return against(f"{value:.2f}", value, limit, shown or f"{limit:g}")


def against(text: str, value: float, limit: float, shown: str) -> str:
    return f"{text} (≤ {shown})" if value <= limit else f"**{text}** (not ≤ {shown})"


def ms(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def put(name: str, text: str) -> None:
    """Replace what stands between the markers `name` of docs/performance.md."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{PAGE.name} has no {start} … {end}")
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
