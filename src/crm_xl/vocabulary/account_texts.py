"""What the sheets of key accounts and of the case analysis say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

ACCOUNT_SHEETS: dict[str, Pair] = {
    "criteria": ("分级标准", "Account criteria"),
    "accounts": ("分级结果", "Graded accounts"),
    "grade_changes": ("分级变动", "Tier changes"),
    "need_summary": ("需求汇总", "Needs summary"),
    "satisfaction": ("满意度与投诉分析", "Satisfaction and complaints"),
    "questionnaire": ("满意度问卷", "Questionnaire"),
    "loyalty": ("积分", "Loyalty points"),
    "case": ("客户案例", "Customer case"),
    "improvements": ("持续改进", "Improvements"),
}

ACCOUNT_PURPOSES: dict[str, Pair] = {
    "criteria": (
        "按哪些标准给大客户分级、各占多少权重、多少算几分、多少分是哪一级。改完刷新即生效。",
        "What makes a key account: criteria, weights, bands and tiers. Change them and refresh.",
    ),
    "accounts": (
        "每个客户的大客户得分和级别，与上次相比升了还是降了，该怎么维护。",
        "Every customer's account score and tier, how it moved since the last time, and what to do.",
    ),
    "grade_changes": (
        "这次刷新有哪些客户升级、降级，主要原因是什么。",
        "Who moved up or down at this refresh, and the main reason.",
    ),
    "need_summary": (
        "客户要什么、还有多少没满足，在意价格还是质量。",
        "What customers need, how much of it is still unmet, and whether price or quality counts.",
    ),
    "needs": (
        "每一条客户需求：类别、敏感点、优先级和状态。由您填写。",
        "Every need of a customer: kind, sensitivity, priority and status. Yours to fill in.",
    ),
    "complaints": (
        "每一次投诉：原因、处理人、状态和处理时长。由您填写，投诉次数由它算出。",
        "Every complaint: cause, handler, status and handling time. Complaints per customer are counted from here.",
    ),
    "surveys": (
        "每一份问卷、访谈或在线评价一行。客户的满意度由最近一次算出。",
        "One row for each questionnaire, interview or online review. A customer's satisfaction is the latest one.",
    ),
    "satisfaction": (
        "近12个月的满意度、CSAT、NPS，按来源和群体比较，按季度看变化；投诉都因为什么，处理得多快；还有多少负面反馈没处理。",
        "Satisfaction, CSAT and NPS of the last 12 months by source and segment, and by quarter; why customers complain"
        " and how fast it is handled; negative feedback still open.",
    ),
    "questionnaire": (
        "一页满意度问卷，打印或发给客户；收回后把答案填到“满意度调查”。",
        "A one-page questionnaire to print or send. Type the answers into Surveys.",
    ),
    "loyalty": (
        "左边记每一次积分增减，余额刷新时算好；右边是每个客户现在有多少分。",
        "Points given and redeemed on the left, the balance filled by a refresh; what each customer has on the right.",
    ),
    "case": (
        "选一位客户，一页看全：背景、需求、价值、该用的策略、最近的订单和联系、效果。",
        "Pick a customer: background, needs, value, strategies, latest orders and contacts, and results on one page.",
    ),
    "improvements": (
        "客户反馈和内部培训带来的改进：做了什么、谁负责、结果怎样。由您填写。",
        "Improvements from feedback and training: what was done, by whom, with what result. Yours to fill in.",
    ),
}

ACCOUNT_CHOICES: dict[tuple[str, str], tuple[Pair, ...]] = {
    ("Customers", "key_account"): (("是", "Yes"), ("否", "No")),
    ("Improvements", "improvement_kind"): (
        ("客户反馈", "Customer feedback"), ("内部培训", "Training"), ("流程优化", "Process"),
    ),
}  # fmt: skip

ACCOUNT_TEXTS: dict[str, Pair] = {
    # criteria
    "criteria_title": ("大客户分级标准", "Criteria of key accounts"),
    "criteria_hint": (
        "得分 = Σ(单项得分 × 权重) ÷ Σ(有数据的权重) × 20，满分 100。可以加一行：标准写客户表里的列标题，"
        "再给它评分标准；没有评分标准的按 1-5 分计。",
        "Score = Σ(points × weight) ÷ Σ(weights with data) × 20, at most 100. To add a criterion, name it after a column"
        " of the customer table and give it bands; without bands its cells count as points from 1 to 5.",
    ),
    "criteria_total": ("权重合计(%)", "Sum of weights (%)"),
    "criteria_wrong": ("合计不是 100，按比例折算", "Not 100: scaled"),
    "criteria_right": ("合计为 100", "Adds up to 100"),
    "criteria_bands": ("评分标准：达到下限得几分", "Bands: points from a lower edge on"),
    "criteria_grades": ("分级：得分达到下限为该级", "Tiers: from a lower edge of the score on"),
    "criteria_weights": ("标准与权重", "Criteria and weights"),
    # accounts
    "accounts_title": ("大客户分级结果", "Graded accounts"),
    "accounts_hint": (
        "按得分从高到低。最高两级默认算大客户；在客户表的“是否大客户”里填是或否，以您填的为准。",
        "Highest score first. The two best tiers are key accounts, unless you say Yes or No in the customer table.",
    ),
    "accounts_key": ("大客户数", "Key accounts"),
    "accounts_share": ("大客户消费占比", "Share of spend"),
    "accounts_up": ("本次升级", "Moved up"),
    "accounts_down": ("本次降级", "Moved down"),
    "chart_grades": ("各级客户数", "Customers per tier"),
    "chart_grade_spend": ("各级年消费总额(万元)", "Annual spend per tier (CNY 10k)"),
    "grade_counts_heading": ("级别分布", "Accounts per tier"),
    # changes
    "changes_title": ("分级变动", "Changes of tier"),
    "changes_hint": (
        "与上一个分析日期的快照相比。降级排在最前，请先看原因，再联系客户。",
        "Compared with the snapshot of the date before. Moves down come first: read the reason, then call.",
    ),
    "reason_revenue": ("年消费 {before} → {now} {unit}", "annual spend {before} → {now} {unit}"),
    "reason_tenure": ("合作满 {now} 年", "{now} years of business"),
    "reason_new": ("首次评级", "graded for the first time"),
    "reason_lost": ("评分资料不足", "too few data for a score"),
    "reason_ratings": ("评分或分级标准有调整", "ratings or criteria were changed"),
    # needs
    "needs_title": ("需求汇总", "Needs summary"),
    "needs_hint": (
        "来自“需求分析”里到分析日期为止的全部需求，刷新时更新。",
        "All needs on the sheet Needs up to the as-of date, updated by a refresh.",
    ),
    "chart_need_kinds": ("各类需求数", "Needs by kind"),
    "chart_sensitivity": ("价格敏感与质量敏感", "Sensitive to price or quality"),
    "no_answer": ("未填写", "Not stated"),
    # satisfaction
    "satisfaction_title": ("满意度与投诉分析", "Satisfaction and complaints"),
    "satisfaction_hint": (
        "近12个月；未处理、未解决的不限时间。CSAT = 4-5 分的占比；NPS = 推荐者(9-10 分)占比 − 贬损者(0-6 分)占比；低分 = 1-2 分。",
        "Last 12 months; what is open counts whatever its age. CSAT = share of 4-5; NPS = % of 9-10 minus % of 0-6; low = 1-2.",
    ),
    "satisfaction_margin": (
        "NPS 误差：如果问遍所有客户，有 95% 的把握 NPS 落在 ± 误差之内；相差不到误差就别当回事。答卷只有几份时误差会偏小(意见一致时是 0)，不可信。",
        "NPS margin: had all customers been asked, the NPS would be within ± the margin with 95% certainty; differences"
        " smaller than it say nothing. With a handful of answers it is too narrow (0 where they agree): do not trust it.",
    ),
    "tile_satisfaction": ("平均满意度(1-5)", "Satisfaction (1-5)"),
    "tile_csat": ("CSAT", "CSAT"),
    "tile_nps": ("NPS", "NPS"),
    "tile_nps_margin": ("NPS 误差", "NPS margin"),
    "tile_negative": ("未处理负面反馈", "Open negative"),
    "tile_complaints": ("近12个月投诉", "Complaints"),
    "tile_open": ("未解决投诉", "Open complaints"),
    "chart_questions": ("各项平均分", "Average by question"),
    "chart_sources": ("各来源平均满意度", "Satisfaction by source"),
    "chart_causes": ("投诉原因", "Causes of complaints"),
    "chart_voice_groups": ("各群体平均满意度", "Satisfaction by segment"),
    "chart_voice_trend": ("各季度平均满意度", "Satisfaction by quarter"),
    "unknown_customers": ("客户表里没有", "Not in the customer table"),
    "all_sources": ("全部", "All"),
    # questionnaire
    "form_title": ("客户满意度调查问卷", "Customer satisfaction survey"),
    "form_thanks": (
        "感谢您选择我们。请用两分钟告诉我们哪里做得好、哪里该改，您的意见会直接交给负责人处理。",
        "Thank you for working with us. Two minutes of your time tell us what is good and what we must improve.",
    ),
    "form_company": ("公司名称", "Company"),
    "form_person": ("填写人 / 职位", "Name / position"),
    "form_date": ("日期", "Date"),
    "form_number": ("客户编号", "Customer ID"),
    "form_rate": (
        "一、请打分：在对应的格子里打“√”",
        "1  Please rate us: tick one box in each line",
    ),
    "form_scale_1": ("很不满意\n1", "Very poor\n1"),
    "form_scale_2": ("不满意\n2", "Poor\n2"),
    "form_scale_3": ("一般\n3", "Fair\n3"),
    "form_scale_4": ("满意\n4", "Good\n4"),
    "form_scale_5": ("很满意\n5", "Very good\n5"),
    "form_product": ("产品质量：稳定、耐用、符合约定", "Product quality: reliable and as agreed"),
    "form_service": ("服务响应：找得到人，问题解决得快", "Service response: quick and helpful"),
    "form_experience": ("客户体验：下单、交付、对账顺畅", "Experience: ordering, delivery, billing"),
    "form_overall": ("总体满意度", "Overall satisfaction"),
    "form_recommend": (
        "二、您有多大可能向同行推荐我们？请圈出一个数字(0 = 绝不，10 = 一定会)",
        "2  How likely are you to recommend us? Circle one number (0 = never, 10 = certainly)",
    ),
    "form_need": (
        "三、您最看重什么？(可多选)    □ 价格    □ 质量    □ 交期    □ 售后    □ 其他：____________",
        "3  What matters most to you?    □ Price    □ Quality    □ Delivery    □ Service    □ Other: ____________",
    ),
    "form_best": ("四、我们哪一点做得最好？", "4  What do we do best?"),
    "form_worst": ("五、您希望我们先改进什么？", "5  What should we improve first?"),
    "form_call": (
        "六、是否愿意我们就此与您联系？    □ 愿意，电话：____________________    □ 不用",
        "6  May we call you about it?    □ Yes, phone: ____________________    □ No",
    ),
    "form_return": (
        "填好后请交给您的客户经理。内部使用：客户编号、来源(问卷)和答案录入“满意度调查”表。",
        "Please return this page to your account manager. Internal: enter ID, source and answers on the sheet Surveys.",
    ),
    # case
    "case_title": ("客户管理案例分析", "Customer case analysis"),
    "case_hint": (
        "在浅黄色的格子里选客户编号，或直接输入客户名称，整页马上换成这位客户，不需要加载项。可打印成一页 A4。",
        "Pick a customer ID in the yellow cell, or type a name: the page changes at once, no add-in needed. Prints on"
        " one A4 page.",
    ),
    "case_pick": ("选择客户", "Customer"),
    "case_unknown": ("没有这个客户", "No such customer"),
    "case_background": ("一、客户背景", "1  Background"),
    "case_needs": ("最近的需求", "Latest needs"),
    "case_value": ("二、价值评估", "2  Value"),
    "case_management": ("三、管理策略", "3  Strategies"),
    "case_strategies": (
        "按沟通、服务、营销列出这位客户各个标签的策略(在“策略库”里修改)",
        "For all labels of this customer: communication, service, marketing (edit them on Strategies)",
    ),
    "case_effect": ("四、效果评估", "4  Results"),
    "case_trend": ("历次分析", "Past analyses"),
    "case_trend_chart": ("年消费金额(万元)", "Annual spend (CNY 10k)"),
    "case_orders": ("最近的订单明细", "Latest order lines"),
    "case_contacts": ("最近的联系", "Latest contacts"),
    "case_surveys": ("最近的满意度反馈", "Latest survey answers"),
    "case_complaints": ("最近的投诉", "Latest complaints"),
    "case_interval": ("平均下单间隔(天)", "Days between orders"),
    "case_days": ("距上次下单(天)", "Days since last order"),
    "case_points": ("积分余额", "Points"),
    # loyalty
    "balances_heading": ("积分余额", "Points per customer"),
}
