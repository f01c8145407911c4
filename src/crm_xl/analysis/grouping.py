"""Groups from the data: k-means on standardised features, the number of groups by silhouette (domain.md §6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from .compare import rounded
from .dates import Bools, Codes, Floats

FEWEST = 10
"""Fewer customers than this are not divided."""
SAMPLE = 5_000
"""The number of groups is chosen on at most so many customers: the silhouette takes time with their square."""
STARTS = 10
"""Fits from different starting points; the best of them counts."""
NO_GROUP = -1
MARKED = 0.5
"""A group is set apart by a feature whose mean lies so many standard deviations from that of all."""
TRAITS = 3

Reason = Literal["no_library", "few_customers", "constant"]


class NoGroups(Exception):
    """The data cannot be divided, or scikit-learn (the extra `groups`) is not installed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Trait(NamedTuple):
    """A feature that sets a group apart; `z`: standard deviations above (below: negative) the mean of all."""

    name: str
    z: float

    @property
    def high(self) -> bool:
        return self.z > 0


class Group(NamedTuple):
    """`means` (m,): of each feature as given; `centre` (m,): standardised, 0 for a dropped feature. `traits`: the
    features that set it apart, at most 3, the strongest first."""

    size: int
    means: Floats
    centre: Floats
    traits: tuple[Trait, ...]


class Grouping(NamedTuple):
    """Customers in groups. `labels` (n,): index into `groups`, -1 for customers with an unknown feature.

    `dropped`: features that are the same for all. `silhouettes`: number of groups -> mean silhouette, -1 to 1, of
    the sample that the number was chosen on; below 0.25 there is no structure to speak of (Kaufman and Rousseeuw,
    Finding Groups in Data, 1990). `inertia`: sum of squared distances to the centres.
    """

    labels: Codes
    groups: tuple[Group, ...]
    dropped: tuple[str, ...]
    silhouettes: Mapping[int, float]
    inertia: float

    @property
    def silhouette(self) -> float:
        return self.silhouettes[len(self.groups)]


def group_customers(
    features: Floats,
    names: Sequence[str],
    *,
    logged: Collection[str] = (),
    order_by: Floats | None = None,
    seed: int = 0,
    most: int = 8,
) -> Grouping:
    """n customers by m features, shape (n, m), in 2 to `most` groups; NaN and infinity are unknown.

    Features in `logged` (spend, orders: few customers have most of it) enter as log(1 + x / median of x above 0),
    below 0 as 0: so that 万元 and 元 give the same groups. All are standardised (mean 0, population standard
    deviation 1); k-means (Lloyd 1982; k-means++ starts) with the number of groups that has the largest mean silhouette
    (Rousseeuw, J. Comput. Appl. Math. 20, 1987), the smaller one of equals. Groups come by the mean of `order_by`
    (n,), of those who have it, or else of the first feature, descending. The same rows in any order, with the same
    seed, make the same groups.

    Raises NoGroups: few_customers (fewer than 10 with all features known), constant (all features, or no feature),
    no_library (scikit-learn).
    """
    if most < 2:
        raise ValueError("most: at least 2 groups")
    if not names:
        raise NoGroups("constant")
    known = np.isfinite(features).all(axis=1)
    rows = np.flatnonzero(known)
    # k-means and floating-point sums depend on the order of the rows; the order of their contents is always the same
    rows = rows[np.lexsort(features[rows].T[::-1])]
    values = features[rows]
    if len(values) < FEWEST:
        raise NoGroups("few_customers")
    entered = np.column_stack(
        [_log(column) if name in logged else column for name, column in zip(names, values.T, strict=True)]
    )
    varies = _varies(entered)
    if not varies.any():
        raise NoGroups("constant")
    used = entered[:, varies]
    points = (used - used.mean(axis=0)) / used.std(axis=0)
    found, silhouettes, inertia = _divide(points, seed, most)

    sizes = np.bincount(found)
    means, centres = _means(found, values), np.zeros((len(sizes), len(names)))
    centres[:, varies] = _means(found, points)
    rank = means[:, 0] if order_by is None else _known_means(found, order_by[rows])
    order = np.lexsort((*-rounded(means).T[::-1], -rounded(rank)))
    labels = np.full(len(features), NO_GROUP, dtype=np.intp)
    labels[rows] = np.argsort(order)[found]
    return Grouping(
        labels=labels,
        groups=tuple(Group(int(sizes[g]), means[g], centres[g], _traits(centres[g], names)) for g in order),
        dropped=tuple(name for name, moves in zip(names, varies, strict=True) if not moves),
        silhouettes=silhouettes,
        inertia=inertia,
    )


def _means(found: Codes, values: Floats) -> Floats:
    """Mean of each column of values (n, m) in each group, (k, m)."""
    sums = np.column_stack([np.bincount(found, column) for column in values.T])
    result: Floats = sums / np.bincount(found)[:, None]
    return result


def _known_means(found: Codes, values: Floats) -> Floats:
    """Mean of what is known of values (n,) in each group, (k,); lowest of all where nothing is."""
    known, groups = np.isfinite(values), int(found.max()) + 1
    sums, counts = np.bincount(found[known], values[known], groups), np.bincount(found[known], minlength=groups)
    result: Floats = np.divide(sums, counts, out=np.full(groups, -np.inf), where=counts > 0)
    return result


def _log(column: Floats) -> Floats:
    positive = column[column > 0]
    unit = np.median(positive) if positive.size else 1.0
    result: Floats = np.log1p(np.maximum(column, 0.0) / unit)
    return result


def _varies(values: Floats) -> Bools:
    """Columns whose range is more than what is left over from computing."""
    result: Bools = np.ptp(values, axis=0) > 1e-9 * np.abs(values).max(axis=0)
    return result


def _divide(points: Floats, seed: int, most: int) -> tuple[Codes, dict[int, float], float]:
    """(group of each point, silhouette per number of groups, inertia)."""
    try:
        from sklearn.cluster import KMeans
        from sklearn.metrics import silhouette_score
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise NoGroups("no_library") from None

    def fit(data: Floats, count: int) -> Any:
        return KMeans(count, n_init=STARTS, random_state=seed).fit(data)

    sample = points
    if len(points) > SAMPLE:
        chosen = np.random.default_rng(seed).choice(len(points), SAMPLE, replace=False)
        sample = points[np.sort(chosen)]
    most = min(most, len(np.unique(sample, axis=0)), len(sample) - 1)
    if most < 2:
        raise NoGroups("constant")
    # threads add in an order of their own, and on a busy machine wait for each other longer than the work takes
    with threadpool_limits(1):
        silhouettes = {k: float(silhouette_score(sample, fit(sample, k).labels_)) for k in range(2, most + 1)}
        best = max(silhouettes, key=lambda k: (round(silhouettes[k], 9), -k))
        model = fit(points, best)
    return model.labels_.astype(np.intp), silhouettes, float(model.inertia_)


def _traits(centre: Floats, names: Sequence[str]) -> tuple[Trait, ...]:
    strongest = np.argsort(-np.abs(centre), kind="stable")[:TRAITS]
    return tuple(Trait(names[i], float(centre[i])) for i in strongest if abs(centre[i]) >= MARKED)
