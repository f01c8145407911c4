"""Charts over a growing table: they stand above it and refer to exactly its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .page import Page, Place
from .styles import BLUE, INK, LINE, MUTED, font

MARKERS = ("circle", "square", "triangle", "diamond")
"""Of the lines of a chart, so that they differ in grey too."""
CHART_ROWS = 18
"""Rows that a chart covers."""


def _series(page: Page, place: Place, category: str, key: str, *, dates: bool) -> dict[str, Any]:
    """Ranges of the table's rows, with caches that the writer keeps up to date."""

    def cells(field: str) -> str:
        column = place.columns[field]
        return "=" + page.book.reference(place.sheet, place.first, column, place.last, column)

    rows = place.last - place.header
    return {
        "name": "=" + page.book.reference(place.sheet, place.header, place.columns[key]),
        "categories": cells(category),
        "values": cells(key),
        "categories_data": [0 if dates else ""] * rows,
        "values_data": [0] * rows,
    }


def bar_chart(
    page: Page, place: Place, key: str, *, title: str, category: str, at: tuple[int, int], size: tuple[int, int],
    color: str = BLUE, num_format: str = "#,##0", points: int = 9, every: bool = False,
    most: float | None = None,
) -> None:  # fmt: skip
    """A bar for each row, the first on top, each with its number: no axis of numbers is needed.
    `points`: size of its texts; `every`: name every bar, however close they are; `most`: where the values end."""
    chart: Any = page.book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            **_series(page, place, category, key, dates=False),
            "fill": {"color": color},
            "border": {"none": True},
            "gap": 45,
            "data_labels": {"value": True, "num_format": num_format, "font": font(points)},
        }
    )
    names = {"reverse": True, "num_font": font(points), "line": {"color": LINE}, "major_tick_mark": "none"}
    chart.set_y_axis(names | ({"interval_unit": 1} if every else {}))
    # a value axis from 0: lengths stay comparable
    ends = {"min": 0} if most is None else {"min": 0, "max": most}
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **ends, "num_font": font(points)})
    chart.set_legend({"none": True})
    _finish(page, chart, title, at, size, points)


def line_chart(
    page: Page, place: Place, keys: Sequence[str], *, title: str, category: str, at: tuple[int, int],
    size: tuple[int, int], colors: Sequence[str], num_format: str, points: int = 9, date_format: str = "yyyy-mm-dd",
    names: Sequence[str] = (), open_end: bool = False, dates: bool = True,
) -> None:  # fmt: skip
    """A line for each key over dates; markers, so that a single date shows too. `names`: of the lines, where the
    headers are too long; `open_end`: shares may be above 100 %; `dates`: False over labels that are texts."""
    chart: Any = page.book.workbook.add_chart({"type": "line"})
    for i, (key, color, marker) in enumerate(zip(keys, colors, MARKERS, strict=False)):
        chart.add_series(
            {
                **_series(page, place, category, key, dates=dates),
                **({"name": names[i]} if names else {}),
                "line": {"color": color, "width": 2.25},
                "marker": {"type": marker, "size": 6, "fill": {"color": color}, "border": {"color": color}},
            }
        )
    chart.set_x_axis(
        {
            "text_axis": True,  # the very dates of the rows, whatever lies between them
            "num_format": date_format,
            "num_font": font(points, color=MUTED),
            "line": {"color": LINE},
            "major_tick_mark": "none",
        }
    )
    chart.set_y_axis(
        {
            "min": 0,
            **({"max": 1} if num_format.endswith("%") and not open_end else {}),
            "num_format": num_format,
            "num_font": font(points, color=MUTED),
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
        }
    )
    chart.set_legend({"position": "bottom", "font": font(points)})
    chart.show_blanks_as("gap")
    _finish(page, chart, title, at, size, points)


def stacked_chart(
    page: Page, place: Place, keys: Sequence[str], *, title: str, category: str, at: tuple[int, int],
    size: tuple[int, int], colors: Sequence[str],
) -> None:  # fmt: skip
    """A column for each row, made of a piece for each key; colours from dark to light tell them apart in grey."""
    chart: Any = page.book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for key, color in zip(keys, colors, strict=True):
        chart.add_series(
            {
                **_series(page, place, category, key, dates=False),
                "fill": {"color": color},
                "border": {"color": LINE},
                "gap": 60,
            }
        )
    chart.set_x_axis({"num_font": font(9), "line": {"color": LINE}, "major_tick_mark": "none"})
    chart.set_y_axis(
        {
            "min": 0,
            "num_format": "#,##0",
            "num_font": font(9, color=MUTED),
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
        }
    )
    chart.set_legend({"position": "bottom", "font": font(9)})
    _finish(page, chart, title, at, size)


def _finish(page: Page, chart: Any, title: str, at: tuple[int, int], size: tuple[int, int], points: int = 9) -> None:
    chart.set_title({"name": title, "name_font": font(points + 2, bold=True, color=INK), "overlay": False})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_size({"width": size[0], "height": size[1]})
    # moves with its cells but keeps its size
    page.sheet.insert_chart(*at, chart, {"object_position": 2, "description": title})
