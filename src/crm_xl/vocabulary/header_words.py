"""The words around a header: units, remarks that say nothing, names that may mean several things, footers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .fields import Field, Unit, normal_header

Measure = Literal["money", "people", "share", "other"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit as a header or a units row names it. `factor`: yuan, people, or whole ones (a share) in one of it."""

    text: str
    measure: Measure
    factor: float

    @property
    def unit(self) -> Unit | None:
        """The workbook's own word for a unit of money."""
        known: dict[float, Unit] = {1.0: "yuan", 10_000.0: "wan"}
        return known.get(self.factor) if self.measure == "money" else None

    def fits(self, field: Field) -> bool:
        """Whether amounts of a field can be in this unit."""
        if self.measure == "money":
            return field.kind == "money"
        if self.measure == "people":
            return field.key == "company_size"
        if self.measure == "share":
            return field.kind == "ratio"
        return _FITTING[normal_header(self.text)](field)


_MONEY = {
    "元": 1.0, "人民币": 1.0, "人民币元": 1.0, "元人民币": 1.0, "rmb": 1.0, "cny": 1.0, "yuan": 1.0, "¥": 1.0,
    "千": 1e3, "千元": 1e3, "k": 1e3, "k元": 1e3, "krmb": 1e3, "rmbk": 1e3, "kcny": 1e3, "cnyk": 1e3, "000": 1e3,
    "rmb000": 1e3, "cny000": 1e3, "000cny": 1e3, "thousand": 1e3, "cny1k": 1e3, "thousandcny": 1e3,
    "万": 1e4, "万元": 1e4, "w": 1e4, "cny10k": 1e4, "10kcny": 1e4, "rmb10k": 1e4, "人民币万元": 1e4, "万元人民币": 1e4,
    "百万": 1e6, "百万元": 1e6, "million": 1e6, "cnymillion": 1e6, "millioncny": 1e6, "rmbmillion": 1e6,
    "millionrmb": 1e6, "千万": 1e7, "千万元": 1e7, "亿": 1e8, "亿元": 1e8,
}  # fmt: skip
_PEOPLE = {"人": 1.0, "名": 1.0, "people": 1.0, "persons": 1.0, "百人": 100.0, "千人": 1e3, "万人": 1e4}
_SHARE = {"%": 0.01, "百分比": 0.01, "percent": 0.01, "pct": 0.01}
_FITTING: dict[str, Callable[[Field], bool]] = {
    **dict.fromkeys(("天", "日", "days"), lambda f: f.key == "collection_days"),
    **dict.fromkeys(("小时", "hours"), lambda f: f.key.endswith("_hours")),
    **dict.fromkeys(("次", "个", "笔", "单", "times", "次/月"), lambda f: f.kind in ("count", "number")),
    **dict.fromkeys(("岁", "years"), lambda f: f.key == "age"),
    **dict.fromkeys(("分", "1-5", "1-5分"), lambda f: f.kind == "rating"),
}
"""Units that go with few fields; a length of use in days is none of ours."""
_OTHER = dict.fromkeys(_FITTING, 1.0)
_MEASURES: dict[Measure, dict[str, float]] = {"money": _MONEY, "people": _PEOPLE, "share": _SHARE, "other": _OTHER}
_SCALES = {word: Scale(word, measure, factor) for measure, words in _MEASURES.items() for word, factor in words.items()}
_NOTE = re.compile(r"(?:单位|计量单位|units?)\s*(?::|为|是|in|\s)\s*([^()。;]+)", re.IGNORECASE)
_SUFFIX = re.compile(r"(.+?)[\s/_\-:,](万元|千元|百万元|亿元|元|万|亿|千人|人|%|rmb|cny)$")
_GLUED = re.compile(r"(.{2,})(?<![美欧日港台韩英澳])(人民币万元|百万元|千万元|亿元|万元|千元)$")


def scale_of(text: str) -> Scale | None:
    """The unit that a text is: `万元`, `(k)`, `CNY '000`."""
    found = _SCALES.get(normal_header(text).strip("()"))
    return Scale(text.strip(" ()（）[]【】"), found.measure, found.factor) if found else None


@lru_cache(maxsize=4096)
def split_scale(header: str) -> tuple[str, Scale | None]:
    """A header without the unit that it names, and that unit: `年消费（单位：千元）`, `金额/万元`, `消费金额千元`."""
    text = unicodedata.normalize("NFKC", header).strip()
    text = re.sub(r"[\[【〔]", "(", re.sub(r"[\]】〕]", ")", text))
    if text.endswith(")") and "(" in text:
        stem, _, inside = text[:-1].rpartition("(")
        note = _NOTE.fullmatch(inside.strip())
        scale = scale_of(note[1] if note else inside)
        return (stem.strip(), scale) if scale and stem.strip() else (header, None)
    for pattern in (_SUFFIX, _GLUED):
        found = pattern.fullmatch(text.casefold())
        if found and (scale := scale_of(found[2])):
            return text[: len(found[1])].strip(), scale
    return header, None


@dataclass(frozen=True, slots=True)
class UnitNote:
    """What `单位：…` says for a whole sheet. `unknown`: a unit that is none of ours, as in 单位：万美元."""

    scales: tuple[Scale, ...] = ()
    unknown: str = ""


def unit_note(text: str) -> UnitNote | None:
    """The unit that a line above or below the headers gives to the whole sheet; None if it says nothing of it."""
    folded = unicodedata.normalize("NFKC", text)
    found = _NOTE.search(folded)
    if not found:
        return None
    scales, unknown = [], ""
    for part in re.split(r"[、,/，;\s和及]+", found[1].strip()):
        scale = scale_of(part)
        if scale:
            scales.append(scale)
        elif part and ("元" in part or "币" in part or is_foreign(part)):
            unknown = part
    return UnitNote(tuple(scales), unknown) if scales or unknown else None


_FOREIGN = re.compile(
    r"[美欧日港台韩英澳]元|港币|台币|英镑|韩币|\b(?:usd|eur|gbp|jpy|hkd|krw|twd)\b|[$€£]", re.IGNORECASE
)


def is_foreign(text: str) -> bool:
    """Whether a header or a unit names another currency than ours."""
    return bool(_FOREIGN.search(text))


# ---------------------------------------------------------------- words that add nothing

_REMARK = (
    r"必填项?|选填项?|可选|可空|必须|必需|不可为空|请填写|请输入|文本|文本格式|字段|手工填写|如有|若有|主表|请选择|"
    r"required|optional|mandatory|text|field|if any|please fill in"
)
_REMARKS = re.compile(
    rf"[(（\[【<《]\s*[*＊]?\s*(?:{_REMARK})\s*[)）\]】>》]|[-—_:：]\s*(?:{_REMARK})\s*$", re.IGNORECASE
)
_NUMBERING = re.compile(r"^\s*(?:[(（]\d{1,2}[)）]|\d{1,2}\s*[.、)）]|[①-⑳]|[a-zA-Z]\s*[.、)）])\s*(?=\D)")
_SUFFIXES = re.compile(r"__c$")


def tidy(header: str) -> str:
    """A header without remarks (必填), numbering (1、), stars and 的."""
    text = _SUFFIXES.sub("", _NUMBERING.sub("", _REMARKS.sub("", header)))
    text = re.sub(r"[*＊:：?？!！]", "", text)
    return re.sub(r"(?<=[\u3400-\u9fff])[的之](?=[\u3400-\u9fff])", "", text).strip()


ABBREVIATIONS = {
    "cust": "customer", "customers": "customer", "cst": "customer", "acct": "account", "acc": "account", "nm": "name",
    "no": "number", "num": "number", "nbr": "number", "nr": "number", "tel": "phone", "telephone": "phone",
    "ph": "phone", "mob": "mobile", "addr": "address", "add": "address", "amt": "amount", "qty": "quantity",
    "dt": "date", "ind": "industry", "avg": "average", "freq": "frequency", "pref": "preference", "ord": "order",
    "prod": "product", "identifier": "id", "emp": "employees", "mgr": "manager", "rep": "rep", "purch": "purchase",
}  # fmt: skip
"""Short forms of the words that headers are made of."""
EMPTY_WORDS = frozenset({"the", "a", "an", "of", "s", "full", "field", "fld", "col", "column", "our"})
"""English words without which a header says the same."""
OFTEN_MEANT = frozenset(
    {"county", "counties", "contact", "contacts", "contract", "stage", "state", "content", "prices"}
)
"""English words that are one letter from a word of ours and are meant so."""

# ---------------------------------------------------------------- names that may mean several things

_WEAK: dict[str, frozenset[str]] = {
    "Customers": frozenset({
        "编号", "id", "recordid", "名称", "姓名", "name", "客户", "customer", "account", "公司", "company", "状态",
        "status", "来源", "等级", "规模", "人数", "说明", "描述", "description", "偏好", "渠道", "title", "联系方式",
        "tier", "area", "score", "市", "省", "收入", "note", "投诉记录",
    }),
    "Orders": frozenset({
        "编号", "id", "recordid", "日期", "时间", "date", "createdat", "total", "sales", "revenue", "spend", "price",
        "description", "服务", "单号", "渠道",
    }),
}  # fmt: skip
_WEAK_ELSEWHERE = frozenset({"编号", "id", "recordid", "时间", "销售"})


def is_weak(table: str, header: str) -> bool:
    """Whether a header is too general to be taken without a look at the other columns and the values."""
    return normal_header(header) in _WEAK.get(table, _WEAK_ELSEWHERE)


RUNNING = frozenset(
    {"序号", "行号", "序", "no", "#", "num", "rownumber", "rowno", "sno", "index", "srno", "项次", "项目号"}
)
"""Headers of a column that numbers the rows."""

GROUPS_OF_CUSTOMERS = re.compile(r"(?:客户|公司|企业|基本|基础|customer|company|account|basic).*", re.IGNORECASE)
GROUPS_OF_CONTACTS = re.compile(r"联系.*|contact.*", re.IGNORECASE)
GROUPS_OF_ALL = re.compile(
    r".*(?:信息|资料|属性|情况|数据|特征|行为|评估)|交易|互动|价值|其他|trade|trading|transactions?|activity|other"
    r"|.* (?:info|information|details|data)",
    re.IGNORECASE,
)
"""Words over several columns that only group them; 联系方式 and 客户 say whose."""

FOLLOW_UP_VALUES = re.compile(
    r".*(?:跟进|成交|意向|洽谈|谈判|签约|流失|潜在|线索|报价|新客|老客|合作|沉睡|待联系|已联系)"
    r"|open|new|lead|prospect|contacted|qualified|unqualified|negotiat.*|won|lost|closed.*|in progress|follow.*",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- rows that are no data

_TOTAL = r"合\s*计|小\s*计|总\s*计|共\s*计|总和|累计|汇总|本页合计|本页小计"
_TOTALS = re.compile(
    rf"(?:.{{0,12}}[\s:：\-_]?)?(?:{_TOTAL})(?:\s*[(（].*[)）])?\s*[:：]?|(?:grand\s+|sub[\s-]?|page\s+)?totals?\s*[:：]?"
    r"|.{1,20}\s(?:sub)?totals?\s*[:：]?|sum\s*[:：]?",
    re.IGNORECASE,
)
_FOOTERS = re.compile(
    r"(?:制表人?|填表人?|审核人?|复核人?|经办人?|打印(?:人|时间|日期)|导出(?:人|时间|日期)|制表(?:时间|日期)|统计(?:时间|日期|口径)"
    r"|数据来源|报表(?:日期|时间|编号)|备\s*注|说\s*明|注|以下空白|结束|完)\s*(?:[:：].*)?"
    r"|第\s*\d+\s*页.*|共\s*\d+\s*(?:页|条|行|户|家|个|位).*|-+\s*\d+\s*-+|.{0,20}第\s*\d+\s*页.{0,20}"
    r"|page\s+\d+.*|(?:printed|exported|prepared|created|generated)\s+(?:by|on|at)\b.*|end of (?:report|file|data).*"
    r"|(?:source|note|notes|remarks?)\s*:.*|\d+\s+(?:records?|rows?|customers?)\b.*",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Whether a cell names a line of totals."""
    return len(text) <= 40 and bool(_TOTALS.fullmatch(text.strip()))


def is_footer(text: str) -> bool:
    """Whether a line that says only this belongs under a table."""
    return bool(_FOOTERS.fullmatch(text.strip()))


_ANNOTATION = re.compile(
    rf"[(（\[]?\s*(?:{_REMARK}|日期|数字|数值|金额|电话|varchar|char|string|date|datetime|number|int|integer|decimal|float|bool"
    r"|yyyy[-/.年]?mm[-/.月]?dd日?|单位|unit|-|/|—)\s*[)）\]]?",
    re.IGNORECASE,
)


def is_annotation(text: str) -> bool:
    """Whether a cell right under a header says something about the column: a unit, a type, 必填."""
    return bool(_ANNOTATION.fullmatch(text.strip())) or scale_of(text) is not None


_HEADING = re.compile(
    r"[^\d]*(?:编号|编码|代码|名称|姓名|日期|时间|金额|单价|价格|数量|电话|手机|邮箱|地址|类型|类别|状态|备注|说明|规格|型号|库存|负责人|部门"
    r"|职位|次数|比例|得分|排名|等级|\bid|name|date|amount|price|quantity|qty|phone|email|address|type|status|notes?|code)\s*"
    r"(?:[(（].*[)）])?",
    re.IGNORECASE,
)


def is_heading(text: str) -> bool:
    """Whether a cell reads like the header of some column, be it none of ours."""
    return len(text) <= 20 and bool(_HEADING.fullmatch(text.strip()))
