"""The evaluation: what one order, weight, band, level, survey answer or picked customer moves, and what it does not."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from lxml import etree

import crm_xl
from crm_xl.workflows.check import check
from crm_xl.workflows.sample import make_sample
from tests.support import libreoffice, recompute
from tests.support import recompute_evaluation as again
from tests.support.editing import Editor, letters, set_name, set_table_cell, type_rows
from tests.support.lint import lint
from tests.support.validators import need
from tests.test_moves import changed, letters_of

AS_OF = dt.date(2024, 6, 30)
TEMPLATE = "relationship-evaluation"
PAGE = ("Dimension", "Indicator", "Source", "Score", "Weight", "Points", "Gain", "Condition")
INPUT_SHEETS = ("使用说明", "评分标准", "订单", "互动记录", "投诉", "满意度调查", "策略库", "参数")


def small_sample(path: Path, form: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_xl.workflows.new.make_sample", partial(make_sample, customers=50))
        crm_xl.new_workbook(path, template=TEMPLATE, sample=True, as_of=AS_OF, formulas=form)
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_sample(tmp_path_factory.mktemp("evaluation") / "book.xlsx", "row")


@pytest.fixture(scope="module")
def plain_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without functions of ours."""
    return small_sample(tmp_path_factory.mktemp("evaluation") / "plain.xlsx", "values")


def area(path: Path, name: str) -> list[Any]:
    """The cached values of a named area, column by column."""
    workbook = recompute.load(path)
    sheet, ref = next(iter(workbook.defined_names[name].destinations))
    cells = workbook[sheet][ref.replace("$", "")]
    return [c.value for row in cells for c in row] if isinstance(cells, tuple) else [cells.value]


def figure(path: Path, name: str) -> Any:
    return area(path, name)[0]


def near(shown: Any, wanted: Any) -> bool:
    if wanted is None or (isinstance(wanted, float) and pd.isna(wanted)):
        return shown in (None, "")
    return bool(shown == (pytest.approx(wanted, rel=1e-9) if isinstance(wanted, float) else wanted))


def compare(path: Path, as_of: dt.date = AS_OF, own: tuple[str, ...] = ()) -> pd.DataFrame:
    """Scores, levels, page and charts show what the recomputation says."""
    expected = again.scores(path, as_of, own)
    shown = recompute.read_table(path, "Scores")
    assert shown["客户编号"].astype(str).tolist() == expected["客户编号"].tolist()
    for header in expected.columns[1:]:
        for who, got, wanted in zip(expected["客户编号"], shown[header], expected[header], strict=True):
            assert near(got, wanted), (header, who, got, wanted)
    customers = recompute.read_table(path, "Customers")
    assert customers["客户关系等级"].tolist() == expected["客户关系等级"].tolist()
    compare_levels(path, expected, customers)
    compare_page(path, expected)
    return expected


def compare_levels(path: Path, expected: pd.DataFrame, customers: pd.DataFrame) -> None:
    plan = recompute.read_table(path, "LevelPlan").set_index("客户关系等级")
    sizes = expected.groupby("客户关系等级").size()
    money = customers["年消费金额(万元)"].fillna(0).astype(float).groupby(customers["客户关系等级"]).sum()
    orders = customers["历史合作次数"].fillna(0).astype(float)
    for name in plan.index:
        count = int(sizes.get(name, 0))
        assert plan["客户数"][name] == count
        assert plan["占比"][name] == pytest.approx(count / len(expected))
        assert plan["年消费总额(万元)"][name] == pytest.approx(money.get(name, 0.0), abs=1e-9)
        mine = orders[customers["客户关系等级"] == name]
        once, twice = int((mine >= 1).sum()), int((mine >= 2).sum())
        assert near(plan["复购率"][name], twice / once if once else None)
    series = chart_series(path)
    assert series["等级与策略", "客户数", "客户关系等级"] == {n: float(sizes.get(n, 0)) for n in plan.index}
    spans = recompute.read_table(path, "ScoreBands").set_index("综合得分")["客户数"]
    total = expected["综合得分"].dropna().astype(float)
    assert spans.sum() == len(expected)
    assert spans["60-70"] == ((total >= 60) & (total < 70)).sum()
    assert spans["40 以下"] == (total < 40).sum()
    today = recompute.read_table(path, "History")
    today = today[today["日期"] == today["日期"].max()]
    assert today["客户关系等级"].tolist() == expected["客户关系等级"].tolist()
    assert [v if v is None else float(v) for v in today["综合得分"]] == expected["综合得分"].tolist()


def compare_page(path: Path, expected: pd.DataFrame) -> None:
    indicators, bands = recompute.read_table(path, "Indicators"), recompute.read_table(path, "Bands")
    picked = figure(path, "EvaluationCustomer")
    line = expected[expected["客户编号"] == picked].iloc[0]
    wanted = again.page(line, indicators, bands)
    columns = {name: area(path, f"Evaluation{name}") for name in PAGE}
    for name, header in (("Indicator", "具体指标"), ("Score", "指标得分(1-5分)"), ("Weight", "权重(%)"),
                         ("Points", "加权得分"), ("Gain", "升一档可加分"), ("Condition", "升一档的条件")):  # fmt: skip
        for i, value in enumerate(wanted[header]):
            assert near(columns[name][i], value), (header, i)
        assert all(v in (None, "") for v in columns[name][len(wanted) :]), header
    assert sum(p for p in columns["Points"] if p not in (None, "")) == pytest.approx(line["综合得分"], abs=0.005)
    assert figure(path, "EvaluationTotal") == line["综合得分"]
    assert figure(path, "EvaluationCheck") == line["综合得分"]
    assert figure(path, "EvaluationLevel") == line["客户关系等级"]
    assert figure(path, "EvaluationCompleteness") == pytest.approx(line["完整度"])
    top = line["距下一级(分)"] is None and line["客户关系等级"] != "信息待完善"
    assert near(figure(path, "EvaluationGap"), "已是最高级" if top else line["距下一级(分)"])
    best = wanted.loc[wanted["升一档可加分"].fillna(0).astype(float).idxmax()]
    told = f"{best['具体指标']}：升到 {best['升一档的条件']}，可加 {best['升一档可加分']:.1f} 分"
    assert figure(path, "EvaluationLift") == told
    scores = recompute.read_table(path, "Scores").set_index("客户编号")
    assert scores["提升建议"][picked] == told
    parts = recompute.read_table(path, "DimensionScores").set_index("评估维度")["得分(1-5)"]
    for name, group in wanted.groupby(indicators["评估维度"], sort=False):
        known = group.dropna(subset=["指标得分(1-5分)"])
        weight = known["权重(%)"].astype(float)
        mean = (known["指标得分(1-5分)"].astype(float) * weight).sum() / weight.sum() if len(known) else None
        assert near(parts[name], mean), name
    shown = chart_series(path)["客户关系识别评估表", "得分(1-5)", "评估维度"]
    assert shown == pytest.approx({k: float(v) for k, v in parts.items()})


def chart_series(path: Path) -> dict[tuple[str, str, str], dict[str, float]]:
    """(sheet of the data, header of the values, header of the names) -> the chart's cached series."""
    c = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    workbook = recompute.load(path)
    found = {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/charts/chart"):
                continue
            for ser in etree.fromstring(archive.read(part)).iter(f"{c}ser"):
                ref = ser.find(f"{c}cat").find(f".//{c}f").text
                sheet, _, cells = ref.rpartition("!")
                first = cells.replace("$", "").split(":")[0]
                column, row = first.rstrip("0123456789"), int(first[len(first.rstrip("0123456789")) :])
                sheet = sheet.strip("'")
                by = workbook[sheet][f"{column}{row - 1}"].value
                names = [v.text for v in ser.find(f"{c}cat").iter(f"{c}v")]
                points = {int(p.get("idx")): float(p[0].text) for p in ser.find(f"{c}val").iter(f"{c}pt")}
                title = ser.find(f"{c}tx").find(f".//{c}v").text
                found[sheet, title, by] = {n: points[i] for i, n in enumerate(names) if i in points}
    return found


def moved_sheets(moved: set[tuple[str, str]]) -> set[str]:
    return {sheet for sheet, _ in moved}


def test_sample_is_right_from_the_start(book: Path, plain_book: Path) -> None:
    compare(book)
    compare(plain_book)


def test_one_order(book: Path, tmp_path: Path) -> None:
    """A large order of the picked customer lifts its score; nobody else's score moves."""
    picked = figure(book, "EvaluationCustomer")
    orders = recompute.read_table(book, "Orders")
    row = next(i for i, o in orders.iterrows() if o["客户编号"] == picked and o["订单日期"] > dt.datetime(2024, 1, 1))
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Orders", int(row), "金额(元)", 3_000_000.0))
    compare(path)
    assert {"客户评分", "客户关系识别评估表", "等级与策略", "模型校准", "历史快照"} & moved_sheets(moved) >= {
        "客户评分", "客户关系识别评估表", "等级与策略",
    }  # fmt: skip
    line = recompute.read_table(path, "Scores")["客户编号"].tolist().index(picked) + 5
    assert {c.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for s, c in moved if s == "客户评分"} == {str(line)}
    assert {c for s, c in moved if s in INPUT_SHEETS} == {f"{letters_of(path, 'Orders')['金额(元)']}{int(row) + 2}"}


def test_one_weight(book: Path, tmp_path: Path) -> None:
    """Everybody's total, the page, the levels; the scores of indicators stay; the change is logged once."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Indicators", 9, "权重(%)", 30.0))
    compare(path)
    where = letters_of(path, "Scores")
    touched = {c.rstrip("0123456789") for s, c in moved if s == "客户评分"}
    assert touched <= {where[h] for h in ("综合得分", "完整度", "客户关系等级", "距下一级(分)", "提升建议")}
    assert {where["综合得分"], where["完整度"]} <= touched
    assert not any(s in INPUT_SHEETS for s, _ in moved)
    log = recompute.read_table(path, "WeightLog")
    assert len(log) == 13
    last = log.iloc[-1]
    assert (last["指标"], last["原权重(%)"], last["新权重(%)"]) == ("满意度评分", 8, 30)
    assert figure(path, "IndicatorsTotal") == 122
    weights = recompute.read_table(path, "DimensionWeights").set_index("评估维度")["权重(%)"]
    assert weights["满意度与忠诚度"] == 42
    assert chart_series(path)["指标与权重", "权重(%)", "评估维度"]["满意度与忠诚度"] == 42
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_one_survey_answer(book: Path, tmp_path: Path) -> None:
    """A new answer of the picked customer: satisfaction and likelihood to recommend of this one alone."""
    picked = figure(book, "EvaluationCustomer")
    surveys = recompute.read_table(book, "Surveys")
    answer = {"日期": dt.datetime(2024, 6, 29), "客户编号": picked, "满意度(1-5)": 5.0, "推荐意愿(0-10)": 10.0}
    line = len(surveys) + 2

    def edit(path: Path) -> None:
        editor = Editor(path)
        sheet, _, headers, (_, left, _, _) = editor.table("Surveys")
        for header, value in answer.items():
            editor.set(sheet, f"{letters(left + headers.index(header))}{line}", value)
        editor.resize("Surveys", len(surveys) + 1)
        editor.save()

    path, moved = changed(book, tmp_path, edit)
    expected = compare(path).set_index("客户编号")
    assert expected["满意度评分"][picked] == expected["推荐意愿"][picked] == 5
    rows = {c.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for s, c in moved if s == "客户评分"}
    assert rows == {str(expected.index.tolist().index(picked) + 5)}
    assert {s for s in moved_sheets(moved) if s in INPUT_SHEETS} == {"满意度调查"}


def test_one_band_and_its_words(book: Path, tmp_path: Path) -> None:
    """A band of contacts and its words: scores of that indicator, and what the page says it takes."""
    bands = recompute.read_table(book, "Bands")
    row = int(bands[(bands["指标"] == "近6个月沟通频次") & (bands["得分"] == 3)].index[0])

    def edit(path: Path) -> None:
        set_table_cell(path, "Bands", row, "下限", 4.0)
        set_table_cell(path, "Bands", row, "行为表现", "4-11次")

    path, moved = changed(book, tmp_path, edit)
    compare(path)
    where = letters_of(path, "Scores")
    others = {where[n] for key, (n, _) in again.NAMES.items() if key != "contacts_6m"}
    assert not {c.rstrip("0123456789") for s, c in moved if s == "客户评分"} & others
    assert where["近6个月沟通频次"] in {c.rstrip("0123456789") for s, c in moved if s == "客户评分"}


@pytest.mark.parametrize(
    ("edges", "labels"),
    [
        ([55.0, None], ["重点", "一般"]),
        ([80.0, 60.0, 45.0, None], ["深度合作", "一般合作", "潜在合作", "流失风险"]),
        ([None, 30.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0], [f"{n}星" for n in range(1, 10)]),
    ],
)
def test_other_levels(book: Path, tmp_path: Path, edges: list[float | None], labels: list[str]) -> None:
    """Two to nine levels, in any order, with any names; the user's words stay with a level that is gone."""

    def edit(path: Path) -> None:
        set_table_cell(path, "LevelPlan", 2, "负责人", "王芳")
        type_rows(path, "Levels", {"下限": edges, "等级": labels})

    path, _ = changed(book, tmp_path, edit)
    compare(path)
    plan = recompute.read_table(path, "LevelPlan").set_index("客户关系等级")
    ranked = sorted(zip(edges, labels, strict=True), key=lambda e: e[0] or 0.0, reverse=True)
    assert plan.index.tolist() == [*(n for _, n in ranked), "信息待完善", "三级(普通客户)"]
    assert plan["负责人"]["三级(普通客户)"] == "王芳"
    assert plan["客户数"]["三级(普通客户)"] == 0
    if "深度合作" in labels:
        assert all(plan["差异化策略建议"][n] for n in labels)
    assert [x for x in lint(path, ours=True) if "inlineStr" not in x and "sharedStrings" not in x] == []


def test_an_indicator_of_the_users_own(book: Path, tmp_path: Path) -> None:
    """A column of Customers as a thirteenth indicator: it counts at once, and shows in a column of its name."""
    name = "潜在价值(1-5)"
    customers = recompute.read_table(book, "Customers")

    def edit(path: Path) -> None:
        editor = Editor(path)
        sheet, _, headers, (top, left, _, _) = editor.table("Customers")
        for i in range(len(customers)):
            value = None if i % 7 == 0 else "高" if i % 11 == 0 else float(1 + i % 5)
            editor.set(sheet, f"{letters(left + headers.index(name))}{top + 1 + i}", value)
        editor.save()
        for table, row in (
            ("Indicators", {"评估维度": "价值贡献", "指标": name, "权重(%)": 20.0}),
            ("Bands", {"指标": name, "下限": 4.0, "得分": 5.0, "行为表现": "4分以上"}),
            ("Bands", {"指标": name, "得分": 2.0, "行为表现": "4分以下"}),
        ):
            add_row(path, table, row)

    path, _ = changed(book, tmp_path, edit)
    expected = again.scores(path, AS_OF, (name,))
    shown = recompute.read_table(path, "Scores")
    assert [near(a, b) for a, b in zip(shown["综合得分"], expected["综合得分"], strict=True)] == [True] * len(shown)
    # without a column of its own the page cannot show it: it says so and shows no wrong total
    assert figure(path, "EvaluationTotal") in (None, "")
    assert area(path, "EvaluationScore")[12] == "无此列"
    assert "加一列" in area(path, "EvaluationCondition")[12]
    add_column(path, "Scores", name)
    add_column(path, "Scores", "我的备注", ["先拜访"])
    crm_xl.refresh(path, as_of=AS_OF)
    compare(path, own=(name,))
    assert recompute.read_table(path, "Scores")["我的备注"][0] == "先拜访"
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def add_row(path: Path, table: str, cells: dict[str, Any]) -> None:
    """A row typed below a table."""
    editor = Editor(path)
    sheet, _, headers, (top, left, bottom, _) = editor.table(table)
    for header, value in cells.items():
        editor.set(sheet, f"{letters(left + headers.index(header))}{bottom + 1}", value)
    editor.resize(table, bottom - top + 1)
    editor.save()


def add_column(path: Path, table: str, header: str, values: list[Any] | None = None) -> None:
    """A column typed to the right of a table."""
    editor = Editor(path)
    sheet, element, headers, (top, _, bottom, right) = editor.table(table)
    editor.set(sheet, f"{letters(right + 1)}{top}", header)
    for i, value in enumerate(values or []):
        editor.set(sheet, f"{letters(right + 1)}{top + 1 + i}", value)
    columns = next(e for e in element if e.tag.endswith("}tableColumns"))
    etree.SubElement(columns, columns[0].tag, id=str(1 + max(int(c.get("id")) for c in columns)), name=header)
    columns.set("count", str(len(headers) + 1))
    first = element.get("ref").split(":")[0]
    ref = f"{first}:{letters(right + 1)}{bottom}"
    element.set("ref", ref)
    for part in element:
        if part.tag.endswith("}autoFilter"):
            part.set("ref", ref)
    editor.save()


@pytest.mark.parametrize("who", ["C006", "by name", "nobody", None])
def test_picking_another_customer(plain_book: Path, tmp_path: Path, who: str | None) -> None:
    """The page follows at the next calculation, without a refresh; the refresh then writes the same."""
    need(libreoffice.available(), "LibreOffice is not installed")
    customers = recompute.read_table(plain_book, "Customers").set_index("客户编号")
    path = tmp_path / "picked.xlsx"
    path.write_bytes(plain_book.read_bytes())
    set_name(path, "EvaluationCustomer", customers["客户名称"]["C010"] if who == "by name" else who)
    live = libreoffice.recalculate(path, tmp_path)
    crm_xl.refresh(path, as_of=AS_OF)
    singles = ("Name", "Total", "Level", "Completeness", "Gap", "Check", "Agrees", "Lift", "Strategy", "SumWeight")
    for name in (*PAGE, *singles):
        one, two = area(live, f"Evaluation{name}"), area(path, f"Evaluation{name}")
        assert [near(a, None if b == "" else b) for a, b in zip(one, two, strict=True)] == [True] * len(one), name
    if who in ("nobody", None):
        assert figure(path, "EvaluationName") in (None, "" if who is None else "没有这个客户", "没有这个客户")
        assert all(v in (None, "") for v in (*area(path, "EvaluationScore"), figure(path, "EvaluationTotal")))
    else:
        assert figure(path, "EvaluationName") == customers["客户名称"]["C010" if who == "by name" else who]
        assert figure(path, "EvaluationTotal") > 20


def test_half_years(book: Path, tmp_path: Path) -> None:
    """A refresh in the next half-year: its rows, the churn of those who had the level at its start."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    later = dt.date(2024, 9, 20)
    crm_xl.refresh(path, as_of=later)
    history = recompute.read_table(path, "History")
    start = history[history["日期"] == dt.datetime(2024, 6, 30)].set_index("客户编号")
    end = history[history["日期"] == dt.datetime(2024, 9, 20)].set_index("客户编号")
    table = recompute.read_table(path, "Calibration")
    rows = table[table["半年"] == "2024年下半年"].set_index("客户关系等级")
    assert set(table["半年"]) >= {"2024年上半年", "2024年下半年"}
    for name, row in rows.iterrows():
        now = int((end["客户关系等级"] == name).sum())
        assert row["客户数"] == now and row["占比"] == pytest.approx(now / len(end))
        assert row["客户数变化"] == now - int((start["客户关系等级"] == name).sum())
        mine = start[(start["客户关系等级"] == name) & start["活跃状态"].isin(["活跃", "低频"])]
        lost = (end["活跃状态"].reindex(mine.index) == "流失").sum()
        assert near(row["流失率"], lost / len(mine) if len(mine) else None), name
    assert figure(path, "NextCalibration") == dt.datetime(2024, 12, 30)
    assert figure(path, "CalibrationState") == "未到期"
    crm_xl.refresh(path, as_of=dt.date(2024, 12, 30))
    assert figure(path, "CalibrationState") == "已到期，请校准"


def test_the_users_words_stay(book: Path, tmp_path: Path) -> None:
    def edit(path: Path) -> None:
        set_table_cell(path, "LevelPlan", 1, "预期目标", "半年内两家升一级")
        set_table_cell(path, "WeightLog", 0, "调整原因", "初始设定")

    path, moved = changed(book, tmp_path, edit)
    assert len(moved) == 2
    crm_xl.refresh(path, as_of=dt.date(2024, 8, 1))
    assert recompute.read_table(path, "LevelPlan")["预期目标"][1] == "半年内两家升一级"
    assert recompute.read_table(path, "WeightLog")["调整原因"][0] == "初始设定"


Edit = Callable[[Path], None]
BAD: dict[str, Edit] = {
    "weight is a text": lambda p: set_table_cell(p, "Indicators", 0, "权重(%)", "十五"),
    "an indicator twice": lambda p: set_table_cell(p, "Indicators", 1, "指标", "年采购金额(万元)"),
    "a band without a score": lambda p: set_table_cell(p, "Bands", 0, "得分", None),
    "a level without a name": lambda p: set_table_cell(p, "Levels", 0, "等级", None),
}


@pytest.mark.parametrize("case", BAD)
def test_broken_rules_give_nothing_and_a_finding(book: Path, tmp_path: Path, case: str) -> None:
    path, _ = changed(book, tmp_path, BAD[case])
    assert any(f.severity == "error" for f in check(path).findings)
    assert recompute.read_table(path, "Scores")["客户关系等级"].isna().all()
    assert figure(path, "EvaluationTotal") in (None, "")
    assert "错误" in figure(path, "EvaluationNote")
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_more_indicators_than_the_page_holds(book: Path, tmp_path: Path) -> None:
    def edit(path: Path) -> None:
        for i in range(9):
            add_row(path, "Indicators", {"评估维度": "其他", "指标": f"指标{i}", "权重(%)": 0.0})

    path, _ = changed(book, tmp_path, edit)
    assert "20 个指标" in figure(path, "EvaluationNote")
    assert figure(path, "EvaluationTotal") in (None, "")
    rules = [f.rule for f in check(path).findings]
    assert rules.count("indicator_unknown") == rules.count("indicator_no_bands") == 9


def test_no_customers_at_all(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    crm_xl.new_workbook(path, template=TEMPLATE, lang="en", as_of=AS_OF)
    plan = recompute.read_table(path, "LevelPlan")
    assert plan["Customers"].tolist() == plan["Share"].tolist() == [0] * 5
    assert all(v in (None, "") for v in plan["Repeat purchase rate"])
    errors = [c.coordinate for s in recompute.load(path) for row in s.iter_rows() for c in row if c.data_type == "e"]
    assert errors == []


def test_history_of_an_older_workbook(book: Path, tmp_path: Path) -> None:
    """A history without levels and scores, with dates in the future and twice: it goes on working."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    history = recompute.read_table(book, "History")
    days = [d.to_pydatetime() for d in pd.to_datetime(history["日期"])]
    days[:3] = [dt.datetime(2031, 1, 1)] * 3
    type_rows(path, "History", {"日期": days, "客户关系等级": [None] * len(days), "综合得分": [None] * len(days)})
    editor = Editor(path)
    sheet, element, headers, (top, left, _, _) = editor.table("History")
    columns = next(e for e in element if e.tag.endswith("}tableColumns"))
    for column, header in zip(columns, headers, strict=True):
        if header in ("客户关系等级", "综合得分"):
            column.set("name", f"旧{header}")
            editor.set(sheet, f"{letters(left + headers.index(header))}{top}", f"旧{header}")
    editor.save()
    crm_xl.refresh(path, as_of=AS_OF)
    table = recompute.read_table(path, "Calibration")
    assert not len(table) or set(table["半年"]) == {"2024年上半年"}
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_the_page_prints_on_one_sheet(book: Path) -> None:
    setup = openpyxl.load_workbook(book)["客户关系识别评估表"]
    assert setup.sheet_properties.pageSetUpPr.fitToPage
    # left out, it is one page
    assert {setup.page_setup.fitToWidth, setup.page_setup.fitToHeight} <= {None, 1}
