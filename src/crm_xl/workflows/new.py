"""New: a workbook from a template, filled with the user's data or a sample, and analysed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crm_xl import assets
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import today
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import FormulaForm, Rulebook, ValueMethod
from crm_xl.sources.loading import load
from crm_xl.vocabulary.fields import CUSTOMERS, INTERACTIONS, LANGS, ORDERS, UNIT_TEXT, Lang, Table, Unit
from crm_xl.workbook.file_workbook import FileWorkbook, unit_variant
from crm_xl.workbook.parameters import write_parameters

from .analyse import as_date
from .refresh import RefreshReport, open_book, refresh_book
from .sample import make_sample

TEMPLATES = ("customer-info",)
DEFAULT_TEMPLATE = "customer-info"
MOST_LOG_ROWS = 1_000_000
"""A longer log does not fit a sheet: it is folded in and stays outside."""

Source = str | Path | pd.DataFrame


def _frame(source: Source | None, table: Table, unit: Unit) -> pd.DataFrame | None:
    if source is None or isinstance(source, pd.DataFrame):
        return source
    return load(source, table, unit=unit).frame


def rows_of(frame: pd.DataFrame) -> list[Mapping[str, object]]:
    """A typed frame as rows by field key, empty cells as None."""
    columns = {key: _cells(frame[key]) for key in frame.columns}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _cells(column: pd.Series[object]) -> list[object]:
    if column.dtype.kind == "M":
        days = column.to_numpy().astype("datetime64[us]").tolist()
        return [None if d is None else d for d in days]
    return [None if v is None or v == "" or v != v else v for v in column.tolist()]


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

    Sources are files (.xlsx .xlsm .xls .ods .csv .parquet) or frames with field keys as columns.
    `unit`: that of customer amounts; `as_of` defaults to today. Errors: Refused target_exists,
    template unknown; folder_missing; those of reading the sources.
    """
    target = Path(out)
    if template not in TEMPLATES:
        raise Refused("template_unknown", template=template, known=", ".join(TEMPLATES))
    if target.suffix.lower() != ".xlsx":
        raise Refused("file_kind", path=target, kinds=".xlsx")
    if not target.parent.exists():
        raise CrmXlError("folder_missing", path=target.parent)
    if target.is_dir():
        raise CrmXlError("file_is_folder", path=target)
    if target.exists() and not force:
        raise Refused("target_exists", path=target)
    day = as_date(as_of) if as_of is not None else today()
    frames = {
        "Customers": _frame(customers, CUSTOMERS, unit),
        "Orders": _frame(orders, ORDERS, unit),
        "Interactions": _frame(interactions, INTERACTIONS, unit),
    }
    if sample:
        made = make_sample(day, lang)
        frames = {"Customers": made.customers, "Orders": made.orders, "Interactions": made.interactions}
    rules = starting_rules(lang, unit, value_method, formulas)
    data = template_bytes(template, lang, unit)
    book = FileWorkbook(target, data=data)
    write_parameters(book, rules)
    outside: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        if frame is None or not len(frame):
            continue
        if name != "Customers" and len(frame) > MOST_LOG_ROWS:
            outside[name] = frame
        else:
            book.append_rows(name, rows_of(frame))
    book.pending()
    book, table, _ = open_book(target, book.package.to_bytes())
    report = refresh_book(
        book, table, lang, as_of=day, form=None,
        orders=outside.get("Orders"), interactions=outside.get("Interactions"),
    )  # fmt: skip
    book.pending()
    book.package.save(target, backup=False)
    report.changed = True
    return report


def template_list(lang: Lang) -> list[dict[str, Any]]:
    """The templates: name, title and languages."""
    from crm_xl.vocabulary.texts import TEMPLATE_TITLES

    pick = 0 if lang == "zh" else 1
    return [{"name": t, "title": TEMPLATE_TITLES[t][pick], "languages": list(LANGS)} for t in TEMPLATES]


def starting_rules(lang: Lang, unit: Unit, method: ValueMethod, form: FormulaForm) -> Rulebook:
    """The built-in rules with the choices that a new workbook starts with."""
    rules = default_rules(lang, unit)
    chosen = {"value_method": method, "form": form}
    return rules.model_copy(update={"settings": rules.settings.model_copy(update=chosen)})


def template_bytes(template: str, lang: Lang, unit: Unit) -> bytes:
    """A compiled template, its headers in the unit asked for."""
    name = f"{template}.{lang}.xlsx"
    data = assets.path("workbook_templates", name).read_bytes()
    if unit == "wan":
        return data
    return unit_variant(data, Path(name), UNIT_TEXT["wan"][lang], UNIT_TEXT[unit][lang])


__all__ = ["DEFAULT_TEMPLATE", "TEMPLATES", "dt", "new_workbook"]
