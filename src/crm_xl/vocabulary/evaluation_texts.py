"""What the sheets of the evaluation say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

EVALUATION_SHEETS: dict[str, Pair] = {
    "indicators": ("指标与权重", "Indicators and weights"),
    "bands": ("评分标准", "Scoring bands"),
    "scores": ("客户评分", "Customer scores"),
    "evaluation": ("客户关系识别评估表", "Customer evaluation"),
    "level_plan": ("等级与策略", "Levels and strategies"),
    "calibration": ("模型校准", "Calibration"),
}

EVALUATION_PURPOSES: dict[str, Pair] = {
    "indicators": (
        "用哪些指标评价客户、各占多少权重。指标可以改，也可以增加：名称写成客户表里的列标题即可。",
        "Which indicators judge a customer and what each weighs. Change them or add your own: name it after a column"
        " of the customer table.",
    ),
    "bands": (
        "每个指标达到多少得几分。",
        "What earns how many points for each indicator.",
    ),
    "scores": (
        "每个客户每项指标的得分、综合得分、等级，离上一级差几分，先提升哪一项最有效。",
        "Every customer's score per indicator, total and level, how far the next level is and what lifts them most.",
    ),
    "evaluation": (
        "选一位客户，看每项得分怎样加成总分，升到上一级还差什么。可以打印成一页。",
        "Pick a customer: how each score adds to the total and what the next level takes. Prints on one page.",
    ),
    "level_plan": (
        "每个等级有多少客户、贡献多少、有什么特征、该怎么维护。负责人、时间和目标由您填写。",
        "How many customers each level has, what they bring, what they have in common and how to treat them."
        " Owner, date and goal are yours.",
    ),
    "calibration": (
        "每半年看一次：各等级的占比和流失率是否合理，权重改过什么。",
        "Every half-year: are the shares and churn of the levels plausible, and which weights were changed?",
    ),
}

EVALUATION_TEXTS: dict[str, Pair] = {
    # indicators
    "indicators_title": ("指标与权重", "Indicators and weights"),
    "indicators_hint": (
        "白色单元格可以改，改完刷新即生效。权重合计不是 100 时按比例折算。增加指标：名称写成客户表里的列标题，"
        "再到“评分标准”给它分档。",
        "Change any row, then refresh. Weights that do not add up to 100 are scaled. To add an indicator, name it after"
        " a column of the customer table and give it bands on the next sheet.",
    ),
    "indicators_total": ("权重合计(%)", "Sum of weights (%)"),
    "indicators_total_right": ("合计为 100", "Adds up to 100"),
    "indicators_total_wrong": ("合计不是 100，按比例折算", "Not 100: scaled"),
    "chart_weights": ("各维度权重(%)", "Weights by dimension (%)"),
    # bands
    "bands_title": ("评分标准", "Scoring bands"),
    "bands_hint": (
        "达到“下限”(含)就得这一分；下限空白 = 其余全部。越少越好的指标(如投诉次数)下限写从几开始扣分。",
        "From its lower edge on (included) a value earns the score; an empty edge means all the rest. Where less is"
        " better, such as complaints, higher edges earn less.",
    ),
    # scores
    "scores_title": ("客户评分", "Customer scores"),
    "scores_hint": (
        "每项 1-5 分，空白 = 没有数据。综合得分 = Σ(得分×权重) ÷ Σ(有数据的权重) × 20。点标题上的筛选按钮可以排序。"
        "自己加的指标：在表里加一列同名的列就能看到得分。",
        "1 to 5 points each, blank = no data. Total = Σ(score × weight) ÷ Σ(weights with data) × 20. Sort with the"
        " filter buttons. To see an indicator of your own, add a column with its name.",
    ),
    "chart_scores": ("综合得分分布(客户数)", "Distribution of total scores (customers)"),
    "no_score": ("无得分", "No score"),
    "below": ("{high} 以下", "Below {high}"),
    # advice
    "advice_reach": ("：升到 ", ": reach "),
    "advice_band": ("升一档", "the next band"),
    "advice_points": ("，可加 ", ", +"),
    "advice_points_end": (" 分", " points"),
    "advice_top": ("各项指标都已是最高分", "Every indicator has its top score"),
    "advice_data": ("完整度不到 60%，先补充没有得分的指标", "Under 60% complete: first fill in what has no score"),
    # evaluation
    "evaluation_title": ("客户关系识别评估表", "Customer evaluation"),
    "evaluation_hint": (
        "在浅黄色的格子里选客户编号，也可以直接填客户名称。改了权重、评分标准或客户数据，请先刷新。",
        "Choose a customer ID in the yellow cell, or type a name. After changes of customer data or bands, refresh"
        " first.",
    ),
    "evaluation_pick": ("客户编号", "Customer ID"),
    "evaluation_name": ("客户名称", "Customer"),
    "evaluation_unknown": ("没有这个客户", "No such customer"),
    "evaluation_total": ("综合得分", "Total score"),
    "evaluation_level": ("客户关系等级", "Level"),
    "evaluation_complete": ("完整度", "Completeness"),
    "evaluation_gap": ("距下一级(分)", "To next level"),
    "evaluation_top": ("已是最高级", "Top level"),
    "evaluation_check": ("核对得分", "Checked score"),
    "evaluation_agrees": ("一致", "Agrees"),
    "evaluation_differs": ("不一致，请刷新", "Differs: refresh"),
    "evaluation_lift": ("最有效的提升", "What lifts most"),
    "evaluation_strategy": ("建议策略", "Suggested strategy"),
    "evaluation_dimension": ("评估维度", "Dimension"),
    "evaluation_indicator": ("具体指标", "Indicator"),
    "evaluation_source": ("数据来源", "Data source"),
    "evaluation_score": ("指标得分(1-5分)", "Score (1-5)"),
    "evaluation_weight": ("权重(%)", "Weight (%)"),
    "evaluation_points": ("加权得分", "Weighted score"),
    "evaluation_gain": ("升一档可加分", "Points for one band up"),
    "evaluation_condition": ("升一档的条件", "What one band up takes"),
    "evaluation_sum": ("合计", "Total"),
    "evaluation_no_column": ("无此列", "No column"),
    "evaluation_add_column": (
        "请在“客户评分”表右边加一列同名的列，再刷新",
        "Add a column of this name to the table of scores, then refresh",
    ),
    "evaluation_too_many": ("本表最多显示 20 个指标，其余未显示", "This page shows 20 indicators; there are more"),
    "evaluation_broken": (
        "指标、评分标准或等级表里有错误，改正后再刷新",
        "There is a mistake in the indicators, bands or levels: correct it, then refresh",
    ),
    "chart_dimensions": ("各维度得分(1-5)", "Score by dimension (1-5)"),
    # levels
    "level_plan_title": ("等级与策略", "Levels and strategies"),
    "level_plan_hint": (
        "绿色的列由分析给出；负责人、执行时间、预期目标请您填写，刷新时会跟着等级保留。等级的分数线在“参数”里改。",
        "The analysis fills the green columns. Owner, date and expected result are yours and stay with their level."
        " The edges of the levels are on Parameters.",
    ),
    "chart_levels": ("各等级客户数", "Customers per level"),
    "chart_level_spend": ("各等级年消费总额(万元)", "Annual spend per level (CNY 10k)"),
    # calibration
    "calibration_title": ("模型校准", "Calibration"),
    "calibration_hint": (
        "建议每半年检查一次：核心客户的占比、各等级的流失率是否合理，需要时到“指标与权重”“评分标准”里调整。",
        "Check every half-year whether the share of core customers and the churn of each level are plausible; if not,"
        " adjust the indicators and bands.",
    ),
    "calibration_last": ("上次校准依据的快照", "Snapshot of the last calibration"),
    "calibration_next": ("下次校准日期", "Next calibration"),
    "calibration_state": ("状态", "Status"),
    "calibration_due": ("已到期，请校准", "Due now"),
    "calibration_waiting": ("未到期", "Not due yet"),
    "calibration_levels": ("各等级的占比与流失率", "Shares and churn of the levels"),
    "calibration_weights": (
        "权重调整记录(原权重空白 = 开始记录；原因请您填写)",
        "Changes of weights (no old weight = start of the record; the reason is yours)",
    ),
    "half_1": ("{year}年上半年", "{year} H1"),
    "half_2": ("{year}年下半年", "{year} H2"),
}

LEVEL_TRAITS: dict[str, Pair] = {
    "tier_1": ("高价值、高忠诚度", "High value, high loyalty"),
    "tier_2": ("价值中等、增长潜力大", "Medium value, much room to grow"),
    "tier_3": ("价值稳定、无显著增长", "Steady value, little growth"),
    "tier_4": ("价值低、流失风险高", "Low value, high risk of loss"),
    "level_deep": ("合作深、忠诚度高", "Deep cooperation, high loyalty"),
    "level_regular": ("合作稳定、有增购空间", "Steady cooperation, room for more"),
    "level_possible": ("合作浅、需要培育", "Little cooperation so far, to be developed"),
    "level_leaving": ("互动减少、有流失迹象", "Less and less contact, signs of leaving"),
    "incomplete": ("数据不足，暂不定级", "Too little data for a level"),
}
"""Label of a built-in level -> what the documents say of such customers."""
