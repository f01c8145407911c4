"""Prediction and groups, where the parameters ask for them: equal to the libraries called directly."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import lifetimes
import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

import crm_xl
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.analytics_texts import NO_FIT, NO_GROUPS
from crm_xl.workflows.explain import explain
from tests.support.books import column, shown
from tests.support.editing import set_name

AS_OF = dt.date(1997, 9, 30)
YEAR = 365 / 7


def rules(unit: Any = "yuan", **chosen: Any) -> Rulebook:
    base = default_rules("zh", unit)
    return base.model_copy(update={"settings": base.settings.model_copy(update=chosen)})


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    path = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    names = ["master", "customer_id", "order_date", "count", "amount"]
    found = pd.read_csv(path, sep=r"\s+", header=None, names=names, dtype={"customer_id": str})
    return found.assign(order_date=pd.to_datetime(found["order_date"].astype(str)))[names[1:3] + names[4:]]


@pytest.fixture(scope="module")
def customers(log: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": log["customer_id"].unique()})


@pytest.fixture(scope="module")
def predicted(log: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    return crm_xl.analyse(customers, log, rules=rules(clv_method="predictive"), as_of=AS_OF).customers


def test_columns_are_those_of_lifetimes(log: pd.DataFrame, predicted: pd.DataFrame) -> None:
    """Its own fit of the same log, rounded as the columns are."""
    bought = log[log["amount"] > 0]
    summary = summary_data_from_transaction_data(
        bought, "customer_id", "order_date", "amount", observation_period_end=pd.Timestamp(AS_OF), freq="D"
    )
    x, t_x, t = summary["frequency"], summary["recency"] / 7, summary["T"] / 7
    model = lifetimes.BetaGeoFitter().fit(x, t_x, t)
    again = predicted.set_index("customer_id").loc[summary.index]
    alive = model.conditional_probability_alive(x, t_x, t)
    np.testing.assert_allclose(again["alive"].astype(float), alive, atol=2e-3)
    orders = model.conditional_expected_number_of_purchases_up_to_time(YEAR, x, t_x, t)
    np.testing.assert_allclose(again["expected_orders"].astype(float), orders, rtol=5e-3, atol=2e-3)
    repeating = (x > 0) & (summary["monetary_value"] > 0)
    amounts = lifetimes.GammaGammaFitter().fit(x[repeating], summary["monetary_value"][repeating])
    value = amounts.conditional_expected_average_profit(x, summary["monetary_value"])
    np.testing.assert_allclose(again["predicted_clv"].astype(float), 0.3 * value * orders, rtol=1e-2, atol=0.02)
    assert again["clv"].tolist() == again["predicted_clv"].tolist()


def test_the_unit_of_the_workbook_does_not_matter(
    log: pd.DataFrame, customers: pd.DataFrame, predicted: pd.DataFrame
) -> None:
    wan = crm_xl.analyse(customers, log, rules=rules("wan", clv_method="predictive"), as_of=AS_OF).customers
    assert wan["alive"].tolist() == predicted["alive"].tolist()
    np.testing.assert_allclose(
        wan["predicted_clv"].astype(float) * 10_000, predicted["predicted_clv"].astype(float), atol=0.02
    )


def test_nothing_is_foretold_unless_asked(log: pd.DataFrame, customers: pd.DataFrame) -> None:
    found = crm_xl.analyse(customers, log, rules=rules(), as_of=AS_OF).customers
    for key in ("alive", "expected_orders", "predicted_clv", "data_group"):
        assert found[key].isna().all()
    assert found["clv"].notna().any()


def test_groups_of_the_data(log: pd.DataFrame, customers: pd.DataFrame) -> None:
    found = crm_xl.analyse(customers, log, rules=rules(data_groups="on"), as_of=AS_OF).customers
    spend = found["annual_spend"].astype(float).groupby(found["data_group"]).mean()
    names = sorted(spend.index, key=lambda name: int(name.split()[0]))
    assert len(names) >= 2 and all("群：" in name for name in names)
    means = [spend[name] for name in names]
    assert means == sorted(means, reverse=True)
    mixed = customers.sample(frac=1, random_state=1)
    again = crm_xl.analyse(mixed, log.sample(frac=1, random_state=2), rules=rules(data_groups="on"), as_of=AS_OF)
    one = found.set_index("customer_id")["data_group"]
    assert again.customers.set_index("customer_id")["data_group"].loc[one.index].tolist() == one.tolist()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="full", sample=True, as_of="2024-06-30")
    set_name(path, "ClvMethod", "预测")
    set_name(path, "DataGroups", "开")
    crm_xl.refresh(path, as_of="2024-06-30")
    return path


def test_a_workbook_shows_and_explains_them(book: Path) -> None:
    rows = shown(book)
    told = [r for r in rows if r["存活概率"] is not None]
    assert told and all(0 <= r["存活概率"] <= 1 and r["预期订单数(12个月)"] >= 0 for r in told)
    assert all(r["CLV(万元)"] == r["预测CLV(万元)"] for r in told)
    customer = told[0]
    steps = {s.field: s for s in explain(book, customer["客户编号"]).steps}
    for key in ("alive", "expected_orders", "predicted_clv", "clv", "data_group"):
        assert steps[key].why, key
    assert "×" in steps["clv"].why and "σ" in steps["data_group"].why
    assert "距上次购买" in steps["churn_risk"].why
    for risk in shown(book, "Risks")[:2]:
        (step,) = (s for s in explain(book, risk["客户编号"]).steps if s.field == "churn_risk")
        assert f"流失可能性 {risk['流失可能性']:.1%}(1 − " in step.why
    before = book.read_bytes()
    assert not crm_xl.refresh(book, as_of="2024-06-30").changed
    assert book.read_bytes() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_too_few_orders_are_told(lang: Any, tmp_path: Path) -> None:
    path = tmp_path / "few.xlsx"
    orders = tmp_path / "orders.csv"
    orders.write_text("客户编号,订单日期,金额(元)\nC1,2024-05-05,700\nC2,2024-05-06,5\n", encoding="utf-8")
    crm_xl.new_workbook(path, template="full", lang=lang, orders=orders, as_of="2024-06-30")
    set_name(path, "ClvMethod", "predictive")
    set_name(path, "DataGroups", "on")
    report = crm_xl.refresh(path, as_of="2024-06-30")
    pick = 0 if lang == "zh" else 1
    assert NO_FIT["few_customers"][pick] in report.notes and NO_GROUPS["few_customers"][pick] in report.notes
    assert not any(column(path, ("存活概率", "Probability alive")[pick]))
    # the simple method stands in
    assert any(column(path, ("CLV(万元)", "CLV (CNY 10k)")[pick]))


def test_amounts_that_no_model_carries(log: pd.DataFrame, customers: pd.DataFrame) -> None:
    """From cents to billions, always the same: the customer's own mean stands for the expected amount."""
    steady = log.assign(amount=1.01 ** log["customer_id"].astype(float))
    found = crm_xl.analyse(customers, steady, rules=rules(clv_method="predictive"), as_of=AS_OF).customers
    clv, orders = (found[key].astype(float) for key in ("predicted_clv", "expected_orders"))
    own = 1.01 ** found["customer_id"].astype(float)
    # two lines of a day are one purchase
    single = ~customers["customer_id"].isin(log[log.duplicated(["customer_id", "order_date"])]["customer_id"])
    np.testing.assert_allclose(clv[single], (0.3 * own * orders)[single], rtol=1e-2, atol=0.02)
