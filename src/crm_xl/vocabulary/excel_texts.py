"""What the add-in says inside Excel, in both languages: key -> (zh, en)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "excel_title": ("客户分析", "Customers"),
    # refusals
    "excel_no_book": (
        "没有可用的工作簿。请先打开客户工作簿(如有“启用编辑”提示，请先点击)，再试一次。",
        "There is no workbook to work on. Open the customer workbook (and click Enable Editing if Excel offers it),"
        " then try again.",
    ),
    "excel_save_first": (
        "请先把工作簿保存到这台电脑上，再刷新。",
        "Save the workbook on this computer first, then refresh it.",
    ),
    "excel_windows_only": (
        "在 Mac 上只有“刷新分析”按钮可用；其余请在终端运行 crm-xl --help 查看对应的命令。",
        "On a Mac only the button Refresh analysis works; for the others see the commands: crm-xl --help.",
    ),
    "excel_read_only": (
        "{path} 是以只读方式打开的，刷新结果无法保存。请先另存为新文件再刷新。",
        "{path} is open read-only, so nothing could be saved. Save it under another name first.",
    ),
    "excel_too_old": (
        "这个版本的 Excel 没有动态数组(需要 Microsoft 365 或 Excel 2021 及以上)。请关闭 {path}，再运行 crm-xl refresh"
        " --formulas values。",
        "This Excel has no dynamic arrays (Microsoft 365 or Excel 2021 is needed). Close {path} and run crm-xl refresh"
        " --formulas values.",
    ),
    "excel_not_ours": (
        "{path} 不是由 crm_xl 模板生成的工作簿，没有这项功能需要的内容。请用“新建工作簿”生成一个。",
        "{path} was not made from a crm_xl template and has not what this needs. Make one with New workbook.",
    ),
    "excel_busy": (
        "Excel 正忙：可能有单元格正在编辑，或有对话框打开。请按 Enter 或 Esc 结束编辑、关闭对话框，再试一次。",
        "Excel is busy: a cell is being edited or a dialog is open. Press Enter or Esc, close the dialog and try again.",
    ),
    "excel_gone": (
        "Excel 已关闭或没有响应。请重新打开工作簿，必要时点击“撤销刷新”，再试一次。",
        "Excel was closed or does not answer. Open the workbook again, undo the refresh if it was cut off, try again.",
    ),
    "excel_refused": (
        "Excel 拒绝了操作：{why}",
        "Excel refused: {why}",
    ),
    "excel_no_date": (
        "工作表“{sheet}”中有单元格设为日期格式，但数字超出日期范围(显示为 ####)。请改正后再试。",
        "Sheet '{sheet}' has a cell with a date format whose number is no date (it shows ####). Correct it and try"
        " again.",
    ),
    "excel_merged": (
        "工作表“{sheet}”{cell} 是合并单元格，无法写入。请先取消合并。未作任何改动。",
        "{cell} on sheet '{sheet}' is part of a merged cell. Unmerge it first. Nothing was changed.",
    ),
    "excel_not_taken": (
        "写入工作表“{sheet}”{cell} 后内容不符：可能有筛选，或该列设为文本格式。请清除筛选、把格式改为常规后再试。"
        "所有改动已还原。",
        "{cell} on sheet '{sheet}' did not keep what was written, perhaps because of a filter or the format Text. Clear"
        " the filter, set the format to General and try again. Everything was put back.",
    ),
    "excel_half": (
        "写入 {path} 时 Excel 中断，部分单元格可能未还原。请不要保存，关闭后重新打开；或点击“撤销刷新”。",
        "Excel stopped while {path} was written, and some cells may not have been put back. Close it without saving"
        " and open it again, or undo the refresh.",
    ),
    "excel_path_long": (
        "{path} 的路径太长，Excel 打不开(最多 {most} 个字符)。请选择较短的文件夹。没有生成文件。",
        "The path {path} is too long for Excel ({most} characters at most). Choose a shorter folder. Nothing was made.",
    ),
    "excel_select_customer": (
        "请先在客户表中选中一位客户所在的行。",
        "Select a cell in the row of a customer in the customer table first.",
    ),
    "undo_nothing": (
        "没有可以撤销的刷新。只能撤销本机上这个工作簿的最近一次刷新。",
        "There is no refresh to undo. Only the last one of this workbook on this computer can be undone.",
    ),
    "undo_changed": (
        "工作表“{sheet}”{cell} 在刷新之后又有改动，无法撤销。未作任何改动。",
        "{cell} on sheet '{sheet}' was changed after the refresh, so it cannot be undone. Nothing was changed.",
    ),
    "excel_unexpected": (
        "出现意外错误：{what}\n详情已保存到 {path}，可发给技术支持。",
        "Something unexpected happened: {what}\nThe details are in {path}, for whoever helps you.",
    ),
    # progress and summaries
    "excel_reading": ("客户分析：正在读取和计算…", "Customers: reading and analysing…"),
    "excel_writing": ("客户分析：正在写入…", "Customers: writing…"),
    "excel_refreshed": (
        "已刷新：{count} 个单元格有更新。可用“撤销刷新”恢复。",
        "Refreshed: cells that changed: {count}. Undo refresh puts them back.",
    ),
    "excel_up_to_date": ("已是最新，未作改动。", "Everything is up to date, nothing was changed."),
    "excel_wrong_rows": (
        "{count} 个客户有错误的单元格(显示 #VALUE!)，请点击“检查数据”查看。",
        "Customers with wrong cells (#VALUE!): {count}. See Check data.",
    ),
    "excel_undone": ("已撤销：{count} 个单元格恢复为刷新前的内容。", "Undone. Cells put back: {count}."),
    "excel_to_values": (
        "结果已转为数值，可以发给没有安装插件的人。“转为公式”可恢复。",
        "The results are values now, also for people without the add-in. To formulas turns them back.",
    ),
    "excel_to_formulas": ("结果已转为公式。", "The results are formulas now."),
    "excel_list_question": ("要在新工作簿中列出全部 {count} 项吗？", "List all {count} of them in a new workbook?"),
    "excel_import_question": (
        "将 {source} 导入表格 {table}：新增 {new} 行，修改 {changed} 行，未变 {unchanged} 行。是否继续？",
        "Import {source} into table {table}? New rows: {new}, changed: {changed}, unchanged: {unchanged}.",
    ),
    "excel_import_unsure": (
        "下列内容没有把握，不会导入。请在文件中改好列名后再导入一次：",
        "The following is not certain and is not imported. Rename the columns in the file and import it once more:",
    ),
    "excel_imported": (
        "已导入。请点击“刷新分析”更新结果。",
        "Imported. Refresh analysis brings the results up to date.",
    ),
    "excel_sources": ("客户、订单或互动记录", "Customers or orders or contacts"),
    "excel_workbooks": ("Excel 工作簿", "Excel workbook"),
    "excel_new_name": ("客户管理.xlsx", "Customers.xlsx"),
}
"""What the ribbon's buttons say."""
