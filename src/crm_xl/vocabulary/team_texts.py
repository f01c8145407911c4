"""What handing out a workbook to each owner, and taking the changes back, says in both languages."""

from __future__ import annotations

from .fields import Lang

Pair = tuple[str, str]

CHOSEN_NAMES = ("MovementBy", "MovementFrom", "MovementTo")
"""Named cells beside the settings in which people choose what a page shows."""

REASONS: dict[str, Pair] = {
    "both_changed": ("双方都改了，保留主管的值", "changed on both sides; the manager's value stays"),
    "masked": ("仍带有脱敏符号 *，未写回", "still carries the mask *; not taken over"),
    "formula": ("主管的单元格是公式，未改动", "the manager's cell holds a formula and was left alone"),
    "error_value": ("错误值，未写回", "an error; not taken over"),
    "customer_gone": ("主管的工作簿中已没有这位客户", "the customer is no longer in the manager's workbook"),
    "customer_deleted": ("负责人删除了这位客户，主管的工作簿中保留", "deleted by the owner; kept in the manager's workbook"),
    "id_taken": (
        "新客户的编号在主管的工作簿中是另一位客户，未添加",
        "the new customer's ID is another customer's in the manager's workbook; not added",
    ),
    "id_in_two_files": ("两个文件都新增了这个编号，都未添加", "new in two files; added from neither"),
    "id_changed": ("客户编号像是被改过，未添加", "the customer ID seems to have been changed; not added"),
    "same_id_twice": ("同一编号有多行，无法对应，未写回", "several rows have this ID, so they cannot be told apart; not taken over"),
    "no_id": ("没有客户编号，未写回", "no customer ID; not taken over"),
    "row_deleted": ("负责人删除了这一行，主管的工作簿中保留", "the row was deleted by the owner; kept in the manager's workbook"),
    "row_gone": ("主管的工作簿中已没有这一行，未写回", "the row is no longer in the manager's workbook; not taken over"),
    "not_theirs": (
        "这一行的客户不是分给该负责人的，未添加",
        "the line is about a customer whom the owner was not given; not added",
    ),
    "no_column": ("主管的工作簿没有这一列，未写回", "the manager's workbook has no such column; not taken over"),
    "own_column": ("负责人自己加的列，未写回", "a column that the owner added; not taken over"),
    "rules_changed": ("负责人改了这个规则表，未写回", "the owner changed this table of rules; not taken over"),
    "settings_changed": ("负责人改了参数，未写回", "the owner changed settings; not taken over"),
    "column_gone": ("文件中已没有这一列，未比较", "the file no longer has this column; not compared"),
    "table_gone": ("文件中已没有这个表格，未比较", "the file no longer has this table; not compared"),
}  # fmt: skip
"""Why something is not taken over."""

TEAM_TEXTS: dict[str, Pair] = {
    "split_file": ("文件", "File"),
    "split_lines": ("相关记录", "Lines"),
    "split_hidden": ("已隐去", "Masked"),
    "split_done": (
        "{count} 个工作簿，{customers} 位客户，按“{by}”拆分，分析日期 {as_of}，已写入 {out}",
        "Workbooks: {count}, customers: {customers}, split by '{by}', as of {as_of}, written to {out}",
    ),
    "split_alone": (
        "每个工作簿只分析自己的客户：排名、分位数等相对结果与总表不同。",
        "Each workbook analyses its own customers alone: ranks and quantiles differ from the whole team's.",
    ),
    "split_hidden_note": (
        "{count} 个单元格提到了其他负责人的客户，在副本中已隐去：{cells}",
        "Cells that mention other owners' customers, masked in the copies ({count}): {cells}",
    ),
    "split_left_out": ("没有带上的列：{headers}", "Columns left out: {headers}"),
    "split_encrypted": (
        "文件已加密。密码请另行告知，遗失后无法恢复。",
        "The files are encrypted. Tell the password another way; without it they cannot be opened.",
    ),
    "password_weak": (
        "密码少于 8 个字符，容易被猜出。建议换一个更长的密码。",
        "The password has fewer than 8 characters and can be guessed. Take a longer one.",
    ),
    "password_ask": ("密码", "Password"),
    "merge_file": ("文件", "File"),
    "merge_cells": ("修改", "Changed"),
    "merge_customers": ("新客户", "New customers"),
    "merge_lines": ("新记录", "New lines"),
    "merge_open": ("待处理", "To decide"),
    "merge_done": (
        "写回 {cells} 个单元格、{customers} 位新客户、{lines} 条新记录；待处理 {count} 项",
        "Taken over: cells {cells}, new customers {customers}, new lines {lines}; to decide: {count}",
    ),
    "merge_nothing": ("没有需要写回的修改，{path} 未改动。", "There is nothing to take over; {path} was not changed."),
    "merge_not_read": ("未能读取：{file}：{why}", "Not read: {file}: {why}"),
    "merge_listed": ("待处理：", "To decide:"),
    "merge_report": ("全部修改和冲突见 {path}", "All changes and conflicts: {path}"),
    "merge_column": ("列", "Column"),
    "merge_handed": ("分发时", "Handed out"),
    "merge_manager": ("主管", "Manager"),
    "merge_owner": ("负责人", "Owner"),
    "merge_why": ("说明", "Why"),
}

TEAM_MESSAGES: dict[str, Pair] = {
    "split_not_ours": (
        "{path} 不是由 crm-xl 的模板建立的工作簿，无法拆分。请先用 crm-xl new 建立工作簿并导入客户。",
        "{path} was not made from one of our templates, so it cannot be split. Make a workbook with crm-xl new and"
        " import the customers.",
    ),
    "split_nobody": ("{path} 中没有客户，没有可拆分的内容。", "{path} has no customers, so there is nothing to split."),
    "split_no_folder": ("{path} 是文件，不是文件夹。", "{path} is a file, not a folder."),
    "split_onto_book": (
        "{path} 就是要拆分的工作簿本身，不能覆盖。请换一个文件夹。",
        "{path} is the workbook that is split and was left alone. Choose another folder.",
    ),
    "split_leak": (
        "{owner} 的工作簿中发现其他负责人的客户资料({what})，没有写出。请检查总表中的相关文字。",
        "In the workbook for {owner} something of other owners' customers was found ({what}), so it was not written."
        " Check the texts in the workbook.",
    ),
    "password_unset": (
        "环境变量 {name} 没有设置或为空，未继续。请先把密码放入该变量。",
        "The environment variable {name} is not set or empty, so nothing was done. Put the password into it first.",
    ),
    "password_one_of": (
        "--password 和 --password-env 不能一起使用。请只选一个。",
        "--password and --password-env cannot go together. Choose one.",
    ),
    "password_no_terminal": (
        "--password 只能在终端中使用。请改用 --password-env。",
        "--password needs a terminal. Use --password-env.",
    ),
    "wrong_password": ("{path} 的密码不对。", "The password of {path} is another one."),
    "password_needed": (
        "{path} 有打开密码。请加 --password-env 或 --password。",
        "{path} is protected by a password. Add --password-env or --password.",
    ),
    "merge_no_files": ("文件夹 {path} 中没有工作簿。", "The folder {path} has no workbooks."),
    "merge_no_record": (
        "{path} 不是 crm-xl split 分发的文件(没有分发底稿)。",
        "{path} is no file that crm-xl split handed out: it has no record of that.",
    ),
    "merge_record_damaged": (
        "{path} 的分发底稿已损坏，无法比较。",
        "The record of what was handed out in {path} is damaged, so it cannot be compared.",
    ),
    "merge_other_book": (
        "{path} 是从另一个工作簿({book})分发的。",
        "{path} was handed out from another workbook ({book}).",
    ),
}  # fmt: skip


def reason_text(key: str, lang: Lang) -> str:
    """Why something is not taken over, in words."""
    return REASONS[key][0 if lang == "zh" else 1]
