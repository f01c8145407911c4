"""What the check of the data and its sheet say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

RULES: dict[str, Pair] = {
    "missing": ("缺失", "Missing"),
    "duplicate": ("重复", "Duplicate"),
    "as_text": ("写成文本", "Written as text"),
    "wrong_type": ("类型不对", "Wrong type"),
    "impossible": ("不可能的值", "Impossible"),
    "unknown": ("对不上", "No match"),
    "mixed_units": ("单位混用", "Mixed units"),
    "outlier": ("异常值", "Outlier"),
    "test_account": ("测试账户", "Test account"),
    "stale_row": ("久未更新", "Out of date"),
    "rules": ("规则和计划", "Rules and plans"),
}
"""Kinds of findings, in the order in which they are listed."""

RULE_OF: dict[str, str] = {
    "id_empty": "missing",
    "value_missing": "missing",
    "order_without_customer": "missing",
    "id_twice": "duplicate",
    "duplicate_name": "duplicate",
    "duplicate_phone": "duplicate",
    "date_as_text": "as_text",
    "number_as_text": "as_text",
    "value_not_date": "wrong_type",
    "value_not_number": "wrong_type",
    "value_error_cell": "wrong_type",
    "id_digits_lost": "wrong_type",
    "value_negative": "impossible",
    "value_outside": "impossible",
    "value_not_whole": "impossible",
    "share_above_one": "impossible",
    "date_future": "impossible",
    "date_order": "impossible",
    "order_unknown_customer": "unknown",
    "task_unknown_customer": "unknown",
    "scope_matches_nothing": "unknown",
    "mixed_units": "mixed_units",
    "outlier": "outlier",
    "test_account": "test_account",
    "stale_row": "stale_row",
}
"""Finding -> its kind; any other one is about rules and plans."""

QUALITY_SHEETS: dict[str, Pair] = {"quality": ("数据质量", "Data quality")}

QUALITY_PURPOSES: dict[str, Pair] = {
    "quality": (
        "数据里的问题，每个一行，点单元格就跳到出错的地方；最上面是准确率。改好以后再刷新，这一行就没有了。",
        "What is wrong in the data, one line each: click the cell to go there. The accuracy stands on top. Mend it,"
        " refresh, and the line is gone.",
    ),
}

QUALITY_TEXTS: dict[str, Pair] = {
    "quality_title": ("数据质量", "Data quality"),
    "quality_hint": (
        "刷新时检查客户、订单、各种记录和规则。错误先改，提醒看一眼；这里只列出问题，不会替您改数据。准确率 = 没有错误的客户行 ÷ 全部客户行。",
        "A refresh checks customers, orders, records and rules. Mend the errors first; nothing is changed for you."
        " Accuracy = customer rows without an error ÷ all customer rows.",
    ),
    "tile_accuracy": ("数据准确率", "Accuracy"),
    "tile_accuracy_goal": ("目标 ≥", "Goal ≥"),
    "tile_errors": ("错误", "Errors"),
    "tile_warnings": ("提醒", "Warnings"),
    "quality_heading": ("问题清单：点“单元格”跳转", "Findings: click a cell to go there"),
    "quality_rule": ("规则", "Rule"),
    "chart_quality": ("各类问题的数量", "Findings by kind"),
    "quality_none": ("没有发现问题。", "Nothing found."),
    "quality_all": ("共 {count} 个问题。", "Findings: {count}."),
    "quality_more": (
        "共 {count} 个问题，这里列出前 {listed} 个；其余 {more} 个请先改好这些再刷新，或运行 crm-xl check 查看。",
        "Findings: {count}. The first {listed} are listed; for the other {more}, mend these and refresh, or run"
        " crm-xl check.",
    ),
    "quality_below": ("准确率低于目标。", "The accuracy is below the goal."),
    "quality_reached": ("准确率达到目标。", "The accuracy reaches the goal."),
}

QUALITY_MESSAGES: dict[str, Pair] = {
    "date_as_text": (
        "日期写成了“{value}”，不能参加计算。",
        "The date is written as '{value}' and cannot be reckoned with.",
    ),
    "number_as_text": (
        "数字写成了文本“{value}”，不能参加计算。",
        "The number is written as text, '{value}', and cannot be reckoned with.",
    ),
    "share_above_one": (
        "比率 {value} 大于 100%。是不是把百分数写成了整数？",
        "A share of {value} is more than 100%. Was a per cent sign left out?",
    ),
    "date_order": ("“{last}”早于“{first}”。", "'{last}' is before '{first}'."),
    "mixed_units": (
        "{value} 与本列其他金额相差约一万倍，可能用了别的单位(元、万元、亿元)。",
        "{value} is about 10,000 times off the other amounts of its column: perhaps another unit (CNY, CNY 10k).",
    ),
    "outlier": (
        "{value} 与本列其他金额相差太远(中位数 {median})，请核对。",
        "{value} is far away from the other amounts of its column (median {median}). Please check.",
    ),
    "test_account": ("“{value}”像是测试用的，不是真实客户。", "'{value}' looks like a test, not like a customer."),
    "stale_row": (
        "{value} 以后没有更新过，已有 {days} 天(上限 {limit} 天)。",
        "Not updated since {value}: {days} days (limit {limit}).",
    ),
    "duplicate_phone": ("电话与第 {row} 行相同。", "The phone is the same as in row {row}."),
    "duplicate_name": (
        "客户名称与第 {row} 行相同(不计公司形式、地名和全半角)。",
        "The customer name is the same as in row {row}, apart from legal form, place and width.",
    ),
}
