"""What tasks, reviews, the care calendar and lists of targets say, in both languages."""

from __future__ import annotations

from .fields import Lang
from .labels import label

Pair = tuple[str, str]

TASK_STATES: dict[str, Pair] = {
    "waiting": ("未开始", "Not started"),
    "doing": ("进行中", "In progress"),
    "finished": ("已完成", "Done"),
    "cancelled": ("已取消", "Cancelled"),
}
"""State of a task -> how the user says it."""

TASK_WORDS: dict[str, Pair] = {
    "unassigned": ("未分配", "Unassigned"),
    "risk": ("挽留客户：{reason}", "Keep the customer: {reason}"),
    "segment": ("跟进{segment}", "Follow up: {segment}"),
    "risk_deliverable": (
        "联系上客户，写明不满或减少采购的原因，定下挽留办法和回访日期。",
        "Customer reached; the cause written down; how to keep them and the next call agreed.",
    ),
    "deliverable": (
        "完成一次沟通，记录客户反馈和下一步。",
        "One conversation held; the customer's answer and the next step written down.",
    ),
    "join": ("：", ": "),
}

DELIVERABLES: dict[Pair, Pair] = {
    ("沟通", "Communication"): TASK_WORDS["deliverable"],
    ("服务", "Service"): (
        "服务安排已落实，客户确认满意。",
        "The service is in place and the customer has confirmed it.",
    ),
    ("营销", "Marketing"): (
        "方案或优惠已送到客户手中，记录客户答复。",
        "The offer has reached the customer and the answer is written down.",
    ),
}
"""Category of a strategy -> what is to be delivered."""

CALENDARS: dict[str, Pair] = {
    "solar": ("公历", "Solar"),
    "lunar": ("农历", "Lunar"),
    "lunar_leap": ("农历闰月", "Lunar, leap month"),
}
"""By which calendar a birthday is kept. The date of a lunar one is written as the lunar month and day."""

CARE_REASONS: dict[str, Pair] = {
    "birthday": ("生日", "Birthday"),
    "lunar_birthday": ("农历生日", "Lunar birthday"),
    "signed_on": ("签约周年", "Contract anniversary"),
    "first_order": ("合作周年", "First-order anniversary"),
    "contract_end": ("合同到期", "Contract ends"),
    "holiday": ("节日", "Holiday"),
    "next_contact": ("下次联系", "Next contact"),
}

CARE_HINTS: dict[str, Pair] = {
    "nobody": ("客户", "Customer"),
    "birthday": ("{contact}生日，当天送上祝福", "{contact}: send good wishes on the day"),
    "lunar_birthday": ("{contact}农历{month}{day}生日，当天送上祝福", "{contact}: lunar {month}-{day}, send good wishes on the day"),
    "signed_on": ("签约满 {count} 年，致谢并了解新需求", "Years under contract: {count}. Say thank you and ask about new needs"),
    "first_order": ("合作满 {count} 年，致谢并了解新需求", "Years of business: {count}. Say thank you and ask about new needs"),
    "contract_end": ("合同还有 {count} 天到期，提前谈续约", "Days until the contract ends: {count}. Talk about renewal before"),
    "contract_end_today": ("合同今天到期，请马上确认续约", "The contract ends today: settle the renewal now"),
    "holiday": ("{holiday}，提前一周准备问候或礼品", "{holiday}: prepare a greeting or a gift a week ahead"),
    "next_contact": ("按约定联系客户", "Get in touch as agreed"),
    "next_contact_late": ("已过约定日期 {count} 天，请尽快联系", "Days late: {count}. Get in touch as soon as possible"),
}  # fmt: skip

HOLIDAYS: dict[str, Pair] = {
    "new_year": ("元旦", "New Year"),
    "spring": ("春节", "Lunar New Year"),
    "lantern": ("元宵节", "Lantern Festival"),
    "qingming": ("清明节", "Qingming"),
    "dragon_boat": ("端午节", "Dragon Boat Festival"),
    "mid_autumn": ("中秋节", "Mid-Autumn Festival"),
    "national": ("国庆节", "National Day"),
}

LUNAR_MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_DIGITS = "一二三四五六七八九十"


def lunar_day(day: int) -> str:
    """初一 to 三十, as a lunar day is called."""
    if day in (10, 20, 30):
        return {10: "初十", 20: "二十", 30: "三十"}[day]
    return ("初", "十", "廿")[day // 10] + _DIGITS[day % 10 - 1]


CALENDAR_WORDS: dict[str, Pair] = {
    "calendar_name": ("客户任务与关怀", "Customer tasks and care"),
    "overdue_mark": ("【逾期】", "[Overdue] "),
}

GUIDE_PURPOSES: dict[str, Pair] = {
    "tasks": (
        "谁在什么时候前对哪位客户做什么。刷新时按策略提议新任务，您也可以自己加；提议过的不会重复出现。",
        "Who does what for which customer by when. A refresh proposes tasks from the strategies, once each;"
        " add your own as you like.",
    ),
    "board": (
        "每位负责人有多少任务未开始、进行中、已完成、逾期，以及近 30 天的拜访、电话、资料和试用。",
        "Tasks of each owner by state, and visits, calls, material and trials of the last 30 days.",
    ),
    "reviews": (
        "每周复盘：目标、实际、差距由刷新填写，未达标原因和调整措施由您填写。",
        "The weekly review: a refresh fills in target, actual and gap; why and what to change is yours.",
    ),
    "care": (
        "未来 60 天的生日(含农历)、周年、合同到期、节日和约定的联系，刷新时更新。",
        "Birthdays (lunar ones too), anniversaries, contract ends, holidays and contacts due in the next 60 days.",
    ),
}

TASK_SHEET_TEXTS: dict[str, Pair] = {
    "tasks_title": ("任务", "Tasks"),
    "tasks_hint": (
        "刷新会按策略库提议任务；请把状态改为“进行中”“已完成”或“已取消”。删掉的提议不会再出现。",
        "A refresh proposes tasks from the strategy library. Set the status as you go; a proposal that you delete"
        " stays away.",
    ),
    "board_title": ("任务看板", "Task board"),
    "board_hint": (
        "每位负责人的任务按状态计数，逾期的单独计；已取消的不计。下面四个数字来自近 30 天的互动记录。",
        "Tasks of each owner by state, overdue ones apart, cancelled ones left out. The second row of figures comes"
        " from the contacts of the last 30 days.",
    ),
    "kpi_task_open": ("待完成任务", "Open tasks"),
    "kpi_task_overdue": ("其中逾期", "Of them overdue"),
    "kpi_task_done": ("已完成任务", "Tasks done"),
    "kpi_task_rate": ("完成率", "Share done"),
    "kpi_visits": ("拜访次数(30天)", "Visits (30 days)"),
    "kpi_reached": ("电话接通率(30天)", "Calls answered (30 days)"),
    "kpi_material": ("资料发送量(30天)", "Material sent (30 days)"),
    "kpi_trials": ("试用激活率(30天)", "Trials activated (30 days)"),
    "chart_board": ("各负责人任务状态", "Tasks by owner and state"),
    "reviews_title": ("周复盘", "Weekly review"),
    "reviews_hint": (
        "每周每个目标一行。本周的实际和差距在刷新时更新，以前各周保持原样；差距 = 实际 − 目标。",
        "One row per target and week. A refresh updates actual and gap of the current week and leaves earlier weeks"
        " alone; gap = actual − target.",
    ),
    "care_title": ("关怀日历", "Care calendar"),
    "care_hint": (
        "从分析日期起未来一段时间(天数在“参数”里改)值得联系客户的日子；已过期的联系排在最前面。",
        "Good days to get in touch, counted from the as-of date (how far ahead: see Parameters). Overdue contacts"
        " come first.",
    ),
    "kpi_care_late": ("逾期未联系", "Contacts overdue"),
    "kpi_care_week": ("7 天内", "Within 7 days"),
    "kpi_care_month": ("30 天内", "Within 30 days"),
    "kpi_care_all": ("全部", "In all"),
    "target_list_heading": ("名单(类型为“名单”的目标)", "Lists (targets of the type List)"),
}

TASK_MESSAGES: dict[str, Pair] = {
    "no_task_table": (
        "{path} 中没有任务表，也没有关怀日历。请用带有“任务”或“关怀日历”的模板新建。",
        "{path} has neither tasks nor a care calendar. Make one from a template with the sheet Tasks or Care calendar.",
    ),
    "task_unknown_customer": (
        "任务的客户编号“{value}”不在客户表中(客户可能已删除)。请改正编号，或删除这个任务。",
        "The customer ID '{value}' of this task is not in the customer table (deleted?). Correct it, or remove the"
        " task.",
    ),
    "task_unknown_state": (
        "状态“{value}”无法识别，看板里没有计入。可用：{known}。",
        "The status '{value}' is unknown and not counted on the board. Possible: {known}.",
    ),
    "target_unknown_kind": (
        "目标类型“{value}”无法识别，按“达到”计算。可用：{known}。",
        "The type '{value}' is unknown and taken as Reach. Possible: {known}.",
    ),
    "target_unknown_metric": (
        "指标“{value}”无法识别，没有计算。可用：{known}。",
        "The metric '{value}' is unknown, so nothing was computed. Possible: {known}.",
    ),
    "target_unknown_field": (
        "“{value}”不是客户表中的数字列，没有列出名单。请填列标题，例如“年消费金额”。",
        "'{value}' is no column of numbers in the customer table, so there is no list. Enter a header such as"
        " Annual spend.",
    ),
    "target_share": (
        "名单的目标值应在 0 到 100 之间(20 表示前 20%)，现为“{value}”。",
        "The target value of a list should be above 0 and at most 100 (20 means the top 20%), not '{value}'.",
    ),
    "target_no_value": ("目标值为空或不是数字，没有计算。", "The target value is empty or no number: nothing was computed."),
    "scope_matches_nothing": (
        "范围“{value}”没有匹配到任何客户。请填客户标签、等级、行业、区域或负责人，或“全部”。",
        "The scope '{value}' matches no customer. Enter a label, level, industry, region or owner, or All.",
    ),
    "week_unreadable": (
        "周次“{value}”无法识别，没有更新。请写成 2024-W26。",
        "The week '{value}' cannot be read, so the row is not updated. Write it as 2024-W26.",
    ),
}  # fmt: skip


def word(pair: Pair, lang: Lang, **values: object) -> str:
    """One of the two texts, filled in."""
    return pair[0 if lang == "zh" else 1].format(**values)


def find_word(words: dict[str, Pair], text: object) -> str | None:
    """The key whose text, in either language, a cell holds."""
    wanted = str(text).strip().casefold()
    return next((key for key, pair in words.items() if wanted in (pair[0], pair[1].casefold())), None)


def overdue_word(lang: Lang) -> str:
    return label("overdue", lang)
