"""What the command line prints, in both languages."""

from __future__ import annotations

from .dedupe_texts import DEDUPE_TEXTS
from .fields import Lang
from .import_texts import IMPORT_TEXTS
from .team_texts import TEAM_TEXTS

TEXTS: dict[str, tuple[str, str]] = {
    "segment": ("细分群体", "Segment"),
    "customers": ("客户数", "Customers"),
    "share": ("占比", "Share"),
    "spend": ("年消费({unit})", "Annual spend ({unit})"),
    "spend_share": ("消费占比", "Share of spend"),
    "stage": ("生命周期阶段", "Lifecycle stage"),
    "rfm_class": ("RFM 类别", "RFM class"),
    "written": ("已写入 {path}", "Written: {path}"),
    "unchanged": ("{path} 已是最新，未改动。", "{path} is up to date, nothing was changed."),
    "summary": (
        "{customers} 个客户，分析日期 {as_of}，结果形式：{form}",
        "Customers: {customers}, as of {as_of}, form of results: {form}",
    ),
    "added": (
        "新增 {count} 个只在订单中出现的客户：{ids}",
        "Added from the order log ({count}): {ids}",
    ),
    "kept_out": (
        "订单中有 {count} 个已被删除的客户，未重新加入：{ids}",
        "Deleted before, so not added again from the order log ({count}): {ids}",
    ),
    "typed_kept": (
        "订单只覆盖部分历史，保留手工填写的“{field}” {count} 处",
        "The log covers a part of the history; typed values of '{field}' that were kept: {count}",
    ),
    "wrong_rows": (
        "{count} 个客户有错误的单元格(显示 #VALUE!)，请运行 crm-xl check 查看",
        "Customers with wrong cells (#VALUE!): {count}. Run crm-xl check",
    ),
    "lines_skipped": (
        "{count} 行订单缺编号、日期或金额，未计入",
        "Order lines without id, date or amount, not counted: {count}",
    ),
    "lines_later": ("{count} 行订单晚于分析日期，未计入", "Order lines after the as-of date, not counted: {count}"),
    "backup": ("原文件保留为 {path}", "The old file is kept as {path}"),
    "findings": ("{errors} 个错误，{warnings} 个提醒", "Errors: {errors}, warnings: {warnings}"),
    "no_findings": ("没有发现问题。", "Nothing found."),
    "accuracy": ("数据准确率 {share}(目标 ≥ {goal})", "Accuracy {share} (goal ≥ {goal})"),
    "place": ("位置", "Where"),
    "severity": ("级别", "Severity"),
    "what": ("问题", "What"),
    "error": ("错误", "error"),
    "warning": ("提醒", "warning"),
    "their_header": ("来源列", "Their column"),
    "our_field": ("对应列", "Our column"),
    "samples": ("示例", "Samples"),
    "ignored": ("(不导入)", "(left out)"),
    "import_done": (
        "{rows} 行：新增 {new}，修改 {changed}，未变 {unchanged}",
        "Rows: {rows} (new {new}, changed {changed}, unchanged {unchanged})",
    ),
    "dry_run": ("预览，未写入。", "Preview, nothing was written."),
    "next_refresh": ("下一步：crm-xl refresh {path}", "Next: crm-xl refresh {path}"),
    "repairs": ("已修正 {count} 个值：", "Repaired values ({count}):"),
    "problems": ("{count} 个值无法使用，请核对：", "Values that cannot be used as they are, please check ({count}):"),
    "inputs": ("输入", "Inputs"),
    "why": ("原因", "Why"),
    "result": ("结果", "Result"),
    "value": ("值", "Value"),
    "indicator": ("指标", "Indicator"),
    "score": ("得分(1-5)", "Score (1-5)"),
    "weight": ("权重(%)", "Weight (%)"),
    "as_of": ("分析日期 {as_of}", "as of {as_of}"),
    "template": ("模板", "Template"),
    "languages": ("语言", "Languages"),
    "function": ("函数", "Function"),
    "meaning": ("说明", "Meaning"),
    "unexpected": (
        "出现意外错误：{what}。文件要么完整写入，要么没有改动。加 --debug 可查看详情。",
        "Something unexpected happened: {what}. The file was written whole or not at all. --debug shows the details.",
    ),
    "titled": ("{title}：{what}", "{title}: {what}"),
    "join": ("、", ", "),
    "dimension": ("评估维度", "Dimension"),
    "points": ("加权得分", "Points"),
    "rule_findings": ("规则有 {count} 处需要检查：", "Rules that need a look ({count}):"),
    "recalculated": (
        "您的 {count} 个公式依赖于更新的单元格，Excel 打开时会重新计算",
        "Your formulas that depend on changed cells, calculated by Excel on opening: {count}",
    ),
    "written_cells": ("写入的内容：", "What was written:"),
    "left_alone": (
        "未改动的内容(文件中另有 {parts} 个部分逐字节保留)：",
        "What was left alone (besides {parts} parts of the file, kept byte for byte):",
    ),
    "column": ("列", "Column"),
    "cells": ("单元格数", "Cells"),
    "task": ("任务", "Task"),
    "customer": ("客户", "Customer"),
    "owner": ("负责人", "Owner"),
    "due": ("截止日期", "Due"),
    "status": ("状态", "Status"),
    "overdue": ("逾期", "overdue"),
    "no_tasks": ("没有待完成的任务。", "No open tasks."),
    "tasks_open": (
        "{count} 个待完成任务，其中 {late} 个逾期；关怀日历 {care} 条",
        "Open tasks: {count}, of them overdue: {late}; dates in the care calendar: {care}",
    ),
    "calendar_written": ("已写入 {path}：{count} 个日程", "Written: {path}, events: {count}"),
    "tasks_undated": (
        "{count} 个任务没有截止日期，未写入日历",
        "Tasks without a due date, left out of the calendar: {count}",
    ),
    "exported": (
        "{rows} 位客户(共 {customers} 位)，{count} 列：{headers}",
        "Customers: {rows} of {customers}; columns: {count} ({headers})",
    ),
    "masked": ("已脱敏的列：{headers}", "Masked: {headers}"),
    "digits_lost": (
        "{count} 个编号或电话在工作簿中是过长的数字，末位已丢失；请把该列设为文本后重新填写",
        "IDs and phones that the workbook holds as numbers too long for Excel, last digits lost: {count}. Format the"
        " column as text and enter them again",
    ),
    **DEDUPE_TEXTS,
    **IMPORT_TEXTS,
    **TEAM_TEXTS,
    "more": ("…另有 {count} 项", "… and {count} more"),
}


def text(key: str, lang: Lang, **values: object) -> str:
    return TEXTS[key][0 if lang == "zh" else 1].format(**values)
