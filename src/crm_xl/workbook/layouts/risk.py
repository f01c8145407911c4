"""流失风险分析: who is about to leave with how much money, and how good such warnings were."""

from __future__ import annotations

from crm_xl.vocabulary.risk_tables import BACKTEST, BACKTEST_DECILES, RISKS, TOP_STAKES

from .charts import bar_chart
from .page import Page
from .styles import AMBER, GREY_BLUE, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles

NOTE_ROW, TILE_ROW, SAID_ROW = 2, 4, 7
CHART_ROW, CHART_ROWS = 9, 13
HEADER = CHART_ROW + CHART_ROWS + 2
GAP = 3
PRINT_SCALE = 55
TILES = (
    ("RiskFlagged", "tile_flagged", "#,##0"),
    ("RiskStake", "tile_stake", "#,##0.0"),
    ("RiskOverdue", "tile_overdue", "#,##0"),
    ("RiskPrecision", "tile_precision", "0.0%"),
    ("RiskRecall", "tile_recall", "0.0%"),
    ("RiskLift", "tile_lift", "0.0"),
)
DECILES_AT = "stake"
"""Column of the list over which the chart of the back-test begins."""


def draw_risk(page: Page) -> None:
    page.heading(page.say("risk_title"), page.say("risk_hint"))
    for name, row, style in (
        ("RiskNote", NOTE_ROW, page.styles.hint),
        ("BacktestSaid", SAID_ROW, page.styles.heading),
        ("BacktestMeans", SAID_ROW + 1, page.styles.hint),
    ):
        page.write(row, 0, None, style)
        page.name(name, row, 0)
    page.write(HEADER - 1, 0, page.say("risks_heading"), page.styles.heading)
    risks = draw_table(page, RISKS, HEADER)
    column, breaks = len(RISKS.fields), [len(RISKS.fields) + 1]
    places = {}
    for table in (TOP_STAKES, BACKTEST, BACKTEST_DECILES):
        page.width(column, GAP)
        page.write(HEADER - 1, column + 1, table.title(page.lang), page.styles.heading)
        places[table] = draw_table(page, table, HEADER, column + 1, filtered=False)
        column += 1 + len(table.fields)
    for i, tile in enumerate(TILES):
        draw_tiles(page, TILE_ROW, [tile], 2 * i, span=2)
    height = CHART_ROWS * ROW_PIXELS
    bar_chart(
        page, places[TOP_STAKES], "stake", title=page.say("chart_stakes"), category="customer", at=(CHART_ROW, 0),
        size=(590, height), color=AMBER, num_format="#,##0.00", every=True,
    )  # fmt: skip
    bar_chart(
        page, places[BACKTEST_DECILES], "rate", title=page.say("chart_deciles"), category="tenth",
        at=(CHART_ROW, risks.columns[DECILES_AT]), size=(640, height), color=GREY_BLUE, num_format="0%", every=True,
        most=1,
    )  # fmt: skip
    page.set_up(repeat=HEADER, breaks=breaks)
    page.sheet.set_print_scale(PRINT_SCALE)
    page.sheet.freeze_panes(1, 0)
