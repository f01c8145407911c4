"""The care calendar: birthdays, anniversaries, contract ends, holidays, contacts due."""

from __future__ import annotations

import datetime as dt

from crm_xl.analysis.accounts import best_first, is_key_account, key_grades
from crm_xl.analysis.care import Event, People, contacts_due, events
from crm_xl.functions.call import to_days
from crm_xl.vocabulary.task_texts import CARE_HINTS, CARE_REASONS, HOLIDAYS, LUNAR_MONTHS, lunar_day, word

from .story import Story, cell_of, write_figures

WEEK, MONTH = 7, 30


def write_care(story: Story) -> None:
    """Care, and the figures above it."""
    book = story.book
    if not book.has_table("Care"):
        return
    people = People(
        ids=story.outcome.ids.tolist(),
        birthday=_days(story, "birthday"),
        calendar=story.column("birthday_calendar"),
        signed_on=_days(story, "signed_on"),
        first_order=_days(story, "first_order"),
        contract_end=_days(story, "contract_end"),
        key=key_accounts(story),
    )
    due = contacts_due(story.inputs.interactions, story.as_of)
    found = events(people, due, story.as_of, story.rules.settings.care_days)
    names, owners, phones = (story.column(k) for k in ("customer_name", "owner", "phone"))
    contacts = story.column("contact")
    rows = [
        {"care_date": cell_of(e.day), "customer_id": people.ids[e.row], "customer_name": names[e.row],
         "care_reason": word(CARE_REASONS[e.reason], story.lang), "owner": owners[e.row], "phone": phones[e.row],
         "hint": _hint(story, e, contacts[e.row])}
        for e in found
    ]  # fmt: skip
    book.replace_rows("Care", rows, formulas=False)
    figures = {
        "KpiCareLate": sum(e.day < story.as_of for e in found),
        "KpiCareWeek": sum(0 <= (e.day - story.as_of).days <= WEEK for e in found),
        "KpiCareMonth": sum(0 <= (e.day - story.as_of).days <= MONTH for e in found),
        "KpiCareAll": len(found),
    }
    write_figures(book, figures)


def _days(story: Story, key: str) -> list[dt.date | None]:
    found: list[dt.date | None] = to_days(list(story.column(key)))[0].tolist()
    return found


def key_accounts(story: Story) -> frozenset[int]:
    """Rows of the key accounts: those that are marked; where nothing is said, those of the best grades; without
    grades, the highest value tier."""
    labels, high = story.column("account_grade"), key_grades(best_first(story.rules.grades))
    if not any(labels):
        labels, high = story.column("value_tier"), best_first(story.rules.value_tiers)[:1]
    customers = zip(story.outcome.ids, story.column("key_account"), labels, strict=True)
    return frozenset(i for i, (who, mark, own) in enumerate(customers) if who and is_key_account(mark, own, high))


def _hint(story: Story, event: Event, contact: object) -> str:
    lang, key = story.lang, str(event.reason)
    values: dict[str, object] = {"count": event.count}
    if event.reason == "contract_end" and not event.count:
        key = "contract_end_today"
    elif event.reason == "next_contact" and event.count:
        key = "next_contact_late"
    elif event.reason == "holiday":
        values["holiday"] = word(HOLIDAYS[event.holiday], lang)
    elif event.reason in ("birthday", "lunar_birthday"):
        values["contact"] = str(contact or "").strip() or word(CARE_HINTS["nobody"], lang)
        chinese = lang == "zh"
        if event.month:
            values["month"] = LUNAR_MONTHS[event.month - 1] if chinese else event.month
            values["day"] = lunar_day(event.lunar_day) if chinese else event.lunar_day
    return word(CARE_HINTS[key], lang, **values)
