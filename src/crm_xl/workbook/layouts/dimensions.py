"""细分维度: the choice of dimensions, what each means, and the cross table of two of them."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.rules.settings import dimension_text, write_settings
from crm_xl.vocabulary.settings import CHOICES, DIMENSIONS, EXPLANATIONS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import DIMENSION_HELP, pick

from .matrix import draw_matrix
from .page import Page
from .styles import LINE, MUTED, PAPER

CHOICE_NAMES = ("Dimension1", "Dimension2", "Dimension3", "ValueMethod")
CHOICE_ROW = 3
CROSS_SIZE = 10
MEANING_ROW = CHOICE_ROW + len(CHOICE_NAMES) + 2

DIMENSION_COLUMNS = {"value": "annual_spend", "activity": "monthly_orders", "demand": "preference"}
"""Column of Customers that a dimension needs, where it is not its namesake."""


def usable_dimensions(page: Page) -> list[str]:
    """Built-in dimensions whose column the template has."""
    return [d for d in DIMENSIONS if DIMENSION_COLUMNS.get(d, d) in page.book.columns]


def draw_dimensions(page: Page) -> None:
    page.heading(page.say("dimensions_title"), page.say("dimensions_hint"))
    page.width(0, 24)
    for column in range(1, CROSS_SIZE + 1):
        page.width(column, 14)
    _choices(page)
    below = _meanings(page)
    _cross_table(page, below + 2)
    page.set_up()
    page.sheet.freeze_panes(1, 1)


def _choices(page: Page) -> None:
    lang, styles = page.lang, page.styles
    page.write(CHOICE_ROW, 0, page.say("dimensions_choice"), styles.heading)
    values = write_settings(page.book.rules.settings)
    offered = [dimension_text(d, lang) for d in usable_dimensions(page)]
    for i, name in enumerate(CHOICE_NAMES):
        row = CHOICE_ROW + 1 + i
        what, why = EXPLANATIONS[name]
        page.write(row, 0, pick(what, lang), styles.body(indent=1))
        page.write(row, 1, values[name], styles.setting())
        page.write(row, 2, pick(why, lang), styles.make(font_color=MUTED, valign="vcenter", indent=1))
        page.name(name, row, 1)
        if name == "ValueMethod":
            page.offer(row, 1, [pick((c[0], c[1]), lang) for c in CHOICES["value_method"].values()])
        else:
            # a header of the user's own is as good a dimension
            page.offer(row, 1, offered, free=True)


def _cross_table(page: Page, top: int) -> None:
    """The cross table, its column labels in row `top`. Last on the sheet: unused rows leave no gap."""
    corner = page.styles.make(font_color=MUTED, bg_color=PAPER, valign="vcenter", bottom=1, bottom_color=LINE)
    draw_matrix(
        page, top, CROSS_SIZE, title=page.say("cross_heading"), corner=page.say("cross_corner"),
        corner_style=corner, zeros=True,
    )  # fmt: skip
    last = top + CROSS_SIZE
    page.name("CrossRows", top + 1, 0, last, 0)
    page.name("CrossColumns", top, 1, top, CROSS_SIZE)
    page.name("CrossCells", top + 1, 1, last, CROSS_SIZE)


def _meanings(page: Page) -> int:
    """What each dimension means; the first free row below."""
    lang, styles = page.lang, page.styles
    page.write(MEANING_ROW, 0, page.say("dimensions_meaning"), styles.heading)
    row = MEANING_ROW + 1
    for column, key in enumerate(("dimension_head", "dimension_rules_head", "dimension_meaning_head")):
        page.write(row, column, page.say(key), styles.head)
    for column in range(3, CROSS_SIZE + 1):
        page.write(row, column, None, styles.head)
    for dimension in usable_dimensions(page):
        row += 1
        meaning, table = DIMENSION_HELP[dimension]
        page.write(row, 0, dimension_text(dimension, lang), styles.body(indent=1))
        if table in page.book.tables:
            sheet, r, c = page.book.tables[table]
            page.link(row, 1, sheet, xl_rowcol_to_cell(r, c), TABLES[table].title(lang), styles.link)
        else:
            page.write(row, 1, None, styles.body())
        page.write(row, 2, pick(meaning, lang), styles.body())
        for column in range(3, CROSS_SIZE + 1):
            page.write(row, column, None, styles.body())
    page.write(row + 1, 0, page.say("dimensions_own"), styles.hint)
    return row + 2
