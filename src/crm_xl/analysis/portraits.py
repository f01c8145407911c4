"""Portraits of groups of customers and the trend of what they need (domain.md §10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .cleaning import normal_ids
from .profile import top_texts


class Portrait(NamedTuple):
    """A group: its most frequent company size, positions and needs, and how often its needs name each
    sensitive point and priority. Without needs on record, `needs` is what the group prefers to buy."""

    group: str
    customers: int
    size: str
    needs: str
    deciders: str
    sensitivity: Counter[str]
    priority: Counter[str]


def portraits(
    groups: Sequence[object],
    ids: np.ndarray[Any, Any],
    columns: Mapping[str, Sequence[object]],
    needs: pd.DataFrame | None,
    as_of: date,
    joint: str,
) -> list[Portrait]:
    """One portrait per group that has customers, in no particular order.

    `groups`, `ids` (normalised) and `columns` (company_size, position, preference by field key, as cells)
    have one item per customer; a customer without a text as group is left out. `needs` has customer_id and
    may have need_date, need, sensitivity, priority; one dated after `as_of` does not count.
    """
    members: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        if type(group) is str and group:
            members.setdefault(group, []).append(i)
    group_of = {str(ids[i]): name for name, rows in members.items() for i in rows if ids[i]}
    said = _said(needs, group_of, as_of)
    empty = [None] * len(groups)

    found = []
    for name, rows in members.items():
        own = said.get(name, {})
        wishes = own.get("need", [])
        found.append(
            Portrait(
                group=name,
                customers=len(rows),
                size=top_texts(columns.get("company_size", empty), rows, joint, 1),
                needs=top_texts(wishes, range(len(wishes)), joint)
                or top_texts(columns.get("preference", empty), rows, joint),
                deciders=top_texts(columns.get("position", empty), rows, joint),
                sensitivity=Counter(own.get("sensitivity", [])),
                priority=Counter(own.get("priority", [])),
            )
        )
    return found


def _said(needs: pd.DataFrame | None, group_of: Mapping[str, str], as_of: date) -> dict[str, dict[str, list[str]]]:
    """Group -> what its needs say, column by column, blanks left out."""
    found: dict[str, dict[str, list[str]]] = {}
    if needs is None or not len(needs):
        return found
    names = [group_of.get(i) for i in normal_ids(needs["customer_id"].to_numpy()).tolist()]
    past = _past(needs, as_of)
    for key in ("need", "sensitivity", "priority"):
        if key not in needs:
            continue
        for name, counts, cell in zip(names, past.tolist(), needs[key], strict=True):
            text = str(cell).strip()
            if name is not None and counts and text:
                found.setdefault(name, {}).setdefault(key, []).append(text)
    return found


def _past(needs: pd.DataFrame, as_of: date) -> np.ndarray[Any, Any]:
    if "need_date" not in needs:
        return np.ones(len(needs), dtype=bool)
    return ~(needs["need_date"] > pd.Timestamp(as_of)).to_numpy()


def needs_by_quarter(needs: pd.DataFrame | None, as_of: date) -> dict[str, Counter[str]]:
    """Quarter such as 2024Q2, in order -> how many needs of each kind ('' where none is named).

    `needs` as for `portraits`, with need_kind; one without a date, or dated after `as_of`, does not count.
    """
    found: dict[str, Counter[str]] = {}
    if needs is None or "need_date" not in needs:
        return found
    dated = needs[_past(needs, as_of) & needs["need_date"].notna().to_numpy()]
    dates = dated["need_date"].dt
    kinds = dated["need_kind"].astype(str).str.strip() if "need_kind" in dated else [""] * len(dated)
    for year, quarter, kind in zip(dates.year, dates.quarter, kinds, strict=True):
        found.setdefault(f"{year}Q{quarter}", Counter())[kind] += 1
    return dict(sorted(found.items()))
