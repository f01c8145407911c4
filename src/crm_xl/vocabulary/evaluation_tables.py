"""Tables of the evaluation of customers: scores, levels, calibration of the model."""

from __future__ import annotations

from .fields import Field, Table, column
from .indicators import INDICATOR_TEXTS
from .records import CUSTOMER_ID

SCORES = Table(
    "Scores",
    "客户评分",
    "Customer scores",
    (
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        # headed like the indicator itself, so an amount names its unit
        *(
            column(i.key, i.zh, i.en, "money", unit="wan") if i.money else column(i.key, i.zh, i.en, "rating")
            for i in INDICATOR_TEXTS
        ),
        column("score", "综合得分", "Weighted score", "number"),
        column("completeness", "完整度", "Completeness", "ratio"),
        column("level", "客户关系等级", "Customer level", "label"),
        column("gap", "距下一级(分)", "Points to next level", "number"),
        column("advice", "提升建议", "How to rise"),
    ),
    key="customer_id",
    computed=True,
)

LEVEL_PLAN = Table(
    "LevelPlan",
    "等级与策略",
    "Levels and strategies",
    (
        column("level", "客户关系等级", "Customer level", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
        column("traits", "核心特征", "Core traits"),
        column("strategy", "差异化策略建议", "Suggested strategy", "label"),
        column("owner", "负责人", "Owner", group="user"),
        column("schedule", "执行时间", "When", group="user"),
        column("expected", "预期目标", "Expected result", group="user"),
    ),
    key="level",
    computed=True,
)

SCORE_BANDS = Table(
    "ScoreBands",
    "得分分布",
    "Distribution of scores",
    (
        column("span", "综合得分", "Weighted score", "label"),
        column("customers", "客户数", "Customers", "count"),
    ),
    key="span",
    computed=True,
)

DIMENSION_SCORES = Table(
    "DimensionScores",
    "各维度得分",
    "Scores by dimension",
    (
        column("dimension", "评估维度", "Dimension", "label"),
        column("score", "得分(1-5)", "Score (1-5)", "number"),
        column("weight", "权重(%)", "Weight (%)", "number"),
    ),
    key="dimension",
    computed=True,
)

DIMENSION_WEIGHTS = Table(
    "DimensionWeights",
    "各维度权重",
    "Weights by dimension",
    (
        column("dimension", "评估维度", "Dimension", "label"),
        column("weight", "权重(%)", "Weight (%)", "number"),
        column("reference", "参考区间", "Reference range", "label"),
        column("indicators", "指标数", "Indicators", "count"),
    ),
    key="dimension",
    computed=True,
)

CALIBRATION = Table(
    "Calibration",
    "模型校准",
    "Calibration of the model",
    (
        column("half_year", "半年", "Half-year", "label"),
        column("as_of", "快照日期", "Snapshot", "date"),
        column("level", "客户关系等级", "Customer level", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
        column("change", "客户数变化", "Change in customers", "number"),
        column("churn_rate", "流失率", "Churn rate", "ratio"),
    ),
    computed=True,
)

WEIGHT_LOG = Table(
    "WeightLog",
    "权重调整记录",
    "Changes of weights",
    (
        column("changed_on", "日期", "Date", "date"),
        column("indicator", "指标", "Indicator", "label"),
        column("old_weight", "原权重(%)", "Old weight (%)", "number"),
        column("new_weight", "新权重(%)", "New weight (%)", "number"),
        column("reason", "调整原因", "Reason", group="user"),
    ),
    computed=True,
)
