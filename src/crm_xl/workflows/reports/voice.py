"""What customers say: needs, satisfaction, complaints, points."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.voice import (
    Balance,
    by_group,
    by_quarter,
    causes,
    needs_by,
    negative_open,
    open_complaints,
    questions,
    running_balances,
    sources,
)
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.vocabulary.fields import Table
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import COMPLAINTS, NEEDS, SURVEYS
from crm_xl.vocabulary.texts import text

from ..label_order import every_label
from ..opening import log_frame
from .story import Story, cell_of, fill_table, write_figures


def _records(story: Story, table: Table) -> pd.DataFrame:
    """The lines of a log; none at all where the workbook has none."""
    found = story.inputs.records.get(table.name)
    return log_frame({f.key: [] for f in table.fields}, table, {}) if found is None else found


def write_voice(story: Story) -> None:
    """Needs, satisfaction and complaints in figures."""
    _write_needs(story)
    _write_satisfaction(story)
    _write_complaints(story)
    _write_voices(story)


def _write_needs(story: Story) -> None:
    book, needs = story.book, _records(story, NEEDS)
    for table, key in (("NeedSummary", "need_kind"), ("NeedSensitivity", "sensitivity")):
        if book.has_table(table):
            counts = needs_by(needs, key, story.as_of, story.lang)
            rows = [{**c._asdict(), key: c.label or text("no_answer", story.lang)} for c in counts]
            fill_table(book, table, rows)


def _write_satisfaction(story: Story) -> None:
    book, surveys = story.book, _records(story, SURVEYS)
    asked, as_of, lang = questions(surveys, story.as_of), story.as_of, story.lang
    if book.has_table("SatisfactionSummary"):
        rows = [{**a._asdict(), "question": SURVEYS.field(a.label).header(lang)} for a in asked]
        fill_table(book, "SatisfactionSummary", rows)
    first, *rest = sources(surveys, as_of, lang)
    if book.has_table("SurveySources"):
        rows = [{**first._asdict(), "origin": text("all_sources", lang)}]
        rows += [{**a._asdict(), "origin": a.label or text("no_answer", lang)} for a in rest]
        fill_table(book, "SurveySources", rows)
    figures = {
        "SatisfactionMean": first.mean,
        "SatisfactionCsat": first.csat,
        "SatisfactionNps": first.nps,
        "NegativeOpen": int(negative_open(surveys, as_of).sum()),
    }
    write_figures(book, figures)


def _write_complaints(story: Story) -> None:
    book, complaints = story.book, _records(story, COMPLAINTS)
    found = causes(complaints, story.as_of, story.lang)
    if book.has_table("ComplaintSummary"):
        rows = [{**c._asdict(), "cause": c.label or text("no_answer", story.lang)} for c in found]
        fill_table(book, "ComplaintSummary", rows)
    still_open = int(open_complaints(complaints, story.as_of).sum())
    write_figures(book, {"ComplaintsYear": sum(c.complaints for c in found), "ComplaintsOpen": still_open})


def _write_voices(story: Story) -> None:
    """Surveys and complaints by segment and by quarter."""
    book, lang = story.book, story.lang
    surveys, complaints = _records(story, SURVEYS), _records(story, COMPLAINTS)
    segments = zip(story.outcome.ids.tolist(), story.column("segment"), strict=True)
    group_of = {who: cell for who, cell in segments if who and type(cell) is str and cell}
    first, *rest = by_group(surveys, complaints, group_of, every_label("segment", story.rules), story.as_of)
    if book.has_table("VoiceBySegment"):
        rows = [{**first._asdict(), "segment": text("all_sources", lang)}]
        rows += [{**v._asdict(), "segment": v.label or text("unknown_customers", lang)} for v in rest]
        fill_table(book, "VoiceBySegment", rows)
    if book.has_table("VoiceTrend"):
        quarters = by_quarter(surveys, complaints, story.as_of)
        book.replace_rows("VoiceTrend", [{**v._asdict(), "quarter": v.label} for v in quarters], formulas=False)
    write_figures(book, {"SatisfactionNpsMargin": first.nps_margin})


def loyalty_balances(story: Story) -> tuple[Floats, list[Balance]]:
    """The balance behind every line of points (n,), and what each customer has; nothing without the table."""
    data = story.book.read_table("Loyalty") if story.book.has_table("Loyalty") else None
    if data is None or not {"customer_id", "loyalty_date", "points"} <= data.fields.keys():
        return np.empty(0), []
    used = data.used
    ids = normal_ids(data.column("customer_id")[:used]).tolist()
    days, _ = to_days(data.column("loyalty_date")[:used])
    points, wrong = to_numbers(data.column("points")[:used])
    points = points if wrong is None else np.where(wrong, np.nan, points)
    return running_balances(ids, days, points, story.as_of)


def write_loyalty(story: Story) -> None:
    """The balance behind every line of points, and what each customer has."""
    book = story.book
    if not book.has_table("Loyalty"):
        return
    balances, held = loyalty_balances(story)
    if "balance" in book.headers("Loyalty") and balances.size:
        book.write_column("Loyalty", "balance", [None if b != b else b for b in balances.tolist()])
    if not book.has_table("LoyaltyBalances"):
        return
    names = story.names
    rows = [
        {
            "customer_id": b.customer_id,
            "customer_name": names.get(b.customer_id),
            "balance": b.balance,
            "last_change": cell_of(b.last_change),
        }
        for b in held
    ]
    fill_table(book, "LoyaltyBalances", rows)
    unknown = [b.customer_id for b in held if b.customer_id not in names]
    if unknown:
        told = message("loyalty_unknown", story.lang, count=len(unknown), ids=", ".join(unknown[:5]))
        story.report.notes.append(told)
