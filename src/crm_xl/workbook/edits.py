"""What is to be written into a sheet: single cells, and runs of cells below one another.

A refresh of 100,000 customers writes millions of cells; a run keeps them as the list of values that
the analysis gave, without an object for each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from .values import Value


@dataclass(slots=True)
class Write:
    """What a cell is to hold. `array`: the range that an array formula in it fills (dynamic: it
    spills). `spilled`: the value comes from such a formula elsewhere. `yields`: leave the cell alone
    if it holds a formula. `style`: of a cell that is new. A formula without a value (None) is marked
    to be calculated."""

    value: Value
    formula: str | None = None
    array: str | None = None
    dynamic: bool = False
    spilled: bool = False
    yields: bool = False
    style: int | None = None

    @property
    def empty(self) -> bool:
        """Whether the cell is to hold nothing; an empty text is a value only where a formula gives it."""
        return self.formula is None and not self.spilled and self.value in (None, "")


@dataclass(slots=True, eq=False)
class Run:
    """Cells of one column from row `first` on (0-based), all with the same formula or none. The other
    fields mean what they mean in `Write`."""

    column: int
    first: int
    values: Sequence[Value]
    formula: str | None = None
    spilled: bool = False
    yields: bool = False
    stored: Sequence[object] | None = None
    """What the cells are known to hold, none of them a formula: equal ones need not be looked at."""
    given: Sequence[object] | None = None
    """The values as they were handed over, dates as dates."""

    @property
    def last(self) -> int:
        return self.first + len(self.values) - 1

    def write(self, row: int) -> Write:
        return self.with_value(self.values[row - self.first])

    def with_value(self, value: Value) -> Write:
        return Write(value, self.formula, spilled=self.spilled, yields=self.yields)

    def goes_on(self, run: Run) -> bool:
        """Whether a run of constants follows right below one."""
        special = (r.formula is not None or r.spilled or r.yields for r in (self, run))
        return self.last + 1 == run.first and not any(special)

    def joined(self, run: Run) -> Run:
        """This run and the one that goes on below it."""
        stored = None if self.stored is None or run.stored is None else [*self.stored, *run.stored]
        given = [
            *(self.values if self.given is None else self.given),
            *(run.values if run.given is None else run.given),
        ]
        return Run(self.column, self.first, [*self.values, *run.values], stored=stored, given=given)


@dataclass(slots=True)
class SheetEdits:
    """The edits of one sheet. What is put later counts."""

    cells: dict[int, dict[int, Write]] = field(default_factory=dict)
    """Row -> column -> write; these count before runs."""
    runs: dict[int, list[Run]] = field(default_factory=dict)
    """Column -> its runs, in the order in which they were put."""

    def put(self, row: int, column: int, write: Write) -> None:
        before = self.at(row, column) if write.yields else None
        if before is not None and not before.yields:
            if before.formula is not None:
                return
            write = replace(write, yields=False)  # what stands there goes, so there is nothing to yield to
        self.cells.setdefault(row, {})[column] = write

    def put_run(self, run: Run) -> None:
        if not run.values:
            return
        within = self._rows_within(run.first, run.last)
        earlier = self.runs.get(run.column, [])
        if run.yields and not any(run.column in self.cells[row] for row in within) and len(earlier) == 1:
            old = earlier[0]
            if old.first <= run.first and run.last <= old.last and old.formula is None and not old.yields:
                run = replace(run, yields=False)  # what is pending there is no formula
        if run.yields and (run.column in self.runs or any(run.column in self.cells[row] for row in within)):
            for row in range(run.first, run.last + 1):
                self.put(row, run.column, run.write(row))
            return
        for row in within:
            self.cells[row].pop(run.column, None)
        kept = [r for r in earlier if not (run.first <= r.first and r.last <= run.last)]
        if kept and kept[-1].goes_on(run):
            run = kept.pop().joined(run)
        self.runs[run.column] = [*kept, run]

    def _rows_within(self, first: int, last: int) -> list[int]:
        if len(self.cells) < last - first:
            return [r for r in self.cells if first <= r <= last]
        return [r for r in range(first, last + 1) if r in self.cells]

    def at(self, row: int, column: int) -> Write | None:
        single = self.cells.get(row, {}).get(column)
        if single is not None:
            return single
        for run in reversed(self.runs.get(column, ())):
            if run.first <= row <= run.last:
                return run.write(row)
        return None

    def lay_over(self, columns: Sequence[list[object]], first: int, left: int) -> None:
        """Put the pending values into stored ones; `columns[0][0]` is the cell at `first`, `left`."""
        last = first + len(columns[0]) - 1
        for column, cells in enumerate(columns, left):
            for run in self.runs.get(column, ()):
                begin, end = max(first, run.first), min(last, run.last) + 1
                if begin < end and not run.yields:
                    given = (run.values if run.given is None else run.given)[begin - run.first : end - run.first]
                    cells[begin - first : end - first] = (
                        [None if v == "" else v for v in given] if "" in given else given
                    )
        for row in self._rows_within(first, last):
            for column, write in self.cells[row].items():
                if 0 <= column - left < len(columns) and not write.yields:
                    columns[column - left][row - first] = None if write.value == "" else write.value

    def row(self, row: int, without: Collection[int] = ()) -> dict[int, Write]:
        """All edits of one row, but for the runs of some columns."""
        runs = (column for column in self.runs if column not in without)
        found = {column: write for column in runs if (write := self.at(row, column)) is not None}
        return {**found, **self.cells.get(row, {})}

    def texts(self) -> set[str]:
        """The constant texts, each once."""
        runs = (run for found in self.runs.values() for run in found)
        found = {v for run in runs if run.formula is None and not run.spilled for v in set(run.values)}
        found |= {w.value for writes in self.cells.values() for w in writes.values() if w.formula is None}
        return {v for v in found if type(v) is str}

    def spans(self) -> list[tuple[int, int]]:
        """The rows with edits, as (first, last) without overlap, in order."""
        runs = ((run.first, run.last) for column in self.runs.values() for run in column)
        return merged([*runs, *((row, row) for row, writes in self.cells.items() if writes)])

    def formula_counts(self) -> Callable[[int, int], int]:
        """How many cells from one row to another get a formula that does not yield."""
        singles = {c for writes in self.cells.values() for c in writes}
        spans, counted = [], Counter[int]()
        for column in self.runs.keys() | singles:
            runs = self.runs.get(column, [])
            if len(runs) > 1:
                rows = {r for run in runs for r in range(run.first, run.last + 1)}
                rows |= {r for r, writes in self.cells.items() if column in writes}
                counted.update(r for r in rows if puts_formula(self.at(r, column)))
                continue
            fills = [run for run in runs if run.formula is not None and not run.yields]
            spans += [(run.first, run.last) for run in fills]
            for row, writes in self.cells.items():
                if column in writes:  # it counts before the run
                    covered = any(run.first <= row <= run.last for run in fills)
                    counted[row] += puts_formula(writes[column]) - covered

        def count(first: int, last: int) -> int:
            single = (row for row in counted if first <= row <= last) if last > first else (first,)
            by_runs = sum(max(0, min(last, end) - max(first, begin) + 1) for begin, end in spans)
            return by_runs + sum(counted[row] for row in single)

        return count

    def covers(self, r1: int, c1: int, r2: int, c2: int) -> bool:
        """Whether every cell of a range is written."""
        return all(
            any(run.first <= r1 and r2 <= run.last for run in self.runs.get(column, ()))
            or all(self.at(row, column) is not None for row in range(r1, r2 + 1))
            for column in range(c1, c2 + 1)
        )

    def __bool__(self) -> bool:
        return bool(self.runs) or any(self.cells.values())


def puts_formula(write: Write | None) -> bool:
    """Whether a write puts a formula of ours into its cell, whatever stands there."""
    return write is not None and write.formula is not None and not write.yields


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(first, last) spans in order, touching ones joined."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


class Rows:
    """Rows as spans: which of them lie between two others."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = merged(spans)
        self._firsts = [first for first, _ in self._spans]

    def between(self, low: int, high: int) -> Iterator[int]:
        """The rows from `low` on and before `high`."""
        for first, last in self._spans[max(0, bisect_right(self._firsts, low) - 1) :]:
            if first >= high:
                return
            yield from range(max(first, low), min(last + 1, high))

    def __contains__(self, row: int) -> bool:
        at = bisect_right(self._firsts, row) - 1
        return at >= 0 and row <= self._spans[at][1]

    @property
    def last(self) -> int:
        return self._spans[-1][1] if self._spans else -1


class Touched:
    """Cells that were changed, kept as runs by column."""

    def __init__(self) -> None:
        self._added: dict[int, list[tuple[int, int]]] = {}
        self._mixed: set[int] = set()
        """Columns whose runs are not in order."""

    def add(self, row: int, column: int) -> None:
        self._add(row, row, column)

    def add_rows(self, rows: Sequence[int], column: int) -> None:
        """Cells of one column, in ascending rows."""
        if rows[-1] - rows[0] + 1 == len(rows):
            self._add(rows[0], rows[-1], column)
            return
        for row in rows:
            self._add(row, row, column)

    def _add(self, first: int, last: int, column: int) -> None:
        runs = self._added.setdefault(column, [])
        if runs and runs[-1][1] + 1 == first:
            runs[-1] = runs[-1][0], last
            return
        if runs and first <= runs[-1][1]:
            self._mixed.add(column)
        runs.append((first, last))

    @property
    def _runs(self) -> dict[int, list[tuple[int, int]]]:
        """The runs of each column, in order and apart."""
        for column in self._mixed:
            self._added[column] = merged(self._added[column])
        self._mixed.clear()
        return self._added

    def __bool__(self) -> bool:
        return bool(self._runs)

    def areas(self) -> Iterator[tuple[int, int, int, int]]:
        """First row, column, last row, column of each run, by column."""
        for column in sorted(self._runs):
            for first, last in self._runs[column]:
                yield first, column, last, column

    def __contains__(self, cell: tuple[int, int]) -> bool:
        return self.meets((*cell, *cell))

    def meets(self, area: tuple[int, int, int, int]) -> bool:
        """Whether a cell of the range was touched."""
        r1, c1, r2, c2 = area
        columns = self._runs.keys() if len(self._runs) < c2 - c1 else range(c1, c2 + 1)
        for column in columns:
            runs = self._runs.get(column)
            if runs is None or not c1 <= column <= c2:
                continue
            at = bisect_right(runs, (r2, 1 << 30)) - 1
            if at >= 0 and runs[at][1] >= r1:
                return True
        return False

    def rows(self) -> list[tuple[int, int]]:
        """The rows with a touched cell, as spans."""
        return merged(run for runs in self._runs.values() for run in runs)

    @property
    def columns(self) -> list[int]:
        return sorted(self._runs)

    def count(self) -> int:
        return sum(last - first + 1 for runs in self._runs.values() for first, last in runs)
