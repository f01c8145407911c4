"""The default strategies: a text for every label that a built-in scheme gives, in both languages."""

from __future__ import annotations

from collections import Counter

import pytest

from crm_xl.vocabulary.labels import LABELS
from crm_xl.vocabulary.strategy_texts import STRATEGY_TEXTS, StrategyText

ACTIVITIES = ("active", "occasional", "dormant", "lost")
VALUES = ("high", "mid", "low")
FIVE = ("five_high", "five_new", "five_potential", "five_essential", "five_risk")
EIGHT = tuple(f"{weight}_{act}" for weight in ("key", "general") for act in ("value", "develop", "keep", "win_back"))
TEN = ("champions", "loyal", "potential_loyalists", "new", "promising", "need_attention", "about_to_sleep",
       "cant_lose", "at_risk", "hibernating")  # fmt: skip
KEYS = {
    "segment": (*ACTIVITIES, *VALUES, "prospect_customer", "incomplete", "out_of_scope"),
    "level": (
        "tier_1",
        "tier_2",
        "tier_3",
        "tier_4",
        "level_deep",
        "level_regular",
        "level_possible",
        "level_leaving",
        "incomplete",
    ),
    "rfm": (*FIVE, *EIGHT, *TEN, "prospect_customer", "incomplete"),
    "grade": ("incomplete",),
    "stage": ("prospect", "first_order", "repeat", "dormant", "lost", "incomplete"),
}


def wanted() -> set[tuple[str, str, str]]:
    """Every (system, zh label, en label) that has to be there."""
    found = {(system, *LABELS[key]) for system, keys in KEYS.items() for key in keys}
    found |= {("grade", grade, grade) for grade in "ABC"}
    suffix, join = LABELS["tag_suffix"][0], LABELS["tag_join"][1]
    for value in VALUES:
        for activity in ACTIVITIES:
            (value_zh, value_en), (activity_zh, activity_en) = LABELS[value], LABELS[activity]
            found.add(("segment", value_zh + activity_zh + suffix, value_en + join + activity_en))
    return found


def test_every_label_has_a_strategy_and_no_other_has() -> None:
    assert {(s.system, s.label_zh, s.label_en) for s in STRATEGY_TEXTS} == wanted()


def test_no_label_twice() -> None:
    assert not [k for k, n in Counter((s.system, s.label_zh) for s in STRATEGY_TEXTS).items() if n > 1]


def test_a_label_shared_in_english_has_one_answer() -> None:
    """流失风险客户 (five) and 流失风险 (ten) are both At risk: the lookup must not depend on the row."""
    by_label: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for s in STRATEGY_TEXTS:
        by_label.setdefault((s.system, s.label_en), set()).add((s.category_en, s.department_en, s.en))
    assert all(len(answers) == 1 for answers in by_label.values())
    shared = [k for k, n in Counter((s.system, s.label_en) for s in STRATEGY_TEXTS).items() if n > 1]
    assert shared == [("rfm", "At risk")]


def test_no_text_under_two_labels() -> None:
    assert len({s.zh for s in STRATEGY_TEXTS}) == len(STRATEGY_TEXTS)
    assert len({s.en for s in STRATEGY_TEXTS}) == len({(s.system, s.label_en) for s in STRATEGY_TEXTS})


@pytest.mark.parametrize("text", STRATEGY_TEXTS, ids=lambda s: f"{s.system}-{s.label_en}")
def test_wording(text: StrategyText) -> None:
    assert 30 <= len(text.zh) <= 80
    assert 15 <= len(text.en.split()) <= 40
    assert text.zh.endswith("。")
    assert text.en.endswith(".")
    assert text.en.isascii()
    assert not text.zh.isascii()
    for one in (text.zh, text.en):
        assert one == one.strip()
        assert one[0] not in "=+-@"
        assert not set(one) & set("{}\t\r\n")


def test_categories_and_departments() -> None:
    assert {(s.category_zh, s.category_en) for s in STRATEGY_TEXTS} == {
        ("沟通", "Communication"),
        ("服务", "Service"),
        ("营销", "Marketing"),
    }
    assert {(s.department_zh, s.department_en) for s in STRATEGY_TEXTS} == {
        ("市场", "Marketing"),
        ("销售", "Sales"),
        ("客服", "Customer service"),
    }
