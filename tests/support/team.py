"""A small team's workbook: three owners, notes that mention each other's customers, logs, columns of the user's own."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import crm_xl
from tests.support.books import load
from tests.support.editing import Editor, S, letters, number

AS_OF = "2024-06-30"
CUSTOMERS = (
    "客户编号,客户名称,联系人,联系电话,城市,邮箱,负责人,年消费金额(万元),客户来源,备注,级别备注,最近拜访\n"
    "C001,上海宏远精密机械有限公司,王伟,13800138001,上海,w@hongyuan.cn,张三,12.5,展会,老客户,甲,2024-05-02\n"
    "C002,鼎盛贸易有限公司,李娜,13900139002,北京,l@dingsheng.cn,李四,3.2,官网,由上海宏远精密机械有限公司介绍,乙,\n"
    "C003,红星机械一厂,张强,010-62345673,上海,,张三,,官网,和C002、鼎盛贸易有限公司(13900139002)比过价,,2024-01-08\n"
    "C004,Acme Trading Co. Ltd,Tom Smith,021-62345674,Shanghai,tom@acme.example,王五,8,展会,see Red Star,丙,\n"
    "C005,宏远,赵敏,13700137005,上海,,李四,1,其他,,,\n"
    "C006,无主商行,钱七,13600136006,苏州,,,2,其他,,,\n"
    "C007,高峰,高峰,13500135007,杭州,,王五,0.5,其他,高峰期送货，另有一位 +86 138-0013-8001,,\n"
)
ORDERS = (
    "订单号,客户编号,订单日期,金额,产品\n"
    "1,C001,2024-05-01,50000,A型机\n2,C001,2024-03-01,75000,B型机\n3,C003,2024-06-01,7000,A型机\n4,C002,2024-01-01,9000,A型机\n"
    "5,C004,2024-02-01,8000,B型机\n6,C004,2024-02-01,8000,B型机\n7,C005,2024-02-11,10000,C型机\n8,C006,2024-04-01,20000,B型机\n"
)
CONTACTS = (
    "日期,客户编号,方式,内容,负责人\n"
    "2024-06-02,C001,电话,回访,张三\n2024-06-03,C001,拜访,谈到红星机械一厂和鼎盛贸易有限公司,张三\n2024-06-04,C002,电话,回访,李四\n"
    "2024-06-05,C004,电话,call 13800138001,王五\n"
)
OWNERS = {"张三": ("C001", "C003"), "李四": ("C002", "C005"), "王五": ("C004", "C007"), "未分配": ("C006",)}
NAMES = {
    "C001": "上海宏远精密机械有限公司",
    "C002": "鼎盛贸易有限公司",
    "C003": "红星机械一厂",
    "C004": "Acme Trading Co. Ltd",
    "C005": "宏远",
    "C006": "无主商行",
    "C007": "高峰",
}
PHONES = {
    "C001": "13800138001",
    "C002": "13900139002",
    "C003": "010-62345673",
    "C004": "021-62345674",
    "C005": "13700137005",
    "C006": "13600136006",
    "C007": "13500135007",
}


def team_book(folder: Path, name: str = "team.xlsx", template: str = "customer-info") -> Path:
    """The team's workbook, analysed as of AS_OF."""
    (folder / "c.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "o.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "i.csv").write_text(CONTACTS, encoding="utf-8")
    book = folder / name
    crm_xl.new_workbook(
        book, template=template, customers=folder / "c.csv", orders=folder / "o.csv",
        interactions=folder / "i.csv", as_of=AS_OF,
    )  # fmt: skip
    return book


_ADDRESS = re.compile(r"(?<![\w.])\$?[A-Z]{1,3}\$?\d{1,7}(?![\w.(])")


def everything_in(data: bytes) -> dict[str, str]:
    """Every part of a file as text, escapes resolved. What XML says of cells' places (r="C100", ranges, references in
    formulas) is taken out: an id may look like one."""
    told = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.comment == b""
        for name in archive.namelist():
            raw = archive.read(name)
            text = raw.decode("utf-8", "replace")
            if name.endswith((".xml", ".rels")):
                text = re.sub(r"\s(?:r|ref|sqref|spans|topLeftCell|activeCell)=\"[^\"]*\"", "", text)
                text = re.sub(
                    r"(<(?:\w+:)?(?:f|formula|formula1|formula2|sqref|calculatedColumnFormula|definedName)\b[^<>]*>)([^<>]*)",
                    lambda m: m[1] + _ADDRESS.sub("", m[2]),
                    text,
                )
                text = html.unescape(text)
            told[name] = text
    return told


def sort_rows(path: Path, table: str, order: list[int]) -> None:
    """Sort the rows of a table as Excel does: row i becomes what row order[i] was."""
    editor = Editor(path)
    sheet, _, _, (top, _, _, _) = editor.table(table)
    data = editor.sheet(sheet).find(f"{S}sheetData")
    rows = {int(r.get("r")): r for r in data}
    moved = {top + 1 + old: top + 1 + new for new, old in enumerate(order)}
    for line, row in rows.items():
        to = moved.get(line, line)
        row.set("r", str(to))
        for cell in row:
            cell.set("r", re.sub(r"\d+", str(to), cell.get("r")))
    data[:] = sorted(data, key=lambda r: int(r.get("r")))
    editor.save()


def swap_columns(path: Path, table: str, one: str, other: str) -> None:
    """Two columns of a table change places, with all their cells."""
    editor = Editor(path)
    sheet, element, headers, (top, left, bottom, _) = editor.table(table)
    a, b = (headers.index(h) for h in (one, other))
    columns = element.find(f"{S}tableColumns")
    parts = list(columns)
    parts[a], parts[b] = parts[b], parts[a]
    columns[:] = parts
    names = {letters(left + a): letters(left + b), letters(left + b): letters(left + a)}
    for row in editor.sheet(sheet).find(f"{S}sheetData"):
        if top <= int(row.get("r")) <= bottom:
            for cell in row:
                letter = re.sub(r"\d+", "", cell.get("r"))
                cell.set("r", names.get(letter, letter) + row.get("r"))
            row[:] = sorted(row, key=lambda c: number(re.sub(r"\d+", "", c.get("r"))))
    editor.save()


def add_row(path: Path, table: str, cells: Mapping[str, Any], at: int) -> None:
    """Type a row below a table of `at` rows: the table grows."""
    type_cells(path, [(table, at, header, value) for header, value in cells.items()])


def type_cells(path: Path, cells: Sequence[tuple[str, int, str, Any]]) -> None:
    """Type cells, each with its table, data row and header; a table grows where one is typed below it."""
    editor = Editor(path)
    for table, row, header, value in cells:
        sheet, _, headers, (top, left, bottom, _) = editor.table(table)
        editor.set(sheet, f"{letters(left + headers.index(header))}{top + 1 + row}", value)
        if top + 1 + row > bottom:
            editor.resize(table, row + 1)
    editor.save()


def table_rows(path: Path, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of tables by header; empty rows are left out."""
    book = load(path, data_only=True)
    found = {}
    for sheet in book:
        for name in set(tables) & set(sheet.tables):
            first, *rest = sheet[sheet.tables[name].ref]
            rows = [dict(zip((c.value for c in first), (c.value for c in line), strict=True)) for line in rest]
            found[name] = [r for r in rows if any(v not in (None, "") for v in r.values())]
    return found
