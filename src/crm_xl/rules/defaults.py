"""The built-in rules (domain.md §§3-8), in a language and an amount unit."""

from __future__ import annotations

from functools import lru_cache

from crm_xl.vocabulary.account_criteria import CRITERIA
from crm_xl.vocabulary.fields import UNIT_FACTOR, Lang, Unit
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.strategy_texts import STRATEGY_TEXTS

from .models import (
    AccountCriterion,
    ActivityRule,
    Band,
    Edge,
    Group,
    HealthRule,
    Indicator,
    LifecycleRule,
    Measure,
    RfmBreak,
    RfmClass,
    RfmScheme,
    Rulebook,
    Settings,
    Strategy,
    ValueTier,
)

DEMAND_TYPES: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("A产品", "Product A"), ("A产品采购型", "Product A buyer")),
    (("定制服务", "Custom service"), ("B服务定制型", "Service B bespoke")),
    (("综合解决方案", "Full solution"), ("C综合解决方案型", "Full solution C")),
)
INDUSTRY_GROUPS: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("制造业", "Manufacturing"), ("制造业", "Manufacturing")),
    (("零售业", "Retail"), ("零售业", "Retail")),
    (("服务业", "Services"), ("服务业", "Services")),
    (("教育", "Education"), ("机构", "Institutions")),
    (("医疗", "Healthcare"), ("机构", "Institutions")),
    (("机构", "Institutions"), ("机构", "Institutions")),
)

Span = tuple[int | None, int | None]
ANY: Span = (None, None)


def _class(key: str, lang: Lang, r: Span = ANY, f: Span = ANY, m: Span = ANY) -> RfmClass:
    return RfmClass(
        label=label(key, lang),
        r_from=r[0],
        r_to=r[1],
        f_from=f[0],
        f_to=f[1],
        m_from=m[0],
        m_to=m[1],
    )


@lru_cache
def rfm_classes(scheme: RfmScheme, lang: Lang) -> tuple[RfmClass, ...]:
    """The class rules of a scheme, first match; `eight_mean` shares the names of `eight`."""
    low, high = (1, 3), (4, 5)
    if scheme == "five":
        near, far = (3, 5), (1, 2)
        return (
            _class("five_high", lang, near, high, high),
            _class("five_new", lang, near, (1, 2)),
            _class("five_potential", lang, near),
            _class("five_essential", lang, far, (1, 2), high),
            _class("five_risk", lang, far),
        )
    if scheme == "ten":
        return (
            _class("champions", lang, (5, 5), (4, 5)),
            _class("loyal", lang, (3, 4), (4, 5)),
            _class("potential_loyalists", lang, (4, 5), (2, 3)),
            _class("new", lang, (5, 5), (1, 1)),
            _class("promising", lang, (4, 4), (1, 1)),
            _class("need_attention", lang, (3, 3), (3, 3)),
            _class("about_to_sleep", lang, (3, 3), (1, 2)),
            _class("cant_lose", lang, (1, 2), (5, 5)),
            _class("at_risk", lang, (1, 2), (3, 4)),
            _class("hibernating", lang, (1, 2), (1, 2)),
        )
    return tuple(_class(key, lang, *(high if bit == "1" else low for bit in bits)) for key, bits in EIGHT_CLASSES)


EIGHT_CLASSES: tuple[tuple[str, str], ...] = (
    ("key_value", "111"),
    ("key_develop", "101"),
    ("key_keep", "011"),
    ("key_win_back", "001"),
    ("general_value", "110"),
    ("general_develop", "100"),
    ("general_keep", "010"),
    ("general_win_back", "000"),
)


def _strategies(lang: Lang) -> tuple[Strategy, ...]:
    """One strategy per label: two labels that differ in Chinese can share an English one."""
    pick = 0 if lang == "zh" else 1
    found: dict[tuple[str, str], Strategy] = {}
    for s in STRATEGY_TEXTS:
        tag = (s.label_zh, s.label_en)[pick]
        row = Strategy(
            system=s.system,
            tag=tag,
            category=(s.category_zh, s.category_en)[pick],
            department=(s.department_zh, s.department_en)[pick],
            strategy=(s.zh, s.en)[pick],
        )
        found.setdefault((s.system, tag), row)
    return tuple(found.values())


def _breaks(scale: float) -> dict[Measure, tuple[tuple[float | None, int], ...]]:
    """(lower edge, score) of each measure: days, orders, amount."""
    return {
        "R": ((None, 5), (31, 4), (91, 3), (181, 2), (366, 1)),
        "F": ((12, 5), (6, 4), (3, 3), (2, 2), (None, 1)),
        "M": ((30 * scale, 5), (10 * scale, 4), (5 * scale, 3), (2 * scale, 2), (None, 1)),
    }


@lru_cache
def default_rules(lang: Lang = "zh", unit: Unit = "wan") -> Rulebook:
    """The built-in rulebook. Amounts are in `unit`."""
    pick = 0 if lang == "zh" else 1
    scale = UNIT_FACTOR["wan"] / UNIT_FACTOR[unit]

    def text(key: str) -> str:
        return label(key, lang)

    return Rulebook(
        settings=Settings(lang=lang, unit=unit),
        value_tiers=(
            ValueTier(lower=10 * scale, label=text("high"), share=20),
            ValueTier(lower=2 * scale, label=text("mid"), share=60),
            ValueTier(lower=None, label=text("low"), share=20),
        ),
        activity_rules=(
            ActivityRule(months_since=6, monthly=None, label=text("lost")),
            ActivityRule(months_since=3, monthly=None, label=text("dormant")),
            ActivityRule(months_since=None, monthly=1, label=text("active")),
            ActivityRule(months_since=None, monthly=None, label=text("occasional")),
        ),
        lifecycle_rules=(
            LifecycleRule(months_since=6, orders=None, label=text("lost")),
            LifecycleRule(months_since=3, orders=None, label=text("dormant")),
            LifecycleRule(months_since=None, orders=2, label=text("repeat")),
            LifecycleRule(months_since=None, orders=None, label=text("first_order")),
        ),
        demand_types=tuple(Group(value=v[pick], label=t[pick]) for v, t in DEMAND_TYPES),
        industry_groups=tuple(Group(value=v[pick], label=t[pick]) for v, t in INDUSTRY_GROUPS),
        rfm_breaks=tuple(
            RfmBreak(measure=measure, lower=lower, score=score)
            for measure, edges in _breaks(scale).items()
            for lower, score in edges
        ),
        rfm_classes=rfm_classes("five", lang),
        indicators=tuple(
            Indicator(
                dimension=i.dimension[pick],
                indicator=i.header(lang, unit),
                weight=i.weight,
                reference=i.reference,
                data_source=i.source[pick],
                remark=i.remark[pick],
            )
            for i in INDICATOR_TEXTS
        ),
        bands=tuple(
            Band(
                indicator=i.header(lang, unit),
                lower=None if edge is None else edge * (scale if i.money else 1),
                score=score,
                behaviour=i.behaviour(score, lang, unit),
            )
            for i in INDICATOR_TEXTS
            for edge, score in i.bands()
        ),
        levels=(
            Edge(lower=90, label=text("tier_1")),
            Edge(lower=70, label=text("tier_2")),
            Edge(lower=50, label=text("tier_3")),
            Edge(lower=None, label=text("tier_4")),
        ),
        account_criteria=tuple(
            AccountCriterion(criterion=c.name[pick], weight=c.weight, data_source=c.source[pick], remark=c.remark[pick])
            for c in CRITERIA
        ),
        account_bands=tuple(
            Band(
                indicator=c.name[pick],
                lower=None if edge is None else edge * (scale if c.scale.money else 1),
                score=score,
                behaviour=c.scale.behaviour(score, lang, unit),
            )
            for c in CRITERIA
            if c.scale is not None
            for edge, score in c.scale.bands()
        ),
        grades=(
            Edge(lower=80, label="A"),
            Edge(lower=60, label="B"),
            Edge(lower=None, label="C"),
        ),
        health_rules=(
            HealthRule(drop=0.3, label=text("alert")),
            HealthRule(drop=0.15, label=text("watch")),
            HealthRule(drop=None, label=text("healthy")),
        ),
        strategies=_strategies(lang),
    )
