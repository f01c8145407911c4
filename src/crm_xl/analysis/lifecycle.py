"""Lifecycle stage from the number of orders and the last one (domain.md §4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_xl.rules.models import LifecycleRule

from .compare import INCOMPLETE, PROSPECT, UNCOVERED, at_least, rounded
from .dates import Bools, Codes, Days, Floats, edate


def lifecycle_codes(count: Floats, last: Days, as_of: Days, rules: Sequence[LifecycleRule]) -> Codes:
    """Index of the first rule that holds; PROSPECT or INCOMPLETE where orders and date say so."""
    codes: Codes = np.full(np.broadcast_shapes(count.shape, last.shape, as_of.shape), UNCOVERED, dtype=np.intp)
    for index in range(len(rules) - 1, -1, -1):
        rule = rules[index]
        holds: Bools = np.True_  # type: ignore[assignment]
        if rule.months_since is not None:
            holds = last <= edate(as_of, -rule.months_since)
        if rule.orders is not None:
            holds = holds & at_least(count, rule.orders)
        np.copyto(codes, index, where=holds)
    none = np.isnan(count) | (rounded(count) == 0)
    never = np.isnat(last)
    np.copyto(codes, INCOMPLETE, where=none != never)
    np.copyto(codes, PROSPECT, where=none & never)
    return codes
