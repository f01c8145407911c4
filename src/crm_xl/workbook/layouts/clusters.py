"""数据分群: the groups that the data form, what they are like, and how they compare with segments made by rules."""

from __future__ import annotations

from crm_xl.vocabulary.risk_tables import CLUSTERS, SILHOUETTES

from .charts import bar_chart
from .matrix import draw_matrix
from .page import Page
from .styles import BLUE, GREEN, ROW_PIXELS
from .tables import draw_table

SAID_ROW, READING_ROW = 3, 4
CHART_ROW, CHART_ROWS = 6, 12
MATRIX_ROW = CHART_ROW + CHART_ROWS + 2
GROUPS, SEGMENTS = 9, 16
"""Lines that the matrix holds: as many groups as there may be, and customers in none; labels of segments."""
HEADER = MATRIX_ROW + GROUPS + 3
WIDTH = 16


def draw_clusters(page: Page) -> None:
    page.heading(page.say("clusters_title"), page.say("clusters_hint"))
    page.write(SAID_ROW, 0, None, page.styles.heading)
    page.name("ClustersSaid", SAID_ROW, 0)
    page.write(READING_ROW, 0, page.say("clusters_reading"), page.styles.hint)
    places, column = [], 0
    for table in (CLUSTERS, SILHOUETTES):
        page.write(HEADER - 1, column, table.title(page.lang), page.styles.heading)
        places.append(draw_table(page, table, HEADER, column, filtered=False))
        column += len(table.fields) + 1
    for i in range(1, SEGMENTS + 1):
        page.width(i, WIDTH)
    draw_matrix(
        page, MATRIX_ROW, SEGMENTS, rows=GROUPS, title=page.say("cluster_matrix"), corner=page.say("cluster_corner"),
        corner_style=page.styles.head, zeros=False,
    )  # fmt: skip
    page.name("ClusterMatrix", MATRIX_ROW, 0, MATRIX_ROW + GROUPS, SEGMENTS)
    clusters, height = places[0], CHART_ROWS * ROW_PIXELS
    bar_chart(
        page, clusters, "customers", title=page.say("chart_cluster_customers"), category="data_group",
        at=(CHART_ROW, 0), size=(640, height), color=BLUE, every=True,
    )  # fmt: skip
    bar_chart(
        page, clusters, "spend_share", title=page.say("chart_cluster_spend"), category="data_group",
        at=(CHART_ROW, 5), size=(640, height), color=GREEN, num_format="0.0%", every=True,
    )  # fmt: skip
    page.set_up()
    page.sheet.freeze_panes(1, 1)
