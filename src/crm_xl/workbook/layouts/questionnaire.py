"""满意度问卷: one page to print; its answers go into Surveys."""

from __future__ import annotations

from typing import Any

from .page import Page
from .styles import INK, LINE, MUTED, PAPER, TITLE

LAST = 11
"""Last column: one for the question, then eleven boxes for 0 to 10."""
QUESTION_WIDTH, BOX_WIDTH = 21.0, 6.4
RATED = ("form_product", "form_service", "form_experience", "form_overall")
POINTS = 0.75
"""Of a pixel."""


def draw_questionnaire(page: Page) -> None:
    sheet, styles = page.sheet, page.styles
    page.width(0, QUESTION_WIDTH)
    sheet.set_column(1, LAST, BOX_WIDTH)
    wide: dict[str, Any] = {"valign": "vcenter", "text_wrap": True}
    plain = styles.make(font_size=11, **wide)
    small = styles.make(font_color=MUTED, **wide)
    heading = styles.make(bold=True, font_size=11, font_color=TITLE, **wide)
    boxed = styles.make(border=1, border_color=LINE, font_size=11, align="center", **wide)
    asked = styles.make(border=1, border_color=LINE, font_size=11, indent=1, **wide)
    head = styles.make(border=1, border_color=LINE, bg_color=PAPER, font_color=INK, align="center", **wide)
    line = styles.make(bottom=1, bottom_color=MUTED)
    row = 0

    def across(key: str, style: Any, height: int) -> None:
        nonlocal row
        sheet.merge_range(row, 0, row, LAST, page.say(key), style)
        sheet.set_row(row, height * POINTS)
        row += 1

    def room(lines: int) -> None:
        nonlocal row
        for _ in range(lines):
            sheet.merge_range(row, 0, row, LAST, "", line)
            sheet.set_row(row, 34 * POINTS)
            row += 1

    def gap() -> None:
        nonlocal row
        sheet.set_row(row, 14 * POINTS)
        row += 1

    across("form_title", styles.make(bold=True, font_size=18, font_color=TITLE, align="center", valign="vcenter"), 52)
    across("form_thanks", styles.make(font_size=10, font_color=MUTED, align="center", **wide), 44)
    gap()
    for left, right in (("form_company", "form_number"), ("form_person", "form_date")):
        sheet.set_row(row, 36 * POINTS)
        page.write(row, 0, page.say(left), plain)
        sheet.merge_range(row, 1, row, 5, "", line)
        sheet.merge_range(row, 6, row, 7, page.say(right), styles.make(font_size=11, align="right", **wide))
        sheet.merge_range(row, 8, row, LAST, "", line)
        row += 1
    gap()
    across("form_rate", heading, 36)
    sheet.set_row(row, 46 * POINTS)
    sheet.merge_range(row, 0, row, 1, "", head)
    for i in range(5):
        sheet.merge_range(row, 2 + 2 * i, row, 3 + 2 * i, page.say(f"form_scale_{i + 1}"), head)
    row += 1
    for key in RATED:
        sheet.set_row(row, 46 * POINTS)
        sheet.merge_range(row, 0, row, 1, page.say(key), asked)
        for i in range(5):
            sheet.merge_range(row, 2 + 2 * i, row, 3 + 2 * i, "□", boxed)
        row += 1
    gap()
    across("form_recommend", heading, 44)
    sheet.set_row(row, 40 * POINTS)
    for i in range(11):
        page.write(row, 1 + i, i, boxed)
    row += 1
    gap()
    across("form_need", heading, 44)
    gap()
    across("form_best", heading, 32)
    room(2)
    gap()
    across("form_worst", heading, 32)
    room(3)
    gap()
    across("form_call", heading, 44)
    gap()
    across("form_return", small, 44)
    page.set_up(landscape=False)
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row - 1, LAST)
    sheet.center_horizontally()
