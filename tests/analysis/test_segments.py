from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.compare import INCOMPLETE, UNCOVERED, at_least, edge_codes, half_up, rounded
from crm_xl.analysis.segments import (
    group_texts,
    join_tag,
    order_standing,
    share_edges,
    split_tag,
    tag_labels,
    value_codes,
)
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Group, ValueTier
from tests.functions import plain


def objects(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def test_thresholds_hold_from_the_edge_up_after_rounding() -> None:
    values = np.array([10, 10 - 4e-10, 10 - 6e-10, 9.99, np.nan, -3, 1e300])
    assert edge_codes(values, [10.0, 2.0, None]).tolist() == [0, 0, 1, 1, INCOMPLETE, 2, 0]
    assert at_least(values, 10).tolist() == [True, True, False, False, False, False, True]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-40, 40), min_size=1, max_size=6, unique=True), st.permutations(range(6)), st.integers(-50, 50)
)
def test_edges_in_any_order(edges: list[int], order: list[int], value: int) -> None:
    shuffled = [edges[i] for i in order if i < len(edges)]
    code = int(edge_codes(np.array([float(value)]), [float(e) for e in shuffled])[0])
    reached = [e for e in edges if value >= e]
    if reached:
        assert shuffled[code] == max(reached)
    else:
        assert code == (UNCOVERED if min(edges) > 0 else shuffled.index(min(edges)))


def test_rounding() -> None:
    assert half_up(np.array([0.005, 1.005, 2.675, -0.005, 89.995, 1e300])).tolist() == [
        0.01, 1.01, 2.68, -0.01, 90.0, 1e300,
    ]  # fmt: skip
    assert rounded(np.array([1e300, -1e300, 0.1 + 0.2])).tolist() == [1e300, -1e300, 0.3]
    assert np.isnan(rounded(np.array([np.nan, 1e300]))[0])


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6))
def test_half_up_as_on_paper(value: float) -> None:
    assert half_up(np.array([value]))[0] == plain.half_up(value)


def test_tiers_in_force() -> None:
    tiers = [
        ValueTier(lower=10, label="高", effective=50),
        ValueTier(lower=2, label="中", effective=20),
        ValueTier(lower=None, label="低", effective=0),
    ]
    assert value_codes(np.array([50.0, 49, 20, 19, 0, -1]), tiers).tolist() == [0, 1, 1, 2, 2, 2]


def test_shares_are_percentiles_of_those_who_spend() -> None:
    spend = np.array([0, -5, np.nan, *range(1, 12)], dtype=float)
    high, mid, low = share_edges(spend, [20, 60, 20])
    # PERCENTILE.INC of 1..11 at 80 % and 20 %
    assert (high, mid, low) == (pytest.approx(9), pytest.approx(3), None)
    positive = [float(x) for x in range(1, 12)]
    assert high == pytest.approx(plain.quantile(positive, 0.8))
    assert share_edges(np.array([0.0, np.nan]), [20, 60, 20]) == [None, None, None]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40))
def test_share_edges_against_the_definition(values: list[int]) -> None:
    spend = np.array(values, dtype=float)
    high, mid, _ = share_edges(spend, [20, 60, 20])
    assert high == pytest.approx(plain.quantile([float(v) for v in values], 0.8))
    assert mid == pytest.approx(plain.quantile([float(v) for v in values], 0.2))
    # equal amounts share a tier, whatever their place
    tiers = [ValueTier(lower=high, label="高"), ValueTier(lower=mid, label="中"), ValueTier(lower=None, label="低")]
    if high != mid:
        codes = value_codes(spend, tiers)
        assert all(len({int(c) for c, v in zip(codes, values, strict=True) if v == x}) == 1 for x in set(values))


def test_tags() -> None:
    rules = default_rules("zh")
    tags = tag_labels(rules.value_tiers, rules.activity_rules, "zh")
    assert len(tags) == len(set(tags)) == 12
    assert tags[0] == "高价值流失客户" and tags[-1] == "低价值低频客户"
    assert tag_labels(rules.value_tiers, rules.activity_rules, "zh") == tags
    tags.clear()
    assert len(tag_labels(rules.value_tiers, rules.activity_rules, "zh")) == 12


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_tag_falls_apart_into_what_it_was_made_of(lang: str) -> None:
    rules = default_rules(lang)  # type: ignore[arg-type]
    for tier in rules.value_tiers:
        for rule in rules.activity_rules:
            tag = join_tag((tier.label, rule.label), lang)  # type: ignore[arg-type]
            assert split_tag(tag, lang) == (tier.label, rule.label)  # type: ignore[arg-type]
    assert split_tag("华东", "zh") == (None, None)


def test_what_goes_before_a_tag() -> None:
    assert join_tag(("高价值", "潜在", "信息待完善"), "zh") == "潜在客户"
    assert join_tag(("高价值", "Incomplete"), "en") == "Incomplete"
    assert join_tag(("不在范围", "高价值"), "zh") == "不在范围"
    assert join_tag((), "zh") == "信息待完善"
    assert join_tag(("客户",), "zh") == "客户客户"


def test_standing() -> None:
    spend = np.array([np.nan, 0, 1e-12, 5, np.nan, 0, 5])
    last = np.array(["NaT"] * 4 + ["2024-01-01"] * 3, dtype="datetime64[D]")
    assert order_standing(spend, last).tolist() == [-2, -2, -2, -1, -1, 0, 0]


def test_groups() -> None:
    groups = [Group(value="制造", label="工"), Group(value="制造业", label="制"), Group(value="IT", label="信息")]
    asked = objects("制造业", "汽车制造", "it", "ＩＴ", "IT 服务", "银行", "", "  ")
    assert group_texts(asked, groups, "其他", "空").tolist() == ["制", "工", "信息", "信息", "信息", "其他", "空", "空"]
