"""Splicing cells into a worksheet part: only touched cells change, every other byte stays."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crm_xl.cells import CellError, cell_name, column_number
from crm_xl.errors import CrmXlError

from .values import SharedStrings, Value, decode_text, encode_text, keeps_space, number_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_ROW = re.compile(rb"<(" + _P + rb")row\b([^>]*?)(?:/>|>(.*?)</\1row>)", re.DOTALL)
_CELL = re.compile(rb"<(" + _P + rb")c\b([^>]*?)(?:/>|>(.*?)</\1c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(" + _P + rb")f\b([^>]*?)(?:/>|>(.*?)</\1f>)", re.DOTALL)
_VALUE = re.compile(rb"<(" + _P + rb")v\b[^>]*?(?:/>|>(.*?)</\1v>)", re.DOTALL)
_INLINE = re.compile(rb"<(" + _P + rb")t\b[^>]*?(?:/>|>(.*?)</\1t>)", re.DOTALL)
_PHONETIC = re.compile(rb"<(" + _P + rb")rPh\b.*?</\1rPh>", re.DOTALL)
_ATTRIBUTES = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET_DATA = re.compile(rb"<(" + _P + rb")sheetData\b[^>]*?(/?)>")
_DIMENSION = re.compile(rb"(<" + _P + rb"dimension\b[^>]*?\sref=[\"'])([^\"']*)")
_PROTECTION = re.compile(rb"<" + _P + rb"sheetProtection\b[^>]*\ssheet=[\"'](?:1|true)[\"']")
_COLUMN = re.compile(rb"<" + _P + rb"col\b([^>]*)>")
_FORMULA_TAG = re.compile(rb"<" + _P + rb"f\b([^>]*)>")
_GROUP_KINDS = (b'"array"', b"'array'", b'"dataTable"', b"'dataTable'")
_ROW_NUMBER = re.compile(rb"\sr=[\"'](\d+)")
_CELL_COLUMN = re.compile(rb"\sr=[\"']\$?([A-Za-z]+)")
_SPANS = re.compile(rb"\sspans=[\"'](\d+):(\d+)[\"']")
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)$")
_TRUE = (b"1", b"true")
MAX_ROWS = 1_048_576

Area = tuple[int, int, int, int]
"""0-based first row, first column, last row, last column."""


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


class OldCell(NamedTuple):
    """An existing cell, as far as a comparison needs it."""

    attributes: dict[bytes, bytes]
    value: Value
    formula: str | None
    formula_attributes: dict[bytes, bytes]


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _ATTRIBUTES.finditer(text)}


def address(reference: str) -> tuple[int, int]:
    """0-based (row, column) of an A1 reference."""
    found = _ADDRESS.match(reference)
    if not found:
        raise ValueError(reference)
    return int(found[2]) - 1, column_number(found[1])


def area(reference: str) -> Area:
    """The cells of an A1 range."""
    first, _, last = reference.partition(":")
    return *address(first), *address(last or first)


def area_name(r1: int, c1: int, r2: int, c2: int) -> str:
    first, last = cell_name(r1, c1), cell_name(r2, c2)
    return first if first == last else f"{first}:{last}"


class SheetXml:
    """One worksheet part. Errors name sheet and cell.

    `locked`: whether a cell format (by index) is locked, which matters on a protected sheet.
    """

    def __init__(self, xml: bytes, name: str, strings: SharedStrings, locked: Callable[[int], bool]) -> None:
        self.xml = xml
        self.name = name
        self._strings = strings
        self._locked = locked
        self.touched: list[tuple[int, int]] = []
        self.formulas_changed = False
        self._removed = False
        data = _SHEET_DATA.search(xml)
        if data is None:
            raise self._broken("no sheetData")
        self._prefix = data[1]
        self._open = data.end()
        self._self_closed = bool(data[2])
        self._close = data.end() if data[2] else xml.rfind(b"</" + data[1] + b"sheetData")
        if self._close < self._open:
            raise self._broken("no end of sheetData")
        if xml.find(b"<!", self._open, self._close) >= 0:  # may hold what looks like cells
            raise self._broken("comments between the cells")
        self._protected = _PROTECTION.search(xml, self._close) is not None
        self._column_styles = _column_styles(xml[: self._open])
        self._groups = self._formula_groups()
        self._rows: list[tuple[int, int, int]] | None = None

    def _broken(self, why: str) -> CrmXlError:
        return CrmXlError("file_not_workbook", path=self.name, why=why)

    def _formula_groups(self) -> list[Area]:
        """Ranges of more than one cell that one formula fills: none of their cells changes alone."""
        found = []
        for kind in _GROUP_KINDS:
            at = self.xml.find(kind, self._open, self._close)
            while at >= 0:
                tag = _FORMULA_TAG.match(self.xml, self.xml.rfind(b"<", 0, at))
                reference = _attributes(tag[1]).get(b"ref", b"") if tag else b""
                if b":" in reference:
                    found.append(area(reference.decode()))
                at = self.xml.find(kind, at + 1, self._close)
        return found

    def rows(self) -> list[tuple[int, int, int]]:
        """(0-based row, start, end) of every row element."""
        if self._rows is None:
            found, number = [], -1
            for m in _ROW.finditer(self.xml, self._open, self._close):
                r = _ROW_NUMBER.search(m[2])
                before, number = number, int(r[1]) - 1 if r else number + 1
                if number <= before:
                    raise self._broken("rows out of order")
                found.append((number, m.start(), m.end()))
            self._rows = found
        return self._rows

    def cells(self, row: int) -> dict[int, OldCell]:
        """The cells of one row."""
        rows = self.rows()
        at = bisect_left(rows, (row, 0, 0))
        if at == len(rows) or rows[at][0] != row:
            return {}
        m = _ROW.match(self.xml, *rows[at][1:])
        assert m is not None
        return {c: self._old(a, b) for c, a, b, _ in self._split(m[3] or b"")}

    def styles(self, row: int) -> dict[int, int]:
        """Style index of each cell of a row."""
        return {c: _style(old.attributes) for c, old in self.cells(row).items()}

    def first_filled(self, within: Area) -> tuple[int, int] | None:
        """The first cell in a range that holds a value or a formula."""
        r1, c1, r2, c2 = within
        rows = self.rows()
        for number, *_ in rows[bisect_left(rows, (r1, 0, 0)) :]:
            if number > r2:
                break
            for column, old in sorted(self.cells(number).items()):
                if c1 <= column <= c2 and (old.formula is not None or old.value not in (None, "")):
                    return number, column
        return None

    def _split(self, body: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
        """(column, attributes, content, whole) of each cell."""
        column = -1
        for m in _CELL.finditer(body):
            r = _CELL_COLUMN.search(m[2])
            before, column = column, _column(r[1]) if r else column + 1
            if column <= before:
                raise self._broken("cells out of order")
            yield column, m[2], m[3] or b"", m[0]

    def _old(self, attributes: bytes, body: bytes) -> OldCell:
        a = _attributes(attributes)
        f = _FORMULA.search(body)
        v = _VALUE.search(body)
        kind = a.get(b"t", b"n")
        value: Value = None
        if kind == b"inlineStr":
            value = "".join(decode_text(t[2] or b"") for t in _INLINE.finditer(_PHONETIC.sub(b"", body)))
        elif v is not None:
            value = self._stored(kind, v[2] or b"")
        formula = decode_text(f[3] or b"") if f else None
        return OldCell(a, value, formula, _attributes(f[2]) if f else {})

    def _stored(self, kind: bytes, raw: bytes) -> Value:
        if kind == b"s":
            return self._strings.text(raw)
        if kind == b"str":
            return decode_text(raw)
        if kind == b"b":
            return raw.strip() in _TRUE
        if kind == b"e":
            return CellError(raw.decode())
        try:
            return float(raw) if raw.strip() else None
        except ValueError:
            return float("nan")  # no number that we know: equal to nothing

    def apply(self, edits: Mapping[int, Mapping[int, Write]]) -> None:
        """Splice edits in: 0-based row -> 0-based column -> what to write.

        A cell that holds the same already is not touched.
        """
        if not edits:
            return
        if max(edits) >= MAX_ROWS:
            raise CrmXlError("sheet_too_long", sheet=self.name)
        out: list[bytes] = []
        position = self._open
        pending = sorted(edits)
        at = 0
        for number, start, end in self.rows():
            while at < len(pending) and pending[at] < number:
                new = self._new_row(pending[at], edits[pending[at]])
                if new:
                    out += [self.xml[position:start], new]
                    position = start
                at += 1
            if at < len(pending) and pending[at] == number:
                m = _ROW.match(self.xml, start, end)
                assert m is not None
                changed = self._edited_row(number, m, edits)
                if changed is not None:
                    out += [self.xml[position:start], changed]
                    position = end
                at += 1
        tail = [self._new_row(r, edits[r]) for r in pending[at:]]
        if not out and not any(tail):
            return
        out += [self.xml[position : self._close], *tail]
        head, rest = self.xml[: self._open], self.xml[self._close :]
        if self._self_closed:
            head = head[:-2] + b">"
            rest = b"</" + self._prefix + b"sheetData>" + rest
        body = b"".join(out)
        self.xml = head + body + rest
        self._open, self._close, self._self_closed = len(head), len(head) + len(body), False
        self._rows = None

    def _new_row(self, row: int, writes: Mapping[int, Write]) -> bytes:
        cells = b"".join(self._new_cell(row, c, w, {}) for c, w in sorted(writes.items()))
        if not cells:
            return b""
        p = self._prefix
        return b"<" + p + b'row r="' + str(row + 1).encode() + b'">' + cells + b"</" + p + b"row>"

    def _edited_row(self, row: int, m: re.Match[bytes], edits: Mapping[int, Mapping[int, Write]]) -> bytes | None:
        writes = edits[row]
        cells: dict[int, bytes] = {}
        changed = False
        for column, attributes, body, whole in self._split(m[3] or b""):
            cells[column] = whole
            write = writes.get(column)
            if write is None:
                continue
            old = self._old(attributes, body)
            if old.formula is not None and write.yields:
                continue
            formula_stays = _formula_stays(old, write)
            if formula_stays and _same_value(old.value, write):
                continue
            self._check(row, column, _style(old.attributes), edits, old)
            cells[column] = self._cell(row, column, write, _style(old.attributes))
            if old.attributes.get(b"t") == b"s":
                self._strings.references -= 1
            self.formulas_changed = self.formulas_changed or not formula_stays
            self.touched.append((row, column))
            changed = True
        if not all(cells.values()):
            self._removed = True
            if any(not _CELL_COLUMN.search(a) for _, a, _, _ in self._split(m[3])):
                # counted cells stay as empty ones, or those behind them would move up
                empty = b"<" + self._prefix + b'c r="%s"/>'
                cells = {c: x or empty % cell_name(row, c).encode() for c, x in cells.items()}
        row_attributes = _attributes(m[2])
        for column, write in writes.items():
            if column not in cells:
                new = self._new_cell(row, column, write, row_attributes)
                if new:
                    cells[column] = new
                    changed = True
        if not changed:
            return None
        attributes = m[2].rstrip()
        spans = _SPANS.search(attributes)
        if spans and not (int(spans[1]) - 1 <= min(cells) and max(cells) <= int(spans[2]) - 1):
            attributes = attributes.replace(spans[0], b"")  # only a hint to readers
        body = b"".join(cells[c] for c in sorted(cells))
        return b"<" + m[1] + b"row" + attributes + b">" + body + b"</" + m[1] + b"row>"

    def _new_cell(self, row: int, column: int, write: Write, row_attributes: Mapping[bytes, bytes]) -> bytes:
        """A cell where there is none: it looks as the row or column says, if the write says nothing."""
        style = write.style or 0
        if write.empty:
            return self._cell(row, column, write, style)
        if not style:
            of_row = row_attributes.get(b"customFormat") in _TRUE
            style = _style(row_attributes) if of_row else self._column_styles(column)
        self._check(row, column, style, {})
        self.touched.append((row, column))
        self.formulas_changed = self.formulas_changed or write.formula is not None
        return self._cell(row, column, write, style)

    def _check(
        self,
        row: int,
        column: int,
        style: int,
        edits: Mapping[int, Mapping[int, Write]],
        old: OldCell | None = None,
    ) -> None:
        """Whether a cell may be written. Errors: protected_cell, formula_in_the_way."""
        if self._protected and self._locked(style):
            raise CrmXlError("protected_cell", sheet=self.name, cell=cell_name(row, column))
        groups = [g for g in self._groups if g[0] <= row <= g[2] and g[1] <= column <= g[3]]
        if old and old.formula_attributes.get(b"t") == b"shared" and b"ref" in old.formula_attributes:
            groups.append(area(old.formula_attributes[b"ref"].decode()))  # the others take its text
        for r1, c1, r2, c2 in groups:
            if not all(c in edits.get(r, ()) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)):
                group = area_name(r1, c1, r2, c2)
                cell = cell_name(row, column)
                raise CrmXlError("formula_in_the_way", sheet=self.name, cell=cell, kind=group)

    def _cell(self, row: int, column: int, write: Write, style: int) -> bytes:
        p = self._prefix.decode()
        head = f'<{p}c r="{cell_name(row, column)}"' + (f' s="{style}"' if style else "")
        if write.empty:
            return f"{head}/>".encode() if style else b""
        value = write.value
        formula = ""
        if write.formula is not None:
            kind = f' t="array" ref="{write.array}"' if write.array else ""
            if value is None:  # Excel calculates it next time
                kind += ' ca="1"'
            formula = f"<{p}f{kind}>{encode_text(write.formula)}</{p}f>"
            if write.dynamic:
                head += ' cm="1"'
        if value is None:
            text = ""
        elif isinstance(value, CellError):
            head += ' t="e"'
            text = f"<{p}v>{value}</{p}v>"
        elif isinstance(value, bool):
            head += ' t="b"'
            text = f"<{p}v>{int(value)}</{p}v>"
        elif isinstance(value, (int, float)):
            text = f"<{p}v>{number_text(value)}</{p}v>"
        elif formula or write.spilled:
            head += ' t="str"'
            space = ' xml:space="preserve"' if keeps_space(value) else ""
            text = f"<{p}v{space}>{encode_text(value)}</{p}v>"
        else:
            head += ' t="s"'
            text = f"<{p}v>{self._strings.index(value)}</{p}v>"
            self._strings.references += 1
        return f"{head}>{formula}{text}</{p}c>".encode()

    def fit_dimension(self) -> None:
        """Make <dimension> hold every touched cell, and end on the last row that has one."""
        if not self.touched:
            return
        rows, columns = [r for r, _ in self.touched], [c for _, c in self.touched]

        def fitted(m: re.Match[bytes]) -> bytes:
            try:
                r1, c1, r2, c2 = area(m[2].decode())
            except ValueError:  # only a hint to readers
                return m[0]
            last = max(r2, *rows)
            if self._removed and r2 in rows:
                last = max(r1, self._last_row())
            name = area_name(min(r1, *rows), min(c1, *columns), last, max(c2, *columns))
            return m[1] + name.encode()

        self._replace(0, self._open, _DIMENSION.sub(fitted, self.xml[: self._open]))

    def _last_row(self) -> int:
        """The last row with a cell."""
        for number, start, end in reversed(self.rows()):
            if _CELL.search(self.xml, start, end):
                return number
        return 0

    def replace_outside_cells(self, change: Callable[[bytes], bytes]) -> None:
        """Change what stands before and behind the cell data."""
        self._replace(self._close, len(self.xml), change(self.xml[self._close :]))
        self._replace(0, self._open, change(self.xml[: self._open]))

    def _replace(self, start: int, end: int, new: bytes) -> None:
        old = self.xml[start:end]
        if old == new:
            return
        self.xml = self.xml[:start] + new + self.xml[end:]
        shift = len(new) - len(old)
        if end <= self._open:
            self._open += shift
            self._close += shift
            self._rows = None


@lru_cache(maxsize=1024)
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


def _style(attributes: Mapping[bytes, bytes]) -> int:
    return int(attributes.get(b"s", b"0"))


def _column_styles(head: bytes) -> Callable[[int], int]:
    """The style of empty cells by column."""
    found = []
    for m in _COLUMN.finditer(head):
        a = _attributes(m[1])
        if b"style" in a:
            found.append((int(a[b"min"]) - 1, int(a[b"max"]) - 1, int(a[b"style"])))
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
    new = write.value
    if write.formula is None and not write.spilled:
        old, new = None if old == "" else old, None if new == "" else new
    return type_of(old) == type_of(new) and old == new


def type_of(value: Value) -> str:
    """The kind of a cell value, numbers being one kind."""
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "none" if value is None else "text"
