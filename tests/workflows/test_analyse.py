"""analyse(): the same answer as the refreshed file; frames mean what cells mean."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import crm_xl
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import ScopeRule
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.workflows.analyse import analyse, analyse_cells, as_date
from crm_xl.workflows.sample import make_sample
from tests.support.books import AS_OF, shown

DAY = dt.date(2024, 6, 30)


def same(cell: Any, other: Any) -> bool:
    if cell in (None, "") or other in (None, ""):
        return cell in (None, "") and other in (None, "")
    if isinstance(cell, float) and isinstance(other, (int, float)):
        return cell == other
    return str(cell) == str(other)


def assert_equal(frame: pd.DataFrame, path: Path, lang: Lang, unit: Any) -> None:
    rows = shown(path)
    assert len(rows) == len(frame)
    headers = {f.header(lang, unit): f.key for f in CUSTOMERS.fields}
    compared = 0
    for header in rows[0]:
        key = headers.get(header)
        if key in frame:
            for row, cell in zip(rows, frame[key].tolist(), strict=True):
                assert same(cell, row[header]), (header, cell, row[header])
            compared += 1
    assert compared >= 15


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sample_equals_the_file(tmp_path: Path, lang: Lang) -> None:
    made = make_sample(DAY, lang)
    crm_xl.new_workbook(tmp_path / "s.xlsx", template="customer-info", sample=True, lang=lang, as_of=DAY)
    result = crm_xl.analyse(made.customers, made.orders, made.interactions, as_of=DAY, lang=lang)
    assert_equal(result.customers, tmp_path / "s.xlsx", lang, "wan")
    assert result.segments["customers"].sum() == len(result.customers)
    assert result.strategies["strategy"].map(bool).all()
    # the rules of the file are those that it was made with
    assert crm_xl.load_rules(tmp_path / "s.xlsx").value_tiers == result.rules.value_tiers


@pytest.mark.parametrize("method", ["thresholds", "shares"])
def test_cdnow_equals_the_file(tmp_path: Path, method: Any) -> None:
    lifetimes = pytest.importorskip("lifetimes")
    source = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    names = ["master", "id", "day", "discs", "amount"]
    log = pd.read_csv(source, sep=r"\s+", header=None, names=names, dtype={"id": str, "day": str})
    orders = pd.DataFrame({"客户编号": log["id"], "订单日期": pd.to_datetime(log["day"]), "金额": log["amount"]})
    orders = orders[orders["客户编号"] < "00300"]
    path = tmp_path / "b.xlsx"
    report = crm_xl.new_workbook(
        path,
        template="customer-info",
        orders=orders,
        as_of="1998-07-01",
        value_method=method,
        unit="yuan",
        formulas="values",
    )
    rules = default_rules("zh", "yuan")
    rules = rules.model_copy(update={"settings": rules.settings.model_copy(update={"value_method": method})})
    nobody = pd.DataFrame({"客户编号": []})
    result = crm_xl.analyse(nobody, orders, rules=rules, as_of="1998-07-01")
    assert_equal(result.customers, path, "zh", "yuan")
    assert {g["segment"]: g["customers"] for g in report.segments} == dict(
        zip(result.segments["segment"], result.segments["customers"], strict=True)
    )
    assert len(result.segments) >= 3


def test_frames_mean_what_cells_mean() -> None:
    customers = pd.DataFrame(
        {
            "编号": [1001, "1002", "C-3", "C-4"],
            "年消费金额(元)": [150_000, "1,234.5 元", None, np.float32(25_000)],
            "历史合作次数": pd.array([12, 3, None, 5], dtype="Int64"),
            "首次合作时间": [dt.date(2024, 1, 1), dt.date(2024, 1, 1), None, pd.NaT],
            "最近合作时间": [
                pd.Timestamp("2024-06-01 13:00", tz="UTC"),
                "2024-06-01",
                None,
                np.datetime64("2024-06-01"),
            ],
            "我的": ["a", "b", "c", "d"],
        }
    )
    result = analyse(customers, as_of=AS_OF)
    assert result.customers["segment"].tolist()[:3] == ["高价值活跃客户", "#VALUE!", "潜在客户"]
    assert isinstance(result.customers["segment"][1], CellError)
    assert result.customers["annual_spend"].tolist()[0] == 15
    assert result.customers["我的"].tolist() == ["a", "b", "c", "d"]
    found = {(q.table, q.row, q.field) for q in result.quality.itertuples()}
    assert {("Customers", 1, "annual_spend"), ("Customers", 1, "last_order")} <= found


def test_lines_that_do_not_count_are_findings() -> None:
    orders = pd.DataFrame(
        {
            "Customer ID": ["C1", "C1", None, "C2", "C1"],
            "Order date": [dt.date(2024, 5, 1), "周五", dt.date(2024, 5, 1), dt.date(2024, 7, 1), "2024-05-02"],
            "Amount (CNY 10k)": [1, 1, 1, 1, float("inf")],
        }
    )
    customers = pd.DataFrame({"customer_id": ["C1"]})
    result = analyse(customers, orders, as_of=AS_OF, lang="en")
    row = result.customers.iloc[0]
    assert len(result.customers) == 1  # C2 has no order yet
    assert (row["annual_spend"], row["order_count"]) == (1, 1)
    lines = result.quality[result.quality["table"] == "Orders"]
    assert {1, 2, 3, 4} == set(lines["row"])
    assert "proposed: 2024-05-02" in " ".join(lines["what"])


def test_scope_and_own_dimension() -> None:
    customers = pd.DataFrame({"客户编号": ["a", "b", "c"], "所属行业": ["制造业", "零售", "制造业"], "组": ["x", "x", None],
                              "年消费金额": [12, 12, 1], "最近合作时间": [dt.date(2024, 6, 1)] * 3})  # fmt: skip
    rules = default_rules("zh")
    settings = rules.settings.model_copy(update={"dimensions": ("value", "组")})
    rules = rules.model_copy(
        update={"settings": settings, "scope": (ScopeRule(scope_field="所属行业", scope_value="制造业"),)}
    )
    tags = analyse(customers, rules=rules, as_of=AS_OF).customers["segment"].tolist()
    assert tags[0] == "高价值x客户"
    assert tags[1] == "不在范围"


@pytest.mark.parametrize("rows", [0, 1])
def test_none_or_one(rows: int) -> None:
    customers = pd.DataFrame({"客户编号": ["a"][:rows], "年消费金额": [3.0][:rows]})
    result = analyse(customers, as_of=AS_OF)
    assert len(result.customers) == rows
    assert list(result.quality.columns) == ["table", "row", "field", "severity", "found", "what"]
    assert "segment" in result.segments
    assert "strategy" in result.strategies


def test_refused() -> None:
    with pytest.raises(CrmXlError, match="no column Customer ID"):
        analyse(pd.DataFrame({"x": [1]}), as_of=AS_OF)
    customers = pd.DataFrame({"客户编号": ["a"]})
    with pytest.raises(CrmXlError, match="no column Order date, Amount"):
        analyse(customers, pd.DataFrame({"客户编号": ["a"]}), as_of=AS_OF)
    with pytest.raises(CrmXlError, match="both mean 'Annual spend'"):
        analyse(pd.DataFrame({"客户编号": ["a"], "年消费金额": [1], "年采购金额": [2]}), as_of=AS_OF)
    with pytest.raises(Refused, match="cannot be read"):
        analyse(customers, as_of="Friday")


@pytest.mark.parametrize(
    "value",
    ["2024-06-30", "2024.6.30", "2024年6月30日", "20240630", DAY, dt.datetime(2024, 6, 30, 9), pd.Timestamp(DAY)],
)
def test_as_date(value: object) -> None:
    assert as_date(value) == DAY


@pytest.mark.parametrize("value", ["12", "周五", "1001", "", None, 12, True, pd.NaT])
def test_no_date(value: object) -> None:
    with pytest.raises(Refused):
        as_date(value)


def test_the_frames_stay_as_they_are() -> None:
    made = make_sample(DAY, "zh")
    before = [f.copy(deep=True) for f in (made.customers, made.orders, made.interactions)]
    analyse(made.customers, made.orders, made.interactions, as_of=DAY)
    for frame, old in zip((made.customers, made.orders, made.interactions), before, strict=True):
        pd.testing.assert_frame_equal(frame, old)


def test_a_formula_in_an_empty_row_belongs_to_no_customer() -> None:
    outcome = analyse_cells({"customer_id": []}, None, None, default_rules("zh", "wan"), dt.date(2024, 6, 30),
                            own_formulas={"annual_spend": {0}})  # fmt: skip
    assert not outcome.groups


def test_ids_of_a_log_in_whatever_form_they_come() -> None:
    """Texts of a log are held as categories, mixed cells are not: the same customers come of both."""
    days = [dt.datetime(2024, 5, day) for day in range(1, 7)]
    texts, mixed = ["7", "8", "7", "A1", "", "8"], ["7", 8.0, 7, "A1", None, "8.0"]
    found = []
    for ids in (texts, mixed, pd.Categorical(texts), pd.array(texts, dtype="str")):
        orders = pd.DataFrame({"客户编号": ids, "订单日期": days, "订单金额(元)": [100.0, 20.0, 3.0, 4.0, 5.0, 6.0]})
        customers = pd.DataFrame({"客户编号": ["7", "8"], "客户名称": ["甲", "乙"]})
        made = analyse(customers, orders=orders, as_of=DAY)
        found.append(made.customers[["customer_id", "order_count", "annual_spend"]].to_csv())
    assert found[0] == found[1] == found[2] == found[3]
    assert "A1" in found[0]
