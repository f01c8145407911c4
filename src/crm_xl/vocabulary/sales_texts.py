"""What the sheets of the sales strategy and the dashboard say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

SALES_SHEETS: dict[str, Pair] = {
    "dashboard": ("KPI 看板", "Dashboard"),
    "rfm": ("RFM 分层", "RFM classes"),
    "portrait": ("画像与需求矩阵", "Portraits and needs"),
    "sales_plan": ("销售策略", "Sales strategy"),
    "needs_trend": ("需求趋势", "Trend of needs"),
    "figures": ("看板数据", "Dashboard data"),
}

SALES_PURPOSES: dict[str, Pair] = {
    "dashboard": (
        "一屏看全：关键数字、各群体、目标进度，以及最该抢救的十位客户。",
        "Everything on one screen: key figures, groups, targets, and the ten customers to save first.",
    ),
    "rfm": (
        "按多久没买、买得多勤、花了多少给客户分层，看每一层有多少人、贡献多少。",
        "Customers by how recently, how often and how much they buy: the size and share of each class.",
    ),
    "portrait": (
        "每一类客户和每个行业长什么样、要什么、谁拍板、在意价格还是质量。",
        "What each class and industry looks like, needs, decides by and is sensitive to.",
    ),
    "needs_trend": (
        "客户的需求一个季度一个季度怎样变化。",
        "How the needs of customers change from quarter to quarter.",
    ),
    "sales_plan": (
        "每一类客户的目标、措施、负责人和资源。绿色的列由分析给出，其余由您修改，刷新不会覆盖。",
        "Goal, measures, owner and resources for each class. Blue columns are yours: a refresh keeps them.",
    ),
    "figures": (
        "看板图表用的小表和风险最大的十位客户，一般不用改。",
        "Small tables behind the dashboard's charts, and the ten customers most at stake. Leave it alone.",
    ),
}

SALES_TEXTS: dict[str, Pair] = {
    # rfm
    "rfm_title": ("RFM 分层", "RFM classes"),
    "rfm_hint": (
        "R = 多久没买，F = 买得多勤，M = 花了多少，各按 1-5 打分，分数越高越好。分层规则在“参数”里。",
        "R = how recently, F = how often, M = how much; each scored 1-5, higher is better. Rules are on Parameters.",
    ),
    "chart_rfm": ("各类客户数", "Customers per class"),
    "heat_customers": (
        "客户热力图：多久没买 × 买得多勤(客户数)",
        "Heat map: how recently × how often (customers)",
    ),
    "heat_spend": (
        "消费热力图：多久没买 × 买得多勤，年消费(万元)",
        "Heat map: how recently × how often, annual spend (CNY 10k)",
    ),
    "heat_corner": ("R ↓   F →", "R ↓   F →"),
    "heat_total": ("合计", "Total"),
    "heat_r_best": ("刚买过", "just bought"),
    "heat_r_worst": ("很久没买", "long ago"),
    "heat_f_best": ("最勤", "often"),
    "heat_f_worst": ("最少", "rarely"),
    "heat_reading_top": (
        "右上：最好的客户，重点维护。左上：刚来的新客户，促成第二单。",
        "Top right: your best, look after them. Top left: new, win a second order.",
    ),
    "heat_reading_bottom": (
        "右下：以前常买、很久没来，先去挽回。左下：基本流失。",
        "Bottom right: used to buy often, win them back first. Bottom left: mostly lost.",
    ),
    # portrait
    "portrait_title": ("客户画像与需求矩阵", "Customer portraits and needs"),
    "portrait_hint": (
        "每个 RFM 类别和每个行业一行。“决策因素”已预填，请按您的了解修改，刷新会保留。",
        "One row per RFM class and industry. Decision factors are a start: change them, a refresh keeps your text.",
    ),
    "needs_trend_title": ("需求趋势", "Trend of needs"),
    "needs_trend_hint": (
        "按日期归入季度，来自“需求分析”的记录，刷新时更新。",
        "By the quarter of their date, from the records of needs; updated by a refresh.",
    ),
    "chart_needs": ("需求趋势(条数)", "Trend of needs"),
    "portrait_rfm": ("RFM 类别", "RFM class"),
    "portrait_industry": ("行业", "Industry"),
    "counted": ("{name} {count}", "{name} {count}"),
    "counted_join": ("、", ", "),
    # sales plan
    "sales_plan_title": ("分层销售策略", "Sales strategy by class"),
    "sales_plan_hint": (
        "措施来自“策略库”(体系 rfm)。目标、负责人、资源已预填，可以直接改；刷新只补新出现的类别。",
        "Measures come from the sheet Strategies (system rfm). Goal, owner and resources are a start: change them;"
        " a refresh fills in new classes only.",
    ),
    # figures
    "figures_title": ("看板数据", "Dashboard data"),
    "figures_hint": (
        "看板的图表和名单从这里取数，刷新时更新。",
        "Charts and lists of the dashboard draw on these tables. Updated by a refresh.",
    ),
    "key_figures_heading": ("关键数字", "Key figures"),
    "groups_heading": ("消费最多的群体", "Groups with the largest spend"),
    "funnel_heading": ("生命周期漏斗", "Lifecycle funnel"),
    "risk_heading": ("风险客户：按年消费金额，前 10 名", "Customers at risk: the ten with the largest spend"),
    # dashboard
    "dashboard_title": ("KPI 看板", "Dashboard"),
    "dashboard_as_of": ("截至", "As of"),
    "dash_customers": ("客户总数", "Customers"),
    "dash_active": ("活跃客户", "Active"),
    "dash_spend": ("年消费总额(万元)", "Spend (CNY 10k)"),
    "dash_repurchase": ("复购率", "Repeat rate"),
    "dash_churn": ("流失率", "Churn rate"),
    "dash_average_order": ("客单价(万元)", "Average order (CNY 10k)"),
    "dash_at_risk": ("风险客户数", "At risk"),
    "dash_money_at_risk": ("风险金额(万元)", "At stake (CNY 10k)"),
    "dash_groups": ("各群体客户数", "Customers per group"),
    "dash_group_spend": ("各群体年消费(万元)", "Spend per group (CNY 10k)"),
    "dash_heat": ("RFM 热力图：多久没买 × 买得多勤(客户数)", "RFM heat map: how recently × how often (customers)"),
    "dash_funnel": ("生命周期漏斗(客户数)", "Lifecycle funnel (customers)"),
    "dash_levels": ("客户关系等级(客户数)", "Customer levels (customers)"),
    "dash_classes": ("RFM 类别(客户数)", "RFM classes (customers)"),
    "dash_targets": ("目标完成度", "Progress of targets"),
    "dash_trend": ("活跃、沉睡、流失客户数", "Active, dormant and lost customers"),
    "dash_risk": ("最该抢救的 10 位客户(按年消费金额)", "The ten customers to save first (by annual spend)"),
    "dash_stake": ("年消费(万元)", "Spend (CNY 10k)"),
}
