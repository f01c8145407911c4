"""客户关系识别评估表: one picked customer on one page: scores, total, level, and what would lift it."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.vocabulary.evaluation_tables import DIMENSION_SCORES
from crm_xl.vocabulary.texts import PICKERS

from .charts import bar_chart
from .page import Page
from .styles import BLUE, GREEN, LINE, MUTED, PALE_GREEN, PAPER, ROW_PIXELS, TITLE
from .tables import draw_table

PICK_ROW = 3
FIGURE_ROW = 5
HEADER = 8
SUM_ROW = HEADER + 1
FIRST = HEADER + 2
INDICATORS = 20
"""Indicators that the page holds."""
SIDE = 9
"""Column in which the chart and its table begin."""
CHART_ROWS = 13
CHART_WIDTH = {"zh": 318, "en": 352}
"""Pixels of the columns below the chart."""
TOP, ROOM = 5.0, 0.6
"""The best score, and room for the number behind its bar."""

COLUMNS: tuple[tuple[str, str, float, str, str], ...] = (
    ("EvaluationDimension", "evaluation_dimension", 16, "left", "General"),
    ("EvaluationIndicator", "evaluation_indicator", 22, "left", "General"),
    ("EvaluationSource", "evaluation_source", 15, "left", "General"),
    ("EvaluationScore", "evaluation_score", 16, "center", "0.##"),
    ("EvaluationWeight", "evaluation_weight", 10, "center", "0.##"),
    ("EvaluationPoints", "evaluation_points", 11, "center", "0.00"),
    ("EvaluationGain", "evaluation_gain", 14, "center", "0.00"),
    ("EvaluationCondition", "evaluation_condition", 38, "left", "General"),
)
"""Name of a column, its head, width, alignment and number format."""
ENGLISH_WIDTHS = {"EvaluationDimension": 25.0, "EvaluationIndicator": 25.0, "EvaluationScore": 13.0}
FIGURES: tuple[tuple[str, str, int, int, str], ...] = (
    ("EvaluationTotal", "evaluation_total", 0, 0, "0.00"),
    ("EvaluationLevel", "evaluation_level", 1, 1, "General"),
    ("EvaluationCompleteness", "evaluation_complete", 2, 2, "0%"),
    ("EvaluationGap", "evaluation_gap", 3, 4, "0.00"),
    ("EvaluationCheck", "evaluation_check", 5, 6, "0.00"),
)
"""Name of a figure, its label, first and last column, number format."""
UNSEEN = ";;;"
ADVICE = len(COLUMNS) - 1
"""The column that is wide enough for sentences."""


def draw_evaluation(page: Page) -> None:
    page.heading(page.say("evaluation_title"), page.say("evaluation_hint"))
    for column, (name, _, width, _, _) in enumerate(COLUMNS):
        page.width(column, ENGLISH_WIDTHS.get(name, width) if page.lang == "en" else width)
    _pick(page)
    _figures(page)
    _advice(page)
    _rows(page)
    _dimensions(page)
    page.set_up()
    page.sheet.fit_to_pages(1, 1)
    page.sheet.print_area(0, 0, FIRST + INDICATORS - 1, SIDE + len(DIMENSION_SCORES.fields) - 1)
    page.sheet.freeze_panes(1, 0)


def _pick(page: Page) -> None:
    """Whom the page is about."""
    styles = page.styles
    page.write(PICK_ROW, 0, page.say("evaluation_pick"), styles.heading)
    page.write(PICK_ROW, 1, None, styles.setting("@"))
    page.name(PICKERS["evaluation"], PICK_ROW, 1)
    # its list is a named range: another table may stand in the reference itself only through a name
    options = {"validate": "list", "source": "=CustomerIds", "show_error": False}
    page.sheet.data_validation(PICK_ROW, 1, PICK_ROW, 1, options)
    page.write(PICK_ROW, 2, None, styles.make(bold=True, font_size=12, font_color=TITLE, valign="vcenter", indent=1))
    page.name("EvaluationName", PICK_ROW, 2)
    note = styles.make(font_color=MUTED, valign="vcenter")
    page.write(PICK_ROW + 1, 0, None, note)
    page.name("EvaluationNote", PICK_ROW + 1, 0)
    unseen = styles.make(num_format=UNSEEN)
    for column, name in ((SIDE, "EvaluationRow"), (SIDE + 1, "EvaluationBase")):
        page.write(0, column, None, unseen)
        page.name(name, 0, column)


def _figures(page: Page) -> None:
    styles = page.styles
    label = styles.make(font_color=MUTED, bg_color=PALE_GREEN, align="center_across", valign="vcenter")
    for name, key, first, last, num_format in FIGURES:
        figure = styles.make(
            bold=True, font_size=14, font_color=TITLE, bg_color=PALE_GREEN, align="center_across", valign="vcenter",
            num_format=num_format, bottom=2, bottom_color=GREEN,
        )  # fmt: skip
        # not merged: Excel takes no array formula in merged cells
        for row, value, style in ((FIGURE_ROW, page.say(key), label), (FIGURE_ROW + 1, None, figure)):
            for column in range(first, last + 1):
                page.write(row, column, value if column == first else None, style)
        page.name(name, FIGURE_ROW + 1, first)
    agrees = styles.make(font_color=MUTED, align="right", valign="vcenter")
    page.write(FIGURE_ROW + 2, 6, None, agrees)
    page.name("EvaluationAgrees", FIGURE_ROW + 2, 6)


def _advice(page: Page) -> None:
    styles = page.styles
    said = styles.make(text_wrap=True, align="left", valign="top", indent=1)
    head = styles.make(bold=True, font_color=TITLE, valign="vcenter", indent=1)
    for row, key, name in (
        (PICK_ROW, "evaluation_lift", "EvaluationLift"),
        (FIGURE_ROW, "evaluation_strategy", "EvaluationStrategy"),
    ):
        page.write(row, ADVICE, page.say(key), head)
        page.write(row + 1, ADVICE, None, said)
        page.name(name, row + 1, ADVICE)


def _rows(page: Page) -> None:
    styles, sheet = page.styles, page.sheet
    last = FIRST + INDICATORS - 1
    for column, (name, key, _, align, num_format) in enumerate(COLUMNS):
        page.write(HEADER, column, page.say(key), styles.header("computed", align, 1 if align == "left" else 0))
        placed: dict[str, object] = {"align": align, "valign": "vcenter", "num_format": num_format}
        if align == "left":
            placed |= {"indent": 1, "text_wrap": column == ADVICE}
        for row in range(FIRST, last + 1):
            page.write(row, column, None, styles.make(**placed))
        page.name(name, FIRST, column, last, column)
        summed = styles.make(
            bold=True, font_color=TITLE, bg_color=PAPER, bottom=1, bottom_color=LINE, valign="vcenter", align=align,
            num_format=num_format, indent=1 if align == "left" else 0,
        )  # fmt: skip
        page.write(SUM_ROW, column, page.say("evaluation_sum") if column == 0 else None, summed)
    for name, column in (("EvaluationSumWeight", 4), ("EvaluationSumPoints", 5)):
        page.name(name, SUM_ROW, column)
    # unused rows stay blank paper
    used = f'{xl_rowcol_to_cell(FIRST, 1, col_abs=True)}<>""'
    gain = xl_rowcol_to_cell(FIRST, 6, col_abs=True)
    gains = f"{xl_rowcol_to_cell(FIRST, 6, True, True)}:{xl_rowcol_to_cell(last, 6, True, True)}"
    best = f"=IF(ISNUMBER({gain}),AND({gain}>0,{gain}=MAX({gains})),FALSE)"
    sheet.conditional_format(
        FIRST, 6, last, ADVICE, {"type": "formula", "criteria": best, "format": styles.mark("warn", bold=True)}
    )
    line = styles.make(bottom=1, bottom_color=LINE)
    sheet.conditional_format(FIRST, 0, last, ADVICE, {"type": "formula", "criteria": f"={used}", "format": line})


def _dimensions(page: Page) -> None:
    """The chart, and below it the table that it shows."""
    page.width(SIDE - 1, 2)
    header = PICK_ROW + CHART_ROWS + 1
    place = draw_table(page, DIMENSION_SCORES, header, SIDE, filtered=False)
    bar_chart(
        page, place, "score", title=page.say("chart_dimensions"), category="dimension", at=(PICK_ROW, SIDE),
        size=(CHART_WIDTH[page.lang], CHART_ROWS * ROW_PIXELS), color=BLUE, num_format="0.0", most=TOP + ROOM,
    )  # fmt: skip
