from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.masking import KINDS, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # names
        ("王小明", "王**"),
        ("王明", "王*"),
        ("王", "王*"),
        ("王经理", "王*经理"),
        ("王总", "王*总"),
        ("李总经理", "李*总经理"),
        ("欧阳锋", "欧阳*"),
        ("欧阳锋华", "欧阳**"),
        ("欧阳经理", "欧阳*经理"),
        ("司马先生", "司马*先生"),
        ("John Smith", "J*** S****"),
        # companies: four characters masked, suffix kept
        ("华为技术有限公司", "****有限公司"),
        ("北京字节跳动科技有限公司", "****跳动科技有限公司"),
        ("上海公司", "**公司"),
        ("Acme Trading Ltd", "**** Trading Ltd"),
        # phones
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("010-12345678", "010-****5678"),
        ("01012345678", "010-****5678"),
        ("021-87654321", "021-****4321"),
        ("0755-12345678", "0755-****5678"),
        ("075512345678", "0755-****5678"),
        ("0571-8765432", "0571-****5432"),
        ("(010) 12345678", "010-****5678"),
        # ids
        ("110105199001011234", "110105********1234"),
        ("11010519900101123X", "110105********123X"),
        # addresses: to the district
        ("北京市朝阳区建国路88号", "北京市朝阳区****"),
        ("浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区****"),
        ("江苏省昆山市前进路100号", "江苏省昆山市****"),
        ("广西壮族自治区南宁市青秀区民族大道1号", "广西壮族自治区南宁市青秀区****"),
        ("西藏自治区拉萨市北京中路35号", "西藏自治区拉萨市****"),
        ("河北省正定县常山路1号", "河北省正定县****"),
        # mail
        ("a@b.com", "a***@b.com"),
        ("zhang.san@mail.example.cn", "z***@mail.example.cn"),
        # nothing, and masked already
        ("", ""),
        ("  ", ""),
        ("王**", "王**"),
        ("138****5678", "138****5678"),
        ("010-****5678", "010-****5678"),
        ("a***@b.com", "a***@b.com"),
    ],
)
def test_guessed(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("王小明", "name", "王**"),
        ("幸福里", "company", "***"),
        ("字节跳动北京", "company", "****北京"),
        ("12345678", "id", "1******8"),
        ("8", "id", "*"),
        ("不详", "email", "不*"),
        ("外滩1号", "address", "外滩1****"),
    ],
)
def test_told(text: str, kind: str, masked: str) -> None:
    assert mask(text, kind) == masked


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20), st.sampled_from(KINDS))
def test_masked_once_is_masked_for_good(text: str, kind: str) -> None:
    once = mask(text, kind)
    assert mask(once, kind) == once
    assert bool(once) == bool(text.strip())


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}|0(10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}", fullmatch=True))
def test_no_phone_shows_its_middle(text: str) -> None:
    masked = mask(text)
    assert masked.count("*") == 4 and masked.endswith("****" + text[-4:])
    assert sum(ch.isdigit() for ch in masked) <= len(text) - 3
