"""Value, health, risk and rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from crm_xl.analysis import rates
from crm_xl.analysis.risk import churn_reasons, health_codes
from crm_xl.analysis.value import clv
from crm_xl.vocabulary.labels import label

from .call import Call, Range, Stop
from .registry import worksheet_function


@worksheet_function("value")
def CLV(order_value: Range, orders_per_year: Range, years: Range, margin: Range = 1, discount_rate: Range = 0) -> Range:
    """order value * orders per year * margin * years, discounted at a yearly rate if one is given."""
    call = Call()
    value = call.numbers(order_value)
    count = call.numbers(orders_per_year, least=0)
    period = call.numbers(years, least=0)
    share = call.numbers(1 if margin is None else margin)
    rate = call.numbers(0 if discount_rate is None else discount_rate, least=0)
    share, rate = np.where(np.isnan(share), 1.0, share), np.where(np.isnan(rate), 0.0, rate)
    return call.values(clv(value, count, period, share, rate))


@worksheet_function("value")
def HEALTH(recent: Range, baseline: Range, rules: Range = None, lang: Range = "zh") -> Range:
    """预警 from a drop of 30 %, 关注 from 15 %, else 健康; fewer than 3 before: 数据不足."""
    call = Call(lang)
    now = call.numbers(recent, least=0)
    before = call.numbers(baseline, least=0)
    rows = call.rules("HealthRules", rules)
    codes = health_codes(now, before, rows)
    return call.labels(codes, [r.label for r in rows], little=label("little_data", call.lang))


def _reasons(
    activity: Range, health: Range, complaints: Range, satisfaction: Range, lang: Range
) -> tuple[Call, list[tuple[str, list[str] | None]], tuple[int, ...]]:
    call = Call(lang)
    blocks = np.broadcast_arrays(
        call.texts(activity),
        call.texts(health),
        call.numbers(complaints, least=0),
        call.numbers(satisfaction, least=1, most=5),
    )
    stages, states, complained, content = (b.ravel() for b in blocks)
    found = churn_reasons(stages, states, complained, content, call.lang)
    return call, list(zip(stages.tolist(), found, strict=True)), blocks[0].shape


def _answers(
    call: Call,
    rows: Sequence[tuple[str, list[str] | None]],
    shape: tuple[int, ...],
    answer: Callable[[list[str]], str],
) -> Range:
    cells = np.empty(len(rows), dtype=object)
    for i, (stage, reasons) in enumerate(rows):
        if not stage:
            cells[i] = label("incomplete", call.lang)
        else:
            cells[i] = "" if reasons is None else answer(reasons)
    return call.cells(cells.reshape(shape))


@worksheet_function("value")
def CHURN_RISK(
    activity: Range,
    health: Range = None,
    complaints_90d: Range = None,
    satisfaction: Range = None,
    lang: Range = "zh",
) -> Range:
    """是 for a dormant or lost customer, an alert, 2 complaints in 90 days or satisfaction up to 2."""
    call, rows, shape = _reasons(activity, health, complaints_90d, satisfaction, lang)
    yes, no = label("yes", call.lang), label("no", call.lang)
    return _answers(call, rows, shape, lambda reasons: yes if reasons else no)


@worksheet_function("value")
def CHURN_REASON(
    activity: Range,
    health: Range = None,
    complaints_90d: Range = None,
    satisfaction: Range = None,
    lang: Range = "zh",
) -> Range:
    """Why the churn flag is set, '' where it is not."""
    call, rows, shape = _reasons(activity, health, complaints_90d, satisfaction, lang)
    return _answers(call, rows, shape, label("reason_join", call.lang).join)


@worksheet_function("rate", whole_column=True)
def NPS(ratings: Range) -> Range:
    """Per cent of 9-10 minus per cent of 0-6, -100 to 100; empty ones are ignored."""
    call = Call()
    return call.single(rates.nps(call.numbers(ratings, least=0, most=10)))


@worksheet_function("rate", whole_column=True)
def CSAT(ratings: Range) -> Range:
    """Share of ratings 4 and 5, 0 to 1; empty ones are ignored."""
    call = Call()
    return call.single(rates.csat(call.numbers(ratings, least=1, most=5)))


@worksheet_function("rate", whole_column=True)
def REPURCHASE_RATE(order_counts: Range) -> Range:
    """Customers with at least 2 orders / with at least 1."""
    call = Call()
    return call.single(rates.repurchase_rate(call.numbers(order_counts, least=0)))


def _movement(before: Range, after: Range, rate: Callable[[list[str], list[str]], float | None]) -> Range:
    call = Call()
    start, end = call.texts(before), call.texts(after)
    if start.shape != end.shape:
        raise Stop
    return call.single(rate(start.ravel().tolist(), end.ravel().tolist()))


@worksheet_function("rate", whole_column=True)
def CHURN_RATE(before: Range, after: Range) -> Range:
    """Active at the start and lost at the end / active at the start."""
    return _movement(before, after, rates.churn_rate)


@worksheet_function("rate", whole_column=True)
def RETENTION_RATE(before: Range, after: Range) -> Range:
    """1 - churn rate."""
    return _movement(before, after, rates.retention_rate)


@worksheet_function("rate", whole_column=True)
def WINBACK_RATE(before: Range, after: Range) -> Range:
    """Dormant or lost at the start and active at the end / dormant or lost at the start."""
    return _movement(before, after, rates.winback_rate)
