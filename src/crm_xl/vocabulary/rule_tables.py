"""Tables of rules, on the sheet of parameters or one of their own."""

from __future__ import annotations

from .fields import Table, column

STRATEGIES = Table(
    "Strategies",
    "策略库",
    "Strategies",
    (
        column("system", "体系", "System", "choice"),
        column("tag", "标签", "Label", "label"),
        column("category", "类别", "Category", "choice"),
        column("department", "部门", "Department", "choice"),
        column("strategy", "策略", "Strategy"),
        column("budget", "预算", "Budget", "money", unit="yuan"),
        column("spent", "实际投入", "Spent", "money", unit="yuan"),
    ),
)

VALUE_TIERS = Table(
    "ValueTiers",
    "价值层级",
    "Value tiers",
    (
        column("lower", "下限", "Lower edge", "number"),
        column("label", "层级", "Tier", "label"),
        column("effective", "生效下限", "Edge in force", "number"),
        column("share", "份额(%)", "Share (%)", "number"),
    ),
)

ACTIVITY_RULES = Table(
    "ActivityRules",
    "活跃状态",
    "Activity",
    (
        column("months_since", "未合作月数≥", "Months without order ≥", "count"),
        column("monthly", "月均合作≥", "Orders per month ≥", "number"),
        column("label", "标签", "Label", "label"),
    ),
)

LIFECYCLE_RULES = Table(
    "LifecycleRules",
    "生命周期",
    "Lifecycle",
    (
        column("months_since", "未合作月数≥", "Months without order ≥", "count"),
        column("orders", "合作次数≥", "Orders ≥", "count"),
        column("label", "阶段", "Stage", "label"),
    ),
)

DEMAND_TYPES = Table(
    "DemandTypes",
    "需求类型",
    "Demand types",
    (
        column("value", "产品/服务偏好", "Preferred product/service"),
        column("label", "需求类型", "Demand type", "label"),
    ),
)

INDUSTRY_GROUPS = Table(
    "IndustryGroups",
    "行业分组",
    "Industry groups",
    (
        column("value", "所属行业", "Industry"),
        column("label", "行业分组", "Industry group", "label"),
    ),
)

NUMBER_BINS = Table(
    "NumberBins",
    "数值分组",
    "Number bins",
    (
        column("field", "列", "Column"),
        column("lower", "下限", "Lower edge", "number"),
        column("label", "分组", "Bin", "label"),
    ),
)

RFM_BREAKS = Table(
    "RfmBreaks",
    "RFM 固定分界",
    "RFM breaks",
    (
        column("measure", "指标(R/F/M)", "Measure (R/F/M)", "choice"),
        column("lower", "下限", "Lower edge", "number"),
        column("score", "得分", "Score", "count"),
    ),
)

RFM_CLASSES = Table(
    "RfmClasses",
    "RFM 类别规则",
    "RFM classes",
    (
        column("label", "类别", "Class", "label"),
        column("r_from", "R从", "R from", "count"),
        column("r_to", "R到", "R to", "count"),
        column("f_from", "F从", "F from", "count"),
        column("f_to", "F到", "F to", "count"),
        column("m_from", "M从", "M from", "count"),
        column("m_to", "M到", "M to", "count"),
    ),
)

INDICATORS = Table(
    "Indicators",
    "指标与权重",
    "Indicators",
    (
        column("dimension", "评估维度", "Dimension"),
        column("indicator", "指标", "Indicator"),
        column("weight", "权重(%)", "Weight (%)", "number"),
        column("reference", "参考区间", "Reference range"),
        column("data_source", "数据来源", "Data source"),
        column("remark", "说明", "Explanation"),
    ),
)

BANDS = Table(
    "Bands",
    "评分标准",
    "Bands",
    (
        column("indicator", "指标", "Indicator"),
        column("lower", "下限", "Lower edge", "number"),
        column("score", "得分", "Score", "number"),
        column("behaviour", "行为表现", "Behaviour"),
    ),
)

LEVELS = Table(
    "Levels",
    "客户关系等级",
    "Levels",
    (
        column("lower", "下限", "Lower edge", "number"),
        column("label", "等级", "Level", "label"),
    ),
)

GRADES = Table(
    "Grades",
    "大客户级别",
    "Account tiers",
    (
        column("lower", "下限", "Lower edge", "number"),
        column("label", "级别", "Tier", "label"),
    ),
)

HEALTH_RULES = Table(
    "HealthRules",
    "健康度",
    "Health",
    (
        column("drop", "下降≥", "Drop ≥", "ratio"),
        column("label", "标签", "Label", "label"),
    ),
)
