"""What the sheets of customer value and of cohorts say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

VALUE_SHEETS: dict[str, Pair] = {
    "value": ("客户价值分析", "Customer value"),
    "cohorts": ("客户留存分析", "Cohorts"),
}

VALUE_PURPOSES: dict[str, Pair] = {
    "value": (
        "客户还能带来多少钱(CLV)、消费集中在多少客户身上、哪些客户最值钱。",
        "What customers are still worth (CLV), how few of them make most of the spend, and who is worth most.",
    ),
    "cohorts": (
        "同一个月首次下单的客户，之后每个月还有多少在买、消费剩多少；多久会下第二单。",
        "Of the customers who first ordered in the same month, how many still buy in each month after, and how much;"
        " how long it takes to the second order.",
    ),
}

VALUE_TEXTS: dict[str, Pair] = {
    # value
    "value_title": ("客户价值分析", "Customer value"),
    "value_hint": (
        "CLV = 客户还能带来的毛利。看三件事：钱集中在谁身上、哪个群体最值钱、名单上的客户有没有人跟进。",
        "CLV = the margin that a customer will still bring. Look at three things: where the money comes from, which"
        " group is worth most, and whether the customers on the list are looked after.",
    ),
    "value_reading": (
        "年消费金额为空的客户不算在集中度内。基尼系数：0 = 每个客户消费一样多，1 = 全部消费来自一个客户。",
        "Customers without an annual spend do not count towards concentration. Gini: 0 = all customers spend the same,"
        " 1 = one customer spends it all.",
    ),
    "tile_clv": ("CLV 合计(万元)", "CLV in all (CNY 10k)"),
    "tile_clv_method": ("CLV 算法", "CLV method"),
    "tile_top_fifth": ("前 20% 客户的消费占比", "Spend of the top 20%"),
    "tile_makers": ("贡献 80% 消费的客户数", "Customers making 80%"),
    "tile_spenders": ("有年消费数据的客户数", "Customers with spend"),
    "tile_gini": ("基尼系数(0-1)", "Gini coefficient (0-1)"),
    "tile_expected": ("未来12个月预期订单数", "Orders expected, 12 months"),
    "chart_abc": ("A、B、C 类的消费占比", "Share of spend by ABC class"),
    "chart_pareto": ("前多少客户，占多少消费", "Share of spend of the top customers"),
    "chart_value_groups": ("各群体 CLV 合计(万元)", "CLV by group (CNY 10k)"),
    "chart_top_value": ("CLV 最高的客户(万元)", "Customers with the highest CLV (CNY 10k)"),
    "clv_switch": (
        "现在按简单算法(平均订单金额 × 年订单数 × 年数 × 毛利率)。要预测存活概率和未来订单，把“参数”里的“CLV 算法”改为“预测”，再刷新。",
        "CLV is the simple one now (average order × orders a year × years × margin). For the probability alive and the"
        " orders to come, set the CLV method on Parameters to Predictive, then refresh.",
    ),
    "clv_not_predicted": (
        "不能预测：{reason}。因此按简单算法。",
        "No prediction: {reason}. CLV is the simple one.",
    ),
    "clv_predicted": (
        "按订单记录预测未来 12 个月：{customers} 个客户有订单，其中 {repeating} 个在不止一天下过单。没有订单记录的客户不在内。",
        "The next 12 months, predicted from the order log: {customers} customers with orders, {repeating} of them on more"
        " than one day. Customers without orders on record are not in it.",
    ),
    "clv_own_amounts": (
        "各客户的订单金额相差太大(或太一致)，不适合金额模型，平均金额用客户自己的。",
        " Order amounts differ too much between customers (or too little) for the model of amounts, so each customer's"
        " own average stands for it.",
    ),
    # cohorts
    "cohorts_title": ("客户留存分析", "Cohorts"),
    "cohorts_hint": (
        "每行是同一个月首次下单的客户。横着看：过了几个月还剩多少；竖着看：新客户是不是一批比一批留得住。",
        "Each row is the customers who first ordered in that month. Read along a row how many are left after some months,"
        " down a column whether newer customers stay better than older ones.",
    ),
    "cohorts_begin": (
        "订单记录从 {month} 开始：更早就合作的客户，会被当成记录里第一个月的新客户。* = 这个月还没过完。",
        "The order log begins in {month}: customers from before look new in its first month. * = the month is not over.",
    ),
    "cohorts_none": ("没有购买记录，无法分析留存。", "There are no purchases on record, so nothing can be said of retention."),
    "cohort_retention": ("客户留存：当月下单的客户 ÷ 这批客户", "Customers retained: those who ordered in the month ÷ the cohort"),
    "cohort_revenue": ("消费留存：当月消费 ÷ 首月消费", "Revenue retained: revenue of the month ÷ that of the first month"),
    "cohort_corner": ("首单月份 ↓", "First order ↓"),
    "cohort_size": ("新客户", "New"),
    "cohort_months": ('"+"0;;"首月"', '"+"0;;"First"'),
    "chart_cohort_curve": ("首单后各月的平均留存", "Mean retention by month after the first order"),
    "chart_repeat": ("首单后多久下第二单", "Customers with a second order in time"),
    "repeat_within": ("{days} 天内", "within {days} days"),
    "tile_gap_median": ("下单间隔中位数(天)", "Median gap (days)"),
    "tile_gap_lower": ("四分之一的间隔不超过", "A quarter of gaps up to"),
    "tile_gap_upper": ("四分之三的间隔不超过", "3 quarters of gaps up to"),
    "tile_repeaters": ("至少下过两次单的客户", "Ordered at least twice"),
    "tile_buyers": ("下过单的客户", "Customers with orders"),
}  # fmt: skip

MODELS: dict[str, Pair] = {
    "orders": ("购买与流失(BG/NBD)", "Orders and drop-out (BG/NBD)"),
    "amounts": ("每次金额(Gamma-Gamma)", "Amounts (Gamma-Gamma)"),
}
"""Model of the prediction -> its name."""

PARAMETERS: dict[str, Pair] = {
    "r": ("客户之间购买频率有多接近：越大越接近", "how alike the customers' rates of ordering are: larger, more alike"),
    "alpha": ("单位：周；r ÷ alpha = 客户平均每周下单次数", "in weeks; r ÷ alpha = orders a week of a mean customer"),
    "a": (
        "a ÷ (a + b) = 每次购买后不再回来的平均概率",
        "a ÷ (a + b) = mean probability of staying away after an order",
    ),
    "b": ("与 a 合起来看：相对 a 越大，越不容易流失", "read with a: the larger against a, the fewer drop out"),
    "p": ("同一客户每次金额有多稳定：越大越稳定", "how steady the amounts of one customer are: larger, steadier"),
    "q": ("客户之间平均金额有多接近：越大越接近", "how alike the customers' mean amounts are: larger, more alike"),
    "v": ("单位：元；p × v ÷ (q − 1) = 全体平均每次金额", "in CNY; p × v ÷ (q − 1) = mean amount over all customers"),
    "log_likelihood": (
        "模型与数据的吻合程度，只能在同一批数据之间比较",
        "how well model and data agree; to be compared on the same data only",
    ),
    "customers": ("用来估计的客户数", "customers that it was estimated from"),
}
"""Parameter of a model -> what it means."""

PARAMETER_NAMES: dict[str, Pair] = {
    "log_likelihood": ("对数似然", "Log-likelihood"),
    "customers": ("客户数", "Customers"),
}
"""Those that have a name, not a letter."""
