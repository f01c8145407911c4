"""Cohorts: what became of the customers of each month, and how long they take to order again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from crm_xl.analysis.cohorts import Cohorts, cohorts
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.silence import Repurchase, repurchase
from crm_xl.vocabulary.texts import text

from .story import Story, blank_area, fill_table, write_figures

AREAS, TABLES = ("CohortRetention", "CohortRevenue"), ("CohortCurve", "RepeatTimes")
COHORTS, MONTHS = 18, 12
"""The latest cohorts are shown, up to so many months after their first order."""
Cells = Mapping[tuple[int, int], tuple[object, None]]


def write_cohorts(story: Story) -> None:
    """CohortRetention, CohortRevenue, CohortCurve, RepeatTimes, and the figures beside them."""
    book, nets = story.book, story.nets
    if not any(map(book.has_name, AREAS)) and not any(map(book.has_table, TABLES)):
        return
    found = cohorts(nets.who, nets.when, nets.net, story.as_of, MONTHS)
    for name, shares in zip(AREAS, (found.retention, found.revenue_retention), strict=True):
        if book.has_name(name):
            book.write_area(name, _area(found, shares, text("cohort_size", story.lang)))
    if book.has_table("CohortCurve"):
        book.replace_rows("CohortCurve", _curve(found), formulas=False)
    again = repurchase(nets.who, nets.when, nets.net, story.as_of)
    if book.has_table("RepeatTimes"):
        within = text("repeat_within", story.lang)
        rows = [{"within": within.format(days=days), "share": share} for days, share in again.second_within.items()]
        fill_table(book, "RepeatTimes", rows)
    write_figures(book, _figures(story, found, again))


def _figures(story: Story, found: Cohorts, again: Repurchase) -> dict[str, object]:
    customers, _ = story.nets.purchases()
    begins = text("cohorts_none", story.lang)
    if len(found.months):
        begins = text("cohorts_begin", story.lang).format(month=found.months[0])
    return {
        "CohortNote": begins,
        "RepeatMedian": again.median,
        "RepeatLower": again.lower,
        "RepeatUpper": again.upper,
        "RepeatCustomers": int((np.bincount(customers) >= 2).sum()),
        "BuyersCounted": again.customers,
    }


def _area(found: Cohorts, shares: Floats, size: str) -> Cells:
    """The latest cohorts, the oldest of them on top: month, new customers, shares of the months 0 to 12."""
    cells = blank_area(COHORTS, MONTHS + 2)
    months = found.months[-COHORTS:].astype("datetime64[us]").tolist()
    if months:
        cells[0, 1] = size, None
        cells |= {(0, k + 2): (k, None) for k in range(MONTHS + 1)}
    sizes, latest = found.sizes[-COHORTS:].tolist(), shares[-COHORTS:].tolist()
    for i, (month, count, line) in enumerate(zip(months, sizes, latest, strict=True), 1):
        cells[i, 0], cells[i, 1] = (month, None), (count, None)
        cells |= {(i, k + 2): (None if share != share else share, None) for k, share in enumerate(line)}
    return cells


def _curve(found: Cohorts) -> list[dict[str, object]]:
    if not len(found.months):
        return []
    lines = zip(found.mean_retention.tolist(), found.mean_revenue_retention.tolist(), strict=True)
    return [
        {"month": k, "retention": None if kept != kept else kept, "revenue_retention": None if part != part else part}
        for k, (kept, part) in enumerate(lines)
    ]
