"""Portraits and the trend of needs, with records as people keep them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import crm_xl
from tests.support.editing import set_table_cell, type_rows
from tests.support.recompute import read_table

AS_OF = dt.date(2024, 6, 30)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Three customers without a need on record; one has no industry."""
    customers = pd.DataFrame(
        {
            "客户编号": ["1001", "1002", "1003"],
            "客户名称": ["甲", "乙", "丙"],
            "所属行业": ["制造业", "制造业", None],
            "职位": ["总经理", None, "采购经理"],
            "产品/服务偏好": ["A产品", "A产品", "定制服务"],
            "最近合作时间": [dt.datetime(2024, 6, 1)] * 3,
            "首次合作时间": [dt.datetime(2023, 6, 1)] * 3,
            "年消费金额(万元)": [10.0, 5.0, 1.0],
            "历史合作次数": [12.0, 5.0, 1.0],
        }
    )
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", customers=customers, as_of=AS_OF)
    return path


def test_without_needs_the_preference_stands_in(book: Path) -> None:
    rows = read_table(book, "Portrait").set_index("群体")
    assert rows["主要需求"]["制造业"] == "A产品"
    assert rows["决策人"]["制造业"] == "总经理"
    assert rows["决策因素"]["制造业"] == "交期、质量稳定、售后响应"
    assert rows["客户数"]["未知行业"] == 1
    assert rows["决策因素"]["未知行业"] is None
    assert rows.index[-1] == "未知行业"
    assert len(read_table(book, "NeedsTrend")) == 0


def test_records_as_people_keep_them(book: Path) -> None:
    """Numbers as ids, unknown customers, kinds of their own, blanks, later dates."""
    columns = {
        "客户编号": [1001.0, "1002", "9999", "1003"],
        "日期": [dt.datetime(2024, 4, 1), dt.datetime(2024, 5, 1), dt.datetime(2024, 5, 2), dt.datetime(2024, 8, 1)],
        "需求": ["缩短交期", "缩短交期", "便宜", "以后再说"],
        "类别": ["基本", None, "附加", "基本"],
        "敏感点": ["价格", "环保", "价格", "价格"],
        "优先级": ["低", "高", "中", "高"],
    }
    type_rows(book, "Needs", columns)
    crm_xl.refresh(book, as_of=AS_OF)
    rows = read_table(book, "Portrait").set_index("群体")
    assert rows["主要需求"]["制造业"] == "缩短交期"
    assert rows["敏感点"]["制造业"] == "价格 1、环保 1"
    assert rows["优先级"]["制造业"] == "高 1、低 1"
    assert rows["主要需求"]["未知行业"] == "定制服务"  # what is dated later is not yet known
    trend = read_table(book, "NeedsTrend")
    assert trend["类别"].tolist() == ["基本", "其他", "附加"]
    assert trend["占比"].tolist() == pytest.approx([1 / 3] * 3)
    (line,) = read_table(book, "NeedsByQuarter").to_dict("records")
    assert line == {"季度": "2024Q2", "基本": 1, "潜在": 0, "情感": 0, "个性化": 0, "其他": 2}


def test_factors_follow_their_group(book: Path) -> None:
    row = read_table(book, "Portrait")["群体"].tolist().index("制造业")
    set_table_cell(book, "Portrait", row, "决策因素", "看老板")
    for i in range(2):
        set_table_cell(book, "Customers", i, "所属行业", "零售业")
    crm_xl.refresh(book, as_of=AS_OF)
    rows = read_table(book, "Portrait").set_index("群体")
    assert (rows["决策因素"]["制造业"], rows["客户数"]["制造业"]) == ("看老板", 0)
    assert rows["决策因素"]["零售业"] == "价格、补货速度、促销支持"
