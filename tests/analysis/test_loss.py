"""Chance of loss: the model where it can say, else the silence."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from crm_xl.analysis.loss import chance_of_loss
from crm_xl.analysis.prediction import predict
from crm_xl.analysis.purchases import day_nets
from crm_xl.analysis.silence import silences

AS_OF = dt.date(2024, 6, 30)


def simulated(customers: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customers who buy at rates of their own and drop out after a purchase, as BG/NBD has it."""
    rng = np.random.default_rng(3)
    who, when = [], []
    for c in range(customers):
        day, rate, leaves = rng.integers(0, 500), rng.gamma(0.8, 1 / 40), rng.beta(1, 4)
        while day <= 900:
            who.append(c)
            when.append(int(day))
            if rng.random() < leaves:
                break
            day += max(1, rng.exponential(1 / rate))
    end = np.datetime64(AS_OF, "D")
    return np.array(who), end - 900 + np.array(when), rng.lognormal(5, 0.6, len(who))


def test_model_and_silence() -> None:
    who, when, amount = simulated()
    nets = day_nets(who, when, amount, AS_OF)
    silence = silences(who, when, amount, AS_OF, 301)
    prediction = predict(nets, AS_OF, np.full(301, 0.3), 0.0)
    found, plain = chance_of_loss(silence, prediction), chance_of_loss(silence, None)
    repeats = np.array([len(set(when[who == c].tolist())) > 1 for c in range(301)])
    assert found.modelled.tolist() == repeats.tolist() and 50 < repeats.sum() < 290
    assert found.chance[repeats] == pytest.approx(1 - prediction.alive[repeats], abs=5e-5)
    once = ~repeats
    assert np.array_equal(found.chance[once], plain.chance[once], equal_nan=True)
    assert plain.chance == pytest.approx(1 - silence.survival, abs=5e-5, nan_ok=True)
    assert np.isnan(found.chance[300]) and not plain.modelled.any()


def test_nobody() -> None:
    nothing = np.empty(0, dtype=np.intp)
    silence = silences(nothing, np.empty(0, "datetime64[D]"), np.empty(0), AS_OF, 2)
    assert np.isnan(chance_of_loss(silence, None).chance).all()
