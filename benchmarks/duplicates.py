"""Duplicates among 100,000 customers."""

from __future__ import annotations

import time
from itertools import combinations

from measure import table
from tests.support.duplicate_customers import duplicated

from crm_xl.analysis.duplicates import find_duplicates

SIZES = (10_000, 100_000)
LIMIT = 60.0
"""Seconds that 100,000 customers may take."""


def duplicates_table() -> str:
    rows = []
    for count in SIZES:
        customers = duplicated(count)
        start = time.perf_counter()
        groups = find_duplicates(customers.columns)
        took = time.perf_counter() - start
        truth = customers.pairs()
        found = {pair for group in groups for pair in combinations(sorted(group.rows), 2)}
        right = len(found & truth)
        assert took <= LIMIT, took
        cells = (
            f"{count:,}",
            f"{took:.1f} s",
            str(len(groups)),
            f"{right / len(found):.3f}",
            f"{right / len(truth):.3f}",
        )
        rows.append(cells)
    return table(("Customers", f"Time (limit {LIMIT:.0f} s)", "Groups found", "Precision", "Recall"), rows)
