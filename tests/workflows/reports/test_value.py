"""Customer value and cohorts where there is little or nothing to say: empty cells and a word, never a number."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from tests.support import recompute
from tests.support.editing import set_name

AS_OF = dt.date(2024, 6, 30)
PREDICTIVE = {"zh": "预测", "en": "Predictive"}
EMPTY = {"ClvTotal", "TopFifthShare", "MakersOfMost", "SpendGini", "OrdersExpected"}


def area(path: Path, name: str) -> list[list[Any]]:
    book = recompute.load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    cells = book[sheet][ref.replace("$", "")]
    return [[c.value for c in row] for row in cells] if isinstance(cells, tuple) else [[cells.value]]


def figure(path: Path, name: str) -> Any:
    return area(path, name)[0][0]


def log(*orders: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [o[0] for o in orders],
            "order_no": [f"S{i}" for i in range(len(orders))],
            "order_date": pd.to_datetime([o[1] for o in orders]),
            "amount": [o[2] for o in orders],
        }
    )


def book(path: Path, orders: pd.DataFrame | None, lang: str = "zh") -> Path:
    """A workbook with these orders that asks for the prediction."""
    crm_xl.new_workbook(path, template="full", orders=orders, as_of=AS_OF, lang=lang, formulas="values")  # type: ignore[arg-type]
    set_name(path, "ClvMethod", PREDICTIVE[lang])
    crm_xl.refresh(path, as_of=AS_OF)
    return path


def test_no_customers(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", None)
    for table in ("Pareto", "ValueByGroup", "TopValue", "ModelParameters", "CohortCurve"):
        assert not len(recompute.read_table(path, table)), table
    assert all(figure(path, name) is None for name in EMPTY)
    assert figure(path, "SpendersCounted") == figure(path, "BuyersCounted") == figure(path, "RepeatCustomers") == 0
    assert recompute.read_table(path, "Abc")["客户数"].tolist() == [0, 0, 0]
    assert recompute.read_table(path, "Abc")["消费占比"].isna().all()
    assert figure(path, "ClvMethodShown") == "简单"
    assert figure(path, "ClvNote") == "不能预测：有订单的客户太少，不足以预测。因此按简单算法。"
    assert figure(path, "CohortNote") == "没有购买记录，无法分析留存。"
    assert recompute.read_table(path, "RepeatTimes")["已下第二单的客户"].isna().all()
    for name in ("CohortRetention", "CohortRevenue"):
        assert [c for row in area(path, name) for c in row if c is not None] == ["首单月份 ↓"]
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


CASES = {
    "one customer": (log(("C1", "2024-03-05", 900.0), ("C1", "2024-05-01", 300.0)), 1, 1),
    "one date": (log(*((f"C{i}", "2024-05-20", 100.0 * i) for i in range(1, 41))), 40, 0),
    "all refunds": (log(*((f"C{i}", "2024-05-20", -100.0) for i in range(40))), 0, 0),
    "all to come": (log(("C1", "2024-07-05", 900.0)), 0, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_too_little_for_a_model(name: str, tmp_path: Path) -> None:
    orders, buyers, repeaters = CASES[name]
    path = book(tmp_path / "book.xlsx", orders, "en")
    assert figure(path, "ClvMethodShown") == "Simple"
    assert figure(path, "ClvNote").startswith("No prediction: ")
    assert figure(path, "OrdersExpected") is None
    assert not len(recompute.read_table(path, "ModelParameters"))
    assert figure(path, "BuyersCounted") == buyers and figure(path, "RepeatCustomers") == repeaters
    grid = area(path, "CohortRetention")
    if not buyers:
        assert all(c is None for row in grid[1:] for c in row)
    else:
        assert grid[1][1:3] == [buyers, 1]
    customers = recompute.read_table(path, "Customers")
    assert customers[["Probability alive", "Expected orders (12 months)"]].isna().all().all()
    gini = figure(path, "SpendGini")
    assert gini is None or 0 <= gini <= 1
    errors = [c.value for s in recompute.load(path) for row in s.iter_rows() for c in row if c.data_type == "e"]
    assert errors == []


def test_without_the_sheets(tmp_path: Path) -> None:
    """The other templates have neither the sheets nor the settings."""
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    names = set(recompute.load(path).defined_names)
    assert not names & {"ClvMethod", "ClvTotal", "CohortNote"}


def test_a_sample_shows_all_and_a_book_starts_simple(tmp_path: Path) -> None:
    sample, own = tmp_path / "sample.xlsx", tmp_path / "own.xlsx"
    crm_xl.new_workbook(sample, template="full", sample=True, as_of=AS_OF)
    crm_xl.new_workbook(own, template="full", orders=CASES["one customer"][0], as_of=AS_OF)
    assert figure(sample, "ClvMethod") == "预测" and figure(own, "ClvMethod") == "简单"
    assert "CLV 算法" in figure(own, "ClvNote")
    if "DataGroups" in recompute.load(sample).defined_names:
        assert figure(sample, "DataGroups") == ("开" if find_spec("sklearn") else "关")
        assert figure(own, "DataGroups") == "关"
