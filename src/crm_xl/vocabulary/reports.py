"""Tables that the analysis fills."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID

PROFILE = Table(
    "Profile",
    "群体特征",
    "Group profile",
    (
        column("segment", "细分群体", "Segment", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "客户占比", "Share of customers", "ratio"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("spend_share", "消费占比", "Share of spend", "ratio"),
        column("average_order", "平均订单金额", "Average order", "money", unit="wan"),
        column("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
        column("collection_days", "平均回款天数", "Collection days", "number"),
        column("satisfaction", "平均满意度", "Satisfaction", "number"),
        column("industries", "主要行业", "Top industries"),
        column("preference", "主要偏好", "Top preference"),
        column("churn_causes", "主要流失原因", "Main churn causes"),
    ),
    key="segment",
    computed=True,
)

PLAN = Table(
    "Plan",
    "客户分析结果与策略建议表",
    "Findings and strategies",
    (
        column("segment", "细分群体", "Segment", "label"),
        column("customers", "数量", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
        column("traits", "核心特征", "Core traits"),
        column("strategy", "策略建议", "Suggested strategy", "label"),
        column("owner", "负责人", "Owner", group="user"),
        column("schedule", "执行时间", "When", group="user"),
        column("expected", "预期目标", "Expected result", group="user"),
    ),
    key="segment",
    computed=True,
)

TREND = Table(
    "Trend",
    "效果追踪",
    "Trend",
    (
        column("as_of", "日期", "Date", "date"),
        column("customers", "客户数", "Customers", "count"),
        column("active", "活跃客户数", "Active customers", "count"),
        column("dormant", "沉睡客户数", "Dormant customers", "count"),
        column("lost", "流失客户数", "Lost customers", "count"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
        column("winback_rate", "客户召回率", "Win-back rate", "ratio"),
        column("churn_rate", "流失率", "Churn rate", "ratio"),
        column("retention_rate", "保持率", "Retention rate", "ratio"),
    ),
    key="as_of",
    computed=True,
)

HISTORY = Table(
    "History",
    "历史快照",
    "History",
    (
        column("as_of", "日期", "Date", "date"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("segment", "客户类型标签", "Segment", "label"),
        column("activity", "活跃状态", "Activity", "label"),
        column("lifecycle", "生命周期阶段", "Lifecycle stage", "label"),
        column("rfm_class", "RFM 类别", "RFM class", "label"),
        column("annual_spend", "年消费金额", "Annual spend", "money", unit="wan"),
        column("order_count", "历史合作次数", "Orders (all time)", "count"),
        column("level", "客户关系等级", "Customer level", "label"),
        column("score", "综合得分", "Weighted score", "number"),
        column("account_grade", "大客户级别", "Account tier", "label"),
    ),
    computed=True,
)

KNOWN = Table(
    "Known",
    "已知客户",
    "Known customers",
    (
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("first_seen", "首次出现", "First seen", "date"),
    ),
    key="customer_id",
    computed=True,
)

EFFECTS = Table(
    "Effects",
    "策略效果",
    "Effects of strategies",
    (
        column("label", "群体", "Group", "label"),
        column("before", "期初客户数", "Customers before", "count"),
        column("after", "期末客户数", "Customers after", "count"),
        column("repurchase_before", "期初复购率", "Repeat rate before", "ratio"),
        column("repurchase_after", "期末复购率", "Repeat rate after", "ratio"),
        column("conversion", "转化率", "Conversion rate", "ratio"),
        column("winback", "客户召回率", "Win-back rate", "ratio"),
        column("churn", "流失率", "Churn rate", "ratio"),
        column("spend_before", "期初年消费", "Spend before", "money", unit="wan"),
        column("spend_after", "期末年消费", "Spend after", "money", unit="wan"),
        column("cost", "实际投入", "Spent", "money", unit="wan"),
        column("yield_ratio", "产出÷投入", "Return on cost", "number"),
    ),
    key="label",
    computed=True,
)
