"""What the ribbon and the add-in's own messages say, in both languages: key -> (zh, en).

A control's key is its id in addin/customUI14.xml, with .label or .tip.
"""

from __future__ import annotations

RIBBON_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("客户分析", "Customers"),
    "crmXlTab.label": ("客户分析", "Customers"),
    "crmXlAnalysis.label": ("分析", "Analysis"),
    "crmXlData.label": ("数据", "Data"),
    "crmXlForms.label": ("公式与数值", "Formulas and values"),
    "crmXlHelp.label": ("帮助", "Help"),
    "crmXlRefresh.label": ("刷新分析", "Refresh analysis"),
    "crmXlRefresh.tip": (
        "按今天的日期重新计算客户标签、生命周期、RFM、评分和各汇总表。您自己的列、格式和批注不会改动。",
        "Brings tags, stages, RFM, scores and summaries up to date as of today. Your own columns, formats and"
        " comments stay as they are.",
    ),
    "crmXlUndo.label": ("撤销刷新", "Undo refresh"),
    "crmXlUndo.tip": (
        "恢复上一次刷新改写的单元格。Excel 自己的撤销不包括刷新。",
        "Puts back the cells that the last refresh overwrote. Excel's own undo does not reach them.",
    ),
    "crmXlCheck.label": ("检查数据", "Check data"),
    "crmXlCheck.tip": (
        "列出缺失、重复和不合理的数据，只检查不修改。",
        "Lists missing, doubled and implausible data. Nothing is changed.",
    ),
    "crmXlExplain.label": ("解释这个客户", "Explain this customer"),
    "crmXlExplain.tip": (
        "先选中客户表中的一行：说明这个客户为什么是这个标签、得分和阶段。",
        "Select a row of the customer table first: why this customer has this tag, score and stage.",
    ),
    "crmXlNew.label": ("新建工作簿", "New workbook"),
    "crmXlNew.tip": ("用模板新建一个客户管理工作簿。", "Makes a customer workbook from a template."),
    "crmXlNewFull.label": ("全部(完整工作簿)", "Everything (full workbook)"),
    "crmXlNewFull.tip": (
        "看板、细分、评估、策略、大客户、目标、任务和关怀日历，每张表一份。",
        "Dashboard, segments, evaluation, strategies, key accounts, targets, tasks and care calendar, each table once.",
    ),
    "crmXlNewCustomerInfo.label": ("客户信息与细分", "Customers and segments"),
    "crmXlNewCustomerInfo.tip": (
        "客户基础信息表、细分维度、群体特征和策略建议。",
        "Customer table, segment dimensions, group profile and what to do about each group.",
    ),
    "crmXlNewEvaluation.label": ("客户关系评估", "Relationship evaluation"),
    "crmXlNewEvaluation.tip": (
        "指标与权重、客户评分、单个客户评估表、等级与策略、模型校准。",
        "Indicators and weights, scores, one customer's evaluation, levels and strategies, calibration.",
    ),
    "crmXlNewSales.label": ("销售策略", "Sales strategy"),
    "crmXlNewSales.tip": (
        "RFM 分层、画像与需求、销售策略、任务、看板和周复盘。",
        "RFM classes, portraits and needs, sales plan, tasks, dashboard and weekly review.",
    ),
    "crmXlNewAccounts.label": ("大客户分级", "Key accounts"),
    "crmXlNewAccounts.tip": (
        "分级标准、需求、满意度与问卷、分级结果、积分。",
        "Criteria, needs, satisfaction and questionnaire, tiers, points.",
    ),
    "crmXlNewCase.label": ("客户案例分析", "Case analysis"),
    "crmXlNewCase.tip": (
        "一位客户的一页纸、持续改进、关怀日历。",
        "One customer on one page, improvements, care calendar.",
    ),
    "crmXlImport.label": ("导入数据", "Import data"),
    "crmXlImport.tip": (
        "从 Excel、CSV 文件导入客户、订单或互动记录，自动识别列名。",
        "Imports customers, orders or interactions from an Excel or CSV file; columns are found by their headers.",
    ),
    "crmXlParameters.label": ("参数", "Parameters"),
    "crmXlParameters.tip": (
        "转到参数表：价值层级、活跃规则、权重、等级。改动在下一次刷新时生效。",
        "Goes to the parameter sheet: tiers, activity rules, weights, levels. Changes count from the next refresh.",
    ),
    "crmXlToValues.label": ("转为数值", "To values"),
    "crmXlToValues.tip": (
        "把结果列的公式变成数值，发给没有安装插件的人也能看。",
        "Turns the formulas of the result columns into values, for people without the add-in.",
    ),
    "crmXlToFormulas.label": ("转为公式", "To formulas"),
    "crmXlToFormulas.tip": ("把结果列的数值变回公式。", "Turns the values of the result columns back into formulas."),
    "crmXlFunctions.label": ("函数帮助", "Function help"),
    "crmXlFunctions.tip": (
        "列出所有工作表函数及其参数，例如 =SEGMENT()。",
        "Lists every worksheet function with its arguments, such as =SEGMENT().",
    ),
    "crmXlRestart.label": ("重启 Python", "Restart Python"),
    "crmXlRestart.tip": (
        "函数没有反应或显示 #N/A 时使用。之后按 Ctrl+Alt+F9 重新计算。",
        "For functions that do not answer or show #N/A. Then press Ctrl+Alt+F9 to calculate again.",
    ),
    "crmXlAbout.label": ("关于", "About"),
    "crmXlAbout.tip": ("版本，以及函数最近一次出错的原因。", "The version, and why a function failed last."),
    "about": (
        "客户分析插件 crm_xl {version}\n使用 xlwings {xlwings}(BSD 许可)\n\n命令行：crm-xl addin doctor 可以诊断安装问题。",
        "Customer add-in crm_xl {version}\nwith xlwings {xlwings} (BSD licence)\n\ncrm-xl addin doctor on the"
        " command line finds out what is wrong with an installation.",
    ),
    "last_error": ("函数最近一次出错：", "The last error of a function:"),
    "restarted": (
        "Python 已停止，下一次计算时会重新启动。按 Ctrl+Alt+F9 重新计算全部公式。",
        "Python was stopped and starts again with the next calculation. Ctrl+Alt+F9 calculates all formulas.",
    ),
    "no_workbook": ("没有打开的工作簿。请先打开客户工作簿。", "No workbook is open. Open the customer workbook first."),
    "protected_view": (
        "工作簿在受保护的视图中。请先点击“启用编辑”，再试一次。",
        "The workbook is in Protected View. Click Enable Editing first, then try again.",
    ),
    "killed": (
        "Python 意外中断(可能被结束进程或被杀毒软件拦截)，操作没有完成。请点击“撤销刷新”恢复，再试一次；"
        "仍然如此时运行 crm-xl addin doctor。",
        "Python ended unexpectedly (ended in the Task Manager, or by an antivirus) and the work was not finished. Press"
        " Undo refresh to put the workbook back, then try again; if that does not help, run crm-xl addin doctor.",
    ),
    "no_python": (
        "找不到 Python。请关闭 Excel，运行 crm-xl addin install；仍有问题时运行 crm-xl addin doctor。",
        "Python was not found. Close Excel and run crm-xl addin install; if that does not help, crm-xl addin doctor.",
    ),
}

CATEGORIES: dict[str, tuple[str, str]] = {
    "segment": ("客户分析 - 分群", "Customers - segments"),
    "score": ("客户分析 - 评分", "Customers - scores"),
    "value": ("客户分析 - 价值与风险", "Customers - value and risk"),
    "rate": ("客户分析 - 比率", "Customers - rates"),
    "text": ("客户分析 - 文本", "Customers - texts"),
}
"""Category of a worksheet function -> what the function wizard calls it."""
