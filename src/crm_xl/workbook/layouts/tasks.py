"""任务, 任务看板, 周复盘, 关怀日历: who does what by when, and whom to get in touch with."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.vocabulary.records import REVIEWS, TASKS
from crm_xl.vocabulary.task_tables import CARE, TASK_BOARD

from .charts import CHART_ROWS, stacked_chart
from .page import LAST_ROW, Page
from .styles import GREEN, GREY_BLUE, LINE, MUTED, PALE_GREEN, RED, ROW_PIXELS, TITLE, WHITE
from .tables import draw_table

HEADER = 3
FIGURE_ROW = 3
Figure = tuple[str, str, str]
"""Named cell, text above it, number format."""

BOARD_FIGURES: tuple[tuple[Figure, ...], ...] = (
    (
        ("KpiTaskOpen", "kpi_task_open", "#,##0"),
        ("KpiTaskOverdue", "kpi_task_overdue", "#,##0"),
        ("KpiTaskDone", "kpi_task_done", "#,##0"),
        ("KpiTaskRate", "kpi_task_rate", "0.0%"),
    ),
    (
        ("KpiVisits", "kpi_visits", "#,##0"),
        ("KpiReached", "kpi_reached", "0.0%"),
        ("KpiMaterial", "kpi_material", "#,##0"),
        ("KpiTrials", "kpi_trials", "0.0%"),
    ),
)
CARE_FIGURES: tuple[Figure, ...] = (
    ("KpiCareLate", "kpi_care_late", "#,##0"),
    ("KpiCareWeek", "kpi_care_week", "#,##0"),
    ("KpiCareMonth", "kpi_care_month", "#,##0"),
    ("KpiCareAll", "kpi_care_all", "#,##0"),
)
BOARD_CHART = FIGURE_ROW + 3 * len(BOARD_FIGURES)
BOARD_HEADER = BOARD_CHART + CHART_ROWS + 1
CARE_HEADER = FIGURE_ROW + 3


def draw_figures(page: Page, row: int, figures: Sequence[Figure]) -> None:
    """Figures side by side: what each is, and its named cell below."""
    styles = page.styles
    label = styles.make(
        font_color=MUTED, bg_color=PALE_GREEN, align="center", valign="vcenter", shrink=True, left=1, left_color=WHITE,
    )  # fmt: skip
    for i, (name, key, num_format) in enumerate(figures):
        figure = styles.make(
            bold=True, font_size=16, font_color=TITLE, bg_color=PALE_GREEN, align="center", valign="vcenter",
            num_format=num_format, shrink=True, left=1, left_color=WHITE, bottom=2, bottom_color=GREEN,
        )  # fmt: skip
        page.write(row, i, page.say(key), label)
        page.write(row + 1, i, None, figure)
        page.name(name, row + 1, i)


def draw_tasks(page: Page) -> None:
    page.heading(page.say("tasks_title"), page.say("tasks_hint"))
    place = draw_table(page, TASKS, HEADER)
    page.set_up(repeat=HEADER)
    # what a task was proposed for is of no use on paper; whole columns: rows to come are printed too
    page.sheet.print_area(0, 0, LAST_ROW, place.columns["overdue"])
    page.sheet.freeze_panes(place.first, 1)


def draw_board(page: Page) -> None:
    page.heading(page.say("board_title"), page.say("board_hint"))
    place = draw_table(page, TASK_BOARD, BOARD_HEADER)
    for i, figures in enumerate(BOARD_FIGURES):
        draw_figures(page, FIGURE_ROW + 3 * i, figures)
    stacked_chart(
        page, place, ("finished", "doing", "waiting", "overdue"), title=page.say("chart_board"), category="owner",
        at=(BOARD_CHART, 0), size=(780, CHART_ROWS * ROW_PIXELS), colors=(TITLE, GREY_BLUE, LINE, RED),
    )  # fmt: skip
    page.set_up(landscape=False, repeat=BOARD_HEADER)
    page.sheet.freeze_panes(1, 0)


def draw_reviews(page: Page) -> None:
    page.heading(page.say("reviews_title"), page.say("reviews_hint"))
    place = draw_table(page, REVIEWS, HEADER)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(place.first, 3)


def draw_care(page: Page) -> None:
    page.heading(page.say("care_title"), page.say("care_hint"))
    place = draw_table(page, CARE, CARE_HEADER)
    draw_figures(page, FIGURE_ROW, CARE_FIGURES)
    day = place.columns["care_date"]
    first = xl_rowcol_to_cell(place.first, day, col_abs=True)
    late = {"type": "formula", "criteria": f"=AND(ISNUMBER({first}),{first}<AsOf)", "format": page.styles.mark("bad")}
    page.sheet.conditional_format(place.first, day, place.last, day, late)
    page.set_up(repeat=CARE_HEADER)
    page.sheet.freeze_panes(place.first, 0)
