"""Table parts: reading their columns, splicing their range and calculated-column formulas."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from crm_xl.errors import CrmXlError

from .cell_xml import area, area_name
from .package import attributes
from .values import decode_escapes, decode_text, encode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_INSIDE = rb"(?:[^<>\"'/]|\"[^<\"]*\"|'[^<']*'|/(?!>))*+"  # a header may hold a >
_TABLE = re.compile(rb"<" + _P + rb"table\b" + _INSIDE + rb">")
_REFERENCE = re.compile(rb"(\sref=[\"'])([^\"']*)")
_COLUMN = re.compile(
    rb"<(" + _P + rb")tableColumn\b(" + _INSIDE + rb")(?:/>|>(.*?)(?:(</)\1tableColumn>|\Z))", re.DOTALL
)
_CALCULATED = re.compile(rb"<(" + _P + rb")calculatedColumnFormula\b[^<>]*?(?:/>|>([^<]*)</\1calculatedColumnFormula>)")
_INNER_REFERENCE = re.compile(rb"(<" + _P + rb"(?:autoFilter|sortState|sortCondition)\b[^<>]*?\sref=[\"'])([^\"'<>]*)")


@dataclass(slots=True)
class TablePart:
    """An Excel table. Positions are 0-based; `last` is its last data row."""

    name: str
    part: str
    sheet: str
    top: int
    left: int
    last: int
    right: int
    headers: list[str]
    header_rows: int
    totals_rows: int

    @property
    def first(self) -> int:
        """The first data row."""
        return self.top + self.header_rows

    def column(self, header: str) -> int:
        return self.left + self.headers.index(header)


def parse_table(xml: bytes, part: str, sheet: str) -> TablePart:
    """The table that a part describes. Error: file_not_workbook for one without a range, or whose columns
    are not those of its range."""
    found = _TABLE.search(xml)
    a = attributes(found[0]) if found else {}
    try:
        r1, c1, r2, c2 = area(a.get("ref", ""))
        totals, header_rows = int(a.get("totalsRowCount", "0")), int(a.get("headerRowCount", "1"))
    except ValueError:
        raise CrmXlError("file_not_workbook", path=part, why="a table without a range") from None
    columns = list(_COLUMN.finditer(xml))
    if len(columns) != c2 - c1 + 1 or any(m[3] is not None and not m[4] for m in columns):
        raise CrmXlError("file_not_workbook", path=part, why="a table with other columns than its range")
    return TablePart(
        name=a.get("displayName") or a.get("name", ""),
        part=part,
        sheet=sheet,
        top=r1,
        left=c1,
        last=r2 - totals,
        right=c2,
        headers=[_header(m) for m in columns],
        header_rows=header_rows,
        totals_rows=totals,
    )


def _header(column: re.Match[bytes]) -> str:
    return decode_escapes(attributes(column[2]).get("name", ""))


def resized(xml: bytes, table: TablePart, last: int) -> bytes:
    """The part with its range ending at data row `last`; its filter and sort ranges go along."""
    tag = _TABLE.search(xml)
    assert tag is not None
    new = area_name(table.top, table.left, last + table.totals_rows, table.right).encode()
    head = _REFERENCE.sub(lambda m: m[1] + new, tag[0], count=1)

    def moved(m: re.Match[bytes]) -> bytes:
        try:
            r1, c1, r2, c2 = area(m[2].decode())
        except ValueError:
            return m[0]
        return m[1] + area_name(r1, c1, last if r2 == table.last else r2, c2).encode()

    return xml[: tag.start()] + head + _INNER_REFERENCE.sub(moved, xml[tag.end() :])


def column_formulas(xml: bytes) -> dict[str, str]:
    """Header -> calculated-column formula, of the columns that have one (array formulas left out)."""
    found = {}
    for m in _COLUMN.finditer(xml):
        calculated = _CALCULATED.search(m[3] or b"")
        if calculated and calculated[2] and b"array=" not in calculated[0].partition(b">")[0]:
            found[_header(m)] = decode_text(calculated[2])
    return found


_TEXTS = re.compile(rb"(<(" + _P + rb")(?:calculatedColumnFormula|totalsRowFormula)\b[^<>]*>)([^<]*)")


def with_moved_formulas(xml: bytes, moved: Callable[[str], str]) -> bytes:
    """The part with the texts of its formulas changed by `moved`."""

    def changed(m: re.Match[bytes]) -> bytes:
        old = decode_text(m[3])
        new = moved(old)
        return m[0] if new == old else m[1] + encode_text(new).encode()

    return _TEXTS.sub(changed, xml)


def with_column_formulas(xml: bytes, formulas: dict[str, str | None]) -> bytes:
    """The part with the calculated-column formula of some columns set, or taken away (None)."""

    def changed(m: re.Match[bytes]) -> bytes:
        name = _header(m)
        if name not in formulas:
            return m[0]
        formula, p, body = formulas[name], m[1], m[3] or b""
        calculated = _CALCULATED.search(body)
        if formula is None:
            if calculated is None:
                return m[0]
            body = body.replace(calculated[0], b"")
        else:
            if calculated is not None and decode_text(calculated[2] or b"") == formula:
                return m[0]
            tag = p + b"calculatedColumnFormula"
            new = b"<" + tag + b">" + encode_text(formula).encode() + b"</" + tag + b">"
            body = body.replace(calculated[0], new) if calculated else new + body
        head = b"<" + p + b"tableColumn" + m[2].rstrip()
        return head + b">" + body + b"</" + p + b"tableColumn>" if body else head + b"/>"

    return _COLUMN.sub(changed, xml)
