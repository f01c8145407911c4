"""Weekly reviews: the figures of this week's rows, and a row for every target that has none yet."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crm_xl.analysis.reviews import week_of, week_text
from crm_xl.analysis.targets import metric_key, target_figure
from crm_xl.functions.call import to_numbers
from crm_xl.vocabulary.labels import is_label
from crm_xl.workbook.protocol import TableData

from .measures import Measures
from .story import Story, cell_of

Aim = tuple[str, str]
"""Metric and scope."""


def write_reviews(story: Story) -> None:
    """Actual and gap of the rows of the week of `as_of` (and of rows without a week); one new row per target."""
    book = story.book
    if not book.has_table("Reviews"):
        return
    data = book.read_table("Reviews")
    used, this_week = data.used, week_of(week_text(story.as_of))
    measures = Measures(story)
    periods = _periods(story)
    weeks, metrics, scopes = (data.column(k)[:used] for k in ("week", "metric", "scope"))
    actuals, gaps = data.column("actual")[:used], data.column("gap")[:used]
    aims, _ = to_numbers(data.column("target_value")[:used])
    there: set[Aim] = set()
    for i in range(used):
        week = week_of(weeks[i])
        blank = weeks[i] is None or not str(weeks[i]).strip()
        if week == this_week:
            there.add(_aim(metrics[i], scopes[i]))
        if week != this_week and not (blank and str(metrics[i] or "").strip()):
            continue
        value = measures.value(metrics[i], scopes[i], periods.get(_aim(metrics[i], scopes[i])))
        actuals[i] = value
        gaps[i] = None if value is None or np.isnan(aims[i]) else value - float(aims[i])
    for key, cells in (("actual", actuals), ("gap", gaps)):
        if key in data.fields and used:
            book.write_column("Reviews", key, cells)
    new = _new_rows(story, measures, there)
    if new:
        book.append_rows("Reviews", new)


def _aim(metric: object, scope: object) -> Aim:
    key = metric_key(metric) or str(metric or "").strip()
    named = str(scope or "").strip()
    return key, "" if is_label(named, "everyone") else named


def _targets(story: Story) -> TableData | None:
    return story.book.read_table("Targets") if story.book.has_table("Targets") else None


def _periods(story: Story) -> dict[Aim, object]:
    """The period of each target, for rows about the same figure."""
    data = _targets(story)
    if data is None:
        return {}
    rows = zip(data.column("metric"), data.column("scope"), data.column("period"), strict=True)
    return {_aim(metric, scope): period for metric, scope, period in rows}


def _new_rows(story: Story, measures: Measures, there: set[Aim]) -> list[dict[str, object]]:
    """A row for each target with a figure to reach, unless this week has one or had one that the user took out."""
    data = _targets(story)
    if data is None or not story.book.has_table("Proposed"):
        return []
    week = week_text(story.as_of)
    proposed = {str(s) for s in story.book.read_table("Proposed").column("proposed_for") if s}
    targets, _ = to_numbers(data.column("target_value"))
    baselines, _ = to_numbers(data.column("baseline"))
    kinds, metrics, scopes = data.column("target_kind"), data.column("metric"), data.column("scope")
    periods = data.column("period")
    rows: list[dict[str, object]] = []
    sources: list[str] = []
    for i in range(data.used):
        aim = _aim(metrics[i], scopes[i])
        goal = target_figure(kinds[i], float(baselines[i]), float(targets[i]))
        source = f"review:{week}:{aim[0]}:{aim[1]}"
        if goal is None or metric_key(metrics[i]) is None or aim in there or source in proposed:
            continue
        there.add(aim)
        value = measures.value(metrics[i], scopes[i], periods[i])
        sources.append(source)
        rows.append(
            {"week": week, "metric": metrics[i], "scope": scopes[i], "target_value": goal, "actual": value,
             "gap": None if value is None else value - goal}
        )  # fmt: skip
    if rows:
        day: dt.datetime = cell_of(story.as_of)  # type: ignore[assignment]
        count = len(sources)
        story.book.append_rows(
            "Proposed", {"customer_id": [None] * count, "proposed_for": sources, "proposed_on": [day] * count}
        )
    return rows
