"""Children of the benchmarks of files: the makers of their inputs, and what a user would do instead.

    python benchmarks/others.py JOB ARGUMENT...

Each job imports only what it needs: time and memory are those of the whole process.
"""

from __future__ import annotations

import csv
import datetime as dt
import pickle
import random
import re
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

INPUTS = (
    "客户编号", "客户名称", "联系人", "联系电话", "所属行业", "区域", "客户来源", "负责人",
    "年消费金额(万元)", "月均合作次数", "首次合作时间", "最近合作时间", "历史合作次数",
    "平均订单金额(万元)", "满意度评分(1-5)", "备注",
)  # fmt: skip
RESULTS = (
    "价值层级", "活跃状态", "客户类型标签", "生命周期阶段", "RFM 得分", "RFM 类别", "综合得分",
    "客户关系等级", "健康度",
)  # fmt: skip
SHEET = "客户"


def customers(count: int) -> Iterator[tuple[Any, ...]]:
    """Customers with every input filled, last orders from January 2023 to June 2024."""
    pick = random.Random(1)
    base = dt.date(2023, 1, 1)
    for i in range(count):
        yield (
            f"C{i:06d}", f"客户有限公司{i}", f"张{i % 977}", f"138{i:08d}",
            ("制造", "零售", "互联网", "教育")[i % 4], ("华东", "华北", "华南")[i % 3],
            ("线上", "展会")[i % 2], f"销售{i % 20}",
            round(pick.random() * 20, 2), round(pick.random() * 2, 2),
            base - dt.timedelta(days=i % 700), base + dt.timedelta(days=pick.randrange(540)),
            pick.randrange(1, 40), round(pick.random() * 5, 2), pick.randrange(1, 6), f"备注{i % 500}",
        )  # fmt: skip


def make_foreign(count: str, out: str) -> None:
    """A workbook of somebody else's: one sheet with a table `Customers`, its results still empty."""
    import xlsxwriter

    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet(SHEET)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, cells in enumerate(customers(int(count)), 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif isinstance(cell, dt.date):
                sheet.write_datetime(row, column, cell, day)
            else:
                sheet.write_number(row, column, cell)
    headers = [{"header": h} for h in (*INPUTS, *RESULTS)]
    sheet.add_table(0, 0, int(count), len(headers) - 1, {"name": "Customers", "columns": headers})
    book.close()


def make_csv(count: str, out: str) -> None:
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(INPUTS)
        writer.writerows(customers(int(count)))


def make_orders(count: str, customers: str, out: str) -> None:
    """An order log over two years, of whole days and amounts, for those customers."""
    pick = random.Random(2)
    base = dt.date(2022, 7, 1)
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("订单号", "客户编号", "订单日期", "金额(元)", "产品"))
        for i in range(int(count)):
            day = base + dt.timedelta(days=pick.randrange(730))
            writer.writerow((f"SO{i:06d}", f"C{pick.randrange(int(customers)):06d}", day, pick.randrange(100, 20_000),
                             ("A产品", "定制服务", "综合解决方案")[i % 3]))  # fmt: skip


def script(path: str, out: str, as_of: str) -> None:
    """What a user would write: pandas reads and computes, openpyxl writes the columns back."""
    import numpy as np
    import openpyxl
    import pandas as pd

    data = pd.read_excel(path, engine="openpyxl")
    day = pd.Timestamp(as_of)
    spend, count, last, first = (data[h] for h in (INPUTS[8], INPUTS[12], INPUTS[11], INPUTS[10]))

    def ago(months: int) -> pd.Timestamp:
        return day - pd.DateOffset(months=months)

    months = (day.year - first.dt.year) * 12 + day.month - first.dt.month
    # a month is whole on the same day of the month, or on the last day of a shorter one
    months -= first.dt.day.clip(upper=day.days_in_month) > day.day
    monthly = count / months.clip(lower=1)
    value = np.select([spend >= 10, spend >= 2], ["高价值", "中价值"], "低价值")
    lost, dormant = last <= ago(6), last <= ago(3)
    activity = np.select([lost, dormant, monthly >= 1], ["流失", "沉睡", "活跃"], "低频")
    stage = np.select([lost, dormant, count >= 2], ["流失", "沉睡", "复购"], "成交")

    recent = last > ago(12)
    days = (day - last).dt.days
    steps = np.arange(1, 5) / 5

    def score(values: pd.Series[float]) -> Any:
        return np.searchsorted(np.quantile(values[recent], steps), values, side="left") + 1

    r = score(-days)
    f = np.where(recent, score(count), 1)
    m = np.where(recent, score(spend), 1)
    rfm = pd.Series(r).astype(str) + pd.Series(f).astype(str) + pd.Series(m).astype(str)
    near, often, rich = r >= 3, f >= 4, m >= 4
    rfm_class = np.select(
        [near & often & rich, near & (f <= 2), near, (f <= 2) & rich],
        ["高价值客户", "新客户", "潜力客户", "低频刚需客户"],
        "流失风险客户",
    )

    def band(values: Any, edges: tuple[float, ...]) -> Any:
        return np.searchsorted(edges[::-1], values, side="right") + 1

    weighted = (
        band(spend, (100, 50, 30, 10)) * 15
        + band(months / 12, (5, 3, 2, 1)) * 10
        + band(data[INPUTS[14]], (4.5, 4, 3, 2)) * 8
    )
    total = np.floor(np.round(weighted / 33 * 20 * 100, 9) + 0.5) / 100
    columns = {
        INPUTS[9]: monthly,
        **dict(zip(RESULTS[:6], (value, activity, [f"{v}{a}客户" for v, a in zip(value, activity, strict=True)],
                                 stage, rfm, rfm_class), strict=True)),
        RESULTS[6]: total,
        RESULTS[7]: ["信息待完善"] * len(data),
        RESULTS[8]: ["信息待完善"] * len(data),
    }  # fmt: skip
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    place = {cell.value: cell.column for cell in sheet[1]}
    for header, cells in columns.items():
        for row, cell in enumerate(list(cells), 2):
            sheet.cell(row, place[header]).value = cell
    book.save(out)


def floor(path: str) -> None:
    """The sheets read to lists, their XML inflated and deflated: what no refresh can leave out."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            if part.startswith("xl/worksheets/sheet"):
                deflate = zlib.compressobj(6)
                with parts.open(part) as xml:
                    while block := xml.read(1 << 20):
                        deflate.compress(block)
                deflate.flush()


def same(one: str, two: str) -> None:
    """Errors: AssertionError with the first cell in which the first sheets of two books differ."""
    from python_calamine import CalamineWorkbook

    left, right = (CalamineWorkbook.from_path(p).get_sheet_by_index(0).to_python() for p in (one, two))
    assert len(left) == len(right), (len(left), len(right))
    for row, (a, b) in enumerate(zip(left, right, strict=True), 1):
        for header, x, y in zip(left[0], a, b, strict=True):
            close = isinstance(x, float) and isinstance(y, float) and abs(x - y) < 1e-9
            assert close or x == y, f"row {row}, {header}: {x!r} and {y!r}"


Cell = tuple[int, int, str | float | bool, str, str]
"""Row and column from 0, value, formula (or empty), range of an array formula (or empty)."""


def take_cells(path: str, out: str) -> None:
    """The cells of every sheet of a book, pickled as (sheet name, cells) pairs."""
    from lxml import etree

    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as parts:
        texts = [
            "".join(t.text or "" for t in item.iter(f"{main}t"))
            for item in etree.fromstring(parts.read("xl/sharedStrings.xml")).iter(f"{main}si")
        ]
        relations = {
            r.get("Id"): r.get("Target").removeprefix("/xl/")
            for r in etree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
        }
        found = []
        for sheet in etree.fromstring(parts.read("xl/workbook.xml")).iter(f"{main}sheet"):
            target = relations[next(v for k, v in sheet.attrib.items() if k.endswith("}id"))]
            with parts.open(f"xl/{target}") as xml:
                found.append((sheet.get("name"), list(_cells(xml, main, texts))))
    with open(out, "wb") as file:
        pickle.dump(found, file, protocol=5)


def _cells(xml: Any, main: str, texts: list[str]) -> Iterator[Cell]:
    from lxml import etree

    groups: dict[str, str] = {}
    for _, row in etree.iterparse(xml, tag=f"{main}row"):
        for cell in row:
            value, formula, span = cell.find(f"{main}v"), cell.find(f"{main}f"), ""
            if value is None and formula is None:
                continue
            kind, text = cell.get("t", "n"), "" if value is None else value.text or ""
            if kind == "s":
                text = texts[int(text)]
            known: str | float | bool = text
            if kind == "n" and text:
                known = float(text)
            elif kind == "b":
                known = text == "1"
            typed = ""
            if formula is not None:
                typed = formula.text or ""
                if formula.get("t") == "shared":
                    typed = groups.setdefault(formula.get("si"), typed)
                if formula.get("t") == "array":
                    span = formula.get("ref")
            yield *_place(cell.get("r")), known, typed and f"={typed}", span
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]


def _place(ref: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", ref).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def write_cells(cells: str, out: str) -> None:
    """XlsxWriter in constant memory writes those cells; prints the seconds of the writing alone."""
    import xlsxwriter

    with open(cells, "rb") as file:
        sheets: list[tuple[str, list[Cell]]] = pickle.load(file)
    start = time.perf_counter()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    for name, found in sheets:
        sheet = book.add_worksheet(name)
        for row, column, value, formula, span in found:
            if span:
                sheet.write_array_formula(span, formula, None, value)
            elif formula:
                sheet.write_formula(row, column, formula, None, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            else:
                sheet.write_number(row, column, value)
    book.close()
    print(time.perf_counter() - start)


JOBS = {
    job.__name__: job for job in (make_foreign, make_csv, make_orders, script, floor, same, take_cells, write_cells)
}

if __name__ == "__main__":
    JOBS[sys.argv[1]](*sys.argv[2:])
