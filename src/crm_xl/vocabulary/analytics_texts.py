"""Words of the analytics: why there is no figure, and what sets a group of the data apart."""

from __future__ import annotations

NO_FIT: dict[str, tuple[str, str]] = {
    "few_customers": ("有订单的客户太少，不足以预测", "too few customers with orders to predict from"),
    "few_repeats": ("回头客太少，不足以预测", "too few customers have bought again to predict from"),
    "no_repeats": ("没有客户下过第二单，无法预测", "nobody has bought twice yet, so nothing can be predicted"),
    "one_date": ("所有订单都在同一天，无法预测", "all orders are of one day, so nothing can be predicted"),
    "at_boundary": (
        "客户的购买规律太一致或太零散，模型不适用",
        "customers buy too much alike, or too rarely, for the model",
    ),
    "not_converged": ("模型没有得到可靠的结果", "the model found no reliable answer"),
    "q_below_one": ("订单金额相差太悬殊，无法预测平均金额", "order amounts differ too widely to predict their mean"),
}
"""Reason of `btyd.NoFit` -> zh, en."""

NO_GROUPS: dict[str, tuple[str, str]] = {
    "no_library": (
        '要让数据分群，请先安装：pip install "crm-xl[groups]"',
        'to let the data form groups, install: pip install "crm-xl[groups]"',
    ),
    "few_customers": ("有订单的客户太少，不分群", "too few customers with orders to form groups"),
    "constant": ("客户之间没有差别，不分群", "all customers are alike, so there are no groups"),
}
"""Reason of `grouping.NoGroups` -> zh, en."""

TRAITS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "annual_spend": (("消费高", "high spend"), ("消费低", "low spend")),
    "period_orders": (("订单多", "many orders"), ("订单少", "few orders")),
    "days_silent": (("久未下单", "long silent"), ("近期下单", "ordered lately")),
    "average_order": (("单笔金额大", "large orders"), ("单笔金额小", "small orders")),
}
"""Feature of the groups -> its words for above the mean, for below (zh, en each)."""

FEATURE_NAMES: dict[str, tuple[str, str]] = {
    "annual_spend": ("年消费", "annual spend"),
    "period_orders": ("订单数", "orders"),
    "days_silent": ("未下单天数", "days without an order"),
    "average_order": ("平均订单金额", "average order"),
}
"""Feature of the groups -> its name."""

GROUP_NAME = ("{n} 群：{traits}", "Group {n}: {traits}")
AVERAGE = ("各方面接近平均", "near the average")
