"""What each customer is still worth by BG/NBD and Gamma-Gamma (see `btyd`)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from .btyd import (
    YEAR,
    BgNbd,
    GammaGamma,
    NoFit,
    Reason,
    Repeats,
    discounted_orders,
    expected_orders,
    expected_value,
    fit_bg_nbd,
    fit_gamma_gamma,
    probability_alive,
    repeats,
)
from .dates import Floats
from .purchases import DayNets


class Prediction(NamedTuple):
    """The next 12 months of n customers; shape (n,) each, NaN for customers without a purchase.

    `alive`: probability; `orders`: purchases to come; `value`: mean amount of one; `clv`: margin times what they come
    to, discounted by month. Amounts in the unit of the log. Where amounts differ too much, or too little, for
    Gamma-Gamma (`no_amounts` says why), each customer's own mean stands for it, to which it tends with many orders.
    """

    order_model: BgNbd
    amount_model: GammaGamma | None
    no_amounts: Reason | None
    history: Repeats
    alive: Floats
    orders: Floats
    value: Floats
    clv: Floats


def predict(nets: DayNets, as_of: date, margin: Floats, yearly_rate: float) -> Prediction:
    """`nets` with the customers 0 to n - 1, `margin` (n,), `yearly_rate`: 0.1 for 10 %.

    Errors: NoFit, where the log cannot carry BG/NBD.
    """
    history = repeats(nets.who, nets.when, nets.net, as_of, len(margin))
    frequency, recency, age, value = history.frequency, history.recency, history.age, history.value
    order_model = fit_bg_nbd(frequency, recency, age)
    amount_model, no_amounts, expected = None, None, history.own
    try:
        amount_model = fit_gamma_gamma(frequency, value)
    except NoFit as no:
        no_amounts = no.reason
    else:
        expected = expected_value(amount_model, frequency, value)
    return Prediction(
        order_model,
        amount_model,
        no_amounts,
        history,
        alive=probability_alive(order_model, frequency, recency, age),
        orders=expected_orders(order_model, YEAR, frequency, recency, age),
        value=expected,
        clv=margin * expected * discounted_orders(order_model, YEAR, frequency, recency, age, yearly_rate),
    )


__all__ = ["NoFit", "Prediction", "predict"]
