"""What an import asks, lists and reports, in both languages."""

from __future__ import annotations

Pair = tuple[str, str]

HOW_TEXTS: dict[str, Pair] = {
    "words": ("用词", "words"),
    "pinyin": ("拼音", "pinyin"),
    "sound": ("同音", "homophone"),
    "typo": ("笔误", "typing slip"),
    "alike": ("相似", "alike"),
    "initials": ("首字母", "initials"),
}
"""By what a column was found whose header is none of the known ones."""

IMPORT_MESSAGES: dict[str, Pair] = {
    "import_choice": ("“{field}”({score})", "'{field}' ({score})"),
    "import_option": ('--map "{header}={field}"', '--map "{header}={field}"'),
    "import_option_yuan": ('--map "{header}={field}(元)"', '--map "{header}={field} (CNY)"'),
    "import_option_wan": ('--map "{header}={field}(万元)"', '--map "{header}={field} (CNY 10k)"'),
    "import_option_percent": ('--map "{header}={field}(%)"', '--map "{header}={field} (%)"'),
    "ask_alike": (
        "“{header}”未导入：可能是{choices}。如果是，请加 {options}",
        "'{header}' was left out: it may be {choices}. If so, add {options}",
    ),
    "ask_two_columns": (
        "“{header}”未导入：“{rivals}”也像是“{field}”。请选定一列：{options}",
        "'{header}' was left out: '{rivals}' looks like '{field}', too. Choose one: {options}",
    ),
    "ask_weak": (
        "“{header}”未导入：这个标题太笼统，不能确定就是“{field}”。如果是，请加 {options}",
        "'{header}' was left out: the header is too general to be surely '{field}'. If it is, add {options}",
    ),
    "ask_running": (
        "“{header}”未导入：里面只是 1、2、3… 的行号，不能确定是“{field}”。如果是，请加 {options}",
        "'{header}' was left out: it only counts the rows, so it is hardly '{field}'. If it is, add {options}",
    ),
    "ask_values": (
        "“{header}”未导入：标题像“{field}”，内容却不像。如果是，请加 {options}",
        "'{header}' was left out: the header says '{field}', the values do not. If it is, add {options}",
    ),
    "ask_unit": (
        "“{header}”未导入：“{field}”的单位不能确定{unit}。请选定：{options}",
        "'{header}' was left out: the unit of '{field}' is not sure{unit}. Choose one: {options}",
    ),
    "ask_group": (
        "“{header}”未导入：不能确定上一行的分组标题是否改变了“{field}”的意思。如果没有，请加 {options}",
        "'{header}' was left out: the group above it may make it another thing than '{field}'. If not, add {options}",
    ),
    "source_unsure": (
        "{path} 中有一列缺了就不能导入，但不能确定是哪一列。{questions}",
        "{path} cannot be imported: it is not sure which column is the one that is needed. {questions}",
    ),
    "source_header_row": ("文件中第 {row} 行没有标题。", "Row {row} of the file holds no headers."),
    "source_transposed": (
        "{path} 是横向的：标题在 {cell} 列自上而下，每个客户占一列。请在 Excel 中复制后用“选择性粘贴 → 转置”再导入。",
        "{path} lies on its side: its headers run down column {cell}, a customer to a column. In Excel copy it, use"
        " Paste Special, Transpose, and import that.",
    ),
    "map_columns_missing": (
        "{path} 中写到的列在文件里没有：{names}。文件的列：{known}。",
        "{path} names columns that the file does not have: {names}. It has: {known}.",
    ),
    "map_unreadable": ("{path} 不是可用的列对应文件：{why}。", "{path} is no usable map of columns: {why}."),
    "map_other_table": (
        "{path} 是为 {found} 保存的，不能用于 {table}。",
        "{path} was saved for {found} and does not serve for {table}.",
    ),
    "new_ids_only_customers": (
        "--new-ids 只用于 --as customers。",
        "--new-ids goes with --as customers only.",
    ),
    "left_out_row": ("{source} 第 {row} 行({why})：{text}", "{source} row {row} ({why}): {text}"),
    "why_title": ("表头以上的内容", "above the header"),
    "why_units": ("单位或填写说明", "units or remarks"),
    "why_header": ("重复的标题", "header again"),
    "why_total": ("合计", "total"),
    "why_footer": ("表尾说明", "footer"),
    "why_table": ("另一个表", "another table"),
    "why_wide": ("值比标题多，列可能错位", "more values than headers, columns may have moved"),
    "why_no_customer": ("没有客户，也没有日期", "neither a customer nor a date"),
    "other_table": (
        "{source} 里还有另一个表，未导入：{text}",
        "{source} holds another table that was not read: {text}",
    ),
    "hidden_rows": (
        "{source} 有 {count} 行在 Excel 中是隐藏的，也已读取：第 {rows} 行",
        "{source}: rows that Excel hides were read, too ({count}): {rows}",
    ),
    "rows_left_out": (
        "{source} 有 {count} 行不是数据(合计、表尾等)，未读取：第 {rows} 行",
        "{source}: rows that are no data, such as totals, were not read ({count}): {rows}",
    ),
    "row_name": ("{source} 第 {row} 行“{name}”", "{source} row {row} '{name}'"),
    "joined_by_phone": ("{place}：按电话对应到 {customer}", "{place}: customer {customer}, by phone"),
    "joined_by_name": ("{place}：按名称对应到 {customer}", "{place}: customer {customer}, by name"),
    "joined_new": ("{place}：新客户，编号 {customer}", "{place}: new customer, ID {customer}"),
    "ask_customer": (
        "{place}未导入：可能是 {customers}。请在文件中填上客户编号",
        "{place} was left out: it may be {customers}. Fill in the customer ID in the file",
    ),
    "no_such_customer": (
        "{place}未导入：没有客户编号，现有客户中也没有",
        "{place} was left out: it has no customer ID and is no known customer",
    ),
    "values_differ": (
        "{customer}“{field}”：取 {kept}({first})，未取 {other}({second})",
        "{customer}, '{field}': {kept} ({first}) was taken, not {other} ({second})",
    ),
    "place_in_source": ("{source} 第 {row} 行", "{source} row {row}"),
}

IMPORT_TEXTS: dict[str, Pair] = {
    "no_place": ("(不导入，工作簿中没有“{column}”列)", "(left out, the workbook has no column '{column}')"),
    "how_found": ("依据", "Found by"),
    "questions": ("{count} 处需要您决定：", "To be decided by you ({count}):"),
    "rows_no_data": ("{count} 行不是数据，未导入：", "Rows that are no data, left out ({count}):"),
    "joined": ("{count} 行没有客户编号，已对应：", "Rows without an ID that were matched ({count}):"),
    "differences": (
        "{count} 处取值不一致，以先出现的为准：",
        "Values that differ, the first one named was taken ({count}):",
    ),
    "changes": ("修改 {count} 个单元格：", "Cells that change ({count}):"),
    "changed_cell": ("{customer}“{column}”：{old} → {new}", "{customer}, '{column}': {old} → {new}"),
    "nothing_there": ("(空)", "(empty)"),
    "use_new_ids": (
        "{count} 行没有客户编号，也不是现有客户，未导入。加 --new-ids 前缀(如 --new-ids N)可作为新客户加入",
        "Rows without an ID that are no known customer, left out: {count}. Add --new-ids PREFIX (such as --new-ids N)"
        " to add them as new customers",
    ),
    "map_saved": ("列的对应已保存到 {path}", "The map of columns was saved as {path}"),
    "map_comment": (
        '列的对应(crm-xl import --use-map)。左边是文件里的标题，右边是我们的列；"" 表示不导入。',
        'Which column is which, for crm-xl import --use-map. Left: the file\'s header; right: our column, "" for none.',
    ),
}
