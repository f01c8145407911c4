"""What ends on a table's last row grows and shrinks with it, as Excel does it when one types below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape, unescape

from .sheet_xml import area, area_name

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_SQREF = re.compile(rb"(<" + _P + rb"(?:conditionalFormatting|dataValidation)\b[^>]*?\ssqref=\")([^\"]*)(\")")
_EXT_SQREF = re.compile(rb"(<xm:sqref>)([^<]*)(</xm:sqref>)")
_NAME = re.compile(rb"(<" + _P + rb"definedName\b[^>]*>)([^<]*)(</" + _P + rb"definedName>)")
_CHART_REF = re.compile(
    rb"(<(" + _P + rb")f>)([^<]*)(</\2f>)(\s*<\2(num|str)Cache>.*?</\2\6Cache>)?", re.DOTALL
)
_SHEET_RANGE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!\[\]]+))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)$")
_FORMAT_CODE = re.compile(rb"<" + _P + rb"formatCode>.*?</" + _P + rb"formatCode>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Resize:
    """A table's data rows changed from ending at `old` to ending at `new` (0-based)."""

    sheet: str
    first: int
    left: int
    right: int
    old: int
    new: int

    def moved(self, reference: str) -> str:
        """A range of this sheet, ending on the table's new last row if it ended on the old one."""
        r1, c1, r2, c2 = area(reference)
        inside = self.left <= c1 and c2 <= self.right
        if not inside or r2 != self.old or r1 > self.old or r1 < self.first - 1:
            return reference
        dollars = "$" in reference
        name = area_name(r1, c1, self.new, c2)
        return _absolute(name) if dollars else name


def _absolute(name: str) -> str:
    return ":".join(re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", part) for part in name.split(":"))


def grow_rules(xml: bytes, resizes: Iterable[Resize]) -> bytes:
    """Conditional formats and validations (also the x14 ones) of a sheet."""
    for resize in resizes:

        def grown(m: re.Match[bytes], resize: Resize = resize) -> bytes:
            areas = [resize.moved(a) for a in m[2].decode().split()]
            return m[1] + " ".join(areas).encode() + m[3]

        xml = _EXT_SQREF.sub(grown, _SQREF.sub(grown, xml))
    return xml


def _parse(reference: str) -> tuple[str, str] | None:
    found = _SHEET_RANGE.match(reference.strip())
    if not found:
        return None
    sheet = (found[1] or "").replace("''", "'") or found[2]
    return sheet, found[3]


def _moved_reference(reference: str, resizes: Iterable[Resize]) -> str:
    parsed = _parse(reference)
    if parsed is None:
        return reference
    sheet, cells = parsed
    for resize in resizes:
        if resize.sheet == sheet:
            cells = resize.moved(cells)
    return reference[: reference.rindex("!") + 1] + cells


def grow_names(xml: bytes, resizes: Iterable[Resize]) -> bytes:
    """Defined names of the workbook part that cover a table's rows."""
    resizes = list(resizes)

    def grown(m: re.Match[bytes]) -> bytes:
        old = unescape(m[2].decode())
        new = _moved_reference(old, resizes)
        return m[0] if new == old else m[1] + escape(new, quote=False).encode() + m[3]

    return _NAME.sub(grown, xml)


Reader = Callable[[str, int, int, int, int], list[object] | None]
"""(sheet, first row, first column, last row, last column) -> values row by row; None: no such sheet."""


def refresh_chart(xml: bytes, resizes: Iterable[Resize], read: Reader) -> bytes:
    """A chart part with its ranges grown and its caches holding what the cells hold now."""
    resizes = list(resizes)

    def refreshed(m: re.Match[bytes]) -> bytes:
        old = unescape(m[3].decode())
        reference = _moved_reference(old, resizes)
        parsed = _parse(reference)
        if parsed is None or m[5] is None:
            return m[0] if reference == old else m[1] + escape(reference, quote=False).encode() + m[4] + (m[5] or b"")
        values = read(parsed[0], *area(parsed[1]))
        if values is None:
            return m[0]
        return m[1] + escape(reference, quote=False).encode() + m[4] + _cache(m[5], m[2], m[6], values)

    return _CHART_REF.sub(refreshed, xml)


def _cache(old: bytes, prefix: bytes, kind: bytes, values: list[object]) -> bytes:
    p, tag = prefix.decode(), f"{prefix.decode()}{kind.decode()}Cache"
    points = []
    for i, value in enumerate(values):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if kind == b"num" and not number:
            continue
        if value is None or value == "":
            continue
        text = f"{value:.15g}" if number else escape(str(value), quote=False)
        points.append(f'<{p}pt idx="{i}"><{p}v>{text}</{p}v></{p}pt>')
    code = _FORMAT_CODE.search(old)
    lead = code[0].decode() if code else ""
    return f'<{tag}>{lead}<{p}ptCount val="{len(values)}"/>{"".join(points)}</{tag}>'.encode()
