"""BG/NBD and Gamma-Gamma against the papers, against lifetimes, and against integrals computed in another way."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.datasets import (
    load_cdnow_summary,
    load_cdnow_summary_data_with_monetary_value,
    load_transaction_data,
)
from lifetimes.utils import summary_data_from_transaction_data
from numpy.typing import NDArray
from scipy.integrate import quad

from crm_xl.analysis.btyd import (
    FEWEST,
    FEWEST_REPEATING,
    MONTH,
    YEAR,
    BgNbd,
    GammaGamma,
    NoFit,
    bg_nbd_likelihood,
    discounted_orders,
    expected_new,
    expected_orders,
    expected_value,
    fit_bg_nbd,
    fit_gamma_gamma,
    gamma_gamma_likelihood,
    probability_alive,
    repeats,
)

Floats = NDArray[np.float64]
Columns = tuple[Floats, ...]


@pytest.fixture(autouse=True)
def _no_warning() -> Iterator[None]:
    """Nothing here may warn, whoever would do it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # the reference's own
        warnings.filterwarnings("ignore", module=r"(lifetimes|autograd|pandas)\..*")
        yield


def bg_nbd(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(r, alpha, a, b, 0.0, 0, (0.0, 0.0, 0.0, 0.0))


PAPER = bg_nbd(0.243, 4.414, 0.793, 2.426)
"""Fader, Hardie, Lee 2005, table 2."""
NOTE = GammaGamma(6.25, 3.74, 15.44, 0.0, 0, (0.0, 0.0, 0.0))
"""Fader, Hardie 2013."""


@cache
def cdnow() -> Columns:
    """Frequency, recency, age, in weeks, of the 2,357 customers."""
    data = load_cdnow_summary(index_col=[0])
    return tuple(data[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))


@cache
def cdnow_values() -> Columns:
    """Frequency and mean value, for all 2,357 customers."""
    data = load_cdnow_summary_data_with_monetary_value()
    return tuple(data[name].to_numpy(dtype=float) for name in ("frequency", "monetary_value"))


def simulated(r: float, alpha: float, a: float, b: float, customers: int, seed: int = 0) -> Columns:
    """Customers of the model itself: frequency, recency, age between half a year and two years."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(26, 104, customers)
    rate, dropout = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    frequency, recency, clock = np.zeros((3, customers))
    alive = np.full(customers, True)
    while alive.any():
        clock += rng.exponential(1 / rate)
        alive &= clock <= age
        frequency[alive] += 1
        recency[alive] = clock[alive]
        alive &= rng.random(customers) >= dropout
    return frequency, recency, age


def simulated_values(p: float, q: float, v: float, frequency: Floats, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    nu = rng.gamma(q, 1 / v, len(frequency))
    return rng.gamma(p * frequency, 1 / (nu * frequency))


class TestPublished:
    def test_cdnow(self) -> None:
        model = fit_bg_nbd(*cdnow())
        assert [round(x, 3) for x in (model.r, model.alpha, model.a, model.b)] == [0.243, 4.414, 0.793, 2.426]
        assert round(model.log_likelihood, 2) == -9582.43
        assert model.customers == 2357
        # standard errors as lifetimes' own documentation prints them
        assert model.errors == pytest.approx((0.012557, 0.378221, 0.185719, 0.705345), rel=1e-4)

    def test_cdnow_amounts(self) -> None:
        model = fit_gamma_gamma(*cdnow_values())
        assert model.p == pytest.approx(6.25, abs=0.005)
        # the summary's means are rounded to the cent; from the log it is 15.44 (see TestRepeats)
        assert (model.q, model.v) == pytest.approx((3.74, 15.44), abs=0.01)
        assert model.customers == 946

    def test_a_customer_of_the_paper(self) -> None:
        """Customer 0001 of Fader and Hardie's "Implementing the BG/NBD model in Excel": 39 weeks ahead."""
        history = np.array([2.0]), np.array([30.43]), np.array([38.86])
        assert expected_orders(PAPER, 39, *history)[0] == pytest.approx(1.226, abs=0.0005)

    def test_amounts_of_the_documentation(self) -> None:
        """The first customers in the documentation of lifetimes (conditional_expected_average_profit)."""
        frequency, value = cdnow_values()
        found = expected_value(fit_gamma_gamma(frequency, value), frequency, value)
        wanted = [24.658619, 18.911489, 35.170981, 35.170981, 35.170981, 71.462843, 18.911489, 35.170981, 27.282408]
        # they were printed with a looser fit
        assert found[:9] == pytest.approx(wanted, rel=1e-5)

    def test_mean_amount_of_the_note(self) -> None:
        """p v / (q - 1) = 35.22, spoken of as the population's mean in the note."""
        assert expected_value(NOTE, np.zeros(1), np.full(1, np.nan))[0] == pytest.approx(35.22, abs=0.005)


class TestAgainstLifetimes:
    @pytest.mark.parametrize(
        "data", [cdnow, lambda: simulated(0.8, 6, 0.5, 2, 3000), lambda: simulated(3, 20, 2, 1, 999)]
    )
    def test_orders(self, data: Callable[[], Columns]) -> None:
        columns = data()
        ours = fit_bg_nbd(*columns)
        theirs = BetaGeoFitter(penalizer_coef=0.0).fit(*columns, tol=1e-10)
        assert (ours.r, ours.alpha, ours.a, ours.b) == pytest.approx(tuple(theirs.params_), rel=1e-4)
        assert ours.errors == pytest.approx(tuple(theirs.standard_errors_), rel=1e-3)
        n, scale = len(columns[0]), theirs._scale
        likelihood = -theirs._negative_log_likelihood_ * n + columns[0].sum() * np.log(scale)
        assert ours.log_likelihood == pytest.approx(likelihood, rel=1e-9)
        assert ours.log_likelihood >= likelihood - 1e-6

    def test_amounts(self) -> None:
        frequency, value = cdnow_values()
        ours = fit_gamma_gamma(frequency, value)
        theirs = GammaGammaFitter(penalizer_coef=0.0).fit(frequency[frequency > 0], value[frequency > 0], tol=1e-10)
        assert (ours.p, ours.q, ours.v) == pytest.approx(tuple(theirs.params_), rel=1e-4)
        assert ours.errors == pytest.approx(tuple(theirs.standard_errors_), rel=1e-3)
        assert ours.log_likelihood == pytest.approx(-theirs._negative_log_likelihood_ * 946, rel=1e-9)
        wanted = theirs.conditional_expected_average_profit(frequency, value)
        assert expected_value(ours, frequency, value) == pytest.approx(wanted, rel=1e-4)

    @settings(deadline=None, max_examples=200)
    @given(
        r=st.floats(0.05, 5),
        alpha=st.floats(0.5, 50),
        a=st.floats(0.2, 5),
        b=st.floats(0.2, 8),
        weeks=st.floats(1, 104),
        frequency=st.integers(0, 60),
        recency=st.floats(0.05, 1),
        age=st.floats(1, 150),
    )
    def test_predictions(
        self, r: float, alpha: float, a: float, b: float, weeks: float, frequency: int, recency: float, age: float
    ) -> None:
        # where their closed form divides nearly nothing by nearly nothing: see TestExtremes
        assume(abs(a - 1) > 0.01 and abs(a + b - 1) > 0.01)
        theirs = BetaGeoFitter()
        theirs.params_ = pd.Series({"r": r, "alpha": alpha, "a": a, "b": b})
        x, t = np.array([float(frequency)]), np.array([age])
        t_x = np.where(x > 0, recency * t, 0.0)
        model = bg_nbd(r, alpha, a, b)
        assert probability_alive(model, x, t_x, t) == pytest.approx(
            theirs.conditional_probability_alive(x, t_x, t), rel=1e-10
        )
        wanted = theirs.conditional_expected_number_of_purchases_up_to_time(weeks, x, t_x, t)
        # scipy's hyp2f1 is NaN at a few exact places (r = b = 1, a = 2, no repeats)
        assume(np.isfinite(wanted).all())
        assert expected_orders(model, weeks, x, t_x, t) == pytest.approx(wanted, rel=1e-7, abs=1e-9)
        new = theirs.expected_number_of_purchases_up_to_time(weeks)
        assume(np.isfinite(new))
        assert expected_new(model, weeks) == pytest.approx(new, rel=1e-7)


def by_integration(model: BgNbd, weeks: float, x: float, t_x: float, t: float) -> float:
    """Expected orders from the joint density of the history and the dropout probability p, over y = logit p."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b

    def ln_alive(y: float) -> float:
        """x orders survived, gamma-mixed Poisson until t, beta density of p by y."""
        ln_p, ln_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
        return float(a * ln_p + (b + x) * ln_q - (r + x) * np.log1p(t / alpha))

    def ln_gone(y: float) -> float:
        """x - 1 orders survived, the last one not, nothing asked of the time after it."""
        ln_p, ln_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
        return float((a + 1) * ln_p + (b + x - 1) * ln_q - (r + x) * np.log1p(t_x / alpha))

    parts = [ln_alive, ln_gone] if x else [ln_alive]
    peak, top = max(((y, ln(y)) for ln in parts for y in np.linspace(-30, 30, 601)), key=lambda found: found[1])
    edges = [-2000, -200, *(peak + np.array([-60, -20, -8, -3, -1, 0, 1, 3, 8, 20, 60])), 200, 2000]

    def integral(at: Callable[[float], float]) -> float:
        return float(sum(quad(at, *ends, epsabs=0, epsrel=1e-11, limit=400)[0] for ends in pairwise(edges)))

    def orders(y: float) -> float:
        p = np.exp(-np.logaddexp(0, -y))
        placed = -np.expm1(-(r + x) * np.log1p(p * weeks / (alpha + t))) / p if p else (r + x) * weeks / (alpha + t)
        return float(np.exp(ln_alive(y) - top) * placed)

    return integral(orders) / sum(integral(lambda y, ln=ln: float(np.exp(ln(y) - top))) for ln in parts)


class TestExtremes:
    @pytest.mark.parametrize(
        ("model", "history"),
        [
            # the closed form is 0 / 0 at a = 1 and at a + b = 1
            (bg_nbd(0.25, 4.4, 1.0, 2.4), (2, 30.4, 38.9)),
            (bg_nbd(0.25, 4.4, 1.0 + 1e-9, 2.4), (2, 30.4, 38.9)),
            (bg_nbd(0.25, 4.4, 0.4, 0.6), (0, 0.0, 38.9)),
            # it overflows
            (bg_nbd(0.5, 3.0, 0.8, 2.5), (500, 519.0, 520.0)),
            (bg_nbd(0.5, 3.0, 0.8, 2.5), (1500, 380.0, 400.0)),
            # a customer of today
            (bg_nbd(0.25, 0.05, 0.8, 2.4), (0, 0.0, 0.0)),
            # nearly nobody drops out, nearly everybody does, hardly any difference between customers
            (bg_nbd(0.5, 5.0, 0.05, 30.0), (4, 20.0, 40.0)),
            (bg_nbd(0.5, 5.0, 30.0, 0.1), (1, 20.0, 21.0)),
            (bg_nbd(50.0, 500.0, 80.0, 300.0), (12, 90.0, 100.0)),
            (bg_nbd(0.1, 2.0, 0.2, 0.05), (0, 0.0, 60.0)),
        ],
    )
    @pytest.mark.parametrize("weeks", [0.5, YEAR, 500.0])
    def test_integral(self, model: BgNbd, history: tuple[float, float, float], weeks: float) -> None:
        x, t_x, t = (np.array([float(value)]) for value in history)
        found = expected_orders(model, weeks, x, t_x, t)[0]
        assert found == pytest.approx(by_integration(model, weeks, *history), rel=1e-8)

    def test_the_limits(self) -> None:
        """Nobody drops out: rate times weeks. Everybody does after one more order: the probability of one order."""
        x, t_x, t = np.array([3.0]), np.array([20.0]), np.array([30.0])
        stays = bg_nbd(0.5, 5.0, 1e-7, 1e3)
        assert expected_orders(stays, 10, x, t_x, t)[0] == pytest.approx(3.5 / 35 * 10, rel=1e-5)
        leaves = bg_nbd(0.5, 5.0, 1e4, 1e-7)
        assert expected_new(leaves, 10) == pytest.approx(1 - (5 / 15) ** 0.5, rel=1e-3)

    def test_the_start_of_time(self) -> None:
        x, t_x, t = cdnow()
        assert (expected_orders(PAPER, 0, x, t_x, t) == 0).all()
        assert expected_new(PAPER, 0) == 0


class TestPredictions:
    def test_never_bought_again_is_alive(self) -> None:
        assert probability_alive(PAPER, np.zeros(2), np.zeros(2), np.array([0.0, 500.0])).tolist() == [1.0, 1.0]

    def test_long_silence_of_a_frequent_customer(self) -> None:
        found = probability_alive(PAPER, np.full(3, 2000.0), np.array([1.0, 99.0, 100.0]), np.full(3, 100.0))
        assert found[0] == 0.0
        assert found[0] < found[1] < found[2] < 1
        assert found[2] == pytest.approx(1 - 0.793 / (0.793 + 2.426 + 1999), rel=1e-12)

    def test_unknown_stays_unknown(self) -> None:
        x, t_x, t = np.zeros(2), np.zeros(2), np.array([np.nan, 4.0])
        for found in (probability_alive(PAPER, x, t_x, t), expected_orders(PAPER, YEAR, x, t_x, t)):
            assert np.isnan(found).tolist() == [True, False]
        assert np.isnan(expected_value(NOTE, np.array([3.0]), np.array([np.nan]))).all()
        nobody = np.empty(0)
        assert expected_orders(PAPER, YEAR, nobody, nobody, nobody).shape == (0,)

    def test_infinite_mean_amount(self) -> None:
        heavy = GammaGamma(2.0, 0.5, 10.0, 0.0, 0, (0.0, 0.0, 0.0))
        found = expected_value(heavy, np.array([0.0, 3.0]), np.array([np.nan, 8.0]))
        assert np.isnan(found[0])
        assert found[1] == pytest.approx(2 * (10 + 24) / (6 + 0.5 - 1))

    def test_simulated_future(self) -> None:
        """What the model's customers do in the second half is what the first half promised, by frequency."""
        r, alpha, a, b, n = 0.8, 5.0, 0.7, 2.0, 200_000
        rng = np.random.default_rng(3)
        rate, dropout = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
        counts, recency, clock = np.zeros((2, n)), np.zeros(n), np.zeros(n)
        alive = np.full(n, True)
        while alive.any():
            clock += rng.exponential(1 / rate)
            alive &= clock <= 80
            early = alive & (clock <= 40)
            counts[0, early] += 1
            recency[early] = clock[early]
            counts[1, alive & ~early] += 1
            alive &= rng.random(n) >= dropout
        wanted = expected_orders(bg_nbd(r, alpha, a, b), 40, counts[0], recency, np.full(n, 40.0))
        for group in (counts[0] == 0, counts[0] == 1, counts[0] >= 4, (counts[0] >= 1) & (recency < 10)):
            error = counts[1, group].std() / np.sqrt(group.sum())
            assert abs(counts[1, group].mean() - wanted[group].mean()) < 4 * error

    @pytest.mark.parametrize("rate", [0.0, 0.1, 0.5])
    @pytest.mark.parametrize("months", [12.0, 6.5, 0.4])
    def test_discounted_month_by_month(self, rate: float, months: float) -> None:
        columns = x, t_x, t = tuple(column[:200] for column in cdnow())
        wanted, before, end = np.zeros(200), np.zeros(200), 0.0
        while end < months:
            end = min(end + 1, months)
            orders = expected_orders(PAPER, end * MONTH, *columns)
            wanted += (orders - before) / (1 + rate) ** (end / 12)
            before = orders
        found = discounted_orders(PAPER, months * MONTH, x, t_x, t, rate)
        assert found == pytest.approx(wanted, rel=1e-9)
        assert (found > 0).all()

    def test_clv_of_a_year(self) -> None:
        assert pytest.approx(365) == YEAR * 7
        assert pytest.approx(YEAR) == 12 * MONTH


def one_by_one(likelihood: Callable[..., tuple[float, Floats, Floats]], at: Floats, *data: Floats) -> Columns:
    """Gradient and Hessian by central differences, the latter of the gradient."""
    gradient, hessian = np.zeros(len(at)), np.zeros((len(at), len(at)))
    for i, value in enumerate(at):
        step = np.zeros(len(at))
        step[i] = 1e-5 * value
        high, low = likelihood(at + step, *data), likelihood(at - step, *data)
        gradient[i] = (high[0] - low[0]) / (2 * step[i])
        hessian[i] = (high[1] - low[1]) / (2 * step[i])
    return gradient, hessian


class TestLikelihood:
    @settings(deadline=None, max_examples=40)
    @given(st.tuples(*[st.floats(0.1, 8)] * 4), st.integers(0, 999))
    def test_orders(self, parameters: tuple[float, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 9, 12).astype(float)
        t = rng.uniform(0.1, 3, 12)
        t_x = np.where(x > 0, t * rng.uniform(0.01, 1, 12), 0)
        counts = rng.integers(1, 5, 12).astype(float)
        at = np.array(parameters)
        value, gradient, hessian = bg_nbd_likelihood(at, x, t_x, t, counts)
        theirs = BetaGeoFitter._negative_log_likelihood(np.log(at), x, t_x, t, counts, 0.0)
        assert value == pytest.approx(-theirs * counts.sum(), rel=1e-9)
        slopes, bends = one_by_one(bg_nbd_likelihood, at, x, t_x, t, counts)
        assert gradient == pytest.approx(slopes, rel=1e-5, abs=1e-4)
        assert hessian == pytest.approx(bends, rel=1e-5, abs=1e-4)
        assert (hessian == hessian.T).all() or hessian == pytest.approx(hessian.T, rel=1e-12)

    @settings(deadline=None, max_examples=40)
    @given(st.tuples(*[st.floats(0.1, 20)] * 3), st.integers(0, 999))
    def test_amounts(self, parameters: tuple[float, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        x, m = rng.integers(1, 9, 12).astype(float), rng.lognormal(0, 1, 12)
        counts = rng.integers(1, 5, 12).astype(float)
        at = np.array(parameters)
        value, gradient, hessian = gamma_gamma_likelihood(at, x, m, counts)
        theirs = GammaGammaFitter._negative_log_likelihood(np.log(at), x, m, counts, 0.0)
        assert value == pytest.approx(-theirs * counts.sum(), rel=1e-9, abs=1e-9)
        slopes, bends = one_by_one(gamma_gamma_likelihood, at, x, m, counts)
        assert gradient == pytest.approx(slopes, rel=1e-5, abs=1e-4)
        assert hessian == pytest.approx(bends, rel=1e-5, abs=1e-4)

    def test_standard_errors(self) -> None:
        """The inverse of minus the Hessian of lifetimes' likelihood, in the parameters themselves and in weeks."""

        def information(likelihood: Callable[[Floats], float], at: Floats) -> Floats:
            steps = np.diag(2e-4 * at)
            return np.array(
                [
                    [
                        (likelihood(at + i + j) - likelihood(at + i - j) - likelihood(at - i + j) + likelihood(at - i - j))
                        / (4 * i.max() * j.max())
                        for j in steps
                    ]
                    for i in steps
                ]
            )  # fmt: skip

        x, t_x, t = cdnow()
        model = fit_bg_nbd(x, t_x, t)
        ones = np.ones(len(x))
        found = information(
            lambda at: BetaGeoFitter._negative_log_likelihood(np.log(at), x, t_x, t, ones, 0.0) * len(x),
            np.array([model.r, model.alpha, model.a, model.b]),
        )
        assert model.errors == pytest.approx(np.sqrt(np.diag(np.linalg.inv(found))), rel=1e-3)

        frequency, value = cdnow_values()
        frequency, value = frequency[frequency > 0], value[frequency > 0]
        amounts = fit_gamma_gamma(frequency, value)
        ones = np.ones(len(value))
        found = information(
            lambda at: GammaGammaFitter._negative_log_likelihood(np.log(at), frequency, value, ones, 0.0) * len(value),
            np.array([amounts.p, amounts.q, amounts.v]),
        )
        assert amounts.errors == pytest.approx(np.sqrt(np.diag(np.linalg.inv(found))), rel=1e-3)


class TestFit:
    @pytest.mark.parametrize(
        "truth", [(0.6, 6.0, 0.8, 2.5), (2.0, 10.0, 0.3, 0.9), (0.25, 2.0, 3.0, 8.0), (5.0, 40.0, 1.0, 1.0)]
    )
    def test_recovers_what_was_simulated(self, truth: tuple[float, float, float, float]) -> None:
        model = fit_bg_nbd(*simulated(*truth, 20_000, seed=1))
        for name, wanted, error in zip(("r", "alpha", "a", "b"), truth, model.errors, strict=True):
            assert abs(getattr(model, name) - wanted) < 4 * error
            assert error < 0.3 * wanted

    @pytest.mark.parametrize("truth", [(6.0, 4.0, 15.0), (1.5, 2.5, 400.0), (20.0, 12.0, 0.5)])
    def test_recovers_amounts(self, truth: tuple[float, float, float]) -> None:
        frequency = np.random.default_rng(1).geometric(0.4, 20_000).astype(float)
        model = fit_gamma_gamma(frequency, simulated_values(*truth, frequency))
        for name, wanted, error in zip(("p", "q", "v"), truth, model.errors, strict=True):
            assert abs(getattr(model, name) - wanted) < 4 * error
            assert error < 0.2 * wanted

    def test_errors_cover_the_truth(self) -> None:
        """Of 60 samples, about 57 hold the true parameter within 1.96 standard errors."""
        inside = np.zeros(4)
        for seed in range(60):
            model = fit_bg_nbd(*simulated(1.0, 8.0, 0.8, 2.0, 1000, seed))
            logs = np.log([model.r / 1.0, model.alpha / 8.0, model.a / 0.8, model.b / 2.0])
            wide = np.array(model.errors) / [model.r, model.alpha, model.a, model.b]
            inside += np.abs(logs) < 1.96 * wide
        assert (inside >= 51).all()

    @pytest.mark.parametrize("seed", range(5))
    def test_order_of_rows(self, seed: int) -> None:
        order = np.random.default_rng(seed).permutation(2357)
        assert fit_bg_nbd(*(column[order] for column in cdnow())) == fit_bg_nbd(*cdnow())
        values = cdnow_values()
        assert fit_gamma_gamma(*(column[order] for column in values)) == fit_gamma_gamma(*values)

    def test_everybody_three_times(self) -> None:
        once, thrice = fit_bg_nbd(*cdnow()), fit_bg_nbd(*(np.repeat(column, 3) for column in cdnow()))
        assert (thrice.r, thrice.alpha, thrice.a, thrice.b) == pytest.approx((once.r, once.alpha, once.a, once.b))
        assert thrice.log_likelihood == pytest.approx(3 * once.log_likelihood)
        assert np.array(thrice.errors) * np.sqrt(3) == pytest.approx(np.array(once.errors))

    @settings(deadline=None, max_examples=20)
    @given(st.floats(1e-6, 1e6))
    def test_unit_of_amounts(self, factor: float) -> None:
        frequency, value = cdnow_values()
        one, other = fit_gamma_gamma(frequency, value), fit_gamma_gamma(frequency, value * factor)
        assert (other.p, other.q, other.v / factor) == pytest.approx((one.p, one.q, one.v), rel=1e-9)
        assert other.log_likelihood == pytest.approx(one.log_likelihood - one.customers * np.log(factor))
        assert expected_value(other, frequency, value * factor) / factor == pytest.approx(
            expected_value(one, frequency, value), rel=1e-9
        )

    @settings(deadline=None, max_examples=20)
    @given(st.floats(1e-3, 1e3))
    def test_unit_of_time(self, factor: float) -> None:
        x, t_x, t = cdnow()
        one, other = fit_bg_nbd(x, t_x, t), fit_bg_nbd(x, t_x * factor, t * factor)
        assert (other.r, other.alpha / factor, other.a, other.b) == pytest.approx(
            (one.r, one.alpha, one.a, one.b), rel=1e-9
        )
        assert other.log_likelihood == pytest.approx(one.log_likelihood - x.sum() * np.log(factor))
        assert expected_orders(other, 39 * factor, x, t_x * factor, t * factor) == pytest.approx(
            expected_orders(one, 39, x, t_x, t), rel=1e-9
        )

    def test_customers_without_a_purchase_take_no_part(self) -> None:
        with_others = [np.append(column, [other] * 5) for column, other in zip(cdnow(), (0, 0, np.nan), strict=True)]
        assert fit_bg_nbd(*with_others) == fit_bg_nbd(*cdnow())
        frequency, value = cdnow_values()
        kept_nothing = np.append(frequency, [2, 2]), np.append(value, [0.0, np.nan])
        assert fit_gamma_gamma(*kept_nothing) == fit_gamma_gamma(frequency, value)

    def test_what_cannot_be(self) -> None:
        x, t_x, t = cdnow()
        for wrong in ((x + 0.5, t_x, t), (-x, t_x, t), (x, t + 1, t), (x, t_x - 1, t), (x * 0, t_x, t)):
            with pytest.raises(ValueError, match=r"frequency|recency"):
                fit_bg_nbd(*wrong)
        with pytest.raises(ValueError, match="frequency"):
            fit_gamma_gamma(x + 0.5, x)


def reason(fit: Callable[[], object]) -> str:
    with pytest.raises(NoFit) as caught:
        fit()
    return caught.value.reason


class TestNoFit:
    """Data that cannot carry a model: a reason, never a number."""

    def test_too_few(self) -> None:
        one = np.ones(1)
        assert reason(lambda: fit_bg_nbd(one * 0, one * 0, one)) == "few_customers"
        assert reason(lambda: fit_bg_nbd(one * 2, one, one * 3)) == "few_customers"
        assert reason(lambda: fit_bg_nbd(np.ones(2), np.ones(2), np.array([3.0, 4.0]))) == "few_customers"
        assert reason(lambda: fit_bg_nbd(np.empty(0), np.empty(0), np.empty(0))) == "few_customers"
        columns = simulated(0.8, 6, 0.5, 2, 1000)
        fewer = [column[columns[0] > 0][: FEWEST - 1] for column in columns]
        assert reason(lambda: fit_bg_nbd(*fewer)) == "few_customers"
        assert reason(lambda: fit_gamma_gamma(one * 3, one * 50)) == "few_repeats"
        assert reason(lambda: fit_gamma_gamma(one * 0, one * np.nan)) == "no_repeats"
        few = np.arange(1.0, FEWEST_REPEATING)
        assert reason(lambda: fit_gamma_gamma(few, few * 7)) == "few_repeats"

    def test_nobody_bought_again(self) -> None:
        age, nothing = np.linspace(1, 90, 100), np.zeros(100)
        assert reason(lambda: fit_bg_nbd(nothing, nothing, age)) == "no_repeats"
        assert reason(lambda: fit_gamma_gamma(nothing, nothing * np.nan)) == "no_repeats"
        frequency, recency = nothing.copy(), nothing.copy()
        frequency[:3], recency[:3] = 1, 0.5
        assert reason(lambda: fit_bg_nbd(frequency, recency, age)) == "few_repeats"

    @pytest.mark.parametrize("age", [0.0, 30.0])
    def test_one_date(self, age: float) -> None:
        nothing = np.zeros(100)
        assert reason(lambda: fit_bg_nbd(nothing, nothing, nothing + age)) == "one_date"

    def test_all_alike(self) -> None:
        ones = np.ones(200)
        for x, t_x, t in (
            (5, 20, 30),
            (1, 10, 20),
            (1000, 50, 60),
            (3, 30, 30),
            (3, 0, 0),
            (2, 1e-9, 2e-9),
            (2, 1e8, 2e8),
        ):
            assert reason(lambda x=x, t_x=t_x, t=t: fit_bg_nbd(x * ones, t_x * ones, t * ones)) == "at_boundary"

    def test_one_repeat_at_most(self) -> None:
        """Then a and b show only as a / (a + b)."""
        x, t_x, t = simulated(0.8, 6, 0.5, 2, 500)
        assert reason(lambda: fit_bg_nbd(np.minimum(x, 1), t_x, t)) == "at_boundary"

    def test_nobody_drops_out(self) -> None:
        rng = np.random.default_rng(0)
        x = rng.poisson(rng.gamma(3, 4, 400)).astype(float)
        recency = np.where(x > 0, 50 * rng.random(400) ** (1 / np.maximum(x, 1)), 0)
        assert reason(lambda: fit_bg_nbd(x, recency, np.full(400, 50.0))) == "at_boundary"

    @pytest.mark.parametrize("noise", [0, 1e-16, 1e-12, 1e-6, 1e-3])
    def test_constant_amounts(self, noise: float) -> None:
        rng = np.random.default_rng(0)
        frequency = rng.integers(1, 6, 300).astype(float)
        value = 33.3 * (1 + noise * rng.normal(size=300))
        assert reason(lambda: fit_gamma_gamma(frequency, value)) == "at_boundary"

    def test_infinite_mean(self) -> None:
        frequency = np.random.default_rng(1).geometric(0.4, 3000).astype(float)
        value = simulated_values(5, 0.7, 10, frequency)
        assert reason(lambda: fit_gamma_gamma(frequency, value)) == "q_below_one"

    @pytest.mark.parametrize("spread", [30, 150, 300])
    def test_amounts_beyond_sense(self, spread: float) -> None:
        rng = np.random.default_rng(0)
        frequency = rng.integers(1, 6, 300).astype(float)
        assert reason(lambda: fit_gamma_gamma(frequency, 10 ** rng.uniform(-spread, spread, 300)))

    @settings(deadline=None, max_examples=150)
    @given(
        st.integers(0, 10**6), st.integers(30, 120), st.sampled_from([0.02, 0.2, 1, 5]), st.sampled_from([5, 40, 400])
    )
    def test_a_finite_model_or_a_reason(self, seed: int, n: int, rate: float, span: int) -> None:
        """Whatever the data: no warning, no other error, and never a parameter that is not a positive number."""
        rng = np.random.default_rng(seed)
        x = rng.poisson(rate * rng.exponential(size=n)).astype(float)
        t = rng.integers(1, span, n) / 7
        t_x = np.where(x > 0, np.maximum(1, np.round(7 * t * rng.random(n))) / 7, 0)
        value = np.round(rng.lognormal(3, rng.choice([0.01, 1, 4]), n), 2) + 0.01
        for fit in (lambda: fit_bg_nbd(x, t_x, t), lambda: fit_gamma_gamma(x, value)):
            try:
                model = fit()
            except NoFit:
                continue
            numbers = [getattr(model, name) for name in ("r", "alpha", "a", "b") if hasattr(model, name)]
            numbers += [getattr(model, name) for name in ("p", "q", "v") if hasattr(model, name)]
            assert np.isfinite([model.log_likelihood, *numbers, *model.errors]).all()
            assert min(*numbers, *model.errors) > 0


Line = tuple[int, int, int]


def plain_repeats(lines: list[Line], today: int, customers: int) -> list[tuple[float, float, float, float]]:
    """The definition, customer by customer."""
    result = []
    for customer in range(customers):
        nets: dict[int, int] = {}
        for who, day, amount in lines:
            if who == customer and day <= today:
                nets[day] = nets.get(day, 0) + amount
        bought = sorted(day for day, net in nets.items() if net > 0)
        if not bought:
            result.append((0.0, 0.0, np.nan, np.nan))
            continue
        gross = sum(nets[day] for day in bought)
        back = sum(net for day, net in nets.items() if net <= 0 and day > bought[0])
        again = bought[1:]
        value = max(0.0, 1 + back / gross) * sum(nets[d] for d in again) / len(again) if again else np.nan
        result.append((len(again), (bought[-1] - bought[0]) / 7, (today - bought[0]) / 7, value))
    return result


def columns_of(lines: list[Line]) -> tuple[NDArray[np.intp], NDArray[np.datetime64], Floats]:
    who, day, amount = zip(*lines, strict=True) if lines else ((), (), ())
    days = np.datetime64("2024-01-01") + np.array(day, dtype="timedelta64[D]")
    return np.array(who, dtype=np.intp), days, np.array(amount, dtype=float)


class TestRepeats:
    AS_OF = dt.date(2024, 2, 10)

    def told(self, lines: list[Line], customers: int = 1) -> list[tuple[float, float, float, float]]:
        found = repeats(*columns_of(lines), self.AS_OF, customers)
        return list(zip(found.frequency, found.recency, found.age, found.value, strict=True))

    def test_lines_of_a_day_are_one(self) -> None:
        assert self.told([(0, 5, 10), (0, 5, 20), (0, 12, 30), (0, 12, 12), (0, 26, 18)]) == [(2, 3, 5, 30)]

    def test_after_today_is_not_yet(self) -> None:
        assert self.told([(0, 5, 10), (0, 19, 10), (0, 41, 99)]) == [(1, 2, 5, 10)]

    def test_without_a_purchase(self) -> None:
        nothing = (0, 0, pytest.approx(np.nan, nan_ok=True), pytest.approx(np.nan, nan_ok=True))
        assert self.told([(1, 5, -10), (2, 5, 0), (3, 5, 10), (3, 5, -10)], 4) == [nothing] * 4

    def test_money_given_back(self) -> None:
        # 40 of 160 came back: three quarters of 60
        assert self.told([(0, 5, 100), (0, 12, 60), (0, 20, -40)]) == [(1, 1, 5, 45)]
        # for a purchase that the log does not show
        assert self.told([(0, 2, -40), (0, 5, 100), (0, 12, 60)]) == [(1, 1, 5, 60)]
        # more than was paid
        assert self.told([(0, 5, 100), (0, 12, 60), (0, 20, -400)]) == [(1, 1, 5, 0)]

    @settings(deadline=None, max_examples=200)
    @given(
        st.lists(st.tuples(st.integers(-1, 4), st.integers(-30, 60), st.integers(-50, 100)), max_size=60),
        st.randoms(use_true_random=False),
    )
    def test_the_definition(self, lines: list[Line], random: object) -> None:
        wanted = plain_repeats(lines, 40, 6)
        shuffled = list(lines)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        # a line in two parts is the same line
        parts = [part for who, day, amount in shuffled for part in ((who, day, amount - 7), (who, day, 7))]
        for version in (lines, shuffled, parts):
            assert np.array(self.told(version, 6)) == pytest.approx(np.array(wanted), nan_ok=True)

    def test_lines_without_day_or_amount(self) -> None:
        who, days, amounts = columns_of([(0, 5, 10), (0, 12, 20), (0, 19, 30), (0, 26, 40)])
        days[1], amounts[2] = np.datetime64("NaT"), np.nan
        found = repeats(who, days, amounts, self.AS_OF, 1)
        assert (found.frequency[0], found.recency[0], found.value[0]) == (1, 3, 40)

    def test_all_refunds(self) -> None:
        found = repeats(*columns_of([(i % 50, i % 40, -5) for i in range(500)]), self.AS_OF, 50)
        assert reason(lambda: fit_bg_nbd(found.frequency, found.recency, found.age)) == "few_customers"
        assert reason(lambda: fit_gamma_gamma(found.frequency, found.value)) == "no_repeats"

    @pytest.mark.parametrize("as_of", ["1997-09-30", "1998-06-30"])
    def test_cdnow_against_lifetimes(self, as_of: str) -> None:
        log = cdnow_log()
        # days without a net above 0 are no purchases here: eight of CDNOW's lines are of 0.00
        nets = log.groupby(["id", "day"], as_index=False)["amount"].sum()
        codes, ids = pd.factorize(log["id"], sort=True)
        found = repeats(codes, log["day"].to_numpy(), log["amount"].to_numpy(), dt.date.fromisoformat(as_of), len(ids))
        paid = nets[nets["amount"] > 0]
        wanted = summary_data_from_transaction_data(paid, "id", "day", "amount", observation_period_end=as_of, freq="D")
        wanted = wanted.reindex(ids)
        assert found.frequency == pytest.approx(wanted["frequency"].fillna(0).to_numpy())
        assert found.recency == pytest.approx(wanted["recency"].fillna(0).to_numpy() / 7)
        assert found.age == pytest.approx(wanted["T"].to_numpy() / 7, nan_ok=True)
        again = found.frequency > 0
        assert found.value[again] == pytest.approx(wanted["monetary_value"].to_numpy()[again])
        assert np.isnan(found.value[~again]).all()

    def test_transactions_against_lifetimes(self) -> None:
        log = load_transaction_data()
        log["date"] = pd.to_datetime(log["date"])
        wanted = summary_data_from_transaction_data(log, "id", "date", observation_period_end="2014-12-31", freq="D")
        codes, ids = pd.factorize(log["id"], sort=True)
        found = repeats(codes, log["date"].to_numpy(), np.ones(len(log)), dt.date(2014, 12, 31), len(ids))
        wanted = wanted.reindex(ids)
        assert found.frequency == pytest.approx(wanted["frequency"].to_numpy())
        assert found.recency == pytest.approx(wanted["recency"].to_numpy() / 7)
        assert found.age == pytest.approx(wanted["T"].to_numpy() / 7)

    def test_the_published_fit_from_the_log(self) -> None:
        """From the order lines to the figures of the paper, with the eight days of 0.00 counted as it does."""
        log = cdnow_log()
        codes, ids = pd.factorize(log["id"])
        amounts = log["amount"].clip(lower=0.01).to_numpy()
        found = repeats(codes, log["day"].to_numpy(), amounts, dt.date(1997, 9, 30), len(ids))
        model = fit_bg_nbd(found.frequency, found.recency, found.age)
        assert [round(x, 3) for x in (model.r, model.alpha, model.a, model.b)] == [0.243, 4.414, 0.793, 2.426]
        assert round(model.log_likelihood, 2) == -9582.43
        amount = fit_gamma_gamma(found.frequency, found.value)
        assert [round(x, 2) for x in (amount.p, amount.q, amount.v)] == [6.25, 3.74, 15.44]


def cdnow_log() -> pd.DataFrame:
    path = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(path, sep=r"\s+", header=None, names=["master", "id", "day", "discs", "amount"])
    log["day"] = pd.to_datetime(log["day"].astype(str), format="%Y%m%d")
    return log


def test_scipy_only_when_a_model_is_fitted() -> None:
    """Its import costs half a second."""
    code = (
        "import sys, numpy as np, crm_xl, crm_xl.analysis.btyd as btyd\n"
        "model = btyd.BgNbd(0.2, 4, 0.8, 2.4, 0, 0, (0,) * 4)\n"
        "btyd.expected_orders(model, 39, np.ones(2), np.ones(2), np.full(2, 9.0))\n"
        "print(sorted(name for name in sys.modules if name.startswith('scipy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
