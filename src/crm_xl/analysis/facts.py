"""Facts per customer from the logs: orders, contacts, complaints, surveys (domain.md §2).

Lines are summed by customer + order number + day (without a number: customer + day). Only orders
with a net above 0 count for number, first and last date; refunds only reduce amounts; nothing
after `as_of` counts.
"""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_xl.rules.models import LogCovers, Settings
from crm_xl.vocabulary.fields import UNIT_FACTOR

from .cleaning import id_codes, spread
from .compare import rounded
from .dates import Bools, Days, Floats, edate, in_days, in_window, whole_months
from .rates import orders_per_month

_NEVER = np.iinfo(np.int64).max
EVENT_WORDS = frozenset({"活动", "event", "活动参与"})
HALF_WINDOW = 90
"""Days of each of the two windows that customer health compares."""


class Facts(NamedTuple):
    """What the logs say. `frame`: one row per customer id, in order of first appearance.

    Columns (NaN / NaT / '' where the log says nothing): orders, first, last, net (all time, yuan),
    net_year, orders_year, orders_period, net_period, preference, margin, repurchase_rate,
    stability, product_breadth, collection_days, contacts_6m, response_hours, events_12m,
    complaints_12m, complaints_90d, satisfaction, recommend, recent, baseline. `begins`: first day of the order log, NaT without one. `skipped`: order
    lines that could not be counted (no id, date or amount), `later`: those after `as_of`.
    """

    frame: pd.DataFrame
    begins: np.datetime64
    skipped: int
    later: int


def _days(column: Any, rows: int) -> Days:
    if column is None:
        return np.full(rows, np.datetime64("NaT"), dtype="datetime64[D]")
    return np.asarray(column).astype("datetime64[D]")


def _floats(column: Any, rows: int) -> Floats:
    return np.full(rows, np.nan) if column is None else np.asarray(column, dtype=float)


def _sum(codes: NDArray[Any], weights: Floats | None, size: int) -> Floats:
    return np.bincount(codes, weights=weights, minlength=size)[:size].astype(float)


def _ratio(part: Floats, base: Floats) -> Floats:
    """part / base, NaN where the base is not above 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.where(base > 0, part / base, np.nan)
    return result


def fold(
    orders: pd.DataFrame | None,
    interactions: pd.DataFrame | None,
    as_of: date,
    settings: Settings | None = None,
    complaints: pd.DataFrame | None = None,
    surveys: pd.DataFrame | None = None,
) -> Facts:
    """Order lines, contacts, complaints and survey answers -> facts per customer.

    `orders` has customer_id (any spelling, see `normal_ids`), order_date, amount (yuan) and may
    have order_no, product, margin, paid_on; `interactions` has customer_id, contact_date and may
    have purpose, response_hours; `complaints` has customer_id, complaint_date; `surveys` has customer_id,
    survey_date and may have satisfaction, product_quality, service, experience (1-5), recommend (0-10).
    Dates are datetime64, amounts float.
    """
    settings = settings or Settings()
    day = np.array(as_of, dtype="datetime64[D]")
    logs = {
        name: log
        for name, log in (
            ("orders", orders), ("interactions", interactions), ("complaints", complaints), ("surveys", surveys),
        )
        if log is not None and len(log)
    }  # fmt: skip
    coded = {name: id_codes(log["customer_id"]) for name, log in logs.items()}  # type: ignore[arg-type]
    uniques = list(dict.fromkeys(chain.from_iterable(known.tolist() for _, known in coded.values())))
    size = len(uniques)
    code_of = {customer: code for code, customer in enumerate(uniques)}
    parts = {
        name: spread(np.array([code_of[k] for k in known.tolist()], dtype=np.int64), codes, -1)
        for name, (codes, known) in coded.items()
    }
    columns: dict[str, Any] = {}
    begins: np.datetime64 = np.datetime64("NaT", "D")
    skipped = later = 0
    moments: list[tuple[NDArray[Any], Days]] = []
    if "orders" in logs:
        folded, begins, skipped, later, moment = _fold_orders(logs["orders"], parts["orders"], size, day, settings)
        columns.update(folded)
        moments.append(moment)
    else:
        columns.update(_no_orders(size))
    if "interactions" in logs:
        folded, moment = _fold_contacts(logs["interactions"], parts["interactions"], size, day)
        columns.update(folded)
        moments.append(moment)
    else:
        for name in ("contacts_6m", "response_hours", "events_12m"):
            columns[name] = np.full(size, np.nan)
    nothing = np.full(size, np.nan)
    columns |= dict.fromkeys(("complaints_12m", "complaints_90d", "satisfaction", "recommend"), nothing)
    if "complaints" in logs:
        columns |= _fold_complaints(logs["complaints"], parts["complaints"], size, day)
    if "surveys" in logs:
        columns |= _fold_surveys(logs["surveys"], parts["surveys"], size, day)
    for name, span in (("recent", (HALF_WINDOW, 0)), ("baseline", (2 * HALF_WINDOW, HALF_WINDOW))):
        columns[name] = np.zeros(size)
        for who, when in moments:
            columns[name] += _sum(who[in_days(when, day, *span)], None, size)
    frame = pd.DataFrame(columns, index=pd.Index(uniques, dtype=object, name="customer_id"))
    return Facts(frame, begins, skipped, later)


def _no_orders(size: int) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        name: np.full(size, np.nan)
        for name in (
            "orders", "net", "net_year", "orders_year", "orders_period", "net_period", "margin",
            "repurchase_rate", "stability", "product_breadth", "collection_days",
        )
    }  # fmt: skip
    nothing["first"] = nothing["last"] = _days(None, size)
    nothing["preference"] = np.full(size, "", dtype=object)
    return nothing


def _fold_orders(
    orders: pd.DataFrame, codes: NDArray[np.int64], size: int, as_of: Any, settings: Settings
) -> tuple[dict[str, Any], np.datetime64, int, int, tuple[NDArray[Any], Days]]:
    lines = len(orders)
    dates = _days(orders["order_date"], lines)
    amounts = _floats(orders["amount"], lines)
    usable = (codes >= 0) & ~np.isnat(dates) & np.isfinite(amounts)
    late = usable & (dates > as_of)
    keep = usable & ~late
    skipped, later = int((~usable).sum()), int(late.sum())
    all_kept = bool(keep.all())

    def pick(values: NDArray[Any]) -> NDArray[Any]:
        return values if all_kept else values[keep]

    who, when, amount = pick(codes), pick(dates), pick(amounts)
    ordinal = when.astype(np.int64)
    begins = when.min() if len(when) else np.datetime64("NaT", "D")
    # one integer per customer + number + day; factorize numbers the orders
    key = who.astype(np.int64)
    if "order_no" in orders:
        numbers, _ = id_codes(orders["order_no"])  # type: ignore[arg-type]
        key = key * (int(numbers.max(initial=-1)) + 2) + pick(numbers) + 1
    if len(ordinal):
        key = key * (int(ordinal.max() - ordinal.min()) + 1) + (ordinal - ordinal.min())
    order, _ = pd.factorize(key)
    count = int(order.max(initial=-1)) + 1
    net = _sum(order, amount, count)
    first_line = np.empty(count, dtype=np.int64)
    first_line[order[::-1]] = np.arange(len(order) - 1, -1, -1)
    o_who, o_day = who[first_line], when[first_line]
    real = rounded(net) > 0
    r_who, r_day, r_ordinal = o_who[real], o_day[real], ordinal[first_line][real]

    first = np.full(size, _NEVER, dtype=np.int64)
    last = np.full(size, -_NEVER, dtype=np.int64)
    np.minimum.at(first, r_who, r_ordinal)
    np.maximum.at(last, r_who, r_ordinal)
    never = first == _NEVER
    present = np.zeros(size, dtype=bool)
    present[who] = True

    def known(values: Floats) -> Floats:
        """NaN for customers without a line in the log."""
        return np.where(present, values, np.nan)

    def orders_in(months: int) -> Floats:
        return known(_sum(r_who[in_window(r_day, as_of, months)], None, size))

    def net_in(months: int) -> Floats:
        inside = in_window(o_day, as_of, months)
        return known(_sum(o_who[inside], net[inside], size))

    year = orders_in(12)
    result: dict[str, Any] = {
        "orders": known(_sum(r_who, None, size)),
        "first": np.where(never, np.datetime64("NaT", "D"), np.where(never, 0, first).astype("datetime64[D]")),
        "last": np.where(never, np.datetime64("NaT", "D"), np.where(never, 0, last).astype("datetime64[D]")),
        "net": known(_sum(o_who, net, size)),
        "net_year": net_in(settings.spend_months),
        "orders_year": orders_in(settings.orders_months),
        "orders_period": orders_in(settings.rfm_months),
        "net_period": net_in(settings.rfm_months),
        "repurchase_rate": _ratio(year - 1, year),
        "stability": _stability(r_who, r_day, result_first=np.where(never, 0, first).astype("datetime64[D]"),
                                never=never, as_of=as_of, size=size),
    }  # fmt: skip
    result["preference"], result["product_breadth"] = _products(orders, pick, who, ordinal, amount, size)
    if "margin" in orders:
        margin = pick(_floats(orders["margin"], lines))
        has = ~np.isnan(margin)
        weight = _sum(who[has], amount[has], size)
        result["margin"] = _ratio(_sum(who[has], (margin * amount)[has], size), weight)
    else:
        result["margin"] = np.full(size, np.nan)
    if "paid_on" in orders:
        paid = pick(_days(orders["paid_on"], lines))
        has = ~np.isnat(paid) & (paid <= as_of) & real[order]
        waited = (paid[has] - when[has]).astype(float)
        per_order = _ratio(_sum(order[has], waited, count), _sum(order[has], None, count))
        paid_orders = ~np.isnan(per_order)
        result["collection_days"] = _ratio(
            _sum(o_who[paid_orders], per_order[paid_orders], size), _sum(o_who[paid_orders], None, size)
        )
    else:
        result["collection_days"] = np.full(size, np.nan)
    return result, begins, skipped, later, (r_who, r_day)


def _stability(who: NDArray[Any], when: Days, *, result_first: Days, never: Bools, as_of: Any, size: int) -> Floats:
    """Months with an order / months observed, at most 12, counted back from `as_of`."""
    inside = in_window(when, as_of, 12)
    back = whole_months(when[inside], as_of).astype(np.int64)
    pairs = pd.unique(who[inside].astype(np.int64) * 12 + np.minimum(back, 11))
    busy = _sum(pairs // 12, None, size)
    observed = np.minimum(12.0, whole_months(result_first, as_of) + 1)
    return np.where(never, np.nan, busy / observed)


def _products(
    orders: pd.DataFrame, pick: Any, who: NDArray[Any], ordinal: NDArray[Any], amount: Floats, size: int
) -> tuple[NDArray[np.object_], Floats]:
    """The product with the largest net (tie: the later bought) and how many products were bought."""
    favourite = np.full(size, "", dtype=object)
    breadth = np.full(size, np.nan)
    if "product" not in orders:
        return favourite, breadth
    codes, names = id_codes(orders["product"])  # type: ignore[arg-type]
    product = pick(codes)
    has = product >= 0
    if not has.any():
        return favourite, breadth
    pair, pairs = pd.factorize(who[has].astype(np.int64) * len(names) + product[has])
    net = rounded(_sum(pair, amount[has], len(pairs)))
    latest = np.full(len(pairs), -_NEVER, dtype=np.int64)
    np.maximum.at(latest, pair, ordinal[has])
    owner, name = pairs // len(names), pairs % len(names)
    bought = net > 0
    # of two products with the same net and day, the name decides, not the order of the rows
    rank = np.lexsort((names.astype(str)[name], latest, net, owner))
    rank = rank[bought[rank]]
    ends = np.append(owner[rank][1:] != owner[rank][:-1], True) if len(rank) else np.empty(0, bool)
    favourite[owner[rank][ends]] = names[name[rank][ends]]
    counted = _sum(owner[bought], None, size)
    return favourite, np.where(counted > 0, counted, np.nan)


def _fold_contacts(
    interactions: pd.DataFrame, codes: NDArray[np.int64], size: int, as_of: Any
) -> tuple[dict[str, Any], tuple[NDArray[Any], Days]]:
    rows = len(interactions)
    dates = _days(interactions["contact_date"], rows)
    keep = (codes >= 0) & ~np.isnat(dates) & (dates <= as_of)
    who, when = codes[keep], dates[keep]
    present = np.zeros(size, dtype=bool)
    present[who] = True
    result = {"contacts_6m": np.where(present, _sum(who[in_window(when, as_of, 6)], None, size), np.nan)}
    year = in_window(when, as_of, 12)
    if "response_hours" in interactions:
        hours = _floats(interactions["response_hours"], rows)[keep]
        has = year & ~np.isnan(hours)
        result["response_hours"] = _ratio(_sum(who[has], hours[has], size), _sum(who[has], None, size))
    else:
        result["response_hours"] = np.full(size, np.nan)
    if "purpose" in interactions:
        purpose = interactions["purpose"].to_numpy(dtype=object)[keep]
        event = np.fromiter((str(p).strip().casefold() in EVENT_WORDS for p in purpose), bool, len(purpose))
        result["events_12m"] = np.where(present, _sum(who[year & event], None, size), np.nan)
    else:
        result["events_12m"] = np.full(size, np.nan)
    return result, (who, when)


def _fold_complaints(complaints: pd.DataFrame, codes: NDArray[np.int64], size: int, as_of: Any) -> dict[str, Floats]:
    """Complaints in 12 months and in 90 days; NaN for customers without a line."""
    dates = _days(complaints["complaint_date"], len(complaints))
    keep = (codes >= 0) & ~np.isnat(dates) & (dates <= as_of)
    who, when = codes[keep], dates[keep]
    present = _sum(who, None, size) > 0
    windows = {"complaints_12m": in_window(when, as_of, 12), "complaints_90d": in_days(when, as_of, HALF_WINDOW)}
    return {name: np.where(present, _sum(who[inside], None, size), np.nan) for name, inside in windows.items()}


_RATINGS = ("product_quality", "service", "experience")


def _fold_surveys(surveys: pd.DataFrame, codes: NDArray[np.int64], size: int, as_of: Any) -> dict[str, Floats]:
    """Satisfaction and likelihood to recommend: means over the lines of each customer's latest survey that has one.

    A line without an overall satisfaction has the mean of its other ratings. Ratings outside their scale
    count as empty.
    """
    rows = len(surveys)
    dates = _days(surveys["survey_date"], rows)
    keep = (codes >= 0) & ~np.isnat(dates) & (dates <= as_of)

    def ratings(name: str, low: float, high: float) -> Floats:
        values = _floats(surveys.get(name), rows)
        return np.where((values >= low) & (values <= high), values, np.nan)

    parts = np.column_stack([ratings(name, 1, 5) for name in _RATINGS])
    known = ~np.isnan(parts)
    mean = _ratio(np.where(known, parts, 0.0).sum(axis=1), known.sum(axis=1).astype(float))
    answers = {
        "satisfaction": _prefer(ratings("satisfaction", 1, 5), mean),
        "recommend": ratings("recommend", 0, 10),
    }
    result = {}
    for name, values in answers.items():
        has = keep & ~np.isnan(values)
        who, when = codes[has], dates[has].astype(np.int64)
        latest = np.full(size, -_NEVER, dtype=np.int64)
        np.maximum.at(latest, who, when)
        last = when == latest[who]
        result[name] = _ratio(_sum(who[last], values[has][last], size), _sum(who[last], None, size))
    return result


class Merged(NamedTuple):
    """Customer facts after the log was put in: columns by field key, each of shape (n,).

    `typed_kept`: (row, field key) where a typed figure stays because the log covers only a part.
    """

    columns: dict[str, NDArray[Any]]
    typed_kept: list[tuple[int, str]]


def merge_log(
    typed: dict[str, NDArray[Any]], ids: NDArray[np.object_], facts: Facts, as_of: date, settings: Settings
) -> Merged:
    """Typed customer facts with the log's put over them where the log knows better.

    `typed` holds first_order, last_order (datetime64[D]), and float columns annual_spend (in the
    workbook's unit), order_count, average_order, monthly_orders, contact_frequency, margin,
    collection_days, repurchase_rate, satisfaction, complaints and the text column preference; wrong cells are NaN / NaT.
    """
    rows = len(ids)
    day = np.array(as_of, dtype="datetime64[D]")
    log = facts.frame.reindex(ids) if len(facts.frame) else _no_frame(ids)
    factor = UNIT_FACTOR[settings.unit]
    digits = 6 if settings.unit == "wan" else 2
    logged = log["orders"].notna().to_numpy()

    def numbers(name: str) -> Floats:
        return log[name].to_numpy(dtype=float)

    def money(name: str) -> Floats:
        return np.round(numbers(name) / factor, digits) + 0.0

    l_first, l_last = _days(log["first"], rows), _days(log["last"], rows)
    t_first, t_last = typed["first_order"], typed["last_order"]
    first = np.fmin(t_first, l_first)
    covers_first = _covers(settings.log_covers, facts.begins, first, rows)
    start = edate(day, -settings.spend_months) + np.timedelta64(1, "D") if settings.spend_months else first
    covers_spend = _covers(settings.log_covers, facts.begins, np.fmax(first, start), rows)

    count_typed, spend_typed = typed["order_count"], typed["annual_spend"]
    use_count = logged & (covers_first | np.isnan(count_typed))
    use_spend = logged & (covers_spend | np.isnan(spend_typed))
    count = np.where(use_count, numbers("orders"), count_typed)
    spend = np.where(use_spend, money("net_year"), spend_typed)
    kept = [
        (int(i), key)
        for key, rule in (("order_count", use_count), ("annual_spend", use_spend))
        for i in np.flatnonzero(logged & ~rule)
    ]
    last = np.where(logged & ~np.isnat(l_last), l_last, t_last)
    by_window = orders_per_month(numbers("orders_year"), first, day, np.array(float(settings.orders_months)))
    by_count = orders_per_month(count, first, day, np.array(0.0))
    monthly = np.where(use_count & ~np.isnan(by_window), by_window, by_count)
    monthly = np.where(np.isnan(monthly), typed["monthly_orders"], monthly)
    recent = in_window(last, day, settings.rfm_months)
    bought = log["preference"].fillna("").to_numpy(dtype=object)
    period_orders = np.where(logged, numbers("orders_period"), np.where(np.isnat(last), np.nan, count * recent))
    period_spend = np.where(logged, money("net_period"), np.where(np.isnat(last), np.nan, spend))
    columns: dict[str, NDArray[Any]] = {
        "first_order": first,
        "last_order": last,
        "annual_spend": spend,
        "order_count": count,
        "monthly_orders": monthly,
        "period_orders": period_orders,
        "period_spend": period_spend,
        "average_order": _prefer(np.round(_ratio(numbers("net"), numbers("orders")) / factor, digits),
                                 typed["average_order"]),
        "contact_frequency": _prefer(numbers("contacts_6m") / 6, typed["contact_frequency"]),
        "preference": np.where(bought == "", typed["preference"], bought),
    }  # fmt: skip
    for name in ("margin", "collection_days", "repurchase_rate", "satisfaction"):
        columns[name] = _prefer(numbers(name), typed[name])
    columns["complaints"] = columns["complaints_12m"] = _prefer(numbers("complaints_12m"), typed["complaints"])
    columns["tenure"] = whole_months(first, day) / 12
    for name in ("product_breadth", "stability", *_MEASURED):
        columns[name] = numbers(name)
    return Merged(columns, kept)


_MEASURED = ("contacts_6m", "response_hours", "events_12m", "recommend", "complaints_90d", "recent", "baseline")
"""Facts that only the logs have."""


def _no_frame(ids: NDArray[np.object_]) -> pd.DataFrame:
    size = len(ids)
    extra = {k: np.full(size, np.nan) for k in (*_MEASURED, "complaints_12m", "satisfaction")}
    return pd.DataFrame({**_no_orders(size), **extra}, index=pd.Index(ids, dtype=object))


def _prefer(log: Floats, typed: Floats) -> Floats:
    return np.where(np.isnan(log), typed, log)


def _covers(choice: LogCovers, begins: np.datetime64, since: Days, rows: int) -> Bools:
    """Whether the log covers everything from `since` on. Without a first date there is nothing earlier."""
    if choice != "auto":
        return np.full(rows, choice == "all")
    covered: Bools = np.isnat(since) | (begins <= since)
    return covered
