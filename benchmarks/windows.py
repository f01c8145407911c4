"""How fast worksheet functions answer over xlwings' DLL and COM, under Wine: relative figures, not Windows' own.

After `make test-windows`: python -m benchmarks.windows
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.windows import wine

MISSING = {"error": -2147352572}
SIZES = (1_000, 10_000, 100_000)
SCALARS, REPEATS = 500, 3


def segment(rows: int) -> list[Any]:
    """Arguments of SEGMENT: a customer, or a column of them."""
    columns: list[Any] = [12.5, 2.0, 45530.0]
    if rows > 1:
        columns = [[[value + row % 7] for row in range(rows)] for value in columns]
    return [*columns, 45600.0, MISSING, MISSING, MISSING, False]


def main() -> None:
    calls = [("SEGMENT", segment(1))] * SCALARS
    calls += [("SEGMENT", segment(rows)) for rows in SIZES for _ in range(REPEATS)]
    with tempfile.TemporaryDirectory() as folder:
        asked, out = Path(folder) / "calls.json", Path(folder) / "answers.json"
        asked.write_text(json.dumps(calls), encoding="utf-8")
        try:
            wine.run(wine.PYTHON, wine.SCRIPTS / "call_functions.py", wine.MODULE, asked, out)
        finally:
            wine.stop()
        found = json.loads(out.read_text(encoding="utf-8"))
    seconds = found["seconds"]
    print(f"one cell: {1 / statistics.median(seconds[:SCALARS]):,.0f} calls a second")
    for i, rows in enumerate(SIZES):
        start = SCALARS + i * REPEATS
        assert len(found["answers"][start]) == rows
        print(f"{rows:,} rows in one call: {statistics.median(seconds[start : start + REPEATS]):.2f} s")


if __name__ == "__main__":
    main()
