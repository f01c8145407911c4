"""Rows without a key, before and after: which stayed, which were edited, which are new, which are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .handing_out import Cell, comparable

KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Orders": (("customer_id", "order_no", "product"), ("customer_id", "order_no"), ("customer_id", "order_date")),
    "Interactions": (("customer_id", "contact_date"),),
    "Complaints": (("customer_id", "complaint_date"),),
    "Surveys": (("customer_id", "survey_date"),),
    "Needs": (("customer_id", "need_date"),),
    "Loyalty": (("customer_id", "loyalty_date"),),
    "Tasks": (("customer_id", "proposed_for"), ("customer_id", "task")),
    "Targets": (("target",),),
    "Reviews": (("week", "metric", "scope"),),
    "Improvements": (("improvement_kind", "improved_on"), ("content",)),
}
"""What two versions of a row have in common, the most telling first."""

Row = Sequence[Cell]


def paired(table: str, columns: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> dict[int, int]:
    """Row before -> the row that became of it.

    Equal rows belong together, as often as they are there; of the others those that differ in one cell, then those
    with the same key (`KEYS`), the most alike first, if anything else in them is equal. What is in no pair is gone,
    or new.
    """
    old = [tuple(map(comparable, row)) for row in before]
    new = [tuple(map(comparable, row)) for row in after]
    pairs: dict[int, int] = {}
    places: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for j in range(len(new) - 1, -1, -1):
        places[new[j]].append(j)
    for i, row in enumerate(old):
        if places.get(row):
            pairs[i] = places[row].pop()
    left_new = sorted(set(range(len(new))) - set(pairs.values()))
    left_old = [i for i in range(len(old)) if i not in pairs]
    if left_old and left_new:
        _pair_by_all_but_one(old, new, left_old, left_new, pairs)
    for key in KEYS[table]:
        at = [columns.index(k) for k in key if k in columns]
        if len(at) == len(key):
            _pair_by_key(old, new, at, pairs)
    return pairs


def _pair_by_all_but_one(
    old: Sequence[tuple[object, ...]],
    new: Sequence[tuple[object, ...]],
    left_old: Sequence[int],
    left_new: Sequence[int],
    pairs: dict[int, int],
) -> None:
    width = len(old[0])
    taken = set(pairs.values())
    for column in range(width):
        places: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for j in reversed(left_new):
            if j not in taken:
                places[_without(new[j], column)].append(j)
        for i in left_old:
            found = places.get(_without(old[i], column)) if i not in pairs else None
            rest = [c for at, c in enumerate(old[i]) if at != column and c is not None]
            if found and len(rest) > 1:
                pairs[i] = found.pop()
                taken.add(pairs[i])


def _without(row: tuple[object, ...], column: int) -> tuple[object, ...]:
    return row[:column] + row[column + 1 :]


def _pair_by_key(
    old: Sequence[tuple[object, ...]], new: Sequence[tuple[object, ...]], at: Sequence[int], pairs: dict[int, int]
) -> None:
    groups: dict[tuple[object, ...], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, rows, taken in ((0, old, set(pairs)), (1, new, set(pairs.values()))):
        for i in [i for i in range(len(rows)) if i not in taken]:
            key = tuple(rows[i][c] for c in at)
            if None not in key:
                groups[key][side].append(i)
    rest = [c for c in range(len(old[0]) if old else 0) if c not in at]
    found = set(pairs.values())
    for ones, others in groups.values():
        ranked = sorted(
            (-sum(old[i][c] == new[j][c] and old[i][c] is not None for c in rest), i, j) for i in ones for j in others
        )
        for alike, i, j in ranked:
            if i not in pairs and j not in found and (alike < 0 or len(rest) < 2):
                pairs[i] = j
                found.add(j)
