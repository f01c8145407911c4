"""One palette, one font, and the cell formats made from them."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format

FONT = "微软雅黑"
SIZE = 10
ROW_PIXELS = 22
"""Height of a row of this font and size."""

INK, TITLE, MUTED = "#2B2F36", "#1F3A5F", "#6B7785"
LINE, PAPER, WHITE = "#D5DBE3", "#F4F6F9", "#FFFFFF"
BLUE, GREY_BLUE, GREEN = "#2F5D8A", "#6F8AA5", "#2F7D6B"
AMBER, RED, VIOLET = "#C8892B", "#A8483B", "#7A5C99"
YELLOW, YELLOW_LINE, PALE_GREEN = "#FFF8E1", "#E0CF94", "#EAF4F1"
BAR = "#BFD3E6"

Origin = Literal["typed", "logged", "computed"]
"""Who fills a column: the user, the logs where there are any, or the analysis."""
HEADER_FILL: dict[Origin, str] = {"typed": BLUE, "logged": GREY_BLUE, "computed": GREEN}

TINTS: dict[str, tuple[str, str]] = {
    "bad": ("#F9E1DD", "#8E2F22"),
    "warn": ("#FDF0D5", "#7A5200"),
    "good": ("#DFF0E8", "#1F6A55"),
    "calm": ("#E9EDF2", "#4A5868"),
    "new": ("#E0EBF7", "#22528A"),
    "faint": ("#F4F4F4", "#8A8A8A"),
}
"""Tint of a mark -> (fill, text)."""

TABLE_STYLE = "Table Style Medium 2"

_THEME_COLOURS = (
    ("1F497D", TITLE),
    ("4F81BD", BLUE),
    ("C0504D", GREEN),
    ("9BBB59", AMBER),
    ("8064A2", RED),
    ("4BACC6", GREY_BLUE),
    ("F79646", VIOLET),
)


def themed(theme: str) -> str:
    """The theme with our font and palette: for text in charts and for what users add themselves.

    A chart names only the font of Latin letters; Chinese ones come from the theme.
    """
    for latin in ("Cambria", "Calibri"):
        theme = theme.replace(
            f'<a:latin typeface="{latin}"/><a:ea typeface=""/>',
            f'<a:latin typeface="{FONT}"/><a:ea typeface="{FONT}"/>',
        )
    theme = theme.replace('script="Hans" typeface="宋体"', f'script="Hans" typeface="{FONT}"')
    for old, new in _THEME_COLOURS:
        theme = theme.replace(f'<a:srgbClr val="{old}"/>', f'<a:srgbClr val="{new[1:]}"/>')
    return theme


class Styles:
    """Cell formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def make(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def mark(self, tint: str, **more: Any) -> Format:
        """A conditional format."""
        fill, ink = TINTS[tint]
        return self.make(bg_color=fill, font_color=ink, **more)

    def header(self, origin: Origin, align: str = "", indent: int = 0) -> Format:
        return self.make(
            # a number's header in the middle: at the right edge it would hide behind the filter button
            **_placed("center" if align == "right" else align, indent),
            bold=True,
            font_color=WHITE,
            bg_color=HEADER_FILL[origin],
            text_wrap=True,
            valign="vcenter",
            right=1,
            right_color=WHITE,
        )

    def body(self, num_format: str = "General", *, wrap: bool = False, align: str = "", indent: int = 0) -> Format:
        """A cell of a table."""
        return self.make(
            num_format=num_format, text_wrap=wrap, valign="vcenter", bottom=1, bottom_color=LINE,
            **_placed(align, indent),
        )  # fmt: skip

    def plain(self, num_format: str = "General", *, align: str = "", indent: int = 0) -> Format:
        """A cell below a table, not yet part of it."""
        return self.make(num_format=num_format, valign="vcenter", **_placed(align, indent))

    def setting(self, num_format: str = "General") -> Format:
        """A cell that the user may set."""
        return self.make(
            num_format=num_format,
            bg_color=YELLOW,
            border=1,
            border_color=YELLOW_LINE,
            align="left",
            valign="vcenter",
        )

    @property
    def title(self) -> Format:
        return self.make(bold=True, font_size=16, font_color=TITLE, valign="vcenter")

    @property
    def hint(self) -> Format:
        return self.make(font_color=MUTED, valign="vcenter")

    @property
    def heading(self) -> Format:
        return self.make(bold=True, font_size=11, font_color=TITLE, valign="vcenter")

    @property
    def head(self) -> Format:
        """The head of a column outside a table."""
        return self.make(bold=True, font_color=TITLE, bg_color=PAPER, bottom=1, bottom_color=LINE, valign="vcenter")

    @property
    def link(self) -> Format:
        return self.make(font_color=BLUE, underline=1, valign="vcenter", bottom=1, bottom_color=LINE)


def _placed(align: str, indent: int) -> dict[str, Any]:
    return ({"align": align} if align else {}) | ({"indent": indent} if indent else {})


def font(size: int = 9, *, bold: bool = False, color: str = INK) -> dict[str, Any]:
    """A font of a chart."""
    return {"name": FONT, "size": size, "bold": bold, "color": color}


def text_width(shown: str) -> float:
    """Width of a text in characters of a column's width; a Chinese one takes two."""
    return sum(2.0 if unicodedata.east_asian_width(ch) in "WFA" else 1.0 for ch in shown)
