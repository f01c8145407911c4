"""What ends on a table's last row grows and shrinks with it, as Excel does it when one types below."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .cell_xml import Area, area
from .package import attributes
from .values import escape, number_text, unescape

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_SQREF = re.compile(rb"(<" + _P + rb"(?:conditionalFormatting|dataValidation)\b[^<>]*?\ssqref=[\"'])([^\"'<>]*)")
_RULE = re.compile(
    rb"<(" + _P + rb"(?:conditionalFormatting|dataValidation|sparkline))\b[^<>]*(?<!/)>.*?(?:</\1>|\Z)", re.DOTALL
)
_EXT_SQREF = re.compile(rb"(<" + _P + rb"sqref>)([^<]*)")
_RULE_FORMULA = re.compile(rb"(<" + _P + rb"(?:formula|formula1|formula2|f)>)([^<]*)")
_NAME = re.compile(rb"(<" + _P + rb"definedName\b[^<>]*>)([^<]*)")
_PIVOT_SOURCE = re.compile(rb"<" + _P + rb"worksheetSource\b[^<>]*>")
_SOURCE_CELLS = re.compile(rb"(\sref=[\"'])[^\"']*")
_CHART_REF = re.compile(rb"(<(" + _P + rb")f>)([^<]*)(</\2f>)(\s*<\2(num|str)Cache>.*?(?:</\2\6Cache>|\Z))?", re.DOTALL)
_IN_TITLE = re.compile(rb"tx>\s*<" + _P + rb"strRef>\s*$")
_CELLS = r"(\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6})(?::(\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}))?(?![\w.(!:\[])"
_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"|\[[^\[\]]*\]'  # texts and structured references are stepped over
    r"|(?<![\w.$!'\]:\\?])((?:'((?:[^']|''){1,300})'|([^\s!'\"(),;:+*/^&=<>{}\[\]-]{1,300}))!)?" + _CELLS
)
_WHOLE_REFERENCE = re.compile(r"(?:'((?:[^']|''){1,300})'|([^'!\[\]]{1,300}))!" + _CELLS)
_FORMAT_CODE = re.compile(rb"<" + _P + rb"formatCode>[^<]*</" + _P + rb"formatCode>")
_POINT_COUNT = re.compile(rb"<" + _P + rb"ptCount\b[^<>]*\sval=[\"'](\d+)")
_POINT = re.compile(rb"<(" + _P + rb")pt\b[^<>]*\sidx=[\"'](\d+)[^<>]*>\s*<" + _P + rb"v>([^<]*)</\1v>\s*</\1pt>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Resize(NamedTuple):
    """A table's data rows changed from ending at `old` to ending at `new` (0-based)."""

    sheet: str
    first: int
    left: int
    right: int
    old: int
    new: int

    def moved(self, reference: str, *, whole: bool = False) -> str:
        """A range of this sheet, ending on the table's new last row if it ended on the old one.

        `whole`: only if it begins with the first data row or the header.
        """
        cells = _area(reference)
        if cells is None:
            return reference
        r1, c1, r2, c2 = cells
        inside = self.left <= c1 and c2 <= self.right
        begins = self.first - 1 <= r1 <= (self.first if whole else min(self.old, self.new))
        if not (inside and begins and r2 == self.old):
            return reference
        return _ending(reference, self.new)

    def meets(self, cells: Area) -> bool:
        """Whether a range has a cell of a row that came or went."""
        r1, c1, r2, c2 = cells
        low, high = sorted((self.old, self.new))
        return r1 <= high and low < r2 and c1 <= self.right and self.left <= c2

    def around(self, reference: str) -> str:
        """A range that holds the whole table and ends with it; it grows only, for other things may
        stand beside the table."""
        cells = _area(reference)
        if cells is None:
            return reference
        r1, c1, r2, c2 = cells
        holds = r1 <= self.first and c1 <= self.left and self.right <= c2
        return _ending(reference, self.new) if holds and r2 == self.old < self.new else reference


def _area(reference: str) -> Area | None:
    """The cells of a range; None for whole columns and rows, which have no last row to move."""
    try:
        return area(reference)
    except ValueError:
        return None


def _ending(reference: str, row: int) -> str:
    """A range with another last row; dollar signs stay, and a range stays one if it has one cell left."""
    first, colon, last = reference.partition(":")
    end = re.sub(r"\d+$", str(row + 1), last or first)
    return f"{first}:{end}" if colon or end != first else first


Move = Callable[[Resize, str], str]


def whole(resize: Resize, cells: str) -> str:
    """Ranges move; a single cell in a formula or a name means that cell."""
    return resize.moved(cells, whole=True) if ":" in cells else cells


def in_row(sheet: str, row: int, column: int) -> Move:
    """How ranges move in the formula of a cell: one that ends in the formula's own row of a table ends there still."""

    def move(resize: Resize, cells: str) -> str:
        ends_here = (
            resize.sheet == sheet
            and row == resize.old
            and resize.left <= column <= resize.right
            and re.search(r":\$?[A-Z]+[0-9]+$", cells)
        )
        return cells if ends_here else whole(resize, cells)

    return move


def moved_text(text: str, resizes: Sequence[Resize], home: str = "", move: Move = whole) -> str:
    """Formula text with its ranges moved. `home`: the sheet that a range without one stands on."""

    def moved(m: re.Match[str]) -> str:
        if not m[4]:
            return m[0]
        sheet = _sheet(m[2], m[3]) if m[1] else home
        cells = old = m[4] + (f":{m[5]}" if m[5] else "")
        for resize in resizes:
            if resize.sheet.casefold() == sheet.casefold() and cells == old:
                cells = move(resize, cells)
        return (m[1] or "") + cells

    return _REFERENCE.sub(moved, text)


def _sheet(quoted: str | None, bare: str | None) -> str:
    return quoted.replace("''", "'") if quoted else bare or ""


def _moved_xml(xml: bytes, resizes: Sequence[Resize], home: str = "", move: Move = whole) -> bytes:
    old = unescape(xml.decode())
    new = moved_text(old, resizes, home, move)
    return xml if new == old else escape(new).encode()


def grow_rules(xml: bytes, resizes: Sequence[Resize], home: str) -> bytes:
    """Conditional formats, validations (also the x14 ones) and sparklines of the sheet `home`."""
    here = [r for r in resizes if r.sheet == home]

    def grown(m: re.Match[bytes]) -> bytes:
        areas = m[2].decode().split()
        for resize in here:
            areas = [resize.moved(a) for a in areas]
        return m[1] + " ".join(areas).encode()

    def formula(m: re.Match[bytes]) -> bytes:
        return m[1] + _moved_xml(m[2], resizes, home)

    def rule(m: re.Match[bytes]) -> bytes:
        inner = _RULE_FORMULA.sub(formula, m[0])
        # of a sparkline, sqref is the cell that it stands in
        return inner if m[1].endswith(b"sparkline") else _EXT_SQREF.sub(grown, inner)

    return _RULE.sub(rule, _SQREF.sub(grown, xml))


def grow_names(xml: bytes, resizes: Sequence[Resize]) -> bytes:
    """Defined names of the workbook part that cover a table's rows."""

    def printed(resize: Resize, cells: str) -> str:
        return resize.around(whole(resize, cells))

    def grown(m: re.Match[bytes]) -> bytes:
        name = attributes(m[1]).get("name", "")
        return m[1] + _moved_xml(m[2], resizes, move=printed if name == "_xlnm.Print_Area" else whole)

    return _NAME.sub(grown, xml)


def grow_pivot_source(xml: bytes, resizes: Sequence[Resize]) -> bytes:
    """A pivot cache definition whose source is the cells of a table."""

    def grown(m: re.Match[bytes]) -> bytes:
        a = attributes(m[0])
        cells = old = a.get("ref", "")
        for resize in resizes:
            if cells and cells == old and a.get("sheet") == resize.sheet:
                cells = whole(resize, cells)
        return _SOURCE_CELLS.sub(lambda r: r[1] + cells.encode(), m[0]) if cells != old else m[0]

    return _PIVOT_SOURCE.sub(grown, xml)


Reader = Callable[[str, Area], list[object] | None]
"""(sheet, range) -> values row by row; None: nothing there changed."""


def refresh_chart(xml: bytes, resizes: Sequence[Resize], read: Reader) -> bytes:
    """A chart part with its ranges grown and its caches holding what the cells hold now."""

    def columns(resize: Resize, cells: str) -> str:
        # a column of one row is a single cell; so is the title of a series, but that does not move
        return resize.moved(cells, whole=True) if ":" in cells or resize.old == resize.first else cells

    def refreshed(m: re.Match[bytes]) -> bytes:
        title = _IN_TITLE.search(xml, max(0, m.start() - 80), m.start())
        reference = m[3] if title else _moved_xml(m[3], resizes, move=columns)
        found = _WHOLE_REFERENCE.fullmatch(unescape(reference.decode()).strip())
        cache = m[5] or b""
        if found and cache.endswith(b"Cache>"):
            values = read(_sheet(found[1], found[2]), area(found[3] + (f":{found[4]}" if found[4] else "")))
            if values is not None and _points(cache) != _new_points(values, m[6]):
                cache = _cache(cache, m[2], m[6], values)
        return m[1] + reference + m[4] + cache

    return _CHART_REF.sub(refreshed, xml)


Points = tuple[int, dict[int, float | str]]
"""How many there are, and those that are not blank."""


def _points(cache: bytes) -> Points:
    """The points that a cache holds."""
    count = _POINT_COUNT.search(cache)
    numbers = b"numCache" in cache[:40]
    found: dict[int, float | str] = {}
    for m in _POINT.finditer(cache):
        try:
            found[int(m[2])] = float(m[3]) if numbers else unescape(m[3].decode())
        except ValueError:  # an error such as #N/A
            continue
    return int(count[1]) if count else 0, found


def _new_points(values: Sequence[object], kind: bytes) -> Points:
    found: dict[int, float | str] = {}
    for i, value in enumerate(values):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if isinstance(value, (int, float)) and number:
            found[i] = float(value) if kind == b"num" else number_text(value)
        elif kind == b"str" and value not in (None, ""):
            found[i] = _ILLEGAL.sub("", str(value))
    return len(values), found


def _cache(old: bytes, prefix: bytes, kind: bytes, values: Sequence[object]) -> bytes:
    p, tag = prefix.decode(), f"{prefix.decode()}{kind.decode()}Cache"
    count, points = _new_points(values, kind)
    code = _FORMAT_CODE.search(old)
    lead = code[0].decode() if code else ""
    cells = "".join(
        f'<{p}pt idx="{i}"><{p}v>{escape(v) if isinstance(v, str) else number_text(v)}</{p}v></{p}pt>'
        for i, v in points.items()
    )
    return f'<{tag}>{lead}<{p}ptCount val="{count}"/>{cells}</{tag}>'.encode()
