from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from crm_xl.rules.defaults import default_rules, rfm_classes
from crm_xl.rules.tables import MODELS, read_rulebook, write_rows
from crm_xl.vocabulary.fields import LANGS, Lang, Unit
from crm_xl.vocabulary.strategy_texts import STRATEGY_TEXTS
from crm_xl.vocabulary.tables import TABLES

BOTH = list(product(LANGS, ("wan", "yuan")))


@pytest.mark.parametrize(("lang", "unit"), BOTH)
def test_the_built_in_rules_have_no_problem(lang: Lang, unit: Unit) -> None:
    """Weights of 100, categories in their ranges, no gap, no unknown label: written out and read back."""
    rules = default_rules(lang, unit)
    tables = {}
    for name, (attribute, _) in MODELS.items():
        rows = write_rows(name, getattr(rules, attribute))
        if rows:
            fields = TABLES[name].fields
            tables[name] = ([f.key for f in fields], [f.header(lang, unit) for f in fields], rows)
    book, problems = read_rulebook(rules, tables)
    assert problems == []
    assert book == rules


def test_the_figures_of_the_document() -> None:
    rules = default_rules("zh")
    assert [(t.lower, t.label, t.share) for t in rules.value_tiers] == [
        (10, "高价值", 20), (2, "中价值", 60), (None, "低价值", 20),
    ]  # fmt: skip
    assert [(r.months_since, r.monthly, r.label) for r in rules.activity_rules] == [
        (6, None, "流失"), (3, None, "沉睡"), (None, 1, "活跃"), (None, None, "低频"),
    ]  # fmt: skip
    assert [(r.months_since, r.orders, r.label) for r in rules.lifecycle_rules] == [
        (6, None, "流失"), (3, None, "沉睡"), (None, 2, "复购"), (None, None, "成交"),
    ]  # fmt: skip
    assert [(e.lower, e.label) for e in rules.levels] == [
        (90, "一级(核心客户)"), (70, "二级(潜力客户)"), (50, "三级(普通客户)"), (None, "四级(低价值/风险客户)"),
    ]  # fmt: skip
    assert [(e.lower, e.label) for e in rules.grades] == [(80, "A"), (60, "B"), (None, "C")]
    assert [(r.drop, r.label) for r in rules.health_rules] == [(0.3, "预警"), (0.15, "关注"), (None, "健康")]
    assert [(i.indicator, i.weight) for i in rules.indicators] == [
        ("年采购金额(万元)", 15), ("利润率", 10), ("复购率", 10), ("合作时长(年)", 10), ("产品覆盖广度", 8),
        ("合作稳定性", 7), ("近6个月沟通频次", 8), ("需求响应速度(小时)", 6), ("参与活动次数", 6), ("满意度评分", 8),
        ("投诉次数", 6), ("推荐意愿", 6),
    ]  # fmt: skip
    weights: Counter[str] = Counter()
    for i in rules.indicators:
        weights[i.dimension] += int(i.weight)
    assert weights == {"价值贡献": 35, "合作深度": 25, "互动活跃度": 20, "满意度与忠诚度": 20}


def test_amounts_in_yuan_are_ten_thousand_times_those_in_wan() -> None:
    wan, yuan = default_rules("zh", "wan"), default_rules("zh", "yuan")
    assert [t.lower for t in yuan.value_tiers] == [100_000, 20_000, None]
    money = [(a.lower, b.lower) for a, b in zip(wan.bands, yuan.bands, strict=True) if a.lower != b.lower]
    assert money == [(100, 1_000_000), (50, 500_000), (30, 300_000), (10, 100_000)]
    breaks = {(b.lower, c.lower) for b, c in zip(wan.rfm_breaks, yuan.rfm_breaks, strict=True) if b.lower != c.lower}
    assert all(c == b * 10_000 for b, c in breaks) and len(breaks) == 4


@pytest.mark.parametrize("lang", LANGS)
def test_no_strategy_twice(lang: Lang) -> None:
    """流失风险客户 and 流失风险 are both At risk in English: one row of the library is enough."""
    rows = default_rules(lang).strategies
    assert [k for k, n in Counter((s.system, s.tag) for s in rows).items() if n > 1] == []
    labels = {(s.system, s.label_zh if lang == "zh" else s.label_en) for s in STRATEGY_TEXTS}
    assert {(s.system, s.tag) for s in rows} == labels
    assert len(default_rules("zh").strategies) == len(STRATEGY_TEXTS) == len(default_rules("en").strategies) + 1


@pytest.mark.parametrize("lang", LANGS)
def test_labels_of_one_language(lang: Lang) -> None:
    rules = default_rules(lang)
    texts = [
        *(t.label for t in rules.value_tiers), *(r.label for r in rules.activity_rules),
        *(e.label for e in rules.levels), *(c.label for c in rules.rfm_classes), *(i.indicator for i in rules.indicators),
        *(s.strategy for s in rules.strategies),
    ]  # fmt: skip
    assert all(texts)
    assert [t for t in texts if any("\u4e00" <= ch <= "\u9fff" for ch in t) != (lang == "zh")] == []


def test_means_share_the_names_of_eight() -> None:
    assert rfm_classes("eight", "zh") == rfm_classes("eight_mean", "zh")
    assert len(rfm_classes("five", "zh")) == 5 and len(rfm_classes("ten", "en")) == 10
