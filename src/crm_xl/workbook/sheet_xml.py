"""Splicing cells into a worksheet part in one pass: only touched cells change, every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, repeat
from typing import Protocol

from crm_xl.cells import CellError, cell_name, small_number
from crm_xl.errors import CrmXlError
from crm_xl.sheet_stream import MAX_ROWS, Row, SheetStream

from .cell_xml import TRUE, Area, CellReader, OldCell, area, area_name, attributes_of, same_plain, style_of, type_of
from .edits import Rows, Run, SheetEdits, Touched, Write
from .heights import RowHeights
from .patched import Patched
from .references import shifted
from .sheet_runs import RunRows
from .values import SharedStrings, Value, encode_text, keeps_space, number_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_FORMULA = re.compile(rb"<(" + _P + rb")f\b([^<>]*?)(?:/>|>([^<]*)</\1f\s*>)")
_CELL_COLUMN = re.compile(rb"\sr\s*=\s*[\"']\$?([A-Za-z]+)")
_DIMENSION = re.compile(rb"(<" + _P + rb"dimension\b[^<>]*?\sref=[\"'])([^\"'<>]*)")
_PROTECTION = re.compile(rb"<" + _P + rb"sheetProtection\b[^<>]*\ssheet=[\"'](?:1|true)[\"']")
_COLUMN = re.compile(rb"<" + _P + rb"col\b([^<>]*)>")
_FORMULA_TAG = re.compile(rb"<" + _P + rb"f\b([^<>]*)>")
_GROUP_KINDS = (b'"array"', b"'array'", b'"dataTable"', b"'dataTable'")
_SPANS = re.compile(rb"\sspans=[\"'](\d+):(\d+)[\"']")
_LOOK_OF_ROW = re.compile(rb"\s(?:s|customFormat|ht|customHeight)=[\"'][^\"']*[\"']")
_ROWS_AT_ONCE = 2_000
_NUMBERS_KEPT = 1 << 15


class Growth(Protocol):
    """A table whose data rows come to end at `new` instead of `old`: new ones look like the last one."""

    @property
    def left(self) -> int: ...
    @property
    def right(self) -> int: ...
    @property
    def old(self) -> int: ...
    @property
    def new(self) -> int: ...


class SheetXml:
    """One pass over a worksheet part that puts edits into it. Errors name sheet and cell.

    `locked`: whether a cell format (by index) is locked, which matters on a protected sheet.
    `heights`: makes the fitter of row heights, given what stands before the rows. `in_order`: whether the cells of
    each row are known to come in order, each with its place; where they do not, each row is looked at.
    A cell that holds the same already is not touched.
    """

    def __init__(
        self,
        part: Patched,
        name: str,
        strings: SharedStrings,
        locked: Callable[[int], bool] = lambda _: False,
        heights: Callable[[bytes], RowHeights] | None = None,
        in_order: bool | None = None,
    ) -> None:
        self.part = part
        self.name = name
        self._strings = strings
        self._locked = locked
        self._stream = SheetStream(part.source(), name)
        self._reader = CellReader(self._stream, strings)
        self._prefix = self._stream.prefix
        self._column_styles = _column_styles(self._stream.head)
        self._heights = heights(self._stream.head) if heights else None
        self._in_order = in_order is not False
        self.numbered = in_order is True
        self.touched = Touched()
        self.formulas_changed = False
        self._formula = b"<" + self._prefix + b"f"
        self._formulas = self._in_block = 0
        """Formulas in the part, and in the block at hand as it was."""
        self.edits = SheetEdits()
        self._grown: Sequence[Growth] = ()
        self._rooms: Sequence[tuple[str, Area]] = ()
        self._styles: dict[int, tuple[dict[int, int], bytes]] = {}
        """Last rows of growing tables -> style by column, and the row's own look."""
        self._groups: list[Area] = []
        """Ranges that one formula fills and that are not written whole: none of their cells changes."""
        self._orphans: dict[bytes, tuple[str, int, int]] = {}
        """Shared formulas whose first cell was replaced -> its text and place: the others need their own."""
        self._rests: dict[Run, dict[Value, bytes]] = {}
        self._constants: dict[Value, bytes] = {}
        self._numbers: dict[float, bytes] = {}
        self._protectable: dict[int, tuple[int, int]] = {}
        """Styles of touched cells -> the first one."""
        self.removed = False
        self._last_filled = 0

    def apply(
        self,
        edits: SheetEdits,
        grown: Sequence[Growth] = (),
        rooms: Sequence[tuple[str, Area]] = (),
        outside: Callable[[bytes], bytes] = lambda xml: xml,
    ) -> None:
        """Put the edits in. `rooms`: ranges that must be free, each with the table that wants to grow into
        it; `outside`: changes what stands before and behind the rows.

        Errors: occupied_below, protected_cell, formula_in_the_way, sheet_too_long.
        """
        self.edits, self._grown, self._rooms = edits, [g for g in grown if g.new > g.old], rooms
        rows = Rows([*edits.spans(), *((g.old + 1, g.new) for g in self._grown)])
        if rows.last >= MAX_ROWS:
            raise CrmXlError("sheet_too_long", sheet=self.name)
        stream, before = self._stream, -1
        opened = b""
        ends = {row for g in self._grown for row in (g.old, g.old + 1)}
        ends |= {row for _, (r1, _, r2, _) in rooms for row in (r1, r2 + 1)}
        for place, block in stream.cut_blocks(ends):
            self._note_formulas(block)
            last = stream.last_number(block)
            apart = last is not None and last > before and not self._concerns(rows, before + 1, last, block)
            if apart and last is not None and stream.in_order(block, before):
                before = last
                self._last_filled = self._filled_last(block, before)
                continue
            before = self._apply_block(place, block, before, rows)
        tail = self._new_rows(rows.between(before + 1, rows.last + 1))
        new = b""
        if stream.self_closed:
            new = b"".join(tail)
            self._formulas += new.count(self._formula)
            opened = b"</" + self._prefix + b"sheetData>" if new else b""
        else:
            for chunk in tail:
                if chunk:
                    self._formulas += chunk.count(self._formula)
                    self.part.replace(stream.tail_at, stream.tail_at, chunk)
        self._refuse_locked()
        head = self._fitted_dimension(outside(stream.head))
        if opened:
            head = head[:-2] + b">" + new + opened
        behind = outside(stream.tail)
        if self.part or head != stream.head or behind != stream.tail:
            # both ends in any case: if every block between is new, the old part need not be read again
            self.part.length = stream.tail_at + len(stream.tail)
            self.part.replace(0, len(stream.head), head)
            self.part.replace(stream.tail_at, self.part.length, behind)

    # ------------------------------------------------------------ blocks

    def _concerns(self, rows: Rows, first: int, last: int, block: bytes) -> bool:
        """Whether a block has to be looked at row by row."""
        if next(rows.between(first, last + 1), None) is not None:
            return True
        if any(first <= g.old <= last for g in self._grown) or any(
            r[0] <= last and first <= r[2] for _, r in self._rooms
        ):
            return True
        return bool(self._orphans) and b"shared" in block

    def _note_formulas(self, block: bytes) -> None:
        self._in_block = block.count(self._formula) if b"f" in block else 0  # a byte is found at once
        self._formulas += self._in_block
        if not self._in_block:
            return
        for kind in _GROUP_KINDS:
            before, at = 0, block.find(kind)
            while at >= 0:
                start = block.rfind(b"<", before, at)
                tag = _FORMULA_TAG.match(block, start) if start >= 0 else None
                reference = attributes_of(tag[1]).get(b"ref", b"") if tag else b""
                if b":" in reference and not self.edits.covers(*(group := self._group(reference))):
                    self._groups.append(group)
                before, at = at, block.find(kind, at + 1)

    @property
    def others_formulas(self) -> bool:
        """Whether there may be formulas now that are not of these edits; all of those are there."""
        return self._formulas != self.edits.formula_counts()(0, MAX_ROWS)

    def _put(self, place: int, block: bytes, new: bytes) -> None:
        """Put other rows in the place of the block that is at hand."""
        self._formulas += new.count(self._formula) - self._in_block
        self.part.replace(place, place + len(block), new)

    def _group(self, reference: bytes) -> Area:
        try:
            return area(reference.decode())
        except ValueError:
            raise self._stream.broken("a formula for a range that is none") from None

    def _filled_last(self, block: bytes, last: int) -> int:
        """The last row of a block that has a cell. Where cells went, it is looked for."""
        if not self.removed and block.rstrip().endswith(b"</" + self._prefix + b"row>"):
            return last
        for row in self._stream.rows(block, -1):
            if row.body and row.body.strip():
                self._last_filled = row.number
        return self._last_filled

    def _apply_block(self, place: int, block: bytes, before: int, rows: Rows) -> int:
        """Edit the rows of a block; returns the number of its last row."""
        out: list[bytes] = []
        changed = False
        fast = None
        begin = self._stream.first_number(block)
        if begin is not None and begin > before + 1:
            out += self._new_rows(rows.between(before + 1, begin))
            changed = any(out)
            before = begin - 1
        first = before + 1
        last = self._stream.last_number(block)
        special = last is None or self._is_special(first, last)
        if not special and last is not None:
            fast = RunRows(self, block, first, last)
            new = fast.spliced()
            if new is not None:
                fast.finish()
                if changed or new is not block:
                    self._put(place, block, b"".join([*out, new]))
                self._last_filled = self._filled_last(new, last)
                return last
        for row in self._stream.rows(block, before):
            if row.number > before + 1:
                for new in self._new_rows(rows.between(before + 1, row.number)):
                    changed = changed or bool(new)
                    out.append(new)
            before = row.number
            edited: bytes | None = None
            if row.number in rows or (self._orphans and b"shared" in row.xml):
                if fast is None:
                    fast = RunRows(self, block, first, last)
                edited = fast.edited(row)
            if special:
                self._look_at(row)
            if edited is None:
                out.append(row.xml)
                if row.body and row.body.strip():
                    self._last_filled = row.number
                continue
            changed = True
            out.append(self.fitted(edited))
        if fast is not None:
            fast.finish()
        if changed:
            self._put(place, block, b"".join(out))
        return before

    def _is_special(self, first: int, last: int) -> bool:
        """Whether one of these rows is the last of a table that grows, or stands where it grows."""
        return any(first <= g.old <= last for g in self._grown) or any(
            r1 <= last and first <= r2 for _, (r1, _, r2, _) in self._rooms
        )

    def _look_at(self, row: Row) -> None:
        """Remember the look of a table's last row; refuse to grow over something."""
        for growth in self._grown:
            if growth.old == row.number:
                look = b"".join(_LOOK_OF_ROW.findall(row.attributes))
                self._styles[row.number] = (
                    {c: style_of(attributes_of(a)) for c, a, _, _ in self._reader.split(row.body or b"")},
                    look,
                )
        for table, (r1, c1, r2, c2) in self._rooms:
            if r1 <= row.number <= r2 and row.body:
                for column, old in self._reader.cells(row).items():
                    if c1 <= column <= c2 and (old.formula is not None or old.value not in (None, "")):
                        cell = cell_name(row.number, column)
                        raise CrmXlError("occupied_below", sheet=self.name, cell=cell, table=table)

    def writes(self, row: int, without: Collection[int] = ()) -> dict[int, Write]:
        """The edits of a row, with the look of new rows of growing tables; but for the runs of some columns."""
        writes = self.edits.row(row, without)
        for growth in self._grown:
            if growth.old < row <= growth.new:
                for column, style in self._styles.get(growth.old, ({}, b""))[0].items():
                    if growth.left <= column <= growth.right:
                        write = writes.get(column, Write(None))
                        writes[column] = Write(
                            write.value, write.formula, write.array, write.dynamic, write.spilled, write.yields, style
                        )
        return writes

    # ------------------------------------------------------------ rows

    def _new_rows(self, rows: Iterable[int]) -> Iterator[bytes]:
        """Row elements where there are none, in chunks."""
        for _, together in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
            numbers = [row for _, row in together]
            for at in range(0, len(numbers), _ROWS_AT_ONCE):
                chunk = numbers[at : at + _ROWS_AT_ONCE]
                alike = self._alike(chunk[0], chunk[-1])
                yield b"".join(alike if alike is not None else map(self._new_row, chunk))

    def _alike(self, first: int, last: int) -> list[bytes] | None:
        """New rows column by column, which is faster; None if something in them is special."""
        if self._prefix or self._groups or any(first <= row <= last for row in self.edits.cells):
            return None
        styles: dict[int, int] = {}
        row_look = b""
        for growth in self._grown:
            if growth.old < last and first <= growth.new:
                if row_look or not (growth.old < first and last <= growth.new):
                    return None
                of_row, row_look = self._styles.get(growth.old, ({}, b""))
                styles |= {c: s for c, s in of_row.items() if growth.left <= c <= growth.right}
        runs: dict[int, Run] = {}
        for column, found in self.edits.runs.items():
            here = [run for run in found if run.first <= last and first <= run.last]
            if len(here) > 1 or (here and not (here[0].first <= first and last <= here[0].last)):
                return None
            if here:
                runs[column] = here[0]
        names = [b"%d" % (row + 1) for row in range(first, last + 1)]
        pieces: list[Iterable[bytes]] = []
        lines: list[list[int]] = []
        for column in sorted(styles.keys() | runs.keys()):
            run, style = runs.get(column), styles.get(column)
            values = run.values[first - run.first : last + 1 - run.first] if run else ()
            if style is None:
                style = self.empty_style(b"", column) if run else 0
            pieces += self._new_column(column, run, values, style, first, names)
            if run and self._heights and style in self._heights.wrapping:
                lines.append(self._heights.lines(column, values))
        bodies = list(map(b"".join, zip(*pieces, strict=False)))
        row_looks = [row_look] * len(bodies)
        if self._heights:
            tallest = [max(of_row) for of_row in zip(*lines, strict=True)] if lines else [1]
            known = {n: self._heights.look(row_look, n) for n in set(tallest)}
            row_looks = [known[n] for n in tallest] if lines else [known[1]] * len(bodies)
        self._last_filled = max((first + i for i, body in enumerate(bodies) if body), default=self._last_filled)
        return [
            b'<row r="' + name + b'"' + look + b">" + body + b"</row>"
            for name, look, body in zip(names, row_looks, bodies, strict=False)
            if body
        ]

    def _new_column(
        self, column: int, run: Run | None, values: Sequence[Value], style: int, first: int, names: Sequence[bytes]
    ) -> list[Iterable[bytes]]:
        """The cells of one column in new rows, as columns of pieces."""
        start, look = b'<c r="' + cell_name(0, column)[:-1].encode(), b'" s="%d"' % style if style else b'"'
        if run is None:
            return [repeat(start), names, repeat(look + b"/>")] if style else []
        rests = self.run_rests(run, values, known_only=False)
        filled: Sequence[int] = range(first, first + len(rests))
        if b"/>" in rests:
            filled = [row for row, rest in enumerate(rests, first) if rest != b"/>"]
        if filled:
            self.touch_rows(filled, column, style)
        self.written_rows(run, filled)
        if style or len(filled) == len(rests):
            return [repeat(start), names, repeat(look), rests]
        return [[start + n + look + r if r != b"/>" else b"" for n, r in zip(names, rests, strict=True)]]

    def _new_row(self, row: int) -> bytes:
        cells = b"".join(self._new_cell(row, c, w, b"") for c, w in sorted(self.writes(row).items()))
        if not cells:
            return b""
        p = self._prefix
        look = next((self._styles.get(g.old, ({}, b""))[1] for g in self._grown if g.old < row <= g.new), b"")
        self._last_filled = row
        new = b"<" + p + b'row r="' + str(row + 1).encode() + b'"' + look + b">" + cells + b"</" + p + b"row>"
        return self.fitted(new)

    def edited_row(self, row: Row, known: Collection[int] = ()) -> bytes | None:
        """A row with its edits in; None if nothing changes. `known`: columns whose runs need not be looked at."""
        writes = self.writes(row.number, () if self._grown else known)
        if not (self._prefix or self._orphans) and all(self._stands(row, c, w) for c, w in writes.items()):
            return None
        cells: dict[int, bytes] = {}
        changed = False
        unnumbered = False
        for column, attributes, body, whole in self._reader.split(row.body or b""):
            cells[column] = whole
            unnumbered = unnumbered or not _CELL_COLUMN.search(attributes)
            write = writes.get(column)
            if write is None:
                if self._orphans and b"shared" in body:
                    adopted = self._adopted(row.number, column, attributes, body, whole)
                    changed = changed or adopted != whole
                    cells[column] = adopted
                continue
            new = self.edited_cell(row.number, column, attributes, body, write)
            if new is None:
                if self._orphans and b"shared" in body:
                    cells[column] = self._adopted(row.number, column, attributes, body, whole)
                    changed = changed or cells[column] != whole
                continue
            cells[column] = new
            changed = True
        if not all(cells.values()):
            self.removed = True
            if unnumbered:  # counted cells stay as empty ones, or those behind them would move up
                empty = b"<" + self._prefix + b'c r="%s"/>'
                cells = {c: x or empty % cell_name(row.number, c).encode() for c, x in cells.items()}
        for column, write in writes.items():
            if column not in cells:
                new = self._new_cell(row.number, column, write, row.attributes)
                if new:
                    cells[column] = new
                    changed = True
        return self.joined(row, cells) if changed else None

    def _stands(self, row: Row, column: int, write: Write) -> bool:
        """Whether a cell surely is as the write would have it, to the byte."""
        name = b'<c r="' + cell_name(row.number, column).encode() + b'"'
        at = row.xml.find(name)
        if at < 0 or write.empty:
            return False
        rest, start = self.rest(write, known_only=True), at + len(name)
        if row.xml.startswith(b' s="', start):
            start = row.xml.find(b'"', start + 4) + 1
        return bool(rest) and row.xml.startswith(rest, start)

    def joined(self, row: Row, cells: Mapping[int, bytes]) -> bytes:
        """A row element with these cells."""
        attributes = self.spanned(row.attributes, min(cells), max(cells)) if cells else row.attributes
        return self.with_body(row, attributes, b"".join(cells[c] for c in sorted(cells)))

    @staticmethod
    def spanned(attributes: bytes, first: int | None, last: int) -> bytes:
        """A row's attributes without `spans` if that, which is only a hint to readers, would be wrong."""
        attributes = attributes.rstrip()
        spans = _SPANS.search(attributes) if b"spans" in attributes else None
        if spans and not ((first is None or int(spans[1]) - 1 <= first) and last <= int(spans[2]) - 1):
            attributes = attributes.replace(spans[0], b"")
        return attributes

    def with_body(self, row: Row, attributes: bytes, body: bytes) -> bytes:
        if body:
            self._last_filled = row.number
        return b"<" + self._prefix + b"row" + attributes + b">" + body + b"</" + self._prefix + b"row>"

    # ------------------------------------------------------------ cells

    def edited_cell(self, row: int, column: int, attributes: bytes, body: bytes, write: Write) -> bytes | None:
        """An existing cell with a write in; b"" if it goes, None if it stays as it is."""
        old = self._reader.old(attributes, body)
        if old.formula is not None and write.yields:
            return None
        formula_stays = _formula_stays(old, write)
        if formula_stays and _same_value(old.value, write):
            return None
        style = style_of(old.attributes)
        self._check(row, column, old)
        if old.attributes.get(b"t") == b"s":
            self._strings.references -= 1
        self.formulas_changed = self.formulas_changed or not formula_stays
        self.touch(row, column, style)
        new = self._cell(row, column, write, style)
        self.removed = self.removed or not new
        return new

    def _new_cell(self, row: int, column: int, write: Write, row_attributes: bytes) -> bytes:
        """A cell where there is none: it looks as the row or column says, if the write says nothing."""
        if write.empty:
            return self._cell(row, column, write, write.style or 0)
        style = self.empty_style(row_attributes, column) if write.style is None else write.style
        self._check(row, column)
        self.touch(row, column, style)
        self.formulas_changed = self.formulas_changed or write.formula is not None
        return self._cell(row, column, write, style)

    def touch(self, row: int, column: int, style: int) -> None:
        self.touched.add(row, column)
        self._protectable.setdefault(style, (row, column))

    def touch_rows(self, rows: Sequence[int], column: int, style: int) -> None:
        self.touched.add_rows(rows, column)
        self._protectable.setdefault(style, (rows[0], column))

    def unreference(self, shared: int) -> None:
        """Cells get other values. `shared`: how many of them held a shared string."""
        self._strings.references -= shared

    def empty_style(self, row_attributes: bytes, column: int) -> int:
        """The style that a new cell takes from its row, or its column."""
        if b"customFormat" in row_attributes:
            a = attributes_of(row_attributes)
            if a.get(b"customFormat") in TRUE:
                return style_of(a)
        return self._column_styles(column)

    def stored(self, kind: bytes, raw: bytes) -> Value:
        return self._reader.stored(kind, raw)

    def nested(self, row: int, column: int) -> CrmXlError:
        """A cell that holds another one: no program writes that."""
        return self._stream.broken(f"{cell_name(row, column)}: a cell in a cell")

    def row(self, xml: bytes, number: int) -> Row:
        """The row of that number, from its XML."""
        return next(self._stream.rows(xml, number - 1))

    def wraps(self, style: int) -> bool:
        """Whether cells of a style may make their row higher."""
        return self._heights is not None and style in self._heights.wrapping

    def fitted(self, row: bytes) -> bytes:
        """A row element as high as its wrapped texts need."""
        return self._heights.fitted(row) if self._heights else row

    def filled(self, row: int) -> None:
        """A row that has a cell."""
        self._last_filled = row

    def takes_runs(self, block: bytes) -> bool:
        """Whether runs can be put into a block's rows cell by cell: nothing in them is special."""
        return self._in_order and not (
            self._prefix or self._groups or self._orphans or (self._in_block and b"shared" in block)
        )

    def apart(self, first: int, last: int) -> set[int]:
        """The rows with more than runs: single writes, or in a table's growth."""
        grown = (range(max(first, g.old + 1), min(last, g.new) + 1) for g in self._grown)
        return {row for row in self.edits.cells if first <= row <= last}.union(*grown)

    def run_rests(self, run: Run, values: Sequence[Value], *, known_only: bool = True) -> list[bytes]:
        """What follows place and style in cells of a run; with `known_only` b"" for a text that the workbook
        does not have."""
        known = self._rests_of(run)
        if run.formula is not None:
            return [(type(v) is str and known.get(v)) or self._rest_of(run, v, known_only) for v in values]
        text = self._rest_of if run.spilled else self._text_rest
        if not run.spilled and not known_only:
            new = [v for v in dict.fromkeys(values) if type(v) is str and v and v not in known]
            known.update(zip(new, [b' t="s"><v>%d</v></c>' % n for n in self._strings.indexes(new)], strict=True))
        numbers, number = self._numbers.get, self._number_rest
        if set(map(type, values)) == {float}:
            return [numbers(v) or number(v) for v in values]  # type: ignore[arg-type]
        return [
            known.get(v) or text(run, v, known_only)
            if type(v) is str
            else numbers(v) or number(v)
            if type(v) is float
            else self._rest_of(run, v, known_only)
            for v in values
        ]

    def _number_rest(self, value: float) -> bytes:
        """The end of a cell that holds a number, see `number_text`; those that come again are kept."""
        rest = b"><v>%b</v></c>" % (
            b"%d" % value if value.is_integer() and -1e15 < value < 1e15 else repr(value).encode()
        )
        if len(self._numbers) > _NUMBERS_KEPT:
            self._numbers.clear()
        self._numbers[value] = rest
        return rest

    def _rests_of(self, run: Run) -> dict[Value, bytes]:
        """Texts -> what follows place and style, as far as it is known."""
        if run.formula is None and not run.spilled:
            return self._constants
        return self._rests.setdefault(run, {})

    def _text_rest(self, run: Run, value: str, known_only: bool) -> bytes:
        """`_rest_of` for a constant text."""
        number = self._strings.find(value) if known_only else self._strings.index(value) if value else 0
        if not value:
            rest = b"/>"
        elif number is None:
            return b""
        else:
            rest = b' t="s"><v>%d</v></c>' % number
        self._rests_of(run)[value] = rest
        return rest

    def _rest_of(self, run: Run, value: Value, known_only: bool) -> bytes:
        write = run.with_value(value)
        rest = b"/>" if write.empty else self.rest(write, known_only=known_only)
        if rest and type(value) is str:
            self._rests_of(run)[value] = rest
        return rest

    def written_rows(self, run: Run, rows: Sequence[int]) -> None:
        """Cells of a run were written whose text, if any, the workbook has."""
        if run.formula is not None:
            self.formulas_changed = True
        elif not run.spilled:
            if isinstance(rows, range):
                values = run.values[rows.start - run.first : rows.stop - run.first]
            else:
                values = [run.values[row - run.first] for row in rows]
            self._strings.references += list(map(type, values)).count(str)

    def written(self, run: Run, row: int, rest: bytes) -> bytes:
        """The same for a cell that is written now."""
        value = run.values[row - run.first]
        if run.formula is not None:
            self.formulas_changed = True
        elif type(value) is str and not run.spilled:
            self._strings.references += 1
            if not rest:
                rest = self._rests_of(run)[value] = self.rest(run.write(row))
        return rest

    def _check(self, row: int, column: int, old: OldCell | None = None) -> None:
        """Whether a cell may be written. Error: formula_in_the_way."""
        for r1, c1, r2, c2 in self._groups:
            if r1 <= row <= r2 and c1 <= column <= c2:
                cell, group = cell_name(row, column), area_name(r1, c1, r2, c2)
                raise CrmXlError("formula_in_the_way", sheet=self.name, cell=cell, kind=group)
        if old and old.formula_attributes.get(b"t") == b"shared" and old.formula:
            self._orphans[old.formula_attributes.get(b"si", b"")] = old.formula, row, column

    def _adopted(self, row: int, column: int, attributes: bytes, body: bytes, whole: bytes) -> bytes:
        """A cell whose formula was shared from a cell that was replaced: it gets the text of its own."""
        f = _FORMULA.search(body)
        a = attributes_of(f[2]) if f else {}
        source = self._orphans.get(a.get(b"si", b"")) if a.get(b"t") == b"shared" and f and not f[3] else None
        if source is None or f is None:
            return whole
        text, first_row, first_column = source
        p = f[1].decode()
        own = encode_text(shifted(text, row - first_row, column - first_column))
        again = b' ca="1"' if a.get(b"ca") in TRUE else b""
        self.touch(row, column, style_of(attributes_of(attributes)))
        self.formulas_changed = True
        return whole.replace(f[0], b"<" + f[1] + b"f" + again + f">{own}</{p}f>".encode(), 1)

    def _refuse_locked(self) -> None:
        if not _PROTECTION.search(self._stream.tail):
            return
        barred = [cell for style, cell in self._protectable.items() if self._locked(style)]
        if barred:
            raise CrmXlError("protected_cell", sheet=self.name, cell=cell_name(*min(barred)))

    def _cell(self, row: int, column: int, write: Write, style: int) -> bytes:
        look = b' s="%d"' % style if style else b""
        head = b"<" + self._prefix + b'c r="' + cell_name(row, column).encode() + b'"' + look
        if write.empty:
            return head + b"/>" if style else b""
        if type(write.value) is str and write.formula is None and not write.spilled:
            self._strings.references += 1
        return head + self.rest(write)

    def rest(self, write: Write, *, known_only: bool = False) -> bytes:
        """A cell that holds something, behind its place and style. `known_only`: b"" for a text that the
        workbook does not have."""
        p, value = self._prefix.decode(), write.value
        kind = formula = ""
        if write.formula is not None:
            form = f' t="array" ref="{write.array}"' if write.array else ""
            if value is None:  # Excel calculates it next time
                form += ' ca="1"'
            formula = f"<{p}f{form}>{encode_text(write.formula)}</{p}f>"
            if write.dynamic:
                kind = ' cm="1"'
        if value is None:
            text = ""
        elif isinstance(value, CellError):
            kind += ' t="e"'
            text = f"<{p}v>{value}</{p}v>"
        elif isinstance(value, bool):
            kind += ' t="b"'
            text = f"<{p}v>{int(value)}</{p}v>"
        elif isinstance(value, (int, float)):
            text = f"<{p}v>{number_text(value)}</{p}v>"
        elif formula or write.spilled:
            kind += ' t="str"'
            space = ' xml:space="preserve"' if keeps_space(value) else ""
            text = f"<{p}v{space}>{encode_text(value)}</{p}v>"
        else:
            number = self._strings.find(value) if known_only else self._strings.index(value)
            if number is None:
                return b""
            kind += ' t="s"'
            text = f"<{p}v>{number}</{p}v>"
        return f"{kind}>{formula}{text}</{p}c>".encode()

    # ------------------------------------------------------------ around the rows

    def _fitted_dimension(self, head: bytes) -> bytes:
        """<dimension> holds every touched cell, and ends on the last row that has one."""
        if not self.touched:
            return head
        spans, columns = self.touched.rows(), self.touched.columns
        first, final = spans[0][0], spans[-1][1]

        def fitted(m: re.Match[bytes]) -> bytes:
            try:
                r1, c1, r2, c2 = area(m[2].decode())
            except ValueError:  # only a hint to readers
                return m[0]
            last = max(r2, final)
            if self.removed and any(a <= r2 <= b for a, b in spans):
                last = max(r1, self._last_filled)
            name = area_name(min(r1, first), min(c1, columns[0]), last, max(c2, columns[-1]))
            return m[1] + name.encode()

        return _DIMENSION.sub(fitted, head)


def _column_styles(head: bytes) -> Callable[[int], int]:
    """The style of empty cells by column."""
    found = []
    for m in _COLUMN.finditer(head):
        a = attributes_of(m[1])
        first, last, style = (small_number(a.get(name, b"")) for name in (b"min", b"max", b"style"))
        if first is not None and last is not None and style is not None:
            found.append((first - 1, last - 1, style))
    return lambda column: next((s for first, last, s in found if first <= column <= last), 0)


def _formula_stays(old: OldCell, write: Write) -> bool:
    """Whether a cell has the formula, or the lack of one, that it is to have."""
    if write.formula is None:
        return old.formula is None and not {b"cm", b"vm"} & old.attributes.keys()
    kind = old.formula_attributes.get(b"t", b"normal")
    array = old.formula_attributes.get(b"ref", b"").decode() if kind == b"array" else None
    simple = kind in (b"normal", b"array")
    dynamic = b"cm" in old.attributes
    return simple and (old.formula, array, dynamic) == (write.formula, write.array, write.dynamic)


def _same_value(old: Value, write: Write) -> bool:
    if write.formula is None and not write.spilled:
        return same_plain(old, write.value)
    return type_of(old) == type_of(write.value) and old == write.value
