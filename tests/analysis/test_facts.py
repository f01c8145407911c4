from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.facts import Facts, fold, merge_log
from crm_xl.rules.models import Settings
from tests.functions import plain

AS_OF = dt.date(2024, 8, 31)
NAN = float("nan")


# ---------------------------------------------------------------- the published log


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """6,919 orders of 2,357 customers, January 1997 to June 1998 (Fader and Hardie)."""
    lifetimes = pytest.importorskip("lifetimes")
    path = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(path, sep=r"\s+", header=None, names=["master", "id", "day", "discs", "amount"], dtype=str)
    return pd.DataFrame(
        {
            "customer_id": log["id"],
            "order_date": pd.to_datetime(log["day"], format="%Y%m%d"),
            "amount": log["amount"].astype(float),
        }
    )


def test_cdnow_against_plain_pandas(cdnow: pd.DataFrame) -> None:
    assert len(cdnow) == 6919 and cdnow["customer_id"].nunique() == 2357
    facts = fold(cdnow, None, dt.date(1998, 6, 30))
    frame = facts.frame
    assert len(frame) == 2357 and facts.skipped == facts.later == 0
    assert facts.begins == np.datetime64("1997-01-01")

    days = cdnow.groupby(["customer_id", "order_date"], as_index=False)["amount"].sum()
    real = days[days["amount"] > 1e-9]
    by = real.groupby("customer_id")
    known = by.size().index
    assert frame.loc[known, "orders"].tolist() == by.size().tolist()
    assert (frame["orders"].drop(known) == 0).all()
    assert frame.loc[known, "first"].tolist() == by["order_date"].min().tolist()
    assert frame.loc[known, "last"].tolist() == by["order_date"].max().tolist()
    net = cdnow.groupby("customer_id")["amount"].sum()
    assert frame.loc[net.index, "net"].tolist() == pytest.approx(net.tolist())
    year = real[(real["order_date"] > "1997-06-30")].groupby("customer_id").size().reindex(frame.index, fill_value=0)
    assert frame["orders_year"].tolist() == year.tolist()
    spent = days[days["order_date"] > "1997-06-30"].groupby("customer_id")["amount"].sum()
    assert frame["net_year"].tolist() == pytest.approx(spent.reindex(frame.index, fill_value=0).tolist())


def test_cdnow_repeat_orders_are_the_published_ones(cdnow: pd.DataFrame) -> None:
    """x (repeat orders), t_x and T in weeks at the end of September 1997, as Fader and Hardie print them."""
    datasets = pytest.importorskip("lifetimes.datasets")
    summary = datasets.load_cdnow_summary()
    end = dt.date(1997, 9, 30)
    frame = fold(cdnow, None, end).frame
    frame = frame[frame["first"].notna()].sort_index()
    summary = summary.reset_index()
    paid = frame[frame["orders"] > 0]
    ids = paid.index.astype(int) - 1
    weeks = ((paid["last"] - paid["first"]).dt.days / 7).to_numpy()
    age = ((np.datetime64(end) - paid["first"]).dt.days / 7).to_numpy()
    # of 2,357 customers, the free orders that the published table counts make a handful differ
    same = (
        ((paid["orders"] - 1).to_numpy() == summary["frequency"].to_numpy()[ids])
        & (np.abs(weeks - summary["recency"].to_numpy()[ids]) < 0.006)
        & (np.abs(age - summary["T"].to_numpy()[ids]) < 0.006)
    )
    assert len(paid) > 2340 and same.mean() > 0.99


# ---------------------------------------------------------------- random logs

Line = dict[str, Any]
line = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["A", "B", "C", " a", 7, 7.0, "7", None, ""]),
        "order_no": st.sampled_from(["N1", "N2", "N3", None, "", 5, "5"]),
        "order_date": st.one_of(
            st.integers(-5, 420).map(lambda back: AS_OF - dt.timedelta(days=back)),
            st.sampled_from([AS_OF, dt.date(2024, 2, 29), dt.date(2023, 8, 31), dt.date(2023, 9, 1), None]),
        ),
        "amount": st.one_of(
            st.integers(-50, 100).map(float), st.sampled_from([0.0, 0.1, 0.2, -0.3, 20.0, -20.0, NAN, math.inf])
        ),
        "product": st.sampled_from(["p", "q", "r", None, ""]),
        "margin": st.sampled_from([0.1, 0.5, NAN]),
        "paid_on": st.one_of(st.none(), st.integers(-3, 60)),
    }
)


def with_payment(lines: list[Line]) -> list[Line]:
    for entry in lines:
        wait, when = entry["paid_on"], entry["order_date"]
        entry["paid_on"] = when + dt.timedelta(days=wait) if wait is not None and when is not None else None
    return lines


logs = st.lists(line, max_size=25).map(with_payment)


def frame_of(lines: list[Line]) -> pd.DataFrame:
    frame = pd.DataFrame(
        lines, columns=["customer_id", "order_no", "order_date", "amount", "product", "margin", "paid_on"]
    )
    for name in ("customer_id", "order_no", "product"):
        frame[name] = pd.Series([entry[name] for entry in lines], dtype=object)
    for name in ("order_date", "paid_on"):
        frame[name] = pd.to_datetime(pd.Series([entry[name] for entry in lines], dtype=object))
    return frame.astype({"amount": float, "margin": float})


def id_of(cell: object) -> str:
    return "" if cell is None else str(int(cell)) if isinstance(cell, (int, float)) else str(cell).strip()


def slow_facts(lines: list[Line], as_of: dt.date) -> dict[str, dict[str, Any]]:
    """domain.md §2, one customer after the other."""
    usable = [
        entry
        for entry in lines
        if id_of(entry["customer_id"]) and entry["order_date"] is not None and math.isfinite(entry["amount"])
    ]
    counted = [entry for entry in usable if entry["order_date"] <= as_of]
    result: dict[str, dict[str, Any]] = {}
    for customer in {id_of(entry["customer_id"]) for entry in lines} - {""}:
        mine = [entry for entry in counted if id_of(entry["customer_id"]) == customer]
        result[customer] = slow_customer(mine, as_of) if mine else {}
    return result


def slow_customer(mine: list[Line], as_of: dt.date) -> dict[str, Any]:
    orders: dict[tuple[str, dt.date], list[Line]] = defaultdict(list)
    for entry in mine:
        orders[id_of(entry["order_no"]), entry["order_date"]].append(entry)
    nets = {key: math.fsum(e["amount"] for e in part) for key, part in orders.items()}
    real = [key for key, net in nets.items() if round(net, 9) > 0]
    start = plain.edate(as_of, -12)
    year = [key for key in real if key[1] > start]
    first = min((key[1] for key in real), default=None)
    facts: dict[str, Any] = {
        "orders": len(real),
        "first": first,
        "last": max((key[1] for key in real), default=None),
        "net": math.fsum(e["amount"] for e in mine),
        "net_year": math.fsum(e["amount"] for e in mine if e["order_date"] > start),
        "orders_year": len(year),
        "repurchase_rate": (len(year) - 1) / len(year) if year else None,
        "recent": sum(as_of - dt.timedelta(90) < key[1] for key in real),
        "baseline": sum(as_of - dt.timedelta(180) < key[1] <= as_of - dt.timedelta(90) for key in real),
    }
    if first is not None:
        observed = min(12, plain.whole_months(first, as_of) + 1)
        busy = {min(11, plain.whole_months(key[1], as_of)) for key in year}
        facts["stability"] = len(busy) / observed
    products: dict[str, list[Line]] = defaultdict(list)
    for entry in mine:
        if id_of(entry["product"]):
            products[id_of(entry["product"])].append(entry)
    ranked = sorted(
        (round(math.fsum(e["amount"] for e in part), 9), max(e["order_date"] for e in part), name)
        for name, part in products.items()
    )
    bought = [entry for entry in ranked if entry[0] > 0]
    facts["preference"] = bought[-1][2] if bought else ""
    facts["product_breadth"] = len(bought) or None
    weighed = [e for e in mine if e["margin"] == e["margin"]]
    base = math.fsum(e["amount"] for e in weighed)
    if abs(base) > 1e-9:
        facts["margin"] = math.fsum(e["amount"] * e["margin"] for e in weighed) / base if base > 0 else None
    waits = []
    for key in real:
        paid = [e["paid_on"] for e in orders[key] if e["paid_on"] is not None and e["paid_on"] <= as_of]
        if paid:
            waits.append(sum((p - key[1]).days for p in paid) / len(paid))
    facts["collection_days"] = sum(waits) / len(waits) if waits else None
    return facts


def cells(row: pd.Series) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, pd.Timestamp):
            value = value.date()
        yield str(name), None if value is pd.NaT or value != value else value


@settings(max_examples=250, deadline=None)
@given(logs)
def test_random_logs_against_the_slow_way(lines: list[Line]) -> None:
    facts = fold(frame_of(lines), None, AS_OF)
    wanted = slow_facts(lines, AS_OF)
    assert set(facts.frame.index) == set(wanted)
    for customer, expected in wanted.items():
        found = dict(cells(facts.frame.loc[customer]))
        if not expected:
            assert found["orders"] is None and found["first"] is None and found["net"] is None
            continue
        for name, value in expected.items():
            assert found[name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), name
    dated = [e for e in lines if id_of(e["customer_id"]) and e["order_date"] and math.isfinite(e["amount"])]
    assert facts.skipped == len(lines) - len(dated)
    assert facts.later == sum(e["order_date"] > AS_OF for e in dated)


@settings(max_examples=60, deadline=None)
@given(logs, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(lines: list[Line], random: Any) -> None:
    turned = list(lines)
    random.shuffle(turned)
    one, other = fold(frame_of(lines), None, AS_OF), fold(frame_of(turned), None, AS_OF)
    pd.testing.assert_frame_equal(one.frame.sort_index(), other.frame.sort_index(), rtol=1e-9)
    assert (one.skipped, one.later) == (other.skipped, other.later)


def log(*lines: tuple[Any, str, float], **more: list[Any]) -> pd.DataFrame:
    ids, days, amounts = zip(*lines, strict=True)
    frame = {
        "customer_id": pd.Series(ids, dtype=object),
        "order_date": pd.to_datetime(pd.Series(days)),
        "amount": amounts,
    }
    return pd.DataFrame({**frame, **more})


def test_ids_in_any_spelling_are_one_customer() -> None:
    facts = fold(log((1001, "2024-01-01", 1), ("1001.0", "2024-01-02", 1), (" １００１ ", "2024-01-03", 1),
                     ("001001", "2024-01-04", 1)), None, AS_OF)  # fmt: skip
    assert facts.frame["orders"].to_dict() == {"1001": 3.0, "001001": 1.0}


def test_lines_of_an_order_and_refunds() -> None:
    orders = log(
        ("A", "2024-05-01", 100), ("A", "2024-05-01", -100),  # an order taken back the same day
        ("A", "2024-06-01", 30), ("A", "2024-06-01", 20),  # two lines of one order
        ("A", "2024-06-01", 5),  # another order that day
        ("A", "2024-07-01", -10),  # a refund
        order_no=["1", "1", "2", "2", "3", "2"],
    )  # fmt: skip
    row = fold(orders, None, AS_OF).frame.loc["A"]
    assert (row["orders"], row["net"], row["net_year"]) == (2, 45, 45)
    assert row["first"] == row["last"] == pd.Timestamp("2024-06-01")
    without_numbers = fold(orders.drop(columns="order_no"), None, AS_OF).frame.loc["A"]
    assert without_numbers["orders"] == 1


def test_only_refunds() -> None:
    row = fold(log(("A", "2024-05-01", -5)), None, AS_OF).frame.loc["A"]
    assert row["orders"] == 0 and row["net"] == -5 and pd.isna(row["first"]) and row["preference"] == ""


def test_nothing_after_as_of() -> None:
    facts = fold(log(("A", "2024-08-31", 1), ("A", "2024-09-01", 1), ("B", "2024-09-01", 1)), None, AS_OF)
    assert facts.later == 2
    assert facts.frame["orders"].fillna(-1).to_dict() == {"A": 1.0, "B": -1.0}


def test_tie_of_products_goes_to_the_later() -> None:
    lines = (("A", "2024-01-01", 10), ("A", "2024-03-01", 10), ("A", "2024-02-01", 10))
    row = fold(log(*lines, product=["x", "y", "z"]), None, AS_OF).frame.loc["A"]
    assert row["preference"] == "y" and row["product_breadth"] == 3


def test_contacts() -> None:
    contacts = pd.DataFrame(
        {
            "customer_id": pd.Series(["A", "A", "A", "A", "B", "C", None], dtype=object),
            "contact_date": pd.to_datetime(
                ["2024-08-31", "2024-03-01", "2024-02-29", "2023-08-31", "2024-09-01", "2024-06-02", "2024-06-02"]
            ),
            "purpose": ["活动", "咨询", "event", "活动", "活动", " 活动 ", "活动"],
            "response_hours": [2.0, 4.0, NAN, 99.0, 1.0, NAN, 1.0],
        }
    )
    frame = fold(None, contacts, AS_OF).frame
    a, b, c = frame.loc["A"], frame.loc["B"], frame.loc["C"]
    assert (a["contacts_6m"], a["events_12m"], a["response_hours"], a["recent"], a["baseline"]) == (2, 2, 3.0, 1, 0)
    assert pd.isna(b["contacts_6m"]) and pd.isna(b["events_12m"])
    # 2 June is 90 days before: the older of the two windows
    assert (c["contacts_6m"], c["recent"], c["baseline"]) == (1, 0, 1) and pd.isna(c["response_hours"])
    both = fold(log(("A", "2024-08-01", 5), ("C", "2024-06-03", 5)), contacts, AS_OF).frame
    assert both["recent"].to_dict() == {"A": 2.0, "C": 1.0, "B": 0.0}


def test_no_logs() -> None:
    for orders in (None, log(("A", "2024-01-01", 1)).iloc[:0]):
        facts = fold(orders, None, AS_OF)
        assert facts.frame.empty and np.isnat(facts.begins)


# ---------------------------------------------------------------- typed facts and the log

TEXTS = ("preference",)
DATES = ("first_order", "last_order")
NUMBERS = (
    "annual_spend", "order_count", "average_order", "monthly_orders", "contact_frequency", "margin",
    "collection_days", "repurchase_rate", "satisfaction", "complaints",
)  # fmt: skip


def typed(rows: int, **given: list[Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: np.full(rows, NAN) for name in NUMBERS}
    columns |= {name: np.full(rows, "NaT", dtype="datetime64[D]") for name in DATES}
    columns |= {name: np.full(rows, "", dtype=object) for name in TEXTS}
    for name, values in given.items():
        columns[name] = np.array(values, dtype=columns[name].dtype)
    return columns


def merged(given: dict[str, Any], ids: list[str], facts: Facts, **chosen: Any) -> Any:
    return merge_log(given, np.array(ids, dtype=object), facts, AS_OF, Settings(**chosen))


ORDERS = (("A", "2023-06-01", 50000), ("A", "2024-06-01", 30000), ("B", "2024-08-01", 10000))


def test_log_replaces_what_it_covers() -> None:
    facts = fold(log(*ORDERS), None, AS_OF)
    given = typed(2, first_order=["2023-06-01", "NaT"], order_count=[9, 9], annual_spend=[99, 99], margin=[0.2, NAN])
    result = merged(given, ["A", "B"], facts)
    assert result.columns["order_count"].tolist() == [2, 1]
    assert result.columns["annual_spend"].tolist() == [3.0, 1.0]
    assert result.columns["average_order"].tolist() == [4.0, 1.0]
    assert result.columns["margin"][0] == 0.2 and np.isnan(result.columns["margin"][1])
    assert result.typed_kept == []


def test_typed_count_stays_where_the_log_begins_later() -> None:
    facts = fold(log(*ORDERS), None, AS_OF)
    given = typed(2, first_order=["2020-01-01", "NaT"], order_count=[9, 9], annual_spend=[99, 99])
    result = merged(given, ["A", "B"], facts)
    # the log covers the 12 months but not A's first order
    assert result.columns["order_count"].tolist() == [9, 1]
    assert result.columns["annual_spend"].tolist() == [3.0, 1.0]
    assert result.typed_kept == [(0, "order_count")]
    assert str(result.columns["first_order"][0]) == "2020-01-01"
    # an all-time count is spread over all the months since the first order
    assert result.columns["monthly_orders"][0] == pytest.approx(9 / 55)
    assert result.columns["monthly_orders"][1] == 1


def test_typed_spend_stays_where_the_log_is_shorter_than_its_window() -> None:
    facts = fold(log(("A", "2024-06-01", 30000)), None, AS_OF)
    given = typed(1, first_order=["2020-01-01"], order_count=[9], annual_spend=[99])
    result = merged(given, ["A"], facts)
    assert result.columns["annual_spend"].tolist() == [99.0]
    assert result.typed_kept == [(0, "order_count"), (0, "annual_spend")]
    assert str(result.columns["last_order"][0]) == "2024-06-01"


def test_log_from_the_first_day_of_the_window_covers_it() -> None:
    for begins, spend in (("2023-09-01", 3.0), ("2023-09-02", 99.0)):
        facts = fold(log(("A", "2024-06-01", 30000), ("Z", begins, 1)), None, AS_OF)
        result = merged(typed(1, first_order=["2020-01-01"], annual_spend=[99]), ["A"], facts)
        assert result.columns["annual_spend"].tolist() == [spend]


def test_an_empty_figure_takes_what_the_log_has() -> None:
    facts = fold(log(("A", "2024-06-01", 30000)), None, AS_OF)
    result = merged(typed(1, first_order=["2020-01-01"]), ["A"], facts)
    assert result.columns["order_count"].tolist() == [1]
    assert result.columns["annual_spend"].tolist() == [3.0]
    assert result.typed_kept == []


@pytest.mark.parametrize(("covers", "count", "kept"), [("auto", 9, 1), ("part", 9, 2), ("all", 2, 0)])
def test_what_the_user_says_about_the_log(covers: str, count: int, kept: int) -> None:
    facts = fold(log(*ORDERS), None, AS_OF)
    given = typed(1, first_order=["2020-01-01"], order_count=[9], annual_spend=[99])
    result = merged(given, ["A"], facts, log_covers=covers)
    assert result.columns["order_count"].tolist() == [count]
    assert len(result.typed_kept) == kept


def test_customers_without_a_line_keep_what_was_typed() -> None:
    facts = fold(log(*ORDERS), None, AS_OF)
    given = typed(
        2,
        first_order=["2023-08-31", "NaT"],
        last_order=["2024-07-01", "NaT"],
        annual_spend=[12.5, NAN],
        order_count=[6, NAN],
        preference=["A产品", ""],
        repurchase_rate=[0.4, NAN],
        collection_days=[30, NAN],
        contact_frequency=[2, NAN],
        average_order=[2, NAN],
    )
    for covers in ("auto", "all", "part"):
        result = merged(given, ["Q", "R"], facts, log_covers=covers)
        for name in (
            *DATES,
            *TEXTS,
            "annual_spend",
            "order_count",
            "repurchase_rate",
            "collection_days",
            "average_order",
        ):
            np.testing.assert_array_equal(result.columns[name], given[name])
        assert result.columns["monthly_orders"][0] == 0.5
        assert result.columns["period_orders"][0] == 6
        assert np.isnan(result.columns["monthly_orders"][1])
        assert result.typed_kept == []


def test_first_order_is_the_earlier_one() -> None:
    facts = fold(log(("A", "2024-06-01", 1), ("B", "2024-06-01", 1), ("C", "2024-06-01", 1)), None, AS_OF)
    given = typed(3, first_order=["2024-01-01", "2024-07-01", "NaT"])
    assert [str(d) for d in merged(given, ["A", "B", "C"], facts).columns["first_order"]] == [
        "2024-01-01", "2024-06-01", "2024-06-01",
    ]  # fmt: skip


def test_amounts_in_the_unit_of_the_workbook() -> None:
    facts = fold(log(("A", "2024-06-01", 12345.67)), None, AS_OF)
    assert merged(typed(1), ["A"], facts, unit="wan").columns["annual_spend"].tolist() == [1.234567]
    assert merged(typed(1), ["A"], facts, unit="yuan").columns["annual_spend"].tolist() == [12345.67]


def test_windows_of_the_settings() -> None:
    orders = log(("A", "2024-08-01", 1), ("A", "2024-03-01", 2), ("A", "2024-02-29", 4), ("A", "2023-01-01", 8))
    facts = fold(orders, None, AS_OF, Settings(spend_months=6, orders_months=3, rfm_months=0))
    row = facts.frame.loc["A"]
    assert (row["net_year"], row["orders_year"], row["orders_period"], row["net_period"]) == (3, 1, 4, 15)
    assert row["repurchase_rate"] == 2 / 3, "of the last 12 months whatever the other windows are"
    result = merged(typed(1), ["A"], facts, spend_months=6, orders_months=3, rfm_months=0)
    assert result.columns["monthly_orders"].tolist() == [pytest.approx(1 / 3)]


def test_contacts_give_a_frequency() -> None:
    contacts = pd.DataFrame(
        {"customer_id": ["A"] * 3, "contact_date": pd.to_datetime(["2024-08-01", "2024-07-01", "2024-01-01"])}
    )
    facts = fold(None, contacts, AS_OF)
    given = typed(2, contact_frequency=[9, 9])
    assert merged(given, ["A", "B"], facts).columns["contact_frequency"].tolist() == [2 / 6, 9]
