"""The named cells of the parameter sheet: what they set, and how their choices read."""

from __future__ import annotations

NAMES: dict[str, tuple[str, str]] = {
    "AsOf": ("as_of", "date"),
    "Lang": ("lang", "lang"),
    "AmountUnit": ("unit", "unit"),
    "FormulaForm": ("form", "form"),
    "Dimension1": ("dimensions", "dimension"),
    "Dimension2": ("dimensions", "dimension"),
    "Dimension3": ("dimensions", "dimension"),
    "ValueMethod": ("value_method", "value_method"),
    "SpendMonths": ("spend_months", "number"),
    "OrdersMonths": ("orders_months", "number"),
    "RfmMonths": ("rfm_months", "number"),
    "RfmBins": ("rfm_bins", "bins"),
    "RfmScheme": ("rfm_scheme", "scheme"),
    "LogCovers": ("log_covers", "log_covers"),
    "ClvYears": ("clv_years", "number"),
    "ClvMargin": ("clv_margin", "number"),
    "ClvRate": ("clv_rate", "number"),
    "ClvMethod": ("clv_method", "clv_method"),
    "BacktestMonths": ("backtest_months", "number"),
    "DataGroups": ("data_groups", "switch"),
    "HistoryRows": ("history_rows", "number"),
    "TaskLimit": ("task_limit", "number"),
    "CareDays": ("care_days", "number"),
}
"""Named cell -> (setting, kind of value)."""

SHEET_SETTINGS: dict[str, str] = {
    "ClvMethod": "value",
    "BacktestMonths": "risk",
    "DataGroups": "clusters",
    "TaskLimit": "tasks",
    "CareDays": "care",
}
"""Named cell -> the sheet without which a template does not need it."""

CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "lang": {"zh": ("zh", "zh", "中文"), "en": ("en", "en", "English")},
    "unit": {"wan": ("万元", "CNY 10k", "万"), "yuan": ("元", "CNY")},
    "form": {
        "auto": ("自动", "Automatic"),
        "row": ("逐行公式", "Row formulas"),
        "spill": ("整列公式", "Column formulas"),
        "values": ("数值", "Values"),
    },
    "value_method": {
        "thresholds": ("固定金额", "Fixed amounts"),
        "shares": ("按占比", "Shares"),
    },
    "bins": {"breaks": ("固定分界", "Fixed breaks")},
    "scheme": {
        "five": ("五类", "Five classes"),
        "eight": ("八类", "Eight classes"),
        "eight_mean": ("八类(均值)", "Eight classes (means)"),
        "ten": ("十类", "Ten classes"),
    },
    "clv_method": {"simple": ("简单", "Simple"), "predictive": ("预测", "Predictive")},
    "switch": {"on": ("开", "On", "是", "Yes"), "off": ("关", "Off", "否", "No")},
    "log_covers": {
        "auto": ("自动", "Automatic"),
        "all": ("全部", "All"),
        "part": ("部分", "Part"),
    },
}
"""Choice -> its text in zh and en, then other spellings that are understood."""

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "value": ("价值", "Value", "价值层级", "价值维度"),
    "activity": ("活跃", "Activity", "活跃状态", "行为", "行为维度"),
    "demand": ("需求", "Demand", "需求维度", "需求类型"),
    "industry": ("行业", "Industry", "行业维度", "所属行业"),
    "region": ("区域", "Region"),
    "company_size": ("规模", "Company size"),
    "source": ("客户来源", "Source"),
    "age": ("年龄", "Age"),
    "rfm_class": ("RFM 类别", "RFM class", "RFM"),
    "level": ("客户关系等级", "Customer level"),
    "lifecycle": ("生命周期", "Lifecycle", "生命周期阶段"),
}
"""Built-in segment dimensions and how they read; any other column goes by its header."""

EXPLANATIONS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "AsOf": (("分析日期", "As-of date"),
             ("所有天数和月数都算到这一天；刷新时更新", "All days and months count up to this day; set by refresh")),
    "Lang": (("语言", "Language"), ("zh 或 en，由模板决定", "zh or en, set by the template")),
    "AmountUnit": (("金额单位", "Amount unit"),
                   ("客户金额的单位，由模板决定", "Unit of customer amounts, set by the template")),
    "FormulaForm": (("结果形式", "Form of results"),
                    ("自动：200 个客户以内逐行公式，以上整列公式；数值：发给没有加载项的人",
                     "Automatic: row formulas up to 200 customers, column formulas above; values: for"
                     " people without the add-in")),
    "Dimension1": (("细分维度 1", "Dimension 1"), ("标签由 1-3 个维度组成", "The tag joins 1 to 3 dimensions")),
    "Dimension2": (("细分维度 2", "Dimension 2"), ("可留空", "May stay empty")),
    "Dimension3": (("细分维度 3", "Dimension 3"), ("可留空", "May stay empty")),
    "ValueMethod": (("价值分层方法", "Value method"),
                    ("固定金额：按“下限”；按占比：按“份额(%)”由刷新算出生效下限",
                     "Fixed amounts: by lower edge; shares: refresh turns the shares into edges")),
    "SpendMonths": (("年消费月数", "Months of annual spend"),
                    ("年消费金额统计的月数", "Months that annual spend covers")),
    "OrdersMonths": (("月均合作月数", "Months of monthly orders"),
                     ("月均合作次数统计的月数", "Months that orders per month covers")),
    "RfmMonths": (("RFM 统计月数", "Months of RFM"),
                  ("F 和 M 统计的月数，0 = 全部", "Months that F and M cover, 0 = all")),
    "RfmBins": (("RFM 分档", "RFM bins"),
                ("分位档数(默认 5)，或写“固定分界”使用 RFM 固定分界表",
                 "Number of quantile bins (default 5), or 'Fixed breaks' for the break table")),
    "RfmScheme": (("RFM 分类", "RFM scheme"),
                  ("五类(可在 RFM 类别规则表中修改)、八类、八类(均值)、十类",
                   "Five (rules in the RFM class table), eight, eight by means, ten")),
    "LogCovers": (("订单覆盖范围", "Order log covers"),
                  ("自动：按首次合作时间判断；全部；部分：保留手工填写的次数和金额",
                   "Automatic: judged by the first order; all; part: typed counts and amounts stay")),
    "ClvYears": (("CLV 年数", "CLV years"), ("客户生命周期价值计算的年数", "Years that CLV covers")),
    "ClvMargin": (("CLV 默认毛利率", "CLV default margin"),
                  ("客户没有毛利率时使用", "Used where a customer has no margin")),
    "ClvRate": (("CLV 折现率", "CLV discount rate"), ("0 = 不折现", "0 = not discounted")),
    "ClvMethod": (("CLV 算法", "CLV method"),
                  ("简单：按年数和毛利率；预测：由订单记录推算存活概率和未来 12 个月的订单",
                   "Simple: by years and margin; predictive: orders of the next 12 months, from the order log")),
    "BacktestMonths": (("回测月数", "Months of the back-test"),
                       ("用这么多个月以前的数据预警，再看后来是否真的流失",
                        "Warnings as of so many months ago are held against what then happened")),
    "DataGroups": (("数据分群", "Groups from the data"),
                   ("开：让数据自己分群(需要安装 crm-xl[groups])",
                    "On: let the data form groups (needs crm-xl[groups])")),
    "HistoryRows": (("历史快照行数上限", "History row limit"),
                    ("超过后较早的快照只保留月末", "Beyond it, older snapshots keep month ends only")),
    "TaskLimit": (("每次提议任务数", "Tasks proposed at most"),
                  ("一个分析日期最多提议多少个新任务，0 = 不提议", "New tasks for one as-of date at most; 0 = none")),
    "CareDays": (("关怀日历天数", "Days of the care calendar"),
                 ("关怀日历向后看多少天", "How many days the care calendar looks ahead")),
}  # fmt: skip
"""Named cell -> ((label zh, en), (explanation zh, en))."""
