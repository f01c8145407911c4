"""Customer value and cohorts: every figure against plain pandas and lifetimes, and what one order or setting moves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from tests.support import recompute
from tests.support import recompute_value as again
from tests.support.buyers import order_log
from tests.support.editing import set_name, type_rows
from tests.test_moves import cells

AS_OF = dt.date(2024, 6, 30)
SHEETS = ("客户价值分析", "客户留存分析")


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("value") / "book.xlsx"
    crm_xl.new_workbook(path, template="full", orders=order_log(), as_of=AS_OF, formulas="values")
    return path


@pytest.fixture(scope="module")
def predicted(simple: Path) -> Path:
    path = simple.with_name("predicted.xlsx")
    path.write_bytes(simple.read_bytes())
    set_name(path, "ClvMethod", "预测")
    crm_xl.refresh(path, as_of=AS_OF)
    return path


@pytest.fixture
def copy(predicted: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(predicted.read_bytes())
    return path


def area(path: Path, name: str) -> list[list[Any]]:
    book = recompute.load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    cells = book[sheet][ref.replace("$", "")]
    return [[c.value for c in row] for row in cells] if isinstance(cells, tuple) else [[cells.value]]


def figure(path: Path, name: str) -> Any:
    return area(path, name)[0][0]


def changed(before: Path, after: Path) -> set[str]:
    """Sheets with a cell that differs."""
    old, new = cells(before), cells(after)
    return {place[0] for place in old.keys() | new.keys() if old.get(place) != new.get(place)}


def near(shown: Any, wanted: Any) -> bool:
    if wanted is None or wanted != wanted:
        return shown in (None, "") or shown != shown
    return bool(shown == pytest.approx(wanted, rel=1e-9, abs=1e-9))


def compare_value(path: Path) -> None:
    for name, line in again.abc(path).items():
        shown = recompute.read_table(path, "Abc").set_index("类别").loc[name]
        assert all(near(shown[header], value) for header, value in line.items()), (name, line)
    spread = again.concentration(path)
    pareto = recompute.read_table(path, "Pareto")
    assert pareto["前多少客户"].tolist() == pareto["人人一样时"].tolist() == [i / 10 for i in range(11)]
    assert all(near(a, b) for a, b in zip(pareto["实际消费占比"], spread["curve"], strict=True))
    for name, key in (
        ("TopFifthShare", "top"), ("MakersOfMost", "makers"), ("SpendersCounted", "customers"), ("SpendGini", "gini"),
    ):  # fmt: skip
        assert near(figure(path, name), spread[key]), name
    groups = recompute.read_table(path, "ValueByGroup").set_index("细分群体")
    wanted = again.by_group(path)
    assert set(groups.index) == set(wanted)
    for name, line in wanted.items():
        assert all(near(groups[header][name], value) for header, value in line.items()), (name, line)
    customers = recompute.read_table(path, "Customers")
    clv = pd.to_numeric(customers[again.CLV], errors="coerce")
    assert near(figure(path, "ClvTotal"), clv.sum())
    orders = pd.to_numeric(customers["预期订单数(12个月)"], errors="coerce")
    assert near(figure(path, "OrdersExpected"), orders.sum() if orders.notna().any() else None)
    best = recompute.read_table(path, "TopValue")
    ranked = clv.dropna().sort_values(ascending=False, kind="stable").index[:20]
    assert best["客户编号"].tolist() == customers["客户编号"][ranked].tolist()
    for header in (again.CLV, "存活概率", "预期订单数(12个月)", "预测CLV(万元)", "流失风险标记"):
        pairs = zip(best[header], customers[header][ranked], strict=True)
        assert all((a in (None, "") and b in (None, "")) or a == b for a, b in pairs), header


def compare_cohorts(path: Path, as_of: dt.date = AS_OF) -> None:
    table = again.cohorts(path, as_of)
    latest = sorted(table["cohort"].unique())[-18:]
    for name, part, base in (("CohortRetention", "active", "customers"), ("CohortRevenue", "revenue", None)):
        grid = area(path, name)
        assert [r[0] for r in grid[1 : len(latest) + 1]] == [c.to_timestamp().to_pydatetime() for c in latest]
        assert all(c is None for r in grid[len(latest) + 1 :] for c in r)
        assert grid[0][2:] == list(range(13))
        for row, cohort in zip(grid[1:], latest, strict=False):
            mine = table[table["cohort"] == cohort].set_index("k")
            assert row[1] == mine["customers"][0]
            for k in range(13):
                whole = mine[base or part][0]
                wanted = mine[part][k] / whole if k in mine.index and whole > 0 else None
                assert near(row[k + 2], wanted), (name, cohort, k)
    shown = recompute.read_table(path, "CohortCurve")
    assert shown["首单后第几个月"].tolist() == list(range(13))
    for k, (kept, spent) in enumerate(again.curve(path, as_of)):
        assert near(shown["客户留存率"][k], kept) and near(shown["消费留存率"][k], spent), k
    rhythm = again.rhythm(path, as_of)
    times = recompute.read_table(path, "RepeatTimes")
    assert times["首单后"].tolist() == [f"{d} 天内" for d in rhythm["within"]]
    assert all(near(a, b) for a, b in zip(times["已下第二单的客户"], rhythm["within"].values(), strict=True))
    for name, key in (
        ("RepeatMedian", "median"), ("RepeatLower", "lower"), ("RepeatUpper", "upper"),
        ("RepeatCustomers", "repeaters"), ("BuyersCounted", "buyers"),
    ):  # fmt: skip
        assert near(figure(path, name), rhythm[key]), name


def test_the_simple_method(simple: Path) -> None:
    compare_value(simple)
    compare_cohorts(simple)
    assert figure(simple, "ClvMethodShown") == "简单"
    assert "CLV 算法" in figure(simple, "ClvNote") and "预测" in figure(simple, "ClvNote")
    assert not len(recompute.read_table(simple, "ModelParameters"))
    assert figure(simple, "OrdersExpected") is None
    assert recompute.read_table(simple, "TopValue")["存活概率"].isna().all()


def test_the_prediction_is_that_of_lifetimes(predicted: Path) -> None:
    """Parameters, probability alive, orders and CLV of every customer, to what two optimisers leave between them."""
    compare_value(predicted)
    compare_cohorts(predicted)
    assert figure(predicted, "ClvMethodShown") == "预测"
    wanted, parameters = again.prediction(predicted, AS_OF)
    shown = recompute.read_table(predicted, "ModelParameters").set_index("参数")
    for name, value in parameters.items():
        assert shown["估计值"][name] == pytest.approx(value, rel=2e-3), name
        assert shown["标准误"][name] > 0
    customers = recompute.read_table(predicted, "Customers").set_index("客户编号")
    for header, key in (("存活概率", "alive"), ("预期订单数(12个月)", "orders"), ("预测CLV(万元)", "clv")):
        got = customers[header].astype(float)
        assert got.to_numpy() == pytest.approx(wanted[key][got.index].to_numpy(), rel=5e-3, abs=1e-4), header
    assert customers[again.CLV].tolist() == customers["预测CLV(万元)"].tolist()


def test_one_order(copy: Path, predicted: Path) -> None:
    """A large order of a customer who bought once, and a refund, which makes nobody active: value, class, cohort,
    rhythm and model move."""
    orders = recompute.read_table(copy, "Orders")
    once = orders["客户编号"].value_counts()
    new = orders[orders["客户编号"].map(once) == 1].sort_values("订单日期", kind="stable")
    who, other = new["客户编号"].iloc[-1], once.index[0]
    lines = [
        {"订单号": "N1", "客户编号": who, "订单日期": dt.datetime(2024, 6, 20), "金额(元)": 400_000.0},
        {"订单号": "R1", "客户编号": other, "订单日期": dt.datetime(2024, 6, 29), "金额(元)": -50.0},
    ]
    type_rows(copy, "Orders", {h: [*orders[h], *(line.get(h) for line in lines)] for h in orders.columns})
    crm_xl.refresh(copy, as_of=AS_OF)
    compare_value(copy)
    compare_cohorts(copy)
    assert who in set(recompute.read_table(copy, "TopValue")["客户编号"])
    assert set(SHEETS) <= changed(predicted, copy)
    assert figure(copy, "RepeatCustomers") == figure(predicted, "RepeatCustomers") + 1
    for name in ("ClvTotal", "TopFifthShare", "SpendGini", "OrdersExpected", "CohortRetention", "CohortRevenue"):
        assert area(copy, name) != area(predicted, name), name
    assert not recompute.read_table(copy, "ModelParameters").equals(recompute.read_table(predicted, "ModelParameters"))
    assert not crm_xl.refresh(copy, as_of=AS_OF).changed


def test_margin_and_rate_move_value_alone(copy: Path, predicted: Path) -> None:
    set_name(copy, "ClvMargin", 0.6)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare_value(copy)
    assert figure(copy, "ClvTotal") == pytest.approx(2 * figure(predicted, "ClvTotal"), rel=1e-4)
    assert "客户留存分析" not in changed(predicted, copy)
    set_name(copy, "ClvRate", 0.1)
    crm_xl.refresh(copy, as_of=AS_OF)
    assert figure(copy, "ClvTotal") < 2 * figure(predicted, "ClvTotal")


def test_a_month_that_is_not_over(copy: Path) -> None:
    """It stands in the matrix, but not in the mean."""
    as_of = dt.date(2024, 6, 12)
    crm_xl.refresh(copy, as_of=as_of)
    compare_cohorts(copy, as_of)
