"""Rows of customers from several files, brought together: by id, else phone, else name; what is not sure is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.duplicates import apart, likeness, phone_numbers, split_name

_ALIKE = 0.7
"""Names on one phone that are less alike are two customers behind one switchboard."""
_SHORT_HAN, _SHORT_WORDS = 3, 2
"""A person's name: another with the same name and another phone is another person."""
IDENTITY = ("customer_name", "phone")
"""What a row without an id is joined by. It only fills these where they are empty."""

By = Literal["phone", "name", "new"]


@dataclass(slots=True)
class Row:
    """A customer as one row of a file has it: `source` and `line` say where; `cells` are those with something in
    them, by field key; `id` '' if it has none."""

    source: int
    line: int
    id: str
    cells: dict[str, object]

    @property
    def name(self) -> str:
        """The name to be found by: a masked one says nothing."""
        name = str(self.cells.get("customer_name") or "").strip()
        return "" if "*" in name else name

    @property
    def numbers(self) -> frozenset[str]:
        cell = self.cells.get("phone")
        return phone_numbers(str(cell)) if cell not in (None, "") else frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """Two rows that say different things of a customer: the first was taken."""

    customer: str
    key: str
    kept: object
    first: Row
    other: object
    second: Row


@dataclass(slots=True)
class Joined:
    """`records`: id -> what the files say of a customer, in the order in which they name it. `joins`: rows without an
    id, the id that they got, and by what; `unsure`: rows and the ids among which it is not sure; `unknown`: rows that
    are no known customer."""

    records: dict[str, dict[str, object]] = field(default_factory=dict)
    joins: list[tuple[Row, str, By]] = field(default_factory=list)
    unsure: list[tuple[Row, tuple[str, ...]]] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def join(rows: Sequence[Row], known: Mapping[str, Mapping[str, object]], new_ids: str = "") -> Joined:
    """Rows, in the order of their files, as one record per customer: the first value named wins, a later one fills
    what is empty.

    `known`: id -> name and phone of the customers that there are. `new_ids`: what the ids of customers begin with that
    are neither known nor have one; without it they stay out.
    """
    joined = Joined()
    if any(not row.id for row in rows):
        _find_ids(rows, known, new_ids, joined)
    said: dict[tuple[str, str], tuple[object, Row]] = {}
    ids = {id(row): customer for row, customer, _ in joined.joins}
    named = {row.id: {k for k in IDENTITY if k in row.cells} for row in rows if row.id}
    for row in rows:
        customer = row.id or ids.get(id(row), "")
        if not customer:
            continue
        record = joined.records.setdefault(customer, {})
        for key, value in row.cells.items():
            if not row.id and key in IDENTITY and _is_known(customer, key, known, rows, named):
                continue
            if (customer, key) not in said:
                said[customer, key] = (value, row)
                record[key] = value
            elif said[customer, key][0] != value:
                joined.differences.append(Difference(customer, key, *said[customer, key], value, row))
    return joined


def _is_known(
    customer: str,
    key: str,
    known: Mapping[str, Mapping[str, object]],
    rows: Sequence[Row],
    named: Mapping[str, set[str]],
) -> bool:
    return bool(known.get(customer, {}).get(key)) or key in named.get(customer, ())


# ---------------------------------------------------------------- rows without an id


class _People:
    """Customers by phone and by name."""

    def __init__(self, known: Mapping[str, Mapping[str, object]]) -> None:
        self.names: dict[str, str] = {}
        self.numbers: dict[str, frozenset[str]] = {}
        self._by_number: dict[str, dict[str, None]] = defaultdict(dict)
        self._by_core: dict[str, dict[str, None]] = defaultdict(dict)
        for customer, cells in known.items():
            self.add(customer, str(cells.get("customer_name") or ""), str(cells.get("phone") or ""))

    def add(self, customer: str, name: str, phone: str) -> bool:
        """Learn what a customer is called, where that is not known yet; whether there was anything to learn."""
        learnt = False
        if name.strip() and not self.names.get(customer):
            self.names[customer] = name.strip()
            self._by_core[_core(name)][customer] = None
            learnt = True
        if phone and not self.numbers.get(customer) and (numbers := phone_numbers(phone)):
            self.numbers[customer] = numbers
            for number in numbers:
                self._by_number[number][customer] = None
            learnt = True
        return learnt

    def find(self, row: Row) -> tuple[tuple[str, ...], By]:
        """The customers that a row without an id may be: one if it is sure."""
        numbers, name = row.numbers, row.name
        by_phone = list(dict.fromkeys(c for n in sorted(numbers) for c in self._by_number.get(n, ())))
        by_name = [c for c in self._by_core.get(_core(name), ()) if _same(name, self.names[c])] if name else []
        both = [c for c in by_phone if c in by_name]
        if both:
            return tuple(both), "phone"
        if by_phone and by_name:
            return tuple(dict.fromkeys((*by_phone, *by_name))), "phone"
        if by_phone:
            return self._unless_other_name(name, by_phone), "phone"
        return self._unless_other_phone(name, numbers, by_name), "name"

    def _unless_other_name(self, name: str, found: list[str]) -> tuple[str, ...]:
        theirs = self.names.get(found[0], "")
        if len(found) == 1 and name and theirs and likeness(_core(name), _core(theirs)) < _ALIKE:
            return (found[0], "")
        return tuple(found)

    def _unless_other_phone(self, name: str, numbers: frozenset[str], found: list[str]) -> tuple[str, ...]:
        core = _core(name)
        short = len(core.split()) <= _SHORT_WORDS if core.isascii() else len(core) <= _SHORT_HAN
        if len(found) == 1 and numbers and self.numbers.get(found[0]) and short:
            return (found[0], "")
        return tuple(found)


def _core(name: str) -> str:
    return "" if "*" in name else split_name(name).core


def _same(first: str, second: str) -> bool:
    """Whether two names are one but for legal form, width, blanks and the place that only one of them names."""
    if "*" in first or "*" in second:
        return False
    a, b = split_name(first), split_name(second)
    if _folded(first) == _folded(second):
        return True
    enough = len(a.core) > _SHORT_HAN if not a.core.isascii() else len(a.core.split()) >= _SHORT_WORDS
    return a.core == b.core and enough and a.numbers == b.numbers and not apart(a.places, b.places)


def _folded(name: str) -> str:
    return "".join(name.casefold().split())


def _find_ids(rows: Sequence[Row], known: Mapping[str, Mapping[str, object]], new_ids: str, joined: Joined) -> None:
    """Ids for the rows without one. What a joined row adds to its customer may tell who another one is: again, until
    nothing is learnt, so that a second import of the same files finds the same."""
    finals: dict[str, dict[str, object]] = {}
    for row in rows:
        if row.id:
            told = finals.setdefault(row.id, {})
            for key in IDENTITY:
                if key in row.cells:
                    told.setdefault(key, row.cells[key])
    people = _People({**known, **{c: {**known.get(c, {}), **told} for c, told in finals.items()}})
    waiting = [row for row in rows if not row.id]
    number = _next_number(new_ids, (*known, *finals)) if new_ids else 0
    while True:
        waiting = _settle(waiting, people, joined)
        newcomer = next((r for r in waiting if (r.name or r.numbers) and not people.find(r)[0]), None)
        if not new_ids or newcomer is None:
            break
        customer = f"{new_ids}{number:04}"
        number += 1
        people.add(customer, newcomer.name, str(newcomer.cells.get("phone") or ""))
        joined.joins.append((newcomer, customer, "new"))
        waiting = [row for row in waiting if row is not newcomer]
    steady = [j for j in joined.joins if people.find(j[0])[0] == (j[1],)]
    sure = {id(row) for row, _, _ in steady}
    waiting += [row for row, _, _ in joined.joins if id(row) not in sure]
    joined.joins = steady
    for row in sorted(waiting, key=lambda r: (r.source, r.line)):
        found = tuple(c for c in people.find(row)[0] if c)
        if found:
            joined.unsure.append((row, found))
        else:
            joined.unknown.append(row)
    joined.joins.sort(key=lambda j: (j[0].source, j[0].line))


def _settle(waiting: list[Row], people: _People, joined: Joined) -> list[Row]:
    """Join the rows of which it is sure who they are; those that are left."""
    learnt = True
    while learnt:
        learnt, rest = False, []
        for row in waiting:
            found, by = people.find(row)
            if len(found) == 1:
                joined.joins.append((row, found[0], by))
                learnt |= people.add(found[0], row.name, str(row.cells.get("phone") or ""))
            else:
                rest.append(row)
        waiting = rest
    return waiting


def _next_number(prefix: str, ids: Iterable[str]) -> int:
    pattern = re.compile(re.escape(prefix) + r"([0-9]{1,9})")
    found = [int(m[1]) for i in normal_ids(list(ids)).tolist() if (m := pattern.fullmatch(i))]
    return max(found, default=0) + 1
