"""The page about one picked customer: what its formulas show, with the formulas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.cells import CellError
from crm_xl.functions.call import to_days
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.texts import PICKERS, text
from crm_xl.workbook.case_formulas import (
    GRIDS,
    LABELS,
    LOGS,
    MADE,
    NEEDED,
    OLD_TO_NEW,
    ROWS_OF_A_SHEET,
    STRATEGY_FIELDS,
    STRATEGY_LINES,
    Log,
    categories,
    fact_formula,
    grid_places,
    keys_name,
    log_cell,
    log_key,
    picked_formulas,
    segment_label_formula,
    strategy_cell,
    strategy_key,
)
from crm_xl.workbook.formulas import Native
from crm_xl.workbook.protocol import TableData

from ..evaluate import shown
from ..opening import is_number, unit_factor
from .story import Story, cell_of
from .voice import loyalty_balances

PICKER = PICKERS["case"]
DAY_ZERO = dt.datetime(1899, 12, 30)
"""Day 0 of Excel."""
Area = dict[tuple[int, int], tuple[object, Native | None]]


def write_case(story: Story) -> None:
    """The page, by native formulas where the workbook is ours."""
    if story.book.has_name(PICKER) and "customer_id" in story.book.headers("Customers"):
        _Case(story).write()


class _Case:
    """`at`: row of the picked customer in the customer table, -1 for none."""

    def __init__(self, story: Story) -> None:
        self.story, self.book = story, story.book
        self.headers = story.book.headers("Customers")
        self.picked = " ".join(shown(story.book.read_name(PICKER)).split())
        self.at = self._find("customer_id")
        if self.at < 0:  # an id goes before a name
            self.at = self._find("customer_name")
        self.id = shown(self._stored("customer_id")) if self.at >= 0 else ""
        self.key = str(normal_ids([self.id])[0])

    def _find(self, key: str) -> int:
        if not self.picked or key not in self.headers:
            return -1
        cells = (("" if isinstance(c, CellError) else shown(c)) for c in self.story.column(key))
        return next((i for i, name in enumerate(cells) if name == self.picked), -1)

    def _stored(self, key: str) -> Any:
        """The picked customer's cell as the customer table has it; '' for none and for a wrong one."""
        cell: Any = self.story.column(key)[self.at] if self.at >= 0 and key in self.headers else None
        factor = unit_factor(self.story.customers, key, self.story.unit)
        if factor != 1 and is_number(cell):
            cell = round(cell / factor, 6)
        return "" if cell is None or isinstance(cell, CellError) else cell

    def write(self) -> None:
        lang = self.story.lang
        natives = picked_formulas(self.headers, lang) if self.story.natives else {}
        found = shown(self._stored("customer_name" if "customer_name" in self.headers else "customer_id"))
        name = found if self.at >= 0 else text("case_unknown", lang) if self.picked else ""
        for key, value in (("CaseRow", self.at + 1 or ""), ("CaseId", self.id), ("CaseName", name)):
            self._put(key, {(0, 0): (value, natives.get(key))})
        for block, items in GRIDS.items():
            self._put(block, self._grid(items))
        for block, log in LOGS.items():
            self._write_log(block, log)
        self._write_strategies()

    def _put(self, name: str, cells: Area) -> None:
        if self.book.has_name(name):
            self.book.write_area(name, cells)

    # ------------------------------------------------------------ grids

    def _grid(self, items: Sequence[str]) -> Area:
        story = self.story
        has_points = self.book.has_table("LoyaltyBalances")
        balances = self.book.headers("LoyaltyBalances") if has_points else {}
        cells: Area = {}
        for item, row, column in grid_places(items):
            native = fact_formula(item, self.headers, balances)
            if item in MADE:
                said = text(MADE[item], story.lang)
            else:
                said = self.headers.get(item) or CUSTOMERS.field(item).header(story.lang, story.unit)
            value = self._made(item) if item in MADE else self._stored(item)
            cells[row, column] = said, None
            cells[row, column + 1] = ("" if native is None else value), native if story.natives else None
        return cells

    def _made(self, item: str) -> object:
        if self.at < 0:
            return ""
        if item == "@points":
            held = {b.customer_id: b.balance for b in loyalty_balances(self.story)[1]}
            return held.get(self.key, "")
        facts = [self._stored(key) for key in NEEDED[item]]
        days = [to_days([f])[0][0] for f in facts if isinstance(f, dt.datetime)]
        if item == "@days_since":
            return int((np.datetime64(self.story.as_of, "D") - days[0]).astype(int)) if days else ""
        count = facts[-1]
        if len(days) < 2 or not is_number(count) or count <= 1:
            return ""
        return float((days[1] - days[0]).astype(int)) / (count - 1)

    # ------------------------------------------------------------ lists

    def _write_log(self, block: str, log: Log) -> None:
        if not self.book.has_name(block):
            return
        there = self.book.has_table(log.table)
        headers = self.book.headers(log.table) if there else {}
        usable = {"customer_id", log.date} <= headers.keys()
        lines = self._lines(log, headers) if usable and self.at >= 0 else []
        if block in OLD_TO_NEW:
            lines.reverse()
        native = self.story.natives and usable
        area: Area = {(0, column): (headers[key], None) for key, column in log.fields if key in headers}
        keys: Area = {}
        for i in range(log.lines):
            at, cells = lines[i] if i < len(lines) else ("", {})
            keys[i, 0] = at, log_key(block, log, headers, i + 1) if native else None
            for key, column in log.fields:
                formula = log_cell(block, log, headers, key, i + 1) if native and key in headers else None
                area[i + 1, column] = cells.get(key, ""), formula
        self._put(keys_name(block), keys)
        self._put(block, area)

    def _lines(self, log: Log, headers: Mapping[str, str]) -> list[tuple[object, dict[str, object]]]:
        """The newest lines of the customer: (key, cells by field), the newest first."""
        if log.table == "History":
            return self._snapshots(log, headers)
        data = self.book.read_table(log.table)
        used = data.used
        ids = normal_ids(data.column("customer_id")[:used])
        days, _ = to_days(data.column(log.date)[:used])
        mine = (ids == self.key) & ~np.isnat(days) & (days <= np.datetime64(self.story.as_of, "D"))
        rows = sorted(np.flatnonzero(mine).tolist(), key=lambda i: (days[i], i), reverse=True)[: log.lines]
        return [(_key(days[i].item(), data.first + i), _cells(data, i)) for i in rows]

    def _snapshots(self, log: Log, headers: Mapping[str, str]) -> list[tuple[object, dict[str, object]]]:
        """The customer in the last snapshots, as they will stand on the sheet."""
        row = self.book.read_table("History").first
        found: list[tuple[object, dict[str, object]]] = []
        for snapshot in self.story.history:
            # an id that is there twice is so in the snapshot, too
            mine = [i for i, who in enumerate(snapshot.customer_id) if who == self.key]
            for at in mine if snapshot.as_of <= self.story.as_of else ():
                fields = [key for key, _ in log.fields if key in headers and key != "as_of"]
                cells = {key: _plain(getattr(snapshot, key)[at]) for key in fields}
                found.append((_key(snapshot.as_of, row + at), {"as_of": cell_of(snapshot.as_of), **cells}))
            row += len(snapshot)
        return found[-log.lines :][::-1]

    # ------------------------------------------------------------ strategies

    def _write_strategies(self) -> None:
        book, lang = self.book, self.story.lang
        if not book.has_name("CaseStrategies") or not book.has_table("Strategies"):
            return
        headers = book.headers("Strategies")
        data = book.read_table("Strategies")
        usable = {"system", "tag", "category", "strategy"} <= headers.keys()
        native = self.story.natives and usable
        rows = [_cells(data, i) for i in range(data.used)] if usable else []
        segment = self._segment_label(rows)
        joined = (label("tag_join", lang), label("tag_suffix", lang))
        formula = segment_label_formula(self.headers, headers, joined) if native else None
        self._put("CaseSegment", {(0, 0): (segment, formula)})
        found = self._strategies(rows, segment)
        area: Area = {(0, column): (headers[key], None) for key, column in STRATEGY_FIELDS if key in headers}
        keys: Area = {}
        for i in range(STRATEGY_LINES):
            rank, at = found[i] if i < len(found) else (0, -1)
            key = rank * ROWS_OF_A_SHEET + data.first + at + 1 if at >= 0 else ""
            keys[i, 0] = key, strategy_key(self.headers, headers, lang, i + 1) if native else None
            for name, column in STRATEGY_FIELDS:
                cell = strategy_cell(headers, name, i + 1) if native and name in headers else None
                area[i + 1, column] = rows[at].get(name, "") if at >= 0 else "", cell
        self._put(keys_name("CaseStrategies"), keys)
        self._put("CaseStrategies", area)

    def _segment_label(self, rows: Sequence[Mapping[str, object]]) -> str:
        """The tag, else value and activity joined, activity, value: the first with a strategy."""
        if self.at < 0 or "segment" not in self.headers:
            return ""
        lang = self.story.lang
        tag, activity, value = (shown(self._stored(k)) for k in ("segment", "activity", "value_tier"))
        tries = [tag]
        if {"activity", "value_tier"} <= self.headers.keys():
            tries.append(value + label("tag_join", lang) + activity + label("tag_suffix", lang))
        tries += [activity, value]
        known = {shown(r["tag"]) for r in rows if _is(r["system"], "segment") and shown(r["strategy"])}
        return next((t for t in tries if t and t in known), "")

    def _strategies(self, rows: Sequence[Mapping[str, object]], segment: str) -> list[tuple[int, int]]:
        """(category's place, row) of the strategies for all labels of the customer, in the order of the page."""
        if self.at < 0:
            return []
        labels = {system: shown(self._stored(key)) for system, key in LABELS.items() if key in self.headers}
        labels["segment"] = segment
        ranks = {name: i for i, name in enumerate(categories(self.story.lang), 1)}
        found = []
        for i, row in enumerate(rows):
            tag = shown(row["tag"])
            mine = any(_is(row["system"], system) and tag == name for system, name in labels.items())
            if tag and mine and shown(row["strategy"]):
                found.append((ranks.get(shown(row["category"]), len(ranks) + 1), i))
        return sorted(found)


def _is(cell: object, word: str) -> bool:
    """Whether a cell equals a word, as = compares."""
    return shown(cell).casefold() == word


def _key(day: dt.date, row: int) -> float:
    """The key of a line: `row` counts sheet rows from 0."""
    serial = (dt.datetime(day.year, day.month, day.day) - DAY_ZERO).days
    return serial * ROWS_OF_A_SHEET + row + 1


def _cells(data: TableData, row: int) -> dict[str, object]:
    cells = data.row(row)
    return {key: _plain(cells[at]) for key, at in data.fields.items()}


def _plain(cell: object) -> object:
    if cell is None or isinstance(cell, CellError) or cell != cell:
        return ""
    return cell.item() if isinstance(cell, np.generic) else cell
