"""Certain headers are right, near misses are never certain: the data behind the constants."""

from __future__ import annotations

import pytest

from crm_xl.sources.mapping import Header, asked, match_header, understand
from crm_xl.sources.resemblance import ASK, CERTAIN, candidates
from crm_xl.vocabulary.fields import LANGS
from crm_xl.vocabulary.header_words import is_footer, is_total, split_scale, unit_note
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS, ORDERS
from tests.sources.headers import NEAR_MISSES, SURE


@pytest.mark.parametrize(("header", "key"), SURE.items())
def test_the_same_written_otherwise_is_certain(header: str, key: str) -> None:
    named = match_header(CUSTOMERS, header)
    found = candidates(CUSTOMERS, header)
    if named is not None:
        assert named[0].key == key
    elif key:
        assert (found[0].field.key, found[0].score >= CERTAIN) == (key, True), found
    else:
        assert found[0].score < CERTAIN


@pytest.mark.parametrize("header", NEAR_MISSES)
def test_what_only_looks_alike_is_never_certain(header: str) -> None:
    assert match_header(CUSTOMERS, header) is None
    assert all(c.score <= 0.85 for c in candidates(CUSTOMERS, header)), candidates(CUSTOMERS, header)


def test_every_own_header_without_a_letter_is_never_another_field() -> None:
    """A header with a character too few is asked about or still that field: it never becomes another one."""
    for table in (CUSTOMERS, ORDERS):
        for field in table.fields:
            for name in (field.zh, field.en):
                for i in range(len(name)):
                    cut = name[:i] + name[i + 1 :]
                    if match_header(table, cut) is not None:
                        continue
                    sure = [c for c in candidates(table, cut) if c.score >= CERTAIN]
                    assert all(c.field is field for c in sure), (name, cut, sure)


def test_initials_are_only_a_question() -> None:
    found = candidates(CUSTOMERS, "KHMC")
    assert [(c.field.key, c.how) for c in found][:1] == [("customer_name", "initials")]
    assert ASK <= found[0].score < CERTAIN


def test_values_that_do_not_fit_make_a_question() -> None:
    def look(header: str, cells: list[object]) -> tuple[str | None, list[str]]:
        understood = understand([Header("客户编号"), Header(header)], [["C1", "C2"], cells], CUSTOMERS)
        field = understood.matches[1].field
        return field.key if field else None, [q.why for q in understood.questions]

    assert look("zuijin hezuo shijian", ["2024-01-02", "2024-02-03"]) == ("last_order", [])
    assert look("zuijin hezuo shijian", ["三天前", "上周"]) == (None, ["values"])
    assert look("联系方式", ["138 1234 5678", "13912345678"]) == ("phone", [])
    assert look("联系方式", ["微信", "邮件"]) == (None, ["values"])
    assert look("状态", ["跟进中", "已成交"]) == ("follow_up", [])
    assert look("状态", ["启用", "停用"]) == (None, ["values"])
    assert look("年消费金额", [1_520_000, 880_000]) == (None, ["unit"])
    assert look("毛利率", [35, 28.5]) == (None, ["unit"])
    assert look("联系人", ["a@b.com", "c@d.com"]) == (None, ["values"])


def test_general_words_in_a_log() -> None:
    def look(headers: list[str], columns: list[list[object]]) -> dict[str, str]:
        understood = understand([Header(h) for h in headers], columns, ORDERS)
        return {m.header: m.field.key for m in understood.matches if m.field}

    days: list[object] = ["2024-01-02", "2024-02-03"]
    amounts: list[object] = [5, 6]
    ids: list[object] = ["C1", "C2"]
    assert look(["客户编号", "日期", "金额"], [ids, days, amounts])["日期"] == "order_date"
    assert "日期" not in look(["客户编号", "日期", "发货日期", "金额"], [ids, days, days, amounts])
    assert "金额" not in look(["客户编号", "下单日期", "金额", "折后金额"], [ids, days, amounts, amounts])
    assert "编号" not in look(["编号", "下单日期", "金额"], [ids, days, amounts])
    assert "Price" not in look(["Customer ID", "Order date", "Price", "Quantity"], [ids, days, amounts, amounts])


def test_questions_are_told_in_both_languages() -> None:
    headers = ["客户编号", "手机", "电话", "负贡人", "年消费金额", "状态", "毛利率"]
    columns: list[list[object]] = [
        ["C1", "C2"], ["13812345678"] * 2, ["13912345678"] * 2, ["小王"] * 2, [900_000] * 2, ["启用"] * 2, [35, 36],
    ]  # fmt: skip
    understood = understand([Header(h) for h in headers], columns, CUSTOMERS)
    assert [q.why for q in understood.questions] == ["two_columns", "two_columns", "alike", "unit", "values", "unit"]
    for question in understood.questions:
        told = asked(question)
        for lang in LANGS:
            text = message(told.key, lang, **told.values)
            assert "{" not in text and f'--map "{question.handle}=' in text
    unit = asked(understood.questions[3])
    assert '--map "年消费金额=年消费金额(元)"' in message(unit.key, "zh", **unit.values)


@pytest.mark.parametrize(
    ("header", "stem", "factor"),
    [
        ("年消费（单位：千元）", "年消费", 1e3), ("金额/万元", "金额", 1e4), ("消费金额千元", "消费金额", 1e3),
        ("金额 (CNY '000)", "金额", 1e3), ("营收(百万元)", "营收", 1e6), ("营收[亿元]", "营收", 1e8),
        ("企业规模（千人）", "企业规模", 1e3), ("Spend (k)", "Spend", 1e3),
    ],
)  # fmt: skip
def test_units_in_headers(header: str, stem: str, factor: float) -> None:
    found = split_scale(header)
    assert found[1] is not None
    assert (found[0], found[1].factor) == (stem, factor)


@pytest.mark.parametrize(
    "header", ["金额(美元)", "金额(万美元)", "金额美元", "单价元", "人数", "Amount (USD)", "合作时长(月)"]
)
def test_no_unit_of_ours(header: str) -> None:
    assert split_scale(header) == (header, None)


def test_unit_notes() -> None:
    for text, factor in {
        "单位：万元": 1e4,
        "客户明细 (单位: 千元)": 1e3,
        "金额单位为元": 1.0,
        "Unit: CNY": 1.0,
    }.items():
        note = unit_note(text)
        assert note is not None and [s.factor for s in note.scales] == [factor]
    dollars = unit_note("单位：万美元")
    assert dollars is not None and (dollars.scales, dollars.unknown) == ((), "万美元")
    assert unit_note("客户明细表") is None


def test_totals_and_footers() -> None:
    assert all(map(is_total, ["合计", "小 计：", "总计(元)", "华东小计", "Total", "Grand Total", "Sub-total:"]))
    assert not any(map(is_total, ["上海总计科技", "C001", "合计划公司", "Total Energies", ""]))
    assert all(
        map(is_footer, ["制表人：小王", "第 1 页", "共 120 条记录", "Page 1 of 3", "备注：含税", "导出时间：2024"])
    )
    assert not any(map(is_footer, ["注册公司", "共创科技", "第一商贸", "说明书印刷厂", "Page Industries"]))
