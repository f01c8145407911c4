"""Runs of cells put into whole blocks of rows: what makes a refresh of many rows fast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from operator import and_, eq, is_
from typing import TYPE_CHECKING

from crm_xl.cells import cell_name, small_number
from crm_xl.sheet_stream import Row

from .cell_xml import column_of, same_plain, type_of
from .edits import Run
from .values import Value

if TYPE_CHECKING:
    from .sheet_xml import SheetXml

_NESTED = re.compile(rb"<c[\s>]")
_NUMBER, _SHARED = b"><v>", b' t="s"><v>'
"""What follows the look of a cell with a number, or with a shared string."""
_STRING, _OPENED = b' t="str">', b"<v>"
_ESCAPED = re.compile(b"[<&]|_x")
_OPENING, _END, _ROW_ENDS = b'<c r="', b"</v></c>", b"</row>"


class RunRows:
    """Rows of one block whose edits are runs: cells are told apart by splitting, not parsed.

    Whatever is unusual (a prefix, cells without r=, single writes, new rows) goes the long way.
    """

    def __init__(self, sheet: SheetXml, block: bytes, first: int, last: int | None) -> None:
        self._sheet = sheet
        self._first = first
        self._every: list[_Column] = []
        self._columns: list[_Column] = []
        """Those with an edit."""
        self._inner: list[_Column] = []
        self._tail_begins: int | None = None
        self._tails: list[bytes] = []
        """New cells of each row, behind its last."""
        self._with_tail: list[int] = []
        self._block = block
        self._usable = last is not None and sheet.takes_runs(block)
        self._apart = sheet.apart(first, last) if last is not None else set()
        if self._usable and last is not None:
            for column, runs in sorted(sheet.edits.runs.items()):
                here = [run for run in runs if run.first <= last and first <= run.last]
                if len(here) > 1:
                    self._usable = False
                elif here:
                    self._every.append(_Column(sheet, column, here[0], first, last))
            self._columns = [column for column in self._every if column.asked]
        self._size = 0 if last is None or not self._usable else last + 1 - first
        self._asked = set().union(*(column.asked for column in self._columns)) if self._usable else set[int]()
        """The places of rows with an edit."""

    def edited(self, row: Row) -> bytes | None:
        """The row with its edits in; None if nothing changes."""
        at_row = row.number - self._first
        if at_row >= self._size:  # the last row may not be the highest
            return self._sheet.edited_row(row)
        if row.number in self._apart:
            return self._sheet.edited_row(row, {column.number for column in self._every if column.knows(at_row)})
        if at_row not in self._asked:
            return None
        if not self._numbered:
            return self._sheet.edited_row(row)
        cells = (row.body or b"").split(b"<c ")
        if cells[0].strip() or (len(cells) > 1 and not cells[-1].endswith((b"</c>", b"/>"))):
            return self._sheet.edited_row(row)
        digits = b"%d" % (row.number + 1)
        last = column_of(cells[-1][3 : cells[-1].find(b'"', 3) - len(digits)]) if len(cells) > 1 else -1
        named: dict[bytes, int] | None = None
        new: dict[int, bytes] = {}
        changed = False
        number = row.number
        unstyled = b"customFormat" not in row.attributes
        inner: Sequence[_Column] = self._columns
        tail = b""
        if unstyled and last <= self._edge(last):
            inner, tail = self._inner, self._tails[at_row]
            if tail:
                self._with_tail.append(number)
        for column in inner:
            rest = column.asked.get(at_row)
            if rest is None:
                continue
            name = column.letters + digits
            at: int | None = None
            if column.number <= last:
                at = column.at  # mostly where it was in the row before
                if at >= len(cells) or not cells[at].startswith(b'r="' + name + b'"'):
                    if named is None:
                        named = _places(cells)
                    at = named.get(name)
                    column.at = at or 0
            if at is None:
                if rest == b"/>":
                    continue
                if rest and unstyled:
                    column.news.append(number)
                    new[column.number] = b'<c r="' + name + column.new_look + rest
                else:
                    new[column.number] = column.new(row, name, rest)
                continue
            old = cells[at]
            head = b'r="' + name + column.look
            if rest and old == head + rest:
                continue
            if rest and old == head + b"/>":
                column.filled.append(number)
                cells[at] = head + rest
                changed = True
                continue
            cell = column.edited(number, name, old)
            if cell is not None:
                cells[at] = cell
                changed = True
        if not changed and not new and not tail:
            return None
        if not all(cells[1:]) or (new and min(new) <= last):
            kept = {column_of(ref[: -len(digits)]): b"<c " + cells[i] for ref, i in _places(cells).items()}
            if not tail:
                return self._sheet.joined(row, {**kept, **new})
            # nothing stands behind the tail
            return self._sheet.joined(row, {**kept, **new, self._columns[-1].number: tail})
        attributes = row.attributes
        if new or tail:
            attributes = self._sheet.spanned(attributes, None, self._columns[-1].number if tail else max(new))
        return self._sheet.with_body(row, attributes, b"<c ".join(cells) + b"".join(new.values()) + tail)

    @cached_property
    def _numbered(self) -> bool:
        """Whether every cell begins with its place."""
        return self._sheet.numbered or self._block.count(b"<c") == self._block.count(b'<c r="')

    def spliced(self) -> bytes | None:
        """The block with all its edits in; None if its rows do not follow one another."""
        if not self._usable:
            return None
        if not self._asked and not self._apart:
            return self._block
        between, *rows = self._block.split(b"<row")
        starts = [b' r="%d"' % number for number in range(self._first + 1, self._first + len(rows) + 1)]
        if len(rows) != self._size or between.strip() or not all(map(bytes.startswith, rows, starts)):
            return None
        changed, done = self._edited_columns(rows)
        for i in sorted((self._asked - done).union(number - self._first for number in self._apart)):
            edited = self.edited(self._sheet.row(b"<row" + rows[i], self._first + i))
            if edited is not None:
                changed, rows[i] = True, self._sheet.fitted(edited)[4:]
        return b"<row".join([between, *rows]) if changed else self._block

    def _edited_columns(self, rows: list[bytes]) -> tuple[bool, set[int]]:
        """Edit the rows that have the columns of the one in the middle, column by column, in place. Whether any
        changed; the places of those that are done."""
        asked = sorted(self._asked.difference(number - self._first for number in self._apart))
        if not asked or not self._numbered:
            return False, set()
        cells = {i: rows[i].split(_OPENING) for i in asked}
        middle = cells[asked[len(asked) // 2]]
        width = len(middle)
        places = {_letters(cell): at for at, cell in enumerate(middle) if at}
        digits = {i: b"%d" % (self._first + 1 + i) for i in asked}
        done = {i for i, row in cells.items() if len(row) == width and row[-1].endswith(_ROW_ENDS)}
        for column in self._columns:
            place, letters = places.get(column.letters), column.letters
            here = [i for i in column.asked if i in done]
            if place is None:
                done.difference_update(here)
                continue
            named = map(bytes.startswith, [cells[i][place] for i in here], [letters + digits[i] + b'"' for i in here])
            done.difference_update([i for i, as_meant in zip(here, named, strict=True) if not as_meant])
        changed, went, wraps = set[int](), set[int](), set[int]()
        for column in self._columns:
            wanted = [i for i in column.asked if i in done]
            if not wanted:
                continue
            place = places[column.letters]
            olds, end = [cells[i][place] for i in wanted], b""
            if place == width - 1:
                olds, end = [old[: -len(_ROW_ENDS)] for old in olds], _ROW_ENDS
            for i, new in column.all_edited(wanted, olds, digits):
                changed.add(i)
                cells[i][place] = new + end
                if not new:
                    went.add(i)
            wraps.update(column.wrapped)
        for i in changed:
            if i in went:
                left = [cell for cell in cells[i] if cell and cell != _ROW_ENDS]
                row = _OPENING.join(left) + (b"" if left[-1].endswith(_ROW_ENDS) else _ROW_ENDS)
            else:
                row = _OPENING.join(cells[i])
            rows[i] = self._sheet.fitted(b"<row" + row)[4:] if i in wraps or i in went else row
        return bool(changed), done

    def _edge(self, last: int) -> int:
        """The last column of the block's first row: where cells stand, mostly. Columns behind it come as one
        tail in rows that end there, too."""
        if self._tail_begins is None:
            self._tail_begins = last
            outer = [c for c in self._columns if c.number > last]
            self._inner = [c for c in self._columns if c.number <= last]
            names = [b"%d" % (row + 1) for row in range(self._first, self._first + self._size)]
            self._tails = list(map(b"".join, zip(*(c.tails(names) for c in outer), strict=True))) if outer else []
            if not outer:
                self._tail_begins = -2
        return self._tail_begins

    def finish(self) -> None:
        for column in self._columns:
            if column.number > (self._tail_begins if self._tail_begins is not None else column.number):
                column.news += [r for r in self._with_tail if column.asked.get(r - self._first) not in (None, b"/>")]
                column.news.sort()
            column.finish()


def _unknown(values: Sequence[Value], stored: Sequence[object]) -> list[int]:
    """The places of the cells that may not hold the value."""
    alike = list(map(is_, map(type, values), map(type, stored)))
    equal = list(map(eq, values, stored))
    if not all(alike):
        equal = [
            same and (kind or type_of(value) == type_of(there))  # type: ignore[arg-type]
            for same, kind, value, there in zip(equal, alike, values, stored, strict=True)
        ]
    if not all(map(_told_apart, set(values))):
        equal = [same and _told_apart(value) for same, value in zip(equal, values, strict=True)]
    return [] if all(equal) else [i for i, same in enumerate(equal) if not same]


def _told_apart(value: Value) -> bool:
    """Whether a value is what it looks like: Excel's escapes in a text, _x0041_, may be read as they stand."""
    return type(value) is not str or "_x" not in value


def _places(cells: Sequence[bytes]) -> dict[bytes, int]:
    """Name -> index of cells that were split at their `<c `; those that went are left out."""
    return {cell[3 : cell.find(b'"', 3)]: i for i, cell in enumerate(cells) if i and cell}


class _Column:
    """The run of one column as far as it lies in a block."""

    def __init__(self, sheet: SheetXml, number: int, run: Run, first: int, last: int) -> None:
        self._sheet = sheet
        self.number = number
        self._run = run
        self._first = first
        self.letters = cell_name(0, number)[:-1].encode()
        self.opening = b'<c r="' + self.letters
        begin, end = max(run.first, first), min(run.last, last)
        values = run.values[begin - run.first : end - run.first + 1]
        places: Sequence[int] = range(begin - first, end - first + 1)
        self._reach = places
        if run.stored is not None:
            unknown = _unknown(values, run.stored[begin - run.first : end - run.first + 1])
            places, values = [places[i] for i in unknown], [values[i] for i in unknown]
        self._told_apart = all(map(_told_apart, set(values)))
        self.asked = dict(zip(places, sheet.run_rests(run, values), strict=True)) if places else {}
        """Place of a row -> what follows place and style in its cell; b"": a new text. Others have no edit."""
        self.at = 0
        """The cell's index in the last row."""
        self.look = b'"'
        """The style that the last cell had: the next one mostly has it too."""
        self._of_column = sheet.empty_style(b"", number)
        self.new_look = b'" s="%d"' % self._of_column if self._of_column else b'"'
        self.news: list[int] = []
        """Rows that got a new cell with the look of the column."""
        self.filled: list[int] = []
        """Rows in which an empty cell with this look got something."""
        self._touched: dict[int, list[int]] = {}
        """Style -> rows of other cells that were changed."""
        self.wrapped: list[int] = []
        """Places of rows in which a cell was changed that wraps its text."""

    def knows(self, place: int) -> bool:
        """Whether the cell of a row surely holds what it is to hold."""
        return place in self._reach and place not in self.asked

    def _look_like(self, look: bytes) -> None:
        """Cells from here on look like this."""
        if self.filled:
            self.filled.sort()
            self._sheet.written_rows(self._run, self.filled)
            self._sheet.touch_rows(self.filled, self.number, small_number(self.look[5:-1]) or 0)
            self.filled = []
        self.look = look

    def finish(self) -> None:
        self._look_like(self.look)
        if self.news:
            self._sheet.written_rows(self._run, self.news)
            self._sheet.touch_rows(self.news, self.number, self._of_column)
        for style, rows in self._touched.items():
            self._sheet.touch_rows(sorted(rows), self.number, style)

    def tails(self, names: Sequence[bytes]) -> list[bytes]:
        """The cells of all rows as new ones."""
        start, first = b'<c r="' + self.letters, self._first
        for i, rest in self.asked.items():
            if rest == b"":
                self.asked[i] = self._sheet.rest(self._run.write(first + i))
        return [
            b"" if rest is None or rest == b"/>" else start + name + self.new_look + rest
            for name, rest in zip(names, map(self.asked.get, range(len(names))), strict=True)
        ]

    def new(self, row: Row, name: bytes, rest: bytes) -> bytes:
        style = self._of_column
        if b"customFormat" in row.attributes:
            style = self._sheet.empty_style(row.attributes, self.number)
        self._touched.setdefault(style, []).append(row.number)
        look = b'" s="%d"' % style if style else b'"'
        return b'<c r="' + name + look + self._sheet.written(self._run, row.number, rest)

    def all_edited(
        self, places: Sequence[int], olds: Sequence[bytes], digits: Mapping[int, bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """(place of the row, cell) of those existing cells, each from behind its `<c r="`, that do not stay; b"" for
        one that goes."""
        letters = self.letters
        look = _look(olds[0], len(letters) + len(digits[places[0]]))
        if look != self.look:
            self._look_like(look)
        rests = [self.asked[at] for at in places]
        begins = [letters + digits[at] + look for at in places]
        style = small_number(look[5:-1]) or 0
        wraps = self._sheet.wraps(style)
        for at, old, begin, rest, simple in zip(places, olds, begins, rests, self._simple(olds, begins), strict=True):
            new = begin + rest
            if simple and look == self.look and (rest.endswith(_END) or (rest == b"/>" and len(look) > 1)):
                emptied = rest == b"/>"
                (self._touched.setdefault(style, []) if emptied else self.filled).append(self._first + at)
                self._sheet.unreference(simple > 1)
                if wraps:
                    self.wrapped.append(at)
                yield at, new
                continue
            if old == new and rest:
                continue
            cell = self._cell_in_place(at, old, new, rest) if look == self.look else None
            if cell is None:
                edited = self.edited(self._first + at, begin[: -len(look)], b'r="' + old)
                cell = edited if edited is None else edited[3:]
            if cell is not None and cell is not old:
                self.wrapped.append(at)
                yield at, cell

    def _simple(self, olds: Sequence[bytes], begins: Sequence[bytes]) -> Iterable[int]:
        """Which cells hold, as they begin, nothing but a number (1) or a shared string (2), and surely another value
        than they are to hold."""
        run = self._run
        if run.stored is None or run.formula is not None or run.spilled or not self._told_apart:
            return repeat(0, len(olds))
        whole = map(
            and_, map(bytes.endswith, olds, repeat(_END)), map(eq, map(bytes.count, olds, repeat(b"<")), repeat(3))
        )
        numbers = map(bytes.startswith, olds, [begin + _NUMBER for begin in begins])
        shared = map(bytes.startswith, olds, [begin + _SHARED for begin in begins])
        return [w and (n or 2 * s) for w, n, s in zip(whole, numbers, shared, strict=True)]

    def _cell_in_place(self, at: int, old: bytes, new: bytes, rest: bytes) -> bytes | None:
        """The cell that stands now in place of another one that looks like it: `old` if both hold the same. None: it
        is not so simple."""
        run, row, begin = self._run, self._first + at, len(new) - len(rest)
        if not old.startswith(new[:begin]) or not rest:
            return None
        if old.endswith(b"/>") and len(old) == begin + 2:
            self.filled.append(row)
            return new
        if not (rest.endswith(_END) and old.endswith(_END)):
            return None
        if run.formula is not None or run.spilled:  # the same formula, or none, and another text or number
            same = begin + rest.find(_OPENED) + len(_OPENED)
            if run.yields or old[begin:same] != new[begin:same] or _ESCAPED.search(old, same, len(old) - len(_END)):
                return None
            if not rest.startswith(_STRING):
                if type(run.values[row - run.first]) not in (int, float):
                    return None
                if same_plain(self._sheet.stored(b"n", old[same : -len(_END)]), run.values[row - run.first]):
                    return old
            self._touched.setdefault(small_number(self.look[5:-1]) or 0, []).append(row)
            return new
        shared = old.startswith(_SHARED, begin)
        if not shared and not old.startswith(_NUMBER, begin):
            return None
        raw = old[begin + len(_SHARED if shared else _NUMBER) : -len(_END)]
        if b"<" in raw:
            raise self._sheet.nested(row, self.number)
        value = run.values[row - run.first]
        compared = run.stored is None or not _told_apart(value)
        if compared and same_plain(self._sheet.stored(b"s" if shared else b"n", raw), value):
            return old
        self._sheet.unreference(shared)
        self.filled.append(row)
        return new

    def edited(self, row: int, name: bytes, old: bytes) -> bytes | None:
        """An existing cell, from behind its `<c `; None if it stays."""
        rest = self.asked[row - self._first]
        sheet, run = self._sheet, self._run
        if run.stored is None and rest and old.endswith(rest) and _bare(old, len(old) - len(rest), name):
            self._look_like(old[3 + len(name) : len(old) - len(rest)])
            return None
        value = run.values[row - run.first]
        close = old.find(b">")
        closed = old[close - 1 : close] == b"/"
        if not closed and (_NESTED.search(old, close) or not old.endswith(b"</c>")):
            raise sheet.nested(row, self.number)
        attributes = b" " + old[: close - 1 if closed else close]
        start = old.find(b"<v>", close)
        end = old.find(b"</v>", start)
        plain = closed or (start == close + 1 and end > start)
        if not plain or run.formula is not None or run.spilled or b" cm=" in attributes or b" vm=" in attributes:
            body = b"" if closed else old[close + 1 : old.rfind(b"</c")]
            edited = sheet.edited_cell(row, self.number, attributes, body, run.write(row))
            return None if edited is None else edited[3:]
        at = attributes.find(b' t="')
        kind = b"n" if at < 0 else attributes[at + 4 : attributes.find(b'"', at + 4)]
        stored = None if closed else sheet.stored(kind, old[start + 3 : end])
        if same_plain(stored, value):
            return None
        at = attributes.find(b' s="')
        look = b"" if at < 0 else attributes[at : attributes.find(b'"', at + 4) + 1]
        if attributes.startswith(b' r="' + name + b'"' + look):
            self._look_like(b'"' + look)
        self._touched.setdefault(small_number(look[4:-1]) or 0, []).append(row)
        sheet.unreference(kind == b"s")
        if rest == b"/>":
            if not look:
                sheet.removed = True
                return b""
            return b'r="' + name + b'"' + look + rest
        return b'r="' + name + b'"' + look + sheet.written(run, row, rest)


def _look(cell: bytes, begin: int) -> bytes:
    """The style of a cell, from behind its place: the quote behind that and s=, if it has one."""
    end = cell.find(b'"', begin + 5) + 1 if cell.startswith(b'" s="', begin) else begin + 1
    return cell[begin:end]


def _letters(cell: bytes) -> bytes:
    """The column of a cell, from behind its `<c r="`."""
    return cell[: cell.find(b'"')].rstrip(b"0123456789")


def _bare(cell: bytes, end: int, name: bytes) -> bool:
    """Whether a cell (from behind its `<c `) has nothing but its place and style before `end`."""
    begin = 4 + len(name)
    if end <= begin:
        return end == begin
    return cell.startswith(b' s="', begin) and cell.find(b'"', begin + 4) == end - 1
