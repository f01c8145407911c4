"""What exporting a list says and knows, in both languages."""

from __future__ import annotations

Pair = tuple[str, str]

LIST_SHEET: Pair = ("客户名单", "Customer list")

CONTACT_WORDS: dict[str, tuple[str, ...]] = {
    "id": (
        "身份证",
        "证件",
        "护照",
        "银行卡",
        "卡号",
        "账号",
        "idcard",
        "idnumber",
        "passport",
        "微信",
        "wechat",
        "qq",
    ),
    "email": ("邮箱", "邮件", "email", "e-mail"),
    "phone": ("手机", "电话", "传真", "phone", "mobile", "telephone", "fax", "whatsapp"),
    "address": ("地址", "住址", "address"),
    "name": ("联系人", "姓名", "法人", "决策人", "contactperson", "contactname", "fullname", "firstname", "lastname"),
}
"""What a column of the user's own holds, by a word in its header (evened out as headers are); the first that fits."""

EXPORT_MESSAGES: dict[str, Pair] = {
    "export_unknown_column": (
        "工作簿的客户表里没有“{value}”列。最接近的列：{near}。",
        "The customer table has no column '{value}'. The nearest ones: {near}.",
    ),
    "export_no_columns": ("--columns 没有写列名。", "--columns names no column."),
    "export_filter_column": (
        "工作簿的客户表里没有“{field}”列，无法按它筛选。",
        "The customer table has no column '{field}' to choose by.",
    ),
    "export_empty": (
        "没有符合条件的客户，没有写文件。请放宽 --segment 或 --owner。",
        "No customer fits, so no file was written. Ask for other segments or owners.",
    ),
    "export_onto_book": (
        "{path} 就是客户工作簿本身，不能用名单覆盖。请换一个文件名。",
        "{path} is the customer workbook itself and was left alone. Choose another name for the list.",
    ),
}
