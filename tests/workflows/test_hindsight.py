"""The back-test sees what the logs said then, and nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.rules.defaults import default_rules
from crm_xl.vocabulary.labels import is_label
from crm_xl.workbook.parameters import Parameters
from crm_xl.workflows import hindsight
from crm_xl.workflows.analyse import analyse_inputs
from crm_xl.workflows.hindsight import known_on, look_back
from crm_xl.workflows.opening import BookInputs
from tests.analysis.test_loss import simulated

AS_OF, START = dt.date(2024, 6, 30), dt.date(2023, 12, 30)


def log(rng: np.random.Generator, rows: int, first: str, last: str, **columns: Any) -> pd.DataFrame:
    days = pd.date_range(first, last)
    frame = pd.DataFrame({"customer_id": rng.choice([f"C{i}" for i in range(40)], rows), **columns})
    frame["day"] = rng.choice(days, rows).astype("datetime64[s]")
    return frame


def inputs(**settings_: Any) -> BookInputs:
    """40 customers, each with typed figures, and two and a half years of logs."""
    rng = np.random.default_rng(5)
    orders = log(rng, 700, "2022-01-01", "2024-09-30", amount=rng.lognormal(8, 1, 700).round(2))
    orders["order_no"] = [f"N{i}" for i in range(len(orders))]
    # some fall silent in the middle
    gone = orders["customer_id"].isin([f"C{i}" for i in range(0, 40, 3)]) & (orders["day"] > "2023-11-15")
    orders = orders[~gone].rename(columns={"day": "order_date"}).reset_index(drop=True)
    contacts = log(rng, 200, "2022-01-01", "2024-09-30").rename(columns={"day": "contact_date"})
    surveys = log(rng, 90, "2022-01-01", "2024-09-30", satisfaction=rng.integers(1, 6, 90).astype(float))
    complaints = log(rng, 60, "2022-01-01", "2024-09-30")
    rules = default_rules("zh", "wan")
    rules = rules.model_copy(update={"settings": rules.settings.model_copy(update=settings_)})
    return BookInputs(
        columns={
            "customer_id": [f"C{i}" for i in range(40)],
            "first_order": [dt.datetime(2015, 1, 1)] * 40,
            "last_order": [dt.datetime(2024, 6, 1)] * 40,
            "order_count": [50.0] * 40,
            "annual_spend": [10.0] * 40,
            "satisfaction": [1.0] * 40,
            "complaints": [5.0] * 40,
        },
        orders=orders,
        interactions=contacts,
        parameters=Parameters(rules, {}, {}, []),
        tables={},
        own_formulas={"last_order": {0, 3}},
        records={
            "Surveys": surveys.rename(columns={"day": "survey_date"}),
            "Complaints": complaints.rename(columns={"day": "complaint_date"}),
        },
        added=[],
        kept_out=[],
    )


@pytest.fixture
def caught(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[bool], list[float], list[bool]]]:
    """What each back-test was made from: warned, chance of loss, lost."""
    calls: list[tuple[list[bool], list[float], list[bool]]] = []

    def spy(flagged: Any, score: Any, churned: Any) -> Any:
        calls.append((flagged.tolist(), score.tolist(), churned.tolist()))
        return real(flagged, score, churned)

    real = hindsight.backtest
    monkeypatch.setattr(hindsight, "backtest", spy)
    return calls


def changed_later(given_: BookInputs) -> BookInputs:
    """All that came after the start is another: amounts, days, contacts, answers, complaints, the customer table."""
    day = pd.Timestamp(START)
    orders = given_.orders.copy()  # type: ignore[union-attr]
    later = orders["order_date"] > day
    orders.loc[later, "amount"] *= 7
    orders.loc[later & (np.arange(len(orders)) % 3 == 0), "customer_id"] = "somebody new"
    records = {}
    for name, key in (("Surveys", "survey_date"), ("Complaints", "complaint_date")):
        frame = given_.records[name].copy()
        after = frame[key] > day
        frame.loc[after, "customer_id"] = "C1"
        if name == "Surveys":
            frame.loc[after, "satisfaction"] = 1.0
        records[name] = pd.concat([frame, frame[after], frame[after]], ignore_index=True)
    contacts = given_.interactions
    contacts = contacts[(contacts["contact_date"] <= day).to_numpy()]  # type: ignore[index]
    columns = {
        "customer_id": ["C5", "C39", "another"],  # the others were deleted since
        "last_order": [dt.datetime(2023, 1, 1), None, dt.datetime(2024, 6, 30)],
        "satisfaction": [5.0, None, 1.0],
    }
    return dataclasses.replace(
        given_, orders=orders, interactions=contacts, records=records, columns=columns, own_formulas={}
    )


def predicted() -> BookInputs:
    """Customers who buy as BG/NBD has it, and are judged by it."""
    who, when, amount = simulated()
    orders = pd.DataFrame({"customer_id": [f"S{c}" for c in who], "order_date": when, "amount": amount})
    orders["order_date"] = orders["order_date"].astype("datetime64[s]")
    return dataclasses.replace(inputs(clv_method="predictive"), orders=orders)


@pytest.mark.parametrize("method", ["simple", "predictive"])
def test_what_came_later_warns_of_nobody(method: str, caught: list[Any]) -> None:
    """Warnings and chances are the same whatever happened after the start; what happened is not."""
    given_ = inputs() if method == "simple" else predicted()
    prediction = analyse_inputs(known_on(given_, START), START, shown=("alive",)).outlook.prediction
    assert (prediction is None) == (method == "simple")
    assert look_back(given_, AS_OF).found is not None
    assert look_back(changed_later(given_), AS_OF).found is not None
    (flagged, score, lost), (flagged_2, score_2, lost_2) = caught
    assert (flagged, score) == (flagged_2, score_2)
    assert lost != lost_2
    assert any(flagged) and not all(flagged) and any(lost) and not all(lost)


def test_as_if_the_workbook_had_been_refreshed_then(caught: list[Any]) -> None:
    """The analysis of a workbook that held only the logs up to the start, and ids, gives the same warnings."""
    given_ = inputs()
    look_back(given_, AS_OF)
    then = known_on(given_, START)
    assert then.orders is not None and then.orders["order_date"].max() <= pd.Timestamp(START)
    assert set(then.columns) == {"customer_id"}
    outcome = analyse_inputs(then, START)
    year = given_.orders[given_.orders["order_date"].between("2022-12-31", str(START))]  # type: ignore[index]
    active = [who in set(year["customer_id"]) for who in outcome.ids.tolist()]
    warned = [is_label(c, "yes") for c, a in zip(outcome.results["churn_risk"], active, strict=True) if a]
    assert caught[0][0] == warned


def test_the_log_is_left_as_it_is() -> None:
    given_ = inputs()
    before = given_.orders.copy(), dict(given_.columns)  # type: ignore[union-attr]
    look_back(given_, AS_OF)
    assert before[0].equals(given_.orders) and before[1] == given_.columns


def only(orders: pd.DataFrame | None) -> BookInputs:
    return dataclasses.replace(inputs(), orders=orders, interactions=None, records={})


def lines(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"])
    frame["order_date"] = pd.to_datetime(frame["order_date"]).astype("datetime64[s]")
    return frame


def test_why_there_is_no_back_test() -> None:
    assert look_back(only(None), AS_OF).reason == "backtest_no_orders"
    assert look_back(only(lines(("A", "2025-01-01", 5.0))), AS_OF).reason == "backtest_no_orders"
    short = look_back(only(lines(("A", "2023-12-01", 5.0), ("A", "2024-03-01", 5.0))), AS_OF)
    assert (short.reason, short.begins) == ("backtest_short_log", dt.date(2023, 12, 1))
    assert short.needed == START - dt.timedelta(days=180)
    refunds = lines(("A", "2022-01-01", 5.0), ("A", "2023-06-01", -5.0), ("A", "2024-03-01", 5.0))
    assert look_back(only(refunds), AS_OF).reason == "backtest_nobody_active"
    ends = lines(("A", "2022-01-01", 5.0), ("A", "2023-06-01", 5.0))
    assert look_back(only(ends), AS_OF).reason == "backtest_log_ends"
    stays = look_back(only(lines(("A", "2022-01-01", 5.0), ("A", "2023-06-01", 5.0), ("A", "2024-03-01", 5.0))), AS_OF)
    # half a year of silence by the end of last year: warned of, and wrongly
    assert (stays.reason, stays.customers, stays.flagged) == ("backtest_nobody_lost", 1, 1)
    both = lines(("A", "2022-01-01", 5.0), ("A", "2023-06-01", 5.0), ("B", "2023-06-01", 5.0), ("B", "2024-03-01", 5.0))
    found = look_back(only(both), AS_OF).found
    assert found is not None and (found.customers, found.churned, found.flagged) == (2, 1, 2)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(12)))
def test_order_of_the_lines_does_not_matter(order: list[int]) -> None:
    rows = [(f"C{i % 4}", f"202{2 + i % 3}-0{1 + i % 6}-1{i % 9}", 10.0 + i) for i in range(12)]
    base, mixed = only(lines(*rows)), only(lines(*(rows[i] for i in order)))
    a, b = look_back(base, AS_OF), look_back(mixed, AS_OF)
    assert (a.reason, a.found) == (b.reason, b.found)
