"""Buy till you die: how many orders a customer will still place, from the log alone (domain.md §8).

BG/NBD (Fader, Hardie, Lee 2005, "Counting your customers the easy way", Marketing Science 24:275-284): while alive,
a customer orders at random at a rate of their own, and after each order stays away for good with a probability of
their own. Rates are gamma(r, alpha), alpha in weeks; probabilities are beta(a, b).
Gamma-Gamma (Fader, Hardie 2013, "The Gamma-Gamma model of monetary value", brucehardie.com/notes/025): the amounts
of a customer's orders are gamma(p, nu), and nu differs between customers as gamma(q, v); v is in the unit of amounts.

Both are fitted by maximum likelihood on the distinct rows with their counts, in the logarithms of the parameters, with
analytic gradient and Hessian. Time is measured in weeks. In this field `recency` runs from first to last order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from .dates import Bools, Codes, Days, Floats
from .purchases import day_nets

WEEK = 7
YEAR = 365 / WEEK
"""Weeks of 12 months."""
MONTH = YEAR / 12

FEWEST = 30
"""Customers below which four parameters are not asked of them."""
FEWEST_REPEATING = 10
"""The same for customers who bought again: they alone tell of dropping out and of amounts."""

Reason = Literal[
    "few_customers", "few_repeats", "no_repeats", "one_date", "at_boundary", "not_converged", "q_below_one"
]


class NoFit(Exception):
    """The data cannot carry the model. `reason`:

    few_customers: fewer than FEWEST; few_repeats: fewer than FEWEST_REPEATING bought again; no_repeats: nobody did;
    one_date: all orders on a single day; at_boundary: a parameter runs to 0 or to infinity, or any value does as well
    (customers too much alike, nobody drops out); not_converged: no maximum was found; q_below_one: the mean amount over all customers
    would be infinite.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Repeats(NamedTuple):
    """What the models ask about each customer, shape (n,) each.

    `frequency`: days with a purchase after the first such day; `recency`: weeks from the first to the last purchase;
    `age`: weeks from the first purchase to `as_of`; `value`: mean net amount of a repeat purchase, NaN without one;
    `own`: that of all purchases. Without any purchase age and own are NaN, the others 0 and NaN.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    value: Floats
    own: Floats


def repeats(codes: Codes, days: Days, amounts: Floats, as_of: date, customers: int) -> Repeats:
    """Order lines (shape (lines,) each; customers are the codes 0 to customers - 1) -> repeat behaviour.

    A purchase is a day with a net above 0 (see `purchases.day_nets`). Later days that net below 0 are money given back.
    Nothing says for which purchase, so all purchases of the customer shrink in the same proportion, at most to 0; what
    was given back before the first purchase belongs to one that the log does not show.
    """
    nets = day_nets(codes, days, amounts, as_of)
    who, net, bought = nets.who, nets.net, nets.bought
    ago = (np.datetime64(as_of, "D") - nets.when).astype(float)
    buyers, first, purchases = np.unique(who[bought], return_index=True, return_counts=True)
    last = first + purchases - 1
    frequency, recency, begun = np.zeros(customers), np.zeros(customers), np.full(customers, np.nan)
    frequency[buyers] = purchases - 1
    recency[buyers] = (ago[bought][first] - ago[bought][last]) / WEEK
    begun[buyers] = ago[bought][first]
    later = ago < begun[who]

    def total(rows: Bools) -> Floats:
        return np.bincount(who[rows], weights=net[rows], minlength=customers).astype(float)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kept = np.maximum(0.0, 1 + total(later & ~bought) / total(bought))
        value = np.where(frequency > 0, kept * total(later & bought) / frequency, np.nan)
        own = kept * total(bought) / np.where(np.isnan(begun), np.nan, frequency + 1)
    return Repeats(frequency, recency, begun / WEEK, value, own)


class BgNbd(NamedTuple):
    """Orders at rates gamma(r, alpha in weeks), dropping out with probabilities beta(a, b).

    `errors`: standard errors of r, alpha, a, b; `customers`: how many were fitted.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    errors: tuple[float, float, float, float]


class GammaGamma(NamedTuple):
    """Amounts gamma(p, nu) with nu gamma(q, v), v in the unit of the amounts.

    `errors`: standard errors of p, q, v; `customers`: how many bought again and were fitted.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    errors: tuple[float, float, float]


Curve = tuple[float, Floats, Floats]
"""A log-likelihood, its gradient and its Hessian."""


def fit_bg_nbd(frequency: Floats, recency: Floats, age: Floats) -> BgNbd:
    """BG/NBD by maximum likelihood. Shape (n,) each, see `Repeats`; customers without a purchase take no part.

    Errors: NoFit. ValueError for what cannot be (frequency not a whole number, recency above age).
    """
    x, t_x, t = _finite(frequency, recency, age)
    _check_counts(x)
    if (t_x < 0).any() or (t_x > t).any() or (t_x[x == 0] != 0).any():
        raise ValueError("recency: from 0 to age, and 0 without a repeat")
    (x, t_x, t), place = _distinct(x, t_x, t)
    counts = np.bincount(place).astype(float)
    customers, repeating = int(counts.sum()), int(counts[x > 0].sum())
    if customers < FEWEST:
        raise NoFit("few_customers")
    if not repeating:
        raise NoFit("one_date" if t.min() == t.max() else "no_repeats")
    if repeating < FEWEST_REPEATING:
        raise NoFit("few_repeats")
    scale = float(t.max()) or 1.0

    def curve(parameters: Floats) -> Curve:
        return bg_nbd_likelihood(parameters, x, t_x / scale, t / scale, counts)

    (r, alpha, a, b), likelihood, errors = _maximum(curve, customers, _BG_NBD_STARTS)
    likelihood -= float((counts * x).sum()) * float(np.log(scale))
    errors[1] *= scale
    return BgNbd(r, alpha * scale, a, b, likelihood, customers, (errors[0], errors[1], errors[2], errors[3]))


def fit_gamma_gamma(frequency: Floats, value: Floats) -> GammaGamma:
    """Gamma-Gamma by maximum likelihood on customers who bought again and kept something (value above 0).

    Shape (n,) each. Errors: NoFit. ValueError where frequency is not a whole number.
    """
    x, m = _finite(frequency, value)
    _check_counts(x)
    told = (x > 0) & (m > 0)
    repeating = int(told.sum())
    if not repeating:
        raise NoFit("no_repeats")
    if repeating < FEWEST_REPEATING:
        raise NoFit("few_repeats")
    (x, m), place = _distinct(x[told], m[told])
    counts = np.bincount(place).astype(float)
    scale = float(np.exp(counts @ np.log(m) / repeating))

    def curve(parameters: Floats) -> Curve:
        return gamma_gamma_likelihood(parameters, x, m / scale, counts)

    (p, q, v), likelihood, errors = _maximum(curve, repeating, _GAMMA_GAMMA_STARTS)
    if q <= 1:
        raise NoFit("q_below_one")
    likelihood -= repeating * float(np.log(scale))
    return GammaGamma(p, q, v * scale, likelihood, repeating, (errors[0], errors[1], errors[2] * scale))


def bg_nbd_likelihood(parameters: Floats, frequency: Floats, recency: Floats, age: Floats, counts: Floats) -> Curve:
    """Log-likelihood of r, alpha, a, b, its gradient and Hessian: the rows, shape (n,) each, summed by `counts`."""
    from scipy.special import digamma, gammaln, polygamma

    r, alpha, a, b = parameters
    y, n = _tally(frequency, counts)
    customers = n.sum()
    # log of the odds that the last order was the last one for good, which the first order cannot be
    rate, before = r + frequency, b + np.maximum(frequency, 1) - 1
    late, early = np.log(alpha + age), np.log(alpha + recency)
    odds = np.where(frequency > 0, np.log(a) - np.log(before) + rate * (late - early), -np.inf)
    either = np.logaddexp(0.0, odds)
    value = (
        customers * (r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
        + n @ (gammaln(r + y) + gammaln(b + y) - gammaln(a + b + y))
        + _dot(counts, either - rate * late)
    )

    gone = np.exp(odds - either)
    weight = counts * gone
    far, near = 1 / (alpha + age), 1 / (alpha + recency)
    # derivatives of the log odds by each parameter
    slopes = np.array([late - early, rate * (far - near), np.full(len(gone), 1 / a), -1 / before])
    pull = _dot(slopes, weight)
    lost = customers * digamma(a + b) - n @ digamma(a + b + y)
    gradient = pull + np.array(
        [
            customers * (np.log(alpha) - digamma(r)) + n @ digamma(r + y) - _dot(counts, late),
            customers * r / alpha - _dot(counts, rate * far),
            lost,
            lost + n @ digamma(b + y) - customers * digamma(b),
        ]
    )

    hessian = np.array([_dot(slopes, row) for row in slopes * (weight * (1 - gone))])
    hessian[0, 0] += n @ polygamma(1, r + y) - customers * polygamma(1, r)
    hessian[0, 1] += customers / alpha - _dot(counts, far) + _dot(weight, far - near)
    hessian[1, 0] = hessian[0, 1]
    hessian[1, 1] += _dot(counts, rate * far**2) + _dot(weight, rate * (near**2 - far**2)) - customers * r / alpha**2
    hessian[2:, 2:] += customers * polygamma(1, a + b) - n @ polygamma(1, a + b + y)
    hessian[2, 2] -= pull[2] / a
    hessian[3, 3] += n @ polygamma(1, b + y) - customers * polygamma(1, b) + _dot(weight, slopes[3] ** 2)
    return float(value), gradient, hessian


def gamma_gamma_likelihood(parameters: Floats, frequency: Floats, value: Floats, counts: Floats) -> Curve:
    """Log-likelihood of p, q, v (equation 1a of the note), its gradient and Hessian; all frequencies above 0.

    Shape (n,) each, the rows summed by `counts`.
    """
    from scipy.special import digamma, gammaln, polygamma

    p, q, v = parameters
    y, n = _tally(frequency, counts)
    customers = n.sum()
    spent = frequency * value
    shape, log_spent, log_sum = p * frequency + q, np.log(spent), np.log(spent + v)
    likelihood = (
        customers * (q * np.log(v) - gammaln(q))
        + n @ (gammaln(p * y + q) - gammaln(p * y))
        + _dot(counts, p * frequency * log_spent - np.log(value) - shape * log_sum)
    )

    per_sum = 1 / (spent + v)
    gradient = np.array(
        [
            n @ (y * (digamma(p * y + q) - digamma(p * y))) + _dot(counts, frequency * (log_spent - log_sum)),
            n @ digamma(p * y + q) + customers * (np.log(v) - digamma(q)) - _dot(counts, log_sum),
            customers * q / v - _dot(counts, shape * per_sum),
        ]
    )

    bend = polygamma(1, p * y + q)
    pp = n @ (y**2 * (bend - polygamma(1, p * y)))
    pq, pv = n @ (y * bend), -_dot(counts, frequency * per_sum)
    qq, qv = n @ bend - customers * polygamma(1, q), customers / v - _dot(counts, per_sum)
    vv = _dot(counts, shape * per_sum**2) - customers * q / v**2
    return float(likelihood), gradient, np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])


def _dot(rows: Floats, weights: Floats) -> Floats:
    """Sum of the products along the last axis. Not by BLAS, which sums as many threads as are free happen to share."""
    result: Floats = (rows * weights).sum(axis=-1)
    return result


def _tally(frequency: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """The frequencies that occur and the customers of each: what depends on the frequency alone is computed once."""
    customers = np.bincount(frequency.astype(np.int64), weights=counts).astype(float)
    there = np.flatnonzero(customers)
    return there.astype(float), customers[there]


_FAR = np.log(1e5)
"""Logarithm of how far a parameter may be from the scale of the data: beyond, nothing tells it from 0 or infinity."""
_VAGUE = 20.0
"""A standard error of the logarithm that leaves not even the order of magnitude of a parameter known."""
_LEVEL = 1e-6
"""Slope of the log-likelihood per customer at which a climb has ended."""
_BG_NBD_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.1, 0.1, 0.3))
_GAMMA_GAMMA_STARTS = ((0.5, 5.0, 10.0), (50.0, 2.0, 0.02))
"""In units of the highest age and of the (geometric) mean amount. The second where the first ends at a boundary."""


def _maximum(
    curve: Callable[[Floats], Curve], customers: int, starts: Sequence[tuple[float, ...]]
) -> tuple[list[float], float, list[float]]:
    """Parameters at the maximum of the log-likelihood, that maximum, and standard errors from the information there.

    Errors: NoFit.
    """

    @lru_cache(maxsize=8)
    def at(*logs: float) -> Curve:
        """What is minimised: per customer, in the logarithms of the parameters."""
        parameters = np.exp(logs)
        value, gradient, hessian = curve(parameters)
        slope = gradient * parameters
        information = -(hessian * np.outer(parameters, parameters) + np.diag(slope))
        if not np.isfinite(information).all():
            raise NoFit("not_converged")
        return -value / customers, -slope / customers, information / customers

    ends: list[tuple[Floats, bool]] = []
    with np.errstate(all="ignore"):
        for start in starts:
            ends.append(_climbed(at, np.log(start), customers))
            if ends[-1][1]:
                break
        logs, settled = min(ends, key=lambda end: at(*end[0])[0])
        value, slope, information = at(*logs)
        if not settled:
            known = np.abs(logs).max() > _FAR or np.abs(slope).max() < _LEVEL
            raise NoFit("at_boundary" if known else "not_converged")
        parameters = np.exp(logs)
        errors = parameters * np.sqrt(np.diag(np.linalg.inv(information)) / customers)
    return parameters.tolist(), -value * customers, errors.tolist()


def _climbed(at: Callable[..., Curve], start: Floats, customers: int) -> tuple[Floats, bool]:
    """Where a climb from `start` ends, and whether that is a peak: the last of Newton's steps is a small one."""
    from scipy.optimize import minimize

    def stop_far_out(logs: Floats) -> None:
        if np.abs(logs).max() > _FAR:
            raise StopIteration

    logs: Floats = minimize(
        lambda logs: at(*logs)[0],
        start,
        method="trust-exact",
        jac=lambda logs: at(*logs)[1],
        hess=lambda logs: at(*logs)[2],
        callback=stop_far_out,
        options={"gtol": 1e-8, "max_trust_radius": 2.0, "maxiter": 100},
    ).x
    for _ in range(5):
        _, slope, information = at(*logs)
        if np.abs(logs).max() > _FAR or np.linalg.eigvalsh(information)[0] * customers * _VAGUE**2 < 1:
            break
        step = np.linalg.solve(information, slope)
        logs = logs - step
        # towards a boundary each step is about as long as the one before
        if np.abs(step).max() < 1e-4:
            return logs, True
    return logs, False


def _finite(*columns: Floats) -> list[Floats]:
    """The rows in which all columns are known."""
    arrays = [np.asarray(column, dtype=float) for column in columns]
    known = np.isfinite(arrays).all(axis=0)
    return [column[known] for column in arrays]


def _check_counts(frequency: Floats) -> None:
    if (frequency < 0).any() or (frequency % 1 != 0).any():
        raise ValueError("frequency: whole numbers from 0")


def _distinct(*columns: Floats) -> tuple[list[Floats], Codes]:
    """The distinct rows, sorted, and which of them each row is."""
    order = np.lexsort(columns[::-1])
    ranked = [column[order] for column in columns]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in ranked])
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.cumsum(new) - 1
    return [column[new] for column in ranked], place


def probability_alive(model: BgNbd, frequency: Floats, recency: Floats, age: Floats) -> Floats:
    """Probability that a customer has not dropped out yet, 0 to 1 (Fader, Hardie, Lee 2008, brucehardie.com/notes/021).

    Shape (n,) each; NaN where something is not known. Under BG/NBD only an order can be the last one for good, and a
    customer's first order never is: those who never bought again are alive with certainty, however long ago it was.
    """
    x, t_x, t = (np.asarray(column, dtype=float) for column in (frequency, recency, age))
    odds = np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    odds = odds + (model.r + x) * (np.log(model.alpha + t) - np.log(model.alpha + t_x))
    result: Floats = np.exp(-np.logaddexp(0.0, np.where(x > 0, odds, -np.inf)))
    return np.where(np.isnan(x + t_x + t), np.nan, result)


def expected_orders(model: BgNbd, weeks: float, frequency: Floats, recency: Floats, age: Floats) -> Floats:
    """Orders expected in the next `weeks` given the history (equation 10 of the paper).

    Shape (n,) each; NaN where something is not known.
    """
    alive = probability_alive(model, frequency, recency, age)
    return alive * _orders_if_alive(model, [weeks], [1.0], frequency, age)


def expected_new(model: BgNbd, weeks: float) -> float:
    """Orders after the first that a new customer is expected to place in `weeks` (equation 9 of the paper)."""
    return float(_orders_if_alive(model, [weeks], [1.0], np.zeros(1), np.zeros(1))[0])


def expected_value(model: GammaGamma, frequency: Floats, value: Floats) -> Floats:
    """Mean amount of a customer's orders, in the unit of the fitted amounts (equation 5 of the note).

    Shape (n,) each. Between the customer's own mean and that of all customers, p v / (q - 1), the nearer to the former
    the more orders it rests on; without a repeat the latter alone. NaN where it would be infinite or is not known.
    """
    x, m = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
    base = model.p * x + model.q - 1
    told = model.p * (model.v + np.where(x > 0, x * m, 0.0))
    return np.where(base > 0, told / np.where(base > 0, base, 1.0), np.nan)


def discounted_orders(
    model: BgNbd, weeks: float, frequency: Floats, recency: Floats, age: Floats, yearly_rate: float
) -> Floats:
    """Orders expected in the next `weeks` (YEAR for 12 months), later ones counting for less; shape (n,) each.

    The sum over months of the orders expected in the month / (1 + yearly rate)^(its end in years): times the margin of
    an order this is the value of a customer. A month is a twelfth of 365 / 7 weeks; the last one ends with `weeks`.
    `yearly_rate` above -1, 0: no discount.
    """
    ends = np.minimum(np.arange(1, max(1, np.ceil(weeks / MONTH - 1e-9)) + 1) * MONTH, weeks)
    discounts = (1 + yearly_rate) ** (-ends / YEAR)
    # a sum over differences of the curve, as one over its values
    shares = discounts - np.append(discounts[1:], 0.0)
    orders = _orders_if_alive(model, ends[shares != 0], shares[shares != 0], frequency, age)
    return probability_alive(model, frequency, recency, age) * orders


_NODES = 128
_CHUNK = 4096
"""Rows at a time: their nodes stay in the processor's cache."""


def _orders_if_alive(
    model: BgNbd, ends: Sequence[float] | Floats, shares: Sequence[float] | Floats, frequency: Floats, age: Floats
) -> Floats:
    """Orders that a customer who is alive at `age` places within each of `ends` (weeks), summed by `shares`.

    This is the mean of (1 - (1 + p end / (alpha + age))^-(r + x)) / p over the customer's dropout probability p,
    beta(a, b + x). The closed form is a difference of hypergeometric terms over a - 1: it overflows for many orders,
    and at a = 1 it is 0 / 0. The mean has no such place; its error is below 1e-8 of the result for the wildest
    parameters, below 1e-11 for those of real customers.
    """
    x, t = np.broadcast_arrays(np.asarray(frequency, dtype=float), np.asarray(age, dtype=float))
    result = np.full(x.shape, np.nan)
    known = np.isfinite(x) & np.isfinite(t)
    (x, t), place = _distinct(x[known], t[known])
    orders, rule_of = np.unique(x, return_inverse=True)
    nodes, weights, at_zero = _beta_rule(model.a, model.b + orders)
    rate, waited = model.r + x, model.alpha + t
    mean = at_zero[rule_of] * rate * np.dot(shares, ends) / waited
    for start in range(0, len(x), _CHUNK):
        rows = slice(start, start + _CHUNK)
        p, power = nodes[rule_of[rows]], -rate[rows, None]
        placed = sum(
            share * -np.expm1(power * np.log1p(p * (end / waited[rows, None])))
            for end, share in zip(ends, shares, strict=True)
        )
        mean[rows] += (weights[rule_of[rows]] * placed / p).sum(axis=1)
    result[known] = mean[place]
    return result


def _beta_rule(a: float, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Nodes p above 0, their weights, and the weight of p = 0, for means over beta(a, b); shape (len(b), nodes).

    The trapezoid rule over the logit of p, where the integrand is smooth and falls off exponentially on both sides
    (Trefethen, Weideman 2014, SIAM Review 56:385-458). It spans what matters of p (1 - p); the
    probability beyond (for small a or b that is much) stands at 0 and at 1, so that p and p^2 have their exact means.
    """
    up, down = a + 1, (b + 1)[:, None]
    both = up + down
    far = np.geomspace(1e-5, 1e3, 512)

    def reach(distances: Floats) -> Floats:
        """How far from the mode beta(a + 1, b + 1) has fallen to exp(-36) of its height."""
        fallen = both * np.logaddexp(np.log(down / both), np.log(up / both) + distances) - up * distances
        result: Floats = distances[np.argmax(fallen > 36, axis=1)][:, None]
        return result

    left, right = reach(-far), reach(far)
    logit = np.log(up / down) + left + (right - left) * np.linspace(0.0, 1.0, _NODES)
    log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
    height = up * log_p + down * log_q
    height = np.exp(height - height.max(axis=1, keepdims=True))
    p, q, b = np.exp(log_p), np.exp(log_q), b[:, None]
    weights = height / height.sum(axis=1, keepdims=True) * (a * b / ((a + b) * (a + b + 1))) / (p * q)
    at_zero = (b / (a + b))[:, 0] - (weights * q).sum(axis=1)
    at_one = a / (a + b) - (weights * p).sum(axis=1, keepdims=True)
    return np.append(p, np.ones_like(at_one), axis=1), np.append(weights, at_one, axis=1), at_zero
