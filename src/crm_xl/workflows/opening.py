"""What every story starts with: an open workbook, its language, unit and rules, its columns and logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from crm_xl.analysis.cleaning import normal_ids, number_or_day_text
from crm_xl.analysis.dates import Days, Floats
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.read_ahead import ReadAhead
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.fields import UNIT_FACTOR, Field, Lang, Table, Unit, split_unit
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import COMPLAINTS, CUSTOMERS, INTERACTIONS, LOYALTY, NEEDS, ORDERS, SURVEYS
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.parameters import Parameters, read_parameters
from crm_xl.workbook.protocol import TableData, Workbook, map_fields

from .evaluate import Cells

Log: TypeAlias = "list[Any] | pd.Series[Any]"
"""A column of a log: cells, or a pandas column."""

FIGURES = frozenset({"money", "number", "count", "ratio", "rating"})
"""Kinds of fields that hold a number."""
_DAY_ZERO, _TOO_EARLY = dt.datetime(1899, 12, 31), dt.datetime(1900, 2, 28)
"""Nobody has customers from before; later, a date is a date."""

RECORDS: dict[str, tuple[Table, tuple[str, ...]]] = {
    "Complaints": (COMPLAINTS, ("customer_id", "complaint_date")),
    "Surveys": (SURVEYS, ("customer_id", "survey_date")),
    "Needs": (NEEDS, ("customer_id", "need_date")),
    "Loyalty": (LOYALTY, ("customer_id", "loyalty_date")),
}
LOGS: dict[str, tuple[Table, tuple[str, ...]]] = {
    "Orders": (ORDERS, ("customer_id", "order_date", "amount")),
    "Interactions": (INTERACTIONS, ("customer_id", "contact_date")),
    **RECORDS,
}
"""Log tables and the fields without which one says nothing."""


def detect_lang(book: Workbook) -> Lang:
    """The workbook's language: its own word for it, else that of its customer headers."""
    if book.has_name("Lang"):
        return "en" if str(book.read_name("Lang")).strip().casefold() == "en" else "zh"
    headers = book.table_headers("Customers") if book.has_table("Customers") else []
    chinese = any("\u4e00" <= ch <= "\u9fff" for h in headers for ch in h)
    return "zh" if chinese or not headers else "en"


def open_book(
    path: str | Path, data: bytes | None = None, *, ahead: ReadAhead | None = None
) -> tuple[FileWorkbook, TableData, Lang]:
    """A file with a customer table. Errors: those of `customer_table` and of opening."""
    book = FileWorkbook(path, data=data, ahead=ahead)
    return book, customer_table(book), detect_lang(book)


def customer_table(book: Workbook) -> TableData:
    """The customer table of a workbook. Errors: no_customers, no_id_column, two_columns, not_calculated."""
    if not book.has_table("Customers"):
        raise CrmXlError("no_customers", path=book.path)
    customers = book.read_table("Customers")
    if "customer_id" not in customers.fields:
        raise CrmXlError("no_id_column", sheet=customers.sheet, table="Customers")
    return customers


def book_unit(customers: TableData) -> Unit:
    """The unit of customer amounts, by the header of annual spend."""
    return customers.units.get("annual_spend", "wan")


def book_date(book: Workbook) -> dt.date | None:
    """The date of the last refresh."""
    value = book.read_name("AsOf") if book.has_name("AsOf") else None
    return value.date() if isinstance(value, dt.datetime) else None


def book_rules(book: Workbook, customers: TableData, lang: Lang) -> Parameters:
    """The rules of a workbook; any column of its customer table may be a dimension."""
    return read_parameters(book, lang, book_unit(customers), tuple(customers.headers))


def load_rules(path: str | Path) -> Rulebook:
    """The rules of a workbook; built-in ones where it has none."""
    return book_rules(*open_book(path)).rules


# ---------------------------------------------------------------- columns and logs


def in_unit(cells: Cells, factor: float) -> Cells:
    """Amounts times `factor`; whatever is no number stays."""
    if factor == 1:
        return cells
    return [_scaled(c, factor) if is_number(c) else c for c in cells]


def is_number(cell: object) -> bool:
    """Whether a cell holds a number; TRUE is none."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _scaled(amount: object, factor: float) -> object:
    # dividing by a whole number is exact where multiplying by 0.0001 is not
    assert isinstance(amount, (int, float))
    return amount * factor if factor >= 1 else amount / (1 / factor)


def unit_factor(data: TableData, key: str, unit: Unit) -> float:
    """By what amounts of a column are multiplied to be in `unit`: a unit in the header wins."""
    index = data.fields.get(key)
    named = None if index is None or key not in data.units else split_unit(data.headers[index])[1]
    return UNIT_FACTOR[named or unit] / UNIT_FACTOR[unit]


def _figures(cells: Cells, key: str) -> Cells:
    """Cells in which a figure stands: 3 orders in a cell with a date format read as 3 January 1900."""
    if CUSTOMERS.field(key).kind not in FIGURES or dt.datetime not in map(type, cells):
        return cells
    return [
        (c - _DAY_ZERO) / dt.timedelta(days=1) if isinstance(c, dt.datetime) and c < _TOO_EARLY else c for c in cells
    ]


def customer_columns(customers: TableData) -> dict[str, Cells]:
    """The customer table as columns by field key, and the user's own ones by header; amounts in one unit."""
    used, unit = customers.used, book_unit(customers)
    cells = [column[:used] for column in customers.columns()]
    columns = {
        key: in_unit(_figures(cells[index], key), unit_factor(customers, key, unit))
        for key, index in customers.fields.items()
    }
    mapped = set(customers.fields.values())
    for index, header in enumerate(customers.headers):
        if index not in mapped:
            columns.setdefault(header, cells[index])
    return columns


def log_frame(columns: Mapping[str, Log], table: Table, units: Mapping[str, Unit]) -> pd.DataFrame:
    """A log as a typed frame, from its cells by field key: dates datetime64[s], numbers float64, amounts in
    the field's own unit. A cell that holds something else counts as empty."""
    made: dict[str, object] = {}
    for f in table.fields:
        if f.key not in columns:
            continue
        cells = columns[f.key]
        if f.kind == "date":
            made[f.key] = _days(cells)
        elif f.kind in FIGURES:
            made[f.key] = _floats(cells) * _own_unit_factor(f, units)
        else:
            known = column_cells(cells) if isinstance(cells, pd.Series) else cells
            if not set(map(type, known)) <= {str}:
                known = ["" if c is None or isinstance(c, CellError) else c for c in known]
            made[f.key] = _coded(known) if f.key in _CODED else pd.Series(known, dtype=object)
    return pd.DataFrame(made)


_CODED = frozenset({"customer_id", "order_no", "product"})
"""Columns that are told apart again and again: a category is found once."""


def _coded(texts: list[Any]) -> pd.Series[Any]:
    cells = pd.Series(texts, dtype=object)
    if not set(map(type, texts)) <= {str}:
        return cells
    codes, found = pd.factorize(cells.to_numpy())
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(found, dtype=object)))


def _own_unit_factor(f: Field, units: Mapping[str, Unit]) -> float:
    own = f.unit or "yuan"
    return UNIT_FACTOR[units.get(f.key, own)] / UNIT_FACTOR[own]


def _days(cells: Log) -> Days:
    if isinstance(cells, pd.Series) and cells.dtype.kind == "M":
        moments: Days = cells.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
        return moments.astype("datetime64[s]")
    return to_days(list(cells))[0].astype("datetime64[s]")


def _floats(cells: Log) -> Floats:
    if isinstance(cells, pd.Series) and cells.dtype.kind in "fiu" and isinstance(cells.dtype, np.dtype):
        values = cells.to_numpy(dtype=float)
        return np.where(np.isfinite(values), values, np.nan)
    values, wrong = to_numbers(list(cells))
    return values if wrong is None else np.where(wrong, np.nan, values)


def frame_by_key(frame: pd.DataFrame, table: Table, unit: Unit) -> pd.DataFrame:
    """A frame with its columns named by field key, found by header; others keep their names.

    Amounts come in `unit` (those of logs in yuan), whatever unit their header names. Error: two_columns.
    """
    headers = [str(name) for name in frame.columns]
    data = TableData(table.name, "DataFrame", headers, [], 1, 0)
    map_fields(data, table)
    keys = {index: key for key, index in data.fields.items()}
    made: dict[str, object] = {}
    for index, header in enumerate(headers):
        column = frame.iloc[:, index].reset_index(drop=True)
        key = keys.get(index, header)
        own: Unit = "yuan" if key in data.units and table.field(key).unit == "yuan" else unit
        factor = unit_factor(data, key, own)
        made[key] = column if factor == 1 else pd.Series(in_unit(column.tolist(), factor), dtype=object)
    return pd.DataFrame(made)


def column_cells(column: pd.Series[Any]) -> list[Any]:
    """A column of a frame as cells: empty ones None, days and times as datetimes."""
    if column.dtype.kind == "M":
        moments: list[Any] = column.dt.tz_localize(None).to_numpy().astype("datetime64[us]").tolist()
        return moments
    empty = column.isna()
    return [None if gone or v == "" else v for v, gone in zip(column.tolist(), empty.tolist(), strict=True)]


def _book_log(book: Workbook, name: str, lang: Lang, notes: list[str]) -> pd.DataFrame | None:
    table, needed = LOGS[name]
    if not book.has_table(name):
        return None
    data = book.read_table(name)
    used = data.used
    if not used:
        return None
    missing = [table.field(key) for key in needed if key not in data.fields]
    if missing:
        notes.append(message("log_without_column", lang, sheet=data.sheet, table=name, fields=missing))
        return None
    cells = data.columns()
    return log_frame({key: cells[at][:used] for key, at in data.fields.items()}, table, data.units)


def _joined(logs: Sequence[pd.DataFrame | None]) -> pd.DataFrame | None:
    filled = [log for log in logs if log is not None and len(log)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0] if filled else None


def log_only_customers(orders: pd.DataFrame | None, present: Sequence[object], as_of: dt.date) -> list[str]:
    """Ids that have an order up to `as_of` but no row in the customer table, in order of appearance."""
    if orders is None or not len(orders):
        return []
    usable = (orders["order_date"] <= pd.Timestamp(as_of)).to_numpy() & orders["amount"].notna().to_numpy()
    ids = normal_ids(orders["customer_id"][usable])  # type: ignore[arg-type]
    known = set(normal_ids(present).tolist())
    return [i for i in dict.fromkeys(ids.tolist()) if i and i not in known]


@dataclass(slots=True)
class BookInputs:
    """What a workbook hands to the analysis.

    `columns`: see `customer_columns`, with a row for each customer in `added`; `tables`: rule tables
    as they stand; `own_formulas`: field key -> rows in which the user's formula stands; `records`: complaints,
    surveys, needs, points by table name; `added`, `kept_out`: customers that only the log has, new ones and those
    that the user had deleted; `notes`: what could not be used.
    """

    columns: dict[str, Cells]
    orders: pd.DataFrame | None
    interactions: pd.DataFrame | None
    parameters: Parameters
    tables: dict[str, list[list[object]]]
    own_formulas: dict[str, set[int]]
    records: dict[str, pd.DataFrame]
    added: list[str]
    kept_out: list[str]
    notes: list[str] = field(default_factory=list)


def read_inputs(
    book: Workbook,
    customers: TableData,
    lang: Lang,
    as_of: dt.date,
    orders: pd.DataFrame | None = None,
    interactions: pd.DataFrame | None = None,
) -> BookInputs:
    """Everything that the analysis of a workbook draws on; `orders`, `interactions`: logs from outside."""
    columns = customer_columns(customers)
    parameters = book_rules(book, customers, lang)
    _refuse_uncalculated(customers, parameters.rules)
    formulas = book.formula_cells("Customers")
    notes: list[str] = []
    contacts = _joined([_book_log(book, "Interactions", lang, notes), interactions])
    records = {name: _book_log(book, name, lang, notes) for name in RECORDS}
    known: set[str] = set()
    if book.has_table("Known"):
        known = set(normal_ids(book.read_table("Known").column("customer_id")).tolist())
    of_orders: list[str] = []
    log = _joined(
        [_book_log(book, "Orders", lang, of_orders), orders]
    )  # the largest is asked for last: it is being read
    new = log_only_customers(log, columns["customer_id"], as_of)
    added = [i for i in new if i not in known]
    for key, cells in columns.items():
        cells.extend(added if key == "customer_id" else [None] * len(added))
    tables = {name: data.rows[: max(1, data.used)] for name, data in parameters.tables.items()}
    return BookInputs(
        columns,
        log,
        contacts,
        parameters,
        tables,
        formulas,
        {name: log for name, log in records.items() if log is not None},
        added,
        [i for i in new if i in known],
        of_orders + notes,
    )


def _refuse_uncalculated(customers: TableData, rules: Rulebook) -> None:
    """A column of the user's own needs its values only where a dimension, the scope or an indicator uses it."""
    in_use = {*rules.settings.dimensions, *(rule.scope_field for rule in rules.scope)}
    in_use |= {indicator.indicator for indicator in rules.indicators}
    for header, cell in customers.uncalculated.items():
        if header in in_use:
            raise CrmXlError("not_calculated", sheet=customers.sheet, cell=cell)


# ---------------------------------------------------------------- texts


def shown(value: object) -> str:
    """A value in a line of text: dates as 2024-06-30, whole numbers without a point."""
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def text_of(cell: object) -> str:
    """A cell as people read it; nothing for an error."""
    if cell is None or isinstance(cell, CellError):
        return ""
    return cell.strip() if isinstance(cell, str) else number_or_day_text(cell)


def customer_header(key: str, lang: Lang, unit: Unit) -> str:
    """The header of a customer field; any other column goes by its own."""
    known = {f.key: f for f in CUSTOMERS.fields}.get(key)
    return known.header(lang, unit) if known else key
