"""Tables of the sales strategy: RFM classes, portraits, needs, and what the dashboard draws on."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID

RFM_PROFILE = Table(
    "RfmProfile",
    "RFM 分层",
    "RFM classes",
    (
        column("rfm_class", "RFM 类别", "RFM class", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("spend_share", "消费占比", "Share of spend", "ratio"),
        column("mean_days", "平均 R(天)", "Average R (days)", "number"),
        column("mean_orders", "平均 F(次)", "Average F (orders)", "number"),
        column("mean_spend", "平均 M", "Average M", "money", unit="wan"),
        column("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
    ),
    key="rfm_class",
    computed=True,
)

RFM_PLAN = Table(
    "RfmPlan",
    "销售策略",
    "Sales strategy",
    (
        column("rfm_class", "客户类型", "Customer type", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("goal", "策略目标", "Strategic goal", group="user"),
        column("strategy", "具体执行措施", "Measures", "label"),
        column("owner", "负责人", "Owner", group="user"),
        column("resources", "资源支持", "Resources", group="user"),
        column("schedule", "执行时间", "When", group="user"),
    ),
    key="rfm_class",
    computed=True,
)

PORTRAIT = Table(
    "Portrait",
    "画像与需求矩阵",
    "Portraits and needs",
    (
        column("dimension", "维度", "Dimension", "label"),
        column("group", "群体", "Group", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("size", "典型规模", "Typical size"),
        column("needs", "主要需求", "Main needs"),
        column("factors", "决策因素", "Decision factors", group="user"),
        column("deciders", "决策人", "Decision makers"),
        column("sensitivity", "敏感点", "Sensitive to"),
        column("priority", "优先级", "Priority"),
    ),
    key="group",
    computed=True,
)

NEEDS_TREND = Table(
    "NeedsTrend",
    "需求趋势",
    "Trend of needs",
    (
        column("quarter", "季度", "Quarter", "label"),
        column("need_kind", "类别", "Kind", "label"),
        column("needs", "需求数", "Needs", "count"),
        column("share", "占比", "Share", "ratio"),
    ),
    computed=True,
)

NEEDS_BY_QUARTER = Table(
    "NeedsByQuarter",
    "各季度需求",
    "Needs by quarter",
    (
        column("quarter", "季度", "Quarter", "label"),
        column("basic", "基本", "Basic", "count"),
        column("latent", "潜在", "Latent", "count"),
        column("emotional", "情感", "Emotional", "count"),
        column("personal", "个性化", "Individual", "count"),
        column("other", "其他", "Other", "count"),
    ),
    key="quarter",
    computed=True,
)

FUNNEL = Table(
    "Funnel",
    "生命周期漏斗",
    "Lifecycle funnel",
    (
        column("lifecycle", "阶段", "Stage", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
    ),
    key="lifecycle",
    computed=True,
)

TOP_GROUPS = Table(
    "TopGroups",
    "主要群体",
    "Main groups",
    (
        column("segment", "细分群体", "Segment", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
    ),
    key="segment",
    computed=True,
)

RISK_LIST = Table(
    "RiskList",
    "风险客户",
    "Customers at risk",
    (
        column("rank", "排名", "Rank", "count"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("annual_spend", "年消费金额", "Annual spend", "money", unit="wan"),
        column("churn_reason", "流失风险原因", "Why at risk", "label"),
        column("health", "健康度", "Customer health", "label"),
        column("strategy", "建议策略", "Suggested strategy", "label"),
        column("owner", "负责人", "Owner"),
    ),
    computed=True,
)
