"""Metrics that a target can name, in both languages, and the lengths of periods."""

from __future__ import annotations

METRICS: dict[str, tuple[str, str]] = {
    "customers": ("客户数", "Customers"),
    "active": ("活跃客户数", "Active customers"),
    "prospects": ("潜在客户数", "Prospects"),
    "spend": ("年消费总额", "Annual spend"),
    "average_order": ("客单价", "Average order"),
    "arpu": ("ARPU", "ARPU"),
    "repurchase_rate": ("复购率", "Repeat purchase rate"),
    "churn_rate": ("流失率", "Churn rate"),
    "retention_rate": ("保持率", "Retention rate"),
    "winback_rate": ("客户召回率", "Win-back rate"),
    "satisfaction": ("平均满意度", "Satisfaction"),
    "conversion_rate": ("转化率", "Conversion rate"),
    "upsell_rate": ("增购率", "Upsell rate"),
    "growth_rate": ("销售增长率", "Sales growth"),
    "renewal_rate": ("续约率", "Renewal rate"),
    "csat": ("CSAT", "CSAT"),
    "nps": ("NPS", "NPS"),
    "complaints": ("投诉次数", "Complaints"),
}

PERIODS: dict[str, tuple[str, str, int]] = {
    "month": ("月度", "Month", 1),
    "quarter": ("季度", "Quarter", 3),
    "half": ("半年", "Half-year", 6),
    "year": ("年度", "Year", 12),
}
"""Period -> (zh, en, months): a target's time starts that long before its due date."""
