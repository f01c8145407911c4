from __future__ import annotations

from typing import Any

import pytest

from crm_xl.cells import VALUE_ERROR
from crm_xl.functions import MASK, SEGMENT_TAG, STRATEGY
from crm_xl.vocabulary.strategy_texts import STRATEGY_TEXTS

TABLE = [
    ["体系", "标签", "类别", "部门", "策略", "预算", "实际投入"],
    ["segment", "高价值活跃客户", "沟通", "销售", "拜访", None, None],
    ["segment", "高价值活跃客户", "服务", "客服", "专线", 100, None],
    ["segment", "活跃", "沟通", "销售", "电话", None, None],
    ["segment", "高价值", "沟通", "销售", "礼品", None, None],
    ["segment", "沉睡", "营销", "市场", "唤醒", None, None],
    ["level", "一级(核心客户)", "服务", "客服", "专人", None, None],
    ["Segment", "华东", "沟通", "销售", None, None, None],
]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("高价值活跃客户", "拜访\n专线"),
        ("高价值活跃制造业客户", "拜访\n专线"),
        ("制造业高价值活跃客户", "拜访\n专线"),
        ("中价值活跃客户", "电话"),
        ("高价值沉睡客户", "唤醒"),
        ("高价值低频客户", "礼品"),
        ("低价值低频客户", ""),
        ("华东", ""),
        ("", "信息待完善"),
        (None, "信息待完善"),
        (VALUE_ERROR, VALUE_ERROR),
        (True, VALUE_ERROR),
    ],
)
def test_exact_then_both_then_activity_then_value(tag: Any, text: str) -> None:
    assert STRATEGY(tag, None, TABLE) == text


def test_systems_are_apart() -> None:
    assert STRATEGY("一级(核心客户)", "level", TABLE) == "专人"
    assert STRATEGY("一级(核心客户)", "segment", TABLE) == ""
    assert STRATEGY("高价值活跃客户", "level", TABLE) == ""
    assert STRATEGY("一级(核心客户)", " LEVEL ", TABLE) == "专人"
    for system in ("", " ", None, [[None]], [["segment"]]):
        assert STRATEGY("活跃", system, TABLE) == "电话"
    for system in ("region", 1, [["level"], ["rfm"]], [], VALUE_ERROR):
        assert STRATEGY("活跃", system, TABLE) == VALUE_ERROR


def test_every_default_strategy_is_found() -> None:
    for text in STRATEGY_TEXTS:
        assert STRATEGY(text.label_zh, text.system) == text.zh
        assert STRATEGY(text.label_en, text.system, None, "en") == text.en


def test_default_strategy_of_a_crossed_tag() -> None:
    tag = SEGMENT_TAG("High-value", "Active", "Retail", "en")
    assert STRATEGY(tag, lang="en") == STRATEGY("High-value · Active", lang="en") != ""
    assert STRATEGY([["高价值活跃客户"], [None], ["什么"]]) == [[STRATEGY("高价值活跃客户")], ["信息待完善"], [""]]


def test_malformed_library() -> None:
    assert STRATEGY([["活跃"], ["x"]], None, [["segment", None, "", "", "x", None, None]]) == [[VALUE_ERROR]] * 2
    assert STRATEGY("活跃", None, [["segment", "活跃", "", "", "x", "很多", None]]) == VALUE_ERROR


def test_mask_through_the_function() -> None:
    asked = [["王小明"], [13812345678], [13812345678.0], ["a@b.com"], [None], [" "], [True], [VALUE_ERROR]]
    assert MASK(asked) == [
        ["王**"], ["138****5678"], ["138****5678"], ["a***@b.com"], [""], [""], [VALUE_ERROR], [VALUE_ERROR],
    ]  # fmt: skip
    assert MASK(MASK("王小明")) == "王**"
    assert MASK("王小明", "company") == "***"
    for kind in (None, "", " ", "AUTO", [["auto"]]):
        assert MASK("王小明", kind) == "王**"
    for kind in ("passport", 5, [["name"], ["id"]], []):
        assert MASK("王小明", kind) == VALUE_ERROR
