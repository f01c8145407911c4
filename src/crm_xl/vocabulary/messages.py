"""What we say to people: every message in both languages. `{name}` is filled in by the caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from .addin_texts import ADDIN_TEXTS
from .dedupe_texts import DEDUPE_MESSAGES
from .excel_texts import ACTIONS
from .export_texts import EXPORT_MESSAGES
from .fields import Field, Lang, Table
from .import_texts import IMPORT_MESSAGES
from .quality_texts import QUALITY_MESSAGES
from .task_texts import TASK_MESSAGES
from .team_texts import TEAM_MESSAGES

LONGEST = 200
"""Characters of a value that a message repeats: a cell may hold 32,767."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reason within a message, told in the reader's language, with what fills it in."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


MESSAGES: dict[str, tuple[str, str]] = {
    # files
    "file_missing": ("找不到文件 {path}。请检查文件名和文件夹。", "{path} does not exist. Check the name and folder."),
    "file_is_folder": ("{path} 是文件夹，不是文件。", "{path} is a folder, not a file."),
    "file_empty": ("文件 {path} 是空的(0 字节)。", "{path} is empty (0 bytes)."),
    "file_not_workbook": (
        "{path} 不是有效的 Excel 工作簿({why})。请用 Excel 打开后另存为 .xlsx。",
        "{path} is not a valid Excel workbook ({why}). Open it in Excel and save it as .xlsx.",
    ),
    "old_workbook": (
        "{path} 是旧版 Excel 97–2003 文件(.xls)，或其他旧版 Office 文件。请用 Excel 打开后另存为 .xlsx。",
        "{path} is a file of Excel 97-2003 (.xls) or of another old Office program. Open it in Excel and save it"
        " as .xlsx.",
    ),
    "binary_workbook": (
        "{path} 是 Excel 二进制工作簿(.xlsb)。请用 Excel 打开后另存为 .xlsx。",
        "{path} is an Excel binary workbook (.xlsb). Open it in Excel and save it as .xlsx.",
    ),
    "unpacks_too_large": (
        "{path} 解压后将达到 {size} MB(文件本身 {packed} MB)，不像正常的工作簿，未打开。如果来源可靠，请用 Excel"
        " 打开，删去不需要的工作表后另存为 .xlsx。",
        "{path} would unpack to {size} MB (it has {packed} MB itself), unlike any real workbook, and was not"
        " opened. If you trust where it comes from, open it in Excel, delete the sheets that you do not need and"
        " save it as .xlsx.",
    ),
    "has_doctype": (
        "{path} 中的 {part} 带有 DOCTYPE 声明，工作簿里不允许，可能是恶意文件，未打开。如果来源可靠，请用 Excel"
        " 打开后另存为 .xlsx。",
        "{part} in {path} declares a DOCTYPE, which a workbook may not have and which can do harm, so it was not"
        " opened. If you trust where it comes from, open it in Excel and save it as .xlsx.",
    ),
    "signed": (
        "{path} 带有数字签名，刷新后签名会失效，因此未改动。加 --break-signature 可去掉签名并继续。",
        "{path} carries a digital signature, which a refresh would break, so it was left alone. Add"
        " --break-signature to take the signature out and go on.",
    ),
    "file_unreadable": ("无法读取 {path}：{why}", "Cannot read {path}: {why}"),
    "file_kind": (
        "不支持 {path} 的文件类型。可用：{kinds}。",
        "{path} is of a kind that cannot be used here. Usable: {kinds}.",
    ),
    "target_exists": (
        "{path} 已存在，未改动。请换一个文件名，或加 --force 覆盖。",
        "{path} exists and was left alone. Choose another name, or add --force to replace it.",
    ),
    "folder_missing": (
        "文件夹 {path} 不存在。请先新建该文件夹。",
        "The folder {path} does not exist. Create it first.",
    ),
    "write_failed": (
        "无法写入 {path}：{why}。原文件未改动。",
        "Cannot write {path}: {why}. The original file is unchanged.",
    ),
    "moved_aside": (
        "无法写入 {path}：{why}。原文件完好，现名为 {aside}；下次打开时会自动恢复，也可以手动改回原名。",
        "Cannot write {path}: {why}. The original file is whole, but is now named {aside}; it is put back when the"
        " book is next opened, or rename it yourself.",
    ),
    "file_missing_backup": (
        "找不到文件 {path}。有一份备份：{backup}。如需恢复，请把它复制并改名为原文件名。",
        "{path} does not exist. There is a copy, {backup}: to go back to it, copy it to the book's name.",
    ),
    "busy": (
        "{path} 正在被另一次刷新或导入使用。请等它结束后再试。",
        "Another refresh or import of {path} is running. Try again when it is done.",
    ),
    "why_disk_full": ("磁盘空间不足", "No space is left on the disk"),
    "why_too_large": ("文件超出该磁盘允许的大小", "the file is larger than this disk allows"),
    "why_file_read_only": ("文件是只读的", "the file is read-only"),
    "why_folder_read_only": ("没有写入该文件夹的权限", "its folder may not be written to"),
    "why_in_use": ("文件正被其他程序使用", "another program is using it"),
    "why_changed": ("文件在读取之后又被保存过", "somebody saved it after it was read"),
    "open_in_excel": (
        "{path} 正在 Excel 中打开。请先关闭再试。",
        "{path} is open in Excel. Close it there and try again.",
    ),
    "template_unknown": (
        "没有模板“{template}”。可用：{known}。",
        "There is no template '{template}'. Available: {known}.",
    ),
    "date_unreadable": (
        "日期“{value}”无法识别。请写成 2024-06-30。",
        "The date '{value}' cannot be read. Write it as 2024-06-30.",
    ),
    "wrong_choice": (
        "“{value}”不可用。可用：{known}。",
        "'{value}' is not possible here. Possible: {known}.",
    ),
    # workbooks
    "no_customers": (
        "{path} 中没有名为 Customers 的表格。请把客户区域设为表格(Ctrl+T)，并在“表设计”中命名为 Customers。",
        "{path} has no table named Customers. Make the customer range a table (Ctrl+T) and name it Customers"
        " under Table Design.",
    ),
    "no_id_column": (
        "工作表“{sheet}”的表格 {table} 没有客户编号列。请加一列，标题写“客户编号”。",
        "Table {table} on sheet '{sheet}' has no customer ID column. Add one with the header 'Customer ID'.",
    ),
    "two_columns": (
        "工作表“{sheet}”的 {first} 和 {second} 两列都是“{field}”。请改掉或删掉其中一个标题。",
        "On sheet '{sheet}', {first} and {second} both mean '{field}'. Rename or remove one of them.",
    ),
    "no_table": (
        "{path} 中没有表格 {table}，无法导入。",
        "{path} has no table {table} to import into.",
    ),
    "not_calculated": (
        "工作表“{sheet}”{cell} 的公式没有计算结果。请用 Excel 打开并保存一次后再试。",
        "The formula in {cell} on sheet '{sheet}' has no calculated value. Open and save the workbook in"
        " Excel once, then try again.",
    ),
    "occupied_below": (
        "工作表“{sheet}”{cell} 已有内容，表格 {table} 无法向下增加行。请把它移到别处后再试。",
        "{cell} on sheet '{sheet}' is occupied, so table {table} cannot grow downwards. Move it and try again.",
    ),
    "totals_row": (
        "工作表“{sheet}”的表格 {table} 在 {cell} 有汇总行，无法增加行。请在“表设计”中先关闭汇总行。",
        "Table {table} on sheet '{sheet}' has a totals row at {cell} and cannot grow. Switch it off under Table Design"
        " first.",
    ),
    "protected_cell": (
        "工作表“{sheet}”受保护，{cell} 被锁定，无法写入。请先撤销工作表保护。",
        "Sheet '{sheet}' is protected and {cell} is locked. Unprotect the sheet first.",
    ),
    "formula_in_the_way": (
        "工作表“{sheet}”{cell} 是一个不能单独改写的公式({kind})。",
        "{cell} on sheet '{sheet}' holds a formula that cannot be replaced alone ({kind}).",
    ),
    "sheet_too_long": (
        "工作表“{sheet}”的行数已到 Excel 上限(1,048,576 行)。",
        "Sheet '{sheet}' would need more than Excel's 1,048,576 rows.",
    ),
    "strict_ooxml": (
        "{path} 是“严格 Open XML”格式。请用 Excel 另存为普通 .xlsx。",
        "{path} is in Strict Open XML format. Save it as an ordinary .xlsx in Excel.",
    ),
    "encrypted": (
        "{path} 有打开密码。请先在 Excel 中取消密码。",
        "{path} is protected by a password. Remove the password in Excel first.",
    ),
    "forced_calculation": (
        "此工作簿每次打开都会全部重算(或由旧版 Excel 保存)，因此结果以数值写入，不写公式。",
        "This workbook recalculates everything on opening (or was saved by an old Excel), so results are"
        " written as values, not formulas.",
    ),
    # rules
    "rule_problem": ("工作表“{sheet}”{cell}：{what}", "Sheet '{sheet}' {cell}: {what}"),
    "rule_not_number": (
        "“{header}”应为数字，现为“{value}”。请改成数字。",
        "'{header}' should be a number, not '{value}'. Enter a number.",
    ),
    "setting_impossible": (
        "“{header}”不能是“{value}”，暂按默认值计算。请改正。",
        "'{header}' cannot be '{value}'; the default holds meanwhile. Correct it.",
    ),
    "rule_no_label": ("“{header}”为空。请填写名称。", "'{header}' is empty. Enter a label."),
    "rule_no_number": ("“{header}”为空。请填写数字。", "'{header}' is empty. Enter a number."),
    "rule_negative": ("“{header}”不能为负数({value})。", "'{header}' cannot be negative ({value})."),
    "rule_duplicate_edge": (
        "下限 {value} 出现两次。请删掉一行或改成不同的数。",
        "The lower edge {value} appears twice. Remove one row or change it.",
    ),
    "rule_duplicate_value": (
        "“{value}”出现两次。请删掉其中一行。",
        "'{value}' appears twice. Remove one of the rows.",
    ),
    "rule_gap": (
        "规则没有覆盖所有情况：{what}。请加一行下限为空的兜底规则。",
        "The rules leave a gap: {what}. Add a last row with empty edges.",
    ),
    "rule_overlap": (
        "第 {row} 行的范围与第 {other} 行重叠，永远不会用到。请调整或删除。",
        "Row {row} is covered by row {other} and can never apply. Change or remove it.",
    ),
    "rule_range": (
        "“{label}”的范围 {low}–{high} 不对，应在 1 到 5 之间且从小到大。",
        "The range {low}-{high} of '{label}' is wrong: it must lie within 1 to 5, smaller first.",
    ),
    "rule_weights": (
        "权重合计为 {total}，不是 100。请调整权重，或接受按比例折算。",
        "The weights add up to {total}, not 100. Adjust them, or accept that they are scaled.",
    ),
    "rule_category_range": (
        "“{dimension}”的权重合计 {total} 不在参考区间 {reference} 内。",
        "The weights of '{dimension}' add up to {total}, outside the reference range {reference}.",
    ),
    "loyalty_unknown": (
        "积分表里有 {count} 个客户编号不在客户表中：{ids}。积分已照算，客户名称留空。",
        "{count} customer IDs in the loyalty points are not in the customer table: {ids}. Their points are counted,"
        " the name stays empty.",
    ),
    "rule_unknown_criterion": (
        "“{value}”不是内置的分级标准，客户表里也没有这个标题的列，所以没有得分。",
        "'{value}' is no built-in criterion and no column of the customer table has that header, so it has no score.",
    ),
    "rule_unknown_indicator": (
        "“{value}”不是已知的指标。可用：{known}。",
        "'{value}' is not a known indicator. Known: {known}.",
    ),
    "indicator_unknown": (
        "没有“{value}”这个指标：它既不是内置指标，也不是客户表里的列，所以没有数据。",
        "There is no indicator '{value}': it is neither built in nor a column of the customer table, so it has no data.",
    ),
    "indicator_no_bands": (
        "指标“{value}”在“评分标准”里没有分档，不会得分。",
        "The indicator '{value}' has no bands, so it scores nothing.",
    ),
    "rule_unknown_choice": (
        "“{value}”不可用。可用：{known}。",
        "'{value}' is not possible here. Possible: {known}.",
    ),
    "rule_unknown_label": (
        "“{value}”不是现有标签。可用：{known}。",
        "'{value}' is not a label in use. In use: {known}.",
    ),
    "rule_count": (
        "{what}应有 {low} 到 {high} 行，现有 {count} 行。",
        "{what} should have {low} to {high} rows, not {count}.",
    ),
    "rule_shares": ("份额合计为 {total}，应为 100。", "The shares add up to {total}, not 100."),
    "rule_score_range": (
        "得分“{value}”应在 1 到 5 之间。",
        "The score '{value}' must lie between 1 and 5.",
    ),
    # data
    "id_empty": ("客户编号为空。", "The customer ID is empty."),
    "id_twice": (
        "客户编号 {value} 重复(第 {row} 行已有)。",
        "The customer ID {value} appears twice (first in row {row}).",
    ),
    "id_digits_lost": (
        "编号 {value} 位数太长，作为数字已丢失末位。请把该列设为文本后重新填写。",
        "The number {value} is too long for Excel and has lost digits. Format the column as text and enter it again.",
    ),
    "value_error_cell": ("单元格是错误值 {value}。", "The cell holds the error {value}."),
    "value_not_number": ("应为数字，现为“{value}”。", "Should be a number, not '{value}'."),
    "value_not_date": ("应为日期，现为“{value}”。", "Should be a date, not '{value}'."),
    "value_negative": ("不能为负数({value})。", "Cannot be negative ({value})."),
    "value_outside": ("{value} 超出范围 {low}–{high}。", "{value} is outside {low} to {high}."),
    "value_missing": ("“{field}”为空。", "'{field}' is empty."),
    "value_not_whole": ("应为整数，现为 {value}。", "Should be a whole number, not {value}."),
    "date_future": ("日期 {value} 晚于分析日期 {as_of}。", "The date {value} is after the as-of date {as_of}."),
    "order_without_customer": ("订单的客户编号为空，未计入。", "An order without a customer ID was not counted."),
    "order_wrong_date": (
        "订单日期“{value}”无法识别，未计入。",
        "The order date '{value}' cannot be read; not counted.",
    ),
    "order_wrong_amount": (
        "订单金额“{value}”无法识别，未计入。",
        "The order amount '{value}' cannot be read; not counted.",
    ),
    "order_unknown_customer": (
        "订单中的客户 {value} 不在客户表中。",
        "The customer {value} in the order log is not in the customer table.",
    ),
    "contact_wrong_date": (
        "联系日期“{value}”无法识别，未计入。",
        "The contact date '{value}' cannot be read; not counted.",
    ),
    "formula_text": ("文本以 {value} 开头，按文本处理。", "The text starts with {value} and is kept as text."),
    "proposed": ("建议：{value}", "proposed: {value}"),
    # explain
    "customer_unknown": (
        "客户编号“{value}”不在表格 Customers 中。",
        "There is no customer '{value}' in the table Customers.",
    ),
    # sources
    "source_no_column": (
        "{path} 中没有“{field}”列。请加一列，标题写“{field}”，或用 --map “原标题={field}” 指定。",
        "{path} has no column '{field}'. Add one with that header, or name it with --map 'their header={field}'.",
    ),
    "log_without_column": (
        "工作表“{sheet}”的表格 {table} 缺少列：{fields}。其中的记录未计入。",
        "Table {table} on sheet '{sheet}' has no column {fields}: its lines were not counted.",
    ),
    "history_thinned": (
        "历史快照超过 {rows} 行，{count} 个较早的日期已删去，只留月末。",
        "The snapshots passed {rows} rows: older dates were dropped ({count}), month ends stay.",
    ),
    "formula_kept": (
        "工作表“{sheet}”{cell} 是公式，未改动。",
        "{cell} on sheet '{sheet}' holds a formula and was left alone.",
    ),
    "frame_no_column": (
        "数据缺少列：{fields}。",
        "The frame has no column {fields}.",
    ),
    "map_form": (
        "--map 应写成 “原标题=我们的列名”，现为“{value}”。",
        "--map takes 'their header=our field', not '{value}'.",
    ),
    "sample_and_sources": (
        "--sample 不能与 --customers、--orders、--interactions 一起使用。请只选一种。",
        "--sample cannot go with --customers, --orders or --interactions. Choose one.",
    ),
    "out_kind": (
        "{path} 的扩展名与原工作簿不同。请改用 {kinds}。",
        "{path} has another extension than the workbook. Use {kinds}.",
    ),
    "no_macros": (
        "{path}：这个模板没有对应的宏，请新建 .xlsx，并用 crm-xl addin install 安装插件。",
        "{path}: there are no macros for this template. Make an .xlsx and install the add-in with crm-xl addin install.",
    ),
    "build_tools": (
        "构建插件需要 {name}：pip install 'crm-xl[build]'。",
        "Building the add-in needs {name}: pip install 'crm-xl[build]'.",
    ),
    "vba_name": ("{name} 不能作为 Excel 函数名。", "{name} cannot be the name of a worksheet function."),
    "xlwings_changed": (
        "安装的 xlwings 与插件不匹配：找不到“{what}”。请安装 pyproject.toml 中固定的版本。",
        "The installed xlwings does not fit the add-in: '{what}' is not where it was. Install the version that"
        " pyproject.toml pins.",
    ),
    "source_cell": (
        "{source} 第 {row} 行“{header}”：{what}",
        "{source} row {row}, '{header}': {what}",
    ),
    "columns_left_out": (
        "{source} 中有 {count} 列没有对应的列，未导入：{headers}",
        "{source}: columns that have no place here and were left out ({count}): {headers}",
    ),
    "source_no_id": (
        "{path} 中没有客户编号列。请加一列，标题写“客户编号”，或用 --map “原标题=客户编号” 指定。",
        "{path} has no customer ID column. Add one with the header 'Customer ID', or name it with"
        " --map 'their header=Customer ID'.",
    ),
    "source_two_columns": (
        "“{first}”和“{second}”两列都是“{field}”。请用 --map “原标题={field}” 指定其中一列。",
        "'{first}' and '{second}' both mean '{field}'. Choose one with --map 'their header={field}'.",
    ),
    "source_unknown_field": (
        "“{value}”不是表格 {table} 的列。可用：{known}。",
        "'{value}' is not a column of {table}. Possible: {known}.",
    ),
    "source_unknown_header": (
        "文件中没有标题为“{value}”的列。现有：{known}。",
        "The file has no column with the header '{value}'. It has: {known}.",
    ),
    "sheet_missing": (
        "{path} 中没有工作表“{sheet}”。现有：{known}。",
        "{path} has no sheet '{sheet}'. It has: {known}.",
    ),
    "sheet_too_far": (
        "工作表“{sheet}”的数据一直到 {cell}，范围太大，无法读取。请删除远处多余的单元格并保存后再试。",
        "Sheet '{sheet}' reaches as far as {cell}, too far to be read. Delete the stray cells out there,"
        " save, and try again.",
    ),
    **TASK_MESSAGES,
    **TEAM_MESSAGES,
    **DEDUPE_MESSAGES,
    **EXPORT_MESSAGES,
    **IMPORT_MESSAGES,
    **QUALITY_MESSAGES,
    **ADDIN_TEXTS,
    # inside Excel
    **ACTIONS,
}


def message(key: str, lang: Lang, **values: object) -> str:
    """The message `key` in a language, filled in: fields and tables by their name there, lists joined."""
    told = {name: _told(value, lang) for name, value in values.items()}
    return MESSAGES[key][0 if lang == "zh" else 1].format(**told)


def _told(value: object, lang: Lang) -> object:
    if isinstance(value, Told):
        return message(value.key, lang, **value.values)
    if isinstance(value, (Field, Table)):
        return value.zh if lang == "zh" else value.en
    if isinstance(value, (tuple, list)):
        return ("、" if lang == "zh" else ", ").join(str(_told(v, lang)) for v in value)
    if isinstance(value, str) and len(value) > LONGEST:
        return value[: LONGEST - 1] + "…"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date()
    return value
