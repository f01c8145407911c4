"""One known customer list, and what exports do to it: titles, units, totals, merged cells, odd headers and decoys.

Each disturbance changes a `Draft`; `saved` writes it as .xlsx or .csv. `TRUTH` is what must come out, whatever was
done: amounts in 万元, dates as days.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

COUNT = 12
KEYS = (
    "customer_id", "customer_name", "contact", "phone", "email", "city", "industry", "company_size", "owner",
    "last_order", "annual_spend", "order_count", "margin", "note",
)  # fmt: skip
HEADERS = {
    "customer_id": "客户编号", "customer_name": "客户名称", "contact": "联系人", "phone": "联系电话", "email": "邮箱",
    "city": "城市", "industry": "所属行业", "company_size": "企业规模", "owner": "负责人", "last_order": "最近合作时间",
    "annual_spend": "年消费金额(万元)", "order_count": "历史合作次数", "margin": "毛利率", "note": "备注",
}  # fmt: skip
ENGLISH = {
    "customer_id": "Customer ID", "customer_name": "Customer Name", "contact": "Contact", "phone": "Phone",
    "email": "Email", "city": "City", "industry": "Industry", "company_size": "Employees", "owner": "Owner",
    "last_order": "Last order date", "annual_spend": "Annual spend (CNY 10k)", "order_count": "Number of orders",
    "margin": "Gross margin", "note": "Notes",
}  # fmt: skip


def truth(count: int = COUNT) -> dict[str, list[Any]]:
    """The customer list by field key."""
    dice = random.Random(20240630)
    words = ["宏远", "瑞丰", "天成", "博雅", "华信", "金桥", "东立", "恒泰", "新锐", "四方", "远景", "大成"]
    people = ["张伟", "李娜", "王芳", "刘洋", "陈静", "杨帆", "赵磊", "黄敏", "周强", "吴霞", "徐明", "孙丽"]
    cities = ["上海", "北京", "广州", "杭州", "成都"]
    return {
        "customer_id": [f"KH{i:03}" for i in range(1, count + 1)],
        "customer_name": [f"{cities[i % 5]}{words[i % 12]}科技有限公司" for i in range(count)],
        "contact": [people[i % 12] for i in range(count)],
        "phone": [f"138{dice.randrange(10**8):08}" for _ in range(count)],
        "email": [f"user{i}@example{i % 3}.com" for i in range(count)],
        "city": [cities[i % 5] for i in range(count)],
        "industry": [["制造业", "零售业", "软件"][i % 3] for i in range(count)],
        "company_size": [str(dice.randrange(1, 90) * 100) for _ in range(count)],
        "owner": [["小王", "小李", "小赵"][i % 3] for i in range(count)],
        "last_order": [dt.datetime(2024, 1 + i % 6, 1 + i * 2) for i in range(count)],
        "annual_spend": [round(dice.uniform(1, 80), 1) for _ in range(count)],
        "order_count": [float(dice.randrange(2, 40)) for _ in range(count)],
        "margin": [round(dice.uniform(0.05, 0.6), 2) for _ in range(count)],
        "note": [["老客户", "展会认识", "转介绍"][i % 3] for i in range(count)],
    }


TRUTH = truth()


@dataclass(slots=True)
class Draft:
    """A sheet in the making. `keys`: what each column is (None: nothing of ours); `top`: rows over the header;
    `rows`: the body; `below`: rows under it; `groups`: a row over the header; `merged`: ranges in the body by
    (first row, last row, column); `asks`: fields that need not, if they are
    asked about; `truth`: what must come out."""

    keys: list[str | None]
    headers: list[str]
    rows: list[list[Any]]
    top: list[list[Any]] = field(default_factory=list)
    under: list[list[Any]] = field(default_factory=list)
    below: list[list[Any]] = field(default_factory=list)
    groups: list[str] | None = None
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    left: int = 0
    beside: list[list[Any]] = field(default_factory=list)
    encoding: str = "utf-8"
    delimiter: str = ","
    only_xlsx: bool = False
    asks: set[str] = field(default_factory=set)
    refused: bool = False
    truth: dict[str, list[Any]] = field(default_factory=lambda: {k: list(v) for k, v in TRUTH.items()})

    def at(self, key: str) -> int:
        return self.keys.index(key)

    def rename(self, key: str, header: str, *, certain: bool = True) -> None:
        if key in self.keys:
            self.headers[self.at(key)] = header
            if not certain:
                self.asks.add(key)

    def change(self, key: str, how: Callable[[Any], Any]) -> None:
        if key in self.keys:
            at = self.at(key)
            for row in self.rows:
                if len(row) == len(self.keys) and row[at] not in (None, ""):
                    row[at] = how(row[at])

    def add(self, at: int, key: str | None, header: str, cells: list[Any]) -> None:
        self.keys.insert(at, key)
        self.headers.insert(at, header)
        for row, cell in zip(self.rows, cells, strict=True):
            row.insert(at, cell)
        for row in self.under:
            row.insert(at, None)
        self.merged = [(a, b, c + (c >= at)) for a, b, c in self.merged]

    def grid(self) -> tuple[list[list[Any]], int]:
        """All rows from A1, and the number of rows above the body."""
        pad: list[Any] = [None] * self.left
        headers = [[*pad, *self.headers]]
        if self.groups is not None:
            headers = [[*pad, *(g or h for g, h in zip(self.groups, self.headers, strict=True))], headers[0]]
            headers[0] = [
                *pad,
                *(
                    g if g and (i == 0 or self.groups[i - 1] != g) else None if g else h
                    for i, (g, h) in enumerate(zip(self.groups, self.headers, strict=True))
                ),
            ]
            headers[1] = [*pad, *(h if g else None for g, h in zip(self.groups, self.headers, strict=True))]
        head = [*self.top, *headers, *([*pad, *row] for row in self.under)]
        body = [[*pad, *row] for row in self.rows]
        for number, cells in enumerate(self.beside):
            target = body[number - 1] if number else head[len(self.top) + len(headers) - 1]
            target += [None] * (len(pad) + len(self.headers) - len(target)) + [None, *cells]
        return [*head, *body, *self.below], len(head)


def draft() -> Draft:
    rows = [list(cells) for cells in zip(*(TRUTH[k] for k in KEYS), strict=True)]
    return Draft(list(KEYS), [HEADERS[k] for k in KEYS], rows)


def saved(draft: Draft, folder: Path, kind: str = "xlsx") -> Path:
    grid, above = draft.grid()
    path = folder / f"export.{kind}"
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out, delimiter=draft.delimiter).writerows([[_shown(c) for c in row] for row in grid])
        path.write_bytes(out.getvalue().encode(draft.encoding))
        return path
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "导出"
    for r, row in enumerate(grid, 1):
        for c, cell in enumerate(row, 1):
            if cell is not None:
                sheet.cell(r, c, cell)
    for first, last, at in draft.merged:
        column = draft.left + at + 1
        sheet.merge_cells(start_row=above + first + 1, end_row=above + last + 1, start_column=column, end_column=column)
    if draft.groups is not None:
        top = len(draft.top) + 1
        start = 0
        for i in range(1, len(draft.groups) + 1):
            if i == len(draft.groups) or draft.groups[i] != draft.groups[start] or not draft.groups[i]:
                first = draft.left + start + 1
                if draft.groups[start] and i - start > 1:
                    sheet.merge_cells(start_row=top, end_row=top, start_column=first, end_column=draft.left + i)
                elif not draft.groups[start]:
                    sheet.merge_cells(start_row=top, end_row=top + 1, start_column=first, end_column=first)
                start = i
    for row_number in draft.hidden:
        sheet.row_dimensions[above + row_number + 1].hidden = True
    book.save(path)
    return path


def _shown(cell: Any) -> Any:
    return "" if cell is None else f"{cell:%Y-%m-%d}" if isinstance(cell, dt.datetime) else cell


# ---------------------------------------------------------------- headers

Disturbance = Callable[[Draft], None]


def english(d: Draft) -> None:
    for key, header in ENGLISH.items():
        d.rename(key, header)


def short_english(d: Draft) -> None:
    for key, header in {
        "customer_id": "Cust. No.", "customer_name": "Cust. Name", "phone": "Tel. No", "last_order": "Last Ord. Dt",
        "order_count": "No. of orders", "contact": "contact_nm", "email": "E-Mail Addr", "note": "REMARKS",
    }.items():  # fmt: skip
        d.rename(key, header)


def camel_case(d: Draft) -> None:
    for key in ("customer_id", "customer_name", "last_order", "contact", "margin"):
        d.rename(key, "".join(word.title() for word in ENGLISH[key].split()))


def word_order(d: Draft) -> None:
    d.rename("customer_name", "Name of customer")
    d.rename("last_order", "Date of last order")
    d.rename("order_count", "Orders, number of")


def extra_words(d: Draft) -> None:
    d.rename("customer_name", "Customer Full Name")
    d.rename("customer_id", "客户的编号")
    d.rename("phone", "联系的电话")
    d.rename("last_order", "最近合作的时间")


def required_marks(d: Draft) -> None:
    d.rename("customer_id", "*客户编号")
    d.rename("customer_name", "客户名称（必填）")
    d.rename("phone", "联系电话(选填)")
    d.rename("city", "城市【必填】")
    d.rename("owner", "负责人：")


def numbered(d: Draft) -> None:
    for i, key in enumerate(k for k in d.keys if k):
        if key != "annual_spend":
            d.rename(key, f"{i + 1}、{d.headers[d.at(key)]}")


def pinyin(d: Draft) -> None:
    d.rename("customer_id", "kehu bianhao")
    d.rename("customer_name", "kehu mingcheng")
    d.rename("phone", "LianxiDianhua")
    d.rename("last_order", "zuijin_hezuo_shijian")
    d.rename("owner", "fuzeren")


def homophones(d: Draft) -> None:
    d.rename("customer_name", "客护名称")
    d.rename("phone", "连系电话")
    d.rename("last_order", "最进合作时间")


def slips(d: Draft) -> None:
    d.rename("customer_id", "Custmer ID")
    d.rename("customer_name", "Cusotmer Name")
    d.rename("last_order", "Last purchsae date")


def bilingual(d: Draft) -> None:
    for key in ("customer_id", "customer_name", "city", "industry", "owner"):
        d.rename(key, f"{HEADERS[key]}\n{ENGLISH[key]}")


def line_breaks(d: Draft) -> None:
    d.rename("customer_name", "客户\n名称")
    d.rename("last_order", " 最近合作\n时间 ")


def wide_forms(d: Draft) -> None:
    d.rename("customer_id", "客户ＩＤ")
    d.rename("annual_spend", "年消费金额（万元）")


def initials(d: Draft) -> None:
    d.rename("customer_name", "KHMC", certain=False)


def wrong_character(d: Draft) -> None:
    d.rename("last_order", "最近合做时间")
    d.rename("owner", "负贡人", certain=False)


def vague_words(d: Draft) -> None:
    d.rename("customer_id", "编号")
    d.rename("customer_name", "名称")


def resembling(d: Draft) -> None:
    d.rename("phone", "联系人的手机号码1", certain=False)
    d.rename("industry", "行业分类说明", certain=False)
    d.rename("order_count", "合作总次数", certain=False)


# ---------------------------------------------------------------- columns that are something else


def decoys(d: Draft) -> None:
    """Columns that resemble ours and are others."""
    for i, (header, make) in enumerate(DECOYS.items()):
        d.add(min(2 + 2 * i, len(d.keys)), None, header, [make(n) for n in range(len(d.rows))])


DECOYS: dict[str, Callable[[int], Any]] = {
    "最近联系时间": lambda i: dt.datetime(2023, 3, 1 + i),
    "上年消费金额(万元)": lambda i: 7.5 + i,
    "紧急联系人": lambda i: "甲乙丙丁戊己庚辛壬癸子丑"[i % 12] + "某",
    "上级客户编号": lambda i: f"G{i:03}",
    "开票名称": lambda i: f"开票{i}公司",
    "预计年采购金额": lambda i: 99.0 + i,
    "Last contact date": lambda i: dt.datetime(2022, 3, 1 + i),
    "Parent account": lambda i: f"Group {i}",
    "Fax number": lambda i: f"021-6000{i:04}",
    "创建时间": lambda i: dt.datetime(2020, 3, 1 + i),
    "County": lambda i: f"county{i}",
    "Contract": lambda i: f"T-{i}",
}


def two_phones(d: Draft) -> None:
    if "phone" in d.keys:
        at = d.at("phone")
        d.headers[at] = "电话1"
        d.asks.add("phone")
        d.add(at + 1, None, "电话2", [f"139{n:08}" for n in range(len(d.rows))])


def phone_and_mobile(d: Draft) -> None:
    at = d.at("phone")
    d.headers[at] = "电话"
    d.asks.add("phone")
    d.add(at + 1, None, "手机", [f"137{n:08}" for n in range(len(d.rows))])


def running_numbers(d: Draft) -> None:
    d.add(0, None, "序号", [n + 1 for n in range(len(d.rows))])


def running_as_id(d: Draft) -> None:
    """The only id is a running number under a general word: nothing may be taken for the id."""
    at = d.at("customer_id")
    for n, row in enumerate(d.rows):
        row[at] = n + 1
    d.headers[at] = "编号"
    d.refused = True


def product_code(d: Draft) -> None:
    d.add(0, None, "产品编号", [f"P{n}" for n in range(len(d.rows))])


# ---------------------------------------------------------------- around the table


def title(d: Draft) -> None:
    d.top = [["2024 年上半年客户明细表"], ["导出人：系统管理员", None, "导出时间：2024-06-30 10:00"], [], *d.top]


def filter_lines(d: Draft) -> None:
    d.top = [["负责人", "全部", "城市", "全部"], ["日期：2024-01-01 至 2024-06-30"], *d.top]


def blank_lines(d: Draft) -> None:
    d.top = [[], [], [], *d.top]


def moved_right(d: Draft) -> None:
    d.left += 2


def unit_above(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额")
    d.change("annual_spend", lambda v: round(v * 10_000))
    d.top = [["客户明细表", None, None, "单位：元"], *d.top]


def unit_row(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额")
    d.change("annual_spend", lambda v: round(v * 10, 1))
    d.under.append(["千元" if k == "annual_spend" else "次" if k == "order_count" else None for k in d.keys])


def remark_row(d: Draft) -> None:
    d.under.append(
        ["必填" if k in ("customer_id", "customer_name") else "文本" if k == "note" else None for k in d.keys]
    )


def unit_below(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额")
    d.change("annual_spend", lambda v: round(v / 100, 4))
    d.below += [[], ["注：金额单位为百万元"]]


def key_row(d: Draft) -> None:
    d.under.append([k if k in KEYS else None for k in d.keys])


def footers(d: Draft) -> None:
    total = [None] * len(d.keys)
    total[0] = "合计"
    if "annual_spend" in d.keys:
        total[d.at("annual_spend")] = 1234.5
    d.below += [[None] * d.left + total, [], ["制表人：小张", None, None, "审核：老李"], ["第 1 页，共 1 页"]]


def english_footers(d: Draft) -> None:
    d.below += [
        [None] * d.left + ["Grand Total", *[None] * (len(d.keys) - 2), 99],
        ["Printed on 2024-06-30"],
        ["12 records"],
    ]


def subtotals(d: Draft) -> None:
    at = max(1, len(d.keys) - 3)
    for where in (9, 5):
        row: list[Any] = [None] * len(d.keys)
        row[1], row[at] = "小计", 55
        d.rows.insert(where, row)
        _shift(d, where)


def pages(d: Draft) -> None:
    for where in (8, 4):
        d.rows.insert(where, list(d.headers))
        d.rows.insert(where, [f"第 {where // 4} 页", *[None] * (len(d.keys) - 1)])
        _shift(d, where, 2)


def gaps(d: Draft) -> None:
    for where in (10, 6, 3):
        d.rows.insert(where, [None] * len(d.keys))
        _shift(d, where)


def _shift(d: Draft, where: int, count: int = 1) -> None:
    d.merged = [(a + count * (a >= where), b + count * (b >= where), c) for a, b, c in d.merged]
    d.hidden = [r + count * (r >= where) for r in d.hidden]


def blank_columns(d: Draft) -> None:
    for at in (7, 3):
        d.add(at, None, "", [None] * len(d.rows))


def hidden_rows(d: Draft) -> None:
    d.hidden = [1, 2]


def merged_cities(d: Draft) -> None:
    """The city of three rows as one merged cell."""
    at = d.at("city")
    for row in d.rows[1:3]:
        row[at] = None
    d.truth["city"][1:3] = [d.truth["city"][0]] * 2
    d.merged.append((0, 2, at))
    d.only_xlsx = True


def table_below(d: Draft) -> None:
    d.below += [[], ["产品清单"], ["产品编号", "产品名称", "单价"], ["P1", "泵", 3], ["P2", "阀", 4]]


def table_beside(d: Draft) -> None:
    d.beside = [["负责人", "电话"], ["小王", "13900000001"], ["小李", "13900000002"], ["小赵", "13900000003"]]


def grouped_header(d: Draft) -> None:
    d.groups = [
        "联系方式" if k in ("phone", "email") else "交易信息" if k in ("last_order", "annual_spend") else ""
        for k in d.keys
    ]
    d.rename("phone", "电话")
    _one_run(d)


def other_year(d: Draft) -> None:
    """Under 上年 the same words mean another year."""
    d.groups = ["上年" if k in ("annual_spend", "order_count") else "" for k in d.keys]
    d.asks |= {"annual_spend", "order_count"}
    _one_run(d)


def _one_run(d: Draft) -> None:
    """A group over columns that a spacer or a decoy has torn apart is none."""
    assert d.groups is not None
    for name in set(d.groups) - {""}:
        places = [i for i, g in enumerate(d.groups) if g == name]
        if places != list(range(places[0], places[0] + len(places))) or len(places) < 2:
            d.groups = [("" if g == name else g) for g in d.groups]
    if not any(d.groups):
        d.groups = None


# ---------------------------------------------------------------- values


def dates_as_text(d: Draft) -> None:
    forms = ["%Y.%m.%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y%m%d"]
    at = d.at("last_order")
    for i, row in enumerate(d.rows):
        if isinstance(row[at], dt.datetime):
            row[at] = row[at].strftime(forms[i % 4])


def numbers_as_text(d: Draft) -> None:
    d.change("annual_spend", lambda v: f"{v:,}" if isinstance(v, float) else v)
    d.change("order_count", lambda v: str(int(v)).translate(str.maketrans("0123456789", "０１２３４５６７８９")))


def in_yuan(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额（元）")
    d.change("annual_spend", lambda v: round(v * 10_000))


def in_thousands(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额(k)")
    d.change("annual_spend", lambda v: round(v * 10, 1))


def in_hundred_millions(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额/亿元")
    d.change("annual_spend", lambda v: round(v / 10_000, 6))


def in_dollars(d: Draft) -> None:
    """A foreign currency is none of ours."""
    d.rename("annual_spend", "年消费金额(万美元)", certain=False)
    d.change("annual_spend", lambda v: round(v / 7, 2))


def dollars_above(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额", certain=False)
    d.top = [["单位：万美元"], *d.top]


def yuan_unsaid(d: Draft) -> None:
    d.rename("annual_spend", "年消费金额", certain=False)
    d.change("annual_spend", lambda v: round(v * 10_000 * 100))


def percents(d: Draft) -> None:
    d.rename("margin", "毛利率(%)")
    d.change("margin", lambda v: round(v * 100, 6))


def percents_unsaid(d: Draft) -> None:
    d.change("margin", lambda v: round(v * 100, 6))
    d.asks.add("margin")


def thousands_of_people(d: Draft) -> None:
    d.rename("company_size", "企业规模(千人)")
    d.change("company_size", lambda v: round(int(v) / 1000, 3))


def gb18030(d: Draft) -> None:
    d.encoding = "gb18030"


def utf8_mark(d: Draft) -> None:
    d.encoding = "utf-8-sig"


def utf16(d: Draft) -> None:
    d.encoding, d.delimiter = "utf-16", "\t"


def semicolons(d: Draft) -> None:
    d.delimiter = ";"


HEADER_KINDS: tuple[Disturbance, ...] = (
    english, short_english, camel_case, word_order, extra_words, required_marks, numbered, pinyin, homophones, slips,
    bilingual, line_breaks, wide_forms, initials, wrong_character, vague_words, resembling,
)  # fmt: skip
COLUMN_KINDS: tuple[Disturbance, ...] = (
    decoys,
    two_phones,
    phone_and_mobile,
    running_numbers,
    running_as_id,
    product_code,
)
LAYOUT_KINDS: tuple[Disturbance, ...] = (
    title, filter_lines, blank_lines, moved_right, remark_row, key_row, footers, english_footers, subtotals, pages,
    gaps, blank_columns, hidden_rows, merged_cities, table_below, table_beside, grouped_header, other_year,
)  # fmt: skip
UNIT_KINDS: tuple[Disturbance, ...] = (
    unit_above, unit_row, unit_below, in_yuan, in_thousands, in_hundred_millions, in_dollars, dollars_above, yuan_unsaid,
)  # fmt: skip
VALUE_KINDS: tuple[Disturbance, ...] = (dates_as_text, numbers_as_text, percents, percents_unsaid, thousands_of_people)
FILE_KINDS: tuple[Disturbance, ...] = (gb18030, utf8_mark, utf16, semicolons)
ALL_KINDS = (*HEADER_KINDS, *COLUMN_KINDS, *LAYOUT_KINDS, *UNIT_KINDS, *VALUE_KINDS, *FILE_KINDS)
