"""Edits of a sheet, rows and touched cells against plain dictionaries and sets."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from crm_xl.workbook.edits import Rows, Run, SheetEdits, Touched, Write, merged
from crm_xl.workbook.values import Value

SIZE, COLUMNS = 9, 3
rows, columns = st.integers(0, SIZE - 1), st.integers(0, COLUMNS - 1)
values: st.SearchStrategy[Value] = st.sampled_from([None, "", "a", 1.0])
formulas = st.none() | st.sampled_from(["A1", "B1"])
writes = st.builds(Write, values, formulas, yields=st.booleans())
runs = st.builds(Run, columns, rows, st.lists(values, max_size=5), formulas, yields=st.booleans())
puts = st.lists(st.tuples(rows, columns, writes) | runs, max_size=12)
cells = st.sets(st.tuples(rows, columns))
areas = st.tuples(rows, columns, rows, columns).map(
    lambda a: (min(a[0], a[2]), min(a[1], a[3]), max(a[0], a[2]), max(a[1], a[3]))
)
spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)).map(lambda s: (s[0], s[0] + s[1])), max_size=6)

Put: TypeAlias = "tuple[int, int, Write] | Run"
Model: TypeAlias = "dict[tuple[int, int], Write]"


def put_one(model: Model, row: int, column: int, write: Write) -> None:
    """What is put later counts; one that yields leaves a pending formula, and takes the place of a pending value."""
    before = model.get((row, column))
    if write.yields and before is not None and not before.yields:
        if before.formula is not None:
            return
        write = replace(write, yields=False)
    model[row, column] = write


def both(done: list[Put]) -> tuple[SheetEdits, Model]:
    edits = SheetEdits()
    model: Model = {}
    for put in done:
        if isinstance(put, Run):
            edits.put_run(put)
            for i, value in enumerate(put.values):
                write = Write(value, put.formula, yields=put.yields)
                put_one(model, put.first + i, put.column, write)
        else:
            edits.put(*put)
            put_one(model, *put)
    return edits, model


@given(puts)
def test_cells(done: list[Put]) -> None:
    edits, model = both(done)
    reach = range(SIZE + 6)
    assert {(r, c): w for r in reach for c in range(COLUMNS + 1) if (w := edits.at(r, c))} == model
    for row in reach:
        assert edits.row(row) == {c: w for (r, c), w in model.items() if r == row}
    assert bool(edits) == bool(model)


@given(puts)
def test_rows_with_edits(done: list[Put]) -> None:
    edits, model = both(done)
    found = edits.spans()
    assert [r for first, last in found for r in range(first, last + 1)] == sorted({r for r, _ in model})
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))


@given(puts, areas)
def test_covered_ranges(done: list[Put], area: tuple[int, int, int, int]) -> None:
    edits, model = both(done)
    r1, c1, r2, c2 = area
    inside = [(r, c) in model for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]
    assert edits.covers(*area) == all(inside)


@given(puts)
def test_how_many_formulas_some_rows_get(done: list[Put]) -> None:
    edits, model = both(done)
    counts = edits.formula_counts()
    ours = [row for (row, _), w in model.items() if w.formula is not None and not w.yields]
    for first in range(-1, SIZE + 6):
        for last in range(first, SIZE + 6):
            assert counts(first, last) == sum(first <= row <= last for row in ours)


def test_a_formula_of_the_users_and_one_of_ours() -> None:
    """A pending formula holds its place against what yields; a pending value does not, nor what yields itself."""
    for pending, stays in ((Write(1.0, "A1"), True), (Write(1.0), False), (Write(1.0, "A1", yields=True), False)):
        for late in (
            lambda edits: edits.put(3, 0, Write(2.0, yields=True)),
            lambda edits: edits.put_run(Run(0, 2, [2.0, 2.0], yields=True)),
        ):
            for early in (
                lambda edits, w=pending: edits.put(3, 0, w),
                lambda edits, w=pending: edits.put_run(Run(0, 3, [w.value], w.formula, yields=w.yields)),
            ):
                edits = SheetEdits()
                early(edits)
                late(edits)
                left = edits.at(3, 0)
                assert left is not None
                assert (left.formula == "A1") == stays
                assert left.yields == (pending.yields and not stays)


@given(spans)
def test_merged(found: list[tuple[int, int]]) -> None:
    joined = merged(found)
    whole = {r for first, last in found for r in range(first, last + 1)}
    assert [r for first, last in joined for r in range(first, last + 1)] == sorted(whole)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(joined))


@given(spans, st.integers(-2, 40), st.integers(-2, 40))
def test_rows(found: list[tuple[int, int]], low: int, high: int) -> None:
    held, model = Rows(found), {r for first, last in found for r in range(first, last + 1)}
    assert list(held.between(low, high)) == sorted(r for r in model if low <= r < high)
    assert {r for r in range(-2, 41) if r in held} == model
    assert held.last == max(model, default=-1)


@given(st.lists(st.tuples(rows, columns)), areas)
def test_touched(places: list[tuple[int, int]], area: tuple[int, int, int, int]) -> None:
    """In any order, and the same cell more than once."""
    touched, model = Touched(), set(places)
    for place in places:
        touched.add(*place)
    assert_same(touched, model)
    r1, c1, r2, c2 = area
    assert touched.meets(area) == any(r1 <= r <= r2 and c1 <= c <= c2 for r, c in model)
    assert touched.meets((0, 0, 1_048_575, 16_383)) == bool(model)


@given(cells)
def test_touched_column_by_column(places: set[tuple[int, int]]) -> None:
    touched = Touched()
    for column in range(COLUMNS):
        found = sorted(r for r, c in places if c == column)
        if found:
            touched.add_rows(found, column)
    assert_same(touched, places)


def assert_same(touched: Touched, model: set[tuple[int, int]]) -> None:
    found = [(r, a[1]) for a in touched.areas() for r in range(a[0], a[2] + 1)]
    assert sorted(found) == sorted(model)
    assert all(a[1] == a[3] for a in touched.areas())
    assert touched.count() == len(model)
    assert bool(touched) == bool(model)
    assert [r for first, last in touched.rows() for r in range(first, last + 1)] == sorted({r for r, _ in model})
    assert touched.columns == sorted({c for _, c in model})
    assert {(r, c) for r in range(SIZE + 1) for c in range(COLUMNS + 1) if (r, c) in touched} == model
