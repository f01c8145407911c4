"""What the sheets of a template say: names, titles, hints, help, and the choices of dropdowns.

Every text is a pair: Chinese, English. Amount units stand in brackets, `(万元)`, so that a template in
another unit can be made from the same texts.
"""

from __future__ import annotations

from typing import NamedTuple

from .account_texts import (
    ACCOUNT_CHOICES,
    ACCOUNT_PURPOSES,
    ACCOUNT_SHEETS,
    ACCOUNT_TEXTS,
)
from .dedupe_texts import DECISIONS, DUPLICATES_PURPOSE, DUPLICATES_SHEET
from .evaluation_texts import EVALUATION_PURPOSES, EVALUATION_SHEETS, EVALUATION_TEXTS
from .fields import Lang
from .quality_texts import QUALITY_PURPOSES, QUALITY_SHEETS, QUALITY_TEXTS
from .risk_texts import RISK_PURPOSES, RISK_SHEETS, RISK_TEXTS
from .sales_texts import SALES_PURPOSES, SALES_SHEETS, SALES_TEXTS
from .task_texts import CALENDARS, GUIDE_PURPOSES, TASK_SHEET_TEXTS, TASK_STATES
from .value_texts import VALUE_PURPOSES, VALUE_SHEETS, VALUE_TEXTS

Pair = tuple[str, str]

TEMPLATE_TITLES: dict[str, Pair] = {
    "full": ("客户管理工作簿", "Customer management"),
    "customer-info": ("客户信息管理：客户细分与分析", "Customer information: segments and analysis"),
    "relationship-evaluation": ("客户关系识别与评估", "Customer relationship evaluation"),
    "sales-strategy": ("智能化客户关系管理与销售策略", "Customer relationships and sales strategy"),
    "key-accounts": ("大客户分级管理", "Key account management"),
    "case-analysis": ("客户管理案例分析", "Customer case analysis"),
}
"""Templates and their titles; the first is the default."""

SHEETS: dict[str, Pair] = {
    "guide": ("使用说明", "Guide"),
    "goals": ("目标与范围", "Goals and scope"),
    "customers": ("客户基础信息表", "Customers"),
    "dimensions": ("细分维度", "Segment dimensions"),
    "profile": ("群体特征分析", "Group profile"),
    "plan": ("客户分析结果与策略建议表", "Findings and strategies"),
    "tracking": ("效果追踪", "Tracking"),
    "movement": ("客户流转", "Movement"),
    **EVALUATION_SHEETS,
    **ACCOUNT_SHEETS,
    "strategies": ("策略库", "Strategies"),
    "orders": ("订单", "Orders"),
    "interactions": ("互动记录", "Interactions"),
    "complaints": ("投诉", "Complaints"),
    "surveys": ("满意度调查", "Surveys"),
    "needs": ("需求分析", "Needs"),
    "duplicates": DUPLICATES_SHEET,
    "history": ("历史快照", "Snapshots"),
    "parameters": ("参数", "Parameters"),
    "calculation": ("Calc", "Calc"),
    "tasks": ("任务", "Tasks"),
    "board": ("任务看板", "Task board"),
    "reviews": ("周复盘", "Weekly review"),
    "care": ("关怀日历", "Care calendar"),
    **SALES_SHEETS,
    **VALUE_SHEETS,
    **RISK_SHEETS,
    **QUALITY_SHEETS,
}
"""Key of a sheet -> its name."""

PICKERS: dict[str, str] = {"evaluation": "EvaluationCustomer", "case": "CaseCustomer"}
"""Sheet about one customer -> the named cell that says which."""

PURPOSES: dict[str, Pair] = {
    **EVALUATION_PURPOSES,
    **ACCOUNT_PURPOSES,
    "goals": (
        "写下要达成的目标，例如“流失率降到 10% 以下”。刷新后显示当前值、完成度和状态。也可以限定只分析一部分客户。",
        "Write down what you want to reach, such as a churn rate below 10%. A refresh shows where you stand."
        " You can also limit the analysis to some of your customers.",
    ),
    "customers": (
        "每个客户一行。蓝色标题的列由您填写，绿色标题的列由分析给出。",
        "One row per customer. You fill the columns with blue headers, the analysis fills those with green ones.",
    ),
    "dimensions": (
        "选 1 到 3 个维度给客户分群；交叉表显示每一格有多少客户。",
        "Choose 1 to 3 dimensions that make the groups; the cross table shows how many customers fall where.",
    ),
    "profile": (
        "每个群体有多少客户、贡献多少消费、有什么共同点。",
        "How many customers each group has, what they spend and what they have in common.",
    ),
    "plan": (
        "每个群体的核心特征和建议策略。负责人、执行时间、预期目标由您填写，刷新不会覆盖。",
        "Core traits of each group and what to do. Owner, date and expected result are yours: a refresh keeps them.",
    ),
    "tracking": (
        "每个分析日期留下一行，看客户数、复购率、召回率怎样变化。",
        "One row for each as-of date: see how customers, repeat purchases and win-backs develop.",
    ),
    "movement": (
        "两次分析之间，客户从哪一类变到了哪一类；每一群的复购、转化、召回和消费变化，投入换来了多少产出。",
        "Which customers moved from which group to which between two analyses; what became of each group, and what"
        " the money spent on it brought.",
    ),
    "strategies": (
        "每种标签对应的策略文字，可以改成您自己的做法。",
        "The advice for each label. Change it to what works for you.",
    ),
    "orders": (
        "订单明细，可选。有了它，合作时间、次数和金额不用手填。退款用负数金额录一行。",
        "Your order lines, optional. With them, dates, counts and amounts fill themselves. Refunds are negative lines.",
    ),
    "interactions": (
        "电话、拜访、微信等联系记录，可选。互动频率由它算出。",
        "Calls, visits, messages; optional. Contacts per month are counted from here.",
    ),
    "duplicates": DUPLICATES_PURPOSE,
    "history": (
        "每次分析时每个客户的标签，用来计算流失率和召回率，一般不用看也不用改。",
        "The labels of every customer at each analysis. Churn and win-back are computed from it; leave it alone.",
    ),
    "parameters": (
        "金额门槛、月数、RFM 规则等。改了以后再刷新，就按新规则分析。",
        "Amounts, months, RFM rules and so on. Change them, refresh, and the new rules apply.",
    ),
    **GUIDE_PURPOSES,
    **SALES_PURPOSES,
    **VALUE_PURPOSES,
    **RISK_PURPOSES,
    **QUALITY_PURPOSES,
}
"""What a sheet is for, as the guide says it."""

TEXTS: dict[str, Pair] = {
    **EVALUATION_TEXTS,
    **ACCOUNT_TEXTS,
    # sheets
    "goals_title": ("目标与范围", "Goals and scope"),
    "goals_hint": (
        "左边写目标，每个一行；绿色的列在刷新时更新。示例可以直接改掉或删除。",
        "One goal per row; the green columns are updated by a refresh. Change or delete the examples.",
    ),
    "targets_heading": ("目标", "Goals"),
    "scope_heading": ("分析范围(不填 = 全部客户)", "Scope (empty = all customers)"),
    "dimensions_title": ("细分维度", "Segment dimensions"),
    "dimensions_hint": (
        "在浅黄色的格子里选 1 到 3 个维度，再刷新，客户类型标签就按它们组合，例如“高价值活跃客户”。",
        "Choose 1 to 3 dimensions in the yellow cells and refresh: they make up the tag, such as High-value · Active.",
    ),
    "dimensions_choice": ("选择维度", "Choose the dimensions"),
    "dimensions_meaning": ("各维度的含义", "What each dimension means"),
    "dimensions_own": (
        "也可以直接填客户表里任意一列的标题，包括您自己加的列。",
        "You may also type the header of any column of the customer table, your own columns included.",
    ),
    "dimension_head": ("维度", "Dimension"),
    "dimension_rules_head": ("改规则", "Its rules"),
    "dimension_meaning_head": ("含义", "Meaning"),
    "cross_heading": ("交叉表：价值 × 活跃(客户数)", "Cross table: value × activity (customers)"),
    "cross_corner": ("价值 ↓  活跃 →", "Value ↓  Activity →"),
    "profile_title": ("群体特征分析", "Group profile"),
    "profile_hint": (
        "每个客户群体的规模、消费和共同特征，刷新时更新。",
        "Size, spend and common traits of each group of customers, updated by a refresh.",
    ),
    "kpi_customers": ("客户总数", "Customers"),
    "kpi_active": ("活跃客户数", "Active customers"),
    "kpi_spend": ("年消费总额(万元)", "Spend (CNY 10k)"),
    "kpi_repurchase": ("复购率", "Repeat rate"),
    "chart_customers": ("各群体客户数", "Customers per group"),
    "chart_spend": ("各群体年消费总额(万元)", "Annual spend per group (CNY 10k)"),
    "plan_title": ("客户分析结果与策略建议表", "Findings and strategies"),
    "plan_hint": (
        "绿色的列由分析给出；负责人、执行时间、预期目标请您填写，刷新时会跟着群体保留。",
        "The analysis fills the green columns. Owner, date and expected result are yours and stay with their group.",
    ),
    "tracking_title": ("效果追踪", "Tracking"),
    "tracking_hint": (
        "每个分析日期一行。流失率、召回率从第二次刷新起、或有订单明细时才有。",
        "One row per as-of date. Churn and win-back need a second refresh, or an order log.",
    ),
    "chart_counts": ("客户数变化", "Customers over time"),
    "chart_rates": ("复购率与客户召回率", "Repeat purchase and win-back rates"),
    "parameters_title": ("参数", "Parameters"),
    "parameters_hint": (
        "浅黄色的格子和右边的规则表都可以改，改完刷新即生效。下限含本数；空白的下限表示“其余全部”；行数可以增减。",
        "Change the yellow cells and the rule tables to the right, then refresh. Lower edges count as"
        " inside, an empty"
        " edge means all the rest, and rows may be added or removed.",
    ),
    "settings_heading": ("设置", "Settings"),
    "setting_head": ("项目", "Setting"),
    "value_head": ("值", "Value"),
    "explanation_head": ("说明", "Explanation"),
    "rows_label": ("行数", "Rows"),
    **TASK_SHEET_TEXTS,
    # print
    "footer": ("&C第 &P 页，共 &N 页&R&A", "&CPage &P of &N&R&A"),
    # validation
    "not_listed_title": ("不在列表中", "Not in the list"),
    "not_listed": (
        "列表里没有这一项，分析可能认不出来。仍要使用吗？",
        "This is not in the list, so the analysis may not understand it. Use it anyway?",
    ),
    "not_number_title": ("请填数字", "A number, please"),
    "not_number": (
        "这里应该是 {low} 到 {high} 之间的数字。仍要使用吗？",
        "This should be a number from {low} to {high}. Use it anyway?",
    ),
    "not_any_number": ("这里应该填数字。仍要使用吗？", "This should be a number. Use it anyway?"),
    "not_positive": ("这里应该填 0 或更大的数字。仍要使用吗？", "This should be 0 or more. Use it anyway?"),
    "not_date_title": ("请填日期", "A date, please"),
    "not_date": (
        "请按 2024-03-15 的样子填日期，写成 2024.3.15 会被当作文本。仍要使用吗？",
        "Enter the date like 2024-03-15; written like 2024.3.15 it stays text. Use it anyway?",
    ),
    "rating_title": ("评分 1-5", "Rating 1-5"),
    "system_title": ("体系", "System"),
    "system_help": (
        "segment = 细分群体，rfm = RFM 类别，stage = 生命周期，level = 关系等级，grade = 大客户级别",
        "segment = customer segment, rfm = RFM class, stage = lifecycle, level = customer level, grade = account tier",
    ),
    "target_value_title": ("目标值", "Target value"),
    "target_value_help": (
        "比率填 10% 这样的百分数；类型为“提升%”时填 20 表示比基线提高 20%；类型为“名单”时填 20 表示前 20%，指标填列标题，如“年消费金额”。",
        "Rates as 10%. With the type 'Raise by %', 20 means 20% above the baseline; with List, the top 20% by the column"
        " named as metric, such as Annual spend.",
    ),
    "movement_title": ("客户流转与策略效果", "Movement of customers and effect of strategies"),
    "movement_hint": (
        "比较两次分析。日期留空 = 最近两次；至少要有两次不同日期的分析才有结果。浅黄色的格子可以改，改后刷新。",
        "Compares two analyses. No dates = the last two; there must be two of different dates. Change the yellow cells"
        " and refresh.",
    ),
    "movement_from": ("期初日期", "From"),
    "movement_to": ("期末日期", "To"),
    "movement_by": ("按哪一列分群", "Groups by"),
    "movement_shown": ("本次比较", "Compared"),
    "movement_matrix": (
        "流转矩阵(客户数)：行 = 期初，列 = 期末",
        "Who moved where (customers): rows before, columns after",
    ),
    "movement_corner": ("期初 ↓  期末 →", "Before ↓  After →"),
    "movement_new": ("新增", "New"),
    "movement_gone": ("消失", "Gone"),
    "movement_others": ("其余", "All others"),
    "movement_effects": ("各群体的变化和策略效果", "What became of each group, and the effect of its strategies"),
    # guide
    "guide_about_heading": ("这个工作簿做什么", "What this workbook does"),
    "guide_about": (
        "把客户、订单和联系记录放在这里，它会给每位客户打上标签、分好群，并告诉您每一群现在该做什么。",
        "Keep your customers, orders and contacts here. It tags every customer, sorts them into groups,"
        " and says what"
        " to do about each group now.",
    ),
    "guide_steps_heading": ("第一次使用：五步", "Five first steps"),
    "guide_sheets_heading": ("每张表做什么(点名称跳转)", "What each sheet is for (click a name)"),
    "guide_colours_heading": ("颜色的意思", "What the colours mean"),
    "guide_rules_heading": ("在哪里改规则", "Where the rules are"),
    "guide_functions_heading": ("可用的函数(需要加载项)", "Functions you can use (with the add-in)"),
    "guide_questions_heading": ("常见问题", "Questions and answers"),
    **SALES_TEXTS,
    **VALUE_TEXTS,
    **RISK_TEXTS,
    **QUALITY_TEXTS,
}

DIMENSION_HELP: dict[str, tuple[Pair, str | None]] = {
    "value": (
        ("按年消费金额分高、中、低价值", "High, mid or low value by annual spend"),
        "ValueTiers",
    ),
    "activity": (
        (
            "按月均合作次数和多久没合作分活跃、低频、沉睡、流失",
            "By orders per month and time since the last order",
        ),
        "ActivityRules",
    ),
    "demand": (
        ("按产品/服务偏好归入需求类型", "Demand type by preferred product or service"),
        "DemandTypes",
    ),
    "industry": (("按所属行业归入行业分组", "Industry group by industry"), "IndustryGroups"),
    "region": (("客户表里的区域", "The region in the customer table"), None),
    "company_size": (("客户表里的企业规模", "The company size in the customer table"), None),
    "source": (("客户从哪里来", "Where the customer came from"), None),
    "age": (("年龄分组", "Age groups"), "NumberBins"),
    "rfm_class": (
        ("按最近一次、次数、金额三项得分归类", "By recency, frequency and amount scores"),
        "RfmClasses",
    ),
    "level": (("按综合得分给出的客户关系等级", "Level by weighted score"), "Levels"),
    "lifecycle": (
        ("潜在、成交、复购、沉睡、流失", "From prospect to repeat customer, dormant or lost"),
        "LifecycleRules",
    ),
}
"""Dimension -> (meaning, its rule table)."""

RULE_HEADINGS: dict[str, Pair] = {
    "ValueTiers": ("价值层级：下限金额(万元)", "Value tiers: lower edge (CNY 10k)"),
    "ActivityRules": ("活跃状态：从上到下，先符合的为准", "Activity: the first row that fits"),
    "LifecycleRules": ("生命周期：从上到下，先符合的为准", "Lifecycle: the first row that fits"),
    "DemandTypes": ("需求类型", "Demand types"),
    "IndustryGroups": ("行业分组", "Industry groups"),
    "NumberBins": ("数值分组：例如把年龄分段", "Number bins, such as age groups"),
    "RfmBreaks": ("RFM 固定分界：M 用(万元)", "RFM breaks, M in (CNY 10k)"),
    "RfmClasses": (
        "RFM 类别：从上到下，先符合的为准，空 = 不限",
        "RFM classes: the first row that fits, empty = any",
    ),
    "Indicators": ("指标与权重", "Indicators and weights"),
    "Bands": ("评分标准", "Bands"),
    "Levels": ("客户关系等级", "Customer levels"),
    "Grades": ("大客户级别", "Account tiers"),
    "HealthRules": ("健康度", "Customer health"),
}
"""What stands over a rule table."""

CHOICES: dict[tuple[str, str], tuple[Pair, ...]] = {
    ("Customers", "customer_type"): (("企业", "Company"), ("个人", "Individual")),
    ("Customers", "company_size"): (
        ("<50人", "<50"), ("50-100人", "50-100"), ("100-200人", "100-200"), ("200-500人", "200-500"),
        ("500-1000人", "500-1000"), (">1000人", ">1000"),
    ),
    ("Customers", "industry"): (
        ("制造业", "Manufacturing"), ("零售业", "Retail"), ("服务业", "Services"), ("教育", "Education"),
        ("医疗", "Healthcare"), ("建筑业", "Construction"), ("信息技术", "Information technology"),
        ("机构", "Institutions"),
    ),
    ("Customers", "source"): (
        ("展会合作", "Trade fair"), ("线上咨询", "Online enquiry"), ("线下拜访", "Field visit"),
        ("老客户介绍", "Referral"), ("官网", "Website"), ("社交媒体", "Social media"),
    ),
    ("Customers", "channel"): (
        ("电话", "Phone"), ("官网", "Website"), ("展会", "Trade fair"), ("微信", "WeChat"),
    ),
    ("Customers", "follow_up"): (
        ("跟进中", "In contact"), ("合作中", "In business"), ("待唤醒", "To reactivate"), ("已流失", "Lost"),
    ),
    ("Customers", "account_class"): (("VIP", "VIP"), ("普通", "Standard"), ("潜力", "Potential")),
    ("Customers", "churn_cause"): (
        ("价格", "Price"), ("竞品", "Competitor"), ("服务响应", "Service response"), ("功能", "Features"),
        ("需求变化", "Changed needs"), ("其他", "Other"),
    ),
    ("Orders", "channel"): (
        ("直销", "Direct sales"), ("官网", "Website"), ("经销商", "Distributor"),
        ("电商平台", "Online marketplace"),
    ),
    ("Interactions", "method"): (
        ("电话", "Phone"), ("会议", "Meeting"), ("邮件", "Email"), ("拜访", "Visit"), ("微信", "WeChat"),
        ("短信", "SMS"), ("社交媒体", "Social media"), ("官网", "Website"), ("展会", "Trade fair"),
        ("服务", "Service"),
    ),
    ("Interactions", "purpose"): (
        ("咨询", "Enquiry"), ("回访", "Follow-up"), ("投诉", "Complaint"), ("资料发送", "Material sent"),
        ("试用开通", "Trial opened"), ("试用激活", "Trial activated"), ("活动", "Event"), ("服务", "Service"),
    ),
    ("Interactions", "outcome"): (
        ("接通", "Connected"), ("未接通", "No answer"), ("已完成", "Done"), ("待跟进", "To follow up"),
    ),
    **ACCOUNT_CHOICES,
    ("Duplicates", "decision"): tuple(DECISIONS.values()),
    ("Complaints", "cause"): (
        ("产品质量", "Product quality"), ("交付", "Delivery"), ("服务响应", "Service response"), ("价格", "Price"),
        ("单据", "Paperwork"), ("其他", "Other"),
    ),
    ("Complaints", "status"): (("未处理", "Open"), ("处理中", "In progress"), ("已解决", "Resolved")),
    ("Surveys", "origin"): (
        ("问卷", "Questionnaire"), ("访谈", "Interview"), ("在线评价", "Online review"),
    ),
    ("Surveys", "sentiment"): (("正面", "Positive"), ("中性", "Neutral"), ("负面", "Negative")),
    ("Surveys", "status"): (("未处理", "Open"), ("处理中", "In progress"), ("已解决", "Resolved")),
    ("Needs", "survey_method"): (
        ("问卷", "Questionnaire"), ("访谈", "Interview"), ("拜访", "Visit"), ("电话", "Phone"),
    ),
    ("Needs", "need_kind"): (
        ("基本", "Basic"), ("潜在", "Latent"), ("情感", "Emotional"), ("个性化", "Individual"),
    ),
    ("Needs", "sensitivity"): (("价格", "Price"), ("质量", "Quality")),
    ("Needs", "priority"): (("高", "High"), ("中", "Medium"), ("低", "Low")),
    ("Needs", "status"): (("未满足", "Unmet"), ("处理中", "In progress"), ("已满足", "Met")),
    ("Loyalty", "reason"): (
        ("消费积分", "Purchase"), ("推荐新客户", "Referral"), ("参加活动", "Event"),
        ("生日礼遇", "Birthday gift"), ("兑换礼品", "Redeemed"), ("积分过期", "Expired"),
    ),
    ("Customers", "birthday_calendar"): tuple(CALENDARS.values()),
    ("Strategies", "system"): tuple((s, s) for s in ("segment", "rfm", "stage", "level", "grade")),
    ("Strategies", "category"): (("沟通", "Communication"), ("服务", "Service"), ("营销", "Marketing")),
    ("Strategies", "department"): (("市场", "Marketing"), ("销售", "Sales"), ("客服", "Customer service")),
    ("RfmBreaks", "measure"): tuple((m, m) for m in "RFM"),
    ("Tasks", "department"): (("市场", "Marketing"), ("销售", "Sales"), ("客服", "Customer service")),
    ("Tasks", "task_status"): tuple(TASK_STATES.values()),
}  # fmt: skip
"""(table, field) -> what its dropdown offers."""

FREE_CHOICES = frozenset(
    {
        ("Customers", "company_size"),
        ("Customers", "industry"),
        ("Customers", "source"),
        ("Customers", "channel"),
        ("Customers", "follow_up"),
        ("Customers", "account_class"),
        ("Orders", "channel"),
        ("Interactions", "outcome"),
        ("Strategies", "category"),
        ("Strategies", "department"),
        ("Targets", "metric"),
        ("Targets", "scope"),
        ("Tasks", "department"),
        ("Reviews", "metric"),
        ("Reviews", "scope"),
        ("Improvements", "improvement_kind"),
        ("Complaints", "cause"),
        ("Surveys", "origin"),
        ("Needs", "survey_method"),
        ("Needs", "need_kind"),
        ("Needs", "sensitivity"),
        ("Loyalty", "reason"),
    }
)
"""Dropdowns that only suggest: anything else is as good."""


class ExampleTarget(NamedTuple):
    """A target that a new workbook starts with. `kind`, `scope`: keys of labels; `metric`, `period`: of"
    " metrics."""

    name: Pair
    kind: str
    metric: str
    scope: str
    period: str
    value: float


EXAMPLE_TARGETS: tuple[ExampleTarget, ...] = (
    ExampleTarget(
        ("提升高价值客户复购率", "Raise the repeat purchase rate of high-value customers"),
        "kind_reach", "repurchase_rate", "high", "year", 0.8,
    ),
    ExampleTarget(
        ("挖掘季度消费潜力客户50家", "Find 50 prospects this quarter"),
        "kind_reach", "prospects", "everyone", "quarter", 50,
    ),
    ExampleTarget(
        ("降低客户流失率至10%以下", "Bring the churn rate below 10%"),
        "kind_lower", "churn_rate", "everyone", "quarter", 0.1,
    ),
    ExampleTarget(
        ("列出年消费前20%的高价值客户", "List the top 20% of customers by annual spend"),
        "kind_list", "spend", "everyone", "year", 20,
    ),
)  # fmt: skip


def pick(pair: Pair, lang: Lang) -> str:
    """One of the two texts."""
    return pair[0 if lang == "zh" else 1]


def text(key: str, lang: Lang) -> str:
    """The text `key` in a language."""
    return pick(TEXTS[key], lang)
