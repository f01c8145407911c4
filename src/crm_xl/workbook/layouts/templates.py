"""The templates: which sheets each has, in order, and how they become a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook

from crm_xl.rules.defaults import default_rules
from crm_xl.vocabulary.fields import LANGS, Lang, Unit
from crm_xl.vocabulary.texts import TEMPLATE_TITLES, Pair, pick

from ..heights import fit_heights
from ..package import Package
from ..styles import wrapping_styles
from ..values import SharedStrings
from .calculation import draw_calculation
from .data import data_sheet, draw_strategies
from .dimensions import draw_dimensions
from .goals import draw_goals
from .guide import draw_guide
from .page import Book, Page, Sheet, workbook_options
from .parameters import parameter_sheet, table_places
from .plan import draw_plan
from .profile import draw_profile
from .styles import AMBER, BLUE, GREEN, GREY_BLUE, Styles, themed
from .tracking import draw_tracking

UNIT: Unit = "wan"
CALC_ID = 191029
CREATED = dt.datetime(2024, 1, 1)
"""A template holds no clock time: compiled twice, it is the same file."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template: its title, sheets, columns of Customers, and the rule tables of its parameter sheet."""

    title: Pair
    sheets: tuple[Sheet, ...]
    columns: tuple[str, ...]
    rule_tables: tuple[str, ...]


CUSTOMER_COLUMNS = (
    # those of the document
    "customer_id", "customer_name", "industry", "company_size", "contact", "phone", "first_order", "last_order",
    "annual_spend", "order_count", "segment", "note",
    # results
    "value_tier", "activity", "lifecycle", "rfm_score", "rfm_class", "strategy",
    # more about trade, contact and value
    "monthly_orders", "average_order", "period_orders", "period_spend", "preference", "contact_frequency",
    "satisfaction", "complaints", "repurchase_rate", "collection_days", "margin", "account_class",
    # more about the customer
    "owner", "region", "city", "address", "position", "source", "channel", "follow_up", "churn_cause", "competitor",
    "customer_type", "updated_on",
)  # fmt: skip
PRINTED_COLUMNS = CUSTOMER_COLUMNS.index("strategy")

SEGMENT_RULES = (
    "ValueTiers", "ActivityRules", "LifecycleRules", "DemandTypes", "IndustryGroups", "NumberBins", "RfmBreaks",
    "RfmClasses",
)  # fmt: skip

TEMPLATES: dict[str, Template] = {
    "customer-info": Template(
        TEMPLATE_TITLES["customer-info"],
        (
            Sheet("guide", draw_guide, AMBER),
            Sheet("goals", draw_goals, BLUE),
            Sheet(
                "customers",
                data_sheet("Customers", columns=CUSTOMER_COLUMNS, frozen=2, printed=PRINTED_COLUMNS),
                BLUE,
            ),
            Sheet("dimensions", draw_dimensions, BLUE),
            Sheet("profile", draw_profile, GREEN),
            Sheet("plan", draw_plan, GREEN),
            Sheet("tracking", draw_tracking, GREEN),
            Sheet("strategies", draw_strategies, GREY_BLUE),
            Sheet("orders", data_sheet("Orders"), GREY_BLUE),
            Sheet("interactions", data_sheet("Interactions"), GREY_BLUE),
            Sheet("history", data_sheet("History"), GREY_BLUE),
            Sheet("parameters", parameter_sheet(SEGMENT_RULES), AMBER),
            Sheet("calculation", draw_calculation, hidden=True),
        ),
        CUSTOMER_COLUMNS,
        SEGMENT_RULES,
    ),
}


def compile_template(template: str, lang: Lang) -> bytes:
    """A template as an .xlsx file, the same bytes each time. KeyError: there is no such template."""
    plan = TEMPLATES[template]
    out = BytesIO()
    workbook = Workbook(out, workbook_options())
    workbook.set_calc_mode("auto", CALC_ID)
    # a full calculation on opening would turn our functions into #NAME? without the add-in
    workbook.calc_on_load = False
    workbook.theme_xml = themed(workbook.theme_xml)
    title = pick(plan.title, lang)
    workbook.set_properties({"title": title, "created": CREATED})
    book = Book(
        workbook=workbook,
        styles=Styles(workbook),
        lang=lang,
        unit=UNIT,
        rules=default_rules(lang, UNIT),
        title=title,
        sheets=tuple(s.key for s in plan.sheets),
        columns=plan.columns,
        tables=table_places(plan.rule_tables, "parameters"),
    )
    for sheet in plan.sheets:
        sheet.draw(Page(book, sheet))
    workbook.close()
    return with_heights(out.getvalue())


def with_heights(data: bytes) -> bytes:
    """The workbook with every row as high as its wrapped text; XlsxWriter could only fix heights."""
    package = Package(Path("template.xlsx"), data)
    wrapping = wrapping_styles(package.read("xl/styles.xml"))
    strings = SharedStrings(package.read("xl/sharedStrings.xml"))
    for part in package.names():
        if part.startswith("xl/worksheets/sheet"):
            package.write(part, fit_heights(package.read(part), wrapping, strings))
    return package.to_bytes()


def build_all(folder: Path) -> list[Path]:
    """Compile every template in every language into `folder`: `<template>.<lang>.xlsx`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for template in TEMPLATES:
        for lang in LANGS:
            path = folder / f"{template}.{lang}.xlsx"
            path.write_bytes(compile_template(template, lang))
            paths.append(path)
    return paths
