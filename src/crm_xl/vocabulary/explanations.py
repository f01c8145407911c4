"""Sentences of `explain`, in both languages."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "wrong_input": ("输入中有错误的单元格(见 crm-xl check)", "an input cell is wrong (see crm-xl check)"),
    "spend_empty": ("年消费金额为空", "annual spend is empty"),
    "tier_thresholds": ("{amount} ≥ 下限 {edge} → {label}", "{amount} ≥ lower edge {edge} → {label}"),
    "tier_shares": (
        "{amount} ≥ 按占比算出的生效下限 {edge} → {label}",
        "{amount} ≥ edge in force {edge} (from shares) → {label}",
    ),
    "no_order": ("还没有订单", "no order yet"),
    "last_order": ("最近合作 {date}，距今 {months} 个整月", "last order {date}, {months} whole months ago"),
    "rule_months": ("规则：{months} 个月未合作(不晚于 {date})", "rule: {months} months without order (up to {date})"),
    "figure_monthly": ("月均合作 {value} 次", "{value} orders per month"),
    "figure_orders": ("历史合作 {value} 次", "{value} orders in all"),
    "rule_figure": ("规则：≥ {value}", "rule: ≥ {value}"),
    "rfm": ("R={r} F={f} M={m}，方案 {scheme}", "R={r} F={f} M={m}, scheme {scheme}"),
    "rfm_none": ("没有订单，不评分", "no order, no scores"),
    "level": ("综合得分 {score}，完整度 {completeness}", "score {score}, completeness {completeness}"),
    "level_next": (
        "；再得 {points} 分到 {edge} 分即升级",
        "; {points} points more, up to {edge}, reach the next level",
    ),
    "segment": ("由维度 {dimensions} 组成", "made of the dimensions {dimensions}"),
    "join": ("；", "; "),
}
