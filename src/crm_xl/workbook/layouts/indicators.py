"""指标与权重, 评分标准: what a customer is judged by, and what earns how many points."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.vocabulary.evaluation_tables import DIMENSION_WEIGHTS
from crm_xl.vocabulary.rule_tables import BANDS, INDICATORS

from .charts import bar_chart
from .page import Page
from .parameters import rule_rows
from .styles import BLUE, MUTED, ROW_PIXELS
from .tables import draw_table

TOTAL_ROW = 3
HEADER = 5
GAP = 3
CHART_ROWS = 10
BANDS_HEADER = 3


def draw_indicators(page: Page) -> None:
    """The indicators, and to their right the weights of the dimensions."""
    styles = page.styles
    page.heading(page.say("indicators_title"), page.say("indicators_hint"))
    place = draw_table(page, INDICATORS, HEADER, rows=rule_rows(page, "Indicators"), filtered=False)
    weight = place.columns["weight"]
    page.write(TOTAL_ROW, weight - 1, page.say("indicators_total"), styles.body(align="right"))
    page.write(TOTAL_ROW, weight, None, styles.make(bold=True, num_format="0.##", align="right", valign="vcenter"))
    page.name("IndicatorsTotal", TOTAL_ROW, weight)
    page.write(TOTAL_ROW, weight + 1, None, styles.make(font_color=MUTED, valign="vcenter", indent=1))
    page.name("IndicatorsState", TOTAL_ROW, weight + 1)
    right = len(INDICATORS.fields) + 1
    page.width(right - 1, GAP)
    dimensions = draw_table(page, DIMENSION_WEIGHTS, HEADER + CHART_ROWS + 1, right, filtered=False)
    bar_chart(
        page, dimensions, "weight", title=page.say("chart_weights"), category="dimension", at=(HEADER, right),
        size=(430, CHART_ROWS * ROW_PIXELS), color=BLUE, num_format="0.##",
    )  # fmt: skip
    page.set_up()
    page.sheet.freeze_panes(HEADER + 1, 0)


def draw_bands(page: Page) -> None:
    """The bands of every indicator; a line parts one indicator from the next."""
    page.heading(page.say("bands_title"), page.say("bands_hint"))
    place = draw_table(page, BANDS, BANDS_HEADER, rows=rule_rows(page, "Bands"))
    name = place.columns["indicator"]
    this, above = (xl_rowcol_to_cell(place.first - i, name, col_abs=True) for i in (0, 1))
    page.sheet.conditional_format(
        place.first, name, place.last, name + len(BANDS.fields) - 1,
        {
            "type": "formula",
            "criteria": f"=NOT(EXACT({this},{above}))",
            "format": page.styles.make(top=1, top_color=MUTED),
        },
    )  # fmt: skip
    page.set_up(landscape=False, repeat=place.header)
    page.sheet.freeze_panes(place.first, 1)
