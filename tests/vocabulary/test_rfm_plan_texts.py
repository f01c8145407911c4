"""The start of every class's strategy: goal, owner, resources, decision factors, in both languages."""

from __future__ import annotations

import pytest

from crm_xl.rules.defaults import rfm_classes
from crm_xl.rules.models import RfmScheme
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.labels import LABELS, label
from crm_xl.vocabulary.rfm_plan_texts import INDUSTRY_FACTORS, RFM_PLAN_TEXTS, decision_factors, rfm_plan_text
from crm_xl.vocabulary.texts import CHOICES

SCHEMES: tuple[RfmScheme, ...] = ("five", "eight", "ten")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_class_of_every_scheme_has_its_texts(scheme: RfmScheme, lang: Lang) -> None:
    at = 0 if lang == "zh" else 1
    for rule in rfm_classes(scheme, lang):
        texts = rfm_plan_text(rule.label, lang)
        assert texts is not None, rule.label
        assert all(pair[at].strip() for pair in (texts.goal, texts.owner, texts.resources, texts.factors))


@pytest.mark.parametrize("lang", LANGS)
def test_those_outside_the_classes_too(lang: Lang) -> None:
    for key in ("prospect_customer", "incomplete"):
        assert rfm_plan_text(label(key, lang), lang) is not None


@pytest.mark.parametrize("lang", LANGS)
def test_a_label_of_two_schemes_has_one_text(lang: Lang) -> None:
    """新客户 is in five and ten, At risk in both, in English."""
    at = 0 if lang == "zh" else 1
    by_label: dict[str, set[str]] = {}
    for key, texts in RFM_PLAN_TEXTS.items():
        by_label.setdefault(LABELS[key][at], set()).add(texts.goal[at])
    assert all(len(goals) == 1 for goals in by_label.values())


def test_a_class_of_the_users_own_has_none() -> None:
    assert rfm_plan_text("我的类别", "zh") is None
    assert decision_factors("我的类别", "zh") == ""


def test_every_built_in_industry_has_factors() -> None:
    assert INDUSTRY_FACTORS.keys() == set(CHOICES["Customers", "industry"])
    assert decision_factors("制造业", "zh") == "交期、质量稳定、售后响应"
    assert decision_factors("Retail", "en").startswith("Price")
