"""Phrases that describe a group of customers, in both languages."""

from __future__ import annotations

TRAITS: dict[str, tuple[str, str]] = {
    "industries": ("集中于{value}", "mostly {value}"),
    "preference": ("偏好{value}", "prefers {value}"),
    "spend": ("户均年消费 {value} {unit}", "spends {value} {unit} a year on average"),
    "repurchase": ("复购率 {value}", "repeat purchase rate {value}"),
    "collection": ("平均回款 {value} 天", "pays after {value} days"),
    "churn": ("流失原因：{value}", "lost because of {value}"),
    "join": ("；", "; "),
}
