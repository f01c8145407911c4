from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.cleaning import (
    EMPTY,
    GOOD,
    REPAIRED,
    WRONG,
    clean_texts,
    distinct,
    id_codes,
    normal_ids,
    parse_dates,
    parse_numbers,
)
from crm_xl.cells import VALUE_ERROR, CellError, cell_name, column_number

JULY_3 = np.datetime64("2023-07-03", "D")

days = st.dates(dt.date(1900, 1, 1), dt.date(9999, 12, 31))
cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.floats(-3, 3).map(round).map(float),
    st.text(max_size=6),
    st.text("01.０１ \u200b-", max_size=6),
    st.just(VALUE_ERROR),
    st.just("#VALUE!"),
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
)


def one_id(value: object) -> str:
    return str(normal_ids([value])[0])


class TestIds:
    @pytest.mark.parametrize("value", [1001, 1001.0, np.int64(1001), np.float64(1001), "1001", "1001.0", " 1001 "])
    def test_one_id_in_many_forms(self, value: object) -> None:
        assert one_id(value) == "1001"

    @pytest.mark.parametrize("value", ["１００１", "10\u200b01", "\ufeff1001", "1001\x07", Decimal("1001.0"), "1001\n"])
    def test_width_and_unseen_characters_do_not_count(self, value: object) -> None:
        assert one_id(value) == "1001"

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("001", "001"),
            ("1001.5", "1001.5"),
            (1001.5, "1001.5"),
            ("C-1.0", "C-1.0"),
            ("a b", "a b"),
            (-0.0, "0"),
        ],
    )
    def test_other_ids_stay(self, value: object, text: str) -> None:
        assert one_id(value) == text

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "  ",
            "\u200b",
            True,
            False,
            np.True_,
            float("nan"),
            float("inf"),
            pd.NaT,
            VALUE_ERROR,
            "#N/A",
        ],
    )
    def test_what_is_no_id(self, value: object) -> None:
        assert one_id(value) == ""

    def test_eighteen_digits_that_differ_in_the_last_stay_two(self) -> None:
        ids = normal_ids(["110105199001011234", "110105199001011235"])
        assert ids[0] != ids[1]
        assert ids[0] == "110105199001011234"

    def test_long_numbers_become_their_digits(self) -> None:
        assert one_id(1e15) == "1000000000000000"

    def test_a_yes_is_not_the_number_one(self) -> None:
        assert normal_ids([True, 1, 1.0, "1", False, 0]).tolist() == ["", "1", "1", "1", "", "0"]
        assert normal_ids([1, True, 0, False]).tolist() == ["1", "", "0", ""]

    def test_codes(self) -> None:
        codes, ids = id_codes(["b", 1001, None, "1001.0", " b", ""])
        assert codes.dtype == np.int64
        assert codes.tolist() == [0, 1, -1, 1, 0, -1]
        assert ids.tolist() == ["b", "1001"]

    def test_codes_of_ids_that_need_no_cleaning(self) -> None:
        codes, ids = id_codes(np.array(["C2", "C1", None, "C2"], dtype=object))
        assert codes.tolist() == [0, 1, -1, 0]
        assert ids.tolist() == ["C2", "C1"]

    @pytest.mark.parametrize("values", [np.array([1, 2, 1]), np.array([1.0, np.nan, 1.0]), pd.Series(["1", "2", "1"])])
    def test_typed_arrays(self, values: object) -> None:
        codes, ids = id_codes(values)  # type: ignore[arg-type]
        assert codes[0] == codes[2]
        assert ids[0] == "1"

    def test_nothing(self) -> None:
        assert normal_ids([]).tolist() == []

    @given(st.lists(st.one_of(cells, st.text())))
    def test_idempotent(self, values: list[object]) -> None:
        once = normal_ids(values)
        assert normal_ids(once).tolist() == once.tolist()

    @given(st.lists(cells, max_size=12), st.randoms())
    def test_order_and_company_do_not_matter(self, values: list[object], random: object) -> None:
        order = list(range(len(values)))
        random.shuffle(order)  # type: ignore[attr-defined]
        together = normal_ids([values[i] for i in order]).tolist()
        assert together == [one_id(values[i]) for i in order]


class TestDates:
    @pytest.mark.parametrize(
        "text",
        [
            "2023-07-03", "2023/7/3", "2023.7.3", "2023年7月3日", "20230703", " 2023-7-3 ",
            "２０２３－０７－０３", "２０２３／７／３", "2023 年 7 月 3 日", "2023-07-03 12:30",
            "2023/7/3 9:05:07",
            "2023.7.3 23:59:59.999", "2023年7月3日 12:30", "2023年7月3日12:30", "2023-07-03T00:00:00Z",
            "2023-07-03T23:30:00.000+08:00", "\u200b2023-07-03",
        ],
    )  # fmt: skip
    def test_closed_list(self, text: str) -> None:
        parsed = parse_dates([text])
        assert parsed.values[0] == JULY_3
        assert parsed.state[0] == REPAIRED
        assert parse_dates([text], from_text=True).state[0] == GOOD

    @pytest.mark.parametrize("value", [20230703, 20230703.0])
    def test_eight_digits_as_a_number(self, value: float) -> None:
        parsed = parse_dates([value])
        assert (parsed.values[0], parsed.state[0]) == (JULY_3, REPAIRED)

    @pytest.mark.parametrize(
        "value",
        [
            "12", "周五", "1001", "45110", "2023-02-30", "2023-13-01", "20230230", "03/07/2023", "13/07/2023",
            "2023-07/03", "2023-07", "2023", "23-07-03", "2023-07-03 25:00", "2023-07-03 noon", "1899-12-31",
            "2023-07-03 2023-07-04", "2023-07-0³", True, False, VALUE_ERROR, "#N/A", 20230230, 20230703.5,
            float("inf"), 45110, 0, -5, 1e300, dt.date(1899, 12, 31), dt.timedelta(1), dt.time(3), [1],
        ],
    )  # fmt: skip
    def test_wrong(self, value: object) -> None:
        parsed = parse_dates([value])
        assert parsed.state[0] == WRONG
        assert np.isnat(parsed.values[0])

    @pytest.mark.parametrize(
        "value", [None, "", "  ", "-", "—", "无", "N/A", float("nan"), pd.NaT, np.datetime64("NaT")]
    )
    def test_empty(self, value: object) -> None:
        parsed = parse_dates([value])
        assert parsed.state[0] == EMPTY
        assert np.isnat(parsed.values[0])

    @pytest.mark.parametrize(
        "value",
        [
            dt.date(2023, 7, 3), dt.datetime(2023, 7, 3, 23, 59), pd.Timestamp("2023-07-03 01:02"),
            np.datetime64("2023-07-03T05"), dt.datetime(2023, 7, 3, 23, tzinfo=dt.UTC),
        ],
    )  # fmt: skip
    def test_real_dates(self, value: object) -> None:
        parsed = parse_dates([value])
        assert (parsed.values[0], parsed.state[0]) == (JULY_3, GOOD)

    def test_array_of_days(self) -> None:
        parsed = parse_dates(np.array(["2023-07-03T08:00", "NaT", "1800-01-01"], dtype="datetime64[ns]"))
        assert parsed.values[0] == JULY_3
        assert parsed.state.tolist() == [GOOD, EMPTY, WRONG]

    def test_serial_numbers(self) -> None:
        serials = [1, 59, 60, 61, 45110, 45110.75, 2958465, 2958466]
        parsed = parse_dates(serials, allow_serial=True)
        texts = [
            "1900-01-01",
            "1900-02-28",
            "NaT",
            "1900-03-01",
            "2023-07-03",
            "2023-07-03",
            "9999-12-31",
            "NaT",
        ]
        assert parsed.values.astype(str).tolist() == texts
        assert parsed.state.tolist() == [GOOD, GOOD, WRONG, GOOD, GOOD, GOOD, GOOD, WRONG]

    def test_serial_numbers_from_1904(self) -> None:
        parsed = parse_dates([45110 - 1462, True], True, allow_serial=True)
        assert parsed.values[0] == JULY_3
        assert parsed.state.tolist() == [GOOD, WRONG]

    def test_day_or_month_first_only_when_told(self) -> None:
        assert parse_dates(["3/7/2023"], dayfirst=True).values[0] == JULY_3
        assert parse_dates(["07-03-2023"], dayfirst=False).values[0] == JULY_3
        assert parse_dates(["13/7/2023"], dayfirst=False).state[0] == WRONG

    @given(days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]))
    def test_what_is_written_is_read(self, day: dt.date, form: str) -> None:
        parsed = parse_dates([day.strftime(form)])
        assert parsed.values[0] == np.datetime64(day)

    @given(days.filter(lambda day: day >= dt.date(1900, 3, 1)))
    def test_serial_is_days_since_1899_12_30(self, day: dt.date) -> None:
        serial = (day - dt.date(1899, 12, 30)).days
        assert parse_dates([serial], allow_serial=True).values[0] == np.datetime64(day)

    @given(st.lists(cells, max_size=12), st.randoms())
    def test_order_and_company_do_not_matter(self, values: list[object], random: object) -> None:
        random.shuffle(values)  # type: ignore[attr-defined]
        together = parse_dates(values, allow_serial=True)
        alone = [parse_dates([v], allow_serial=True) for v in values]
        assert together.state.tolist() == [a.state[0] for a in alone]
        assert together.values.astype(str).tolist() == [str(a.values[0]) for a in alone]


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "number", "unit"),
        [
            ("1,234.5", 1234.5, ""), ("1,234.5 元", 1234.5, "元"), ("１２３", 123, ""),
            ("¥1,234", 1234, "元"),
            ("￥1,234.00", 1234, "元"), ("12.5%", 0.125, "%"), ("12.3％", 0.123, "%"), ("1.2万", 1.2, "万"),
            ("1.2万元", 1.2, "万元"), ("¥1.2万", 1.2, "万元"), ("3亿", 3, "亿"), ("(1,234.5)", -1234.5, ""),
            ("（５）", -5, ""), (" 12 ", 12, ""), ("-1,000", -1000, ""), ("−5", -5, ""), ("+3", 3, ""),
            ("-¥5", -5, "元"), ("¥-5", -5, "元"), ("CNY 1,234", 1234, "元"), ("人民币1.5万元", 1.5, "万元"),
            ("1.2E+05", 120000, ""), (".5", 0.5, ""), ("12", 12, ""), ("1\u200b2", 12, ""),
        ],
    )  # fmt: skip
    def test_texts(self, text: str, number: float, unit: str) -> None:
        parsed = parse_numbers([text])
        assert (parsed.values[0], parsed.state[0], parsed.unit[0]) == (number, REPAIRED, unit)

    @pytest.mark.parametrize(
        "value",
        [
            "1,23,4", "1,2345", ",123", "1,234,", "abc", "12a", "1 234", "(5",
            "5)", "(-5)", "--5", "-+5", "¥5%",
            "$5",
            "1.2.3", "1_000", "inf", "nan", "1e999", "1²", "①", "⑴", "½", True, False,
            np.True_, dt.date(2023, 7, 3),
            pd.Timestamp(0), dt.timedelta(1), float("inf"), float("-inf"), VALUE_ERROR,
            CellError("#N/A"), "#N/A",
            10**400, 1j,
        ],
    )  # fmt: skip
    def test_wrong(self, value: object) -> None:
        parsed = parse_numbers([value])
        assert parsed.state[0] == WRONG
        assert np.isnan(parsed.values[0])
        assert parsed.unit[0] == ""

    @pytest.mark.parametrize("value", [None, "", " ", "-", "—", "--", "N/A", "n/a", "无", "暂无", float("nan"), pd.NA])
    def test_empty(self, value: object) -> None:
        assert parse_numbers([value]).state[0] == EMPTY

    @pytest.mark.parametrize("value", [0, 5, 2.5, np.int64(5), np.float32(2.5), Decimal("1.5")])
    def test_numbers(self, value: float) -> None:
        parsed = parse_numbers([value, "x"])
        assert (parsed.values[0], parsed.state[0]) == (float(value), GOOD)

    def test_factor(self) -> None:
        parsed = parse_numbers(["1.2万", "1.2万元", "5元", 7, "5%", "1亿"])
        np.testing.assert_array_equal(parsed.factor, [1e4, 1e4, 1, np.nan, np.nan, 1e8])

    def test_bare_numbers_of_a_text_file_are_good(self) -> None:
        parsed = parse_numbers(["12.5", " 12.5 ", "1,234", "5元"], from_text=True)
        assert parsed.state.tolist() == [GOOD, GOOD, REPAIRED, REPAIRED]

    def test_columns_of_nothing_but_numbers(self) -> None:
        parsed = parse_numbers([1, 2.5, None, float("nan"), float("inf")])
        assert parsed.state.tolist() == [GOOD, GOOD, EMPTY, EMPTY, WRONG]
        np.testing.assert_array_equal(parsed.values, [1, 2.5, np.nan, np.nan, np.nan])
        assert parse_numbers(np.array([1, 2])).values.tolist() == [1.0, 2.0]
        assert parse_numbers(np.array([True, False])).state.tolist() == [WRONG, WRONG]

    @given(st.decimals(-(10**9), 10**9, places=2))
    def test_what_is_written_is_read(self, amount: Decimal) -> None:
        for text in (f"{amount}", f"{amount:,}", f"{amount:,} 元", f"¥{amount:,}"):
            assert parse_numbers([text]).values[0] == float(amount)

    @given(st.lists(cells, max_size=12), st.randoms())
    def test_order_and_company_do_not_matter(self, values: list[object], random: object) -> None:
        random.shuffle(values)  # type: ignore[attr-defined]
        together = parse_numbers(values)
        alone = [parse_numbers([v]) for v in values]
        assert together.state.tolist() == [a.state[0] for a in alone]
        np.testing.assert_array_equal(together.values, [a.values[0] for a in alone])


class TestTexts:
    def test_texts(self) -> None:
        values = [
            " a ",
            "a\x07b",
            "😀",
            "a\nb",
            None,
            2023.0,
            0.5,
            True,
            VALUE_ERROR,
            dt.datetime(2023, 7, 3),
            "　",
        ]
        parsed = clean_texts(values)
        assert parsed.values.tolist() == [
            "a",
            "ab",
            "😀",
            "a\nb",
            "",
            "2023",
            "0.5",
            "TRUE",
            "",
            "2023-07-03",
            "",
        ]
        assert parsed.state.tolist() == [
            GOOD,
            REPAIRED,
            GOOD,
            GOOD,
            EMPTY,
            GOOD,
            GOOD,
            GOOD,
            WRONG,
            GOOD,
            EMPTY,
        ]

    def test_distinct_of_what_cannot_be_hashed(self) -> None:
        codes, uniques = distinct([["a"], "x", ["a"]])
        assert codes.tolist() == [0, 1, 0]
        assert uniques == ["['a']", "x"]


class TestCells:
    def test_names(self) -> None:
        assert [cell_name(0, 0), cell_name(9, 25), cell_name(0, 26), cell_name(1048575, 16383)] == [
            "A1", "Z10", "AA1", "XFD1048576"
        ]  # fmt: skip

    @given(st.integers(0, 16383))
    def test_column_number_undoes_the_name(self, column: int) -> None:
        assert column_number(cell_name(0, column)[:-1]) == column

    def test_an_error_is_text(self) -> None:
        assert VALUE_ERROR == "#VALUE!"
        assert f"{VALUE_ERROR}" == "#VALUE!"
        assert isinstance(VALUE_ERROR, CellError)
