"""Targets: where each stands, and the lists that some of them ask for."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crm_xl.analysis.dates import edate
from crm_xl.analysis.targets import list_column, list_share, metric_key, progress, status, top_rows
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.vocabulary.labels import is_label, label

from .measures import Measures, period_months
from .story import Story

YEAR = 12
Standing = tuple[object, object, object]
"""Current value, progress, status."""
_NOTHING: Standing = (None, None, None)


def write_targets(story: Story) -> None:
    """Current value, progress and status of every target whose metric is known; the customers of every list."""
    book = story.book
    if not book.has_table("Targets"):
        return
    data = book.read_table("Targets")
    used = data.used
    listed: list[dict[str, object]] = []
    if used and {"metric", "target_value"} <= set(data.fields):
        measures = Measures(story)
        targets, _ = to_numbers(data.column("target_value")[:used])
        baselines, _ = to_numbers(data.column("baseline")[:used])
        dues, _ = to_days(data.column("due")[:used])
        names, kinds, metrics = data.column("target"), data.column("target_kind"), data.column("metric")
        scopes, periods = data.column("scope"), data.column("period")
        standings: list[Standing] = []
        for i in range(used):
            target = float(targets[i])
            if is_label(kinds[i], "kind_list"):
                rows = _listed(story, measures, names[i], metrics[i], scopes[i], target)
                listed += rows
                standings.append((float(len(rows)), 1.0, label("done", story.lang)) if rows else _NOTHING)
            elif metric_key(metrics[i]) is None or np.isnan(target):
                standings.append(_NOTHING)
            else:
                value = measures.value(metrics[i], scopes[i], periods[i])
                base = None if np.isnan(baselines[i]) else float(baselines[i])
                due: dt.date | None = dues[i].item()
                standings.append(_standing(story, kinds[i], base, target, value, due, periods[i]))
        for at, key in enumerate(("current", "progress", "status")):
            if key in data.fields:
                book.write_column("Targets", key, [s[at] for s in standings])
    if book.has_table("TargetList"):
        book.replace_rows("TargetList", listed, formulas=False)


def _standing(
    story: Story, kind: object, base: float | None, target: float, value: float | None, due: dt.date | None,
    period: object,
) -> Standing:  # fmt: skip
    share, reached = progress(kind, base, target, value)
    start: dt.date | None = None
    if due is not None:
        start = edate(np.array(due, dtype="datetime64[D]"), -period_months(period, YEAR)).astype(object).item()
    return value, share, status(share, reached, start, due, story.as_of, story.lang)


def _listed(
    story: Story, measures: Measures, name: object, field: object, scope: object, target: float
) -> list[dict[str, object]]:
    """The rows of a list, best first; none where its column or its share makes no sense."""
    key, share = list_column(field, measures.columns), list_share(target)
    if key is None or share is None:
        return []
    names = story.column("customer_name")
    return [
        {"target": name, "rank": rank, "customer_id": str(story.outcome.ids[row]), "customer_name": names[row],
         "value": value}
        for rank, row, value in top_rows(measures.members(scope), measures.columns[key], share)
    ]  # fmt: skip
