"""Portraits of groups and needs by quarter."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd

from crm_xl.analysis.portraits import needs_by_quarter, portraits
from crm_xl.cells import CellError

AS_OF = dt.date(2024, 6, 30)


def needs(*rows: tuple[str, str | None, str, str, str, str]) -> pd.DataFrame:
    columns = ["customer_id", "need_date", "need", "need_kind", "sensitivity", "priority"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["need_date"] = pd.to_datetime(frame["need_date"])
    return frame


NEEDS = needs(
    ("C1", "2024-03-31", "快", "基本", "价格", "高"),
    ("C1", "2024-04-01", "稳", "潜在", "质量", "高"),
    ("C2", "2024-06-30", "快", "", "", "低"),
    ("C2", "2024-07-01", "后", "基本", "质量", "高"),  # after as_of
    ("C9", "2024-05-01", "谁", "基本", "价格", "中"),  # nobody's
    ("C1", None, "无日期", "基本", "价格", ""),
)


def test_portrait_of_a_group() -> None:
    columns = {
        "company_size": ["50-100人", "50-100人", "<50人"],
        "position": ["总经理", "采购", "采购"],
        "preference": ["A", "A", "B"],
    }
    ids = np.array(["C1", "C2", "C3"], dtype=object)
    found = {p.group: p for p in portraits(["甲", "甲", "乙"], ids, columns, NEEDS, AS_OF, "、")}
    a, b = found["甲"], found["乙"]
    assert (a.customers, a.size, a.deciders) == (2, "50-100人", "总经理、采购")
    assert a.needs == "快、无日期、稳"
    assert a.sensitivity == Counter({"价格": 2, "质量": 1})
    assert a.priority == Counter({"高": 2, "低": 1})
    assert (b.customers, b.size, b.needs, b.sensitivity) == (1, "<50人", "B", Counter())


def test_without_needs_and_columns() -> None:
    found = portraits(["甲", CellError("#N/A"), None, ""], np.array(["C1", "C2", "C3", ""]), {}, None, AS_OF, ", ")
    assert [(p.group, p.customers, p.size, p.needs, p.deciders) for p in found] == [("甲", 1, "", "", "")]


def test_needs_by_quarter() -> None:
    found = needs_by_quarter(NEEDS, AS_OF)
    assert list(found) == ["2024Q1", "2024Q2"]
    assert found["2024Q1"] == {"基本": 1}
    assert found["2024Q2"] == {"潜在": 1, "": 1, "基本": 1}


def test_no_needs() -> None:
    assert needs_by_quarter(None, AS_OF) == {}
    assert needs_by_quarter(NEEDS, dt.date(2020, 1, 1)) == {}
