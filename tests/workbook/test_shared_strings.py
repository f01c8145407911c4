"""Shared strings: existing bytes stay, new texts are appended and counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crm_xl.errors import CrmXlError
from crm_xl.workbook.values import SharedStrings, decode_text
from tests.support.packages import MAIN, prefixed, shared_texts

HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<sst xmlns="{MAIN}" count="7" uniqueCount="4">'
ITEMS = (
    "<si><t>甲</t></si><si/>"
    "<si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space='preserve'> then</t></r></si>"
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>'
)
XML = f"{HEAD}{ITEMS}</sst>".encode()


def texts(strings: SharedStrings) -> list[str | None]:
    return [strings.text(b"%d" % i) for i in range(len(strings))]


def test_texts_are_read_without_phonetics() -> None:
    assert texts(SharedStrings(XML)) == ["甲", "", "bold then", "東京"]


def test_nothing_new_is_the_same_bytes() -> None:
    strings = SharedStrings(XML)
    assert [strings.index("甲"), strings.index("東京")] == [0, 3]
    assert strings.render() == XML


def test_rich_text_is_no_plain_text() -> None:
    assert SharedStrings(XML).index("bold then") == 4


@pytest.mark.parametrize("end", ["</sst>", "<extLst><ext uri='a'/></extLst></sst>", "\n</sst >"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_appended_behind_the_last_item(end: str, quote: str) -> None:
    xml = HEAD.replace('count="7" uniqueCount="4"', f"count={quote}7{quote} uniqueCount={quote}4{quote}") + ITEMS + end
    strings = SharedStrings(xml.encode())
    strings.index("new <&>")
    strings.references += 2
    out = strings.render()
    assert ITEMS.encode() + b"<si><t>new &lt;&amp;&gt;</t></si>" + end.encode() in out
    root = etree.fromstring(out)
    assert (root.get("count"), root.get("uniqueCount")) == ("9", "5")


@pytest.mark.parametrize("empty", [None, f'<sst xmlns="{MAIN}"/>'.encode(), f'<sst xmlns="{MAIN}"></sst>'.encode()])
def test_from_nothing(empty: bytes | None) -> None:
    strings = SharedStrings(empty)
    assert strings.index("a") == 0
    strings.references += 1
    assert [decode_text(t.encode()) for t in etree.fromstring(strings.render()).itertext()] == ["a"]


def test_counts_that_are_missing_stay_missing() -> None:
    strings = SharedStrings(XML.replace(b' count="7" uniqueCount="4"', b""))
    strings.index("new")
    assert b"count" not in strings.render().lower()


def test_fewer_references_alone_change_only_the_count() -> None:
    strings = SharedStrings(XML)
    strings.references -= 3
    assert strings.render() == XML.replace(b'count="7"', b'count="4"', 1)


@pytest.mark.parametrize(
    "xml",
    [
        b"<x/>",
        XML.replace(b"<sst", b"<a/><sst"),
        XML.replace(b"<si/>", b"<si><x:si><t>a</t></x:si></si>"),
        XML.replace(b"<t>", b"<t><!-- a -->"),
        XML.replace(b"<t>", b"<t><![CDATA[<si>]]>"),
    ],
)
def test_what_cannot_be_appended_to_is_refused(xml: bytes) -> None:
    with pytest.raises(CrmXlError):
        SharedStrings(xml)


@pytest.mark.parametrize("number", [b"4", b"-1", b"x", b""])
def test_a_number_that_there_is_not(number: bytes) -> None:
    assert SharedStrings(XML).text(number) is None


@given(st.lists(st.text(max_size=6), max_size=8), st.lists(st.text(max_size=6), max_size=8), st.booleans())
def test_two_rounds_give_the_same_texts(first: list[str], second: list[str], prefix: bool) -> None:
    start = prefixed(XML) if prefix else XML
    strings = SharedStrings(start)
    for text in first:
        strings.index(text)
    again = SharedStrings(strings.render())
    numbers = {text: again.index(text) for text in second}
    final = SharedStrings(again.render())
    assert all(texts(final)[n] == text for text, n in numbers.items())
    assert texts(final)[: len(strings)] == texts(strings)
    assert len(set(texts(final)[4:])) == len(final) - 4
    assert shared_texts(again.render())[:4] == shared_texts(start)
