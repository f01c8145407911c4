"""Snapshots of every refresh, and the trend between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.history import Snapshot, TrendRow, add_snapshot, trend
from crm_xl.cells import CellError
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.vocabulary.messages import message
from crm_xl.workbook.protocol import TableData, Workbook

from ..analyse import Outcome
from .story import Story, cell_of


def write_snapshots(story: Story) -> None:
    """History with the snapshot of this date, and Trend."""
    book, outcome, report = story.book, story.outcome, story.report
    if not book.has_table("History"):
        return
    data = book.read_table("History")
    old = _read_history(data)
    as_of = story.as_of
    rows, dropped = add_snapshot(old, snapshot_of(outcome), outcome.rules.settings.history_rows)
    if dropped:
        report.notes.append(
            message("history_thinned", report.lang, rows=outcome.rules.settings.history_rows, count=dropped)
        )
    _write_history(book, data, rows)
    movements = trend(rows, {as_of: outcome.activity_before})
    if book.has_table("Trend"):
        lines = {t.as_of: _trend_line(t) for t in movements}
        lines |= {d: line for d, line in _read_trend(book).items() if d in lines and d != as_of}
        book.replace_rows("Trend", list(lines.values()), formulas=False)
    story.history = rows
    # snapshots after this date say nothing of the time before it
    story.movement = next((t for t in movements if t.as_of == as_of), None)


def _write_history(book: Workbook, data: TableData, rows: Sequence[Snapshot]) -> None:
    """The snapshots; only the last one where all before it stand there already."""
    columns, used = _history_columns(rows), data.used
    stored = data.columns()
    if (
        len(rows) > 1
        and used == sum(map(len, rows[:-1]))
        and all(stored[at][:used] == columns[key][:used] for key, at in data.fields.items())
    ):
        book.append_rows("History", {key: cells[used:] for key, cells in columns.items()})
    else:
        book.replace_rows("History", columns, formulas=False)


def write_past(book: Workbook, outcomes: Sequence[Outcome]) -> None:
    """History and Trend of a new workbook, from analyses as of earlier dates."""
    history = [snapshot_of(outcome) for outcome in outcomes]
    starts = {outcome.as_of.date(): outcome.activity_before for outcome in outcomes}
    if book.has_table("History"):
        book.replace_rows("History", _history_columns(history), formulas=False)
    if book.has_table("Trend"):
        book.replace_rows("Trend", [_trend_line(t) for t in trend(history, starts)], formulas=False)


def _trend_line(row: TrendRow) -> dict[str, object]:
    return {key: cell_of(value) for key, value in asdict(row).items()}


def snapshot_of(outcome: Outcome) -> Snapshot:
    """All customers with an id as an analysis found them."""
    kept = np.array([bool(i) for i in outcome.ids], dtype=bool)
    empty: list[object] = [None] * len(outcome.ids)
    # a workbook without the columns has no levels either
    columns = {**dict.fromkeys(_SNAPSHOT, empty), **outcome.columns, **outcome.results}
    return _snapshot(outcome.as_of.date(), outcome.ids, columns, _numbers(columns), kept)


def _read_trend(book: Workbook) -> dict[dt.date, dict[str, object]]:
    """The trend as stored: what was known of the log at an earlier date is not known any more."""
    data = book.read_table("Trend")
    days, _ = to_days(data.column("as_of")[: data.used])
    return {
        day: {key: data.rows[i][at] for key, at in data.fields.items()}
        for i, day in enumerate(days.tolist())
        if day is not None
    }


def _snapshot(
    day: dt.date,
    ids: np.ndarray[Any, Any],
    columns: Mapping[str, Sequence[object]],
    numbers: Mapping[str, Floats],
    rows: np.ndarray[Any, Any],
) -> Snapshot:
    """The snapshot that some rows of a table are. A cell with an error has no label."""
    found: dict[str, Any] = {
        k: ["" if c is None or isinstance(c, CellError) else str(c) for c in compress(columns[k], rows)] for k in _TEXTS
    }
    found |= {k: cells[rows] for k, cells in numbers.items()}
    return Snapshot(day, ids[rows].tolist(), **found)


_SNAPSHOT = [f.name for f in fields(Snapshot)]
_NUMBERS = ("annual_spend", "order_count", "score")
_TEXTS = [name for name in _SNAPSHOT[2:] if name not in _NUMBERS]


def _numbers(columns: Mapping[str, Sequence[object]]) -> dict[str, Floats]:
    return {key: to_numbers(list(columns[key]))[0] for key in _NUMBERS}


def _history_columns(history: Sequence[Snapshot]) -> dict[str, Sequence[object]]:
    """Snapshots as columns of cells, one below another."""
    columns: dict[str, list[object]] = {"as_of": [], **{k: [] for k in _SNAPSHOT[1:]}}
    for snapshot in history:
        columns["as_of"] += [cell_of(snapshot.as_of)] * len(snapshot)
        for key in _SNAPSHOT[1:]:
            cells = getattr(snapshot, key)
            if isinstance(cells, np.ndarray):
                cells = [None if c != c else c for c in cells.tolist()]
            else:
                cells = [c or None for c in cells]
            columns[key] += cells
    return dict(columns)


def _read_history(data: TableData) -> list[Snapshot]:
    """Snapshots as stored; rows without a usable date or id are left out, and the second of a customer on a day."""
    if not {"as_of", "customer_id"} <= set(data.fields):
        return []
    used, cells = data.used, data.columns()
    columns = {key: cells[index][:used] for key, index in data.fields.items()}
    empty: list[object] = [None] * used
    columns = {**dict.fromkeys(_SNAPSHOT, empty), **columns}
    days, _ = to_days(columns["as_of"])
    ids = normal_ids(columns["customer_id"])
    usable = ~np.isnat(days) & (ids != "")
    usable &= ~pd.DataFrame({"day": days.astype("datetime64[s]"), "id": ids}).duplicated().to_numpy()
    numbers = _numbers(columns)
    found = []
    for day in np.unique(days[usable]):
        rows = usable & (days == day)
        found.append(_snapshot(day.item(), ids, columns, numbers, rows))
    return found
