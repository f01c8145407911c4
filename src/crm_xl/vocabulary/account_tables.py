"""Tables of key accounts: criteria, grades, needs, satisfaction, complaints, points, improvements."""

from __future__ import annotations

from .account_criteria import CRITERIA
from .fields import Field, Table, column
from .records import CUSTOMER_ID, OWNER

_ID = Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases)
_NAME = column("customer_name", "客户名称", "Customer name")

ACCOUNT_CRITERIA = Table(
    "AccountCriteria",
    "大客户分级标准",
    "Criteria of key accounts",
    (
        column("criterion", "标准", "Criterion"),
        column("weight", "权重(%)", "Weight (%)", "number"),
        column("data_source", "数据来源", "Data source"),
        column("remark", "说明", "Explanation"),
    ),
)

ACCOUNT_BANDS = Table(
    "AccountBands",
    "大客户评分标准",
    "Bands of the criteria",
    (
        column("indicator", "标准", "Criterion"),
        column("lower", "下限", "Lower edge", "number"),
        column("score", "得分", "Score", "number"),
        column("behaviour", "说明", "Explanation"),
    ),
)

ACCOUNTS = Table(
    "Accounts",
    "大客户分级结果",
    "Graded accounts",
    (
        _ID,
        _NAME,
        *(column(c.key, *c.name, "rating") for c in CRITERIA),
        column("account_score", "大客户得分", "Account score", "number"),
        column("account_grade", "大客户级别", "Account tier", "label"),
        column("last_grade", "上次级别", "Last tier", "label"),
        column("change", "变化", "Change", "label"),
        column("is_key", "是否大客户", "Key account", "label"),
        Field("owner", "负责人", "Owner", "choice", OWNER.aliases),
        column("strategy", "建议策略", "Suggested strategy", "label"),
    ),
    key="customer_id",
    computed=True,
)

GRADE_COUNTS = Table(
    "GradeCounts",
    "级别分布",
    "Accounts per tier",
    (
        column("account_grade", "大客户级别", "Account tier", "label"),
        column("customers", "客户数", "Customers", "count"),
        column("customer_share", "占比", "Share", "ratio"),
        column("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        column("spend_share", "消费占比", "Share of spend", "ratio"),
        column("up", "升入", "Moved up", "count"),
        column("down", "降入", "Moved down", "count"),
        column("new", "新增", "New", "count"),
    ),
    key="account_grade",
    computed=True,
)

GRADE_CHANGES = Table(
    "GradeChanges",
    "级别变动",
    "Changes of tier",
    (
        column("as_of", "日期", "Date", "date"),
        _ID,
        _NAME,
        column("last_grade", "原级别", "Tier before", "label"),
        column("account_grade", "新级别", "Tier now", "label"),
        column("change", "变化", "Change", "label"),
        column("reason", "主要原因", "Main reason"),
        Field("owner", "负责人", "Owner", "choice", OWNER.aliases),
    ),
    computed=True,
)

NEED_SUMMARY = Table(
    "NeedSummary",
    "需求汇总",
    "Needs by kind",
    (
        column("need_kind", "类别", "Kind", "label"),
        column("needs", "需求数", "Needs", "count"),
        column("high", "高优先级", "High priority", "count"),
        column("unmet", "未满足", "Unmet", "count"),
        column("share", "占比", "Share", "ratio"),
    ),
    key="need_kind",
    computed=True,
)

NEED_SENSITIVITY = Table(
    "NeedSensitivity",
    "敏感点",
    "Sensitivity",
    (
        column("sensitivity", "敏感点", "Sensitive to", "label"),
        column("needs", "需求数", "Needs", "count"),
        column("customers", "客户数", "Customers", "count"),
        column("unmet", "未满足", "Unmet", "count"),
        column("share", "占比", "Share", "ratio"),
    ),
    key="sensitivity",
    computed=True,
)

SATISFACTION_SUMMARY = Table(
    "SatisfactionSummary",
    "满意度汇总",
    "Satisfaction by question",
    (
        column("question", "指标", "Question", "label"),
        column("answers", "份数", "Answers", "count"),
        column("mean", "平均分", "Average", "number"),
        column("csat", "CSAT", "CSAT", "ratio"),
        column("low", "低分份数", "Low scores", "count"),
    ),
    key="question",
    computed=True,
)

SURVEY_SOURCES = Table(
    "SurveySources",
    "按来源",
    "Satisfaction by source",
    (
        column("origin", "来源", "Source", "label"),
        column("answers", "份数", "Answers", "count"),
        column("mean", "平均满意度", "Satisfaction", "number"),
        column("csat", "CSAT", "CSAT", "ratio"),
        column("recommend", "平均推荐意愿", "Recommend (0-10)", "number"),
        column("nps", "NPS", "NPS", "number"),
        column("negative_open", "未处理负面反馈", "Open negative feedback", "count"),
    ),
    key="origin",
    computed=True,
)

VOICE_BY_SEGMENT = Table(
    "VoiceBySegment",
    "按群体",
    "By segment",
    (
        column("segment", "细分群体", "Segment", "label"),
        column("answers", "份数", "Answers", "count"),
        column("mean", "平均满意度", "Satisfaction", "number"),
        column("csat", "CSAT", "CSAT", "ratio"),
        column("nps", "NPS", "NPS", "number"),
        column("nps_margin", "NPS 误差(±)", "NPS margin (+-)", "number"),
        column("complaints", "投诉次数", "Complaints", "count"),
    ),
    key="segment",
    computed=True,
)

VOICE_TREND = Table(
    "VoiceTrend",
    "按季度",
    "By quarter",
    (
        column("quarter", "季度", "Quarter", "label"),
        column("answers", "份数", "Answers", "count"),
        column("mean", "平均满意度", "Satisfaction", "number"),
        column("csat", "CSAT", "CSAT", "ratio"),
        column("nps", "NPS", "NPS", "number"),
        column("nps_margin", "NPS 误差(±)", "NPS margin (+-)", "number"),
        column("complaints", "投诉次数", "Complaints", "count"),
    ),
    computed=True,
)

COMPLAINT_SUMMARY = Table(
    "ComplaintSummary",
    "投诉汇总",
    "Complaints by cause",
    (
        column("cause", "原因", "Cause", "label"),
        column("complaints", "次数", "Complaints", "count"),
        column("open", "未解决", "Not resolved", "count"),
        column("hours", "平均处理时长(小时)", "Handling time (hours)", "number"),
        column("share", "占比", "Share", "ratio"),
    ),
    key="cause",
    computed=True,
)

LOYALTY_BALANCES = Table(
    "LoyaltyBalances",
    "积分余额",
    "Points per customer",
    (
        _ID,
        _NAME,
        column("balance", "余额", "Balance", "number"),
        column("last_change", "最近变动", "Last change", "date"),
    ),
    key="customer_id",
    computed=True,
)

IMPROVEMENTS = Table(
    "Improvements",
    "持续改进",
    "Improvements",
    (
        column("improvement_kind", "类型", "Kind", "choice"),
        column("content", "内容", "Content"),
        Field("owner", "责任人", "Owner", "choice", OWNER.aliases),
        column("improved_on", "日期", "Date", "date"),
        column("result", "结果", "Result"),
    ),
)
