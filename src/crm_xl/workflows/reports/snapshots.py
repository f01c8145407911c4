"""Snapshots of every refresh, and the trend between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import is_
from types import NoneType
from typing import Any

import numpy as np

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import Days, Floats
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
    old, same = _read_history(data)
    as_of = story.as_of
    rows, dropped = add_snapshot(old, snapshot_of(outcome), outcome.rules.settings.history_rows)
    if dropped:
        report.notes.append(
            message("history_thinned", report.lang, rows=outcome.rules.settings.history_rows, count=dropped)
        )
    if same and old and len(rows) == len(old) + 1 and all(map(is_, rows, old)):
        book.append_rows("History", _history_columns(rows[-1:]))  # all before it stand there already
    else:
        book.replace_rows("History", _history_columns(rows), formulas=False)
    # what was known of the log at an earlier date is not known any more
    known = _read_trend(book) if book.has_table("Trend") else {}
    known.pop(as_of, None)
    movements = trend(rows, {as_of: outcome.activity_before}, lambda day: day not in known)
    if book.has_table("Trend"):
        lines = known | {t.as_of: _trend_line(t) for t in movements}
        book.replace_rows("Trend", [lines[s.as_of] for s in rows], formulas=False)
    story.history = rows
    # snapshots after this date say nothing of the time before it
    story.movement = next(t for t in movements if t.as_of == as_of)


def write_past(book: Workbook, outcomes: Sequence[Outcome]) -> None:
    """History and Trend of a new workbook, from analyses as of earlier dates."""
    history = [snapshot_of(outcome) for outcome in outcomes]
    starts = {outcome.as_of.date(): outcome.activity_before for outcome in outcomes}
    if book.has_table("History"):
        book.replace_rows("History", _history_columns(history), formulas=False)
    if book.has_table("Trend"):
        book.replace_rows("Trend", [_trend_line(t) for t in trend(history, starts)], formulas=False)


def _trend_line(row: TrendRow) -> dict[str, object]:
    return {key: cell_of(value) for key, value in row._asdict().items()}


def snapshot_of(outcome: Outcome) -> Snapshot:
    """All customers with an id as an analysis found them."""
    kept = np.array([bool(i) for i in outcome.ids], dtype=bool)
    empty: list[object] = [None] * len(outcome.ids)
    # a workbook without the columns has no levels either
    columns = {**dict.fromkeys(_SNAPSHOT, empty), **outcome.columns, **outcome.results}
    texts = {key: _labels(columns[key]) for key in _TEXTS}
    return _snapshot(outcome.as_of.date(), outcome.ids, texts, _numbers(columns), np.flatnonzero(kept))


def _read_trend(book: Workbook) -> dict[dt.date, dict[str, object]]:
    """The trend as stored."""
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
    texts: Mapping[str, Sequence[str]],
    numbers: Mapping[str, Floats],
    rows: np.ndarray[Any, Any],
) -> Snapshot:
    """The snapshot that some rows of a table are, in order."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        found: dict[str, Any] = {key: cells[rows[0] : rows[-1] + 1] for key, cells in texts.items()}
    else:
        found = {key: [cells[at] for at in rows.tolist()] for key, cells in texts.items()}
    found |= {key: cells[rows] for key, cells in numbers.items()}
    return Snapshot(day, ids[rows].tolist(), **found)


def _labels(cells: Sequence[object]) -> list[str]:
    """Cells as texts. One with an error has no label."""
    if set(map(type, cells)) <= {str, NoneType}:
        return [cell or "" for cell in cells]  # type: ignore[misc]
    return ["" if cell is None or isinstance(cell, CellError) else str(cell) for cell in cells]


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


def _read_history(data: TableData) -> tuple[list[Snapshot], bool]:
    """Snapshots as stored, and whether writing them would give the same cells again; rows without a usable date or id
    are left out, and the second of a customer on a day."""
    if not {"as_of", "customer_id"} <= set(data.fields):
        return [], False
    used, cells = data.used, data.columns()
    columns = {key: cells[index][:used] for key, index in data.fields.items()}
    empty: list[object] = [None] * used
    columns = {**dict.fromkeys(_SNAPSHOT, empty), **columns}
    days, _ = to_days(columns["as_of"])
    ids = normal_ids(columns["customer_id"])
    same = ids.tolist() == columns["customer_id"] and _same_days(columns["as_of"], days)
    same &= all(set(map(type, columns[k])) <= {str, NoneType} and "" not in columns[k] for k in _TEXTS)
    same &= all(set(map(type, columns[k])) <= {float, NoneType} for k in _NUMBERS)
    order = np.flatnonzero(~np.isnat(days) & (ids != ""))
    if (np.diff(days[order]) < np.timedelta64(0, "D")).any():
        order, same = order[np.argsort(days[order], kind="stable")], False
    texts, numbers = {k: _labels(columns[k]) for k in _TEXTS}, _numbers(columns)
    found = []
    for rows in np.split(order, np.flatnonzero(np.diff(days[order])) + 1) if len(order) else []:
        if len(set(ids[rows].tolist())) < len(rows):
            rows, same = rows[np.sort(np.unique(ids[rows].astype(str), return_index=True)[1])], False
        found.append(_snapshot(days[rows[0]].item(), ids, texts, numbers, rows))
    return found, same and len(order) == used


def _same_days(cells: Sequence[object], days: Days) -> bool:
    """Whether days would be written as these cells."""
    known = set(cells)
    return {type(cell) for cell in known} <= {dt.datetime} and known == {cell_of(day) for day in set(days.tolist())}
