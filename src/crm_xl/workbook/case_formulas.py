"""The page about one picked customer: what stands where, and the native formulas that look it up.

Blocks are named areas. In a grid, labels and values take turns, four pairs to a row. A list has its heads in the first
row of its area, and a column of keys beside the page: each key is a day and a row of the log, so that the newest
lines are the largest keys. Nothing here needs a function of ours, or one that old Excel lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.texts import CHOICES, pick, text

from .formulas import Native, column_reference, quoted

Headers = Mapping[str, str]
"""Field key -> header of a table."""

PAIRS = 4
"""Labels with their values in a row of a grid."""
ROWS_OF_A_SHEET = 10_000_000
"""Above every row number: a key is day × this + row."""

GRIDS: dict[str, tuple[str, ...]] = {
    "CaseFacts": (
        "customer_type", "industry", "company_size", "annual_revenue",
        "main_business", "founded", "region", "city",
        "contact", "position", "phone", "email",
        "source", "follow_up", "owner", "account_class",
    ),
    "CaseBehaviour": (
        "preference", "channel", "first_order", "last_order",
        "order_count", "average_order", "monthly_orders", "@interval",
    ),
    "CaseValue": (
        "annual_spend", "clv", "margin", "repurchase_rate",
        "segment", "value_tier", "rfm_score", "rfm_class",
        "lifecycle", "score", "level", "account_grade",
    ),
    "CaseEffect": (
        "activity", "health", "churn_risk", "churn_reason",
        "satisfaction", "complaints", "@days_since", "@points",
    ),
}  # fmt: skip
"""Grid -> columns of Customers; with @, a figure made here."""
MADE: dict[str, str] = {"@interval": "case_interval", "@days_since": "case_days", "@points": "case_points"}
"""Figure made here -> its label."""
NEEDED: dict[str, tuple[str, ...]] = {
    "@interval": ("first_order", "last_order", "order_count"),
    "@days_since": ("last_order",),
}
"""Columns of Customers that a figure is made of."""


class Log(NamedTuple):
    """A list of a log's newest lines: its table, date, how many lines, and (field, column of the page)."""

    table: str
    date: str
    lines: int
    fields: tuple[tuple[str, int], ...]


LOGS: dict[str, Log] = {
    "CaseNeeds": Log("Needs", "need_date", 3, (
        ("need_date", 0), ("need_kind", 1), ("priority", 2), ("need", 3), ("sensitivity", 6), ("status", 7),
    )),
    "CaseTrend": Log("History", "as_of", 6, (
        ("as_of", 0), ("segment", 1), ("order_count", 2), ("annual_spend", 3),
    )),
    "CaseOrders": Log("Orders", "order_date", 5, (
        ("order_date", 0), ("order_no", 1), ("channel", 2), ("product", 3), ("amount", 6), ("paid_on", 7),
    )),
    "CaseContacts": Log("Interactions", "contact_date", 5, (
        ("contact_date", 0), ("method", 1), ("purpose", 2), ("content", 3), ("outcome", 6), ("next_contact", 7),
    )),
    "CaseComplaints": Log("Complaints", "complaint_date", 2, (
        ("complaint_date", 0), ("cause", 1), ("status", 2), ("content", 3), ("handling_hours", 6), ("verdict", 7),
    )),
    "CaseSurveys": Log("Surveys", "survey_date", 2, (
        ("survey_date", 0), ("origin", 1), ("satisfaction", 2), ("feedback", 3), ("recommend", 6), ("status", 7),
    )),
}  # fmt: skip
"""List -> what it shows. The trend runs from old to new, all others from new to old."""
OLD_TO_NEW = frozenset({"CaseTrend"})

STRATEGY_LINES = 6
STRATEGY_FIELDS: tuple[tuple[str, int], ...] = (("category", 0), ("tag", 1), ("department", 2), ("strategy", 3))
LABELS: dict[str, str] = {
    "segment": "segment", "rfm": "rfm_class", "stage": "lifecycle", "level": "level", "grade": "account_grade",
}  # fmt: skip
"""System of strategies -> the column of Customers whose label it is for."""


def keys_name(block: str) -> str:
    """The name of a list's keys."""
    return block + "Keys"


def categories(lang: Lang) -> list[str]:
    """Categories of strategies in the order of the page."""
    return [pick(pair, lang) for pair in CHOICES["Strategies", "category"]]


def column(table: str, header: str) -> str:
    return f"{table}[{column_reference(header)}]"


def _shown(cell: str) -> str:
    """A cell as it is; nothing for an empty or wrong one."""
    return f'IFERROR(IF({cell}="","",{cell}),"")'


def picked_formulas(headers: Headers, lang: Lang) -> dict[str, Native]:
    """Which customer the picker means: an id goes before a name."""
    ids = column("Customers", headers["customer_id"])
    picked = "TRIM(CaseCustomer)"

    def match(cells: str) -> str:
        return f"MATCH(TRUE,IF(ISERROR({cells}),FALSE,EXACT({cells},{picked})),0)"

    by_name = '""'
    name = f'INDEX({ids},CaseRow)&""'
    if "customer_name" in headers:
        names = column("Customers", headers["customer_name"])
        by_name = f'IFERROR({match(names)},"")'
        name = f'INDEX({names},CaseRow)&""'
    unknown = quoted(text("case_unknown", lang))
    return {
        "CaseRow": Native(f'IF({picked}="","",IFERROR({match(ids)},{by_name}))', True),
        "CaseId": Native(f'IF(CaseRow="","",IFERROR(INDEX({ids},CaseRow)&"",""))', False),
        "CaseName": Native(f'IF({picked}="","",IF(CaseRow="",{unknown},IFERROR({name},"")))', False),
    }


def fact_formula(key: str, headers: Headers, balances: Headers) -> Native | None:
    """A value of a grid; None where the workbook lacks what it is made of."""

    def fact(field: str) -> str:
        return f"INDEX({column('Customers', headers[field])},CaseRow)"

    if key == "@points":
        if not {"customer_id", "balance"} <= balances.keys():
            return None
        ids = column("LoyaltyBalances", balances["customer_id"])
        place = f"MATCH(TRUE,EXACT({ids},CaseId),0)"
        points = column("LoyaltyBalances", balances["balance"])
        return Native(f'IF(CaseId="","",IFERROR(INDEX({points},{place}),""))', True)
    if not set(NEEDED.get(key, (key,))) <= headers.keys():
        return None
    if key == "@days_since":
        last = fact("last_order")
        return Native(f'IF(CaseRow="","",IFERROR(IF(ISNUMBER({last}),AsOf-INT({last}),""),""))', False)
    if key == "@interval":
        first, last, count = fact("first_order"), fact("last_order"), fact("order_count")
        known = f"AND(ISNUMBER({first}),ISNUMBER({last}),ISNUMBER({count}))"
        days = f"(INT({last})-INT({first}))/({count}-1)"
        return Native(f'IF(CaseRow="","",IFERROR(IF({known},IF({count}>1,{days},""),""),""))', False)
    return Native(f'IF(CaseRow="","",{_shown(fact(key))})', False)


def log_key(block: str, log: Log, headers: Headers, line: int) -> Native:
    """The key of the `line`th (from 1) line of a list."""
    ids, days = column(log.table, headers["customer_id"]), column(log.table, headers[log.date])
    key = f"INT({days})*{ROWS_OF_A_SHEET}+ROW({days})"
    inside = f'IF(ISNUMBER({days}),IF({days}<AsOf+1,{key},""),"")'
    keys = f'IF(ISERROR({ids}),"",IF(EXACT({ids},CaseId),{inside},""))'
    rank = str(line)
    if block in OLD_TO_NEW:
        rank = f"MIN({log.lines},COUNT({keys}))+1-{line}"
    return Native(f'IF(CaseId="","",IFERROR(LARGE({keys},{rank}),""))', True)


def log_cell(block: str, log: Log, headers: Headers, key: str, line: int) -> Native:
    """A cell of a list's `line`th line."""
    found = f"INDEX({keys_name(block)},{line})"
    head = f"{log.table}[[#Headers],[{column_reference(headers['customer_id'])}]]"
    cell = f"INDEX({column(log.table, headers[key])},MOD({found},{ROWS_OF_A_SHEET})-ROW({head}))"
    return Native(f'IF({found}="","",{_shown(cell)})', False)


def segment_label_formula(headers: Headers, strategies: Headers, joined: tuple[str, str]) -> Native | None:
    """The label of the customer's segment for which there is a strategy: the tag itself, else value and activity
    joined (by `joined`: between, behind), activity, value."""
    if "segment" not in headers:
        return None
    fields = {
        k: f"INDEX({column('Customers', headers[k])},CaseRow)"
        for k in ("segment", "activity", "value_tier")
        if k in headers
    }
    tries = [fields["segment"]]
    if {"activity", "value_tier"} <= fields.keys():
        tries.append(f"{fields['value_tier']}&{quoted(joined[0])}&{fields['activity']}&{quoted(joined[1])}")
    tries += [fields[k] for k in ("activity", "value_tier") if k in fields]
    systems, tags = (column("Strategies", strategies[k]) for k in ("system", "tag"))
    texts = column("Strategies", strategies["strategy"])
    answer = '""'
    for label in reversed(tries):
        there = f'SUM(IFERROR(({systems}="segment")*EXACT({tags},{label})*({texts}<>""),0))>0'
        answer = f"IF({there},{label},{answer})"
    return Native(f'IF(CaseRow="","",IFERROR({answer},""))', True)


def strategy_key(headers: Headers, strategies: Headers, lang: Lang, line: int) -> Native:
    """The key of the `line`th strategy: its category's place × a large number + its row."""
    systems, tags, kinds = (column("Strategies", strategies[k]) for k in ("system", "tag", "category"))
    texts = column("Strategies", strategies["strategy"])
    matches = [f'({systems}="segment")*EXACT({tags},CaseSegment)']
    for system, key in LABELS.items():
        if system != "segment" and key in headers:
            label = f"INDEX({column('Customers', headers[key])},CaseRow)"
            matches.append(f'({systems}={quoted(system)})*EXACT({tags},{label}&"")')
    rank = str(len(categories(lang)) + 1)
    for i, name in reversed(list(enumerate(categories(lang), 1))):
        rank = f"IF(EXACT({kinds},{quoted(name)}),{i},{rank})"
    usable = f'({texts}<>"")*({tags}<>"")'
    keys = f'IF(IFERROR(({"+".join(matches)})*{usable},0)>0,{rank}*{ROWS_OF_A_SHEET}+ROW({texts}),"")'
    return Native(f'IF(CaseRow="","",IFERROR(SMALL({keys},{line}),""))', True)


def strategy_cell(strategies: Headers, key: str, line: int) -> Native:
    found = f"INDEX({keys_name('CaseStrategies')},{line})"
    head = f"Strategies[[#Headers],[{column_reference(strategies['strategy'])}]]"
    cell = f"INDEX({column('Strategies', strategies[key])},MOD({found},{ROWS_OF_A_SHEET})-ROW({head}))"
    return Native(f'IF({found}="","",{_shown(cell)})', False)


def grid_places(items: Sequence[str]) -> list[tuple[str, int, int]]:
    """(item, row, column of its label) of a grid; the value stands right of the label."""
    return [(item, i // PAIRS, i % PAIRS * 2) for i, item in enumerate(items)]
