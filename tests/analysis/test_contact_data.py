from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.contact_data import Mentions, masked, names_in, phones_in, plain_phone, scrubbed, without_phones


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        # one value: as MASK shows it
        ("王小明", "name", "王**"),
        ("13812345678", "phone", "138****5678"),
        ("010-12345678", "phone", "010-****5678"),
        ("a@b.com", "email", "a***@b.com"),
        ("110105199001011234", "id", "110105********1234"),
        ("北京市朝阳区建国路88号", "address", "北京市朝阳区****"),
        ("华为技术有限公司", "company", "****有限公司"),
        # several in one cell
        ("王小明/李四", "name", "王**/李*"),
        ("13812345678；139 0000 1111", "phone", "138****5678；139****1111"),
        ("a@b.com c@d.com", "email", "a***@b.com c***@d.com"),
        ("王小明 <zhang@b.com>", "email", "王** <z***@b.com>"),
        # a name beside a phone, wide digits, short numbers
        ("王小明13812345678", "phone", "王**138****5678"),
        ("１３８１２３４５６７８", "phone", "138****5678"),
        ("8765432", "phone", "****432"),
        ("87654321", "phone", "****4321"),
        ("801", "phone", "***"),
        ("张三", "phone", "张*"),
        ("电话13812345678北京市朝阳区建国路", "address", "电话138****5678北京市朝阳区****"),
        # an asterisk does not keep anything open
        ("王小明*", "name", "王***"),
        ("zhang@b.com*", "email", "z***@b.comx"),
    ],
)
def test_cells(text: str, kind: str, shown: str) -> None:
    assert masked(text, kind) == shown


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("王**", "name"),
        ("王*经理", "name"),
        ("欧阳*", "name"),
        ("J*** S****", "name"),
        ("****有限公司", "company"),
        ("138****5678", "phone"),
        ("+86138****5678", "phone"),
        ("010-****5678", "phone"),
        ("王**138****5678", "phone"),
        ("110105********1234", "id"),
        ("北京市朝阳区****", "address"),
        ("a***@b.com", "email"),
        ("", "phone"),
    ],
)
def test_masked_already(text: str, kind: str) -> None:
    assert masked(text, kind) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("找王经理13812345678，备用 0571-87654321", "找王经理138****5678，备用 0571-****4321"),
        ("微信同号 138-1234-5678", "微信同号 138****5678"),
        ("身份证110105199001011234", "身份证110105********1234"),
        ("身份证11010519900101123x。", "身份证110105********123x。"),
        ("回 a.b@mail.example.cn；急", "回 a***@mail.example.cn；急"),
        ("+1 800 555 1234", "+1 80* *** 1234"),
        # no contact data
        ("2024-06-30 订单 20240630001，金额 1234567", "2024-06-30 订单 20240630001，金额 1234567"),
        ("统一社会信用代码 913200002024060171", "统一社会信用代码 913200002024060171"),
        ("价格 @ 3.5", "价格 @ 3.5"),
        ("３月见", "３月见"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert scrubbed(text) == shown


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小明", ["王小明"]),
        ("王小明/李四", ["王小明/李四", "王小明", "李四"]),
        ("王小明（采购） 李四", ["王小明（采购） 李四", "王小明", "采购", "李四"]),
        ("Ann Lee; Bo", ["Ann Lee; Bo", "Ann Lee", "Bo"]),
        ("", [""]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [n for n in names_in(text) if n or not text] == names


def test_mentions() -> None:
    known = Mentions({"王小明": "王**", "王小": "王*", "Ann": "A**", "13812345678": "138****5678", "李": "某"})
    assert known.replaced("王小明和王小、王小二") == "王**和王*、王*二"
    assert known.replaced("Ann, Annual, JoAnn; Ann") == "A**, Annual, JoAnn; A**"
    assert known.replaced("电话13812345678转1，113812345678") == "电话138****5678转1，113812345678"
    assert known.replaced("李") == "李"
    assert known.replaced("") == known.replaced("") == ""
    assert Mentions({}).replaced("王小明") == "王小明"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30), st.dictionaries(st.text("甲乙丙丁", min_size=2, max_size=4), st.just("*"), max_size=5))
def test_no_mention_stays(text: str, known: dict[str, str]) -> None:
    text += "".join(known)
    left = Mentions(known).replaced(text)
    assert not any(name in left for name in known)


@settings(max_examples=300, deadline=None)
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["{}", "{}*", "王小明{}", "{} 转 12", "{0}/{0}", "({})", "+86 {}", "a{}", "{}；"]),
)
def test_no_mobile_stays_open(phone: str, form: str) -> None:
    assert phone[3:7] + phone[7:] not in re.sub(r"\D", "", masked(form.format(phone), "phone"))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("王小明李四欧", min_size=2, max_size=4), min_size=1, max_size=3), st.sampled_from("、,/;\n|"))
def test_no_name_stays_open(names: list[str], between: str) -> None:
    shown = masked(between.join(names), "name").split(between)
    assert all("*" in part and name not in part for name, part in zip(names, shown, strict=True))


def test_what_stays_is_left_alone_also_where_a_part_of_it_is_known() -> None:
    mentions = Mentions({"宏远": "**", "李娜": "李*", "C1": "****"}, ["上海宏远机械", "李娜"])
    assert mentions.replaced("上海宏远机械和宏远, 李娜, C1, C12") == "上海宏远机械和**, 李娜, ****, C12"
    assert mentions.mentioned("上海宏远机械和宏远, 李娜, C1") == ["宏远", "C1"]


def test_phones_however_they_are_written() -> None:
    text = "找 138 0013 8000、+86-13900139000 或 (021)62345678，订单 13800138000123"
    assert phones_in(text) == ["13800138000", "13900139000", "02162345678"]
    assert (
        without_phones(text, {"13800138000"}) == "找 138****8000、+86-13900139000 或 (021)62345678，订单 13800138000123"
    )
    assert without_phones(text, {"13700137000"}) is text
    assert plain_phone("+86 138-0013-8000") == plain_phone("１３８００１３８０００") == "13800138000"
