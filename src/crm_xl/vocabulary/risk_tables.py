"""Tables of churn risk, its back-test, and the groups that the data form, which the analysis fills."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID, OWNER

RISKS = Table(
    "Risks",
    "流失风险名单",
    "Customers at risk",
    (
        column("rank", "序号", "No.", "count"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("loss", "流失可能性", "Chance of loss", "ratio"),
        column("annual_spend", "年消费金额", "Annual spend", "money", unit="wan"),
        column("stake", "面临流失金额", "Money at stake", "money", unit="wan"),
        column("days_silent", "距上次下单(天)", "Days since last order", "number"),
        column("usual_gap", "平常间隔(天)", "Usual gap (days)", "number"),
        column("survival", "这么久的沉默有多常见", "How usual such a silence is", "ratio"),
        column("rhythm", "按谁的节奏判断", "Judged by the rhythm of", "label"),
        column("health", "健康度", "Customer health", "label"),
        column("churn_reason", "预警原因", "Reason of the warning", "label"),
        Field("owner", "负责人", "Owner", "choice", OWNER.aliases),
    ),
    key="customer_id",
    computed=True,
)

TOP_STAKES = Table(
    "TopStakes",
    "面临流失金额最大的十位",
    "The ten with most at stake",
    (
        column("customer", "客户", "Customer", "label"),
        column("stake", "面临流失金额", "Money at stake", "money", unit="wan"),
    ),
    computed=True,
)

BACKTEST = Table(
    "Backtest",
    "回测：预警准不准",
    "Back-test: how good the warnings were",
    (
        column("warned", "当时", "At the time", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("churned", "后来流失", "Lost since", "count"),
        column("stayed", "后来又下单", "Ordered since", "count"),
        column("rate", "流失率", "Share lost", "ratio"),
    ),
    computed=True,
)

BACKTEST_DECILES = Table(
    "BacktestDeciles",
    "按流失可能性分成十组",
    "In tenths by chance of loss",
    (
        column("tenth", "组(1 = 最危险)", "Tenth (1 = most at risk)", "count"),
        column("customers", "客户数", "Customers", "count"),
        column("churned", "后来流失", "Lost since", "number"),
        column("rate", "流失率", "Share lost", "ratio"),
        column("lift", "是平均的几倍", "Times the average", "number"),
        column("caught", "累计抓住的流失客户", "Of all lost, caught so far", "ratio"),
    ),
    computed=True,
)

CLUSTERS = Table(
    "Clusters",
    "各群的特征",
    "What the groups are like",
    (
        column("data_group", "数据分群", "Data group", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "客户占比", "Share of customers", "ratio"),
        column("spend_share", "消费占比", "Share of spend", "ratio"),
        column("annual_spend", "平均年消费", "Mean annual spend", "money", unit="wan"),
        column("period_orders", "平均订单数", "Mean orders", "number"),
        column("days_silent", "平均未下单天数", "Mean days without an order", "number"),
        column("average_order", "平均订单金额", "Mean order amount", "money", unit="wan"),
    ),
    key="data_group",
    computed=True,
)

SILHOUETTES = Table(
    "Silhouettes",
    "分成几群最合适",
    "How many groups fit best",
    (
        column("groups", "群数", "Groups", "count"),
        column("silhouette", "轮廓系数", "Silhouette", "number"),
        column("verdict", "说明", "What it says", "label"),
        column("chosen", "采用", "Chosen", "label"),
    ),
    computed=True,
)
