"""Groups from the data, against scikit-learn called directly and on data whose groups are known."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from crm_xl.analysis.grouping import FEWEST, NO_GROUP, SAMPLE, Grouping, NoGroups, group_customers

NAMES = ("spend", "orders", "days")


def planted(seed: int = 0, size: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Three kinds of customers: few large ones, frequent ones, those who have gone."""
    rng = np.random.default_rng(seed)
    spend = np.concatenate([rng.lognormal(m, 0.2, n) for m, n in ((13, size // 4), (10, size), (9.6, size))])
    orders = np.concatenate([rng.poisson(m, n) for m, n in ((10, size // 4), (40, size), (2, size))])
    days = np.concatenate([rng.normal(m, 8, n).clip(0) for m, n in ((30, size // 4), (20, size), (300, size))])
    kind = np.repeat([0, 1, 2], [size // 4, size, size])
    mixed = rng.permutation(len(kind))
    return np.column_stack([spend, orders, days])[mixed], kind[mixed]


def refused(features: np.ndarray, **options: object) -> str:
    with pytest.raises(NoGroups) as caught:
        group_customers(features, [f"f{i}" for i in range(features.shape[1])], **options)  # type: ignore[arg-type]
    return caught.value.reason


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    return len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(set(a.tolist())) == len(set(b.tolist()))


def test_planted_groups_are_found_ordered_and_described() -> None:
    features, kind = planted()
    found = group_customers(features, NAMES, logged=("spend",))
    # ordered by mean spend, as planted
    np.testing.assert_array_equal(found.labels, kind)
    large, frequent, gone = found.groups
    assert [g.size for g in found.groups] == [10, 40, 40]
    assert (large.traits[0].name, large.traits[0].high) == ("spend", True)
    assert (frequent.traits[0].name, frequent.traits[0].high) == ("orders", True)
    assert {(t.name, t.high) for t in gone.traits} >= {("orders", False), ("days", True)}
    for place, group in enumerate(found.groups):
        np.testing.assert_allclose(group.means, features[kind == place].mean(axis=0))
        assert all(abs(t.z) >= 0.5 for t in group.traits) and len(group.traits) <= 3
        strengths = [abs(t.z) for t in group.traits]
        assert strengths == sorted(strengths, reverse=True)
    assert found.silhouette == max(found.silhouettes.values()) > 0.5 and list(found.silhouettes) == list(range(2, 9))
    assert found.dropped == ()


def directly(features: np.ndarray, seed: int) -> dict[int, tuple[np.ndarray, float, float]]:
    """Number of groups -> labels, inertia and silhouette, on rows in ascending order."""
    points = StandardScaler().fit_transform(features)
    rows = np.lexsort(features.T[::-1])
    found = {}
    for k in range(2, 9):
        model = KMeans(k, n_init=10, random_state=seed).fit(points[rows])
        labels = np.empty(len(points), dtype=int)
        labels[rows] = model.labels_
        found[k] = labels, model.inertia_, silhouette_score(points, labels)
    return found


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("data", ["iris", "planted", "noise"])
def test_against_scikit_learn(data: str, seed: int) -> None:
    noise = np.random.default_rng(3).normal(size=(200, 4))
    features = {"iris": load_iris().data, "planted": planted()[0], "noise": noise}[data]
    wanted = directly(features, seed)
    found = group_customers(features, [str(i) for i in range(features.shape[1])], seed=seed)
    assert found.silhouettes == {k: pytest.approx(score, abs=1e-9) for k, (_, _, score) in wanted.items()}
    best = max(wanted, key=lambda k: wanted[k][2])
    assert len(found.groups) == best
    assert same_partition(found.labels, wanted[best][0])
    assert found.inertia == pytest.approx(wanted[best][1], rel=1e-9)
    points = StandardScaler().fit_transform(features)
    for place, group in enumerate(found.groups):
        np.testing.assert_allclose(group.centre, points[found.labels == place].mean(axis=0), atol=1e-9)


def test_iris_as_published() -> None:
    """Standardised iris: the silhouette is largest for two groups, 0.58, and 0.46 for three (scikit-learn's own data)."""
    found = group_customers(load_iris().data, list("abcd"))
    assert len(found.groups) == 2
    assert (round(found.silhouettes[2], 2), round(found.silhouettes[3], 2)) == (0.58, 0.46)


def test_what_is_logged() -> None:
    """log(1 + x / median of x above 0); refunds count as 0."""
    features, _ = planted()
    features[:3, 0] = -500.0, 0.0, 1e-300
    by_hand = features.copy()
    spend = np.maximum(features[:, 0], 0)
    by_hand[:, 0] = np.log(1 + spend / np.median(spend[spend > 0]))
    one, other = group_customers(features, NAMES, logged=("spend",)), group_customers(by_hand, NAMES)
    assert same_partition(one.labels, other.labels)
    assert one.inertia == pytest.approx(other.inertia)
    assert refused(-np.ones((20, 1)) * np.arange(20)[:, None], logged=("f0",)) == "constant"


@pytest.mark.parametrize("data", ["planted", "noise"])
def test_the_order_of_rows_does_not_matter(data: str) -> None:
    features = planted()[0] if data == "planted" else np.random.default_rng(5).lognormal(size=(60, 3))
    one = group_customers(features, NAMES, logged=("spend", "orders"))
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(len(features))
        other = group_customers(features[mixed], NAMES, logged=("spend", "orders"))
        np.testing.assert_array_equal(other.labels, one.labels[mixed])
        assert (other.inertia, other.silhouettes) == (one.inertia, one.silhouettes)


ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=FEWEST, max_size=30)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.randoms())
def test_any_rows_in_any_order(rows: list[tuple[int, int]], chance) -> None:  # type: ignore[no-untyped-def]
    def grouped(table: list[tuple[int, int]]) -> Grouping | str:
        try:
            return group_customers(np.array(table, dtype=float), ("a", "b"), logged="a", most=4)
        except NoGroups as no:
            return no.reason

    mixed = list(rows)
    chance.shuffle(mixed)
    one, other = grouped(rows), grouped(mixed)
    if isinstance(one, str):
        assert one == other == "constant" and len(set(rows)) == 1
        return
    assert isinstance(other, Grouping)
    assert sum(g.size for g in one.groups) == len(rows)
    assert dict(zip(rows, one.labels.tolist(), strict=True)) == dict(zip(mixed, other.labels.tolist(), strict=True))
    assert [g.means.tolist() for g in one.groups] == [g.means.tolist() for g in other.groups]
    assert [g.means[0] for g in one.groups] == sorted((g.means[0] for g in one.groups), reverse=True)


def test_units_do_not_matter() -> None:
    features, _ = planted(seed=4)
    wan = features / np.array([1e4, 1, 1])
    one, other = (group_customers(f, NAMES, logged=("spend", "orders")) for f in (features, wan))
    np.testing.assert_array_equal(one.labels, other.labels)
    assert one.inertia == pytest.approx(other.inertia)


def test_what_is_unknown_is_in_no_group() -> None:
    features, kind = planted()
    holes = features.copy()
    holes[3, 1], holes[8, 0] = np.nan, np.inf
    found = group_customers(holes, NAMES, logged=("spend",))
    assert np.flatnonzero(found.labels == NO_GROUP).tolist() == [3, 8]
    rest = np.delete(np.arange(len(kind)), [3, 8])
    np.testing.assert_array_equal(found.labels[rest], kind[rest])
    assert sum(g.size for g in found.groups) == len(rest)


def test_a_constant_feature_is_dropped() -> None:
    features, kind = planted()
    # 0.1 + 0.2 and 0.3 are the same
    level = np.where(np.arange(len(kind)) % 2, 0.1 + 0.2, 0.3)
    found = group_customers(np.column_stack([level, features]), ("level", *NAMES), logged=("spend",))
    assert found.dropped == ("level",)
    assert [g.centre[0] for g in found.groups] == [0, 0, 0]
    assert same_partition(found.labels, kind)
    # what orders the groups says nothing here, so the next feature does
    np.testing.assert_array_equal(found.labels, kind)


def test_ordered_by_another_figure() -> None:
    features, kind = planted()
    score = np.select([kind == 0, kind == 1], [10.0, 90.0], 50.0)
    score[np.flatnonzero(kind == 1)[0]] = np.nan
    found = group_customers(features, NAMES, logged=("spend",), order_by=score)
    np.testing.assert_array_equal(found.labels, np.array([2, 0, 1])[kind])
    unknown = np.where(kind == 0, np.nan, score)
    np.testing.assert_array_equal(
        group_customers(features, NAMES, logged=("spend",), order_by=unknown).labels, found.labels
    )


def test_more_customers_than_the_silhouette_is_taken_of() -> None:
    features, kind = planted(size=4000)
    assert len(features) > SAMPLE
    found = group_customers(features, NAMES, logged=("spend",), most=4)
    assert (found.labels == kind).mean() > 0.999
    mixed = np.random.default_rng(0).permutation(len(features))
    other = group_customers(features[mixed], NAMES, logged=("spend",), most=4)
    np.testing.assert_array_equal(other.labels, found.labels[mixed])
    # one unlike all others is too rare to be sampled
    rare = np.zeros((50_000, 1))
    rare[0] = 1.0
    assert refused(rare, seed=1) == "constant"


def test_as_many_groups_as_kinds_of_customers() -> None:
    found = group_customers(np.repeat([[1.0], [2.0], [9.0]], 5, axis=0), ["f"])
    assert len(found.groups) == 3 and list(found.silhouettes) == [2, 3] and found.silhouette == 1


def test_why_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    features, _ = planted()
    assert refused(features[: FEWEST - 1]) == "few_customers"
    assert len(group_customers(features[:FEWEST], NAMES).groups) <= FEWEST
    assert refused(np.where(np.arange(len(features))[:, None] < 5, features, np.nan)) == "few_customers"
    assert refused(np.empty((0, 3))) == "few_customers"
    assert refused(np.full((50, 3), 7.0)) == refused(np.empty((50, 0))) == "constant"
    with pytest.raises(ValueError, match="at least 2"):
        group_customers(features, NAMES, most=1)
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    assert refused(features) == "no_library"


def test_imported_late() -> None:
    code = "import sys, crm_xl, crm_xl.analysis.grouping; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
