"""模型校准: shares and churn of the levels per half-year, and the changes of weights."""

from __future__ import annotations

from crm_xl.vocabulary.evaluation_tables import CALIBRATION, WEIGHT_LOG

from .page import Page
from .tables import draw_table

FIGURE_ROW = 3
HEADER = 8
GAP = 3
FIGURES = (
    ("LastCalibration", "calibration_last"),
    ("NextCalibration", "calibration_next"),
    ("CalibrationState", "calibration_state"),
)


def draw_calibration(page: Page) -> None:
    styles = page.styles
    page.heading(page.say("calibration_title"), page.say("calibration_hint"))
    for row, (name, key) in enumerate(FIGURES, FIGURE_ROW):
        page.sheet.merge_range(row, 0, row, 1, page.say(key), styles.body(indent=1))
        page.write(row, 2, None, styles.make(bold=True, num_format="yyyy-mm-dd", align="left", valign="vcenter"))
        page.name(name, row, 2)
    right = len(CALIBRATION.fields) + 1
    page.write(HEADER - 1, 0, page.say("calibration_levels"), styles.heading)
    page.write(HEADER - 1, right, page.say("calibration_weights"), styles.heading)
    draw_table(page, CALIBRATION, HEADER)
    page.width(right - 1, GAP)
    draw_table(page, WEIGHT_LOG, HEADER, right, filtered=False)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(HEADER + 1, 0)
