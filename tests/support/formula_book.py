"""A workbook that is not ours, with a customer table and formulas of the user's on other sheets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from lxml import etree

from tests.support.packages import MAIN, members, sheet_parts, write_members

HOME = "客户"
HEADERS = [
    "客户编号",
    "客户名称",
    "年消费金额(万元)",
    "历史合作次数",
    "最近合作时间",
    "客户类型标签",
    "我的备注",
    "双倍",
]
DOUBLE = HEADERS.index("双倍")
ROWS = 8
"""Customers C1 to C8, in rows 2 to 9."""
STALE = "旧标签"
"""Stands in the result column until the first refresh, which changes each of its cells (F2:F9) and no other."""
CHAIN_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
CHAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"

_RELATIVE_ROW = re.compile(r"(?<![A-Za-z])(\$?[A-Z])(\d+)\b")

Formulas = Mapping[str, Mapping[str, str]]
"""Sheet -> cell -> formula with =; `{=…}` is an array formula, its cell a range."""


def formula_book(
    path: Path,
    formulas: Formulas,
    *,
    names: Mapping[str, str] | None = None,
    double: str | None = None,
    rules: Sequence[tuple[str, str, dict[str, Any]]] = (),
) -> Path:
    """The workbook. Every formula has the stored value 7.

    `double`: calculated-column formula of the user's column 双倍, as it reads in row 2; `rules`: (sheet, range,
    conditional format, or data validation if it has the key `validate`).
    """
    book = xlsxwriter.Workbook(path)
    home = book.add_worksheet(HOME)
    sheets = {name: book.add_worksheet(name) for name in formulas if name != HOME} | {HOME: home}
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    columns: list[dict[str, Any]] = [{"header": h} for h in HEADERS]
    home.add_table(0, 0, ROWS, len(HEADERS) - 1, {"name": "Customers", "columns": columns})
    for i in range(1, ROWS + 1):
        home.write_row(i, 0, [f"C{i}", f"客户{i}", i * 3, i])
        home.write_datetime(i, 4, dt.datetime(2024, 1, i), date)
        home.write_row(i, 5, [STALE, f"记{i}"])
    for name, cells in formulas.items():
        for cell, text in cells.items():
            if text.startswith("{"):
                sheets[name].write_array_formula(cell, text, None, 7)
            else:
                sheets[name].write_formula(cell, text, None, 7)
    for name, text in (names or {}).items():
        book.define_name(name, text)
    for name, where, rule in rules:
        if "validate" in rule:
            sheets[name].data_validation(where, rule)
        else:
            sheets[name].conditional_format(where, rule)
    book.close()
    return calculated(path, double) if double else path


def calculated(path: Path, formula: str) -> Path:
    """Make 双倍 a calculated column, as Excel stores one: the text of row 2 in the table, each row its own."""
    parts = members(path)
    table = parts["xl/tables/table1.xml"].decode()
    head = f'name="{HEADERS[DOUBLE]}"'
    filled = f"{head}><calculatedColumnFormula>{formula}</calculatedColumnFormula></tableColumn>"
    parts["xl/tables/table1.xml"] = table.replace(head + "/>", filled).encode()
    part = sheet_parts(parts)[HOME]
    xml = parts[part].decode()
    for row in range(2, ROWS + 2):
        own = _RELATIVE_ROW.sub(lambda m, down=row - 2: f"{m[1]}{int(m[2]) + down}", formula)  # type: ignore[misc]
        xml = re.sub(rf'(<row r="{row}".*?)</row>', rf'\1<c r="H{row}"><f>{own}</f><v>7</v></c></row>', xml)
    parts[part] = xml.encode()
    return write_members(path, parts)


def with_chain(path: Path) -> Path:
    """Add the list of formula cells that Excel keeps."""
    parts = members(path)
    names = list(sheet_parts(parts).values())
    cells = [f'<c r="{name}" i="{i}"/>' for i, part in enumerate(names, 1) for name in formula_elements(parts[part])]
    parts["xl/calcChain.xml"] = f'<calcChain xmlns="{MAIN}">{"".join(cells)}</calcChain>'.encode()
    for part, end, more in (
        ("[Content_Types].xml", "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{CHAIN_TYPE}"/>'),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{CHAIN_KIND}" Target="calcChain.xml"/>',
        ),
    ):
        parts[part] = parts[part].decode().replace(end, more + end).encode()
    return write_members(path, parts)


def formula_elements(xml: bytes) -> dict[str, etree._Element]:
    """Cell name -> its <f>."""
    found = {}
    for cell in etree.fromstring(xml).iter(f"{{{MAIN}}}c"):
        element = cell.find(f"{{{MAIN}}}f")
        if element is not None:
            found[cell.get("r", "")] = element
    return found


def texts(path: Path, sheet: str) -> dict[str, str]:
    """Cell name -> formula text as stored; empty in a member of a shared formula."""
    parts = members(path)
    return {name: f.text or "" for name, f in formula_elements(parts[sheet_parts(parts)[sheet]]).items()}


def marked(path: Path) -> dict[str, set[str]]:
    """Sheet -> the cells whose formula is marked to be calculated."""
    parts = members(path)
    found = {}
    for sheet, part in sheet_parts(parts).items():
        cells = {name for name, f in formula_elements(parts[part]).items() if f.get("ca") in ("1", "true")}
        if cells:
            found[sheet] = cells
    return found


def order_log(path: Path, customers: Sequence[str]) -> Path:
    """A csv with one order of each customer."""
    lines = [f"D{i},{c},2024-06-0{i + 1},{10_000 * (i + 1)}" for i, c in enumerate(customers)]
    path.write_text("\n".join(["订单编号,客户编号,下单日期,金额(元)", *lines]) + "\n", encoding="utf-8")
    return path
