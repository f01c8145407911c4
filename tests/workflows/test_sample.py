"""The sample: reproducible, complete, and the same story in both languages on any day."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS, ORDERS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import CHOICES
from crm_xl.workflows.sample import FEWEST, MOST, Sample, make_sample

DAYS = [datetime.date(2024, 6, 30), datetime.date(2025, 1, 31), datetime.date(2026, 11, 22)]
LEAP_DAY = datetime.date(2024, 2, 29)
FRAMES = ("customers", "orders", "interactions")


@cache
def sample(as_of: datetime.date, lang: Lang = "zh", customers: int = 200) -> Sample:
    return make_sample(as_of, lang, customers=customers)


def months_before(day: Any, months: int) -> pd.Timestamp:
    return pd.Timestamp(day) - pd.DateOffset(months=months)


def facts(s: Sample, as_of: datetime.date) -> pd.DataFrame:
    """First and last order, orders, and 12-month orders and spend (万元): from the log, else typed."""
    orders = s.orders.groupby(["customer_id", "order_no", "order_date"], as_index=False)["amount"].sum()
    real = orders[orders["amount"] > 0]
    year = months_before(as_of, 12)
    by_customer = real.groupby("customer_id")["order_date"]
    log = pd.DataFrame({"first": by_customer.min(), "last": by_customer.max(), "count": by_customer.size()})
    log["orders_12"] = real[real["order_date"] > year].groupby("customer_id").size()
    log["spend"] = orders[orders["order_date"] > year].groupby("customer_id")["amount"].sum() / 10_000
    log = log.fillna({"orders_12": 0, "spend": 0})
    known = s.customers.set_index("customer_id").join(log)
    typed = {"first": "first_order", "last": "last_order", "count": "order_count", "spend": "annual_spend"}
    return pd.DataFrame({k: known[k].fillna(known[t]) for k, t in typed.items()}).assign(orders_12=known["orders_12"])


def segments(f: pd.DataFrame, as_of: datetime.date) -> pd.Series:
    """(value, activity) of each customer by the default rules."""

    def months_known(first: pd.Timestamp) -> int:
        return next(k for k in range(1000) if months_before(as_of, k + 1) < first)

    def one(row: pd.Series) -> str:
        if pd.isna(row["last"]) or pd.isna(row["spend"]):
            return "prospect" if pd.isna(row["last"]) and not row["spend"] > 0 else "incomplete"
        months = months_known(row["first"])
        window = months if pd.isna(row["orders_12"]) else min(12, months)
        orders = row["count"] if pd.isna(row["orders_12"]) else row["orders_12"]
        if row["last"] <= months_before(as_of, 6):
            activity = "lost"
        elif row["last"] <= months_before(as_of, 3):
            activity = "dormant"
        else:
            activity = "active" if orders / max(1, window) >= 1 else "occasional"
        value = "high" if row["spend"] >= 10 else "mid" if row["spend"] >= 2 else "low"
        return f"{value} {activity}"

    return f.apply(one, axis=1)


def stages(f: pd.DataFrame, as_of: datetime.date) -> set[str]:
    none, never = f["count"].fillna(0) == 0, f["last"].isna()
    stage = np.select(
        [
            none & never,
            none | never,
            f["last"] <= months_before(as_of, 6),
            f["last"] <= months_before(as_of, 3),
            f["count"] >= 2,
        ],
        ["prospect", "incomplete", "lost", "dormant", "repeat"],
        "first order",
    )
    return set(stage)


def rfm_classes(f: pd.DataFrame) -> set[str]:
    f = f[f["orders_12"] > 0]

    def score(values: pd.Series, sign: int) -> pd.Series:
        return 1 + sum((values * sign > cut * sign).astype(int) for cut in values.quantile([0.2, 0.4, 0.6, 0.8]))

    r = score((f["last"].max() - f["last"]).dt.days, -1)
    orders, money = score(f["orders_12"], 1), score(f["spend"], 1)
    near = r >= 3
    found = np.select(
        [near & (orders >= 4) & (money >= 4), near & (orders <= 2), near, (orders <= 2) & (money >= 4)],
        ["high", "new", "potential", "essential"],
        "risk",
    )
    return set(found)


@pytest.mark.parametrize("customers", [FEWEST, 200])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("as_of", [*DAYS, LEAP_DAY])
def test_all_groups_appear(as_of: datetime.date, lang: Lang, customers: int) -> None:
    f = facts(sample(as_of, lang, customers), as_of)
    crossed = {f"{v} {a}" for v in ("high", "mid", "low") for a in ("active", "occasional", "dormant", "lost")}
    assert set(segments(f, as_of)) == crossed | {"prospect", "incomplete"}
    assert stages(f, as_of) >= {"prospect", "first order", "repeat", "dormant", "lost"}
    assert rfm_classes(f) == {"high", "new", "potential", "essential", "risk"}


@pytest.mark.parametrize("lang", LANGS)
def test_same_seed_same_tables(lang: Lang) -> None:
    again = make_sample(DAYS[0], lang)
    other = make_sample(DAYS[0], lang, seed=7)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(sample(DAYS[0], lang), name), getattr(again, name), check_exact=True)
        assert not getattr(again, name).equals(getattr(other, name))


def test_another_day_shifts_the_dates_and_nothing_else() -> None:
    shift = pd.Timestamp(DAYS[1]) - pd.Timestamp(DAYS[0])
    for name in FRAMES:
        before, after = getattr(sample(DAYS[0]), name).copy(), getattr(sample(DAYS[1]), name)
        for column in before.select_dtypes("datetime"):
            if column != "birthday":
                before[column] += shift
        pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_a_clock_time_is_cut_to_the_day() -> None:
    late = make_sample(datetime.datetime(2024, 6, 30, 23, 59), "zh")
    pd.testing.assert_frame_equal(late.orders, sample(DAYS[0]).orders)


def test_both_languages_hold_the_same_figures() -> None:
    for name in FRAMES:
        zh, en = getattr(sample(DAYS[0], "zh"), name), getattr(sample(DAYS[0], "en"), name)
        figures = zh.select_dtypes(["number", "datetime"]).columns
        pd.testing.assert_frame_equal(zh[figures], en[figures])
        texts = [c for c in zh.columns if c not in figures]
        assert ((zh[texts] == "") == (en[texts] == "")).all(axis=None)
        assert en[texts].apply(lambda column: column.map(str.isascii).all()).all()


@pytest.mark.parametrize("lang", LANGS)
def test_columns_are_the_fields(lang: Lang) -> None:
    s = sample(DAYS[0], lang)
    for table, frame in ((CUSTOMERS, s.customers), (ORDERS, s.orders), (INTERACTIONS, s.interactions)):
        assert list(frame.columns) == [f.key for f in table.fields]
        for field in table.fields:
            column = frame[field.key]
            if field.kind == "date":
                assert column.dtype == "datetime64[s]"
                assert (column.dropna() == column.dropna().dt.normalize()).all()
            elif field.kind in ("number", "count", "money", "ratio", "rating"):
                assert column.dtype == np.float64
            else:
                assert column.map(type).eq(str).all()
                assert not column.str.startswith(("=", "+", "-", "@")).any()


@pytest.mark.parametrize("lang", LANGS)
def test_ids_and_names(lang: Lang) -> None:
    s = sample(DAYS[0], lang)
    ids, names = s.customers["customer_id"], s.customers["customer_name"]
    assert len(ids) == 200
    assert ids.is_unique
    assert names.is_unique
    assert s.customers["phone"].is_unique
    assert "C001" in set(ids)
    long_ids = [i for i in ids if len(i) == 18 and i.isdigit()]
    assert len({i[:-1] for i in long_ids}) == 1
    assert len(long_ids) == 2
    assert set(long_ids) < set(s.orders["customer_id"])
    assert names.str.contains(r"\*").sum() >= 2
    assert names.str.contains(r"\?").any()
    assert set(s.orders["customer_id"]) | set(s.interactions["customer_id"]) <= set(ids)
    assert set(s.interactions["owner"]) <= set(s.customers["owner"])
    assert s.customers["owner"].nunique() == 6


@pytest.mark.parametrize("as_of", DAYS)
def test_nothing_after_as_of_but_what_is_planned(as_of: datetime.date) -> None:
    s, now = sample(as_of), pd.Timestamp(as_of)
    for frame in (*(getattr(s, name) for name in FRAMES), *s.records.values()):
        for column in frame.select_dtypes("datetime"):
            if column not in ("next_contact", "contract_end", "due"):
                assert not (frame[column] > now).any(), column
    assert not (s.customers["contract_end"] <= s.customers["signed_on"]).any()
    assert (s.customers["contract_end"] > now).any()
    assert (s.interactions["next_contact"] > now).any()
    assert not (s.interactions["next_contact"] <= s.interactions["contact_date"]).any()
    assert not (s.orders["paid_on"] < s.orders["order_date"]).any()
    assert s.orders["order_date"].min() > months_before(as_of, 24)


def test_size_and_variety_of_the_log() -> None:
    s = sample(DAYS[0])
    assert 1500 <= len(s.orders) <= 3000
    assert 1000 <= len(s.interactions) <= 2000
    assert s.orders["order_date"].is_monotonic_increasing
    assert s.interactions["contact_date"].is_monotonic_increasing
    assert s.orders["product"].nunique() == 6
    assert s.orders["margin"].between(0.1, 0.5).all()
    assert s.orders.duplicated(["order_no", "order_date"]).any()
    refunds = s.orders[s.orders["amount"] < 0]
    sold = set(s.orders.loc[s.orders["amount"] > 0, "order_no"])
    assert refunds["order_no"].isin(sold).any()
    assert not refunds["order_no"].isin(sold).all()


def test_typed_facts_stand_only_where_the_log_is_silent() -> None:
    c = sample(DAYS[0]).customers
    logged = c["customer_id"].isin(sample(DAYS[0]).orders["customer_id"])
    typed = c[c["annual_spend"].notna()]
    assert not c.loc[logged, ["first_order", "last_order", "annual_spend", "order_count"]].notna().any(axis=None)
    assert (c.loc[logged, "preference"] == "").all()
    dated = typed[typed["last_order"].notna()]
    assert len(typed) - len(dated) == 1
    assert (dated["first_order"] <= dated["last_order"]).all()
    assert ((dated["annual_spend"] > 0) == (dated["last_order"] > months_before(DAYS[0], 12))).all()
    assert c["satisfaction"].dropna().between(1, 5).all()
    assert c["satisfaction"].isna().any()


@pytest.mark.parametrize("customers", [FEWEST - 1, MOST + 1])
def test_too_few_or_too_many_customers_are_refused(customers: int) -> None:
    with pytest.raises(ValueError, match="customers"):
        make_sample(DAYS[0], "zh", customers=customers)


@pytest.mark.parametrize("lang", LANGS)
def test_records_are_the_same_story_on_another_day_and_in_the_other_language(lang: Lang) -> None:
    shift = pd.Timestamp(DAYS[1]) - pd.Timestamp(DAYS[0])
    for name, zh in sample(DAYS[0]).records.items():
        table, frame = TABLES[name], sample(DAYS[0], lang).records[name]
        assert list(frame.columns) == [f.key for f in table.fields]
        figures = zh.select_dtypes(["number", "datetime"]).columns
        texts = [c for c in zh.columns if c not in figures]
        pd.testing.assert_frame_equal(zh[figures], frame[figures])
        assert ((zh[texts] == "") == (frame[texts] == "")).all(axis=None)
        assert lang == "zh" or frame[texts].apply(lambda column: column.map(str.isascii).all()).all()
        later = sample(DAYS[1], lang).records[name].copy()
        for column in later.select_dtypes("datetime"):
            later[column] -= shift
        pd.testing.assert_frame_equal(frame, later)
        for field in table.fields:
            offered = CHOICES.get((name, field.key))
            if offered:
                assert set(frame[field.key]) - {""} <= {pair[lang == "en"] for pair in offered}


def test_records_fit_the_customers() -> None:
    s, year = sample(DAYS[0]), months_before(DAYS[0], 12)
    known = s.customers.set_index("customer_id")
    complaints, surveys, loyalty = (s.records[n] for n in ("Complaints", "Surveys", "Loyalty"))
    for frame in s.records.values():
        assert len(frame) >= 24
        assert set(frame["customer_id"]) <= set(known.index)
    counted = complaints[complaints["complaint_date"] > year].groupby("customer_id").size()
    typed = known.loc[known["complaints"] > 0, "complaints"]
    assert (counted.reindex(typed.index) == typed).all()
    assert set(counted.index) == set(typed.index)
    assert not (complaints["resolved_on"] < complaints["complaint_date"]).any()
    latest = surveys.groupby("customer_id").last()
    assert (latest["satisfaction"] == known["satisfaction"].reindex(latest.index)).all()
    assert (loyalty.groupby("customer_id")["points"].cumsum() >= 0).all()
