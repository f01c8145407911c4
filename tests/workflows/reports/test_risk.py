"""Churn risk and groups from the data where there is little to go by, and with a prediction."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from tests.analysis.test_loss import simulated
from tests.support.editing import set_name
from tests.support.recompute import read_table
from tests.test_moves_accounts import figure
from tests.test_moves_risk import named

AS_OF = dt.date(2024, 6, 30)
FIGURES = ("RiskStake", "RiskPrecision", "RiskRecall", "RiskLift")
LISTS = ("Risks", "TopStakes", "Backtest", "BacktestDeciles", "Clusters", "Silhouettes")


def orders(*lines: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["客户编号", "订单日期", "金额(元)"])
    frame["订单日期"] = pd.to_datetime(frame["订单日期"])
    return frame


def book(path: Path, log: pd.DataFrame | None, names: dict[str, str], lang: Any = "zh") -> Path:
    customers = pd.DataFrame({"客户编号": list(names), "客户名称": list(names.values())}) if names else None
    crm_xl.new_workbook(path, template="full", customers=customers, orders=log, as_of=AS_OF, lang=lang)
    return path


def switch(path: Path, lang: str = "zh") -> None:
    set_name(path, "DataGroups", "开" if lang == "zh" else "On")
    set_name(path, "ClvMethod", "预测" if lang == "zh" else "Predictive")
    crm_xl.refresh(path, as_of=AS_OF)


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    who, when, amount = simulated()
    log = pd.DataFrame({"客户编号": [f"S{c}" for c in who], "订单日期": when, "金额(元)": amount.round(2)})
    log["订单日期"] = log["订单日期"].astype("datetime64[s]")
    log = pd.concat([log, orders(*((f"T{i}", f"2024-0{i}-01", 30_000.0) for i in range(1, 6)))], ignore_index=True)
    path = book(tmp_path_factory.mktemp("risk") / "book.xlsx", log, {})
    set_name(path, "ClvMethod", "预测")
    crm_xl.refresh(path, as_of=AS_OF)
    return path


def test_by_the_prediction(predicted: Path) -> None:
    """Of customers with repeats the chance of loss is 1 - probability alive; of the others that of the silence."""
    shown = read_table(predicted, "Risks")
    alive = read_table(predicted, "Customers").set_index("客户编号")["存活概率"]
    days = read_table(predicted, "Orders").groupby("客户编号")["订单日期"].nunique()
    repeats = shown["客户编号"].map(days) > 1
    assert 20 < repeats.sum() <= 95 and len(shown) == 100
    for i, row in shown.iterrows():
        wanted = 1 - alive[row["客户编号"]] if repeats[i] else 1 - row["这么久的沉默有多常见"]
        assert row["流失可能性"] == pytest.approx(wanted, abs=1.01e-4), row["客户编号"]
        assert row["面临流失金额(万元)"] == pytest.approx(row["流失可能性"] * row["年消费金额(万元)"], abs=1e-6)
    assert shown["面临流失金额(万元)"].is_monotonic_decreasing
    assert "存活概率" in figure(predicted, "RiskNote")
    assert (
        sum(read_table(predicted, "BacktestDeciles")["客户数"]) == read_table(predicted, "Backtest")["客户数"].iloc[2]
    )
    assert crm_xl.refresh(predicted, as_of=AS_OF).changed is False


def test_the_prediction_warns_better_than_chance(predicted: Path) -> None:
    """The log is made by the model: the most endangered tenth loses more than the average, and the tile says so."""
    lift = figure(predicted, "RiskLift")
    assert lift == read_table(predicted, "BacktestDeciles")["是平均的几倍"].iloc[0] > 1.2


ONE = {"A1": "甲公司"}
CASES: dict[str, tuple[pd.DataFrame | None, dict[str, str], str]] = {
    "no customers": (None, {}, "没有订单记录"),
    "no orders": (None, {"A1": "甲公司", "A2": "乙公司"}, "没有订单记录"),
    "one customer, one order": (orders(("A1", "2024-03-01", 500.0)), ONE, "太短"),
    "one date": (orders(*((f"A{i}", "2022-03-01", 500.0) for i in range(12))), {}, "没有客户下过单"),
    "all refunds": (orders(("A1", "2022-03-01", -5.0), ("A1", "2024-03-01", -5.0)), ONE, "没有客户下过单"),
    "nobody lost": (
        orders(*(("A1", f"{y}-{m:02d}-05", 500.0) for y in (2022, 2023, 2024) for m in range(1, 7))), ONE, "没有人流失",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_word_instead_of_a_number(case: str, tmp_path: Path) -> None:
    log, names, word = CASES[case]
    path = book(tmp_path / "book.xlsx", log, names)
    switch(path)
    assert word in figure(path, "BacktestSaid")
    assert figure(path, "BacktestMeans") in (None, "")
    assert all(figure(path, name) in (None, "") for name in ("RiskPrecision", "RiskRecall", "RiskLift"))
    for name in ("Backtest", "BacktestDeciles", "Clusters", "Silhouettes"):
        assert len(read_table(path, name)) == 0, name
    assert figure(path, "ClustersSaid").startswith("没有分群：")
    # of the one who keeps the rhythm nothing is at stake; of the others nothing is known
    assert len(read_table(path, "Risks")) == 0
    assert figure(path, "RiskStake") in ((0,) if case == "nobody lost" else (None, ""))
    if not names and log is None:
        assert figure(path, "RiskFlagged") in (None, "")
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def test_nothing_in_english(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", None, {}, "en")
    switch(path, "en")
    assert figure(path, "BacktestSaid") == "No back-test: there are no orders on record."
    assert figure(path, "RiskNote").startswith("There are no orders on record")
    assert figure(path, "ClustersSaid").startswith("No groups: ")
    for name in LISTS:
        assert len(read_table(path, name)) == 0, name


def test_groups_without_the_library(predicted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(predicted.read_bytes())
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    set_name(path, "DataGroups", "开")
    crm_xl.refresh(path, as_of=AS_OF)
    assert figure(path, "ClustersSaid") == '没有分群：要让数据分群，请先安装：pip install "crm-xl[groups]"'


def test_more_segments_than_columns(tmp_path: Path) -> None:
    """What has no column is counted in a last one: the rows still add up to the groups."""
    pytest.importorskip("sklearn")
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="full", sample=True, as_of=AS_OF)
    set_name(path, "DataGroups", "开")
    set_name(path, "Dimension1", "行业")
    set_name(path, "Dimension2", "活跃")
    crm_xl.refresh(path, as_of=AS_OF)
    grid = named(path, "ClusterMatrix")
    sizes = read_table(path, "Clusters").set_index("数据分群")["客户数"]
    assert grid[0][16] == "其余" and len(set(grid[0])) == 17
    assert {r[0]: sum(r[1:]) for r in grid[1:] if r[0]} == sizes.to_dict()
    assert all(c is None for r in grid[1 + len(sizes) :] for c in r)
