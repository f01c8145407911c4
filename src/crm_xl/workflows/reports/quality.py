"""Data quality: the findings of `check` as they stand after this refresh, each with a link to its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from crm_xl.analysis.quality import Severity
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.quality_texts import RULE_OF, RULES
from crm_xl.vocabulary.texts import pick, text
from crm_xl.workbook.formulas import Native
from crm_xl.workbook.quality_formulas import cell_link, count_formula

from ..check import Found, look_over, table_columns
from ..check_plans import Plans
from ..evaluate import Cells
from ..opening import book_unit, is_number, unit_factor
from .story import Story, cell_of, write_figures

LISTED = 2_000
"""Findings on the sheet: nobody works through more of them before the next refresh, and a table of ten thousand links
would be slow to open."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning")


def write_quality(story: Story) -> None:
    """Quality, and the figures and counts over it."""
    book = story.book
    if not book.has_table("Quality"):
        return
    analysed = {**story.outcome.columns, **story.outcome.results}
    parameters = story.inputs.parameters
    found, share = look_over(
        book, story.customers, _cells(story), parameters, Plans(analysed, story.lang, lambda: analysed), story.as_of,
        _history(story),
    )  # fmt: skip
    listed = found[:LISTED]
    book.replace_rows("Quality", [_row(f, story) for f in listed], formulas=False)
    links = [(f.cell or None, cell_link(f.sheet, f.cell) if story.natives and f.cell else None) for f in listed]
    book.write_links("Quality", "found_cell", links)
    # formulas count what is listed, so they tell the truth only while all is
    natives = story.natives and len(listed) == len(found)
    _write_counts(story, found, natives)
    headers = book.headers("Quality")
    goal = parameters.rules.settings.accuracy_goal
    by_severity = Counter(f.severity for f in found)
    figures: dict[str, object] = {
        "QualityAccuracy": share,
        "QualityGoal": goal,
        "QualityErrors": by_severity["error"],
        "QualityWarnings": by_severity["warning"],
        "QualityNote": _note(story, len(found), share, goal),
    }
    formulas: dict[str, Native] = {}
    if natives and "severity" in headers:
        formulas["QualityErrors"] = count_formula(headers, "error", story.lang)
        formulas["QualityWarnings"] = count_formula(headers, "warning", story.lang)
    if story.natives and book.has_name("AccuracyGoal") and book.read_name("AccuracyGoal") == goal:
        formulas["QualityGoal"] = Native("AccuracyGoal", False)
    write_figures(book, figures, formulas)


def _cells(story: Story) -> Mapping[str, Cells]:
    """The customers' cells as they will stand: in the unit of their own header, with what the logs gave."""
    inputs, outcome, customers = story.inputs, story.outcome, story.customers
    stored, added = table_columns(customers), len(inputs.added)
    columns: dict[str, Cells] = {}
    for key, cells in stored.items():
        now = outcome.columns.get(key, cells)
        if key == "customer_id":
            columns[key] = [*cells, *inputs.added]
        elif now is inputs.columns.get(key) or key not in inputs.columns:
            columns[key] = [*cells, *[None] * added]
        else:
            factor = unit_factor(customers, key, book_unit(customers))
            columns[key] = now if factor == 1 else [round(c / factor, 6) if is_number(c) else c for c in now]
    return columns


def _history(story: Story) -> Mapping[str, Cells]:
    """The snapshots as they will stand, if there is something to find: what else was wrong in them went with this
    refresh, but for dates to come."""
    if all(s.as_of <= story.as_of for s in story.history):
        return {}
    days = [cell_of(s.as_of) for s in story.history for _ in range(len(s))]
    return {"as_of": days, "customer_id": [i for s in story.history for i in s.customer_id]}


def _row(f: Found, story: Story) -> dict[str, object]:
    return {
        "found_sheet": f.sheet,
        "customer": f.customer or None,
        "found_rule": pick(RULES[RULE_OF.get(f.rule, "rules")], story.lang),
        "severity": label(f.severity, story.lang),
        "found_text": f.found or None,
        "proposed_text": f.proposed or None,
        "explanation": f.what,
    }


def _write_counts(story: Story, found: Sequence[Found], natives: bool) -> None:
    """The kinds of findings, and how many there are of each."""
    book, headers = story.book, story.book.headers("Quality")
    if not book.has_name("QualityCounts"):
        return
    counts = Counter((RULE_OF.get(f.rule, "rules"), f.severity) for f in found)
    natives = natives and {"severity", "found_rule"} <= headers.keys()
    cells: dict[tuple[int, int], tuple[object, Native | None]] = {}
    for i, (rule, titles) in enumerate(RULES.items()):
        title = pick(titles, story.lang)
        cells[i, 0] = title, None
        for j, severity in enumerate(SEVERITIES, 1):
            native = count_formula(headers, severity, story.lang, title) if natives else None
            cells[i, j] = counts[rule, severity], native
    book.write_area("QualityCounts", cells)


def _note(story: Story, count: int, share: float | None, goal: float) -> str:
    """How many there are, how many are not listed, and whether the goal is reached."""
    lang = story.lang
    key = "quality_none" if not count else "quality_more" if count > LISTED else "quality_all"
    parts = [text(key, lang).format(count=f"{count:,}", listed=f"{LISTED:,}", more=f"{count - LISTED:,}")]
    if share is not None:
        parts.append(text("quality_reached" if share >= goal else "quality_below", lang))
    return ("" if lang == "zh" else " ").join(parts)
