"""What finding and merging duplicates says, in both languages."""

from __future__ import annotations

from .fields import Lang

Pair = tuple[str, str]

DECISIONS: dict[str, Pair] = {"keep": ("保留", "Keep"), "merge": ("合并", "Merge")}

EVIDENCE: dict[str, Pair] = {
    "same_id": ("编号相同", "same ID"),
    "same_company_id": ("证件号相同", "same registration number"),
    "same_name": ("名称相同", "same name"),
    "similar_name": ("名称相似", "similar name"),
    "same_phone": ("电话相同", "same phone"),
    "near_phone": ("电话只差一位", "phone differs in one digit"),
    "same_contact": ("联系人相同", "same contact"),
    "same_city": ("城市相同", "same city"),
}
"""What speaks for a pair, by its key in `analysis.duplicates`."""

DUPLICATES_SHEET: Pair = ("重复客户", "Duplicates")
DUPLICATES_PURPOSE: Pair = (
    "crm-xl dedupe 找到的可能重复的客户。在“决定”列选“合并”或“保留”，再运行 crm-xl dedupe --apply。",
    "Customers that may be there twice, found by crm-xl dedupe. Choose Merge or Keep under Decision, then run"
    " crm-xl dedupe --apply.",
)

DEDUPE_TEXTS: dict[str, Pair] = {
    "duplicate_group": ("组", "Group"),
    "likeness": ("得分", "Score"),
    "evidence": ("依据", "Evidence"),
    "proposed_to": ("建议", "Proposed"),
    "customer_id": ("客户编号", "Customer ID"),
    "phone": ("电话", "Phone"),
    "duplicates_found": (
        "{groups} 组、{rows} 位可能重复的客户，已写入表格 Duplicates。在“决定”列选“合并”或“保留”，再运行"
        " crm-xl dedupe {path} --apply",
        "Groups of possible duplicates: {groups}, customers: {rows}. They stand in the table Duplicates: choose Merge"
        " or Keep under Decision, then run crm-xl dedupe {path} --apply",
    ),
    "duplicates_none": ("没有发现重复的客户。", "No duplicates were found."),
    "merged": (
        "{count} 位客户已并入 {masters} 位，改动 {cells} 个单元格",
        "Customers merged: {count}, into {masters}; cells changed: {cells}",
    ),
    "nothing_to_merge": (
        "没有标为“合并”的行，未改动。",
        "No row is marked Merge, so nothing was changed.",
    ),
    "history_kept": (
        "历史快照中被合并客户的行保持不变。",
        "The snapshots of merged customers stay as they are.",
    ),
    "undo_with": (
        "可撤销：crm-xl dedupe {path} --undo {report}",
        "To take it back: crm-xl dedupe {path} --undo {report}",
    ),
    "unmerged": ("已恢复 {count} 位客户、{cells} 个单元格", "Customers put back: {count}, cells: {cells}"),
}

DEDUPE_MESSAGES: dict[str, Pair] = {
    "no_duplicates_table": (
        "{path} 中没有表格 Duplicates。请用模板 customer-info 或 full 新建工作簿，再导入客户。",
        "{path} has no table Duplicates. Make a workbook from the template customer-info or full and import the"
        " customers into it.",
    ),
    "dedupe_one_of": (
        "--apply 和 --undo 不能一起使用。请只选一个。",
        "--apply and --undo cannot go together. Choose one.",
    ),
    "threshold_range": (
        "--threshold 应在 0 到 1 之间，现为 {value}。",
        "--threshold lies between 0 and 1, not at {value}.",
    ),
    "decision_unknown": (
        "工作表“{sheet}”{cell} 的决定“{value}”不可用。可用：{known}。",
        "The decision '{value}' in {cell} on sheet '{sheet}' is not possible. Possible: {known}.",
    ),
    "two_masters": (
        "第 {group} 组有 {count} 行标为“保留”({ids})，不知道合并到哪一行。请只保留一行，其余标为“合并”或留空。",
        "Group {group} has {count} rows marked Keep ({ids}), so it is not clear which one the others go into. Keep"
        " one; mark the rest Merge or leave them empty.",
    ),
    "no_master": (
        "第 {group} 组只有建议保留的客户 {value} 标为“合并”，不知道合并到哪一行。请把要留下的一行标为“保留”。",
        "In group {group} only {value}, the one proposed to stay, is marked Merge, so it is not clear what it goes"
        " into. Mark the row that stays Keep.",
    ),
    "duplicate_gone": (
        "重复客户表中的客户 {value} 已不在客户表里(或已改名)。请重新运行 crm-xl dedupe。",
        "Customer {value} of the duplicates is no longer in the customer table (or has another name). Run crm-xl"
        " dedupe again.",
    ),
    "merge_formula": (
        "工作表“{sheet}”{cell} 是公式，无法合并。请先把它粘贴为数值。",
        "{cell} on sheet '{sheet}' holds a formula, so the rows cannot be merged. Paste it as a value first.",
    ),
    "no_note": (
        "工作表“{sheet}”没有“备注”列，无处保存不同的值。请加一列“备注”。",
        "Sheet '{sheet}' has no column 'Notes' in which differing values could be kept. Add one.",
    ),
    "undo_changed": (
        "工作表“{sheet}”{cell}(“{field}”)在合并之后又被改过，无法撤销。请先改回“{value}”。",
        "{cell} on sheet '{sheet}' ('{field}') was changed after the merge, so it cannot be taken back. Set it back to"
        " '{value}' first.",
    ),
    "undo_report": (
        "{path} 不是合并报告。请使用合并时生成的 .json 文件。",
        "{path} is no report of a merge. Use the .json file that the merge wrote.",
    ),
    "undo_other_shape": (
        "工作表“{sheet}”的表格 {table} 缺少“{field}”列，无法撤销。请恢复该列。",
        "Table {table} on sheet '{sheet}' has no column '{field}' any more, so the merge cannot be taken back. Put the"
        " column back.",
    ),
}


def evidence_text(reasons: tuple[str, ...], lang: Lang) -> str:
    """What speaks for a pair, in words."""
    at = 0 if lang == "zh" else 1
    return ("、", ", ")[at].join(EVIDENCE[reason][at] for reason in reasons)
