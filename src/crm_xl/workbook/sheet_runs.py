"""Runs of cells put into whole blocks of rows: what makes a refresh of many rows fast."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import eq, is_
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
        self._columns: list[_Column] = []
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
                    self._columns.append(_Column(sheet, column, here[0], first, last))
        self._asked: list[list[_Column]] = []
        """The columns with an edit, of each row."""
        if self._usable and last is not None:
            self._asked = [[] for _ in range(first, last + 1)]
            for found in self._columns:
                for at, rest in enumerate(found.rests):
                    if rest is not None:
                        self._asked[at].append(found)

    def edited(self, row: Row) -> bytes | None:
        """The row with its edits in; None if nothing changes."""
        usable = self._usable and row.number - self._first < len(self._asked)  # the last row may not be the highest
        if not usable or row.number in self._apart:
            return self._sheet.edited_row(row)
        asked = self._asked[row.number - self._first]
        if not asked:
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
        at_row = number - self._first
        unstyled = b"customFormat" not in row.attributes
        inner: Sequence[_Column] = self._columns
        tail = b""
        if unstyled and last <= self._edge(last):
            inner, tail = self._inner, self._tails[at_row]
            if tail:
                self._with_tail.append(number)
        for column in inner:
            rest = column.rests[at_row]
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
        return self._block.count(b"<c") == self._block.count(b'<c r="')

    def spliced(self) -> bytes | None:
        """The block with all its edits in; None if its rows do not follow one another."""
        if not self._usable:
            return None
        between, *rows = self._block.split(b"<row")
        starts = [b' r="%d"' % number for number in range(self._first + 1, self._first + len(rows) + 1)]
        if len(rows) != len(self._asked) or between.strip() or not all(map(bytes.startswith, rows, starts)):
            return None
        changed, done = self._edited_columns(rows)
        for i, asked in enumerate(self._asked):
            number = self._first + i
            if i not in done and (asked or number in self._apart):
                edited = self.edited(self._sheet.row(b"<row" + rows[i], number))
                if edited is not None:
                    changed, rows[i] = True, self._sheet.fitted(edited)[4:]
        return b"<row".join([between, *rows]) if changed else self._block

    def _edited_columns(self, rows: list[bytes]) -> tuple[bool, set[int]]:
        """Edit the rows that have the columns of the one in the middle, column by column, in place. Whether any
        changed; the places of those that are done."""
        if not self._numbered:
            return False, set()
        cells = [row.split(_OPENING) for row in rows]
        middle = cells[len(cells) // 2]
        width = len(middle)
        places = {_letters(cell): at for at, cell in enumerate(middle) if at}
        digits = [b"%d" % number for number in range(self._first + 1, self._first + 1 + len(rows))]
        regular = [
            len(c) == width and c[-1].endswith(_ROW_ENDS) and number not in self._apart
            for number, c in enumerate(cells, self._first)
        ]
        for column in self._columns:
            place, letters = places.get(column.letters), column.letters
            for i, rest in enumerate(column.rests):
                if rest is not None and regular[i]:
                    regular[i] = place is not None and cells[i][place].startswith(letters + digits[i] + b'"')
        done = {i for i, asked in enumerate(self._asked) if asked and regular[i]}
        changed: dict[int, bool] = {}
        """Place -> whether a cell went."""
        for column in self._columns:
            place = places.get(column.letters)
            wanted = [i for i, rest in enumerate(column.rests) if rest is not None and i in done]
            if place is None or not wanted:
                continue
            olds, end = [cells[i][place] for i in wanted], b""
            if place == width - 1:
                olds, end = [old[: -len(_ROW_ENDS)] for old in olds], _ROW_ENDS
            for i, new in column.all_edited(wanted, olds, digits):
                changed[i] = changed.get(i, False) or not new
                cells[i][place] = new + end
        for i, any_went in changed.items():
            if any_went:
                left = [cell for cell in cells[i] if cell and cell != _ROW_ENDS]
                row = _OPENING.join(left) + (b"" if left[-1].endswith(_ROW_ENDS) else _ROW_ENDS)
            else:
                row = _OPENING.join(cells[i])
            rows[i] = self._sheet.fitted(b"<row" + row)[4:]
        return bool(changed), done

    def _edge(self, last: int) -> int:
        """The last column of the block's first row: where cells stand, mostly. Columns behind it come as one
        tail in rows that end there, too."""
        if self._tail_begins is None:
            self._tail_begins = last
            outer = [c for c in self._columns if c.number > last]
            self._inner = [c for c in self._columns if c.number <= last]
            rows = len(outer[0].rests) if outer else 0
            names = [b"%d" % (row + 1) for row in range(self._first, self._first + rows)]
            self._tails = list(map(b"".join, zip(*(c.tails(names) for c in outer), strict=True))) if outer else []
            if not outer:
                self._tail_begins = -2
        return self._tail_begins

    def finish(self) -> None:
        for column in self._columns:
            if column.number > (self._tail_begins if self._tail_begins is not None else column.number):
                column.news += [r for r in self._with_tail if column.rests[r - self._first] not in (None, b"/>")]
                column.news.sort()
            column.finish()


def _known(values: Sequence[Value], stored: Sequence[object]) -> list[bool]:
    """Whether each cell surely holds the value."""
    alike = map(is_, map(type, values), map(type, stored))
    same = [
        equal and (kind or type_of(value) == type_of(there))  # type: ignore[arg-type]
        for equal, kind, value, there in zip(map(eq, values, stored), alike, values, stored, strict=True)
    ]
    if all(map(_told_apart, set(values))):
        return same
    return [known and _told_apart(value) for known, value in zip(same, values, strict=True)]


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
        self.rests: list[bytes | None] = [None] * (begin - first)
        """What follows place and style in the cell of each row; None: no edit; b"": a new text."""
        if run.stored is None:
            self.rests += sheet.run_rests(run, values)
        else:
            there = run.stored[begin - run.first : end - run.first + 1]
            same = _known(values, there)
            rests = iter(sheet.run_rests(run, [v for v, known in zip(values, same, strict=True) if not known]))
            self.rests += [None if known else next(rests) for known in same]
        self.rests += [None] * (last - end)
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
        for i, rest in enumerate(self.rests):
            if rest == b"":
                self.rests[i] = self._sheet.rest(self._run.write(first + i))
        return [
            b"" if rest is None or rest == b"/>" else start + name + self.new_look + rest
            for name, rest in zip(names, self.rests, strict=True)
        ]

    def new(self, row: Row, name: bytes, rest: bytes) -> bytes:
        style = self._of_column
        if b"customFormat" in row.attributes:
            style = self._sheet.empty_style(row.attributes, self.number)
        self._touched.setdefault(style, []).append(row.number)
        look = b'" s="%d"' % style if style else b'"'
        return b'<c r="' + name + look + self._sheet.written(self._run, row.number, rest)

    def all_edited(
        self, places: Sequence[int], olds: Sequence[bytes], digits: Sequence[bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """(place of the row, cell) of those existing cells, each from behind its `<c r="`, that do not stay; b"" for
        one that goes."""
        letters, rests = self.letters, [self.rests[at] or b"" for at in places]
        look = _look(olds[0], len(letters) + len(digits[places[0]]))
        if look != self.look:
            self._look_like(look)
        news = [letters + digits[at] + look + rest for at, rest in zip(places, rests, strict=True)]
        for at, old, new, rest in zip(places, olds, news, rests, strict=True):
            if old == new and rest:
                continue
            cell = self._cell_in_place(at, old, new, rest) if look == self.look else None
            if cell is None:
                edited = self.edited(self._first + at, letters + digits[at], b'r="' + old)
                cell = edited if edited is None else edited[3:]
            if cell is not None and cell is not old:
                yield at, cell

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
        if run.formula is not None or run.spilled:  # the same formula, or none, and another text
            same = begin + rest.find(_OPENED) + len(_OPENED)
            if run.yields or not rest.startswith(_STRING) or old[begin:same] != new[begin:same]:
                return None
            if _ESCAPED.search(old, same, len(old) - len(_END)):
                return None
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
        rest = self.rests[row - self._first]
        assert rest is not None
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
