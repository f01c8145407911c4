"""使用说明: what the workbook is and how to work with it."""

from __future__ import annotations

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.functions import FUNCTIONS
from crm_xl.vocabulary.guide_texts import GUIDE_COLOURS, GUIDE_FUNCTIONS, GUIDE_QUESTIONS, GUIDE_RULES, GUIDE_STEPS
from crm_xl.vocabulary.texts import PURPOSES, pick

from .page import Page
from .styles import BLUE, LINE, Origin

TERM, MEANING = 0, 1
TERM_WIDTH = 30
MEANING_WIDTHS: dict[Lang, int] = {"zh": 100, "en": 114}
ORIGINS: dict[str, Origin] = {"typed": "typed", "logged": "logged", "computed": "computed"}


def draw_guide(page: Page) -> None:
    lang, styles = page.lang, page.styles
    page.width(TERM, TERM_WIDTH)
    page.width(MEANING, MEANING_WIDTHS[lang])
    term = styles.make(bold=True, valign="top", text_wrap=True, bottom=1, bottom_color=LINE)
    plain = styles.make(valign="top", text_wrap=True, bottom=1, bottom_color=LINE)
    link = styles.make(font_color=BLUE, underline=1, valign="top", bottom=1, bottom_color=LINE, text_wrap=True)
    page.write(0, TERM, page.book.title, styles.title)
    row = 2

    def heading(key: str) -> None:
        nonlocal row
        page.write(row, TERM, page.say(key), styles.heading)
        row += 1

    def described(second: str) -> None:
        nonlocal row
        page.write(row, MEANING, second, plain)
        row += 1

    def line(first: str, second: str) -> None:
        page.write(row, TERM, first, term)
        described(second)

    def linked(sheet: str, second: str) -> None:
        page.link(row, TERM, sheet, "A1", page.book.sheet_name(sheet), link)
        described(second)

    # one long sentence across both columns: its own height would follow only one of them
    heading("guide_about_heading")
    page.write(row, TERM, page.say("guide_about"), styles.make(valign="vcenter"))
    row += 2
    heading("guide_steps_heading")
    names = {key: page.book.sheet_name(key) for key in page.book.sheets}
    for name, how in GUIDE_STEPS[page.book.template]:
        line(pick(name, lang), pick(how, lang).format_map(names))
    row += 1
    heading("guide_sheets_heading")
    for sheet in page.book.sheets:
        if sheet in PURPOSES:
            linked(sheet, pick(PURPOSES[sheet], lang))
    row += 1
    heading("guide_colours_heading")
    for shade, sample, meaning in GUIDE_COLOURS:
        style = styles.header(ORIGINS[shade]) if shade in ORIGINS else styles.setting()
        page.write(row, TERM, pick(sample, lang), style)
        described(pick(meaning, lang))
    row += 1
    heading("guide_rules_heading")
    for sheet, what in GUIDE_RULES:
        if sheet in page.book.sheets:
            linked(sheet, pick(what, lang))
    row += 1
    heading("guide_questions_heading")
    for question, answer in GUIDE_QUESTIONS:
        line(pick(question, lang), pick(answer, lang))
    row += 1
    heading("guide_functions_heading")
    for function in GUIDE_FUNCTIONS:
        line(function, pick(FUNCTIONS[function], lang))
    page.set_up(landscape=False)
    page.sheet.freeze_panes(1, 0)
