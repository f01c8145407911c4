"""Fields and tables: what each column is called in both languages, and what it holds.

A field's `key` is its name in code and in the Python interface; `zh` and `en` are the headers
that a workbook shows; `aliases` are other headers read as the same field. Money headers carry
their unit; `header()` puts in the one that the workbook shows.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

Lang = Literal["zh", "en"]
Unit = Literal["wan", "yuan"]
Kind = Literal["id", "text", "number", "count", "money", "ratio", "date", "rating", "phone", "choice", "label"]

LANGS: tuple[Lang, ...] = ("zh", "en")
UNIT_FACTOR: dict[Unit, float] = {"yuan": 1.0, "wan": 10_000.0}
"""Yuan in one unit."""
UNIT_TEXT: dict[Unit, dict[Lang, str]] = {
    "wan": {"zh": "万元", "en": "CNY 10k"},
    "yuan": {"zh": "元", "en": "CNY"},
}


def with_unit(text: str, unit: Unit, lang: Lang) -> str:
    """`年消费金额(万元)`, `Annual spend (CNY 10k)`."""
    return f"{text}{'' if lang == 'zh' else ' '}({UNIT_TEXT[unit][lang]})"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `unit` is the unit of an amount when the header names none."""

    key: str
    zh: str
    en: str
    kind: Kind = "text"
    aliases: tuple[str, ...] = ()
    group: str = "basic"
    unit: Unit | None = None

    def header(self, lang: Lang, unit: Unit | None = None) -> str:
        """The header in a language; money headers name `unit` (default: the field's own)."""
        text = self.zh if lang == "zh" else self.en
        if self.kind != "money":
            return text
        return with_unit(text, unit or self.unit or "yuan", lang)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """An Excel table: its fixed ASCII name and its fields in order; `key` names a row."""

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    key: str = ""

    def field(self, key: str) -> Field:
        return _by_key(self)[key]

    def title(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


@cache
def _by_key(table: Table) -> dict[str, Field]:
    return {f.key: f for f in table.fields}


def _f(
    key: str,
    zh: str,
    en: str,
    kind: Kind = "text",
    *aliases: str,
    group: str = "basic",
    unit: Unit | None = None,
) -> Field:
    return Field(key, zh, en, kind, aliases, group, unit)


CUSTOMERS = Table(
    "Customers",
    "客户基础信息表",
    "Customers",
    (
        _f("customer_id", "客户编号", "Customer ID", "id", "客户编码", "客户ID", "客户号", "会员编号",
           "会员ID", "编号", "Customer No", "Customer Number", "Account ID", "Account Number",
           "Client ID", "Cust ID", "ID", "Record ID"),
        _f("customer_name", "客户名称", "Customer name", "text", "客户", "客户姓名", "客户名", "公司", "公司名称",
           "企业名称", "单位名称", "姓名", "名称", "Name", "Customer", "Company", "Company name",
           "Account name", "Account", "Client name", "Full name"),
        _f("customer_type", "客户性质", "Customer type", "choice", "客户性质(企业/个人)", "企业/个人",
           "Type of customer"),
        _f("industry", "所属行业", "Industry", "choice", "行业", "客户行业", "行业类别", "Sector",
           "Vertical"),
        _f("company_size", "企业规模(员工数)", "Company size (employees)", "choice", "企业规模", "员工数",
           "公司规模", "规模", "人数", "员工人数", "Employees", "Number of employees", "Company size",
           "No. of employees", "Headcount"),
        _f("annual_revenue", "年营收", "Annual revenue", "money", "营业额", "年营业额", "企业年营收",
           unit="wan"),
        _f("founded", "成立时间", "Founded", "date", "成立日期", "注册日期"),
        _f("main_business", "主营业务", "Main business", "text", "主营产品", "Line of business"),
        _f("contact", "联系人", "Contact", "text", "联系人姓名", "主要联系人", "Contact name",
           "Primary contact", "Contact person"),
        _f("position", "职位", "Position", "text", "职务", "Job title", "Title"),
        _f("phone", "联系电话", "Phone", "phone", "联系方式", "电话", "手机", "手机号", "手机号码", "电话号码",
           "联系人电话", "Phone number", "Mobile", "Telephone", "Tel", "Mobile phone", "Contact phone"),
        _f("email", "邮箱", "Email", "text", "电子邮箱", "电子邮件", "E-mail", "Email address", "Mail"),
        _f("address", "地址", "Address", "text", "公司地址", "客户地址", "联系地址", "详细地址",
           "Street address", "Billing address"),
        _f("country", "国家", "Country", "choice", "国别"),
        _f("region", "区域", "Region", "choice", "大区", "地区", "销售区域", "省份", "省", "Territory",
           "Area", "State", "Province", "State/Province"),
        _f("city", "城市", "City", "choice", "所在城市", "市"),
        _f("source", "客户来源", "Source", "choice", "来源", "获客渠道", "来源渠道", "Lead source",
           "Original source", "Customer source"),
        _f("owner", "负责人", "Owner", "choice", "客户负责人", "销售", "销售员", "销售代表", "业务员", "客户经理",
           "跟进人", "所属销售", "Account owner", "Sales rep", "Owner name", "Account manager",
           "Salesperson", "Assigned to"),
        _f("follow_up", "跟进状态", "Follow-up status", "choice", "客户状态", "状态", "Status",
           "Lead status"),
        _f("updated_on", "信息更新日期", "Updated on", "date", "更新日期", "更新时间", "最后更新时间",
           "Last modified", "Last modified date", "Modified on", "Updated at", "Last updated"),
        _f("gender", "性别", "Gender", "choice", "Sex"),
        _f("age", "年龄", "Age", "count"),
        _f("income", "收入", "Income", "money", "年收入", unit="wan"),
        _f("occupation", "职业", "Occupation", "choice"),
        _f("lifestyle", "生活方式", "Lifestyle", "choice"),
        _f("values", "价值观", "Values", "choice"),
        _f("birthday", "生日", "Birthday", "date", "出生日期", "Date of birth", "Birth date"),
        _f("birthday_calendar", "生日历法", "Birthday calendar", "choice"),
        _f("signed_on", "签约日期", "Signed on", "date", "合同签订日期", "Contract date"),
        _f("contract_end", "合同到期日", "Contract end", "date", "合同到期", "到期日", "Contract expiry",
           "Renewal date"),
        _f("first_order", "首次合作时间", "First order", "date", "首次合作日期", "首次购买时间", "首次购买日期",
           "首次下单时间", "首单日期", "首次成交日期", "First order date", "First purchase",
           "First purchase date", "Customer since", group="trade"),
        _f("last_order", "最近合作时间", "Last order", "date", "最近合作日期", "最近购买时间", "最近购买日期",
           "最后购买时间", "最近下单时间", "最近一次合作时间", "末次合作时间", "最近成交日期", "Last order date",
           "Last purchase", "Last purchase date", "Most recent order", group="trade"),
        _f("annual_spend", "年消费金额", "Annual spend", "money", "年采购金额", "年贡献营收", "年消费", "年采购额",
           "年消费额", "年度消费金额", "Annual revenue from customer", "Yearly spend", "Spend (12 months)",
           "Annual purchases", "Annual sales", group="trade", unit="wan"),
        _f("order_count", "历史合作次数", "Orders (all time)", "count", "合作次数", "订单数", "购买次数",
           "历史订单数", "累计合作次数", "累计订单数", "交易次数", "Orders", "Number of orders", "Order count",
           "Total orders", "Purchases", group="trade"),
        _f("average_order", "平均订单金额", "Average order", "money", "客单价", "平均客单价",
           "Average order value", "AOV", group="trade", unit="wan"),
        _f("monthly_orders", "月均合作次数", "Orders per month", "number", "合作频率", "月均订单数",
           "Monthly orders", "Order frequency", group="trade"),
        _f("period_orders", "统计期订单数", "Orders in period", "count", group="trade"),
        _f("period_spend", "统计期消费金额", "Spend in period", "money", group="trade", unit="wan"),
        _f("preference", "产品/服务偏好", "Preferred product/service", "choice", "产品偏好", "服务偏好",
           "偏好", "偏好产品", "Product preference", "Preferred product", "Preference", group="trade"),
        _f("channel", "咨询渠道", "Enquiry channel", "choice", "渠道", "Channel",
           "Contact channel", group="interaction"),
        _f("contact_frequency", "互动频率(月均联系次数)", "Contacts per month", "number", "互动频率",
           "月均联系次数", "联系频率", "Contact frequency", group="interaction"),
        _f("complaints", "投诉次数", "Complaints", "count", "投诉记录", "投诉数", "Complaint count",
           "Number of complaints", group="interaction"),
        _f("satisfaction", "满意度评分(1-5)", "Satisfaction (1-5)", "rating", "满意度", "满意度评分",
           "满意度评分(1-5分)", "客户满意度", "Satisfaction", "Satisfaction score", "CSAT score",
           group="interaction"),
        _f("usage_hours", "使用时长", "Usage time", "number", group="interaction"),
        _f("feature_usage", "功能使用率", "Feature usage", "ratio", group="interaction"),
        _f("account_class", "客户等级", "Account class", "choice", "客户级别", "等级", "VIP等级",
           "Customer class", "Tier", group="value"),
        _f("margin", "毛利率", "Gross margin", "ratio", "利润率", "毛利率贡献", "Margin", "Profit margin",
           group="value"),
        _f("collection_days", "平均回款天数", "Collection days", "number", "回款天数", "平均回款周期", "回款周期",
           "Days to pay", "DSO", "Average collection days", group="value"),
        _f("repurchase_rate", "复购率", "Repeat purchase rate", "ratio", "Repurchase rate",
           group="value"),
        _f("potential", "潜在价值(1-5)", "Potential (1-5)", "rating", "潜在价值", "Potential value",
           group="value"),
        _f("strategic", "战略重要性(1-5)", "Strategic importance (1-5)", "rating", "战略重要性",
           "Strategic importance", group="value"),
        _f("key_account", "是否大客户", "Key account", "choice", "大客户", "Is key account",
           group="value"),
        _f("churn_cause", "流失原因", "Churn cause", "choice", "Reason lost", "Lost reason",
           group="value"),
        _f("competitor", "竞争对手", "Competitor", "choice", "竞品", group="value"),
        _f("segment", "客户类型标签", "Segment", "label", "细分群体", "客户标签", "客户细分",
           "Customer segment", "Segment tag", group="result"),
        _f("value_tier", "价值层级", "Value tier", "label", group="result"),
        _f("activity", "活跃状态", "Activity", "label", "Activity status", group="result"),
        _f("lifecycle", "生命周期阶段", "Lifecycle stage", "label", "生命周期", "Lifecycle",
           group="result"),
        _f("rfm_score", "RFM 得分", "RFM score", "label", "RFM得分", group="result"),
        _f("rfm_class", "RFM 类别", "RFM class", "label", "RFM类别", group="result"),
        _f("score", "综合得分", "Weighted score", "number", "Score", group="result"),
        _f("completeness", "完整度", "Completeness", "ratio", group="result"),
        _f("level", "客户关系等级", "Customer level", "label", "关系等级", "Relationship level",
           group="result"),
        _f("account_grade", "大客户级别", "Account tier", "label", "Account grade", group="result"),
        _f("clv", "CLV", "CLV", "money", "客户生命周期价值", "Customer lifetime value", "LTV",
           group="result", unit="wan"),
        _f("health", "健康度", "Customer health", "label", "Health", group="result"),
        _f("churn_risk", "流失风险标记", "Churn risk", "label", "流失风险", group="result"),
        _f("churn_reason", "风险原因", "Risk reason", "label", group="result"),
        _f("strategy", "建议策略", "Suggested strategy", "label", "策略建议", "Strategy",
           group="result"),
        _f("note", "备注", "Notes", "text", "说明", "Note", "Remarks", "Comments", "Description",
           group="user"),
    ),
    key="customer_id",
)  # fmt: skip

_CUSTOMER_ID = CUSTOMERS.field("customer_id")
_OWNER = CUSTOMERS.field("owner")

ORDERS = Table(
    "Orders",
    "订单",
    "Orders",
    (
        _f("order_no", "订单号", "Order no", "id", "订单编号", "单号", "合同号", "Order ID",
           "Order number", "Invoice", "Invoice number", "Invoice no", "Transaction ID"),
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("order_date", "订单日期", "Order date", "date", "下单日期", "下单时间", "订单时间", "日期",
           "成交日期", "购买日期", "合同日期", "Date", "Invoice date", "Purchase date", "Created at",
           "Transaction date"),
        _f("amount", "金额", "Amount", "money", "订单金额", "金额(元)", "成交金额", "实付金额", "合同金额",
           "销售额", "总金额", "Order amount", "Total", "Order total", "Revenue", "Sales", "Spend",
           "Order value", "Price", unit="yuan"),
        _f("product", "产品", "Product", "choice", "产品名称", "商品", "商品名称", "服务", "产品/服务",
           "Product name", "Item", "SKU", "Description"),
        _f("channel", "购买渠道", "Sales channel", "choice", "渠道", "Channel"),
        _f("margin", "毛利率", "Gross margin", "ratio", "利润率", "Margin"),
        _f("paid_on", "回款日期", "Paid on", "date", "收款日期", "付款日期", "到账日期", "Payment date"),
    ),
    key="order_no",
)  # fmt: skip

INTERACTIONS = Table(
    "Interactions",
    "互动记录",
    "Interactions",
    (
        _f("contact_date", "日期", "Date", "date", "联系日期", "互动日期", "跟进日期", "时间", "跟进时间",
           "Activity date", "Contact date"),
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("method", "方式", "Method", "choice", "联系方式", "跟进方式", "互动方式", "Channel"),
        _f("purpose", "类型", "Type", "choice", "互动类型", "Activity type", "Purpose"),
        _f("content", "内容", "Content", "text", "跟进内容", "沟通内容", "Notes", "Subject"),
        _f("outcome", "结果", "Outcome", "choice", "Result"),
        _f("response_hours", "响应时长(小时)", "Response time (hours)", "number", "响应时长"),
        Field("owner", "负责人", "Owner", "choice", _OWNER.aliases),
        _f("next_contact", "下次联系时间", "Next contact", "date", "下次联系日期", "Next contact date"),
    ),
)  # fmt: skip

COMPLAINTS = Table(
    "Complaints",
    "投诉",
    "Complaints",
    (
        _f("complaint_date", "日期", "Date", "date"),
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("content", "内容", "Content"),
        _f("cause", "原因", "Cause", "choice"),
        _f("handler", "处理人", "Handler", "choice"),
        _f("status", "状态", "Status", "choice"),
        _f("resolved_on", "解决日期", "Resolved on", "date"),
        _f("handling_hours", "处理时长(小时)", "Handling time (hours)", "number"),
        _f("verdict", "客户评价", "Customer verdict"),
    ),
)

SURVEYS = Table(
    "Surveys",
    "满意度调查",
    "Surveys",
    (
        _f("survey_date", "日期", "Date", "date"),
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("origin", "来源", "Source", "choice"),
        _f("product_quality", "产品质量", "Product quality", "rating"),
        _f("service", "服务响应", "Service response", "rating"),
        _f("experience", "客户体验", "Customer experience", "rating"),
        _f("satisfaction", "满意度(1-5)", "Satisfaction (1-5)", "rating", "满意度"),
        _f("recommend", "推荐意愿(0-10)", "Likelihood to recommend (0-10)", "rating", "推荐意愿"),
        _f("feedback", "反馈", "Feedback"),
        _f("sentiment", "正负面", "Sentiment", "choice"),
        _f("measure", "改进措施", "Improvement"),
        _f("status", "处理状态", "Status", "choice"),
    ),
)

TARGETS = Table(
    "Targets",
    "目标",
    "Targets",
    (
        _f("target", "目标", "Target"),
        _f("target_kind", "类型", "Type", "choice"),
        _f("metric", "指标", "Metric", "choice"),
        _f("scope", "范围", "Scope"),
        _f("period", "周期", "Period", "choice"),
        _f("baseline", "基线", "Baseline", "number"),
        _f("target_value", "目标值", "Target value", "number"),
        _f("due", "截止日期", "Due", "date"),
        _f("current", "当前值", "Current", "number", group="result"),
        _f("progress", "完成度", "Progress", "ratio", group="result"),
        _f("status", "状态", "Status", "label", group="result"),
    ),
    key="target",
)

SCOPE = Table(
    "Scope",
    "分析范围",
    "Scope",
    (
        _f("scope_field", "列", "Column", "choice"),
        _f("scope_value", "包含的值", "Value to include"),
    ),
)

PROFILE = Table(
    "Profile",
    "群体特征",
    "Group profile",
    (
        _f("segment", "细分群体", "Segment", "label"),
        _f("customers", "客户数", "Customers", "count"),
        _f("customer_share", "客户占比", "Share of customers", "ratio"),
        _f("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        _f("spend_share", "消费占比", "Share of spend", "ratio"),
        _f("average_order", "平均订单金额", "Average order", "money", unit="wan"),
        _f("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
        _f("collection_days", "平均回款天数", "Collection days", "number"),
        _f("satisfaction", "平均满意度", "Satisfaction", "number"),
        _f("industries", "主要行业", "Top industries"),
        _f("preference", "主要偏好", "Top preference"),
        _f("churn_causes", "主要流失原因", "Main churn causes"),
    ),
    key="segment",
)

PLAN = Table(
    "Plan",
    "客户分析结果与策略建议表",
    "Findings and strategies",
    (
        _f("segment", "细分群体", "Segment", "label"),
        _f("customers", "数量", "Customers", "count"),
        _f("customer_share", "占比", "Share", "ratio"),
        _f("traits", "核心特征", "Core traits"),
        _f("strategy", "策略建议", "Suggested strategy", "label"),
        _f("owner", "负责人", "Owner", group="user"),
        _f("schedule", "执行时间", "When", group="user"),
        _f("expected", "预期目标", "Expected result", group="user"),
    ),
    key="segment",
)

TREND = Table(
    "Trend",
    "效果追踪",
    "Trend",
    (
        _f("as_of", "日期", "Date", "date"),
        _f("customers", "客户数", "Customers", "count"),
        _f("active", "活跃客户数", "Active customers", "count"),
        _f("dormant", "沉睡客户数", "Dormant customers", "count"),
        _f("lost", "流失客户数", "Lost customers", "count"),
        _f("spend", "年消费总额", "Annual spend", "money", unit="wan"),
        _f("repurchase_rate", "复购率", "Repeat purchase rate", "ratio"),
        _f("winback_rate", "客户召回率", "Win-back rate", "ratio"),
        _f("churn_rate", "流失率", "Churn rate", "ratio"),
        _f("retention_rate", "保持率", "Retention rate", "ratio"),
    ),
    key="as_of",
)

HISTORY = Table(
    "History",
    "历史快照",
    "History",
    (
        _f("as_of", "日期", "Date", "date"),
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("segment", "客户类型标签", "Segment", "label"),
        _f("activity", "活跃状态", "Activity", "label"),
        _f("lifecycle", "生命周期阶段", "Lifecycle stage", "label"),
        _f("rfm_class", "RFM 类别", "RFM class", "label"),
        _f("annual_spend", "年消费金额", "Annual spend", "money", unit="wan"),
        _f("order_count", "历史合作次数", "Orders (all time)", "count"),
    ),
)

KNOWN = Table(
    "Known",
    "已知客户",
    "Known customers",
    (
        Field(_CUSTOMER_ID.key, "客户编号", "Customer ID", "id", _CUSTOMER_ID.aliases),
        _f("first_seen", "首次出现", "First seen", "date"),
    ),
    key="customer_id",
)

STRATEGIES = Table(
    "Strategies",
    "策略库",
    "Strategies",
    (
        _f("system", "体系", "System", "choice"),
        _f("tag", "标签", "Label", "label"),
        _f("category", "类别", "Category", "choice"),
        _f("department", "部门", "Department", "choice"),
        _f("strategy", "策略", "Strategy"),
        _f("budget", "预算", "Budget", "number"),
        _f("spent", "实际投入", "Spent", "number"),
    ),
)

VALUE_TIERS = Table(
    "ValueTiers",
    "价值层级",
    "Value tiers",
    (
        _f("lower", "下限", "Lower edge", "number"),
        _f("label", "层级", "Tier", "label"),
        _f("effective", "生效下限", "Edge in force", "number"),
        _f("share", "份额(%)", "Share (%)", "number"),
    ),
)

ACTIVITY_RULES = Table(
    "ActivityRules",
    "活跃状态",
    "Activity",
    (
        _f("months_since", "未合作月数≥", "Months without order ≥", "count"),
        _f("monthly", "月均合作≥", "Orders per month ≥", "number"),
        _f("label", "标签", "Label", "label"),
    ),
)

LIFECYCLE_RULES = Table(
    "LifecycleRules",
    "生命周期",
    "Lifecycle",
    (
        _f("months_since", "未合作月数≥", "Months without order ≥", "count"),
        _f("orders", "合作次数≥", "Orders ≥", "count"),
        _f("label", "阶段", "Stage", "label"),
    ),
)

DEMAND_TYPES = Table(
    "DemandTypes",
    "需求类型",
    "Demand types",
    (
        _f("value", "产品/服务偏好", "Preferred product/service"),
        _f("label", "需求类型", "Demand type", "label"),
    ),
)

INDUSTRY_GROUPS = Table(
    "IndustryGroups",
    "行业分组",
    "Industry groups",
    (
        _f("value", "所属行业", "Industry"),
        _f("label", "行业分组", "Industry group", "label"),
    ),
)

NUMBER_BINS = Table(
    "NumberBins",
    "数值分组",
    "Number bins",
    (
        _f("field", "列", "Column"),
        _f("lower", "下限", "Lower edge", "number"),
        _f("label", "分组", "Bin", "label"),
    ),
)

RFM_BREAKS = Table(
    "RfmBreaks",
    "RFM 固定分界",
    "RFM breaks",
    (
        _f("measure", "指标(R/F/M)", "Measure (R/F/M)", "choice"),
        _f("lower", "下限", "Lower edge", "number"),
        _f("score", "得分", "Score", "count"),
    ),
)

RFM_CLASSES = Table(
    "RfmClasses",
    "RFM 类别规则",
    "RFM classes",
    (
        _f("label", "类别", "Class", "label"),
        _f("r_from", "R从", "R from", "count"),
        _f("r_to", "R到", "R to", "count"),
        _f("f_from", "F从", "F from", "count"),
        _f("f_to", "F到", "F to", "count"),
        _f("m_from", "M从", "M from", "count"),
        _f("m_to", "M到", "M to", "count"),
    ),
)

INDICATORS = Table(
    "Indicators",
    "指标与权重",
    "Indicators",
    (
        _f("dimension", "评估维度", "Dimension"),
        _f("indicator", "指标", "Indicator"),
        _f("weight", "权重(%)", "Weight (%)", "number"),
        _f("reference", "参考区间", "Reference range"),
        _f("data_source", "数据来源", "Data source"),
        _f("remark", "说明", "Explanation"),
    ),
)

BANDS = Table(
    "Bands",
    "评分标准",
    "Bands",
    (
        _f("indicator", "指标", "Indicator"),
        _f("lower", "下限", "Lower edge", "number"),
        _f("score", "得分", "Score", "number"),
        _f("behaviour", "行为表现", "Behaviour"),
    ),
)

LEVELS = Table(
    "Levels",
    "客户关系等级",
    "Levels",
    (
        _f("lower", "下限", "Lower edge", "number"),
        _f("label", "等级", "Level", "label"),
    ),
)

GRADES = Table(
    "Grades",
    "大客户级别",
    "Account tiers",
    (
        _f("lower", "下限", "Lower edge", "number"),
        _f("label", "级别", "Tier", "label"),
    ),
)

HEALTH_RULES = Table(
    "HealthRules",
    "健康度",
    "Health",
    (
        _f("drop", "下降≥", "Drop ≥", "ratio"),
        _f("label", "标签", "Label", "label"),
    ),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        CUSTOMERS, ORDERS, INTERACTIONS, COMPLAINTS, SURVEYS, TARGETS, SCOPE, PROFILE, PLAN, TREND,
        HISTORY, KNOWN, STRATEGIES, VALUE_TIERS, ACTIVITY_RULES, LIFECYCLE_RULES, DEMAND_TYPES,
        INDUSTRY_GROUPS, NUMBER_BINS, RFM_BREAKS, RFM_CLASSES, INDICATORS, BANDS, LEVELS, GRADES,
        HEALTH_RULES,
    )
}  # fmt: skip

_UNIT_WORDS: dict[str, Unit] = {
    "万元": "wan", "万": "wan", "cny10k": "wan", "10kcny": "wan", "rmb10k": "wan",
    "元": "yuan", "人民币": "yuan", "rmb": "yuan", "cny": "yuan", "yuan": "yuan", "¥": "yuan",
}  # fmt: skip


def normal_header(text: object) -> str:
    """A header with width, case, blanks and kinds of brackets evened out."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return "".join(ch for ch in folded if ch.isalnum() or ch in "()/%≥≤-¥")


@lru_cache(maxsize=4096)
def split_unit(header: str) -> tuple[str, Unit | None]:
    """`年消费金额(万元)` -> (`年消费金额`, `wan`); no money unit in brackets: (header, None)."""
    text = normal_header(header)
    if text.endswith(")") and "(" in text:
        stem, _, inside = text[:-1].rpartition("(")
        unit = _UNIT_WORDS.get(inside)
        if unit and stem:
            return stem, unit
    return text, None


@cache
def _names(table: Table) -> dict[str, Field]:
    """Every normalised header and alias of a table; a field's own header wins over an alias."""
    found: dict[str, Field] = {}
    for field in table.fields:
        for name in (field.zh, field.en):
            found.setdefault(split_unit(name)[0], field)
            found.setdefault(normal_header(name), field)
    for field in table.fields:
        for alias in (*field.aliases, field.key):
            found.setdefault(split_unit(alias)[0], field)
            found.setdefault(normal_header(alias), field)
    return found


def find_field(table: Table, header: object) -> tuple[Field, Unit | None] | None:
    """The field that a header means, and the money unit that it names (None: it names none)."""
    if header is None:
        return None
    names = _names(table)
    exact = names.get(normal_header(header))
    stem, unit = split_unit(str(header))
    if exact is not None and exact.kind != "money":
        return exact, None
    field = names.get(stem) or exact
    if field is None or (unit is not None and field.kind != "money"):
        return None
    return field, (unit or field.unit) if field.kind == "money" else None
