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
    "tier_lowest": ("{amount} 低于其他各层下限 → {label}", "{amount} is below all other edges → {label}"),
    "no_order": ("还没有订单", "no order yet"),
    "last_order": ("最近合作 {date}，满 {months} 个月", "last order {date} (full months since: {months})"),
    "rule_months": ("规则：不晚于 {date}(满 {months} 个月)", "rule: on or before {date} (full months: {months})"),
    "figure_monthly": ("月均合作 {value} 次", "{value} orders per month"),
    "figure_orders": ("历史合作 {value} 次", "orders in all: {value}"),
    "rule_figure": ("规则：≥ {value}", "rule: ≥ {value}"),
    "rfm_r": ("距今 {value} 天 → R {score}", "{value} days ago → R {score}"),
    "rfm_f": ("统计期订单 {value} → F {score}", "orders in period {value} → F {score}"),
    "rfm_m": ("统计期消费 {value} → M {score}", "spend in period {value} → M {score}"),
    "rfm_cuts": ("(分界 {cuts})", " (cuts {cuts})"),
    "rfm": ("R={r} F={f} M={m}，按“{scheme}”", "R={r} F={f} M={m}, scheme '{scheme}'"),
    "rfm_none": ("没有订单，不评分", "no order, no scores"),
    "score": (
        "有数据的指标：Σ(得分×权重) {total} ÷ Σ权重 {weights} × 20",
        "indicators with data: Σ(score×weight) {total} ÷ Σweight {weights} × 20",
    ),
    "score_none": ("没有可评分的指标", "no indicator has data"),
    "completeness": ("有数据的权重 {known} ÷ 总权重 {total}", "weight with data {known} ÷ total weight {total}"),
    "level": ("综合得分 {score}，完整度 {completeness}", "score {score}, completeness {completeness}"),
    "level_incomplete": ("完整度不到 {least}，先不定级", "below {least} complete, so no level yet"),
    "level_next": ("再得 {points} 分(到 {edge} 分)即升级", "{points} points more (up to {edge}) reach the next level"),
    "segment": ("由维度 {dimensions} 组成", "made of the dimensions {dimensions}"),
    "segment_prospect_customer": ("没有订单，也没有消费", "neither an order nor any spend"),
    "segment_incomplete": (
        "缺资料：消费金额和最近合作时间须同时有",
        "data missing: spend and last order belong together",
    ),
    "segment_out_of_scope": ("不在分析范围内", "outside the scope of the analysis"),
    "account_grade": ("大客户得分 {score}", "account score {score}"),
    "clv": (
        "平均订单 {order} × 年订单数 {yearly} × {years} 年 × 毛利率 {margin}",
        "average order {order} × orders per year {yearly} × {years} years × margin {margin}",
    ),
    "clv_rate": ("折现率 {rate}", "discount rate {rate}"),
    "clv_none": ("没有平均订单金额或订单数", "no average order or number of orders"),
    "clv_predicted": (
        "未来 12 个月预期订单 {orders} × 平均金额 {value}(元) × 毛利率 {margin}",
        "expected orders in 12 months {orders} × average amount {value} (CNY) × margin {margin}",
    ),
    "clv_no_prediction": ("没有订单记录，无法预测", "no orders on record to predict from"),
    "history": (
        "首单距今 {age} 天，之后又购买 {frequency} 次，最近一次在首单后 {recency} 天",
        "first order {age} days ago, bought {frequency} times since, the last time {recency} days after it",
    ),
    "alive_once": ("只买过一次的客户，模型不判断是否已流失", "of a customer who bought once the model cannot tell"),
    "data_group": (
        "{means}(括号内：本群与全体平均的差距，单位为标准差)",
        "{means} (in brackets: the group against the average of all, in standard deviations)",
    ),
    "data_group_none": ("资料不全，没有分群", "data missing, so in no group"),
    "health": (
        "近 90 天订单和联系 {recent} 次，之前 90 天 {before} 次",
        "orders and contacts in the last 90 days: {recent}, in the 90 before: {before}",
    ),
    "silence": (
        "距上次购买 {days} 天；自己的购买间隔一般为 {median} 天，{share} 的间隔有这么长",
        "{days} days since the last purchase; usually buys every {median} days, and {share} of the gaps were as long",
    ),
    "silence_pooled": (
        "距上次购买 {days} 天；自己的购买太少，与全体客户比：间隔一般为 {median} 天，{share} 的间隔有这么长",
        "{days} days since the last purchase; with too few of its own, against all customers: they usually buy every"
        " {median} days, and {share} of the gaps were as long",
    ),
    "loss": (
        "流失可能性 {chance}({how})，面临流失金额 {chance} × {spend}",
        "chance of loss {chance} ({how}), money at stake {chance} × {spend}",
    ),
    "loss_modelled": ("1 − 存活概率", "1 − probability alive"),
    "loss_silent": ("1 − 这么长沉默的常见程度", "1 − how usual such a silence is"),
    "health_none": ("没有订单或联系记录", "no orders or contacts on record"),
    "join": ("；", "; "),
}
