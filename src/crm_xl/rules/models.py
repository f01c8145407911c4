"""Rule models. One row of a rule table is one model; a `Rulebook` is all of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crm_xl.vocabulary.fields import Lang, Unit

Label = Annotated[str, Field(min_length=1)]
Months = Annotated[int, Field(ge=0, le=1200)]
Score = Annotated[float, Field(ge=1, le=5)]
Measure = Literal["R", "F", "M"]
Rank = Annotated[int, Field(ge=1, le=9)]


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class Edge(Row):
    """At or above `lower` (None: everything below the other edges) comes `label`."""

    lower: float | None
    label: Label


class ValueTier(Edge):
    """`effective`: the edge in force, where shares are asked for; `share`: per cent of customers."""

    effective: float | None = None
    share: Annotated[float, Field(ge=0, le=100)] | None = None

    @property
    def edge(self) -> float | None:
        return self.lower if self.effective is None else self.effective


class ActivityRule(Row):
    """First match. An empty condition always holds."""

    months_since: Months | None
    monthly: Annotated[float, Field(ge=0)] | None
    label: Label


class LifecycleRule(Row):
    """First match. An empty condition always holds."""

    months_since: Months | None
    orders: Annotated[float, Field(ge=0)] | None
    label: Label


class Group(Row):
    """A value of a column and the group that it belongs to."""

    value: Label
    label: Label


class NumberBin(Row):
    field: Label
    lower: float | None
    label: Label


class RfmBreak(Row):
    """From `lower` on, the measure scores `score`."""

    measure: Measure
    lower: float | None
    score: Rank

    @field_validator("measure", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value


class RfmClass(Row):
    """First match on scores; an empty bound is open."""

    label: Label
    r_from: Rank | None = None
    r_to: Rank | None = None
    f_from: Rank | None = None
    f_to: Rank | None = None
    m_from: Rank | None = None
    m_to: Rank | None = None


class Indicator(Row):
    dimension: str = ""
    indicator: Label
    weight: Annotated[float, Field(ge=0)]
    reference: str = ""
    data_source: str = ""
    remark: str = ""


class Band(Row):
    """At or above `lower` the indicator scores `score`."""

    indicator: Label
    lower: float | None
    score: Score
    behaviour: str = ""


class AccountCriterion(Row):
    """A criterion of key accounts: a built-in one, or the header of a column of Customers."""

    criterion: Label
    weight: Annotated[float, Field(ge=0)]
    data_source: str = ""
    remark: str = ""


class ScoreBand(Row):
    """A band of one indicator, as BAND_SCORE takes it."""

    lower: float | None
    score: Score


class HealthRule(Row):
    """A fall of activity by at least `drop` (a share) gives `label`; None: any other."""

    drop: float | None
    label: Label


class Strategy(Row):
    system: Label
    tag: Label
    category: str = ""
    department: str = ""
    strategy: str = ""
    budget: float | None = None
    spent: float | None = None


class ScopeRule(Row):
    scope_field: Label
    scope_value: Label


ValueMethod = Literal["thresholds", "shares"]
FormulaForm = Literal["auto", "row", "spill", "values"]
LogCovers = Literal["auto", "all", "part"]
ClvMethod = Literal["simple", "predictive"]
RfmScheme = Literal["five", "eight", "eight_mean", "ten"]


class Settings(Row):
    """What the named cells of the parameter sheet hold."""

    as_of: date | None = None
    lang: Lang = "zh"
    unit: Unit = "wan"
    form: FormulaForm = "auto"
    value_method: ValueMethod = "thresholds"
    dimensions: tuple[str, ...] = ("value", "activity")
    spend_months: Months = 12
    orders_months: Months = 12
    rfm_months: Months = 12
    rfm_bins: Annotated[int, Field(ge=2, le=9)] | Literal["breaks"] = 5
    rfm_scheme: RfmScheme = "five"
    log_covers: LogCovers = "auto"
    clv_years: Annotated[float, Field(ge=0)] = 3.0
    clv_margin: float = 0.3
    clv_rate: Annotated[float, Field(ge=0)] = 0.0
    clv_method: ClvMethod = "simple"
    backtest_months: Annotated[int, Field(ge=1, le=36)] = 6
    data_groups: Literal["on", "off"] = "off"
    history_rows: Annotated[int, Field(ge=1000, le=1_000_000)] = 200_000
    task_limit: Annotated[int, Field(ge=0, le=1000)] = 20
    care_days: Annotated[int, Field(ge=0, le=366)] = 60
    accuracy_goal: Annotated[float, Field(ge=0, le=1)] = 0.95
    stale_days: Annotated[int, Field(ge=0, le=3660)] = 90
    outlier_factor: Annotated[float, Field(ge=0, le=100)] = 5.0


class Rulebook(Row):
    """Every rule and setting of a workbook. `broken` names the tables that cannot be used."""

    settings: Settings = Settings()
    value_tiers: tuple[ValueTier, ...] = ()
    activity_rules: tuple[ActivityRule, ...] = ()
    lifecycle_rules: tuple[LifecycleRule, ...] = ()
    demand_types: tuple[Group, ...] = ()
    industry_groups: tuple[Group, ...] = ()
    number_bins: tuple[NumberBin, ...] = ()
    rfm_breaks: tuple[RfmBreak, ...] = ()
    rfm_classes: tuple[RfmClass, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    bands: tuple[Band, ...] = ()
    levels: tuple[Edge, ...] = ()
    account_criteria: tuple[AccountCriterion, ...] = ()
    account_bands: tuple[Band, ...] = ()
    grades: tuple[Edge, ...] = ()
    health_rules: tuple[HealthRule, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    scope: tuple[ScopeRule, ...] = ()
    broken: frozenset[str] = frozenset()

    @property
    def lang(self) -> Lang:
        return self.settings.lang
