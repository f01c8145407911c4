"""客户案例: one picked customer on one page: background, value, strategies, results."""

from __future__ import annotations

from typing import Any

from crm_xl.vocabulary.fields import Field, Table
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.rule_tables import STRATEGIES
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import PICKERS

from ..case_formulas import GRIDS, LOGS, MADE, PAIRS, STRATEGY_FIELDS, STRATEGY_LINES, grid_places, keys_name
from .charts import line_chart
from .columns import look
from .page import Page, Place
from .styles import BLUE, GREEN, LINE, MUTED, PAPER, ROW_PIXELS, TITLE

COLUMNS = 2 * PAIRS
LABEL_WIDTH = {"zh": 15.0, "en": 19.0}
VALUE_WIDTH = {"zh": 20.0, "en": 22.0}
KEYS = COLUMNS + 1
"""Column of the keys, beside the page."""
UNSEEN = ";;;"
PICK_ROW = 3
TWO_LINES = 27.0
"""Points."""


class _Case:
    """The page from top to bottom."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.row = PICK_ROW + 2

    def section(self, key: str) -> None:
        """A heading over the whole width."""
        page, styles = self.page, self.page.styles
        band = styles.make(bold=True, font_size=11, font_color="#FFFFFF", bg_color=BLUE, valign="vcenter", indent=1)
        for column in range(COLUMNS):
            page.write(self.row, column, page.say(key) if column == 0 else None, band)
        self.row += 1

    def grid(self, name: str) -> None:
        page, styles = self.page, self.page.styles
        label = styles.make(
            font_color=MUTED, bg_color=PAPER, valign="vcenter", indent=1, shrink=True, bottom=1, bottom_color=LINE
        )
        rows = 0
        for item, row, column in grid_places(GRIDS[name]):
            num_format = "0"
            if item in MADE:
                said = page.say(MADE[item])
            else:
                shown = self._look(CUSTOMERS, CUSTOMERS.field(item))
                said, num_format = shown.header, shown.num_format
            value = styles.make(
                num_format=num_format, valign="vcenter", align="left", indent=1, shrink=True, bottom=1,
                bottom_color=LINE,
            )  # fmt: skip
            page.write(self.row + row, column, said, label)
            page.write(self.row + row, column + 1, None, value)
            rows = row + 1
        page.name(name, self.row, 0, self.row + rows - 1, COLUMNS - 1)
        self.row += rows

    def list(self, name: str, title: str, table: Table, fields: tuple[tuple[str, int], ...], lines: int) -> None:
        """A heading, the heads of the columns, and the lines."""
        page, styles = self.page, self.page.styles
        page.write(self.row, 0, page.say(title), styles.make(bold=True, font_color=TITLE, valign="vcenter"))
        self.row += 1
        placed = {column: self._look(table, table.field(key)) for key, column in fields}
        right = max(placed) if name == "CaseTrend" else COLUMNS - 1
        for column in range(right + 1):
            shown = placed.get(column)
            head = styles.make(
                bold=True, font_color=TITLE, bg_color=PAPER, bottom=1, bottom_color=LINE, valign="vcenter",
                align="left", indent=1, shrink=True,
            )  # fmt: skip
            page.write(self.row, column, shown.header if shown else None, head)
            for line in range(1, lines + 1):
                look_of: dict[str, Any] = {"valign": "vcenter", "align": "left", "bottom": 1, "bottom_color": LINE}
                if shown:
                    look_of |= {"num_format": shown.num_format, "indent": 1}
                    look_of |= {} if column in (3,) and right > 3 else {"shrink": True}
                page.write(self.row + line, column, None, styles.make(**look_of))
        page.name(name, self.row, 0, self.row + lines, right)
        self._keys(name, self.row + 1, lines)
        self.row += lines + 1

    def strategies(self) -> None:
        page, styles = self.page, self.page.styles
        top = self.row
        self.list("CaseStrategies", "case_strategies", STRATEGIES, STRATEGY_FIELDS, STRATEGY_LINES)
        wrapped = styles.make(text_wrap=True, valign="vcenter", indent=1, bottom=1, bottom_color=LINE)
        for line in range(STRATEGY_LINES):
            row = top + 2 + line
            page.sheet.merge_range(row, 3, row, COLUMNS - 1, "", wrapped)
            page.sheet.set_row(row, TWO_LINES)

    def trend(self) -> None:
        """The last snapshots at the left, a line of the spend at the right."""
        page, top = self.page, self.row
        log = LOGS["CaseTrend"]
        self.list("CaseTrend", "case_trend", TABLES[log.table], log.fields, log.lines)
        columns = dict(log.fields)
        place = Place("CaseTrend", page.key, top + 1, top + 1 + log.lines, columns, 0)
        width = round(7 * 2 * (LABEL_WIDTH[page.lang] + VALUE_WIDTH[page.lang])) + 12
        line_chart(
            page, place, ("annual_spend",), title=page.say("case_trend_chart"), category="as_of", at=(top, PAIRS),
            size=(width, (log.lines + 2) * ROW_PIXELS), colors=(GREEN,), num_format="#,##0.0",
        )  # fmt: skip

    def gap(self) -> None:
        self.page.sheet.set_row_pixels(self.row, 8)
        self.row += 1

    def _keys(self, name: str, row: int, lines: int) -> None:
        unseen = self.page.styles.make(num_format=UNSEEN)
        for line in range(lines):
            self.page.write(row + line, KEYS, None, unseen)
        self.page.name(keys_name(name), row, KEYS, row + lines - 1, KEYS)

    def _look(self, table: Table, field: Field) -> Any:
        return look(table, field, self.page.lang, self.page.book.unit, filtered=False)


def draw_case(page: Page) -> None:
    page.heading(page.say("case_title"), page.say("case_hint"))
    for pair in range(PAIRS):
        page.width(2 * pair, LABEL_WIDTH[page.lang])
        page.width(2 * pair + 1, VALUE_WIDTH[page.lang])
    _pick(page)
    case = _Case(page)
    case.section("case_background")
    case.grid("CaseFacts")
    case.grid("CaseBehaviour")
    needs = LOGS["CaseNeeds"]
    case.list("CaseNeeds", "case_needs", TABLES["Needs"], needs.fields, needs.lines)
    case.gap()
    case.section("case_value")
    case.grid("CaseValue")
    case.gap()
    case.section("case_management")
    case.strategies()
    case.gap()
    case.section("case_effect")
    case.grid("CaseEffect")
    case.trend()
    for name, title in (
        ("CaseOrders", "case_orders"),
        ("CaseContacts", "case_contacts"),
        ("CaseSurveys", "case_surveys"),
        ("CaseComplaints", "case_complaints"),
    ):
        log = LOGS[name]
        case.list(name, title, TABLES[log.table], log.fields, log.lines)
    page.set_up(landscape=False)
    page.sheet.set_portrait()
    page.sheet.fit_to_pages(1, 1)
    page.sheet.print_area(0, 0, case.row - 1, COLUMNS - 1)
    page.sheet.freeze_panes(PICK_ROW + 1, 0)


def _pick(page: Page) -> None:
    """Whom the page is about."""
    styles = page.styles
    page.write(PICK_ROW, 0, page.say("case_pick"), styles.heading)
    page.write(PICK_ROW, 1, None, styles.setting("@"))
    page.name(PICKERS["case"], PICK_ROW, 1)
    # its list is a named range: a validation cannot refer to a table itself
    options = {"validate": "list", "source": "=CustomerIds", "show_error": False}
    page.sheet.data_validation(PICK_ROW, 1, PICK_ROW, 1, options)
    page.write(PICK_ROW, 2, None, styles.make(bold=True, font_size=14, font_color=TITLE, valign="vcenter", indent=1))
    page.name("CaseName", PICK_ROW, 2)
    unseen = styles.make(num_format=UNSEEN)
    for row, name in enumerate(("CaseRow", "CaseId", "CaseSegment")):
        page.write(row, KEYS, None, unseen)
        page.name(name, row, KEYS)
