"""The worksheet functions as plain callables, for any host. Importing this needs no host."""

from __future__ import annotations

from .figures import (
    CHURN_RATE,
    CHURN_REASON,
    CHURN_RISK,
    CLV,
    CSAT,
    HEALTH,
    NPS,
    REPURCHASE_RATE,
    RETENTION_RATE,
    WINBACK_RATE,
)
from .registry import REGISTRY, Argument, WorksheetFunction
from .scoring import (
    ABC_CLASS,
    ACCOUNT_GRADE,
    BAND_SCORE,
    COMPLETENESS,
    CUSTOMER_LEVEL,
    RFM_CLASS,
    RFM_SCORES,
    WEIGHTED_SCORE,
)
from .segmentation import (
    ACTIVITY,
    DEMAND_TYPE,
    INDUSTRY_GROUP,
    LIFECYCLE,
    MONTHLY_ORDERS,
    SEGMENT,
    SEGMENT_TAG,
    VALUE_TIER,
)
from .texts import MASK, STRATEGY

__all__ = [
    "ABC_CLASS",
    "ACCOUNT_GRADE",
    "ACTIVITY",
    "BAND_SCORE",
    "CHURN_RATE",
    "CHURN_REASON",
    "CHURN_RISK",
    "CLV",
    "COMPLETENESS",
    "CSAT",
    "CUSTOMER_LEVEL",
    "DEMAND_TYPE",
    "HEALTH",
    "INDUSTRY_GROUP",
    "LIFECYCLE",
    "MASK",
    "MONTHLY_ORDERS",
    "NPS",
    "REGISTRY",
    "REPURCHASE_RATE",
    "RETENTION_RATE",
    "RFM_CLASS",
    "RFM_SCORES",
    "SEGMENT",
    "SEGMENT_TAG",
    "STRATEGY",
    "VALUE_TIER",
    "WEIGHTED_SCORE",
    "WINBACK_RATE",
    "Argument",
    "WorksheetFunction",
]
