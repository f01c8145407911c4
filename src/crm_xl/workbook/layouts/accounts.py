"""分级结果 and 分级变动: every customer's grade, the tiers, and who moved."""

from __future__ import annotations

from crm_xl.vocabulary.account_tables import ACCOUNTS, GRADE_CHANGES, GRADE_COUNTS

from .charts import bar_chart
from .page import LAST_ROW, Page
from .styles import BLUE, GREEN, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles

TILE_ROW = 3
CHART_ROW = 6
CHART_ROWS = 9
HEADER = CHART_ROW + CHART_ROWS + 1
GAP = 3
TILES = (
    ("AccountsKey", "accounts_key", "#,##0"),
    ("AccountsShare", "accounts_share", "0.0%"),
    ("AccountsUp", "accounts_up", "#,##0"),
    ("AccountsDown", "accounts_down", "#,##0"),
)


def draw_accounts(page: Page) -> None:
    """The table of all customers below, the tiers to its right, charts of them above."""
    page.heading(page.say("accounts_title"), page.say("accounts_hint"))
    place = draw_table(page, ACCOUNTS, HEADER)
    right = len(ACCOUNTS.fields) + 1
    page.width(right - 1, GAP)
    page.write(HEADER - 1, right, page.say("grade_counts_heading"), page.styles.heading)
    counts = draw_table(page, GRADE_COUNTS, HEADER, right, filtered=False)
    draw_tiles(page, TILE_ROW, TILES)
    height = CHART_ROWS * ROW_PIXELS
    bar_chart(
        page, counts, "customers", title=page.say("chart_grades"), category="account_grade", at=(CHART_ROW, 0),
        size=(430, height), color=BLUE,
    )  # fmt: skip
    bar_chart(
        page, counts, "spend", title=page.say("chart_grade_spend"), category="account_grade", at=(CHART_ROW, 3),
        size=(460, height), color=GREEN, num_format="#,##0.0",
    )  # fmt: skip
    page.set_up(repeat=HEADER)
    page.sheet.print_area(0, 0, LAST_ROW, place.columns["strategy"])
    page.sheet.freeze_panes(place.first, 2)


def draw_grade_changes(page: Page) -> None:
    page.heading(page.say("changes_title"), page.say("changes_hint"))
    place = draw_table(page, GRADE_CHANGES, 3)
    page.set_up(repeat=place.header)
    page.sheet.freeze_panes(place.first, 0)
