"""看板数据: small tables that the dashboard's charts and lists draw on."""

from __future__ import annotations

from crm_xl.vocabulary.sales_tables import FUNNEL, RISK_LIST, TOP_GROUPS

from .page import Page
from .tables import draw_table

HEADER = 4
GAP = 3
TABLES = ((TOP_GROUPS, "groups_heading"), (FUNNEL, "funnel_heading"), (RISK_LIST, "risk_heading"))
KEY_FIGURES = (
    ("KpiAverageOrder", "dash_average_order", "#,##0.00"),
    ("KpiAtRisk", "dash_at_risk", "#,##0"),
    ("KpiMoneyAtRisk", "dash_money_at_risk", "#,##0.0"),
)
"""Those of the dashboard that no other sheet has."""


def draw_figures(page: Page) -> None:
    styles = page.styles
    page.heading(page.say("figures_title"), page.say("figures_hint"))
    page.write(HEADER - 1, 0, page.say("key_figures_heading"), styles.heading)
    page.width(0, 26)
    page.width(1, 12)
    for row, (name, key, num_format) in enumerate(KEY_FIGURES, HEADER):
        page.write(row, 0, page.say(key), styles.body(indent=1))
        page.write(row, 1, None, styles.body(num_format))
        page.name(name, row, 1)
    column = 3
    for table, heading in TABLES:
        page.width(column - 1, GAP)
        page.write(HEADER - 1, column, page.say(heading), styles.heading)
        draw_table(page, table, HEADER, column, filtered=False)
        column += len(table.fields) + 1
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(HEADER + 1, 0)
