"""客户流转: the matrix of moves between two snapshots, and what became of each group."""

from __future__ import annotations

from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.reports import EFFECTS, HISTORY

from .matrix import draw_matrix
from .page import Page
from .tables import draw_table

CHOICE_ROW = 3
MATRIX_ROW = CHOICE_ROW + 6
WIDTH = 17
SIZE = 16
"""Labels that the matrix holds, new or gone customers among them."""
HEADER = MATRIX_ROW + SIZE + 3
GROUPED_BY = ("level", "segment", "activity", "lifecycle", "rfm_class", "account_grade")
"""Columns of the history by which groups can be compared; the first that a template has is its start."""


def draw_movement(page: Page) -> None:
    page.heading(page.say("movement_title"), page.say("movement_hint"))
    page.write(HEADER - 1, 0, page.say("movement_effects"), page.styles.heading)
    place = draw_table(page, EFFECTS, HEADER, filtered=False)
    for column in range(1, SIZE + 1):
        page.width(column, WIDTH)
    _choices(page)
    draw_matrix(
        page, MATRIX_ROW, SIZE, title=page.say("movement_matrix"), corner=page.say("movement_corner"),
        corner_style=page.styles.head, zeros=False,
    )  # fmt: skip
    page.name("MovementMatrix", MATRIX_ROW, 0, MATRIX_ROW + SIZE, SIZE)
    page.set_up(repeat=place.header)
    page.sheet.freeze_panes(1, 1)


def _choices(page: Page) -> None:
    styles = page.styles
    keys = [k for k in GROUPED_BY if k in page.book.columns and k in {f.key for f in HISTORY.fields}]
    headers = [CUSTOMERS.field(k).header(page.lang) for k in keys]
    for i, (name, key) in enumerate((("MovementFrom", "movement_from"), ("MovementTo", "movement_to"))):
        page.write(CHOICE_ROW + i, 0, page.say(key), styles.body(indent=1))
        page.write(CHOICE_ROW + i, 1, None, styles.setting("yyyy-mm-dd"))
        page.ask_date(CHOICE_ROW + i, 1)
        page.name(name, CHOICE_ROW + i, 1)
    row = CHOICE_ROW + 2
    page.write(row, 0, page.say("movement_by"), styles.body(indent=1))
    page.sheet.merge_range(row, 1, row, 2, headers[0], styles.setting())
    page.offer(row, 1, headers)
    page.name("MovementBy", row, 1)
    page.write(row + 1, 0, page.say("movement_shown"), styles.body(indent=1))
    page.write(row + 1, 1, None, styles.plain())
    page.name("MovementShown", row + 1, 1)
