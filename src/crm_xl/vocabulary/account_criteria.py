"""The five default criteria of key accounts (domain.md §7), in both languages."""

from __future__ import annotations

from typing import NamedTuple

from .indicators import INDICATOR_TEXTS, IndicatorText

Pair = tuple[str, str]


class CriterionText(NamedTuple):
    """`scale`: the indicator whose bands score it; None where people type the score, 1 to 5."""

    key: str
    name: Pair
    weight: float
    source: Pair
    remark: Pair
    scale: IndicatorText | None = None


_SCALES = {t.key: t for t in INDICATOR_TEXTS}
_ORDER_LOG: Pair = ("订单", "Orders")
_TABLE: Pair = ("客户基础信息表", "Customers")
_PER_MONTH = IndicatorText(
    "monthly_orders", "月均合作次数", "Orders per month", ("", ""), "", 0, (2, 1, 0.5, 0.25), _ORDER_LOG, ("", ""),
    counted=("次/月", "a month"),
)  # fmt: skip

CRITERIA: tuple[CriterionText, ...] = (
    CriterionText(
        "revenue", ("收入贡献", "Revenue"), 40, _ORDER_LOG,
        ("近12个月净采购额，按评分标准打分", "Net purchases of the last 12 months, scored by the bands"),
        _SCALES["annual_spend"],
    ),
    CriterionText(
        "tenure", ("合作年限", "Tenure"), 20, _TABLE,
        ("首次合作至今的整月数÷12", "Whole months since the first order ÷ 12"), _SCALES["tenure"],
    ),
    CriterionText(
        "potential", ("潜在价值", "Potential"), 25, _TABLE,
        ("销售评估的1-5分：增长空间有多大", "Rated 1 to 5 by sales: room to grow"),
    ),
    CriterionText(
        "strategic", ("战略重要性", "Strategic importance"), 15, _TABLE,
        ("销售评估的1-5分：对市场的影响力", "Rated 1 to 5 by sales: influence on the market"),
    ),
    CriterionText(
        "frequency", ("购买频率", "Purchase frequency"), 0, _ORDER_LOG,
        ("月均合作次数；默认不计入，给它权重即生效", "Orders per month; counts once it has a weight"), _PER_MONTH,
    ),
)  # fmt: skip

CRITERION_KEYS: dict[str, str] = {name: c.key for c in CRITERIA for name in c.name}
"""Name of a built-in criterion in either language -> its key."""
