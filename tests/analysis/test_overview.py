"""What the dashboard says of all customers."""

from __future__ import annotations

from crm_xl.analysis.overview import overview
from crm_xl.cells import CellError


def test_overview() -> None:
    found = overview(
        {
            "average_order": [2.0, 5.0, "x", None],
            "order_count": [3.0, 1.0, 4.0, 9.0],
            "annual_spend": [6.0, 6.0, None, 20.0],
            "churn_risk": ["是", "Yes", "是", "否"],
        }
    )
    assert found.average_order == 11 / 4
    assert found.at_risk == [0, 1, 2]  # equal amounts in order of the table, no amount last
    assert found.money_at_risk == 12.0


def test_largest_first() -> None:
    found = overview(
        {
            "average_order": [None] * 3,
            "order_count": [None] * 3,
            "annual_spend": [1.0, 3.0, 2.0],
            "churn_risk": ["是", "是", CellError("#VALUE!")],
        }
    )
    assert found.at_risk == [1, 0]
    assert found.average_order is None


def test_nobody() -> None:
    found = overview({key: [] for key in ("average_order", "order_count", "annual_spend", "churn_risk")})
    assert (found.average_order, found.at_risk, found.money_at_risk) == (None, [], 0.0)
