"""The rules of domain.md §§3-8 once more, one customer at a time. Imports nothing from crm_xl."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta

WRONG = "#VALUE!"
INCOMPLETE = {"zh": "信息待完善", "en": "Incomplete"}
PROSPECT_CUSTOMER = {"zh": "潜在客户", "en": "Prospect"}
PROSPECT = {"zh": "潜在", "en": "Prospect"}
NAMES = {
    "zh": {k: k for k in ("高价值", "中价值", "低价值", "活跃", "低频", "沉睡", "流失", "成交", "复购")},
    "en": {
        "高价值": "High-value", "中价值": "Mid-value", "低价值": "Low-value", "活跃": "Active", "低频": "Occasional",
        "沉睡": "Dormant", "流失": "Lost", "成交": "First order", "复购": "Repeat",
    },
}  # fmt: skip


class Wrong(Exception):
    """The element is #VALUE!."""


def number(cell: Any, least: float = -math.inf, most: float = math.inf) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, (str, bool, np.bool_, dt.date)):
        raise Wrong
    try:
        value = float(cell)
    except OverflowError:
        raise Wrong from None
    if math.isnan(value):
        return None
    if math.isinf(value) or not least <= value <= most:
        raise Wrong
    return value


def day(cell: Any, as_of: dt.date | None = None) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        found = cell.date()
    elif isinstance(cell, dt.date):
        found = cell
    else:
        serial = number(cell, 1, 2958465.999999)
        if serial is None:
            return None
        found = dt.date(1899, 12, 30) + dt.timedelta(days=math.floor(serial))
    if as_of is not None and found > as_of:
        raise Wrong
    return found


def text(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, str):
        if type(cell) is not str:
            raise Wrong
        return cell.strip()
    if isinstance(cell, (bool, np.bool_, dt.date)):
        raise Wrong
    return f"{number(cell):.15g}"


def edate(start: dt.date, months: int) -> dt.date:
    return start + relativedelta(months=months)


def whole_months(start: dt.date, end: dt.date) -> int:
    """The largest k with EDATE(start, k) <= end, found by trying."""
    k = -30
    while edate(start, k + 1) <= end:
        k += 1
    return k


def at_least(value: float, edge: float) -> bool:
    return value >= edge or round(value, 9) >= round(edge, 9)


def tier(spend: float) -> str:
    return "高价值" if at_least(spend, 10) else "中价值" if at_least(spend, 2) else "低价值"


def silent(last: dt.date, as_of: dt.date) -> str:
    if last <= edate(as_of, -6):
        return "流失"
    return "沉睡" if last <= edate(as_of, -3) else ""


def activity_of(monthly: float | None, last: dt.date, as_of: dt.date) -> str | None:
    if found := silent(last, as_of):
        return found
    if monthly is None:
        return None
    return "活跃" if at_least(monthly, 1) else "低频"


def segment(spend_cell: Any, monthly_cell: Any, last_cell: Any, as_of: dt.date, lang: str = "zh") -> str:
    try:
        spend, monthly, last = number(spend_cell), number(monthly_cell, 0), day(last_cell, as_of)
    except Wrong:
        return WRONG
    if last is None and (spend is None or round(spend, 9) == 0):
        return PROSPECT_CUSTOMER[lang]
    if last is None or spend is None:
        return INCOMPLETE[lang]
    activity = activity_of(monthly, last, as_of)
    if activity is None:
        return INCOMPLETE[lang]
    if lang == "zh":
        return tier(spend) + activity + "客户"
    return f"{NAMES[lang][tier(spend)]} · {NAMES[lang][activity]}"


def value_tier(spend_cell: Any, lang: str = "zh") -> str:
    try:
        spend = number(spend_cell)
    except Wrong:
        return WRONG
    return INCOMPLETE[lang] if spend is None else NAMES[lang][tier(spend)]


def activity(monthly_cell: Any, last_cell: Any, as_of: dt.date, lang: str = "zh") -> str:
    try:
        monthly, last = number(monthly_cell, 0), day(last_cell, as_of)
    except Wrong:
        return WRONG
    if last is None:
        return PROSPECT[lang]
    found = activity_of(monthly, last, as_of)
    return INCOMPLETE[lang] if found is None else NAMES[lang][found]


def lifecycle(count_cell: Any, last_cell: Any, as_of: dt.date, lang: str = "zh") -> str:
    try:
        count, last = number(count_cell, 0), day(last_cell, as_of)
    except Wrong:
        return WRONG
    none = count is None or round(count, 9) == 0
    if none and last is None:
        return PROSPECT[lang]
    if none or last is None or count is None:
        return INCOMPLETE[lang]
    return NAMES[lang][silent(last, as_of) or ("复购" if at_least(count, 2) else "成交")]


def monthly_orders(orders_cell: Any, first_cell: Any, as_of: dt.date, window_cell: Any = None) -> float | str:
    try:
        orders, first, window = number(orders_cell, 0), day(first_cell, as_of), number(window_cell, 0)
    except Wrong:
        return WRONG
    if orders is None or first is None:
        return ""
    months: float = 0
    while edate(first, int(months) + 1) <= as_of:
        months += 1
    window = 12 if window is None else window
    if window > 0:
        months = min(window, months)
    return orders / max(1, months)


def clv(value_cell: Any, count_cell: Any, years_cell: Any, margin_cell: Any = None, rate_cell: Any = None) -> Any:
    """The annuity summed year by year; `years` must be whole."""
    try:
        value, count, years = number(value_cell), number(count_cell, 0), number(years_cell, 0)
        margin, rate = number(margin_cell), number(rate_cell, 0)
    except Wrong:
        return WRONG
    if value is None or count is None or years is None:
        return ""
    margin, rate = 1 if margin is None else margin, rate or 0
    yearly = value * count * margin
    if not math.isfinite(yearly):
        return WRONG
    total = math.fsum(yearly / (1 + rate) ** t for t in range(1, int(years) + 1))
    return total if math.isfinite(total) else WRONG


def health(recent_cell: Any, before_cell: Any) -> str:
    try:
        recent, before = number(recent_cell, 0), number(before_cell, 0)
    except Wrong:
        return WRONG
    if recent is None or before is None:
        return "信息待完善"
    if before < 3:
        return "数据不足"
    drop = (before - recent) / before
    return "预警" if at_least(drop, 0.3) else "关注" if at_least(drop, 0.15) else "健康"


def churn(activity_cell: Any, health_cell: Any, complaints_cell: Any, satisfaction_cell: Any) -> tuple[str, int]:
    """The flag, and how many reasons it has."""
    try:
        state, shape = text(activity_cell), text(health_cell)
        complaints, satisfaction = number(complaints_cell, 0), number(satisfaction_cell, 1, 5)
    except Wrong:
        return WRONG, 0
    if not state:
        return "信息待完善", 0
    if state in ("潜在", "潜在客户", "Prospect"):
        return "", 0
    reasons = [
        state in ("沉睡", "Dormant"),
        state in ("流失", "Lost"),
        shape in ("预警", "At risk"),
        complaints is not None and at_least(complaints, 2),
        satisfaction is not None and at_least(2, satisfaction),
    ]
    return "是" if any(reasons) else "否", sum(reasons)


def half_up(value: float) -> float:
    """Rounded half away from zero, on the digits that a person reads."""
    return float(Decimal(repr(round(value, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def level(score_cell: Any) -> str:
    try:
        score = number(score_cell)
    except Wrong:
        return WRONG
    if score is None:
        return "信息待完善"
    shown = half_up(score) if abs(score) < 1e12 else score
    if shown >= 90:
        return "一级(核心客户)"
    return "二级(潜力客户)" if shown >= 70 else "三级(普通客户)" if shown >= 50 else "四级(低价值/风险客户)"


def quantile(values: list[float], share: float) -> float:
    """PERCENTILE.INC as its definition says: rank 1 + share * (n - 1), between neighbours in proportion."""
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    low = math.floor(place + 1e-12)
    part = place - low
    if part < 1e-12 or low + 1 >= len(ranked):
        return ranked[low]
    return ranked[low] + part * (ranked[low + 1] - ranked[low])


def rfm(rows: list[tuple[float | None, float | None, float | None]], bins: int = 5) -> list[tuple[Any, Any, Any]]:
    """R, F, M of (days, orders, amount) rows, by counting cuts."""
    inside = [r for r in rows if r[0] is not None and r[1] is not None and r[1] > 0 and r[2] is not None]

    def cuts(column: int) -> list[float]:
        values = [r[column] for r in inside]
        return [quantile(values, i / bins) for i in range(1, bins)] if values else []  # type: ignore[arg-type]

    by_days, by_orders, by_amount = cuts(0), cuts(1), cuts(2)
    scores: list[tuple[Any, Any, Any]] = []
    for days, orders, amount in rows:
        if days is None:
            scores.append(("", "", ""))
            continue
        r = 1 + sum(cut > days + 1e-9 for cut in by_days)
        if orders is None or (orders > 0 and amount is None):
            scores.append((r, "", ""))
            continue
        if orders <= 0:
            scores.append((r, 1, 1))
            continue
        f = 1 + sum(cut < orders - 1e-9 for cut in by_orders)
        m = 1 + sum(cut < amount - 1e-9 for cut in by_amount)  # type: ignore[operator]
        scores.append((r, f, m))
    return scores


def rfm_five(r: int, f: int, m: int) -> str:
    near = r >= 3
    if near and f >= 4 and m >= 4:
        return "高价值客户"
    if near:
        return "新客户" if f <= 2 else "潜力客户"
    return "低频刚需客户" if f <= 2 and m >= 4 else "流失风险客户"


def rfm_eight(r: int, f: int, m: int) -> str:
    names = {
        "111": "重要价值", "101": "重要发展", "011": "重要保持", "001": "重要挽留",
        "110": "一般价值", "100": "一般发展", "010": "一般保持", "000": "一般挽留",
    }  # fmt: skip
    return names["".join("1" if score >= 4 else "0" for score in (r, f, m))] + "客户"


def rfm_ten(r: int, f: int) -> str:
    grid = {
        5: ("新客户", "潜力忠诚", "潜力忠诚", "冠军", "冠军"),
        4: ("有望", "潜力忠诚", "潜力忠诚", "忠诚", "忠诚"),
        3: ("即将沉睡", "即将沉睡", "需关注", "忠诚", "忠诚"),
        2: ("休眠", "休眠", "流失风险", "流失风险", "不可流失"),
    }
    return grid[max(r, 2)][f - 1]


def abc(amounts: list[float | None]) -> list[str]:
    total = math.fsum(a for a in amounts if a is not None and a > 0)
    classes = []
    for amount in amounts:
        if amount is None:
            classes.append("信息待完善")
        elif amount <= 0:
            classes.append("C")
        else:
            before = math.fsum(a for a in amounts if a is not None and a > amount) / total
            classes.append("A" if before < 0.8 - 1e-9 else "B" if before < 0.95 - 1e-9 else "C")
    return classes
