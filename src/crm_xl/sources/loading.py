"""A file -> a frame of our fields, with every repair and every problem listed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_xl.analysis import cleaning
from crm_xl.analysis.cleaning import DIGITS_LOST, EMPTY, GOOD, REPAIRED, WRONG, distinct, spread
from crm_xl.cells import ERROR_TEXTS
from crm_xl.errors import CrmXlError
from crm_xl.sources.layout import LeftOut, blank, shown_row
from crm_xl.sources.mapping import NO_OVERRIDES, ColumnMatch, Header, Question, asked, understand
from crm_xl.sources.reading import RawTable, read_raw
from crm_xl.vocabulary.fields import UNIT_FACTOR, Field, Table, Unit


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell that was certain but written otherwise. `value` is what the frame holds (a day as a date)."""

    row: int
    header: str
    found: object
    value: object


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be used as it is; `message_key` and `values` make the message."""

    row: int
    header: str
    found: object
    message_key: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source as a frame of n rows: one column per mapped field key, in the table's field order.

    Types: id, text, choice, phone, label: object text, '' if empty; date: datetime64[s], NaT; everything
    else: float64, NaN. Amounts are in yuan for fields whose own unit is yuan, else in the unit asked for.
    Ratios are fractions. `rows` (n,) int64: 1-based source rows, as a spreadsheet shows them; blank rows
    are left out. Repairs and problems are ordered by column, then by row.
    """

    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    matches: list[ColumnMatch]
    repairs: list[Repair]
    problems: list[Problem]
    sheet: str | None = None
    questions: list[Question] = field(default_factory=list)
    """Columns that were not read because it is not sure what they are."""
    left_out: list[LeftOut] = field(default_factory=list)
    """Rows that are no data, in order."""
    header_row: int = 0
    two_rows: bool = False
    """Whether the header takes two rows."""
    hidden: tuple[int, ...] = ()
    """Rows that Excel hides: they were read."""
    elsewhere: tuple[str, ...] = ()
    """What other tables in the sheet begin with: they were not read."""
    others: dict[str, list[object]] = field(default_factory=dict)
    """Columns that mean none of the fields, by header: their cells as they stand, one per row."""


def load(
    path: str | Path,
    table: Table,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    unit: Unit = "wan",
    header_row: int | None = None,
    need_id: bool = True,
    absent: list[str] | None = None,
) -> Loaded:
    """Read a file as `table`. Columns that mean none of its fields, or not surely one, stay out of the frame.

    `need_id` False: a customer list will do with a name or a phone instead of the id; `absent`: see `understand`. Errors: those of `read_raw` and
    `understand`; source_unsure where a column that is needed is not sure; source_no_id where there is none.
    """
    raw = read_raw(path, sheet, table=table, overrides=overrides, header_row=header_row)
    keep = _filled_rows(raw)
    parts = raw.parts or tuple(map(Header, raw.headers))
    columns = [c if len(keep) == len(c) else [c[i] for i in keep.tolist()] for c in raw.columns]
    understood = understand(
        parts, columns, table, overrides, units=raw.units, note=raw.note, from_text=raw.from_text, absent=absent
    )
    matches = understood.matches
    mapped = {match.field.key: match for match in matches if match.field is not None}
    _refuse_without_id(raw, table, mapped, understood.questions, need_id)
    whole = _filled_down(raw, mapped)
    left_out = list(raw.left_out)
    if table.name != "Customers":
        lost = _without_customer(table, mapped, whole, keep)
        left_out += [
            LeftOut(int(i) + raw.first_row, "no_customer", shown_row([c[i] for c in raw.columns]))
            for i in lost.tolist()
        ]
        keep = np.setdiff1d(keep, lost)
    rows = keep + raw.first_row
    loader = _Loader(raw, rows, unit)
    frame = {}
    for target in table.fields:
        match = mapped.get(target.key)
        if match is not None:
            column = whole[match.index]
            cells = column if len(keep) == len(column) else [column[i] for i in keep.tolist()]
            values = loader.column(target, match, cells)
            # dtype named, or pandas makes texts its own str type with NaN for missing
            frame[target.key] = pd.Series(values, dtype=values.dtype)
    return Loaded(
        pd.DataFrame(frame, index=pd.RangeIndex(len(rows))),
        rows,
        matches,
        loader.repairs,
        loader.problems,
        raw.sheet,
        understood.questions,
        sorted(left_out, key=lambda line: line.row),
        raw.header_row,
        any(part.group for part in parts),
        raw.hidden,
        raw.elsewhere,
        _others(raw, matches, keep),
    )


def _refuse_without_id(
    raw: RawTable, table: Table, mapped: Mapping[str, ColumnMatch], questions: list[Question], need_id: bool
) -> None:
    """Errors: source_unsure, source_no_id."""
    if "customer_id" in mapped or all(f.key != "customer_id" for f in table.fields):
        return
    wanted = ["customer_id"]
    if not need_id:
        if "phone" in mapped or "customer_name" in mapped:
            wanted = []
        else:
            wanted += ["customer_name", "phone"]
    unsure = [q for q in questions if q.fields and q.fields[0].field.key in ("customer_id", *wanted)]
    if unsure:
        raise CrmXlError("source_unsure", path=raw.path, questions=tuple(map(asked, unsure[:3])))
    if wanted:
        raise CrmXlError("source_no_id", path=raw.path)


def _filled_down(raw: RawTable, mapped: Mapping[str, ColumnMatch]) -> list[list[object]]:
    """The columns with cells that are merged downwards repeated in each of their rows. Not amounts and counts: they
    would be added up once for every row."""
    columns = list(raw.columns)
    kinds = {match.index: key_match.kind for match in mapped.values() if (key_match := match.field) is not None}
    for first, last, at in raw.merged:
        if kinds.get(at) in (None, "money", "number", "count", "ratio", "rating"):
            continue
        if columns[at] is raw.columns[at]:
            columns[at] = list(columns[at])
        columns[at][first + 1 : last + 1] = [columns[at][first]] * (last - first)
    return columns


def _without_customer(
    table: Table, mapped: Mapping[str, ColumnMatch], columns: list[list[object]], keep: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Lines of a log with neither a customer nor a day: totals without a word, remarks."""
    day = next((f.key for f in table.fields if f.kind == "date"), "")
    told = [columns[mapped[key].index] for key in ("customer_id", day) if key in mapped]
    if len(told) < 2:
        return np.empty(0, dtype=np.int64)
    return np.array([i for i in keep.tolist() if all(blank(c[i]) for c in told)], dtype=np.int64)


def _others(raw: RawTable, matches: list[ColumnMatch], keep: npt.NDArray[np.int64]) -> dict[str, list[object]]:
    """The columns without a field; of two with one header (Excel ignores case) the later gets a number."""
    found: dict[str, list[object]] = {}
    taken = {m.header.casefold() for m in matches if m.field is not None}
    for match in matches:
        if match.field is not None or not match.header.strip():
            continue
        cells = [raw.columns[match.index][i] for i in keep.tolist()]
        if all(map(blank, cells)):
            continue
        name, number = match.header.strip(), 2
        while name.casefold() in taken:
            name, number = f"{match.header.strip()} {number}", number + 1
        taken.add(name.casefold())
        found[name] = cells
    return found


def _filled_rows(raw: RawTable) -> npt.NDArray[np.int64]:
    """0-based rows that hold anything in any column and are data."""
    if not raw.columns:
        return np.empty(0, dtype=np.int64)
    filled = np.zeros(len(raw.columns[0]), dtype=bool)
    for column in raw.columns:
        rest = np.flatnonzero(~filled)
        if not len(rest):
            break
        filled[rest] = [not blank(column[i]) for i in rest.tolist()]
    filled[list(raw.skipped)] = False
    return np.flatnonzero(filled).astype(np.int64)


Array = npt.NDArray[Any]

_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")
_WHOLE = re.compile(r"([0-9]+)\.0+")


@dataclass(slots=True)
class _Loader:
    """Turns columns into arrays and collects what it had to repair or could not use."""

    raw: RawTable
    rows: npt.NDArray[np.int64]
    unit: Unit
    repairs: list[Repair] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def column(self, target: Field, match: ColumnMatch, cells: list[object]) -> Array:
        kind = target.kind
        if kind in ("id", "phone"):
            values, state = _codes(cells, is_id=kind == "id")
            wrong = "value_error_cell"
        elif kind == "choice" and match.factor not in (None, 1.0):
            values, state = _scaled_texts(cells, match.factor or 1.0, self.raw.from_text)
            wrong = "value_not_number"
        elif kind in ("text", "choice", "label"):
            texts = cleaning.clean_texts(cells)
            values, state, wrong = texts.values, texts.state, "value_error_cell"
        elif kind == "date":
            days = cleaning.parse_dates(cells, self.raw.date1904, allow_serial=True, from_text=self.raw.from_text)
            values, state, wrong = days.values.astype("datetime64[s]"), days.state, "value_not_date"
        else:
            values, state = self._numbers(target, match, cells)
            wrong = "value_not_number"
        if target.group != "result":  # our own results are made anew: what stands there is no finding
            self._report(match.header, cells, values, state, wrong)
            if kind in ("id", "phone"):
                self._report_lost_digits(match.header, cells)
        return values

    def _numbers(self, target: Field, match: ColumnMatch, cells: list[object]) -> tuple[Array, Array]:
        parsed = cleaning.parse_numbers(cells, from_text=self.raw.from_text)
        values, state, unit = parsed.values, parsed.state, parsed.unit
        if target.kind == "money":
            misplaced = unit == "%"
            to = UNIT_FACTOR[self.unit if target.unit == "wan" else "yuan"]
            named = parsed.factor
            own = np.isnan(named)
            values = values.copy()
            values[own] = _converted(values[own], match.factor or 1.0, to)
            for factor in np.unique(named[~own]):
                cell = named == factor
                values[cell] = _converted(values[cell], float(factor), to)
        elif target.kind == "ratio":
            misplaced = (unit != "") & (unit != "%")
            bare = (unit == "") & ~np.isnan(values)
            percent = "%" in match.header.replace("％", "%") or match.unit_text in ("%", "％", "百分比")
            if percent and (np.abs(values[bare]) > 1).any():
                values = values.copy()  # the header says percent, and the numbers are: 35 is 0.35
                values[bare] = np.round(values[bare] / 100, 12)
        else:
            bare_wan = (unit == "万") | (unit == "亿")  # 1.2万 pieces is a count, 1.2万元 is not
            misplaced = (unit != "") & (~bare_wan if target.kind != "rating" else True)
            if bare_wan.any():
                values = values.copy()
                values[bare_wan] = np.round(values[bare_wan] * parsed.factor[bare_wan], 6)
        if misplaced.any():
            values, state = values.copy(), state.copy()
            values[misplaced], state[misplaced] = np.nan, WRONG
        return values, state

    def _report(self, header: str, cells: list[object], values: Array, state: Array, wrong: str) -> None:
        for i in np.flatnonzero(state == REPAIRED).tolist():
            value = values[i]
            if isinstance(value, np.datetime64):
                value = value.astype("datetime64[D]").item()
            elif isinstance(value, np.floating):
                value = float(value)
            self.repairs.append(Repair(int(self.rows[i]), header, cells[i], value))
        for i in np.flatnonzero(state == WRONG).tolist():
            found = cells[i]
            is_error = isinstance(found, str) and found.strip() in ERROR_TEXTS
            key = "value_error_cell" if is_error else wrong
            self.problems.append(Problem(int(self.rows[i]), header, found, key, {"value": _shown(found)}))

    def _report_lost_digits(self, header: str, cells: list[object]) -> None:
        codes, uniques = distinct(cells)
        lost = np.fromiter(map(_has_lost_digits, uniques), dtype=bool, count=len(uniques))
        if not lost.any():
            return
        for i in np.flatnonzero(spread(lost, codes, False)).tolist():
            values: dict[str, object] = {"value": _shown(cells[i])}
            self.problems.append(Problem(int(self.rows[i]), header, cells[i], "id_digits_lost", values))


def _converted(values: Array, of: float, to: float) -> Array:
    """Amounts in units of `of` yuan -> units of `to` yuan; untouched if equal, so that 15.2 stays 15.2."""
    if of == to:
        return values
    if of < to:
        return values / (to / of)
    with np.errstate(over="ignore"):
        exact = values * (of / to)
        # 1.005 × 10,000 is not 10,050 in binary; beyond 1e9 rounding would do harm, not good
        return np.where(np.abs(exact) < 1e9, np.round(exact, 6), exact)


def _scaled_texts(cells: list[object], factor: float, from_text: bool) -> tuple[Array, Array]:
    """Numbers of 千人 as texts of people, with states; a range in such a unit is WRONG."""
    parsed = cleaning.parse_numbers(cells, from_text=from_text)
    state = np.where(parsed.unit == "", parsed.state, WRONG).astype(np.int8)
    usable = np.isin(state, (GOOD, REPAIRED))
    values = np.full(len(cells), "", dtype=object)
    people = np.round(parsed.values[usable] * factor, 6)
    values[usable] = [cleaning.number_or_day_text(n) for n in people.tolist()]
    return values, state


def _codes(cells: list[object], *, is_id: bool) -> tuple[Array, Array]:
    """Ids or phone numbers as text, with states."""
    codes, uniques = distinct(cells)
    texts = np.empty(len(uniques), dtype=object)
    states = np.empty(len(uniques), dtype=np.int8)
    for i, value in enumerate(uniques):
        text = cleaning.id_text(value) if is_id else _phone_text(value)
        if text:
            changed = isinstance(value, str) and text != value.strip()
            texts[i], states[i] = text, REPAIRED if changed else GOOD
        else:
            is_wrong = isinstance(value, str) and value.strip() in ERROR_TEXTS
            texts[i], states[i] = "", WRONG if is_wrong else EMPTY
    return spread(texts, codes, ""), spread(states, codes, EMPTY)


def _phone_text(value: object) -> str:
    """A phone number as typed, without what cannot be seen; a number's digits."""
    if not isinstance(value, str):
        return cleaning.number_or_day_text(value)
    text = cleaning.visible(value).strip()
    if text in ERROR_TEXTS:
        return ""
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _has_lost_digits(value: object) -> bool:
    """A number too long for Excel, or a text such as 1.38E+10, as Excel saves long numbers to csv.

    Not an integer: that comes from parquet only, where it keeps all its digits.
    """
    if isinstance(value, str):
        return bool(_EXPONENT.fullmatch(value.strip()))
    return isinstance(value, float) and math.isfinite(value) and abs(value) >= DIGITS_LOST


def _shown(value: object) -> str:
    """A cell's value as a message shows it."""
    if isinstance(value, (str, bool)):
        return str(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return cleaning.number_or_day_text(value) or str(value)
