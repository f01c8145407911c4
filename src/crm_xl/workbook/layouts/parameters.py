"""参数: the settings, and the rule tables to their right."""

from __future__ import annotations

from collections.abc import Sequence

from crm_xl.rules.settings import dimension_text, write_settings
from crm_xl.rules.tables import MODELS, write_rows
from crm_xl.vocabulary.settings import CHOICES, EXPLANATIONS, NAMES, SHEET_SETTINGS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import RULE_HEADINGS, pick

from .dimensions import CHOICE_NAMES, usable_dimensions
from .page import Page
from .tables import draw_table

TITLES = 3
HEADER = 4
LABEL, VALUE, WHY = 0, 1, 2
FIRST_TABLE = 4
GAP = 3
"""Width of the empty column between tables."""
PAGE_WIDTH = 175
"""Characters that a printed page takes."""

BINS = range(2, 10)
NUMBERS: dict[str, tuple[float, float, bool, str]] = {
    "SpendMonths": (1, 1200, True, "0"),
    "OrdersMonths": (0, 1200, True, "0"),
    "RfmMonths": (0, 1200, True, "0"),
    "ClvYears": (0, 100, False, "General"),
    "ClvMargin": (-1, 1, False, "0.0%"),
    "ClvRate": (0, 1, False, "0.0%"),
    "BacktestMonths": (1, 36, True, "0"),
    "HistoryRows": (1000, 1_000_000, True, "#,##0"),
    "TaskLimit": (0, 1000, True, "0"),
    "CareDays": (0, 366, True, "0"),
    "AccuracyGoal": (0, 1, False, "0%"),
    "StaleDays": (0, 3660, True, "0"),
    "OutlierFactor": (0, 100, False, "General"),
}
"""Setting -> lowest, highest, whole, number format."""


def draw_parameters(page: Page) -> None:
    """The settings, and the template's rule tables that have no sheet of their own."""
    page.heading(page.say("parameters_title"), page.say("parameters_hint"))
    _settings(page)
    column = FIRST_TABLE
    breaks = [column]
    printed = 0.0
    for name in page.book.rule_tables:
        table = TABLES[name]
        page.width(column - 1, GAP)
        page.write(TITLES, column, pick(RULE_HEADINGS[name], page.lang), page.styles.heading)
        place = draw_table(page, table, HEADER, column, rows=rule_rows(page, name), filtered=False)
        printed += place.width + GAP
        if printed > PAGE_WIDTH:
            breaks.append(column)
            printed = place.width + GAP
        column += len(table.fields) + 1
    page.set_up(repeat=HEADER, breaks=breaks)
    page.sheet.freeze_panes(HEADER + 1, 0)


def rule_rows(page: Page, name: str) -> list[list[object]]:
    """The built-in rows of a rule table."""
    rows = write_rows(name, getattr(page.book.rules, MODELS[name][0]))
    return [[None if c == "" else c for c in row] for row in rows]


def table_places(tables: Sequence[str], sheet: str) -> dict[str, tuple[str, int, int]]:
    """Where the rule tables will stand, for links drawn before them."""
    places: dict[str, tuple[str, int, int]] = {}
    column = FIRST_TABLE
    for name in tables:
        places[name] = sheet, HEADER, column
        column += len(TABLES[name].fields) + 1
    return places


def _settings(page: Page) -> None:
    lang, styles = page.lang, page.styles
    page.width(LABEL, 24)
    page.width(VALUE, 20)
    page.width(WHY, 76 if lang == "zh" else 92)
    page.write(TITLES, LABEL, page.say("settings_heading"), styles.heading)
    for column, key in ((LABEL, "setting_head"), (VALUE, "value_head"), (WHY, "explanation_head")):
        page.write(HEADER, column, page.say(key), styles.head)
    values = write_settings(page.book.rules.settings)
    row = HEADER
    for name in NAMES:
        elsewhere = name in CHOICE_NAMES and "dimensions" in page.book.sheets
        if elsewhere or SHEET_SETTINGS.get(name, "parameters") not in page.book.sheets:
            continue
        row += 1
        what, why = EXPLANATIONS[name]
        page.write(row, LABEL, pick(what, lang), styles.body(indent=1))
        page.write(row, WHY, pick(why, lang), styles.body(wrap=True, indent=1))
        page.name(name, row, VALUE)
        _setting(page, name, row, values[name])


def _setting(page: Page, name: str, row: int, value: object) -> None:
    kind = NAMES[name][1]
    if name in NUMBERS:
        low, high, whole, num_format = NUMBERS[name]
        page.write(row, VALUE, value, page.styles.setting(num_format))
        page.ask_number(row, VALUE, low, high, whole=whole)
    elif kind == "date":
        page.write(row, VALUE, value, page.styles.setting("yyyy-mm-dd"))
        page.ask_date(row, VALUE)
    elif name in ("Lang", "AmountUnit"):
        # a property of the template, shown but not offered
        page.write(row, VALUE, value, page.styles.body(align="left"))
    elif kind == "dimension":
        page.write(row, VALUE, value, page.styles.setting())
        page.offer(row, VALUE, [dimension_text(d, page.lang) for d in usable_dimensions(page)], free=True)
    else:
        page.write(row, VALUE, value, page.styles.setting())
        texts = [pick((names[0], names[1]), page.lang) for names in CHOICES[kind].values()]
        page.offer(row, VALUE, [*map(str, BINS), *texts] if kind == "bins" else texts)
