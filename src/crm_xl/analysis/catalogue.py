"""The catalogue: how each result column is computed, said once.

An expression is a small tree of calls to worksheet functions over fields, named cells and rule
tables. Two readers go over it: one computes it (`workflows.evaluate`), one writes it as Excel
formula text, per row or as a spill (`workbook.formulas`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from crm_xl.rules.models import Rulebook, Settings
from crm_xl.rules.settings import dimension_key
from crm_xl.vocabulary.fields import find_field
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.records import CUSTOMERS


@dataclass(frozen=True, slots=True)
class Column:
    """A field of Customers."""

    key: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure from the logs that no column holds: such a result cannot be a formula."""

    key: str


@dataclass(frozen=True, slots=True)
class Name:
    """A named cell."""

    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule table."""

    table: str


@dataclass(frozen=True, slots=True)
class Bins:
    """The rows of NumberBins that group one column: (lower edge, bin)."""

    key: str


@dataclass(frozen=True, slots=True)
class Const:
    value: str | float


@dataclass(frozen=True, slots=True)
class Spilled:
    """Column `column` (0-based) of a block on the calculation sheet."""

    block: str
    column: int


@dataclass(frozen=True, slots=True)
class Fn:
    """A worksheet function; None is an argument left empty."""

    name: str
    args: tuple[Expression | None, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts joined, as & does."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """`guard` where it is one of `stops`, else `then`."""

    guard: Expression
    stops: tuple[str, ...]
    then: Expression


@dataclass(frozen=True, slots=True)
class Scoped:
    """`then` for customers in scope, else `outside`. `columns`: (header as typed, field key or header)."""

    columns: tuple[tuple[str, str], ...]
    then: Expression
    outside: str


Expression = Column | Fact | Name | Rules | Bins | Const | Spilled | Fn | Joined | Guarded | Scoped


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A result column of Customers, and how it is computed."""

    key: str
    expression: Expression


RFM_BLOCK = "rfm"
LANG = Name("Lang")
AS_OF = Name("AsOf")

VALUE = Fn("VALUE_TIER", (Column("annual_spend"), Rules("ValueTiers"), LANG))
ACTIVITY = Fn("ACTIVITY", (Column("monthly_orders"), Column("last_order"), AS_OF, Rules("ActivityRules"), LANG))


def blocks(settings: Settings) -> dict[str, Fn]:
    """Whole-column functions: they spill on the calculation sheet in every form."""
    bins = Rules("RfmBreaks") if settings.rfm_bins == "breaks" else Name("RfmBins")
    return {
        RFM_BLOCK: Fn(
            "RFM_SCORES",
            (Column("last_order"), Column("period_orders"), Column("period_spend"), AS_OF, bins),
        )
    }


def bin_key(field: str) -> str:
    """The column that a row of NumberBins is about: a field key, or a header of the user's own."""
    return dimension_key(field) or field.strip()


def _column_key(typed: str) -> str:
    found = find_field(CUSTOMERS, typed)
    return found[0].key if found else typed


def _dimension(key: str, binned: frozenset[str]) -> Expression:
    """The label of one segment dimension; a column of numbers is grouped by its bins."""
    if key in binned:
        return Fn("VALUE_TIER", (Column(key), Bins(key), LANG))
    if key in ("value", "value_tier"):
        return VALUE
    if key == "activity":
        return ACTIVITY
    if key in ("demand", "preference"):
        return Fn("DEMAND_TYPE", (Column("preference"), Rules("DemandTypes"), LANG))
    if key == "industry":
        return Fn("INDUSTRY_GROUP", (Column("industry"), Rules("IndustryGroups"), LANG))
    return Column(key)


def segment_expression(rules: Rulebook) -> Expression:
    """The tag: SEGMENT while the dimensions are value and activity, SEGMENT_TAG otherwise."""
    settings, lang = rules.settings, rules.lang
    full = Fn(
        "SEGMENT",
        (Column("annual_spend"), Column("monthly_orders"), Column("last_order"), AS_OF,
         Rules("ValueTiers"), Rules("ActivityRules"), LANG),
    )  # fmt: skip
    tag: Expression = full
    if settings.dimensions != ("value", "activity"):
        binned = frozenset(bin_key(b.field) for b in rules.number_bins)
        labels = [_dimension(d, binned) for d in settings.dimensions[:3]]
        padded = (*labels, *[None] * (3 - len(labels)))
        # whether there are orders at all does not depend on the chosen dimensions: a monthly
        # figure of 1 keeps that question apart from one that needs it
        standing = Fn("SEGMENT", (full.args[0], Const(1.0), *full.args[2:]))
        stops = (label("prospect_customer", lang), label("incomplete", lang))
        tag = Guarded(standing, stops, Fn("SEGMENT_TAG", (*padded, LANG)))
    scope = tuple(dict.fromkeys(rule.scope_field for rule in rules.scope))
    if scope:
        tag = Scoped(tuple((s, _column_key(s)) for s in scope), tag, label("out_of_scope", lang))
    return tag


def result_columns(rules: Rulebook) -> tuple[ResultColumn, ...]:
    """Every result column, in an order in which each may use those before it."""
    settings = rules.settings
    r, f, m = (Spilled(RFM_BLOCK, i) for i in range(3))
    scheme: Expression = Rules("RfmClasses") if settings.rfm_scheme == "five" else Name("RfmScheme")
    rfm_class: Expression = Fn("RFM_CLASS", (r, f, m, scheme, LANG))
    if settings.rfm_scheme == "eight_mean":
        rfm_class = Fact("rfm_mean_class")
    clv: Expression = Fact("predicted_clv")
    if settings.clv_method == "simple":
        yearly = Fact("orders_per_year")
        clv = Fn("CLV", (Column("average_order"), yearly, Name("ClvYears"), Fact("clv_margin"), Name("ClvRate")))
    return (
        ResultColumn("value_tier", VALUE),
        ResultColumn("activity", ACTIVITY),
        ResultColumn(
            "lifecycle",
            Fn("LIFECYCLE", (Column("order_count"), Column("last_order"), AS_OF, Rules("LifecycleRules"), LANG)),
        ),
        ResultColumn("rfm_score", Joined((r, f, m))),
        ResultColumn("rfm_class", rfm_class),
        ResultColumn("score", Fact("weighted_score")),
        ResultColumn("completeness", Fact("weighted_completeness")),
        ResultColumn("level", Fact("weighted_level")),
        ResultColumn("segment", segment_expression(rules)),
        ResultColumn("account_grade", Fact("account_grade")),
        ResultColumn("clv", clv),
        ResultColumn("alive", Fact("alive")),
        ResultColumn("expected_orders", Fact("expected_orders")),
        ResultColumn("predicted_clv", Fact("predicted_clv")),
        ResultColumn("data_group", Fact("data_group")),
        ResultColumn("health", Fn("HEALTH", (Fact("recent"), Fact("baseline"), Rules("HealthRules"), LANG))),
        ResultColumn(
            "churn_risk",
            Fn("CHURN_RISK", (Column("activity"), Column("health"), Fact("complaints_90d"), Column("satisfaction"), LANG)),
        ),
        ResultColumn(
            "churn_reason",
            Fn("CHURN_REASON", (Column("activity"), Column("health"), Fact("complaints_90d"), Column("satisfaction"), LANG)),
        ),
        ResultColumn("strategy", Fn("STRATEGY", (Column("segment"), Const("segment"), Rules("Strategies"), LANG))),
    )  # fmt: skip


def walk(expression: Expression | None) -> Iterator[Expression]:
    """An expression and everything in it."""
    if expression is None:
        return
    yield expression
    children: tuple[Expression | None, ...] = ()
    if isinstance(expression, Fn):
        children = expression.args
    elif isinstance(expression, Joined):
        children = expression.parts
    elif isinstance(expression, Guarded):
        children = (expression.guard, expression.then)
    elif isinstance(expression, Scoped):
        children = (expression.then,)
    for child in children:
        yield from walk(child)


def columns_for(rules: Rulebook, shown: Collection[str] | None) -> tuple[ResultColumn, ...]:
    """The result columns `shown` (None: all) and those on which they rest, in the order of `result_columns`."""
    everything = result_columns(rules)
    if shown is None:
        return everything
    needed = set(shown)
    for column in reversed(everything):
        for part in walk(column.expression) if column.key in needed else ():
            if isinstance(part, Column):
                needed.add(part.key)
            elif isinstance(part, Scoped):
                needed.update(key for _, key in part.columns)
    return tuple(column for column in everything if column.key in needed)


def facts_of(columns: Iterable[ResultColumn]) -> set[str]:
    """The facts without a column of their own that these columns draw on."""
    return {part.key for column in columns for part in walk(column.expression) if isinstance(part, Fact)}


def can_be_formula(
    expression: Expression,
    columns: Mapping[str, object],
    tables: Mapping[str, object],
    names: Mapping[str, object],
) -> bool:
    """Whether a workbook with these columns, tables and names can hold the expression as a formula."""
    for part in walk(expression):
        if isinstance(part, Fact):
            return False
        if isinstance(part, Column) and part.key not in columns:
            return False
        if isinstance(part, Rules) and part.table not in tables:
            return False
        if isinstance(part, Bins) and "NumberBins" not in tables:
            return False
        if isinstance(part, Name) and part.name not in names:
            return False
        if isinstance(part, Scoped) and any(key not in columns for _, key in part.columns):
            return False
    return True
