"""New: a workbook from a template, filled with the user's data or a sample, and analysed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crm_xl import assets
from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import edate
from crm_xl.errors import Refused
from crm_xl.functions.call import to_numbers, today
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import FormulaForm, Rulebook, ValueMethod
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.fields import LANGS, UNIT_FACTOR, UNIT_TEXT, Lang, Table, Unit
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS, ORDERS
from crm_xl.vocabulary.reports import HISTORY
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import PICKERS, TEMPLATE_TITLES
from crm_xl.workbook.file_workbook import FileWorkbook, unit_variant
from crm_xl.workbook.macros import macro_workbook
from crm_xl.workbook.parameters import write_parameters
from crm_xl.workbook.protocol import TableData
from crm_xl.workbook.saving import locked, open_in_excel
from crm_xl.workbook.widen import widened

from .analyse import FACT_DATES, analyse_with_past, as_date
from .incoming import SourceNotes, load_source
from .opening import LOGS, column_cells, frame_by_key, log_frame, read_inputs
from .refresh import check_target, refresh_book
from .refresh_report import RefreshReport
from .reports.snapshots import write_past
from .sample import make_sample

TEMPLATES = tuple(TEMPLATE_TITLES)
DEFAULT_TEMPLATE = TEMPLATES[0]
MOST_LOG_ROWS = 1_000_000
"""A longer log does not fit a sheet: it is folded in and stays outside."""

RESULTS = frozenset(f.key for f in CUSTOMERS.fields if f.group == "result")
"""Our own results in a source: they are made anew."""

Source = str | Path | pd.DataFrame


def _frame(source: Source | None, table: Table, unit: Unit, lang: Lang, notes: SourceNotes) -> pd.DataFrame | None:
    if source is None:
        return None
    if isinstance(source, pd.DataFrame):
        frame = frame_by_key(source, table, unit)
        known = {f.key for f in table.fields}
        if table is CUSTOMERS:
            notes.others = {str(k): column_cells(frame[k]) for k in frame.columns if k not in known}
        return frame[[k for k in frame.columns if k in known]]
    loaded = load_source(source, table, unit)
    if table is CUSTOMERS:
        notes.others = loaded.others
    notes.add(source, loaded, lang)
    return loaded.frame


def new_workbook(
    out: str | Path,
    *,
    template: str = DEFAULT_TEMPLATE,
    lang: Lang = "zh",
    sample: bool = False,
    customers: Source | None = None,
    orders: Source | None = None,
    interactions: Source | None = None,
    as_of: object = None,
    formulas: FormulaForm = "auto",
    force: bool = False,
    unit: Unit = "wan",
    value_method: ValueMethod = "thresholds",
) -> RefreshReport:
    """Write a new workbook and return what the analysis found.

    Sources are files (.xlsx .xlsm .xls .ods .csv .parquet) or frames, their columns found by header or
    field key. `unit`: that of customer amounts; `as_of` defaults to today. Errors: Refused target_exists,
    template_unknown, sample_and_sources; folder_missing; those of reading the sources. An .xlsm carries
    the worksheet functions and the ribbon itself.
    """
    target = Path(out)
    if template not in TEMPLATES:
        raise Refused("template_unknown", template=template, known=", ".join(TEMPLATES))
    if target.suffix.lower() not in (".xlsx", ".xlsm"):
        raise Refused("file_kind", path=target, kinds=".xlsx, .xlsm")
    if sample and any(s is not None for s in (customers, orders, interactions)):
        raise Refused("sample_and_sources")
    day = as_date(as_of) if as_of is not None else today()
    check_target(target)
    with locked(target), gc_paused():
        if target.exists() and not force:
            raise Refused("target_exists", path=target)
        if open_in_excel(target):
            raise Refused("open_in_excel", path=target)
        notes = SourceNotes()
        frames = {
            "Customers": _frame(customers, CUSTOMERS, unit, lang, notes),
            "Orders": _frame(orders, ORDERS, unit, lang, notes),
            "Interactions": _frame(interactions, INTERACTIONS, unit, lang, notes),
        }
        if sample:
            made = make_sample(day, lang)
            frames = {
                "Customers": _in_unit(made.customers, unit), "Orders": made.orders, "Interactions": made.interactions, **made.records,
            }  # fmt: skip
        rules = starting_rules(lang, unit, value_method, formulas, sample=sample)
        data = template_bytes(template, lang, unit)
        if not sample:
            data = _with_their_columns(data, frames["Customers"], notes.others, lang, unit)
        if target.suffix.lower() == ".xlsm":
            data = macro_workbook(data, target)
        book = FileWorkbook(target, data=data)
        write_parameters(book, rules)
        outside: dict[str, pd.DataFrame] = {}
        for name, frame in frames.items():
            if frame is None or not len(frame) or not book.has_table(name):
                continue
            if name != "Customers" and len(frame) > MOST_LOG_ROWS:
                outside[name] = log_frame({k: frame[k] for k in frame.columns}, LOGS[name][0], {})
            else:
                made_anew = {f.key for f in TABLES[name].fields if f.group == "result"}
                frame = frame[[k for k in frame.columns if k not in made_anew]]
                if not sample:
                    notes.left_out += _without_place(book, name, frame, lang)
                book.append_rows(name, {key: column_cells(frame[key]) for key in frame.columns})
                if name == "Customers" and not sample:
                    for header, cells in notes.others.items():
                        book.write_own_column(name, header, cells)
        book.reads_pending = True
        table = book.read_table("Customers")
        _pick_customer(book, frames)
        if sample:
            _look_back(book, table, lang, day)
        report = refresh_book(
            book, table, lang, as_of=day, form=None,
            orders=outside.get("Orders"), interactions=outside.get("Interactions"),
        )  # fmt: skip
        book.pending()
        book.package.save(target, backup=False)
        report.changed = True
        report.repairs, report.problems = notes.repairs, notes.problems
        report.notes = [*notes.left_out, *report.notes]
    return report


PAST = 6
"""Months before, with a snapshot each, that a sample begins with."""
KEPT = frozenset(f.key for f in HISTORY.fields)
"""What a snapshot keeps of a customer."""


def _look_back(book: FileWorkbook, customers: TableData, lang: Lang, day: dt.date) -> None:
    """What refreshes of the months before would have left of the sample."""
    outcomes = []
    for months in range(PAST, 0, -1):
        past = as_date(edate(np.array(day, dtype="datetime64[D]"), -months).astype(object).item())
        inputs = read_inputs(book, customers, lang, past)
        end = dt.datetime(past.year, past.month, past.day)
        for key in FACT_DATES:  # what people typed later
            cells = inputs.columns.get(key, [])
            cells[:] = [None if isinstance(c, dt.datetime) and c > end else c for c in cells]
        outcomes.append(analyse_with_past(inputs, past, KEPT))
    write_past(book, outcomes)


def _pick_customer(book: FileWorkbook, frames: Mapping[str, pd.DataFrame | None]) -> None:
    """The pages about one customer start with the one who spends most."""
    names = [name for name in PICKERS.values() if book.has_name(name)]
    orders, customers = frames["Orders"], frames["Customers"]
    if orders is not None and len(orders):
        frame, column = orders, "amount"
    elif customers is not None and len(customers) and "annual_spend" in customers:
        frame, column = customers, "annual_spend"
    else:
        return
    ids = normal_ids(column_cells(frame["customer_id"]))
    amounts, wrong = to_numbers(column_cells(frame[column]))
    known = ~np.isnan(amounts) & (ids != "") & (True if wrong is None else ~wrong)
    spent = pd.Series(amounts[known]).groupby(ids[known]).sum()
    for name in names if len(spent) else ():
        book.write_name(name, str(spent.idxmax()))


def _in_unit(customers: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """The sample's customers with their amounts in `unit`; they come in 万元."""
    factor = UNIT_FACTOR["wan"] / UNIT_FACTOR[unit]
    amounts = [f.key for f in CUSTOMERS.fields if f.kind == "money" and f.key in customers]
    return customers.assign(**{key: customers[key] * factor for key in amounts})


def _with_their_columns(
    data: bytes, frame: pd.DataFrame | None, own: Mapping[str, Sequence[object]], lang: Lang, unit: Unit
) -> bytes:
    """The template with the columns of a customer list that it does not have, at the right edge."""
    if frame is None:
        return data
    known = FileWorkbook(Path("template.xlsx"), data=data).headers("Customers")
    cells = {k: column_cells(frame[k]) for k in frame.columns if k not in known and k not in RESULTS}
    more = {CUSTOMERS.field(k).header(lang, unit): column for k, column in cells.items() if any(column)}
    return widened(data, "Customers", {**more, **own})


def _without_place(book: FileWorkbook, name: str, frame: pd.DataFrame, lang: Lang) -> list[str]:
    """What to say of filled columns that the template does not have."""
    table = TABLES[name]
    known = book.headers(name)
    headers = [table.field(k) for k in frame.columns if k not in known and any(column_cells(frame[k]))]
    source = table.title(lang)
    return [message("columns_left_out", lang, source=source, count=len(headers), headers=headers)] if headers else []


def template_list(lang: Lang) -> list[dict[str, Any]]:
    """The templates: name, title and languages."""
    pick = 0 if lang == "zh" else 1
    return [{"name": t, "title": TEMPLATE_TITLES[t][pick], "languages": list(LANGS)} for t in TEMPLATES]


def starting_rules(lang: Lang, unit: Unit, method: ValueMethod, form: FormulaForm, *, sample: bool) -> Rulebook:
    """The built-in rules with the choices that a new workbook starts with; a sample shows all that there is."""
    rules = default_rules(lang, unit)
    chosen: dict[str, str] = {"value_method": method, "form": form}
    if sample:
        chosen |= {"clv_method": "predictive", "data_groups": "on" if find_spec("sklearn") else "off"}
    return rules.model_copy(update={"settings": rules.settings.model_copy(update=chosen)})


def template_bytes(template: str, lang: Lang, unit: Unit) -> bytes:
    """A compiled template, its headers in the unit asked for."""
    name = f"{template}.{lang}.xlsx"
    data = assets.path("workbook_templates", name).read_bytes()
    if unit == "wan":
        return data
    return unit_variant(data, Path(name), UNIT_TEXT["wan"][lang], UNIT_TEXT[unit][lang])
