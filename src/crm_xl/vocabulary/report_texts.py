"""Why a save wrote something, or left it alone, in both languages."""

from __future__ import annotations

from .fields import Lang

WHY: dict[str, tuple[str, str]] = {
    "result": ("分析结果", "result of the analysis"),
    "fact": ("由订单或互动记录算出", "from the order or contact log"),
    "new_rows": ("新增客户的行", "rows of new customers"),
    "report": ("汇总表", "summary table"),
    "figure": ("汇总数字或分析日期", "figure or date of the analysis"),
    "calculation": ("计算表", "calculation sheet"),
    "recalculate": ("您的公式依赖于更新的单元格，Excel 打开时会重新计算", "your formula depends on changed cells: Excel calculates it on opening"),
    "formula_grown": ("公式中的区域随表格延伸", "range in a formula grown with the table"),
    "own_formula": ("您的公式，内容不变", "your formula, saying the same"),
    "rules": ("条件格式、数据验证或迷你图随表格延伸", "formats, validations or sparklines grown with the table"),
    "table": ("表格区域或列公式", "range or column formula of a table"),
    "chart": ("图表数据", "data of a chart"),
    "pivot": ("数据透视表的来源区域", "source range of a pivot table"),
    "strings": ("新增的文字", "new texts"),
    "chain": ("公式计算顺序，由 Excel 重建", "order of calculation, made anew by Excel"),
    "package": ("文件目录", "list of contents"),
    "names": ("名称区域或工作簿设置", "defined names"),
    "signature": ("数字签名已移除", "digital signature taken out"),
    "function": ("依赖于更新的单元格，但用到 Excel 以外的函数 {what}，未标记重新计算", "depends on changed cells, but uses {what}, which is not Excel's: not marked to be calculated"),
    "link": ("依赖于更新的单元格，但引用其他工作簿，未标记重新计算", "depends on changed cells, but refers to another workbook: not marked to be calculated"),
    "own_column": ("您自己的列 {what}", "your own column {what}"),
    "kept_formula": ("“{what}”列中您的公式", "your formulas in the column {what}"),
    "stale_pivot": ("数据透视表的缓存，请在 Excel 中刷新", "cache of a pivot table: refresh it in Excel"),
}  # fmt: skip


def why(key: str, lang: Lang, what: str = "") -> str:
    return WHY[key][0 if lang == "zh" else 1].format(what=what)
