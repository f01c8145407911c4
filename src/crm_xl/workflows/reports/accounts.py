"""Key accounts: every customer's grade, the grades, and who moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isnan
from typing import NamedTuple

import numpy as np

from crm_xl.analysis.accounts import best_first, criterion_scores, grade_change, is_key_account, key_grades, main_cause
from crm_xl.analysis.dates import whole_months
from crm_xl.analysis.history import Snapshot
from crm_xl.functions.call import to_numbers
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.account_criteria import CRITERION_KEYS
from crm_xl.vocabulary.fields import UNIT_TEXT
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.texts import text
from crm_xl.workbook.formulas import Native, column_reference

from ..analyse import strategy_of
from .story import Story, cell_of, fill_table, write_figures

URGENCY = ("grade_down", "grade_lost", "grade_up", "grade_new")
"""Changes in the order in which somebody should read them."""


def write_accounts(story: Story) -> None:
    """Accounts, GradeCounts, GradeChanges, the figures over them, and the sum of the weights."""
    book = story.book
    _write_total(story)
    if not any(book.has_table(name) for name in ("Accounts", "GradeCounts", "GradeChanges")):
        return
    accounts = _accounts(story)
    if book.has_table("Accounts"):
        fill_table(book, "Accounts", [a.row for a in accounts])
    counts = _counts(accounts, best_first(story.rules.grades), story)
    if book.has_table("GradeCounts"):
        fill_table(book, "GradeCounts", counts)
    if book.has_table("GradeChanges"):
        book.replace_rows("GradeChanges", _changes(accounts, story), formulas=False)
    total = fsum(a.spend for a in accounts)
    share = fsum(a.spend for a in accounts if a.is_key) / total if total > 0 else None
    compared = _before(story) is not None
    figures = {
        "AccountsKey": sum(a.is_key for a in accounts),
        "AccountsShare": share,
        "AccountsUp": sum(a.change == "grade_up" for a in accounts) if compared else None,
        "AccountsDown": sum(a.change == "grade_down" for a in accounts) if compared else None,
    }
    write_figures(book, figures)


class _Account(NamedTuple):
    """A customer: the row of Accounts, and what the other tables need. `place`: row of the customer table."""

    place: int
    row: Mapping[str, object]
    customer_id: str
    grade: str
    last: str | None
    change: str
    is_key: bool
    spend: float


def _before(story: Story) -> Snapshot | None:
    """The last snapshot before this date that has grades."""
    past = [s for s in story.history if s.as_of < story.as_of and any(s.account_grade)]
    return max(past, key=lambda s: s.as_of, default=None)


def _accounts(story: Story) -> list[_Account]:
    """All customers with an id, the highest score first; those without a grade last."""
    outcome, rules, lang = story.outcome, story.rules, story.lang
    order = best_first(rules.grades)
    high = key_grades(order)
    past = _before(story)
    grades_before = {} if past is None else dict(zip(past.customer_id, past.account_grade, strict=True))
    points = {CRITERION_KEYS.get(name, ""): cells for name, cells in outcome.account_scores.items()}
    totals = outcome.more.get("account_score") or [None] * len(outcome.ids)
    spend, _ = to_numbers(story.column("annual_spend"))
    marks, names, owners = (story.column(k) for k in ("key_account", "customer_name", "owner"))
    strategies = {name: strategy_of(name, rules, "grade") for name in order}
    found: list[_Account] = []
    for i, (customer, grade_cell) in enumerate(zip(outcome.ids.tolist(), story.column("account_grade"), strict=True)):
        if not customer:
            continue
        grade = str(grade_cell or "")
        # None: there is no earlier analysis; "": the customer is new since then
        last = None if past is None else str(grades_before.get(customer, ""))
        change = grade_change(last, grade, order)
        key = is_key_account(marks[i], grade, high)
        row: dict[str, object] = {
            "customer_id": customer,
            "customer_name": names[i],
            **{k: _number(cells[i]) for k, cells in points.items() if k},
            "account_score": totals[i] if isinstance(totals[i], float) else None,
            "account_grade": grade_cell or None,
            "last_grade": last or None,
            "change": label(change, lang) if change else None,
            "is_key": label("yes" if key else "no", lang),
            "owner": owners[i],
            "strategy": strategies.get(grade) or strategy_of(grade, rules, "grade") if grade else None,
        }
        worth = 0.0 if isnan(spend[i]) else float(spend[i])
        found.append(_Account(i, row, customer, grade, last, change, key, worth))

    def rank(a: _Account) -> tuple[bool, float]:
        score = a.row["account_score"]
        return a.grade not in order, -score if isinstance(score, float) else 0.0

    return sorted(found, key=rank)


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _counts(accounts: Sequence[_Account], order: Sequence[str], story: Story) -> list[dict[str, object]]:
    """One row per grade, the best first; then customers without one."""
    incomplete = label("incomplete", story.lang)
    others = sorted({a.grade for a in accounts} - {*order, incomplete, ""})
    names = [*order, *others, *([incomplete] if any(a.grade == incomplete for a in accounts) else [])]
    total, spend = len(accounts), fsum(a.spend for a in accounts)
    rows: list[dict[str, object]] = []
    for name in names:
        members = [a for a in accounts if a.grade == name]
        own = round(fsum(a.spend for a in members), 6)
        moved = {k: sum(a.change == k for a in members) for k in URGENCY}
        rows.append(
            {
                "account_grade": name,
                "customers": len(members),
                "customer_share": len(members) / total if total else None,
                "spend": own,
                "spend_share": own / spend if spend > 0 else None,
                "up": moved["grade_up"],
                "down": moved["grade_down"],
                "new": moved["grade_new"],
            }
        )
    return rows


def _changes(accounts: Sequence[_Account], story: Story) -> list[dict[str, object]]:
    """Who moved since the snapshot before, the most urgent first, within that the larger customer."""
    moved = [a for a in accounts if a.change in URGENCY]
    moved.sort(key=lambda a: (URGENCY.index(a.change), -a.spend))
    reasons = _reasons(moved, story)
    return [
        {
            "as_of": cell_of(story.as_of),
            "customer_id": a.customer_id,
            "customer_name": a.row["customer_name"],
            "last_grade": a.last or None,
            "account_grade": a.grade or None,
            "change": label(a.change, story.lang),
            "reason": reason,
            "owner": a.row["owner"],
        }
        for a, reason in zip(moved, reasons, strict=True)
    ]


def _reasons(moved: Sequence[_Account], story: Story) -> list[str]:
    """Why each grade moved: spend and tenure then, from the snapshot and the date, against those of now."""
    past = _before(story)
    if past is None:
        return []
    rules = story.rules
    spent = dict(zip(past.customer_id, past.annual_spend.tolist(), strict=True))
    first = [story.outcome.merged.columns["first_order"][a.place] for a in moved]
    days = np.array(first, dtype="datetime64[D]")
    then = np.datetime64(past.as_of, "D")
    years = np.where(days <= then, whole_months(days, np.full(len(days), then)) / 12, np.nan)
    names = {CRITERION_KEYS.get(c.criterion, ""): c.criterion for c in rules.account_criteria}
    weights = _weights(rules)
    values = {
        "revenue": np.array([spent.get(a.customer_id, np.nan) for a in moved]),
        "tenure": years,
    }
    known = {key: figures for key, figures in values.items() if key in names}
    old = criterion_scores(
        {names[k]: v for k, v in known.items()}, rules.account_criteria, rules.account_bands, len(moved)
    )
    told = []
    for j, account in enumerate(moved):
        parts: dict[str, tuple[float, float]] = {}
        points: dict[str, float] = {}
        for key, figures in known.items():
            name = names[key]
            now = float(story.outcome.account_values[name][account.place])
            parts[key] = float(figures[j]), now
            gained = story.outcome.account_scores[name][account.place] - old[name][j]
            points[key] = float(gained) * weights[name]
        cause = main_cause(account.change, parts, points)
        told.append(_told(account.change, cause.key, cause.before, cause.now, story))
    return told


def _weights(rules: Rulebook) -> dict[str, float]:
    return {c.criterion: c.weight for c in rules.account_criteria}


def _told(change: str, key: str, before: float, now: float, story: Story) -> str:
    lang = story.lang
    if change in ("grade_new", "grade_lost"):
        return text("reason_" + change.removeprefix("grade_"), lang)
    if key == "revenue":
        unit = UNIT_TEXT[story.unit][lang]
        return text("reason_revenue", lang).format(before=f"{before:,.2f}", now=f"{now:,.2f}", unit=unit)
    if key == "tenure":
        return text("reason_tenure", lang).format(now=f"{int(now + 1e-9)}")
    return text("reason_ratings", lang)


def _write_total(story: Story) -> None:
    """The sum of the weights beside the criteria, and whether it is 100."""
    book = story.book
    if not (book.has_table("AccountCriteria") and book.has_name("CriteriaTotal") and book.has_name("CriteriaSaid")):
        return
    header = book.headers("AccountCriteria").get("weight")
    if header is None:
        return
    weights, _ = to_numbers(book.read_table("AccountCriteria").column("weight"))
    total = fsum(weights[~np.isnan(weights)].tolist())
    right, wrong = text("criteria_right", story.lang), text("criteria_wrong", story.lang)
    said = right if abs(total - 100) <= 1e-6 else wrong
    summed = said_by = None
    if story.natives:
        summed = Native(f"SUM(AccountCriteria[{column_reference(header)}])", False)
        said_by = Native(f'IF(ABS(CriteriaTotal-100)<=0.000001,"{right}","{wrong}")', False)
    book.write_area("CriteriaTotal", {(0, 0): (total, summed)})
    book.write_area("CriteriaSaid", {(0, 0): (said, said_by)})
