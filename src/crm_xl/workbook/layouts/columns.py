"""How the columns of tables look: width, number format, who fills them."""

from __future__ import annotations

from dataclasses import dataclass

from crm_xl.vocabulary.fields import Field, Kind, Lang, Table, Unit
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS

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
    "value": "#,##0.00",
    "spent": "#,##0",
    "account_score": "0.00",
    "handling_hours": "0.0",
    "mean": "0.00",
    "recommend": "0.0",
    "nps": "0",
    "hours": "0.0",
    "points": "#,##0",
    "balance": "#,##0",
    "mean_days": "0",
    "mean_orders": "0.0",
    "expected_orders": "0.00",
    "nps_margin": "0",
    "days_silent": "0",
    "usual_gap": "0",
    "churned": "0.0",
    "lift": "0.0",
    "silhouette": "0.00",
    "period_orders": "0.0",
    "estimate": "General",
    "error": "General",
}
_OWN_FORMATS: dict[tuple[str, str], str] = {
    **{("Scores", i.key): "General" for i in INDICATOR_TEXTS},
    **{(table, "score"): "0.00" for table in ("Customers", "Scores", "History", "DimensionScores")},
    ("Scores", "gap"): "0.00",
    ("Bands", "lower"): "0.00",
    ("Calibration", "change"): "+0;-0;0",
}

_WIDTHS: dict[Kind, float] = {
    "id": 21, "text": 16, "number": 11, "count": 10, "money": 14, "ratio": 10.5, "date": 12.5, "rating": 11,
    "phone": 15, "choice": 13, "label": 16,
}  # fmt: skip
_OWN_WIDTHS: dict[tuple[str, str], float] = {
    ("Customers", "customer_name"): 28,
    ("Duplicates", "customer_name"): 28,
    ("Duplicates", "evidence"): 30,
    ("Quality", "found_sheet"): 20,
    ("Quality", "found_cell"): 12,
    ("Quality", "customer"): 28,
    ("Quality", "severity"): 11,
    ("Quality", "found_text"): 24,
    ("Quality", "proposed_text"): 16,
    ("Quality", "explanation"): 64,
    ("Customers", "contact"): 12,
    ("Customers", "segment"): 22,
    ("Customers", "note"): 30,
    ("Customers", "strategy"): 48,
    ("Customers", "value_tier"): 12,
    ("Customers", "data_group"): 34,
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
    ("Tasks", "task"): 30,
    ("Tasks", "customer_id"): 21,
    ("Tasks", "customer_name"): 24,
    ("Tasks", "strategy"): 56,
    ("Tasks", "deliverable"): 36,
    ("Tasks", "task_status"): 12,
    ("Tasks", "overdue"): 10,
    ("Tasks", "proposed_for"): 24,
    ("Reviews", "week"): 12,
    ("Reviews", "metric"): 18,
    ("Reviews", "scope"): 16,
    ("Reviews", "cause"): 34,
    ("Reviews", "measure"): 34,
    ("Care", "care_date"): 15,
    ("Care", "customer_id"): 21,
    ("Care", "customer_name"): 28,
    ("Care", "care_reason"): 16,
    ("Care", "hint"): 46,
    ("TargetList", "target"): 34,
    ("TargetList", "customer_id"): 21,
    ("TargetList", "customer_name"): 28,
    ("Scope", "scope_field"): 18,
    ("Scope", "scope_value"): 20,
    ("Profile", "segment"): 26,
    ("Effects", "label"): 28,
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
    ("Indicators", "dimension"): 16,
    ("Indicators", "indicator"): 22,
    ("Indicators", "data_source"): 15,
    ("Indicators", "remark"): 36,
    ("Bands", "indicator"): 24,
    ("Bands", "behaviour"): 22,
    ("Levels", "label"): 24,
    ("Scores", "customer_id"): 14,
    ("Scores", "customer_name"): 28,
    **{("Scores", i.key): 10 for i in INDICATOR_TEXTS},
    ("Scores", "level"): 22,
    ("Scores", "advice"): 56,
    ("LevelPlan", "level"): 22,
    ("LevelPlan", "traits"): 40,
    ("LevelPlan", "strategy"): 50,
    ("LevelPlan", "owner"): 13,
    ("LevelPlan", "schedule"): 15,
    ("LevelPlan", "expected"): 26,
    ("DimensionScores", "dimension"): 22,
    ("DimensionWeights", "dimension"): 18,
    ("Calibration", "half_year"): 15,
    ("Calibration", "level"): 22,
    ("WeightLog", "indicator"): 22,
    ("WeightLog", "reason"): 36,
    ("History", "level"): 22,
    ("IndustryGroups", "value"): 18,
    ("IndustryGroups", "label"): 18,
    ("RfmClasses", "label"): 24,
    ("AccountCriteria", "criterion"): 18,
    ("AccountCriteria", "remark"): 46,
    ("SatisfactionSummary", "question"): 18,
    ("ComplaintSummary", "cause"): 16,
    ("AccountBands", "behaviour"): 20,
    ("Accounts", "customer_name"): 28,
    ("Accounts", "strategy"): 48,
    ("GradeChanges", "customer_name"): 28,
    ("GradeChanges", "reason"): 40,
    ("LoyaltyBalances", "customer_name"): 28,
    ("Complaints", "content"): 44,
    ("Complaints", "verdict"): 16,
    ("Surveys", "feedback"): 40,
    ("Surveys", "measure"): 40,
    ("Needs", "need"): 40,
    ("Improvements", "content"): 50,
    ("Improvements", "result"): 50,
    ("RfmProfile", "rfm_class"): 24,
    ("RfmPlan", "rfm_class"): 20,
    ("RfmPlan", "customers"): 10,
    ("RfmPlan", "goal"): 30,
    ("RfmPlan", "strategy"): 64,
    ("RfmPlan", "owner"): 16,
    ("RfmPlan", "resources"): 28,
    ("RfmPlan", "schedule"): 15,
    ("Portrait", "dimension"): 10,
    ("Portrait", "group"): 18,
    ("Portrait", "size"): 13,
    ("Portrait", "needs"): 36,
    ("Portrait", "factors"): 38,
    ("Portrait", "deciders"): 20,
    ("Portrait", "sensitivity"): 16,
    ("Portrait", "priority"): 20,
    ("TopGroups", "segment"): 24,
    ("RiskList", "customer_name"): 28,
    ("ValueByGroup", "segment"): 22,
    ("TopValue", "rank"): 7,
    ("Risks", "rank"): 8,
    ("Risks", "customer_id"): 14,
    ("Risks", "customer_name"): 28,
    ("Risks", "churn_reason"): 28,
    ("TopStakes", "customer"): 28,
    ("Clusters", "data_group"): 34,
    ("Silhouettes", "verdict"): 22,
    ("VoiceBySegment", "segment"): 22,
    ("TopValue", "customer_id"): 14,
    ("TopValue", "customer_name"): 28,
    ("ModelParameters", "model"): 24,
    ("ModelParameters", "parameter"): 12,
    ("ModelParameters", "meaning"): 48,
    ("ModelParameters", "estimate"): 12,
    ("ModelParameters", "error"): 12,
    ("RiskList", "churn_reason"): 30,
    ("RiskList", "strategy"): 64,
}
_ENGLISH_WIDTHS: dict[tuple[str, str], float] = {
    ("Customers", "customer_name"): 38,
    ("Quality", "found_rule"): 18,
    ("Quality", "customer"): 46,
    ("Quality", "explanation"): 84,
    ("Customers", "industry"): 22,
    ("Customers", "contact"): 14,
    ("Customers", "segment"): 24,
    ("Customers", "note"): 36,
    ("Customers", "rfm_class"): 24,
    ("Customers", "data_group"): 46,
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
    ("Tasks", "customer_name"): 44,
    ("Tasks", "strategy"): 64,
    ("Tasks", "department"): 18,
    ("Tasks", "proposed_for"): 30,
    ("Tasks", "deliverable"): 44,
    ("Reviews", "metric"): 24,
    ("Care", "customer_name"): 44,
    ("Care", "care_reason"): 24,
    ("Care", "hint"): 60,
    ("TargetList", "target"): 46,
    ("TargetList", "customer_name"): 44,
    ("Targets", "metric"): 24,
    ("Profile", "preference"): 30,
    ("Plan", "segment"): 25,
    ("Plan", "traits"): 56,
    ("Strategies", "strategy"): 120,
    ("DemandTypes", "value"): 26,
    ("Indicators", "dimension"): 25,
    ("Indicators", "indicator"): 25,
    ("Indicators", "remark"): 44,
    ("Bands", "indicator"): 25,
    ("Bands", "behaviour"): 26,
    ("Levels", "label"): 30,
    ("Scores", "customer_name"): 38,
    ("Scores", "level"): 30,
    ("Scores", "advice"): 66,
    ("LevelPlan", "level"): 30,
    ("LevelPlan", "traits"): 54,
    ("LevelPlan", "strategy"): 60,
    ("DimensionScores", "dimension"): 25,
    ("DimensionScores", "score"): 14,
    ("DimensionScores", "weight"): 14,
    ("DimensionWeights", "dimension"): 25,
    ("Calibration", "level"): 30,
    ("WeightLog", "indicator"): 25,
    ("History", "level"): 30,
    ("AccountCriteria", "criterion"): 24,
    ("AccountCriteria", "remark"): 64,
    ("SatisfactionSummary", "question"): 24,
    ("SurveySources", "recommend"): 18,
    ("ComplaintSummary", "cause"): 18,
    ("AccountBands", "indicator"): 22,
    ("AccountBands", "behaviour"): 26,
    ("Accounts", "customer_name"): 38,
    ("GradeChanges", "customer_name"): 38,
    ("GradeChanges", "reason"): 48,
    ("LoyaltyBalances", "customer_name"): 38,
    ("Complaints", "content"): 52,
    ("Surveys", "feedback"): 52,
    ("Surveys", "measure"): 54,
    ("Needs", "need"): 46,
    ("RfmPlan", "rfm_class"): 24,
    ("RfmPlan", "goal"): 38,
    ("RfmPlan", "strategy"): 72,
    ("RfmPlan", "owner"): 20,
    ("RfmPlan", "resources"): 34,
    ("Portrait", "group"): 24,
    ("Portrait", "factors"): 50,
    ("RiskList", "customer_name"): 44,
    ("ValueByGroup", "segment"): 25,
    ("TopValue", "customer_name"): 38,
    ("Risks", "customer_name"): 38,
    ("Risks", "churn_reason"): 36,
    ("TopStakes", "customer"): 38,
    ("Clusters", "data_group"): 46,
    ("VoiceBySegment", "segment"): 25,
    ("ModelParameters", "model"): 30,
    ("ModelParameters", "parameter"): 16,
    ("ModelParameters", "meaning"): 60,
    ("RiskList", "churn_reason"): 38,
    ("RiskList", "strategy"): 80,
}
"""Where English texts are longer."""
_EVEN_WIDTHS: dict[str, float] = {
    "TaskBoard": 18,
    "Profile": 15,
    "Trend": 15,
    "RfmProfile": 15,
    "NeedsTrend": 13,
    "NeedsByQuarter": 13,
    "SatisfactionSummary": 15,
    "SurveySources": 14,
    "ComplaintSummary": 15,
    "VoiceBySegment": 13,
    "VoiceTrend": 13,
    "Clusters": 15,
    "NeedSummary": 14,
    "NeedSensitivity": 14,
    "Abc": 11,
    "Pareto": 18,
    "ValueByGroup": 12,
    "CohortCurve": 13,
    "RepeatTimes": 14,
}
"""Tables under charts and figures, where columns of one width look calmer."""

_WRAPPED = frozenset(
    {("Strategies", "strategy"), ("Targets", "target"), ("Scope", "scope_value")}
    | {("Tasks", k) for k in ("task", "strategy", "deliverable")}
    | {("Reviews", k) for k in ("cause", "measure")}
    | {("Profile", k) for k in ("industries", "preference", "churn_causes")}
    | {("LevelPlan", k) for k in ("traits", "strategy", "owner", "schedule", "expected")}
    | {("Indicators", "remark"), ("WeightLog", "reason")}
    | {("Plan", k) for k in ("traits", "strategy", "owner", "schedule", "expected")}
    | {("GradeChanges", "reason"), ("Improvements", "content"), ("Improvements", "result")}
    | {("RfmPlan", k) for k in ("goal", "strategy", "owner", "resources", "schedule")}
    | {("Portrait", k) for k in ("needs", "factors", "deciders", "sensitivity", "priority")}
    | {("RiskList", k) for k in ("churn_reason", "strategy")}
)  # fmt: skip
"""Long text. None in the long lists of customers and logs: their rows stay one line high."""

_COMPUTED = frozenset(
    {("Customers", "monthly_orders"), ("Customers", "period_orders"), ("Customers", "period_spend"),
     ("ValueTiers", "effective")}
)  # fmt: skip
_LOGGED = frozenset(
    {"first_order", "last_order", "annual_spend", "order_count", "average_order", "preference",
     "contact_frequency", "repurchase_rate", "collection_days", "margin", "satisfaction", "complaints"}
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
    align = "center" if own in _SCORE_OF_AMOUNT else _align(field)
    return Look(
        header=header,
        width=max(base, _unbroken(header, lang) + room),
        num_format=_OWN_FORMATS.get(own) or _number_format(field),
        wrap=(table.name, field.key) in _WRAPPED,
        align=align,
        indent=1 if align == "left" else 0,
        origin=origin(table, field),
    )


def origin(table: Table, field: Field) -> Origin:
    """Who fills a column."""
    made = table.computed and field.group != "user"
    if made or field.group == "result" or (table.name, field.key) in _COMPUTED:
        return "computed"
    return "logged" if table.name == "Customers" and field.key in _LOGGED else "typed"


_CENTRED = frozenset(
    {"value_tier", "activity", "lifecycle", "rfm_score", "rfm_class", "status", "health", "churn_risk", "level",
     "account_grade", "lower", "effective", "share", "monthly", "monthly_orders", "contact_frequency",
     "collection_days", "satisfaction", "response_hours", "weight", "old_weight", "new_weight", "gap", "score", "change",
     "last_grade", "is_key", "recommend", "account_score", "mean", "nps", "hours", "half_year", "mean_days", "mean_orders",
     "nps_margin", "days_silent", "usual_gap", "rhythm", "churned", "lift", "silhouette", "chosen", "period_orders",
     "expected_orders", "abc"}
)  # fmt: skip
_SCORE_OF_AMOUNT = frozenset({("Scores", i.key) for i in INDICATOR_TEXTS if i.money})
"""A score under the header of an amount."""


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
