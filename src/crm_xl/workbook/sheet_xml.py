"""Splicing cells into a worksheet part: only touched cells change, every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
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
_ATTRIBUTES = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET_DATA = re.compile(rb"<(" + _P + rb")sheetData\b[^>]*?(/?)>")
_DIMENSION = re.compile(rb"(<" + _P + rb"dimension\b[^>]*?\sref=\")([^\"]*)(\")")
_ADDRESS = re.compile(rb"\$?([A-Za-z]{1,3})\$?(\d+)$")
MAX_ROWS = 1_048_576


@dataclass(slots=True)
class Write:
    """What a cell is to hold. `array`: the range that an array formula in it fills (dynamic: it
    spills). `spilled`: the value comes from such a formula elsewhere. `yields`: leave the cell alone
    if it holds a formula. `style`: of a cell that is new."""

    value: Value
    formula: str | None = None
    array: str | None = None
    dynamic: bool = False
    spilled: bool = False
    yields: bool = False
    style: int | None = None


class OldCell(NamedTuple):
    """An existing cell, as far as a comparison needs it."""

    attributes: dict[bytes, bytes]
    value: Value
    formula: str | None
    formula_attributes: dict[bytes, bytes]


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _ATTRIBUTES.finditer(text)}


def address(reference: bytes) -> tuple[int, int]:
    """0-based (row, column) of an A1 reference."""
    found = _ADDRESS.match(reference)
    if not found:
        raise ValueError(reference)
    return int(found[2]) - 1, column_number(found[1].decode())


def area(reference: str) -> tuple[int, int, int, int]:
    """0-based (first row, first column, last row, last column) of an A1 range."""
    first, _, last = reference.replace("$", "").partition(":")
    r1, c1 = address(first.encode())
    r2, c2 = address((last or first).encode())
    return r1, c1, r2, c2


def area_name(r1: int, c1: int, r2: int, c2: int) -> str:
    first, last = cell_name(r1, c1), cell_name(r2, c2)
    return first if first == last else f"{first}:{last}"


class SheetXml:
    """One worksheet part.

    `edits` maps a 0-based row to {0-based column: Write}. Errors name sheet and cell.
    """

    def __init__(self, xml: bytes, name: str, strings: SharedStrings, locked: Callable[[int], bool]) -> None:
        self.xml = xml
        self.name = name
        self._strings = strings
        self._protected = re.search(rb'<' + _P + rb'sheetProtection\b[^>]*\ssheet="(?:1|true)"', xml) is not None
        self._locked = locked
        self.touched: list[tuple[int, int]] = []
        self.formulas_changed = False
        data = _SHEET_DATA.search(xml)
        if data is None:
            raise CrmXlError("file_not_workbook", path=name, why="no sheetData")
        self._prefix = data[1]
        self._open = data.end()
        end = b"</" + data[1] + b"sheetData>"
        self._close = data.end() if data[2] else xml.index(end)
        self._self_closed = bool(data[2])
        self._rows: list[tuple[int, int, int]] | None = None

    def rows(self) -> list[tuple[int, int, int]]:
        """(0-based row, start, end) of every row element."""
        if self._rows is None:
            found, number = [], -1
            for m in _ROW.finditer(self.xml, self._open, self._close):
                r = re.search(rb'\sr="(\d+)"', m[2])
                number = int(r[1]) - 1 if r else number + 1
                found.append((number, m.start(), m.end()))
            self._rows = found
        return self._rows

    def cells(self, row: int) -> dict[int, OldCell]:
        """The cells of one row."""
        for number, start, end in self.rows():
            if number == row:
                m = _ROW.match(self.xml, start, end)
                assert m is not None
                return {c: self._old(a, b) for c, a, b, _ in self._split(m[3] or b"")}
        return {}

    def styles(self, row: int) -> dict[int, int]:
        """Style index of each cell of a row."""
        return {c: int(old.attributes.get(b"s", b"0")) for c, old in self.cells(row).items()}

    @staticmethod
    def _split(body: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
        """(column, attributes, content, whole) of each cell."""
        column = -1
        for m in _CELL.finditer(body):
            r = re.search(rb'\sr="\$?([A-Za-z]+)', m[2])
            column = column_number(r[1].decode()) if r else column + 1
            yield column, m[2], m[3] or b"", m[0]

    def _old(self, attributes: bytes, body: bytes) -> OldCell:
        a = _attributes(attributes)
        f = _FORMULA.search(body)
        v = _VALUE.search(body)
        kind = a.get(b"t", b"n")
        value: Value = None
        if kind == b"inlineStr":
            value = "".join(decode_text(t[2] or b"") for t in _INLINE.finditer(body))
        elif v is not None:
            raw = v[2] or b""
            if kind == b"s":
                value = self._strings.texts[int(raw)]
            elif kind == b"str":
                value = decode_text(raw)
            elif kind == b"b":
                value = raw.strip() == b"1"
            elif kind == b"e":
                value = CellError(raw.decode())
            elif raw.strip():
                value = float(raw)
        formula = unescape((f[3] or b"").decode()) if f else None
        return OldCell(a, value, formula, _attributes(f[2]) if f else {})

    def apply(self, edits: Mapping[int, Mapping[int, Write]]) -> None:
        """Splice the edits in. A cell that holds the same already is not touched."""
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
                changed = self._edited_row(number, m, edits[number], edits)
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
        before = len(head)
        body = b"".join(out)
        self.xml = head + body + rest
        self._open, self._close, self._self_closed = before, before + len(body), False
        self._rows = None

    def _new_row(self, row: int, writes: Mapping[int, Write]) -> bytes:
        cells = b"".join(
            self._cell(row, c, w, w.style) for c, w in sorted(writes.items()) if w.value is not None or w.formula
            or w.style
        )
        if not cells:
            return b""
        self._check_new(row, min(writes))
        self.touched += [(row, c) for c, w in writes.items() if w.value is not None or w.formula]
        p = self._prefix
        return b"<" + p + b'row r="' + str(row + 1).encode() + b'">' + cells + b"</" + p + b"row>"

    def _edited_row(
        self,
        row: int,
        m: re.Match[bytes],
        writes: Mapping[int, Write],
        edits: Mapping[int, Mapping[int, Write]],
    ) -> bytes | None:
        cells: dict[int, bytes] = {}
        changed = False
        for column, attributes, body, whole in self._split(m[3] or b""):
            cells[column] = whole
            write = writes.get(column)
            if write is None:
                continue
            old = self._old(attributes, body)
            if self._same(old, write, row, column):
                continue
            self._check(row, column, old, edits)
            style = old.attributes.get(b"s")
            new = self._cell(row, column, write, int(style) if style else None)
            if old.attributes.get(b"t") == b"s":
                self._strings.references -= 1
            if new == whole:
                continue
            cells[column] = new
            changed = True
            self.touched.append((row, column))
        for column, write in writes.items():
            if column not in cells and (write.value is not None or write.formula is not None or write.style):
                if write.value is not None or write.formula is not None:
                    self._check_new(row, column)
                    self.touched.append((row, column))
                cells[column] = self._cell(row, column, write, write.style)
                changed = True
        if not changed:
            return None
        attributes = m[2]
        first, last = min(cells), max(cells)
        spans = re.search(rb'\sspans="(\d+):(\d+)"', attributes)
        if spans and not (int(spans[1]) - 1 <= first and last <= int(spans[2]) - 1):
            attributes = attributes.replace(spans[0], b"")  # only a hint to readers
        p = m[1]
        body = b"".join(cells[c] for c in sorted(cells))
        return b"<" + p + b"row" + attributes.rstrip(b"/") + b">" + body + b"</" + p + b"row>"

    def _same(self, old: OldCell, write: Write, row: int, column: int) -> bool:
        if old.formula is not None and write.yields:
            return True
        if (old.formula is None) != (write.formula is None):
            return False
        if write.formula is not None:
            fa = old.formula_attributes
            array = fa.get(b"ref", b"").decode() if fa.get(b"t") == b"array" else None
            if array != write.array or old.formula != write.formula or fa.get(b"t") == b"shared":
                return False
            if (b"cm" in old.attributes) != write.dynamic:
                return False
        elif old.attributes.get(b"cm") or old.attributes.get(b"vm"):
            return False
        return type_of(old.value) == type_of(write.value) and old.value == write.value

    def _check(
        self, row: int, column: int, old: OldCell, edits: Mapping[int, Mapping[int, Write]]
    ) -> None:
        if self._protected and self._locked(int(old.attributes.get(b"s", b"0"))):
            raise CrmXlError("protected_cell", sheet=self.name, cell=cell_name(row, column))
        kind = old.formula_attributes.get(b"t")
        reference = old.formula_attributes.get(b"ref")
        if kind in (b"shared", b"array", b"dataTable") and reference:
            # replacing the first cell of a group is safe only if the whole group is replaced
            r1, c1, r2, c2 = area(reference.decode())
            whole = all(c in edits.get(r, ()) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1))
            if not whole:
                raise CrmXlError(
                    "formula_in_the_way", sheet=self.name, cell=cell_name(row, column), kind=kind.decode()
                )

    def _check_new(self, row: int, column: int) -> None:
        if self._protected and self._locked(0):
            raise CrmXlError("protected_cell", sheet=self.name, cell=cell_name(row, column))

    def _cell(self, row: int, column: int, write: Write, style: int | None) -> bytes:
        p = self._prefix.decode()
        head = f'<{p}c r="{cell_name(row, column)}"' + (f' s="{style}"' if style else "")
        value = write.value
        formula = ""
        if write.formula is not None:
            self.formulas_changed = True
            kind = f' t="array" ref="{write.array}"' if write.array else ""
            formula = f"<{p}f{kind}>{encode_text(write.formula)}</{p}f>"
            if write.dynamic:
                head += ' cm="1"'
        if value is None and not formula:
            return f"{head}/>".encode() if style else b""
        if isinstance(value, CellError):
            head += ' t="e"'
            text = f"<{p}v>{value}</{p}v>"
        elif isinstance(value, bool):
            head += ' t="b"'
            text = f"<{p}v>{int(value)}</{p}v>"
        elif isinstance(value, (int, float)):
            text = f"<{p}v>{number_text(value)}</{p}v>"
        elif formula or write.spilled:
            head += ' t="str"'
            shown = "" if value is None else str(value)
            space = ' xml:space="preserve"' if keeps_space(shown) else ""
            text = f"<{p}v{space}>{encode_text(shown)}</{p}v>"
        else:
            head += ' t="s"'
            text = f"<{p}v>{self._strings.index(str(value))}</{p}v>"
            self._strings.references += 1
        return f"{head}>{formula}{text}</{p}c>".encode()

    def extend_dimension(self) -> None:
        """Make <dimension> hold every touched cell."""
        if not self.touched:
            return
        rows, columns = [r for r, _ in self.touched], [c for _, c in self.touched]

        def grown(m: re.Match[bytes]) -> bytes:
            r1, c1, r2, c2 = area(m[2].decode())
            new = area_name(
                min(r1, *rows), min(c1, *columns), max(r2, *rows), max(c2, *columns)
            )
            return m[1] + new.encode() + m[3]

        head = self.xml[: self._open]
        new = _DIMENSION.sub(grown, head)
        self._replace(0, len(head), new)

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


def type_of(value: Value) -> str:
    """The kind of a cell value, numbers being one kind."""
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "none" if value is None else "text"


def merged(*parts: Iterable[tuple[int, int, Write]]) -> dict[int, dict[int, Write]]:
    """Cell writes as the row -> column -> write that `SheetXml.apply` takes; later ones win."""
    edits: dict[int, dict[int, Write]] = {}
    for part in parts:
        for row, column, write in part:
            edits.setdefault(row, {})[column] = write
    return edits
