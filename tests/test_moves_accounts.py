"""Key accounts: what one order, weight, rating, survey answer, complaint, need or gift moves, and what it does not."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree

import crm_xl
from crm_xl.workflows.check import check
from tests.support import recompute
from tests.support import recompute_accounts as again
from tests.support.editing import Editor, letters, set_table_cell, type_rows
from tests.support.lint import lint
from tests.test_moves import changed, letters_of

AS_OF = dt.date(2024, 6, 30)
LATER = dt.date(2024, 8, 15)
TEMPLATE = "key-accounts"
INPUT_SHEETS = ("使用说明", "订单", "互动记录", "需求分析", "投诉", "满意度调查", "满意度问卷", "策略库", "参数")
CRITERIA = ("收入贡献", "合作年限", "潜在价值", "战略重要性", "购买频率")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("accounts") / "book.xlsx"
    crm_xl.new_workbook(path, template=TEMPLATE, sample=True, as_of=AS_OF)
    return path


def near(shown: Any, wanted: Any) -> bool:
    if wanted is None or (isinstance(wanted, float) and pd.isna(wanted)):
        return shown in (None, "")
    return bool(shown == (pytest.approx(wanted, rel=1e-9, abs=1e-9) if isinstance(wanted, float) else wanted))


def figure(path: Path, name: str) -> Any:
    workbook = recompute.load(path)
    sheet, ref = next(iter(workbook.defined_names[name].destinations))
    return workbook[sheet][ref.replace("$", "")].value


def compare_table(path: Path, table: str, key: str, wanted: dict[str, dict[str, Any]]) -> None:
    shown = recompute.read_table(path, table).set_index(key)
    assert set(wanted) <= set(shown.index)
    for name, row in wanted.items():
        for header, value in row.items():
            assert near(shown[header][name], value), (table, name, header)
    for name in set(shown.index) - set(wanted):
        assert shown.iloc[:, 0][name] == 0, (table, name)


def compare(path: Path, as_of: dt.date = AS_OF) -> pd.DataFrame:
    """Every figure of every sheet is what the recomputation says."""
    expected = again.accounts(path, as_of)
    shown = recompute.read_table(path, "Accounts").set_index("客户编号", drop=False)
    assert set(shown["客户编号"]) == set(expected["客户编号"])
    grades = recompute.read_table(path, "Grades")
    edges = [float("-inf") if pd.isna(e) else e for e in grades["下限"]]
    order = [name for _, name in sorted(zip(edges, grades["级别"], strict=True), reverse=True)]
    before = again.last_grades(path, as_of)
    moved = {}
    for who, row in expected.iterrows():
        for header in ("大客户得分", "大客户级别", "是否大客户", *(c for c in CRITERIA if c in row)):
            assert near(shown[header][who], row[header]), (who, header)
        last = None if before is None else before.get(str(who))
        assert near(shown["上次级别"][who], last), who
        how = None if before is None else again.change(last, row["大客户级别"], order)
        assert near(shown["变化"][who], how), who
        if how not in (None, "不变"):
            moved[who] = (last, row["大客户级别"], how)
    scores = [s for s, g in zip(shown["大客户得分"], shown["大客户级别"], strict=True) if g in order]
    assert scores == sorted(scores, reverse=True)
    listed = recompute.read_table(path, "GradeChanges")
    told = (
        zip(listed["客户编号"], listed["原级别"], listed["新级别"], listed["变化"], strict=True) if len(listed) else ()
    )
    assert {who: (old, new, how) for who, old, new, how in told} == moved
    compare_counts(path, expected, moved)
    compare_table(path, "SatisfactionSummary", "指标", again.questions(path, as_of))
    compare_table(path, "SurveySources", "来源", again.sources(path, as_of))
    compare_table(path, "ComplaintSummary", "原因", again.causes(path, as_of))
    segments, quarters = again.by_segment(path, as_of), again.by_quarter(path, as_of)
    compare_table(path, "VoiceBySegment", "细分群体", segments)
    compare_table(path, "VoiceTrend", "季度", quarters)
    assert recompute.read_table(path, "VoiceBySegment")["细分群体"].tolist()[0] == "全部"
    assert len(recompute.read_table(path, "VoiceBySegment")) == len(segments)
    assert recompute.read_table(path, "VoiceTrend")["季度"].tolist() == list(quarters)
    assert near(figure(path, "SatisfactionNpsMargin"), segments["全部"]["NPS 误差(±)"])
    compare_table(path, "NeedSummary", "类别", again.needs(path, "类别"))
    compare_table(path, "NeedSensitivity", "敏感点", again.needs(path, "敏感点"))
    everywhere = again.sources(path, as_of)["全部"]
    for name, wanted in (
        ("SatisfactionMean", everywhere["平均满意度"]), ("SatisfactionCsat", everywhere["CSAT"]),
        ("SatisfactionNps", everywhere["NPS"]), ("NegativeOpen", everywhere["未处理负面反馈"]),
        ("ComplaintsYear", sum(c["次数"] for c in again.causes(path, as_of).values())),
    ):  # fmt: skip
        assert near(figure(path, name), wanted), name
    held = recompute.read_table(path, "LoyaltyBalances")
    assert dict(zip(held["客户编号"], held["余额"], strict=True)) == pytest.approx(again.balances(path))
    assert held["余额"].tolist() == sorted(held["余额"], reverse=True)
    compare_charts(path)
    return expected


def compare_counts(path: Path, expected: pd.DataFrame, moved: dict[Any, tuple[Any, Any, str]]) -> None:
    counts = recompute.read_table(path, "GradeCounts").set_index("大客户级别")
    spend = expected["年消费"].fillna(0).astype(float)
    for name in counts.index:
        mine = expected["大客户级别"] == name
        assert counts["客户数"][name] == mine.sum()
        assert counts["年消费总额(万元)"][name] == pytest.approx(spend[mine].sum(), abs=1e-6)
        assert counts["占比"][name] == pytest.approx(mine.mean())
        for header, how in (("升入", "上升"), ("降入", "下降"), ("新增", "新增")):
            assert counts[header][name] == sum(h == how and now == name for _, now, h in moved.values())
    assert counts["客户数"].sum() == len(expected)
    key = expected["是否大客户"] == "是"
    assert figure(path, "AccountsKey") == key.sum()
    assert figure(path, "AccountsShare") == pytest.approx(spend[key].sum() / spend.sum())


def compare_charts(path: Path, least: int = 20, only: Collection[str] = ()) -> None:
    """Every chart's cached series holds what its cells hold; `least`: cells that charts show; `only`: of these sheets."""
    c = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    workbook = recompute.load(path)
    seen = 0
    with zipfile.ZipFile(path) as archive:
        for part in (n for n in archive.namelist() if n.startswith("xl/charts/chart")):
            for series in etree.fromstring(archive.read(part)).iter(f"{c}ser"):
                for kind in ("cat", "val"):
                    where = series.find(f"{c}{kind}")
                    sheet, _, ref = where.find(f".//{c}f").text.rpartition("!")
                    if only and sheet.strip("'") not in only:
                        continue
                    cells = workbook[sheet.strip("'")][ref.replace("$", "")]
                    block = [x.value for line in cells for x in line] if isinstance(cells, tuple) else [cells.value]
                    cached = {int(p.get("idx")): p.find(f"{c}v").text for p in where.iter(f"{c}pt")}
                    for i, value in enumerate(block):
                        if isinstance(value, dt.datetime):
                            value = (value - dt.datetime(1899, 12, 30)).days
                        if isinstance(value, (int, float)):
                            assert float(cached[i]) == pytest.approx(value), (part, kind, i)
                        elif value:
                            assert cached[i] == str(value), (part, kind, i)
                        seen += 1
    assert seen >= least


def sheets(moved: set[tuple[str, str]]) -> set[str]:
    return {sheet for sheet, _ in moved}


def test_right_from_the_start(book: Path) -> None:
    expected = compare(book)
    assert {"B", "C", "信息待完善"} <= set(expected["大客户级别"])
    assert len(recompute.read_table(book, "GradeChanges"))
    assert lint(book, ours=True) == []


def test_one_order(book: Path, tmp_path: Path) -> None:
    """A very large order lifts its customer: score, grade, counts, changes with the reason."""
    orders = recompute.read_table(book, "Orders")
    shown = recompute.read_table(book, "Accounts").set_index("客户编号")
    row = next(
        i for i, o in orders.iterrows()
        if o["订单日期"] > dt.datetime(2024, 6, 1) and shown["大客户级别"][o["客户编号"]] == "C"
        and shown["收入贡献"][o["客户编号"]] == 1 and shown["潜在价值"][o["客户编号"]] >= 3
        and shown["上次级别"][o["客户编号"]] == "C"
    )  # fmt: skip
    who = orders["客户编号"][row]
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Orders", int(row), "金额(元)", 2_000_000.0))
    expected = compare(path)
    assert expected["大客户级别"][who] in ("A", "B")
    changes = recompute.read_table(path, "GradeChanges").set_index("客户编号")
    assert changes["变化"][who] == "上升"
    assert changes["主要原因"][who].startswith("年消费 ")
    edited = ("订单", f"{letters_of(path, 'Orders')['金额(元)']}{int(row) + 2}")
    assert {m for m in moved if m[0] in INPUT_SHEETS} == {edited}
    assert {"分级结果", "分级变动", "客户基础信息表", "历史快照"} <= sheets(moved)
    assert not {"需求汇总", "满意度与投诉分析", "积分", "分级标准"} & sheets(moved)


def test_one_weight(book: Path, tmp_path: Path) -> None:
    """A weight moves all scores; a sum that is not 100 is shown and found."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "AccountCriteria", 4, "权重(%)", 30.0))
    compare(path)
    assert figure(path, "CriteriaTotal") == 130
    assert figure(path, "CriteriaSaid") == "合计不是 100，按比例折算"
    found = [f for f in check(path, as_of=AS_OF).findings if f.sheet == "分级标准"]
    assert [f.rule for f in found] == ["rule_weights"]
    assert {"分级结果", "分级变动", "分级标准"} <= sheets(moved)
    assert not {"需求汇总", "满意度与投诉分析", "积分", *INPUT_SHEETS} & sheets(moved)


def test_one_band_and_one_grade(book: Path, tmp_path: Path) -> None:
    def edit(path: Path) -> None:
        set_table_cell(path, "AccountBands", 0, "下限", 60.0)
        set_table_cell(path, "Grades", 0, "下限", 70.0)

    path, _ = changed(book, tmp_path, edit)
    assert "A" in set(compare(path)["大客户级别"])


def test_other_labels_of_grades(book: Path, tmp_path: Path) -> None:
    names = ["VIP客户", "核心客户", "潜力客户"]
    path, _ = changed(book, tmp_path, lambda p: type_rows(p, "Grades", {"级别": names}))
    shown = recompute.read_table(path, "Accounts")
    assert set(shown["大客户级别"]) <= {*names, "信息待完善"}
    # what a grade of other labels was, nobody can compare
    assert not set(shown["变化"].dropna()) & {"上升", "下降"}
    assert not lint_of_us(path)


def lint_of_us(path: Path) -> list[str]:
    """Findings, the editor's own ways with texts aside."""
    return [x for x in lint(path, ours=True) if "inlineStr" not in x and "sharedStrings" not in x]


def test_own_criterion(book: Path, tmp_path: Path) -> None:
    """A criterion named after a column of the customer table counts; one that is no column is found."""

    def edit(path: Path) -> None:
        columns = {"标准": [*CRITERIA, "满意度评分(1-5)", "没有这一列"], "权重(%)": [30, 20, 20, 10, 0, 20, 0]}
        type_rows(path, "AccountCriteria", columns)

    path, _ = changed(book, tmp_path, edit)
    compare(path)
    rules = {f.rule for f in check(path, as_of=AS_OF).findings if f.sheet == "分级标准"}
    assert rules == {"rule_unknown_criterion"}


def test_the_users_mark_decides(book: Path, tmp_path: Path) -> None:
    shown = recompute.read_table(book, "Accounts").set_index("客户编号")
    table = recompute.read_table(book, "Customers")
    at = {g: next(i for i, w in enumerate(table["客户编号"]) if shown["大客户级别"][w] == g) for g in ("B", "C")}

    def edit(path: Path) -> None:
        set_table_cell(path, "Customers", at["B"], "是否大客户", "否")
        set_table_cell(path, "Customers", at["C"], "是否大客户", "是")

    path, moved = changed(book, tmp_path, edit)
    now = compare(path)
    assert now["是否大客户"][table["客户编号"][at["B"]]] == "否"
    assert now["是否大客户"][table["客户编号"][at["C"]]] == "是"
    assert sheets(moved) == {"分级结果", "客户基础信息表"}


def test_one_survey_answer(book: Path, tmp_path: Path) -> None:
    """An answer moves the satisfaction of its customer, the averages and the charts, and nothing of the grades."""
    surveys = recompute.read_table(book, "Surveys")
    row = next(i for i, s in surveys.iterrows() if s["满意度(1-5)"] == 5 and s["日期"] > dt.datetime(2024, 1, 1))

    def edit(path: Path) -> None:
        set_table_cell(path, "Surveys", int(row), "满意度(1-5)", 1)
        set_table_cell(path, "Surveys", int(row), "推荐意愿(0-10)", 0)
        set_table_cell(path, "Surveys", int(row), "正负面", "负面")

    path, moved = changed(book, tmp_path, edit)
    compare(path)
    assert figure(path, "NegativeOpen") == figure(book, "NegativeOpen") + 1
    assert {"满意度与投诉分析", "满意度调查", "客户基础信息表"} <= sheets(moved)
    assert not {"需求汇总", "积分", "分级标准", "分级变动"} & sheets(moved)


def test_one_complaint_and_one_need(book: Path, tmp_path: Path) -> None:
    complaints = recompute.read_table(book, "Complaints")
    row = next(i for i, c in complaints.iterrows() if c["状态"] == "处理中")

    def edit(path: Path) -> None:
        set_table_cell(path, "Complaints", int(row), "状态", "已解决")
        set_table_cell(path, "Complaints", int(row), "处理时长(小时)", 400.0)
        set_table_cell(path, "Needs", 0, "类别", "情感")
        set_table_cell(path, "Needs", 0, "状态", "未满足")

    path, moved = changed(book, tmp_path, edit)
    compare(path)
    assert figure(path, "ComplaintsOpen") == figure(book, "ComplaintsOpen") - 1
    assert {"满意度与投诉分析", "需求汇总"} <= sheets(moved)
    assert not {"分级结果", "分级变动", "分级标准", "积分"} & sheets(moved)


def test_one_gift(book: Path, tmp_path: Path) -> None:
    """Points of one line move the balances behind it, and the customer's."""
    lines = recompute.read_table(book, "Loyalty")
    who = lines["客户编号"].value_counts().index[0]
    row = next(i for i, w in enumerate(lines["客户编号"]) if w == who)
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Loyalty", row, "积分变动", 5000.0))
    compare(path)
    assert sheets(moved) == {"积分"}
    now = recompute.read_table(path, "Loyalty")
    mine = now["客户编号"] == who
    assert now[mine]["余额"].tolist() == now[mine]["积分变动"].cumsum().tolist()
    assert now[~mine]["余额"].tolist() == lines[lines["客户编号"] != who]["余额"].tolist()


def test_points_that_cannot_be_counted(book: Path, tmp_path: Path) -> None:
    """No points, a text, a later day: no balance. An unknown customer: an empty name, and it is said."""
    lines = recompute.read_table(book, "Loyalty")
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    set_table_cell(path, "Loyalty", 0, "积分变动", "很多")
    set_table_cell(path, "Loyalty", 1, "日期", dt.datetime(2025, 1, 1))
    set_table_cell(path, "Loyalty", 2, "客户编号", "无此客户")
    report = crm_xl.refresh(path, as_of=AS_OF)
    now = recompute.read_table(path, "Loyalty")
    assert now["余额"][:3].isna().tolist() == [True, True, False]
    held = recompute.read_table(path, "LoyaltyBalances").set_index("客户编号")
    assert held["客户名称"]["无此客户"] is None
    assert held["余额"]["无此客户"] == lines["积分变动"][2]
    assert any("无此客户" in note for note in report.notes)
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def test_notes_beside_the_accounts_follow_their_customer(book: Path, tmp_path: Path) -> None:
    """A column that the user adds to the sorted table stays with its customer when the order changes."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    editor = Editor(path)
    sheet, element, headers, (top, left, bottom, right) = editor.table("Accounts")
    # a header over the gap: the table takes in one more column
    column = letters(right + 1)
    editor.set(sheet, f"{column}{top}", "我的备注")
    editor.set(sheet, f"{column}{top + 1}", "跟紧")
    element.set("ref", f"{letters(left)}{top}:{column}{bottom}")
    element.find("{*}autoFilter").set("ref", element.get("ref"))
    columns = element.find("{*}tableColumns")
    columns.set("count", str(len(headers) + 1))
    ids = max(int(c.get("id")) for c in columns)
    etree.SubElement(columns, columns[0].tag, id=str(ids + 1), name="我的备注")
    editor.save()
    who = recompute.read_table(book, "Accounts")["客户编号"][0]
    set_table_cell(path, "AccountCriteria", 0, "权重(%)", 0.0)
    crm_xl.refresh(path, as_of=AS_OF)
    shown = recompute.read_table(path, "Accounts").set_index("客户编号")
    assert shown["我的备注"].dropna().to_dict() == {who: "跟紧"}
    assert shown.index[0] != who


def test_a_later_refresh_lists_the_changes_since(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "later.xlsx"
    path.write_bytes(book.read_bytes())
    crm_xl.refresh(path, as_of=LATER)
    compare(path, LATER)
    changes = recompute.read_table(path, "GradeChanges")
    assert set(changes["日期"]) == {pd.Timestamp(LATER)}
    assert crm_xl.refresh(path, as_of=LATER).changed is False


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_but_a_template(tmp_path: Path, lang: Any) -> None:
    """No customer, no line anywhere: empty tables, zeros, no error."""
    path = tmp_path / "empty.xlsx"
    crm_xl.new_workbook(path, template=TEMPLATE, lang=lang, as_of=AS_OF)
    assert figure(path, "AccountsKey") == 0
    assert figure(path, "AccountsShare") in (None, "")
    assert figure(path, "SatisfactionMean") in (None, "")
    assert figure(path, "SatisfactionNpsMargin") in (None, "")
    assert figure(path, "NegativeOpen") == 0
    assert len(recompute.read_table(path, "VoiceTrend")) == 0
    assert len(recompute.read_table(path, "GradeCounts")) == 3
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False
    assert lint(path, ours=True) == []
