"""The dashboard's figures and lists with data as people have them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from crm_xl.cells import CellError
from tests.support.editing import set_name, set_table_cell
from tests.support.recompute import load, read_table

AS_OF = dt.date(2024, 6, 30)
DAY = dt.datetime(2024, 6, 1)
SILENT = dt.datetime(2023, 12, 1)


def figure(path: Path, name: str) -> Any:
    book = load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    return book[sheet][ref.replace("$", "")].value


def make(path: Path, last: list[dt.datetime | None], spend: list[float | None]) -> Path:
    customers = pd.DataFrame(
        {
            "客户编号": [f"K{i}" for i in range(len(last))],
            "客户名称": [f"客户{i}" for i in range(len(last))],
            "首次合作时间": [dt.datetime(2022, 1, 1)] * len(last),
            "最近合作时间": last,
            "年消费金额(万元)": spend,
            "历史合作次数": [30.0] * len(last),
            "负责人": ["王敏"] * len(last),
        }
    )
    crm_xl.new_workbook(path, template="sales-strategy", customers=customers, as_of=AS_OF)
    return path


def test_fewer_than_ten_at_risk(tmp_path: Path) -> None:
    path = make(tmp_path / "book.xlsx", [SILENT, DAY, SILENT, SILENT], [1.0, 9.0, 3.0, None])
    listed = read_table(path, "RiskList")
    assert listed["客户编号"].tolist() == ["K2", "K0", "K3"]
    assert listed["年消费金额(万元)"].tolist() == [3.0, 1.0, None]
    assert (figure(path, "DashAtRisk"), figure(path, "DashMoneyAtRisk")) == (3, 4.0)
    assert figure(path, "DashChurn") is None  # no log and no earlier snapshot: not 0
    book = load(path)
    sheet, ref = next(iter(book.defined_names["DashRisk"].destinations))
    lines = [[c.value for c in row] for row in book[sheet][ref.replace("$", "")]]
    assert [line[2] for line in lines] == ["客户2", "客户0", "客户3", *[None] * 7]
    assert [line[0] for line in lines] == [1, 2, 3, *[None] * 7]


def test_nobody_at_risk(tmp_path: Path) -> None:
    path = make(tmp_path / "book.xlsx", [DAY, DAY], [1.0, 9.0])
    assert len(read_table(path, "RiskList")) == 0
    assert (figure(path, "DashAtRisk"), figure(path, "DashMoneyAtRisk")) == (0, 0)
    assert (figure(path, "DashCustomers"), figure(path, "DashSpend")) == (2, 10)


def test_no_customer_at_all(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", as_of=AS_OF)
    names = ("DashCustomers", "DashActive", "DashSpend", "DashAtRisk", "DashMoneyAtRisk")
    assert [figure(path, n) for n in names] == [0] * 5
    assert [figure(path, n) for n in ("DashRepurchase", "DashChurn", "DashAverageOrder")] == [None] * 3
    assert read_table(path, "Funnel")["客户数"].tolist() == [0] * 5


def test_wrong_cells_give_no_wrong_number(tmp_path: Path) -> None:
    path = make(tmp_path / "book.xlsx", [SILENT, SILENT, SILENT], [1.0, 2.0, 3.0])
    set_table_cell(path, "Customers", 1, "年消费金额(万元)", "约两万")
    set_table_cell(path, "Customers", 2, "客户名称", CellError("#N/A"))
    set_table_cell(path, "Customers", 0, "客户名称", 1001.0)
    crm_xl.refresh(path, as_of=AS_OF)
    listed = read_table(path, "RiskList").set_index("客户编号")
    assert listed["年消费金额(万元)"].to_dict() == {"K2": 3.0, "K0": 1.0, "K1": None}
    assert listed["客户名称"].to_dict() == {"K2": None, "K0": "1001", "K1": "客户1"}
    assert figure(path, "DashMoneyAtRisk") == 4.0


def test_many_groups_show_the_largest(tmp_path: Path) -> None:
    """A dimension with more labels than the chart has room for."""
    count = 30
    path = make(tmp_path / "book.xlsx", [DAY] * count, [float(i) for i in range(count)])
    for i in range(count):
        set_table_cell(path, "Customers", i, "区域", f"区{i:02}")
    set_name(path, "Dimension1", "区域")
    set_name(path, "Dimension2", None)
    crm_xl.refresh(path, as_of=AS_OF)
    shown = read_table(path, "TopGroups")
    assert len(read_table(path, "Profile")) == count
    assert sorted(shown["年消费总额(万元)"]) == [float(i) for i in range(count - 14, count)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_strategies_are_cut_to_their_place(lang: Any, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", lang=lang, sample=True, as_of=AS_OF)
    book = load(path)
    sheet, ref = next(iter(book.defined_names["DashRisk"].destinations))
    texts = [row[10].value for row in book[sheet][ref.replace("$", "")]]
    longest = {"zh": 30, "en": 62}[lang]
    assert all(len(t) == longest and t.endswith("…") for t in texts)
