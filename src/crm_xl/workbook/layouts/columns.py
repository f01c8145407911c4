"""How the columns of tables look: width, number format, who fills them."""

from __future__ import annotations

from dataclasses import dataclass

from crm_xl.vocabulary.fields import Field, Kind, Lang, Table, Unit

from .styles import Origin, text_width

_FORMATS: dict[Kind, str] = {
    "id": "@",
    "phone": "@",
    "date": "yyyy-mm-dd",
    "money": "#,##0.00",
    "count": "0",
    "ratio": "0.0%",
    "rating": "0.0",
}
_NUMBER_FORMATS: dict[str, str] = {
    "monthly_orders": "0.00",
    "contact_frequency": "0.0",
    "collection_days": "0.0",
    "satisfaction": "0.0",
    "response_hours": "0.0",
    "budget": "#,##0",
    "spent": "#,##0",
}

_WIDTHS: dict[Kind, float] = {
    "id": 21, "text": 16, "number": 11, "count": 10, "money": 14, "ratio": 10.5, "date": 12.5, "rating": 11,
    "phone": 15, "choice": 13, "label": 16,
}  # fmt: skip
_OWN_WIDTHS: dict[tuple[str, str], float] = {
    ("Customers", "customer_name"): 28,
    ("Customers", "contact"): 12,
    ("Customers", "segment"): 22,
    ("Customers", "note"): 30,
    ("Customers", "strategy"): 48,
    ("Customers", "value_tier"): 12,
    ("Customers", "activity"): 12,
    ("Customers", "lifecycle"): 14,
    ("Customers", "rfm_score"): 11,
    ("Customers", "preference"): 20,
    ("Customers", "address"): 34,
    ("Customers", "source"): 15,
    ("Orders", "order_no"): 15,
    ("Orders", "product"): 28,
    ("Orders", "channel"): 16,
    ("Interactions", "content"): 44,
    ("Targets", "target"): 34,
    ("Targets", "target_kind"): 12,
    ("Targets", "metric"): 18,
    ("Targets", "scope"): 16,
    ("Targets", "period"): 11,
    ("Targets", "status"): 12,
    ("Scope", "scope_field"): 18,
    ("Scope", "scope_value"): 20,
    ("Profile", "segment"): 26,
    ("Profile", "industries"): 30,
    ("Profile", "preference"): 24,
    ("Profile", "churn_causes"): 26,
    ("Plan", "segment"): 22,
    ("Plan", "customers"): 11,
    ("Plan", "traits"): 50,
    ("Plan", "strategy"): 64,
    ("Plan", "owner"): 13,
    ("Plan", "schedule"): 15,
    ("Plan", "expected"): 26,
    ("Strategies", "system"): 12,
    ("Strategies", "tag"): 26,
    ("Strategies", "category"): 16,
    ("Strategies", "department"): 18,
    ("Strategies", "strategy"): 104,
    ("Strategies", "budget"): 12,
    ("Strategies", "spent"): 12,
    ("History", "segment"): 24,
    ("History", "rfm_class"): 22,
    ("DemandTypes", "value"): 22,
    ("DemandTypes", "label"): 24,
    ("IndustryGroups", "value"): 18,
    ("IndustryGroups", "label"): 18,
    ("RfmClasses", "label"): 24,
}
_ENGLISH_WIDTHS: dict[tuple[str, str], float] = {
    ("Customers", "customer_name"): 38,
    ("Customers", "industry"): 22,
    ("Customers", "contact"): 14,
    ("Customers", "segment"): 24,
    ("Customers", "note"): 36,
    ("Customers", "rfm_class"): 24,
    ("Customers", "preference"): 34,
    ("Customers", "address"): 44,
    ("Customers", "position"): 22,
    ("Customers", "city"): 16,
    ("Customers", "region"): 16,
    ("Customers", "follow_up"): 16,
    ("Customers", "churn_cause"): 18,
    ("Orders", "product"): 36,
    ("Orders", "channel"): 20,
    ("Interactions", "purpose"): 16,
    ("Interactions", "outcome"): 15,
    ("Interactions", "content"): 52,
    ("Targets", "target"): 44,
    ("Targets", "metric"): 24,
    ("Profile", "preference"): 30,
    ("Plan", "segment"): 25,
    ("Plan", "traits"): 56,
    ("Strategies", "strategy"): 120,
    ("DemandTypes", "value"): 26,
}
"""Where English texts are longer."""
_EVEN_WIDTHS: dict[str, float] = {"Profile": 15, "Trend": 15}
"""Tables under charts and figures, where columns of one width look calmer."""

_WRAPPED = frozenset(
    {("Strategies", "strategy"), ("Targets", "target"), ("Scope", "scope_value")}
    | {("Profile", k) for k in ("industries", "preference", "churn_causes")}
    | {("Plan", k) for k in ("traits", "strategy", "owner", "schedule", "expected")}
)  # fmt: skip
"""Long text. None in the long lists of customers and logs: their rows stay one line high."""

_ALL_COMPUTED = frozenset({"Profile", "Trend", "History", "Known"})
_COMPUTED = frozenset(
    {("Customers", "monthly_orders"), ("Customers", "period_orders"), ("Customers", "period_spend"),
     ("ValueTiers", "effective")}
    | {("Plan", k) for k in ("segment", "customers", "customer_share", "traits", "strategy")}
)  # fmt: skip
_LOGGED = frozenset(
    {"first_order", "last_order", "annual_spend", "order_count", "average_order", "preference",
     "contact_frequency", "repurchase_rate", "collection_days", "margin"}
)  # fmt: skip

FILTER_ROOM = 3.0
"""Characters that the filter button takes of a header."""


@dataclass(frozen=True, slots=True)
class Look:
    """Width in characters, number format, and how it stands in its cell."""

    header: str
    width: float
    num_format: str
    wrap: bool
    align: str
    indent: int
    origin: Origin


def look(table: Table, field: Field, lang: Lang, unit: Unit, *, filtered: bool) -> Look:
    header = field.header(lang, unit if field.unit == "wan" else None)
    own = table.name, field.key
    base = (
        (lang == "en" and _ENGLISH_WIDTHS.get(own))
        or _OWN_WIDTHS.get(own)
        or _EVEN_WIDTHS.get(table.name)
        or _WIDTHS[field.kind]
    )
    room = FILTER_ROOM if filtered else 1.0
    return Look(
        header=header,
        width=max(base, _unbroken(header, lang) + room),
        num_format=_number_format(field),
        wrap=(table.name, field.key) in _WRAPPED,
        align=_align(field),
        indent=1 if _align(field) == "left" else 0,
        origin=origin(table, field),
    )


def origin(table: Table, field: Field) -> Origin:
    """Who fills a column."""
    if table.name in _ALL_COMPUTED or field.group == "result" or (table.name, field.key) in _COMPUTED:
        return "computed"
    return "logged" if table.name == "Customers" and field.key in _LOGGED else "typed"


_CENTRED = frozenset(
    {"value_tier", "activity", "lifecycle", "rfm_score", "rfm_class", "status", "health", "churn_risk", "level",
     "account_grade", "lower", "effective", "share", "monthly", "measure", "monthly_orders", "contact_frequency",
     "collection_days", "satisfaction", "response_hours"}
)  # fmt: skip


def _align(field: Field) -> str:
    """Dates, counts, edges and short labels stand in the middle, amounts right, texts left with some room."""
    if field.kind in ("date", "count", "rating", "ratio") or field.key in _CENTRED:
        return "center"
    if field.kind in ("money", "number"):
        return "right"
    return "left"


def _number_format(field: Field) -> str:
    if field.kind == "number":
        return _NUMBER_FORMATS.get(field.key, "General")
    return _FORMATS.get(field.kind, "General")


LONG_HEADER = 18
"""Characters up to which a Chinese header gets one line: broken, it breaks inside its brackets."""


def _unbroken(header: str, lang: Lang) -> float:
    """Width that a header needs so that no line of it breaks badly."""
    if lang == "zh":
        full = text_width(header)
        return full * 1.05 if full <= LONG_HEADER else full / 2 + 2
    return 1.15 * max(text_width(word) for word in header.replace("(", " (").split())
