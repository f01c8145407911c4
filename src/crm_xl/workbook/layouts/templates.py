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
from .accounts import draw_accounts, draw_grade_changes
from .calculation import draw_calculation
from .calibration import draw_calibration
from .case import draw_case
from .clusters import draw_clusters
from .cohorts import draw_cohorts
from .criteria import draw_criteria
from .dashboard import draw_dashboard
from .data import data_sheet, draw_customers, draw_strategies
from .dimensions import draw_dimensions
from .evaluation import draw_evaluation
from .figures import draw_figures
from .goals import draw_goals
from .guide import draw_guide
from .indicators import draw_bands, draw_indicators
from .loyalty import draw_loyalty
from .movement import draw_movement
from .needs_trend import draw_needs_trend
from .page import Book, Page, Sheet, workbook_options
from .parameters import draw_parameters, table_places
from .plan import draw_plan
from .portrait import draw_portrait
from .profile import draw_profile
from .quality import draw_quality
from .questionnaire import draw_questionnaire
from .rfm import draw_rfm
from .risk import draw_risk
from .sales_plan import draw_sales_plan
from .satisfaction import draw_need_summary, draw_satisfaction
from .scores import draw_level_plan, draw_scores
from .styles import AMBER, BLUE, GREEN, GREY_BLUE, RED, Styles, themed
from .tasks import draw_board, draw_care, draw_reviews, draw_tasks
from .tracking import draw_tracking
from .value import draw_value

UNIT: Unit = "wan"
CALC_ID = 191029
CREATED = dt.datetime(2024, 1, 1)
"""A template holds no clock time: compiled twice, it is the same file."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template: its title, sheets, columns of Customers, and the rule tables of its parameter sheet."""

    title: Pair
    sheets: tuple[str, ...]
    columns: tuple[str, ...]
    rule_tables: tuple[str, ...]


SHEETS: dict[str, Sheet] = {
    sheet.key: sheet
    for sheet in (
        Sheet("guide", draw_guide, AMBER),
        Sheet("goals", draw_goals, BLUE),
        Sheet("customers", draw_customers, BLUE),
        Sheet("dimensions", draw_dimensions, BLUE),
        Sheet("profile", draw_profile, GREEN),
        Sheet("plan", draw_plan, GREEN),
        Sheet("tracking", draw_tracking, GREEN),
        Sheet("movement", draw_movement, GREEN),
        Sheet("value", draw_value, GREEN),
        Sheet("cohorts", draw_cohorts, GREEN),
        Sheet("risk", draw_risk, GREEN),
        Sheet("clusters", draw_clusters, GREEN),
        Sheet("dashboard", draw_dashboard, RED, late=True),
        Sheet("rfm", draw_rfm, GREEN),
        Sheet("portrait", draw_portrait, GREEN),
        Sheet("needs_trend", draw_needs_trend, GREEN),
        Sheet("sales_plan", draw_sales_plan, GREEN),
        Sheet("figures", draw_figures, GREY_BLUE),
        Sheet("indicators", draw_indicators, AMBER),
        Sheet("bands", draw_bands, AMBER),
        Sheet("scores", draw_scores, GREEN),
        Sheet("evaluation", draw_evaluation, GREEN),
        Sheet("level_plan", draw_level_plan, GREEN),
        Sheet("calibration", draw_calibration, GREEN),
        Sheet("criteria", draw_criteria, AMBER),
        Sheet("accounts", draw_accounts, GREEN),
        Sheet("grade_changes", draw_grade_changes, GREEN),
        Sheet("need_summary", draw_need_summary, GREEN),
        Sheet("satisfaction", draw_satisfaction, GREEN),
        Sheet("questionnaire", draw_questionnaire, GREY_BLUE),
        Sheet("case", draw_case, GREEN),
        Sheet("loyalty", draw_loyalty, GREY_BLUE),
        Sheet("improvements", data_sheet("Improvements"), BLUE),
        Sheet("strategies", draw_strategies, GREY_BLUE),
        Sheet("orders", data_sheet("Orders"), GREY_BLUE),
        Sheet("interactions", data_sheet("Interactions"), GREY_BLUE),
        Sheet("complaints", data_sheet("Complaints"), GREY_BLUE),
        Sheet("surveys", data_sheet("Surveys"), GREY_BLUE),
        Sheet("needs", data_sheet("Needs"), GREY_BLUE),
        Sheet("tasks", draw_tasks, BLUE),
        Sheet("board", draw_board, GREEN),
        Sheet("reviews", draw_reviews, BLUE),
        Sheet("care", draw_care, GREEN),
        Sheet("quality", draw_quality, GREEN),
        Sheet("duplicates", data_sheet("Duplicates"), BLUE),
        Sheet("history", data_sheet("History"), GREY_BLUE),
        Sheet("parameters", draw_parameters, AMBER),
        Sheet("calculation", draw_calculation, hidden=True),
    )
}
"""Every sheet, described once; templates are made of them."""

# those of the document
_DOCUMENT = (
    "customer_id", "customer_name", "industry", "company_size", "contact", "phone", "first_order", "last_order",
    "annual_spend", "order_count", "segment", "note",
)  # fmt: skip
_TRADE = (
    "monthly_orders", "average_order", "period_orders", "period_spend", "preference", "contact_frequency",
    "satisfaction", "complaints", "repurchase_rate", "collection_days", "margin", "account_class",
)  # fmt: skip
_MORE = (
    "owner", "region", "city", "address", "position", "source", "channel", "follow_up", "churn_cause", "competitor",
    "customer_type", "updated_on",
)  # fmt: skip


def _columns(*results: str, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The columns of Customers: those of the document, results, trade and contact, more about the customer."""
    return (*_DOCUMENT, *results, "strategy", *_TRADE, *_MORE, *more)


SEGMENT_RULES = (
    "ValueTiers", "ActivityRules", "LifecycleRules", "DemandTypes", "IndustryGroups", "NumberBins", "RfmBreaks",
    "RfmClasses",
)  # fmt: skip
_LABELS = ("value_tier", "activity", "lifecycle", "rfm_score", "rfm_class")

_RISK = ("health", "churn_risk", "churn_reason")
_FORESEEN = ("alive", "expected_orders", "predicted_clv", "data_group")
_ACCOUNT = ("potential", "strategic", "key_account", "annual_revenue", "founded", "main_business", "email")
_DATES = ("birthday", "birthday_calendar", "signed_on", "contract_end")

TEMPLATES: dict[str, Template] = {
    "full": Template(
        TEMPLATE_TITLES["full"],
        ("dashboard", "guide", "goals", "customers", "dimensions", "profile", "plan", "rfm", "portrait", "needs_trend",
         "sales_plan", "scores", "evaluation", "level_plan", "accounts", "grade_changes", "case", "tasks", "board",
         "reviews", "care", "tracking", "movement", "value", "cohorts", "risk", "clusters",
         "calibration", "improvements", "questionnaire", "satisfaction", "need_summary", "orders", "interactions", "complaints", "surveys", "needs", "loyalty", "strategies",
         "indicators", "bands", "criteria", "parameters", "figures", "quality", "duplicates", "history", "calculation"),
        _columns(*_LABELS, "score", "completeness", "level", "account_grade", "clv", *_FORESEEN, *_RISK,
                 more=(*_ACCOUNT, *_DATES)),
        (*SEGMENT_RULES, "Levels", "HealthRules"),
    ),
    "customer-info": Template(
        TEMPLATE_TITLES["customer-info"],
        ("guide", "goals", "customers", "dimensions", "profile", "plan", "tracking", "movement", "strategies", "orders",
         "interactions", "quality", "duplicates", "history", "parameters", "calculation"),
        _columns(*_LABELS),
        SEGMENT_RULES,
    ),
    "relationship-evaluation": Template(
        TEMPLATE_TITLES["relationship-evaluation"],
        ("guide", "indicators", "bands", "scores", "evaluation", "level_plan", "calibration", "customers", "orders",
         "interactions", "complaints", "surveys", "strategies", "history", "parameters", "calculation"),
        _columns(*_LABELS, "score", "completeness", "level", *_RISK,
                 more=("potential", "strategic")),
        ("ValueTiers", "ActivityRules", "LifecycleRules", "RfmBreaks", "RfmClasses", "Levels", "HealthRules"),
    ),
    "key-accounts": Template(
        TEMPLATE_TITLES["key-accounts"],
        ("guide", "accounts", "grade_changes", "criteria", "customers", "interactions", "needs", "need_summary",
         "complaints", "surveys", "satisfaction", "questionnaire", "loyalty", "orders", "strategies", "history",
         "parameters", "calculation"),
        _columns("account_grade", *_LABELS, "level", "score",
                 more=_ACCOUNT),
        (*SEGMENT_RULES, "Levels"),
    ),
    "case-analysis": Template(
        TEMPLATE_TITLES["case-analysis"],
        ("guide", "case", "improvements", "care", "loyalty", "customers", "orders", "interactions", "complaints",
         "surveys", "needs", "strategies", "history", "parameters", "calculation"),
        _columns(*_LABELS, "score", "level", "account_grade", "clv", *_RISK,
                 more=(*_ACCOUNT, *_DATES)),
        (*SEGMENT_RULES, "Levels", "Grades", "HealthRules"),
    ),
    "sales-strategy": Template(
        TEMPLATE_TITLES["sales-strategy"],
        ("guide", "dashboard", "customers", "orders", "rfm", "portrait", "needs_trend", "sales_plan", "tasks", "board", "reviews",
         "goals", "strategies", "interactions", "complaints", "surveys", "needs", "profile", "tracking", "figures",
         "history", "parameters", "calculation"),
        _columns(*_LABELS, "clv", *_RISK),
        (*SEGMENT_RULES, "HealthRules"),
    ),
}  # fmt: skip


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
        template=template,
        title=title,
        sheets=plan.sheets,
        columns=plan.columns,
        rule_tables=plan.rule_tables,
        tables=table_places(plan.rule_tables, "parameters"),
    )
    pages = [(SHEETS[key], Page(book, SHEETS[key])) for key in plan.sheets]
    for sheet, page in sorted(pages, key=lambda pair: pair[0].late):
        sheet.draw(page)
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
