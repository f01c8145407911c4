"""Calibration of the model: levels per half-year, changes of weights, the next date."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crm_xl.analysis.calibration import half_year, level_shares, next_calibration, weight_changes
from crm_xl.functions.call import to_days
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.texts import text
from crm_xl.workbook.evaluation_formulas import calibration_state

from ..evaluate import shown
from ..opening import is_number
from .evaluation import level_order
from .story import Story, cell_of, write_figures


def write_calibration(story: Story) -> None:
    """Calibration, the dates above it, and WeightLog, where the workbook has them."""
    if story.book.has_table("Calibration"):
        _write_levels(story)
    if story.book.has_table("WeightLog"):
        _write_weights(story)


def _write_levels(story: Story) -> None:
    book, lang = story.book, story.lang
    rows = [
        {
            "half_year": _told(row.begins, lang),
            "as_of": cell_of(row.as_of),
            "level": row.level,
            "customers": row.customers,
            "customer_share": row.share,
            "change": row.change,
            "churn_rate": row.churn_rate,
        }
        for row in level_shares(story.history, story.as_of, level_order(story.rules))
    ]
    book.replace_rows("Calibration", rows, formulas=False)
    dates = next_calibration(story.history, story.as_of)
    last, due = dates or (None, None)
    state = "" if due is None else text("calibration_due" if due <= story.as_of else "calibration_waiting", lang)
    native = story.natives and book.has_name("NextCalibration")
    figures = {"LastCalibration": cell_of(last), "NextCalibration": cell_of(due), "CalibrationState": state}
    write_figures(book, figures, {"CalibrationState": calibration_state(lang)} if native else {})


def _told(begins: dt.date, lang: Lang) -> str:
    return text("half_1" if begins.month == 1 else "half_2", lang).format(year=half_year(begins).year)


def _write_weights(story: Story) -> None:
    """A line for every weight that is not the last one logged. The first refresh logs where they start."""
    book, rules = story.book, story.rules
    if "Indicators" in rules.broken:
        return
    data = book.read_table("WeightLog")
    used = data.used
    days, _ = to_days(data.column("changed_on")[:used])
    days = np.where(np.isnat(days), np.datetime64("0001-01-01", "D"), days)
    names, weights = data.column("indicator"), data.column("new_weight")
    logged: dict[str, float | None] = {}
    for i in np.argsort(days, kind="stable").tolist():
        cell = weights[i]
        logged[shown(names[i]).strip()] = float(cell) if is_number(cell) else None
    logged.pop("", None)
    changes = weight_changes(logged, {i.indicator: i.weight for i in rules.indicators})
    if changes:
        rows = [
            {
                "changed_on": cell_of(story.as_of),
                "indicator": change.indicator,
                "old_weight": change.old,
                "new_weight": change.new,
            }
            for change in changes
        ]
        book.append_rows("WeightLog", rows)
