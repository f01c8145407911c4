"""A workbook in the making, and one sheet of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.fields import Lang, Unit
from crm_xl.vocabulary.texts import SHEETS, pick, text

from .styles import FONT, ROW_PIXELS, SIZE, Styles

A4 = 9
LAST_ROW = 1_048_575
BROKEN_SCALE = 75
"""Per cent, of a sheet printed on several pages side by side."""
ANY = 1e9
"""From here on a limit is none."""
LONGEST_LIST = 255
"""Characters of a list that stands in the validation itself."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and what draws it. `late`: drawn behind all others, whose tables it refers to."""

    key: str
    draw: Callable[[Page], None]
    tab: str = ""
    hidden: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands, 0-based, on the sheet of that key; `columns`: field key -> column."""

    name: str
    sheet: str
    header: int
    last: int
    columns: Mapping[str, int]
    width: float

    @property
    def first(self) -> int:
        return self.header + 1


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share."""

    workbook: Workbook
    styles: Styles
    lang: Lang
    unit: Unit
    rules: Rulebook
    template: str
    title: str
    sheets: tuple[str, ...]
    columns: tuple[str, ...]
    """Keys of the columns of Customers that the template has."""
    rule_tables: tuple[str, ...]
    """Rule tables of the parameter sheet."""
    tables: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """Rule table of the parameter sheet -> (sheet key, row, column) of its header, for links drawn before it."""
    places: dict[str, Place] = field(default_factory=dict)
    """Table -> where it stands; filled as sheets are drawn."""

    def sheet_name(self, key: str) -> str:
        return pick(SHEETS[key], self.lang)

    def reference(
        self, key: str, row: int, column: int, last_row: int | None = None, last_column: int | None = None
    ) -> str:
        """An absolute reference to a cell or an area, with its sheet; 0-based."""
        cells = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        if last_row is not None or last_column is not None:
            end_row = row if last_row is None else last_row
            end_column = column if last_column is None else last_column
            cells += ":" + xl_rowcol_to_cell(end_row, end_column, row_abs=True, col_abs=True)
        return f"{quote_sheetname(self.sheet_name(key))}!{cells}"


class Page:
    """One sheet: texts in the workbook's language, cells by 0-based row and column."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self.book = book
        self.key = sheet.key
        self.sheet: Worksheet = book.workbook.add_worksheet(book.sheet_name(sheet.key))
        if sheet.tab:
            self.sheet.set_tab_color(sheet.tab)
        if sheet.hidden:
            self.sheet.hide()

    @property
    def lang(self) -> Lang:
        return self.book.lang

    @property
    def styles(self) -> Styles:
        return self.book.styles

    def say(self, key: str) -> str:
        return text(key, self.lang)

    def write(self, row: int, column: int, value: object, style: Format | None = None) -> None:
        """A value as what it is: text is never taken for a formula, a link or a number."""
        if value is None:
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, style)
        elif isinstance(value, (int, float)):
            self.sheet.write_number(row, column, value, style)
        else:
            raise TypeError(f"no cell for {value!r}")

    def heading(self, title: str, hint: str) -> None:
        """Title and hint of a sheet, in its first two rows."""
        self.write(0, 0, title, self.styles.title)
        self.write(1, 0, hint, self.styles.hint)

    def width(self, column: int, width: float, style: Format | None = None) -> None:
        self.sheet.set_column(column, column, width, style)

    def name(
        self, name: str, row: int, column: int, last_row: int | None = None, last_column: int | None = None
    ) -> None:
        """Give a cell or an area a name."""
        self.book.workbook.define_name(name, "=" + self.book.reference(self.key, row, column, last_row, last_column))

    def link(self, row: int, column: int, sheet: str, cell: str, shown: str, style: Format) -> None:
        """A link to a cell of a sheet of this workbook."""
        target = f"internal:{quote_sheetname(self.book.sheet_name(sheet))}!{cell}"
        self.sheet.write_url(row, column, target, style, shown)

    def offer(
        self,
        row: int,
        column: int,
        choices: list[str],
        *,
        last_row: int | None = None,
        free: bool = False,
        **more: Any,
    ) -> None:
        """A dropdown. `free`: it only suggests; else another value brings up a question, never a refusal."""
        if len(",".join(choices)) > LONGEST_LIST:
            raise ValueError(f"list too long for a validation: {choices[:3]}")
        options: dict[str, Any] = {"validate": "list", "source": choices, "error_type": "warning", **more}
        if free:
            options["show_error"] = False
        else:
            options |= {"error_title": self.say("not_listed_title"), "error_message": self.say("not_listed")}
        self.sheet.data_validation(row, column, row if last_row is None else last_row, column, options)

    def ask_number(
        self,
        row: int,
        column: int,
        low: float,
        high: float,
        *,
        whole: bool = False,
        last_row: int | None = None,
    ) -> None:
        """Question what is no number from `low` to `high`."""
        if high < ANY:
            message = self.say("not_number").format(low=f"{low:,}", high=f"{high:,}")
        else:
            message = self.say("not_any_number" if low < 0 else "not_positive")
        options = {
            "validate": "integer" if whole else "decimal",
            "criteria": "between",
            "minimum": low,
            "maximum": high,
            "error_type": "warning",
            "error_title": self.say("not_number_title"),
            "error_message": message,
        }
        self.sheet.data_validation(row, column, row if last_row is None else last_row, column, options)

    def ask_date(self, row: int, column: int, *, last_row: int | None = None) -> None:
        """Question what is no date."""
        options = {
            "validate": "date",
            "criteria": ">=",
            "value": 1,  # any date: Excel keeps days since 1900
            "error_type": "warning",
            "error_title": self.say("not_date_title"),
            "error_message": self.say("not_date"),
        }
        self.sheet.data_validation(row, column, row if last_row is None else last_row, column, options)

    def set_up(
        self,
        *,
        landscape: bool = True,
        repeat: int | None = None,
        grid: bool = False,
        breaks: list[int] | None = None,
    ) -> None:
        """Printing, and whether grid lines show.

        `repeat`: the header row on every printed page; `breaks`: columns that begin a page, where one
        page would be too small to read.
        """
        sheet = self.sheet
        sheet.set_paper(A4)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        if breaks is None:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.set_print_scale(BROKEN_SCALE)
            sheet.set_v_pagebreaks(breaks)
        sheet.set_footer(self.say("footer"))
        if repeat is not None:
            sheet.repeat_rows(repeat)
        if not grid:
            sheet.hide_gridlines(2)


def workbook_options() -> dict[str, Any]:
    return {
        "in_memory": True,
        "default_format_properties": {
            "font_name": FONT,
            "font_size": SIZE,
            "font_charset": 134,
            "font_scheme": "none",
        },
        "default_row_height": ROW_PIXELS,
    }
