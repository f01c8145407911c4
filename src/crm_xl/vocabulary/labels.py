"""Labels that results show, in both languages (domain: the English labels are a contract)."""

from __future__ import annotations

from .fields import Lang

LABELS: dict[str, tuple[str, str]] = {
    # value
    "high": ("高价值", "High-value"),
    "mid": ("中价值", "Mid-value"),
    "low": ("低价值", "Low-value"),
    # activity
    "active": ("活跃", "Active"),
    "occasional": ("低频", "Occasional"),
    "dormant": ("沉睡", "Dormant"),
    "lost": ("流失", "Lost"),
    "prospect": ("潜在", "Prospect"),
    # segment
    "prospect_customer": ("潜在客户", "Prospect"),
    "incomplete": ("信息待完善", "Incomplete"),
    "out_of_scope": ("不在范围", "Out of scope"),
    # lifecycle
    "first_order": ("成交", "First order"),
    "repeat": ("复购", "Repeat"),
    # demand and industry
    "other": ("其他", "Other"),
    "unknown_demand": ("未知需求", "Unknown demand"),
    "unknown_industry": ("未知行业", "Unknown industry"),
    "unknown": ("未知", "Unknown"),
    # levels
    "tier_1": ("一级(核心客户)", "Tier 1 (Core)"),
    "tier_2": ("二级(潜力客户)", "Tier 2 (Potential)"),
    "tier_3": ("三级(普通客户)", "Tier 3 (Standard)"),
    "tier_4": ("四级(低价值/风险客户)", "Tier 4 (Low value or at risk)"),
    # the other names for levels
    "level_deep": ("深度合作", "Deep cooperation"),
    "level_regular": ("一般合作", "Regular cooperation"),
    "level_possible": ("潜在合作", "Possible cooperation"),
    "level_leaving": ("流失风险", "At risk"),
    # RFM, five classes
    "five_high": ("高价值客户", "High value"),
    "five_new": ("新客户", "New"),
    "five_potential": ("潜力客户", "Potential"),
    "five_essential": ("低频刚需客户", "Low-frequency essential"),
    "five_risk": ("流失风险客户", "At risk"),
    # RFM, eight classes
    "key_value": ("重要价值客户", "Key value"),
    "key_develop": ("重要发展客户", "Key develop"),
    "key_keep": ("重要保持客户", "Key keep"),
    "key_win_back": ("重要挽留客户", "Key win back"),
    "general_value": ("一般价值客户", "General value"),
    "general_develop": ("一般发展客户", "General develop"),
    "general_keep": ("一般保持客户", "General keep"),
    "general_win_back": ("一般挽留客户", "General win back"),
    # RFM, ten classes
    "champions": ("冠军", "Champions"),
    "loyal": ("忠诚", "Loyal"),
    "potential_loyalists": ("潜力忠诚", "Potential loyalists"),
    "new": ("新客户", "New"),
    "promising": ("有望", "Promising"),
    "need_attention": ("需关注", "Need attention"),
    "about_to_sleep": ("即将沉睡", "About to sleep"),
    "cant_lose": ("不可流失", "Can't lose them"),
    "at_risk": ("流失风险", "At risk"),
    "hibernating": ("休眠", "Hibernating"),
    # health and risk
    "healthy": ("健康", "Healthy"),
    "watch": ("关注", "Watch"),
    "alert": ("预警", "At risk"),
    "little_data": ("数据不足", "Not enough data"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "reason_health": ("活跃度下降", "activity dropped"),
    "reason_dormant": ("已沉睡", "dormant"),
    "reason_lost": ("已流失", "lost"),
    "reason_complaints": ("90天内投诉{n}次", "{n} complaints in 90 days"),
    "reason_satisfaction": ("满意度{n}", "satisfaction {n}"),
    "reason_join": ("、", "; "),
    # tag composition
    "tag_join": ("", " · "),
    "tag_suffix": ("客户", ""),
    # targets
    "kind_reach": ("达到", "Reach"),
    "kind_raise": ("提升%", "Raise by %"),
    "kind_lower": ("降低至", "Lower to"),
    "kind_list": ("名单", "List"),
    "done": ("达成", "Achieved"),
    "on_track": ("正常", "On track"),
    "behind": ("落后", "Behind"),
    "overdue": ("逾期", "Overdue"),
    # findings
    "error": ("错误", "Error"),
    "warning": ("提醒", "Warning"),
    "everyone": ("全部", "All"),
    # key accounts
    "grade_up": ("上升", "Up"),
    "grade_down": ("下降", "Down"),
    "grade_same": ("不变", "Unchanged"),
    "grade_new": ("新增", "New"),
    "grade_lost": ("失去级别", "No longer graded"),
}


def label(key: str, lang: Lang) -> str:
    """The label `key` in a language."""
    return LABELS[key][0 if lang == "zh" else 1]


def is_label(text: object, *keys: str) -> bool:
    """Whether a text is one of these labels, in either language."""
    return any(text in LABELS[key] for key in keys)
