"""Sales strategy and dashboard: everything moves that should, and nothing else. Edits by another program, a
refresh, and every figure compared with a plain recomputation."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree

import crm_xl
from tests.support import recompute, recompute_sales
from tests.support.editing import set_name, set_table_cell
from tests.test_moves import cells

AS_OF = dt.date(2024, 6, 30)
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
INPUT_SHEETS = {"订单", "互动记录", "投诉", "满意度调查", "需求分析", "策略库", "使用说明", "参数"}
DASHBOARD, RFM, PORTRAIT, NEEDS, PLAN, FIGURES = (
    "KPI 看板", "RFM 分层", "画像与需求矩阵", "需求趋势", "销售策略", "看板数据",
)  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("sales"), "spill")


def made(folder: Path, form: Any) -> Path:
    path = folder / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", sample=True, as_of=AS_OF, formulas=form)
    return path


def close(shown: Any, wanted: Any) -> bool:
    if wanted is None or pd.isna(wanted):
        return shown in (None, "")
    return bool(shown == pytest.approx(wanted, rel=1e-9, abs=1e-9))


def area(path: Path, name: str) -> list[list[Any]]:
    """The cached values of a named cell or area."""
    book = recompute.load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    found = book[sheet][ref.replace("$", "")]
    return [[c.value for c in row] for row in found] if isinstance(found, tuple) else [[found.value]]


def compare(path: Path, as_of: dt.date = AS_OF, **edges: float) -> pd.DataFrame:
    """Every figure of the sheets is what the recomputation says."""
    frame = recompute_sales.customers(path, as_of, **edges)
    shown = recompute.read_table(path, "Customers")
    assert [v or "" for v in shown["流失风险标记"]] == frame["流失风险标记"].tolist()
    expected = recompute_sales.classes(frame, as_of)
    profile = recompute.read_table(path, "RfmProfile").set_index("RFM 类别")
    assert profile.index.tolist() == expected.index.tolist()
    for header in expected.columns:
        for name in expected.index:
            assert close(profile[header][name], expected[header][name]), (header, name)
    plan = recompute.read_table(path, "RfmPlan").set_index("客户类型")
    assert plan.index.tolist() == expected.index.tolist()
    assert plan["客户数"].tolist() == expected["客户数"].tolist()
    for name, wanted in zip(("RfmHeat", "RfmHeatSpend"), recompute_sales.heat(frame), strict=True):
        assert [line[1:] for line in area(path, name)[1:]] == [pytest.approx(w, rel=1e-9) for w in wanted], name
    assert [line[2:] for line in area(path, "DashHeat")[1:]] == recompute_sales.heat(frame)[0]
    for name, figure in recompute_sales.tiles(frame).items():
        assert close(area(path, name)[0][0], figure), name
    trend = recompute.read_table(path, "Trend").set_index("日期")
    assert close(area(path, "DashChurn")[0][0], trend["流失率"][pd.Timestamp(as_of)])
    funnel = recompute.read_table(path, "Funnel").set_index("阶段")
    assert funnel["客户数"].to_dict() == recompute_sales.stages(frame)
    compare_risks(path, frame, shown)
    groups = recompute.groups(frame)
    top = recompute.read_table(path, "TopGroups").set_index("细分群体")
    assert set(top.index) == set(groups["年消费总额(万元)"].sort_values(ascending=False).index[:14])
    for name in top.index:
        assert top["客户数"][name] == groups["客户数"][name]
        assert close(top["年消费总额(万元)"][name], groups["年消费总额(万元)"][name])
    compare_needs(path, frame, as_of)
    compare_charts(path)
    return frame


def compare_risks(path: Path, frame: pd.DataFrame, shown: pd.DataFrame) -> None:
    expected = recompute_sales.risks(frame).head(10)
    listed = recompute.read_table(path, "RiskList")
    assert listed["客户编号"].tolist() == expected["客户编号"].tolist()
    assert listed["排名"].tolist() == list(range(1, len(expected) + 1))
    lines = area(path, "DashRisk")
    of_customer = shown.set_index(shown["客户编号"].astype(str))
    for i, (_, row) in enumerate(expected.iterrows()):
        who = of_customer.loc[row["客户编号"]]
        assert close(listed["年消费金额(万元)"][i], row["年消费金额(万元)"])
        for header, source in (
            ("流失风险原因", "风险原因"), ("健康度", "健康度"), ("建议策略", "建议策略"), ("负责人", "负责人"),
            ("客户名称", "客户名称"),
        ):  # fmt: skip
            assert listed[header][i] == who[source], header
        assert lines[i][:3] == [i + 1, row["客户编号"], who["客户名称"]]
        assert lines[i][6] == who["风险原因"]
        assert lines[i][10].rstrip("…") == who["建议策略"][: len(lines[i][10].rstrip("…"))]


def compare_needs(path: Path, frame: pd.DataFrame, as_of: dt.date) -> None:
    expected = recompute_sales.quarters(path, as_of)
    trend = recompute.read_table(path, "NeedsTrend")
    assert {(r["季度"], r["类别"]): r["需求数"] for _, r in trend.iterrows()} == expected
    assert trend["季度"].is_monotonic_increasing
    per_quarter: dict[str, int] = {}
    for (quarter, _), count in expected.items():
        per_quarter[quarter] = per_quarter.get(quarter, 0) + count
    for _, row in trend.iterrows():
        assert close(row["占比"], row["需求数"] / per_quarter[row["季度"]])
    for _, row in recompute.read_table(path, "NeedsByQuarter").iterrows():
        for kind in recompute_sales.KINDS:
            assert row[kind] == expected.get((row["季度"], kind), 0)
        known = sum(row[k] for k in recompute_sales.KINDS)
        assert known + row["其他"] == per_quarter[row["季度"]]
    for _, row in recompute.read_table(path, "Portrait").iterrows():
        column = "RFM 类别" if row["维度"] == "RFM 类别" else "所属行业"
        wanted = recompute_sales.portrait(path, frame, as_of, column, row["群体"])
        assert {h: row[h] or "" for h in wanted} == wanted, row["群体"]


def series(path: Path) -> dict[str, tuple[list[str], list[float | None]]]:
    """Range of the values of each chart's series -> cached categories and values."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/charts/chart"):
                continue
            for ser in etree.fromstring(archive.read(part)).iter(f"{C}ser"):
                names, numbers = ser.find(f"{C}cat"), ser.find(f"{C}val")
                points: list[Any] = []
                for holder in (names, numbers):
                    cache = next(holder.iter(f"{C}strCache", f"{C}numCache"))
                    texts: list[str | None] = [None] * int(cache.find(f"{C}ptCount").get("val"))
                    for point in cache.iter(f"{C}pt"):
                        texts[int(point.get("idx"))] = point.find(f"{C}v").text
                    points.append(texts)
                ref = numbers.find(f".//{C}f").text
                found[ref] = (points[0], [None if p is None else float(p) for p in points[1]])
    return found


def compare_charts(path: Path) -> None:
    """What the charts have cached is what their cells hold; no chart is empty."""
    book = recompute.load(path)
    for ref, (_, numbers) in series(path).items():
        sheet, _, cells = ref.rpartition("!")
        block = book[sheet.strip("'")][cells.replace("$", "")]
        rows = block if isinstance(block, tuple) else ((block,),)
        held = [c.value for row in rows for c in row]
        assert [v if isinstance(v, (int, float)) else None for v in held] == numbers, ref
        assert any(v is not None for v in numbers), ref


def changed(book: Path, tmp_path: Path, edit: Callable[[Path], Any]) -> tuple[Path, dict[str, set[str]]]:
    """A copy, edited and refreshed, and per sheet the cells that differ from before."""
    path = tmp_path / "edited.xlsx"
    path.write_bytes(book.read_bytes())
    before = cells(path)
    edit(path)
    crm_xl.refresh(path, as_of=AS_OF)
    after = cells(path)
    moved: dict[str, set[str]] = {}
    for sheet, cell in before.keys() | after.keys():
        if before.get((sheet, cell)) != after.get((sheet, cell)):
            moved.setdefault(sheet, set()).add(cell)
    return path, moved


def moved_series(before: Path, after: Path) -> set[str]:
    """Sheets whose charts' figures differ, by the sheet that they draw on."""
    old, new = series(before), series(after)
    column = re.compile(r"\d+")
    a, b = ({column.sub("", ref): points for ref, points in x.items()} for x in (old, new))
    return {ref.rpartition("!")[0].strip("'") for ref in a.keys() | b.keys() if a.get(ref) != b.get(ref)}


@pytest.mark.parametrize("form", ["row", "values"])
def test_sample_is_right_in_other_forms(form: str, tmp_path: Path) -> None:
    compare(made(tmp_path, form))


def test_refresh_of_the_same_day_changes_nothing(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.xlsx"
    path.write_bytes(book.read_bytes())
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_one_order(book: Path, tmp_path: Path) -> None:
    """A larger order of a customer at risk: money at risk, ranking, heat map and groups follow."""
    orders = recompute.read_table(book, "Orders")
    shown = recompute.read_table(book, "Customers").set_index("客户编号")
    row = next(
        i for i, o in orders.iterrows()
        if o["订单日期"] > dt.datetime(2023, 9, 1) and shown["流失风险标记"][o["客户编号"]] == "是"
        and shown["价值层级"][o["客户编号"]] == "低价值"
    )  # fmt: skip
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Orders", int(row), "金额(元)", 990000.0))
    compare(path)
    customer = orders["客户编号"][row]
    assert recompute.read_table(path, "RiskList")["客户编号"][0] == customer
    assert {DASHBOARD, RFM, FIGURES, "群体特征分析"} <= moved.keys()
    dash = cell_names(path, "DashSpend", "DashAverageOrder", "DashMoneyAtRisk")
    still = cell_names(path, "DashAsOf", "DashCustomers", "DashActive", "DashRepurchase", "DashChurn", "DashAtRisk")
    assert dash <= moved[DASHBOARD]
    assert not still & moved[DASHBOARD]
    assert NEEDS not in moved
    assert moved.keys() & INPUT_SHEETS == {"订单"}
    assert {FIGURES, "群体特征分析"} <= moved_series(book, path)
    assert NEEDS not in moved_series(book, path)


def cell_names(path: Path, *names: str) -> set[str]:
    book = recompute.load(path)
    return {next(iter(book.defined_names[n].destinations))[1].replace("$", "").partition(":")[0] for n in names}


def test_one_rule(book: Path, tmp_path: Path) -> None:
    """Another lower edge of high value: groups and strategies, but no RFM class and nobody's risk."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "ValueTiers", 0, "下限", 5.0))
    compare(path, high=5)
    assert {"群体特征分析", FIGURES} <= moved.keys()
    assert not moved.keys() & {RFM, PLAN, PORTRAIT, NEEDS}
    # of the dashboard at most what is suggested for those at risk
    assert not {c for c in moved.get(DASHBOARD, ()) if not re.fullmatch(r"K\d+", c)}
    assert FIGURES in moved_series(book, path)


def test_one_class_rule(book: Path, tmp_path: Path) -> None:
    """A class of another name: its customers, strategy and portrait follow; the old one's default texts go."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "RfmClasses", 1, "类别", "初来客户"))
    assert {RFM, PLAN, PORTRAIT} <= moved.keys()
    plan = recompute.read_table(path, "RfmPlan").set_index("客户类型")
    assert "新客户" not in plan.index
    assert plan["策略目标"]["初来客户"] is None
    before = recompute.read_table(book, "RfmProfile").set_index("RFM 类别")
    after = recompute.read_table(path, "RfmProfile").set_index("RFM 类别")
    assert after["客户数"]["初来客户"] == before["客户数"]["新客户"]
    assert not moved.keys() & {NEEDS, "群体特征分析", "目标与范围"}
    compare_charts(path)


def test_one_target(book: Path, tmp_path: Path) -> None:
    """A target: its own row, and the bar that shows it."""
    targets = recompute.read_table(book, "Targets")
    row = targets.index[targets["指标"] == "复购率"][0]
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Targets", int(row), "目标值", 0.99))
    assert moved.keys() <= {"目标与范围", "周复盘"}
    after = recompute.read_table(path, "Targets")
    assert after["完成度"][row] == pytest.approx(after["当前值"][row] / 0.99)
    assert moved_series(book, path) == {"目标与范围"}
    compare_charts(path)


def test_one_survey_answer(book: Path, tmp_path: Path) -> None:
    """The latest answer of a large customer turns bad: at risk, first in the list, in the figures."""
    shown = recompute.read_table(book, "Customers")
    surveys = recompute.read_table(book, "Surveys")
    safe = shown[(shown["流失风险标记"] == "否") & shown["客户编号"].isin(set(surveys["客户编号"]))]
    customer = safe.loc[safe["年消费金额(万元)"].astype(float).idxmax(), "客户编号"]
    own = surveys[surveys["客户编号"] == customer]
    row = own["日期"].astype("datetime64[ns]").idxmax()
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Surveys", int(row), "满意度(1-5)", 1.0))
    compare(path)
    assert customer in recompute.read_table(path, "RiskList")["客户编号"].tolist()
    assert cell_names(path, "DashAtRisk", "DashMoneyAtRisk") <= moved[DASHBOARD]
    assert FIGURES in moved
    assert not moved.keys() & {RFM, PLAN, PORTRAIT, NEEDS}
    assert moved.keys() & INPUT_SHEETS == {"满意度调查"}


def test_one_need(book: Path, tmp_path: Path) -> None:
    """Another kind of need: the trend and its chart; another sensitive point: the portraits."""
    kinds = recompute.read_table(book, "Needs")["类别"]
    row = int(kinds.index[kinds == "基本"][0])

    def edit(path: Path) -> None:
        set_table_cell(path, "Needs", row, "类别", "情感")
        set_table_cell(path, "Needs", row, "敏感点", "质量" if sensitive == "价格" else "价格")

    sensitive = recompute.read_table(book, "Needs")["敏感点"][row]
    path, moved = changed(book, tmp_path, edit)
    compare(path)
    assert moved.keys() == {"需求分析", NEEDS, PORTRAIT}
    assert moved_series(book, path) == {NEEDS}


def test_what_the_user_typed_stays(book: Path, tmp_path: Path) -> None:
    """Goal, owner, factors: the user's, also when cleared, and when the class is gone for a while."""

    def edit(path: Path) -> None:
        set_table_cell(path, "RfmPlan", 0, "策略目标", "年内签三年框架")
        set_table_cell(path, "RfmPlan", 1, "负责人", None)
        set_table_cell(path, "Portrait", 0, "决策因素", "董事长说了算")

    path, moved = changed(book, tmp_path, edit)
    assert moved == {PLAN: {"C5", "E6"}, PORTRAIT: {"F5"}}
    set_name(path, "RfmScheme", "十类")
    crm_xl.refresh(path, as_of=AS_OF)
    plan = recompute.read_table(path, "RfmPlan").set_index("客户类型")
    assert plan["策略目标"]["高价值客户"] == "年内签三年框架"
    assert plan["客户数"]["高价值客户"] == 0
    assert plan["策略目标"]["冠军"] == "转化为推荐人，带来新客户"
    assert "潜力客户" not in plan.index
    assert plan["负责人"]["新客户"] is None  # a class of both schemes
    set_name(path, "RfmScheme", "五类")
    crm_xl.refresh(path, as_of=AS_OF)
    plan = recompute.read_table(path, "RfmPlan").set_index("客户类型")
    assert plan["策略目标"]["高价值客户"] == "年内签三年框架"
    assert plan["策略目标"]["潜力客户"] == "促进转化，缩短决策周期"
    compare(path)


def test_later_date_ages_everybody(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "later.xlsx"
    path.write_bytes(book.read_bytes())
    later = dt.date(2024, 10, 15)
    crm_xl.refresh(path, as_of=later)
    compare(path, later)
    assert area(path, "DashAsOf") == [[dt.datetime(2024, 10, 15)]]
