"""Churn risk, its back-test and the groups of the data: every figure against plain pandas, and what moves them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import crm_xl
from tests.support import recompute
from tests.support import recompute_risk as again
from tests.support.editing import Editor, letters, set_name, set_table_cell
from tests.support.lint import lint
from tests.test_moves_accounts import compare_charts, figure, near

AS_OF = dt.date(2024, 6, 30)
START = dt.date(2023, 12, 30)
SHEETS = ("流失风险分析", "数据分群")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, judged by silence: a prediction is no matter of a few lines of pandas."""
    path = tmp_path_factory.mktemp("risk") / "book.xlsx"
    crm_xl.new_workbook(path, template="full", sample=True, as_of=AS_OF, formulas="values")
    set_name(path, "ClvMethod", "简单")
    crm_xl.refresh(path, as_of=AS_OF)
    return path


@pytest.fixture
def copy(book: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    return path


def compare_risks(path: Path) -> None:
    expected = again.risks(path, AS_OF)
    listed = expected[expected["stake"] > 0].head(100)
    shown = recompute.read_table(path, "Risks")
    assert shown["客户编号"].tolist() == listed["客户编号"].tolist()
    assert shown["序号"].tolist() == list(range(1, len(listed) + 1))
    assert shown["面临流失金额(万元)"].tolist() == pytest.approx(listed["stake"].tolist(), abs=1e-6)
    for header in ("流失可能性", "年消费金额(万元)", "距上次下单(天)", "平常间隔(天)", "这么久的沉默有多常见",
                   "按谁的节奏判断"):  # fmt: skip
        for got, wanted in zip(shown[header], listed[header], strict=True):
            assert near(got, wanted if isinstance(wanted, str) else float(wanted)), header
    table = recompute.read_table(path, "Customers").set_index("客户编号")
    for ours, theirs in (
        ("客户名称", "客户名称"),
        ("健康度", "健康度"),
        ("预警原因", "风险原因"),
        ("负责人", "负责人"),
    ):
        assert [v or "" for v in shown[ours]] == [table[theirs][i] or "" for i in shown["客户编号"]]
    top = recompute.read_table(path, "TopStakes")
    assert top["客户"].tolist() == shown["客户名称"].tolist()[:10]
    assert top["面临流失金额(万元)"].tolist() == shown["面临流失金额(万元)"].tolist()[:10]
    assert figure(path, "RiskStake") == pytest.approx(expected["stake"].sum())
    assert figure(path, "RiskOverdue") == sum(s["overdue"] for s in again.silence(path, AS_OF).values())
    assert figure(path, "RiskFlagged") == (table["流失风险标记"] == "是").sum()


def compare_backtest(path: Path, start: dt.date = START) -> pd.DataFrame:
    frame, tenths = again.backtest(path, start, AS_OF)
    flagged, lost = frame["warned"], frame["lost"]
    shown = recompute.read_table(path, "Backtest").set_index("当时")
    for name, own in (("被预警", frame[flagged]), ("没有预警", frame[~flagged]), ("合计", frame)):
        wanted = {"客户数": len(own), "后来流失": own["lost"].sum(), "后来又下单": (~own["lost"]).sum()}
        assert shown.loc[name, list(wanted)].to_dict() == wanted, name
        assert near(shown["流失率"][name], float(own["lost"].mean()) if len(own) else None)
    deciles = recompute.read_table(path, "BacktestDeciles")
    assert deciles["组(1 = 最危险)"].tolist() == list(range(1, 11))
    for i, wanted in enumerate(tenths):
        for header, value in wanted.items():
            assert near(deciles[header][i], float(value)), (i, header)
    assert near(figure(path, "RiskPrecision"), float(lost[flagged].mean()))
    assert near(figure(path, "RiskRecall"), float(flagged[lost].mean()))
    assert near(figure(path, "RiskLift"), float(tenths[0]["是平均的几倍"]))
    told = f"{start} 有 {len(frame)} 位客户近 12 个月下过单，只凭那天以前的记录，{flagged.sum()} 位会被预警。"
    assert told in figure(path, "BacktestSaid")
    assert f"{AS_OF}，{lost.sum()} 位没有再下单({lost.mean():.0%})" in figure(path, "BacktestSaid")
    assert f"预警的客户里 {lost[flagged].mean():.0%} 真的流失" in figure(path, "BacktestMeans")
    return frame


def compare_clusters(path: Path) -> None:
    wanted = again.clusters(path, AS_OF)
    shown = recompute.read_table(path, "Clusters").set_index("数据分群")
    assert set(shown.index) == set(wanted.index)
    for name, row in wanted.iterrows():
        for header, value in row.items():
            got = shown[header][name]
            empty = got in (None, "") or pd.isna(got)
            assert empty if value is None or pd.isna(value) else got == pytest.approx(value, abs=1e-6), (name, header)
    customers = recompute.read_table(path, "Customers")
    groups = customers["数据分群"].fillna("未分群(资料不全)")
    counts = pd.crosstab(groups, customers["客户类型标签"])
    grid = named(path, "ClusterMatrix")
    rows, columns = [r[0] for r in grid[1:] if r[0]], [c for c in grid[0][1:] if c]
    assert rows == shown.index.tolist() and set(columns) == set(counts.columns)
    for i, name in enumerate(rows, 1):
        assert grid[i][1 : len(columns) + 1] == [counts[c][name] for c in columns]


def named(path: Path, name: str) -> list[list[Any]]:
    workbook = recompute.load(path)
    sheet, ref = next(iter(workbook.defined_names[name].destinations))
    return [[c.value for c in row] for row in workbook[sheet][ref.replace("$", "")]]


def test_right_from_the_start(book: Path) -> None:
    compare_risks(book)
    frame = compare_backtest(book)
    assert frame["warned"].any() and frame["lost"].any()
    compare_clusters(book)
    compare_charts(book, only=SHEETS)
    assert "改为“预测”" in figure(book, "RiskNote")
    assert crm_xl.refresh(book, as_of=AS_OF).changed is False
    assert [x for x in lint(book, ours=True) if "inlineStr" not in x and "sharedStrings" not in x] == []


def test_one_order_of_a_lost_customer(copy: Path) -> None:
    """A customer who had fallen silent orders again: lost no more, and no longer most at stake."""
    frame = compare_backtest(copy)
    listed = recompute.read_table(copy, "Risks")["客户编号"].tolist()
    lost = frame[frame["lost"] & frame["warned"]]["客户编号"].tolist()
    who = next(c for c in listed if c in lost)
    orders = recompute.read_table(copy, "Orders")
    row = int(orders.index[orders["客户编号"] == who][-1])
    set_table_cell(copy, "Orders", row, "订单日期", dt.datetime(2024, 6, 28))
    set_table_cell(copy, "Orders", row, "金额(元)", 50_000.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare_risks(copy)
    now = compare_backtest(copy)
    assert now["lost"].sum() == frame["lost"].sum() - 1 or who not in set(now["客户编号"])
    compare_clusters(copy)
    compare_charts(copy, only=SHEETS)


def test_what_is_typed_today_is_not_known_then(copy: Path) -> None:
    """Figures of the customer table, however they are typed, change nothing of what the warnings would have been."""
    before = {name: recompute.read_table(copy, name) for name in ("Backtest", "BacktestDeciles")}
    typed: dict[str, object] = {"最近合作时间": dt.datetime(2024, 6, 29), "满意度评分(1-5)": 1.0, "投诉次数": 9.0,
                                "首次合作时间": dt.datetime(2010, 1, 1), "历史合作次数": 99.0}  # fmt: skip
    editor = Editor(copy)
    sheet, _, headers, (top, left, _, _) = editor.table("Customers")
    for row in range(0, 60, 7):
        for header, value in typed.items():
            editor.set(sheet, f"{letters(left + headers.index(header))}{top + 1 + row}", value)
    editor.save()
    crm_xl.refresh(copy, as_of=AS_OF)
    for name, table in before.items():
        assert recompute.read_table(copy, name).equals(table), name
    compare_backtest(copy)


def test_months_of_the_back_test(copy: Path) -> None:
    set_name(copy, "BacktestMonths", 3.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare_backtest(copy, dt.date(2024, 3, 30))


def test_a_log_that_is_too_short(copy: Path) -> None:
    set_name(copy, "BacktestMonths", 36.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    assert len(recompute.read_table(copy, "Backtest")) == len(recompute.read_table(copy, "BacktestDeciles")) == 0
    assert all(figure(copy, name) in (None, "") for name in ("RiskPrecision", "RiskRecall", "RiskLift"))
    first = min(d for days in again.purchases(copy, AS_OF).values() for d in days)
    assert f"订单记录从 {first:%Y-%m-%d} 开始，太短" in figure(copy, "BacktestSaid")


def test_silhouettes_are_those_of_the_labels(book: Path) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = again.features(book, AS_OF)
    values = found.drop(columns="群").to_numpy()
    scaled = np.column_stack([np.log1p(np.maximum(c, 0) / np.median(c[c > 0])) for c in values.T])
    scaled = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)
    wanted = metrics.silhouette_score(scaled, found["群"])
    shown = recompute.read_table(book, "Silhouettes")
    chosen = shown[shown["采用"].notna()]
    assert chosen["群数"].tolist() == [found["群"].nunique()]
    assert chosen["轮廓系数"].iloc[0] == pytest.approx(wanted, abs=1e-6) == shown["轮廓系数"].astype(float).max()
    assert f"{wanted:.2f}" in figure(book, "ClustersSaid")


def test_a_back_test_says_where_it_is_not_the_method_of_today(copy: Path) -> None:
    """Then there may have been too little for a prediction."""
    set_name(copy, "ClvMethod", "预测")
    report = crm_xl.refresh(copy, as_of=AS_OF)
    shown = recompute.read_table(copy, "Customers")["存活概率"].notna().any()
    assert bool(report.notes) != shown
    said = "存活概率" in figure(copy, "RiskNote"), "和现在的名单算法不同" in figure(copy, "BacktestMeans")
    assert said[0] == shown
    frame, tenths = again.backtest(copy, START, AS_OF)
    rates = recompute.read_table(copy, "BacktestDeciles")["流失率"].astype(float).tolist()
    assert len(frame) and said[1] == (shown and rates == pytest.approx([t["流失率"] for t in tenths]))


def test_groups_switched_off(copy: Path) -> None:
    set_name(copy, "DataGroups", "关")
    crm_xl.refresh(copy, as_of=AS_OF)
    assert "改为“开”" in figure(copy, "ClustersSaid") and "crm-xl[groups]" in figure(copy, "ClustersSaid")
    assert len(recompute.read_table(copy, "Clusters")) == len(recompute.read_table(copy, "Silhouettes")) == 0
    assert all(c in (None, "") for i, r in enumerate(named(copy, "ClusterMatrix")) for j, c in enumerate(r) if i or j)
