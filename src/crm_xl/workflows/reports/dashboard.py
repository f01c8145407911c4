"""The dashboard: its figures and lists, and the small tables behind its charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from crm_xl.analysis.overview import Overview, overview
from crm_xl.analysis.profile import excel_numbers
from crm_xl.cells import CellError
from crm_xl.vocabulary.fields import Lang
from crm_xl.workbook.formulas import Native, average_order_formula, looked_up, nth_row, risk_formulas
from crm_xl.workbook.values import number_text

from ..label_order import label_order
from .profile import key_figures
from .rfm import heat_map
from .story import Story, blank_as_text, write_figures

GROUPS = 14
"""Bars that a chart of the dashboard has room for."""
RISKS = 10
RISK_COLUMNS: dict[str, int] = {
    "rank": 0, "customer_id": 1, "customer_name": 2, "annual_spend": 5, "churn_reason": 6, "health": 9,
    "strategy": 10, "owner": 15,
}  # fmt: skip
"""Column of RiskList -> its place in the named area DashRisk."""
EXCERPT: Mapping[Lang, int] = {"zh": 30, "en": 62}
"""Characters of a strategy that fit its place there."""


def write_dashboard(story: Story) -> None:
    """TopGroups, Funnel, RiskList, and what the dashboard shows beside its charts."""
    book = story.book
    if book.has_table("TopGroups"):
        book.replace_rows("TopGroups", _main_groups(story), formulas=story.natives)
    if book.has_table("Funnel"):
        book.replace_rows("Funnel", _stages(story), formulas=story.natives)
    found = overview({k: story.column(k) for k in ("average_order", "order_count", "annual_spend", "churn_risk")})
    if book.has_table("RiskList"):
        risks = _risks(story, found.at_risk[:RISKS])
        book.replace_rows("RiskList", risks, formulas=False)
        if book.has_name("DashRisk"):
            _write_risks(story, risks)
    if book.has_name("DashHeat") and book.has_name("RfmHeat"):
        _write_heat(story)
    _write_figures(story, found)


def _main_groups(story: Story) -> list[dict[str, object]]:
    """The groups with the largest spend, in the order of the group profile."""
    groups = story.outcome.groups
    largest = sorted(range(len(groups)), key=lambda i: -groups[i].spend)[:GROUPS]
    return [
        {"segment": g.segment, "customers": g.customers, "spend": g.spend} for g in (groups[i] for i in sorted(largest))
    ]


def _stages(story: Story) -> list[dict[str, object]]:
    """Customers per stage, from the first contact to the lost ones."""
    counts = Counter(c for c in story.column("lifecycle") if type(c) is str and c)
    names = label_order("lifecycle", story.rules)
    names += sorted(counts.keys() - set(names), key=lambda n: (-counts[n], n))
    total = sum(counts.values())
    return [
        {"lifecycle": n, "customers": counts[n], "customer_share": counts[n] / total if total else 0.0} for n in names
    ]


def _risks(story: Story, rows: list[int]) -> list[dict[str, object]]:
    texts = {k: story.column(k) for k in ("customer_name", "churn_reason", "health", "strategy", "owner")}
    spend = excel_numbers(story.column("annual_spend"))
    ids = story.outcome.ids
    return [
        {"rank": rank, "customer_id": str(ids[i]), "annual_spend": None if spend[i] != spend[i] else float(spend[i]),
         **{key: _text(cells[i]) for key, cells in texts.items()}}
        for rank, i in enumerate(rows, 1)
    ]  # fmt: skip


def _text(cell: object) -> str | None:
    """A cell as a text, as Excel makes one of a number; nothing for an error."""
    if cell is None or isinstance(cell, CellError):
        return None
    return number_text(cell) if isinstance(cell, (int, float)) else str(cell)


def _write_risks(story: Story, risks: list[dict[str, object]]) -> None:
    headers, longest = story.book.headers("RiskList"), EXCERPT[story.lang]
    area: dict[tuple[int, int], tuple[object, Native | None]] = {}
    for i in range(RISKS):
        for key, column in RISK_COLUMNS.items():
            value = risks[i][key] if i < len(risks) else None
            number, cut = key in ("rank", "annual_spend"), longest if key == "strategy" else None
            if cut is not None and isinstance(value, str) and len(value) > cut:
                value = value[: cut - 1] + "…"
            native = None
            if story.natives and key in headers:
                native = nth_row("RiskList", headers[key], i + 1, longest=cut, number=number)
            area[i, column] = value, native
    story.book.write_area("DashRisk", area)


def _write_heat(story: Story) -> None:
    """The heat map of customers once more; its labels take two columns."""
    area: dict[tuple[int, int], tuple[object, Native | None]] = {}
    for (i, j), value in heat_map(story).items():
        cell = f"INDEX(RfmHeat,{i + 1},{j + 1})"
        native = Native(f'IF({cell}="","",{cell})', False) if story.natives else None
        area[i, j + 1 if j else 0] = value, native
    story.book.write_area("DashHeat", area)


def _write_figures(story: Story, found: Overview) -> None:
    """The named figures, and the dashboard's tiles, which refer to them: a merged cell takes no array formula."""
    book, movement = story.book, story.movement
    own: dict[str, object] = {
        "KpiAverageOrder": found.average_order,
        "KpiAtRisk": len(found.at_risk),
        "KpiMoneyAtRisk": found.money_at_risk,
    }
    natives = _natives(story) if story.natives else {}
    values: dict[str, object] = {
        **own,
        **{f"Dash{name[3:]}": value for name, value in {**key_figures(story), **own}.items()},
        "DashAsOf": story.outcome.as_of,
        "DashChurn": movement.churn_rate if movement else None,
    }
    write_figures(book, {name: blank_as_text(value) for name, value in values.items()}, natives)


def _natives(story: Story) -> dict[str, Native]:
    book = story.book
    headers = book.headers("Customers")
    natives = risk_formulas(headers, story.lang)
    average = average_order_formula(headers)
    if average is not None:
        natives["KpiAverageOrder"] = average
    for name in ("Customers", "Active", "Spend", "Repurchase", "AverageOrder", "AtRisk", "MoneyAtRisk"):
        if book.has_name(f"Kpi{name}"):
            natives[f"Dash{name}"] = Native(f"Kpi{name}", False)
    if book.has_name("AsOf"):
        natives["DashAsOf"] = Native("AsOf", False)
        trend = book.headers("Trend") if book.has_table("Trend") else {}
        if {"as_of", "churn_rate"} <= trend.keys():
            natives["DashChurn"] = looked_up("Trend", trend["churn_rate"], trend["as_of"])
    return natives
