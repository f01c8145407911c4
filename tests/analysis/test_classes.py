"""RFM classes and the heat map, on figures small enough to check by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_xl.analysis.classes import class_figures, heat, score_bands
from crm_xl.cells import CellError

AS_OF = dt.date(2024, 6, 30)
DAY = dt.datetime(2024, 6, 20)


def test_class_figures() -> None:
    columns = {
        "annual_spend": [10.0, 30.0, None, "约5万"],
        "order_count": [1.0, 4.0, None, 2.0],
        "last_order": [DAY, dt.datetime(2024, 6, 30, 18), None, "2024.5.1"],
        "period_orders": [1.0, 3.0, None, None],
        "period_spend": [10.0, 20.0, None, 6.0],
    }
    found = class_figures(["A", "A", "B", "C"], columns, ["B", "A", "D"], AS_OF)
    assert [f.rfm_class for f in found] == ["B", "A", "D", "C"]
    b, a, d, c = found
    assert (a.customers, a.customer_share, a.spend, a.spend_share) == (2, 0.5, 40.0, 1.0)
    assert (a.mean_days, a.mean_orders, a.mean_spend, a.repurchase_rate) == (5.0, 2.0, 15.0, 0.5)
    assert (b.customers, b.mean_days, b.mean_orders, b.mean_spend, b.repurchase_rate) == (1, None, None, None, None)
    assert (d.customers, d.customer_share, d.spend, d.repurchase_rate) == (0, 0.0, 0.0, None)
    assert (c.mean_days, c.mean_spend) == (None, 6.0)  # a date as text is no date


def test_nobody_at_all() -> None:
    (only,) = class_figures([], {}, ["A"], AS_OF)
    assert (only.customers, only.customer_share, only.spend_share, only.mean_days) == (0, 0.0, 0.0, None)


def test_errors_and_blanks_belong_to_no_class() -> None:
    found = class_figures([CellError("#VALUE!"), None, "", "A"], {}, [], AS_OF)
    assert [(f.rfm_class, f.customers, f.customer_share) for f in found] == [("A", 1, 1.0)]


def test_an_order_in_the_future_is_no_recency() -> None:
    (only,) = class_figures(["A"], {"last_order": [dt.datetime(2024, 7, 1)]}, [], AS_OF)
    assert only.mean_days is None


@pytest.mark.parametrize("highest", range(1, 10))
def test_bands_cover_every_score_once(highest: int) -> None:
    bands = score_bands(highest)
    assert len(bands) == min(5, highest)
    assert [s for low, high in bands for s in range(low, high + 1)] == list(range(1, highest + 1))


def test_five_scores_are_five_bands() -> None:
    assert score_bands(5) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert score_bands(9) == [(1, 1), (2, 3), (4, 5), (6, 7), (8, 9)]


def test_heat() -> None:
    scores = ["555", "551", "15", "", None, CellError("#N/A"), "995", "111"]
    spend = [1.0, 2.0, 50.0, 60.0, 70.0, 80.0, 90.0, "x"]
    counts, sums = heat(scores, spend, score_bands(5))
    assert counts == {(4, 4): 2, (0, 0): 1}
    assert sums == {(4, 4): 3.0, (0, 0): 0.0}
