"""The quality of a workbook's customers once more, in plain pandas from its cells. Imports nothing of crm_xl."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from .recompute import load, read_table

DATES = ("首次合作时间", "最近合作时间", "信息更新日期")
COUNTS = (
    "年消费金额(万元)",
    "历史合作次数",
    "月均合作次数",
    "平均订单金额(万元)",
    "互动频率(月均联系次数)",
    "投诉次数",
)
SIGNED = ("年消费金额(万元)", "平均订单金额(万元)")


def wrong_rows(path: Path, as_of: dt.date) -> set[int]:
    """Rows of the customer table with an error in what people type there."""
    table = read_table(path, "Customers")
    seen: set[str] = set()
    wrong = set()
    for i, row in table.iterrows():
        bad = not row["客户编号"] or str(row["客户编号"]) in seen
        seen.add(str(row["客户编号"]))
        days = [row[h] for h in DATES if row[h] is not None]
        bad |= any(not isinstance(d, dt.datetime) or d.date() > as_of for d in days)
        for header in COUNTS:
            value = row[header]
            if value is not None:
                bad |= isinstance(value, str) or (header not in SIGNED and value < 0)
        rating = row["满意度评分(1-5)"]
        bad |= rating is not None and (isinstance(rating, str) or not 1 <= rating <= 5)
        if bad:
            wrong.add(int(str(i)))
    return wrong


def stale_rows(path: Path, as_of: dt.date, days: int) -> list[int]:
    """Rows not updated for more than `days`."""
    cells = pd.to_datetime(read_table(path, "Customers")["信息更新日期"], errors="coerce")
    return [int(i) for i in cells.index[(pd.Timestamp(as_of) - cells).dt.days > days]]


def counts(path: Path) -> dict[tuple[str, str], int]:
    """(rule, severity) -> lines of the sheet."""
    found = read_table(path, "Quality")
    return {} if found.empty else found.groupby(["规则", "级别"]).size().to_dict()


def area(path: Path, name: str) -> list[list[Any]]:
    """The cells of a named range."""
    book = load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    return [[c.value for c in row] for row in book[sheet][ref.replace("$", "")]]
