"""Segments: value, activity, groups of texts and numbers, crossed into tags (domain.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crm_xl.rules.models import ActivityRule, Group, ValueTier
from crm_xl.vocabulary.fields import Lang, normal_header
from crm_xl.vocabulary.labels import is_label, label

from .compare import INCOMPLETE, PROSPECT, UNCOVERED, at_least, edge_codes, rounded
from .dates import Bools, Codes, Days, Floats, edate

Texts = NDArray[np.object_]


def value_codes(spend: Floats, tiers: Sequence[ValueTier]) -> Codes:
    """Index of the tier of each amount (same unit as the tiers)."""
    return edge_codes(spend, [t.edge for t in tiers])


def activity_codes(monthly: Floats, last: Days, as_of: Days, rules: Sequence[ActivityRule]) -> Codes:
    """Index of the first rule that holds; PROSPECT without an order.

    A rule that asks for monthly orders where they are empty leaves the answer open: INCOMPLETE.
    """
    codes: Codes = np.full(np.broadcast_shapes(monthly.shape, last.shape, as_of.shape), UNCOVERED, dtype=np.intp)
    for index in range(len(rules) - 1, -1, -1):
        rule = rules[index]
        holds: Bools = np.True_  # type: ignore[assignment]
        if rule.months_since is not None:
            holds = last <= edate(as_of, -rule.months_since)
        if rule.monthly is not None:
            np.copyto(codes, INCOMPLETE, where=holds & np.isnan(monthly))
            holds = holds & at_least(monthly, rule.monthly)
        np.copyto(codes, index, where=holds)
    np.copyto(codes, PROSPECT, where=np.isnat(last))
    return codes


def segment_codes(
    spend: Floats,
    monthly: Floats,
    last: Days,
    as_of: Days,
    tiers: Sequence[ValueTier],
    rules: Sequence[ActivityRule],
) -> Codes:
    """Tier index * number of rules + rule index, or INCOMPLETE, PROSPECT, UNCOVERED."""
    value = value_codes(spend, tiers)
    activity = activity_codes(monthly, last, as_of, rules)
    codes = value * len(rules) + activity
    if not ((value < 0).any() or (activity < 0).any()):
        return codes
    np.copyto(codes, UNCOVERED, where=(value == UNCOVERED) | (activity == UNCOVERED))
    np.copyto(codes, INCOMPLETE, where=(value == INCOMPLETE) | (activity == INCOMPLETE))
    standing = order_standing(spend, last)
    np.copyto(codes, standing, where=standing < 0)
    return codes


def order_standing(spend: Floats, last: Days) -> Codes:
    """PROSPECT: no order and no spend; INCOMPLETE: one of the two is missing; else 0."""
    never = np.isnat(last)
    empty = np.isnan(spend)
    nothing = empty | (rounded(spend) == 0)
    codes = np.where(never & nothing, PROSPECT, np.where(never | empty, INCOMPLETE, 0))
    return codes.astype(np.intp)


def tag_labels(tiers: Sequence[ValueTier], rules: Sequence[ActivityRule], lang: Lang) -> list[str]:
    """The tags in the order of `segment_codes`."""
    return list(_tags(tuple(t.label for t in tiers), tuple(r.label for r in rules), lang))


@lru_cache(maxsize=64)
def _tags(tiers: tuple[str, ...], rules: tuple[str, ...], lang: Lang) -> tuple[str, ...]:
    return tuple(join_tag((t, r), lang) for t in tiers for r in rules)


def join_tag(labels: Iterable[str], lang: Lang) -> str:
    """Labels joined: 高价值活跃客户, High-value · Active. Prospect and incomplete go before all else."""
    parts = [x for x in labels if x]
    for special in ("prospect", "prospect_customer"):
        if any(is_label(p, special) for p in parts):
            return label("prospect_customer", lang)
    if not parts or any(is_label(p, "incomplete") for p in parts):
        return label("incomplete", lang)
    if any(is_label(p, "out_of_scope") for p in parts):
        return label("out_of_scope", lang)
    suffix = label("tag_suffix", lang)
    stems = [p.removesuffix(suffix) or p for p in parts] if suffix else parts
    return label("tag_join", lang).join(stems) + suffix


def group_texts(texts: Texts, groups: Sequence[Group], other: str, empty: str) -> Texts:
    """The group of each text: the same text, else the longest group value inside it."""
    found: dict[str, str] = {}
    exact = {normal_header(g.value): g.label for g in reversed(groups)}
    longest = sorted(exact, key=len, reverse=True)

    def look_up(text: str) -> str:
        key = normal_header(text)
        if not key:
            return empty
        return exact.get(key) or next((exact[v] for v in longest if v and v in key), other)

    result = np.empty(texts.shape, dtype=object)
    flat = result.ravel()
    for i, text in enumerate(texts.ravel()):
        if text not in found:
            found[text] = look_up(text)
        flat[i] = found[text]
    return result


def share_edges(spend: Floats, shares: Sequence[float | None]) -> list[float | None]:
    """The lower edge of each tier for shares from the top down, in per cent of the customers.

    Percentiles are Excel's PERCENTILE.INC over spend above 0. The last tier has no edge. With no
    spend above 0 there are no edges: all None.
    """
    population = spend[spend > 0]
    edges: list[float | None] = []
    above = 0.0
    for share in shares[:-1]:
        above += share or 0.0
        cut = max(0.0, 100.0 - above)
        edges.append(float(np.percentile(population, cut)) if population.size else None)
    return [*edges, None]


@lru_cache(maxsize=256)
def split_tag(tag: str, lang: Lang) -> tuple[str | None, str | None]:
    """The built-in (value, activity) labels that a tag contains."""
    values = [label(k, lang) for k in ("high", "mid", "low")]
    activities = [label(k, lang) for k in ("active", "occasional", "dormant", "lost", "prospect")]
    return (
        next((v for v in values if v in tag), None),
        next((a for a in activities if a in tag), None),
    )
