"""Values: what a cell can hold, and the XML of its text and numbers."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

from crm_xl.cells import CellError
from crm_xl.workbook.values import (
    LONGEST_TEXT,
    cut_text,
    decode_text,
    encode_text,
    escape,
    keeps_space,
    number_text,
    plain,
    to_serial,
    unescape,
)


@given(st.text())
def test_every_text_survives_the_xml(text: str) -> None:
    xml = f"<t>{encode_text(text)}</t>".encode()
    assert etree.fromstring(xml) is not None
    assert decode_text(encode_text(text).encode()) == text


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff")))
def test_escape_and_unescape_agree_with_lxml(text: str) -> None:
    assert etree.fromstring(f"<t>{escape(text)}</t>".encode()).text == (text or None)
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("a\x01b", "a_x0001_b"),
        ("_x0041_", "_x005F_x0041_"),
        ("a\rb", "a_x000D_b"),
        ("a\nb\tc", "a\nb\tc"),
        ("<&>", "&lt;&amp;&gt;"),
        ("\ud83d", "_xD83D_"),
        ("😀", "😀"),
    ],
)
def test_escapes_are_excels(text: str, xml: str) -> None:
    assert encode_text(text) == xml


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (b"&amp;copy &copy; &#128;", "&copy &copy; \x80"),
        (b"&#x4E2D;&#10;&quot;&apos;", "中\n\"'"),
        (b"a\r\nb\rc", "a\nb\nc"),
        (b"_xD83D__xDE00_", "😀"),
        (b"_x12_ _xGGGG_", "_x12_ _xGGGG_"),
    ],
)
def test_only_xml_is_decoded(xml: bytes, text: str) -> None:
    assert decode_text(xml) == text


def test_text_is_cut_where_excel_cuts_it() -> None:
    assert cut_text("x" * 40_000) == "x" * LONGEST_TEXT
    assert cut_text("x" * (LONGEST_TEXT - 1) + "😀") == "x" * (LONGEST_TEXT - 1)
    assert cut_text("😀" * 20_000) == "😀" * (LONGEST_TEXT // 2)
    assert plain("y" * 40_000) == plain(plain("y" * 40_000))


@pytest.mark.parametrize(("text", "kept"), [(" a", True), ("a ", True), ("a\nb", True), ("a b", False), ("", False)])
def test_space_that_xml_would_lose(text: str, kept: bool) -> None:
    assert keeps_space(text) is kept


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_text_is_exact(number: float) -> None:
    assert float(number_text(number)) == number


@given(st.integers(-(10**14), 10**14))
def test_whole_numbers_have_no_point(number: int) -> None:
    assert number_text(number) == number_text(float(number)) == str(number)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (float("nan"), None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.datetime64("NaT"), None),
        (math.inf, CellError("#NUM!")),
        (-math.inf, CellError("#NUM!")),
        (10**400, CellError("#NUM!")),
        (np.float64(2.5), 2.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (2**60, float(2**60)),
        (Decimal("1.25"), 1.25),
        (dt.time(12), 0.5),
        (dt.timedelta(hours=36), 1.5),
        (dt.date(2024, 6, 30), 45473.0),
        (pd.Timestamp("2024-06-30 12:00"), 45473.5),
        (np.datetime64("2024-06-30T12:00:00", "ns"), 45473.5),
        (np.datetime64("2024-06-30"), 45473.0),
        (dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC), 45473.5),
        (CellError("#N/A"), CellError("#N/A")),
    ],
)
def test_plain(value: object, kept: object) -> None:
    found = plain(value)
    assert found == kept
    assert isinstance(found, CellError) == isinstance(kept, CellError)
    assert type(found) in (type(None), bool, int, float, str, CellError)


@given(st.datetimes(dt.datetime(1904, 1, 2), dt.datetime(9999, 12, 31)))
def test_dates_agree_with_openpyxl(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert to_serial(moment, False) == pytest.approx(to_excel(moment, CALENDAR_WINDOWS_1900), abs=1e-9)
    assert to_serial(moment, True) == pytest.approx(to_excel(moment, CALENDAR_MAC_1904), abs=1e-9)


@pytest.mark.parametrize(
    ("day", "serial"), [((1900, 1, 1), 1), ((1900, 2, 28), 59), ((1900, 3, 1), 61), ((1899, 12, 31), 0)]
)
def test_the_leap_day_that_never_was(day: tuple[int, int, int], serial: int) -> None:
    assert to_serial(dt.datetime(*day), False) == serial
