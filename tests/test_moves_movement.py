"""Movement between snapshots: every cell of the matrix and of Effects against plain pandas over the history sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from crm_xl.workflows.check import check
from tests.support import recompute
from tests.support.editing import set_name, set_table_cell, type_rows

AS_OF = dt.date(2024, 6, 30)
IDLE = {"潜在", "沉睡", "流失", "信息待完善", "不在范围"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("movement") / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF, formulas="values")
    return path


@pytest.fixture
def copy(book: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    return path


def named(path: Path, name: str) -> list[list[Any]]:
    book = recompute.load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    cells = book[sheet][ref.replace("$", "")]
    return [[c.value for c in row] for row in cells] if isinstance(cells, tuple) else [[cells.value]]


def sides(path: Path, first: dt.date, last: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    history = recompute.read_table(path, "History")
    days = pd.to_datetime(history["日期"]).dt.date
    return tuple(history[days == day].set_index("客户编号") for day in (first, last))  # type: ignore[return-value]


def compare(
    path: Path, first: dt.date, last: dt.date, by: str = "客户类型标签", costs: dict[str, float] | None = None
) -> None:
    assert named(path, "MovementShown") == [[f"{first} → {last}"]]
    before, after = sides(path, first, last)
    both = before.join(after, how="outer", lsuffix="_0", rsuffix="_1")
    moves = pd.crosstab(both[f"{by}_0"].fillna("新增"), both[f"{by}_1"].fillna("消失"))
    grid = named(path, "MovementMatrix")
    rows, columns = [r[0] for r in grid], grid[0]
    for i, name in enumerate(rows[1:], 1):
        for j, other in enumerate(columns[1:], 1):
            if name and other and (name, other) != ("新增", "消失"):
                wanted = moves[other].get(name, 0) if other in moves else 0
                assert grid[i][j] == wanted, (name, other)
            else:
                assert grid[i][j] in (None, "")
    assert sum(x for r in grid[1:] for x in r[1:] if x) == len(both)
    effects = recompute.read_table(path, "Effects").set_index("群体")
    assert set(effects.index) == set(before[by]) | set(after[by])
    for name, line in effects.iterrows():
        of = both[both[f"{by}_0"] == name]
        stays = of[of["活跃状态_1"].notna()]
        was, now = stays["活跃状态_0"], stays["活跃状态_1"]
        new = stays[(was == "潜在") & ~(stays["历史合作次数_0"].astype(float) >= 1)]
        quiet, live = was.isin(["沉睡", "流失"]), ~was.isin(IDLE)
        spend = [stays[f"年消费金额(万元)_{k}"].astype(float).sum() for k in (0, 1)]
        orders = [stays[f"历史合作次数_{k}"].astype(float) for k in (0, 1)]
        cost = (costs or {}).get(str(name))
        wanted = {
            "期初客户数": (before[by] == name).sum(),
            "期末客户数": (after[by] == name).sum(),
            "期初复购率": ratio((orders[0] >= 2).sum(), (orders[0] >= 1).sum()),
            "期末复购率": ratio((orders[1] >= 2).sum(), (orders[1] >= 1).sum()),
            "转化率": ratio((new["历史合作次数_1"].astype(float) >= 1).sum(), len(new)),
            "客户召回率": ratio((quiet & ~now.isin(IDLE)).sum(), quiet.sum()),
            "流失率": ratio((live & (now == "流失")).sum(), live.sum()),
            "期初年消费(万元)": spend[0],
            "期末年消费(万元)": spend[1],
            "实际投入(万元)": cost,
            "产出÷投入": ratio(spend[1] - spend[0], cost),
        }
        for header, value in wanted.items():
            got = line[header]
            assert (got in (None, "") and value is None) or got == pytest.approx(value, rel=1e-9), (name, header)


def ratio(part: float, base: float | None) -> float | None:
    return part / base if base else None


MAY, JUNE = dt.date(2024, 5, 30), dt.date(2024, 6, 30)


def test_the_sample_begins_with_a_past(book: Path) -> None:
    compare(book, MAY, JUNE)
    trend = recompute.read_table(book, "Trend")
    assert len(trend) == 7 and trend["流失率"].astype(float).gt(0).all()


def test_one_order(copy: Path) -> None:
    """A customer rises to another tier: it moves in the matrix, and its groups' figures with it."""
    orders = recompute.read_table(copy, "Orders")
    shown = recompute.read_table(copy, "Customers").set_index("客户编号")
    row = next(
        i for i, o in orders.iterrows()
        if o["订单日期"] > dt.datetime(2024, 1, 1) and shown["价值层级"][o["客户编号"]] == "低价值"
    )  # fmt: skip
    before = named(copy, "MovementMatrix"), recompute.read_table(copy, "Effects")
    set_table_cell(copy, "Orders", int(row), "金额(元)", 180000.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare(copy, MAY, JUNE)
    assert named(copy, "MovementMatrix") != before[0] and not recompute.read_table(copy, "Effects").equals(before[1])


@pytest.mark.parametrize("by", ["活跃状态", "生命周期阶段", "RFM 类别"])
def test_other_columns(by: str, copy: Path) -> None:
    set_name(copy, "MovementBy", by)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare(copy, MAY, JUNE, by)


def test_other_dates(copy: Path) -> None:
    """A date without a snapshot means the last one before it."""
    set_name(copy, "MovementFrom", dt.datetime(2024, 2, 10))
    set_name(copy, "MovementTo", dt.datetime(2024, 4, 30))
    crm_xl.refresh(copy, as_of=AS_OF)
    compare(copy, dt.date(2024, 1, 30), dt.date(2024, 4, 30))


def test_what_a_strategy_cost(copy: Path) -> None:
    strategies = recompute.read_table(copy, "Strategies")
    row = int(strategies.index[strategies["标签"] == "高价值低频客户"][0])
    set_table_cell(copy, "Strategies", row, "实际投入(元)", 25_000.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    compare(copy, MAY, JUNE, costs={"高价值低频客户": 2.5})


@pytest.mark.parametrize(
    ("name", "typed"), [("MovementFrom", dt.datetime(2020, 1, 1)), ("MovementTo", "去年"), ("MovementBy", "没有这一列")]
)
def test_no_snapshot_no_figures(name: str, typed: object, copy: Path) -> None:
    set_name(copy, name, typed)
    crm_xl.refresh(copy, as_of=AS_OF)
    assert all(c in (None, "") for r in named(copy, "MovementMatrix") for c in r if c != "期初 ↓  期末 →")
    assert not len(recompute.read_table(copy, "Effects"))


def test_gaps_duplicates_and_dates_to_come(copy: Path) -> None:
    """Snapshots that are not usable count for nothing, and `check` names them."""
    history = recompute.read_table(copy, "History")
    last = history[history["日期"] == dt.datetime(2024, 5, 30)]
    twice = last.iloc[:1].copy()
    twice["客户类型标签"] = "低价值流失客户"
    later = last.copy()
    later["日期"] = dt.datetime(2024, 12, 31)
    nobody = last.iloc[:1].copy()
    nobody["客户编号"] = None
    rows = pd.concat([history[history["日期"] != dt.datetime(2024, 3, 30)], twice, later, nobody])
    rows = rows.astype(object).where(rows.notna(), None)
    type_rows(copy, "History", {h: rows[h].tolist() for h in rows.columns})
    keys = {f.rule for f in check(copy).findings if f.sheet == "历史快照"}
    assert keys == {"id_twice", "date_future"}
    crm_xl.refresh(copy, as_of=AS_OF)
    history = recompute.read_table(copy, "History")
    assert not history.duplicated(["日期", "客户编号"]).any()
    compare(copy, MAY, JUNE)
    targets = recompute.read_table(copy, "Trend")
    assert targets[targets["日期"] == dt.datetime(2024, 12, 31)]["客户数"].tolist() == [len(later)]
