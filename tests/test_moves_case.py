"""The page about one customer: whoever is picked, it shows what the tables say, with and without a refresh."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crm_xl
from tests.support import recompute
from tests.support import recompute_case as again
from tests.support.editing import Editor, letters, set_name, set_table_cell, type_rows
from tests.support.lint import lint
from tests.test_moves import changed
from tests.test_moves_accounts import compare_charts, near

AS_OF = dt.date(2024, 6, 30)
TEMPLATE = "case-analysis"
CASE = "客户案例"
LIST_COLUMNS = (0, 1, 2, 3, 6, 7)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "book.xlsx"
    crm_xl.new_workbook(path, template=TEMPLATE, sample=True, as_of=AS_OF, formulas="values")
    return path


def area(path: Path, name: str) -> list[list[Any]]:
    workbook = recompute.load(path)
    sheet, ref = next(iter(workbook.defined_names[name].destinations))
    cells = workbook[sheet][ref.replace("$", "")]
    return [[c.value for c in row] for row in cells] if isinstance(cells, tuple) else [[cells.value]]


def compare(shown: Path, picked: str | None, tables: Path | None = None, as_of: dt.date = AS_OF) -> dict[str, Any]:
    """The page in `shown` is what the tables (of `tables`) say about the picked customer."""
    expected = again.page(tables or shown, picked, as_of)
    assert near(area(shown, "CaseName")[0][0], expected["CaseName"])
    for block in again.FACTS:
        cells = area(shown, block)
        found = {row[i]: row[i + 1] for row in cells for i in range(0, 8, 2)}
        assert list(found) == list(expected[block])
        for label, value in expected[block].items():
            assert near(found[label], value), (block, label, found[label], value)
    for block in [*again.LOGS, "CaseStrategies"]:
        _, *lines = area(shown, block)
        columns = range(4) if block in ("CaseTrend", "CaseStrategies") else LIST_COLUMNS
        found_lines = [[line[i] for i in columns] for line in lines]
        wanted = expected[block] + [[None] * len(columns)] * (len(lines) - len(expected[block]))
        for line, cells in zip(found_lines, wanted, strict=True):
            for one, other in zip(line, cells, strict=True):
                assert near(one, other), (block, line, cells)
    return expected


def somebody(path: Path, **wanted: str) -> str:
    """The id of the first customer with these cells."""
    table = recompute.read_table(path, "Customers")
    return next(str(r["客户编号"]) for _, r in table.iterrows() if all(r[k] == v for k, v in wanted.items()))


def test_starts_with_the_largest_customer(book: Path) -> None:
    orders = recompute.read_table(book, "Orders")
    largest = orders.assign(a=orders["金额(元)"].astype(float)).groupby("客户编号")["a"].sum().idxmax()
    assert area(book, "CaseCustomer") == [[largest]]
    expected = compare(book, largest)
    assert len(expected["CaseOrders"]) == 5
    assert len(expected["CaseTrend"]) == 6
    assert {line[0] for line in expected["CaseStrategies"]} == {"沟通", "服务", "营销"}
    assert lint(book, ours=True) == []
    compare_charts(book, least=6)


def pick(book: Path, kind: str) -> str | None:
    if kind == "lost":
        return somebody(book, 活跃状态="流失")
    if kind == "prospect":
        return somebody(book, 客户类型标签="潜在客户")
    if kind == "odd":  # neither a pattern nor a number: two ids that differ in the last of 18 digits
        return "913200002024060172"
    return {"name": "A*贸易有限公司", "unknown": "A*", "nobody": None}[kind]


def test_other_picks_after_a_refresh(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "picked.xlsx"
    path.write_bytes(book.read_bytes())
    for kind in ("lost", "name", "odd", "unknown", "prospect", "nobody"):
        set_name(path, "CaseCustomer", pick(book, kind))
        crm_xl.refresh(path, as_of=AS_OF)
        compare(path, pick(book, kind))
        compare_charts(path, least=6)
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def test_a_pick_moves_the_page_and_nothing_else(book: Path, tmp_path: Path) -> None:
    _, moved = changed(book, tmp_path, lambda p: set_name(p, "CaseCustomer", pick(book, "lost")))
    assert {sheet for sheet, _ in moved} == {CASE}


def test_new_lines_of_the_logs(book: Path, tmp_path: Path) -> None:
    """An order, a contact, a need, a complaint, a survey answer and points: each shows in its place."""
    picked = area(book, "CaseCustomer")[0][0]

    def edit(path: Path) -> None:
        day = dt.datetime(2024, 6, 29)
        for table, cells in (
            ("Orders", {"订单日期": day, "金额(元)": 123_456.0, "产品": "新产品"}),
            ("Interactions", {"日期": day, "内容": "新的联系"}),
            ("Needs", {"日期": day, "需求": "新的需求"}),
            ("Complaints", {"日期": day, "内容": "新的投诉"}),
            ("Surveys", {"日期": day, "满意度(1-5)": 2, "反馈": "新的反馈"}),
            ("Loyalty", {"日期": day, "积分变动": 777.0}),
        ):
            for header, value in {"客户编号": picked, **cells}.items():
                set_table_cell(path, table, 0, header, value)

    path, moved = changed(book, tmp_path, edit)
    expected = compare(path, picked)
    assert expected["CaseOrders"][0][3] == "新产品"
    assert expected["CaseContacts"][0][3] == "新的联系"
    assert expected["CaseNeeds"][0][3] == "新的需求"
    assert expected["CaseComplaints"][0][3] == "新的投诉"
    assert expected["CaseSurveys"][0][3] == "新的反馈"
    assert CASE in {sheet for sheet, _ in moved}


def test_one_strategy(book: Path, tmp_path: Path) -> None:
    """The user's own text and category show; those for other labels move nothing here."""
    library = recompute.read_table(book, "Strategies")
    shown = area(book, "CaseStrategies")[1][1]
    row = next(i for i, s in library.iterrows() if s["标签"] == shown)
    other = next(i for i, s in library.iterrows() if s["标签"] == "低价值流失客户")

    def edit(path: Path) -> None:
        set_table_cell(path, "Strategies", int(row), "策略", "我们自己的做法")
        set_table_cell(path, "Strategies", int(row), "类别", "营销")
        set_table_cell(path, "Strategies", int(other), "策略", "别的做法")

    path, moved = changed(book, tmp_path, edit)
    expected = compare(path, area(book, "CaseCustomer")[0][0])
    assert ["营销", shown] in [line[:2] for line in expected["CaseStrategies"]]
    on_page = {cell for sheet, cell in moved if sheet == CASE}
    assert on_page
    assert not any("别的做法" in str(c) for line in area(path, "CaseStrategies") for c in line)


def test_hostile_logs(book: Path, tmp_path: Path) -> None:
    """Dates as text, later days, ids as numbers, no id at all: such lines show nothing, the others stay right."""
    picked = area(book, "CaseCustomer")[0][0]

    def edit(path: Path) -> None:
        for row, (header, value) in enumerate(
            (("日期", "昨天"), ("日期", dt.datetime(2030, 1, 1)), ("客户编号", None), ("客户编号", 1001))
        ):
            set_table_cell(path, "Interactions", row, "客户编号", picked)
            set_table_cell(path, "Interactions", row, header, value)

    path, _ = changed(book, tmp_path, edit)
    compare(path, picked)


def test_a_column_that_is_gone_shows_nothing(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    editor = Editor(path)
    sheet, element, headers, (top, left, _, _) = editor.table("Customers")
    at = headers.index("所属行业")
    for column in element.iter("{*}tableColumn"):
        if column.get("name") == "所属行业":
            column.set("name", "我的行业")
    editor.set(sheet, f"{letters(left + at)}{top}", "我的行业")
    editor.save()
    crm_xl.refresh(path, as_of=AS_OF)
    found = {row[i]: row[i + 1] for row in area(path, "CaseFacts") for i in range(0, 8, 2)}
    assert found["所属行业"] in (None, "")
    assert found["区域"]


def test_later(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "later.xlsx"
    path.write_bytes(book.read_bytes())
    later = dt.date(2024, 8, 15)
    crm_xl.refresh(path, as_of=later)
    expected = compare(path, area(book, "CaseCustomer")[0][0], as_of=later)
    assert expected["CaseTrend"][-1][0] == pd.Timestamp(later)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_customers_at_all(tmp_path: Path, lang: Any) -> None:
    path = tmp_path / "empty.xlsx"
    crm_xl.new_workbook(path, template=TEMPLATE, lang=lang, as_of=AS_OF)
    for block in again.FACTS:
        assert not any(row[i] for row in area(path, block) for i in (1, 3, 5, 7))
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False
    assert lint(path, ours=True) == []


def test_improvements_are_the_users(book: Path, tmp_path: Path) -> None:
    columns = {"类型": ["客户反馈"], "内容": ["缩短报修时间"], "责任人": ["陈立新"], "结果": ["已完成"]}
    _, moved = changed(book, tmp_path, lambda p: type_rows(p, "Improvements", columns))
    assert {sheet for sheet, _ in moved} == {"持续改进"}
