"""Segment, activity, groups, lifecycle: what kind of customer this is."""

from __future__ import annotations

import numpy as np

from crm_xl.analysis.lifecycle import lifecycle_codes
from crm_xl.analysis.rates import orders_per_month
from crm_xl.analysis.segments import (
    activity_codes,
    group_texts,
    join_tag,
    segment_codes,
    tag_labels,
    value_codes,
)
from crm_xl.rules.models import ActivityRule, LifecycleRule, ValueTier
from crm_xl.vocabulary.labels import label

from .call import Call, Range
from .registry import worksheet_function


@worksheet_function("segment")
def SEGMENT(
    annual_spend: Range,
    monthly_orders: Range,
    last_order: Range,
    as_of: Range = None,
    value_tiers: Range = None,
    activity_rules: Range = None,
    lang: Range = "zh",
) -> Range:
    """Tag of value and activity, e.g. 高价值活跃客户.

    No order and no spend: 潜在客户. Spend beside no order, or an order beside no spend, or a
    needed figure empty: 信息待完善.
    """
    call = Call(lang)
    spend = call.numbers(annual_spend)
    monthly = call.numbers(monthly_orders, least=0)
    day = call.as_of(as_of)
    last = call.days(last_order, until=day)
    tiers: tuple[ValueTier, ...] = call.rules("ValueTiers", value_tiers)
    rules: tuple[ActivityRule, ...] = call.rules("ActivityRules", activity_rules)
    codes = segment_codes(spend, monthly, last, day, tiers, rules)
    return call.labels(codes, tag_labels(tiers, rules, call.lang))


@worksheet_function("segment")
def SEGMENT_TAG(label1: Range, label2: Range = None, label3: Range = None, lang: Range = "zh") -> Range:
    """Labels of 1 to 3 dimensions joined; any 潜在 gives 潜在客户, any 信息待完善 gives that."""
    call = Call(lang)
    columns = [call.texts(x) for x in (label1, label2, label3)]
    blocks = np.broadcast_arrays(*columns)
    seen: dict[tuple[str, ...], str] = {}
    tags = np.empty(blocks[0].shape, dtype=object)
    flat = tags.ravel()
    for i, labels in enumerate(zip(*(b.ravel().tolist() for b in blocks), strict=True)):
        if labels not in seen:
            # an empty first label is missing input; the others may be left out
            first = labels[0] or label("incomplete", call.lang)
            seen[labels] = join_tag((first, *labels[1:]), call.lang)
        flat[i] = seen[labels]
    return call.cells(tags)


@worksheet_function("segment")
def VALUE_TIER(annual_spend: Range, value_tiers: Range = None, lang: Range = "zh") -> Range:
    """Tier of an amount, e.g. 高价值 from 10 万元."""
    call = Call(lang)
    spend = call.numbers(annual_spend)
    tiers: tuple[ValueTier, ...] = call.rules("ValueTiers", value_tiers)
    return call.labels(value_codes(spend, tiers), [t.label for t in tiers])


@worksheet_function("segment")
def ACTIVITY(
    monthly_orders: Range,
    last_order: Range,
    as_of: Range = None,
    activity_rules: Range = None,
    lang: Range = "zh",
) -> Range:
    """活跃, 低频, 沉睡 or 流失 by the first rule that holds; without an order 潜在."""
    call = Call(lang)
    monthly = call.numbers(monthly_orders, least=0)
    day = call.as_of(as_of)
    last = call.days(last_order, until=day)
    rules: tuple[ActivityRule, ...] = call.rules("ActivityRules", activity_rules)
    codes = activity_codes(monthly, last, day, rules)
    return call.labels(codes, [r.label for r in rules], prospect=label("prospect", call.lang))


@worksheet_function("segment")
def DEMAND_TYPE(preference: Range, table: Range = None, lang: Range = "zh") -> Range:
    """Demand type of a preferred product: the table's value, or one contained in it; else 其他."""
    call = Call(lang)
    texts = call.texts(preference)
    groups = call.rules("DemandTypes", table)
    other, empty = label("other", call.lang), label("unknown_demand", call.lang)
    return call.cells(group_texts(texts, groups, other, empty))


@worksheet_function("segment")
def INDUSTRY_GROUP(industry: Range, table: Range = None, lang: Range = "zh") -> Range:
    """Group of an industry: the table's value, or one contained in it; else 其他."""
    call = Call(lang)
    texts = call.texts(industry)
    groups = call.rules("IndustryGroups", table)
    other, empty = label("other", call.lang), label("unknown_industry", call.lang)
    return call.cells(group_texts(texts, groups, other, empty))


@worksheet_function("segment")
def LIFECYCLE(
    order_count: Range,
    last_order: Range,
    as_of: Range = None,
    lifecycle_rules: Range = None,
    lang: Range = "zh",
) -> Range:
    """Stage by the first rule that holds: 流失, 沉睡, 复购, 成交; without orders 潜在."""
    call = Call(lang)
    count = call.numbers(order_count, least=0)
    day = call.as_of(as_of)
    last = call.days(last_order, until=day)
    rules: tuple[LifecycleRule, ...] = call.rules("LifecycleRules", lifecycle_rules)
    codes = lifecycle_codes(count, last, day, rules)
    return call.labels(codes, [r.label for r in rules], prospect=label("prospect", call.lang))


@worksheet_function("segment")
def MONTHLY_ORDERS(orders: Range, first_order: Range, as_of: Range = None, window_months: Range = 12) -> Range:
    """Orders in the window / max(1, min(window, whole months since the first order))."""
    call = Call()
    count = call.numbers(orders, least=0)
    day = call.as_of(as_of)
    first = call.days(first_order, until=day)
    window = call.numbers(window_months, least=0)
    window = np.where(np.isnan(window), 12.0, window)
    return call.values(orders_per_month(count, first, day, window))
