"""Worksheet functions through xlwings' own `call_udf`, against what xlwings alone needs for such a call."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from types import ModuleType

import numpy as np
from measure import ROOT, ROUNDS, ms, pair, table, timed

sys.path.insert(0, str(ROOT))
from tests.support.pywin32 import call_udf, windows_xlwings

from crm_xl.functions import SEGMENT

MISSING = -2147352572
CALLS, ROWS = 5_000, 100_000


def empty(annual_spend, monthly_orders, last_order, as_of=None, tiers=None, rules=None, lang=None):  # type: ignore[no-untyped-def]
    return ""


def handed_back(annual_spend, monthly_orders, last_order, as_of=None, tiers=None, rules=None, lang=None):  # type: ignore[no-untyped-def]
    return annual_spend


def functions() -> ModuleType:
    """A module of functions that compute nothing, with xlwings' own converters."""
    udfs = sys.modules["xlwings.udfs"]
    module = ModuleType("bench_udfs")
    module.__file__ = __file__
    module.empty = udfs.xlfunc(empty)  # type: ignore[attr-defined]
    for name in ("annual_spend", "monthly_orders", "last_order"):
        udfs.xlarg(name, ndim=2)(handed_back)
    module.handed_back = handed_back  # type: ignore[attr-defined]
    sys.modules["bench_udfs"] = module
    return module


def timed_median(work: Callable[[], object]) -> float:
    return statistics.median(timed(work) for _ in range(ROUNDS))


def calls() -> str:
    windows_xlwings()
    functions()
    floor_call = sys.modules["xlwings.udfs"].call_udf
    left_out = (MISSING, MISSING, MISSING)
    cell = (12.0, 1.5, 45_000.0, 45_100.0, *left_out)
    spends = iter(range(1, 10_000_000))

    def many(call):  # type: ignore[no-untyped-def]
        for _ in range(CALLS):
            call()

    ours, floor, _ = pair(
        lambda: many(lambda: call_udf("SEGMENT", (*cell, False))),
        lambda: many(lambda: floor_call("bench_udfs", "empty", cell, None, None)),
    )
    anew = timed_median(lambda: many(lambda: call_udf("SEGMENT", (float(next(spends)), *cell[1:], False))))
    alone = timed_median(lambda: many(lambda: SEGMENT(float(next(spends)), *cell[1:4])))
    ours, floor, anew, alone = ours / CALLS, floor / CALLS, anew / CALLS, alone / CALLS
    rng = np.random.default_rng(1)
    spend, monthly = (tuple((float(x),) for x in rng.random(ROWS) * most) for most in (20, 2))
    last = tuple((float(x),) for x in rng.integers(44_500, 45_100, ROWS))
    column = (spend, monthly, last, 45_100.0, *left_out)
    a, b, ratio = pair(
        lambda: call_udf("SEGMENT", (*column, False)),
        lambda: floor_call("bench_udfs", "handed_back", column, None, None),
        5,
    )
    rows = [
        ("one cell, asked for again (a full calculation)", "xlwings calls an empty function",
         f"{ours * 1e6:.0f} µs", f"{floor * 1e6:.0f} µs", f"{ours / floor:.2f} (≤ 1.3)"),
        ("one cell, new, without the work of `SEGMENT`", "the same", f"{(anew - alone) * 1e6:.0f} µs",
         f"{floor * 1e6:.0f} µs", f"{(anew - alone) / floor:.2f} (≤ 1.3)"),
        ("one cell, new, with the work of `SEGMENT`", "the same", f"{anew * 1e6:.0f} µs",
         f"{floor * 1e6:.0f} µs", f"{anew / floor:.2f}"),
        (f"`SEGMENT` over {ROWS:,} rows", "xlwings converts the same arrays in and out", ms(a), ms(b),
         f"{ratio:.2f} (≤ 1.5)"),
    ]  # fmt: skip
    return table(("Through `call_udf`", "Against", "Ours", "Other", "Ratio (limit)"), rows)
