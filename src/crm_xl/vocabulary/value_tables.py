"""Tables of customer value and of cohorts, which the analysis fills."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID, OWNER

ABC = Table(
    "Abc",
    "ABC 分类",
    "ABC classes",
    (
        column("abc", "类别", "Class", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "客户占比", "Share of customers", "ratio"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("spend_share", "消费占比", "Share of spend", "ratio"),
    ),
    key="abc",
    computed=True,
)

PARETO = Table(
    "Pareto",
    "消费集中度",
    "Concentration of spend",
    (
        column("customer_share", "前多少客户", "Top customers", "ratio"),
        column("spend_share", "实际消费占比", "Share of spend", "ratio"),
        column("even_share", "人人一样时", "If all spent alike", "ratio"),
    ),
    computed=True,
)

VALUE_BY_GROUP = Table(
    "ValueByGroup",
    "各群体的价值",
    "Value by group",
    (
        column("segment", "细分群体", "Segment", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("clv_total", "CLV 合计", "CLV in all", "money", unit="wan"),
        column("clv_mean", "平均 CLV", "Mean CLV", "money", unit="wan"),
        column("alive", "平均存活概率", "Mean probability alive", "ratio"),
        column("expected_orders", "预期订单数(12个月)", "Expected orders (12 months)", "number"),
    ),
    key="segment",
    computed=True,
)

TOP_VALUE = Table(
    "TopValue",
    "CLV 最高的 20 个客户",
    "The 20 customers with the highest CLV",
    (
        column("rank", "序号", "No.", "count"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("clv", "CLV", "CLV", "money", unit="wan"),
        column("alive", "存活概率", "Probability alive", "ratio"),
        column("expected_orders", "预期订单数(12个月)", "Expected orders (12 months)", "number"),
        column("predicted_clv", "预测CLV", "Predicted CLV", "money", unit="wan"),
        column("churn_risk", "流失风险标记", "Churn risk", "label"),
        Field("owner", "负责人", "Owner", "choice", OWNER.aliases),
    ),
    key="customer_id",
    computed=True,
)

MODEL_PARAMETERS = Table(
    "ModelParameters",
    "预测模型",
    "Model of the prediction",
    (
        column("model", "模型", "Model", "label"),
        column("parameter", "参数", "Parameter", "label"),
        column("meaning", "含义", "Meaning", "label"),
        column("estimate", "估计值", "Estimate", "number"),
        column("error", "标准误", "Standard error", "number"),
    ),
    computed=True,
)

COHORT_CURVE = Table(
    "CohortCurve",
    "平均留存",
    "Mean retention",
    (
        column("month", "首单后第几个月", "Months after first order", "count"),
        column("retention", "客户留存率", "Customers retained", "ratio"),
        column("revenue_retention", "消费留存率", "Revenue retained", "ratio"),
    ),
    computed=True,
)

REPEAT_TIMES = Table(
    "RepeatTimes",
    "多久下第二单",
    "Time to the second order",
    (
        column("within", "首单后", "After the first order", "label"),
        column("share", "已下第二单的客户", "Customers with a second order", "ratio"),
    ),
    key="within",
    computed=True,
)
