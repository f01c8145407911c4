"""The twelve default indicators of the weighted score (domain.md §6), in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nextafter
from typing import Literal, NamedTuple

from .fields import UNIT_FACTOR, Lang, Unit, with_unit

Measure = Literal["number", "whole", "percent", "money"]
"""How the values of an indicator read."""


class IndicatorText(NamedTuple):
    """`edges`: what scores 5, 4, 3 and 2; `less_is_better`: those are upper edges instead; `counted`: what stands
    behind a value."""

    key: str
    zh: str
    en: str
    dimension: tuple[str, str]
    reference: str
    weight: float
    edges: tuple[float, float, float, float]
    source: tuple[str, str]
    remark: tuple[str, str]
    less_is_better: bool = False
    measure: Measure = "number"
    counted: tuple[str, str] = ("", "")

    @property
    def money(self) -> bool:
        return self.measure == "money"

    def header(self, lang: Lang, unit: Unit) -> str:
        text = self.zh if lang == "zh" else self.en
        return with_unit(text, unit, lang) if self.money else text

    def bands(self) -> Iterator[tuple[float | None, int]]:
        """(lower edge, score) rows; of a less-is-better one, each band starts just above the last."""
        if not self.less_is_better:
            yield from ((e, s) for e, s in zip(self.edges, (5, 4, 3, 2), strict=True))
            yield None, 1
            return
        yield None, 5
        for edge, score in zip(self.edges, (4, 3, 2, 1), strict=True):
            # thresholds compare after rounding to 1e-9, so the next step is 1e-9 above
            yield edge + 1 if self.measure == "whole" else round(nextafter(edge, inf) + 1e-9, 9), score

    def behaviour(self, score: int, lang: Lang, unit: Unit) -> str:
        """What earns a score, in words: `50-100万元`, `≤4小时`, `≥80%`."""
        near = self.edges[min(5 - score, 3)]
        whole = self.measure == "whole"
        if score == 5:
            only = self.less_is_better and near == 0
            return self._told(lang, unit, "" if only else "≤" if self.less_is_better else "≥", near)
        if score == 1:
            if not whole:
                return self._told(lang, unit, ">" if self.less_is_better else "<", near)
            if self.less_is_better:
                return self._told(lang, unit, "≥", near + 1)
            return self._told(lang, unit, "≤" if near > 1 else "", near - 1)
        far = self.edges[4 - score]
        low, high = (far, near) if self.less_is_better else (near, far)
        if whole:
            low, high = (low + 1, high) if self.less_is_better else (low, high - 1)
        return self._told(lang, unit, "", low, high)

    def _told(self, lang: Lang, unit: Unit, sign: str, *values: float) -> str:
        if self.measure == "money":
            yuan = lang == "en" or unit == "yuan"  # CNY 10k reads badly in a sentence
            texts = [f"{v * UNIT_FACTOR['wan']:,.0f}" if yuan else f"{v:g}" for v in values]
            before, after = ("CNY ", "") if lang == "en" else ("", "元" if yuan else "万元")
        elif self.measure == "percent":
            texts, before, after = [f"{v:.0%}" for v in values], "", ""
        else:
            texts, before = [f"{v:g}" for v in values], ""
            after = self.counted[0] if lang == "zh" else " " + self.counted[1] if self.counted[1] else ""
            if lang == "en" and texts[-1] == "1":
                after = after.removesuffix("s")
        return f"{sign}{before}{'-'.join(dict.fromkeys(texts))}{after}"


_VALUE = ("价值贡献", "Value")
_DEPTH = ("合作深度", "Depth")
_CONTACT = ("互动活跃度", "Engagement")
_LOYALTY = ("满意度与忠诚度", "Satisfaction and loyalty")
_ORDER_LOG = ("订单", "Orders")
_CUSTOMER_TABLE = ("客户基础信息表", "Customers")
_CONTACT_LOG = ("互动记录", "Interactions")

INDICATOR_TEXTS: tuple[IndicatorText, ...] = (
    IndicatorText(
        "annual_spend", "年采购金额", "Annual spend", _VALUE, "30-40", 15, (100, 50, 30, 10),
        _ORDER_LOG, ("近12个月净采购额", "Net purchases of the last 12 months"), measure="money",
    ),
    IndicatorText(
        "margin", "利润率", "Margin", _VALUE, "30-40", 10, (0.4, 0.3, 0.2, 0.1),
        _ORDER_LOG, ("按金额加权的毛利率", "Gross margin weighted by amount"), measure="percent",
    ),
    IndicatorText(
        "repurchase_rate", "复购率", "Repeat purchase rate", _VALUE, "30-40", 10, (0.8, 0.6, 0.4, 0.2),
        _ORDER_LOG, ("(12个月订单数−1)÷订单数", "(orders of 12 months − 1) ÷ orders"), measure="percent",
    ),
    IndicatorText(
        "tenure", "合作时长(年)", "Tenure (years)", _DEPTH, "20-30", 10, (5, 3, 2, 1),
        _CUSTOMER_TABLE, ("首次合作至今的整月数÷12", "Whole months since the first order ÷ 12"),
        counted=("年", "years"),
    ),
    IndicatorText(
        "product_breadth", "产品覆盖广度", "Product breadth", _DEPTH, "20-30", 8, (5, 4, 3, 2),
        _ORDER_LOG, ("购买过的产品种数", "Distinct products bought"), measure="whole", counted=("种", "products"),
    ),
    IndicatorText(
        "stability", "合作稳定性", "Stability", _DEPTH, "20-30", 7, (0.8, 0.6, 0.4, 0.2),
        _ORDER_LOG, ("有订单的月份占比(最多12个月)", "Share of months with an order (at most 12)"),
        measure="percent",
    ),
    IndicatorText(
        "contacts_6m", "近6个月沟通频次", "Contacts in 6 months", _CONTACT, "15-20", 8, (24, 12, 6, 3),
        _CONTACT_LOG, ("近6个月联系次数", "Contacts of the last 6 months"),
        measure="whole", counted=("次", "contacts"),
    ),
    IndicatorText(
        "response_hours", "需求响应速度(小时)", "Response time (hours)", _CONTACT, "15-20", 6,
        (4, 8, 24, 48), _CONTACT_LOG, ("平均响应时长，越短越好", "Mean response time, less is better"),
        less_is_better=True, counted=("小时", "hours"),
    ),
    IndicatorText(
        "events_12m", "参与活动次数", "Events attended", _CONTACT, "15-20", 6, (4, 3, 2, 1),
        _CONTACT_LOG, ("近12个月参加活动次数", "Events of the last 12 months"),
        measure="whole", counted=("次", "events"),
    ),
    IndicatorText(
        "satisfaction", "满意度评分", "Satisfaction", _LOYALTY, "15-20", 8, (4.5, 4, 3, 2),
        _CUSTOMER_TABLE, ("最近一次调查的均值，否则为填写值", "Mean of the latest survey, else typed"),
        counted=("分", ""),
    ),
    IndicatorText(
        "complaints_12m", "投诉次数", "Complaints", _LOYALTY, "15-20", 6, (0, 1, 2, 3),
        _CUSTOMER_TABLE, ("近12个月投诉次数，越少越好", "Complaints of 12 months, less is better"),
        less_is_better=True, measure="whole", counted=("次", "complaints"),
    ),
    IndicatorText(
        "recommend", "推荐意愿", "Likelihood to recommend", _LOYALTY, "15-20", 6, (9, 8, 7, 5),
        ("满意度调查", "Surveys"), ("0-10分", "0 to 10"), counted=("分", ""),
    ),
)  # fmt: skip
