"""Groups from the data: what they are like, how many fit best, and how they compare with the segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from crm_xl.analysis.grouping import Grouping
from crm_xl.analysis.profile import excel_numbers
from crm_xl.analysis.rates import rate, total
from crm_xl.vocabulary.texts import text

from ..label_order import every_label
from ..outlook import FEATURES, group_name
from .story import Story, blank_area, fill_table, write_figures

GROUPS, SEGMENTS = 9, 16
"""Lines and columns of the matrix behind its labels."""
CLEAR, WEAK = 0.5, 0.25
"""Silhouettes from which on groups are distinct, or are there at all (Kaufman and Rousseeuw, Finding Groups in Data,
1990)."""


def write_clusters(story: Story) -> None:
    """Clusters, Silhouettes and the matrix of groups and segments."""
    book = story.book
    if not book.has_table("Clusters"):
        return
    grouping = story.outcome.outlook.grouping
    names = _names(story, grouping)
    fill_table(book, "Clusters", [] if grouping is None else _clusters(story, grouping, names))
    if book.has_table("Silhouettes"):
        book.replace_rows("Silhouettes", [] if grouping is None else _silhouettes(story, grouping), formulas=False)
    if book.has_name("ClusterMatrix"):
        cells = blank_area(GROUPS, SEGMENTS)
        if grouping is not None:
            cells |= {at: (value, None) for at, value in _matrix(story, grouping, names).items()}
        book.write_area("ClusterMatrix", cells)
    write_figures(book, {"ClustersSaid": _said(story, grouping)})


def _said(story: Story, grouping: Grouping | None) -> str:
    lang, outlook = story.lang, story.outcome.outlook
    if grouping is not None:
        return text("clusters_found", lang).format(
            customers=int((grouping.labels >= 0).sum()), groups=len(grouping.groups),
            silhouette=f"{grouping.silhouette:.2f}", verdict=_verdict(story, grouping.silhouette),
        )  # fmt: skip
    if outlook.no_grouping:
        return text("clusters_none", lang).format(reason=outlook.no_grouping)
    return text("clusters_off", lang)


def _verdict(story: Story, silhouette: float) -> str:
    known = round(silhouette, 9)
    key = "clear" if known >= CLEAR else "weak" if known >= WEAK else "none"
    return text(f"silhouette_{key}", story.lang)


def _names(story: Story, grouping: Grouping | None) -> list[str]:
    """The groups by what sets them apart, and one more for customers in none of them."""
    groups = () if grouping is None else grouping.groups
    return [*(group_name(i, g, story.lang) for i, g in enumerate(groups, 1)), text("cluster_none", story.lang)]


def _clusters(story: Story, grouping: Grouping, names: Sequence[str]) -> list[dict[str, object]]:
    """Each group's size, share of all spend and means; last, without means, customers in no group."""
    spend = excel_numbers(story.column("annual_spend"))
    labels, everybody, all_spend = grouping.labels, len(grouping.labels), total(spend)
    rows: list[dict[str, object]] = []
    for index, name in enumerate(names):
        members = labels == (index if index < len(grouping.groups) else -1)
        if not members.any():
            continue
        means = grouping.groups[index].means.tolist() if index < len(grouping.groups) else [None] * len(FEATURES)
        rows.append(
            {
                "data_group": name,
                "customers": int(members.sum()),
                "customer_share": rate(int(members.sum()), everybody),
                "spend_share": rate(total(spend[members]), all_spend) if all_spend > 0 else None,
                **{key: None if m is None else round(m, 6) for key, m in zip(FEATURES, means, strict=True)},
            }
        )
    return rows


def _silhouettes(story: Story, grouping: Grouping) -> list[dict[str, object]]:
    return [
        {
            "groups": groups,
            "silhouette": round(value, 6),
            "verdict": _verdict(story, value),
            "chosen": text("silhouette_chosen", story.lang) if groups == len(grouping.groups) else None,
        }
        for groups, value in sorted(grouping.silhouettes.items())
    ]


def _matrix(story: Story, grouping: Grouping, names: Sequence[str]) -> dict[tuple[int, int], object]:
    """Cells by row and column, labels in row 0 and column 0. Segments without a column are counted in a last one."""
    counts: Counter[tuple[int, str]] = Counter()
    for group, segment in zip(grouping.labels.tolist(), story.column("segment"), strict=True):
        if type(segment) is str and segment:
            counts[group if group >= 0 else len(names) - 1, segment] += 1
    there = {segment for _, segment in counts}
    order = [s for s in every_label("segment", story.rules) if s in there]
    order += sorted(there - set(order))
    room = SEGMENTS - (len(order) > SEGMENTS)
    columns = {segment: j for j, segment in enumerate(order[:room], 1)}
    used = [i for i in range(len(names)) if any(group == i for group, _ in counts)]
    cells: dict[tuple[int, int], object] = {(0, j): segment for segment, j in columns.items()}
    if len(order) > room:
        cells[0, SEGMENTS] = text("cluster_others", story.lang)
    for line, group in enumerate(used, 1):
        row = np.zeros(SEGMENTS + 1, dtype=int)
        for segment in order:
            row[columns.get(segment, SEGMENTS)] += counts[group, segment]
        cells[line, 0] = names[group]
        width = min(len(order), SEGMENTS)
        cells |= {(line, j): int(row[j]) for j in range(1, width + 1)}
    return cells
