"""Figures over a sheet: each a small label and a large number, in a named cell."""

from __future__ import annotations

from collections.abc import Sequence

from .page import Page
from .styles import GREEN, MUTED, PALE_GREEN, TITLE, WHITE

Tile = tuple[str, str, str]
"""Name of the cell, key of its label, number format."""


def draw_tiles(page: Page, row: int, tiles: Sequence[Tile], column: int = 0, *, span: int = 1, size: int = 14) -> None:
    """Tiles side by side, `span` columns each; the labels in `row`, the figures of that font size below them."""
    styles = page.styles
    edge = {"bg_color": PALE_GREEN, "align": "center", "valign": "vcenter", "shrink": True, "left": 1,
            "left_color": WHITE}  # fmt: skip
    label = styles.make(font_color=MUTED, **edge)
    for i, (name, key, num_format) in enumerate(tiles):
        at = column + i * span
        figure = styles.make(
            bold=True, font_size=size, font_color=TITLE, num_format=num_format, bottom=2, bottom_color=GREEN, **edge
        )
        if span > 1:
            for line, style in ((row, label), (row + 1, figure)):
                page.sheet.merge_range(line, at, line, at + span - 1, "", style)
        page.write(row, at, page.say(key), label)
        page.write(row + 1, at, None, figure)
        page.name(name, row + 1, at)
