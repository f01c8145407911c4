from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.quality import (
    Finding,
    Limits,
    accuracy,
    check_customers,
    check_history,
    check_log,
    is_test_name,
    other_unit,
    outliers,
)
from crm_xl.cells import VALUE_ERROR
from crm_xl.vocabulary.fields import Unit
from crm_xl.vocabulary.records import COMPLAINTS, INTERACTIONS, ORDERS

AS_OF = dt.date(2024, 8, 31)
DAY = dt.datetime(2024, 1, 1)


def customers(**columns: list[Any]) -> list[Finding]:
    rows = max(len(c) for c in columns.values())
    ids = columns.pop("customer_id", [f"C{i}" for i in range(rows)])
    return check_customers({"customer_id": ids, **columns}, AS_OF)


def told(findings: list[Finding]) -> list[tuple[int, str, str]]:
    return [(f.row, f.field, f.key) for f in findings]


def test_a_clean_table_has_no_findings() -> None:
    assert (
        customers(
            customer_name=["甲", "乙"],
            phone=["13812345678", "010-12345678"],
            first_order=[DAY, None],
            last_order=[dt.datetime(2024, 8, 31, 18), None],
            annual_spend=[-3.5, ""],
            order_count=[3, 0],
            satisfaction=[1, 5],
            margin=[-0.1, 0.3],
            contract_end=[dt.datetime(2030, 1, 1), None],
        )
        == []
    )


def test_ids() -> None:
    found = customers(
        customer_id=["1001", 1001.0, "001001", None, 1e15, " "], customer_name=["甲", "乙", "丙", "丁", "戊", None]
    )
    assert told(found) == [(1, "customer_id", "id_twice"), (3, "customer_id", "id_empty"),
                           (4, "customer_id", "id_digits_lost")]  # fmt: skip
    assert "1001" in found[0].text("zh") and "2" in found[0].text("zh"), "names the id and the row that had it first"


@pytest.mark.parametrize(
    ("field", "cell", "key"),
    [
        ("first_order", "2023.7.3", "date_as_text"),
        ("first_order", 45000, "value_not_date"),
        ("first_order", dt.datetime(2024, 9, 1), "date_future"),
        ("order_count", -1, "value_negative"),
        ("order_count", 1.5, "value_not_whole"),
        ("order_count", "１２", "number_as_text"),
        ("annual_spend", "1,234.5", "number_as_text"),
        ("annual_spend", True, "value_not_number"),
        ("annual_spend", VALUE_ERROR, "value_error_cell"),
        ("region", VALUE_ERROR, "value_error_cell"),
        ("satisfaction", 0, "value_outside"),
        ("satisfaction", 5.1, "value_outside"),
        ("collection_days", -1, "value_negative"),
        ("phone", 1e15, "id_digits_lost"),
        ("customer_name", " ", "value_missing"),
    ],
)
def test_one_bad_cell_is_one_finding(field: str, cell: Any, key: str) -> None:
    columns = {"customer_name": ["甲", "乙"], field: [None if field != "customer_name" else "甲", cell]}
    found = customers(**columns)
    assert told(found) == [(1, field, key)]
    for lang in ("zh", "en"):
        text = found[0].text(lang)  # type: ignore[arg-type]
        assert text and "{" not in text and "Field(" not in text and "None" not in text
    assert found[0].text("en").isascii() or not str(cell).isascii()


@pytest.mark.parametrize(
    ("field", "cell", "proposed"),
    [
        ("first_order", "2023.7.3", "2023-07-03"),
        ("first_order", "2023年7月3日", "2023-07-03"),
        ("first_order", "不详", ""),
        ("annual_spend", "1,234.5", "1234.5"),
        ("annual_spend", "１２３", "123"),
        ("annual_spend", "很多", ""),
    ],
)
def test_what_is_proposed(field: str, cell: str, proposed: str) -> None:
    (finding,) = customers(customer_name=["甲"], **{field: [cell]})
    assert finding.proposed == proposed
    assert (proposed in finding.text("zh")) if proposed else finding.text("zh").count(cell) == 1


def test_last_before_first() -> None:
    found = customers(
        customer_name=list("甲乙丙"),
        first_order=[DAY, DAY, None],
        last_order=[DAY - dt.timedelta(days=1), DAY, DAY],
    )
    assert told(found) == [(0, "last_order", "date_order")]


def test_perhaps_one_customer_twice() -> None:
    found = customers(
        customer_name=["甲公司", "乙公司", "甲公司", "丁", "戊"],
        phone=["1", "2", None, "1", "***"],
    )
    assert told(found) == [(2, "customer_name", "duplicate_name"), (3, "phone", "duplicate_phone")]
    assert {f.severity for f in found} == {"warning"}


def test_order_log() -> None:
    columns = {
        "customer_id": ["A", None, "X", None, "a"],
        "order_date": [DAY, DAY, "x", None, dt.datetime(2024, 9, 1)],
        "amount": [-5, 1, 2, None, "y"],
    }
    found = check_log(ORDERS, columns, AS_OF, ["A", "a"])
    assert told(found) == [
        (1, "customer_id", "order_without_customer"), (2, "customer_id", "order_unknown_customer"),
        (2, "order_date", "value_not_date"), (4, "amount", "value_not_number"), (4, "order_date", "date_future"),
    ]  # fmt: skip


def test_accuracy() -> None:
    found = customers(customer_name=["甲", "乙", None, "丁"], order_count=[-1, 1, 1, 1.5], satisfaction=[9, 1, 1, 1])
    assert accuracy(found, 4) == 3 / 4, "two errors in one row count once, warnings not at all"
    assert accuracy([], 0) is None
    assert accuracy([], 7) == 1.0


# ---------------------------------------------------------------- each rule by itself


def keys(found: list[Finding]) -> list[str]:
    return [f.key for f in found]


def test_what_a_log_line_needs() -> None:
    columns = {"customer_id": ["A", "A"], "order_date": [None, DAY], "amount": [1.0, " "], "product": ["x", "y"]}
    found = check_log(ORDERS, columns, AS_OF, ["A"])
    assert told(found) == [(0, "order_date", "value_missing"), (1, "amount", "value_missing")]
    assert {f.severity for f in found} == {"error"}
    assert found[1].text("zh") == "“金额”为空。"


@pytest.mark.parametrize(
    ("field", "cell", "unit", "proposed"),
    [
        ("annual_spend", "1,234.5 元", "wan", "0.12345"),
        ("annual_spend", "1,234.5 元", "yuan", "1234.5"),
        ("annual_spend", "3万", "wan", "3"),
        ("annual_spend", "3万", "yuan", "30000"),
        ("annual_spend", "1.2亿", "wan", "12000"),
        ("annual_spend", "12%", "wan", ""),
        ("margin", "12%", "wan", "0.12"),
        ("margin", "35", "wan", "0.35"),
        ("margin", "0.35", "wan", "0.35"),
        ("order_count", "3万", "wan", ""),
        ("order_count", "3", "wan", "3"),
        ("first_order", 20230703.0, "wan", "2023-07-03"),
    ],
)
def test_a_repair_is_in_the_unit_of_its_column(field: str, cell: Any, unit: Unit, proposed: str) -> None:
    columns = {"customer_id": ["A"], "customer_name": ["甲"], field: [cell]}
    (found,) = check_customers(columns, AS_OF, units={"annual_spend": unit})
    assert found.proposed == proposed


def test_a_share_above_one() -> None:
    found = customers(customer_name=["甲", "乙", "丙"], margin=[35.0, 1.0, 350])
    assert [(f.row, f.key, f.proposed) for f in found] == [(0, "share_above_one", "0.35"), (2, "share_above_one", "")]


def test_dates_in_the_wrong_order() -> None:
    found = customers(customer_name=["甲"], signed_on=[DAY], contract_end=[DAY - dt.timedelta(days=1)])
    assert told(found) == [(0, "contract_end", "date_order")]
    assert found[0].text("zh") == "“合同到期日”早于“签约日期”。"
    log = {"customer_id": ["A"], "complaint_date": [DAY], "resolved_on": [dt.datetime(2023, 1, 1)]}
    assert keys(check_log(COMPLAINTS, log, AS_OF, ["A"])) == ["date_order"]
    same_day = {"customer_id": ["A"], "complaint_date": [DAY + dt.timedelta(hours=9)], "resolved_on": [DAY]}
    assert check_log(COMPLAINTS, same_day, AS_OF, ["A"]) == []


def test_planned_dates_may_come() -> None:
    later = dt.datetime(2030, 1, 1)
    log = {"customer_id": ["A"], "contact_date": [DAY], "next_contact": [later]}
    assert check_log(INTERACTIONS, log, AS_OF, ["A"]) == []
    assert keys(check_log(INTERACTIONS, log | {"contact_date": [later]}, AS_OF, ["A"])) == ["date_future"]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("上海宏远科技有限公司", "宏远科技(上海)股份有限公司", True),
        ("宏远科技", "宏远科技集团", True),
        ("上海宏远科技有限公司", "北京宏远科技有限公司", False),
        ("宏远科技有限公司", "宏远科枝有限公司", False),
        ("宏远", "上海宏远", False),
        ("ＡＢＣ　Tools Co., Ltd.", "abc tools inc", True),
        ("Acme Tools Shanghai", "Acme Tools", True),
        ("第一医院", "第二医院", False),
        ("A*贸易", "A*贸易", False),
        (" 甲 ", "甲", True),
        ("广东深圳宏远科技", "深圳宏远科技", True),
        ("有限公司", "集团", False),
    ],
)
def test_same_names(first: str, second: str, same: bool) -> None:
    found = customers(customer_name=[first, "别的公司", second])
    assert told(found) == ([(2, "customer_name", "duplicate_name")] if same else [])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("13812345678", "+86 138-1234-5678", True),
        ("13812345678", 13812345678.0, True),
        ("010-62345678", "0086 10 62345678转12", True),
        ("010-62345678", "13812345678、010 62345678", True),
        ("13812345678", "13812345679", False),
        ("138****5678", "138****5678", False),
        ("13800138000", "13800138000", False),
        ("内线12", "内线12", True),
    ],
)
def test_same_phones(first: Any, second: Any, same: bool) -> None:
    found = [f for f in customers(customer_name=["甲", "乙"], phone=[first, second]) if f.key != "test_account"]
    assert told(found) == ([(1, "phone", "duplicate_phone")] if same else [])


def test_a_switchboard_is_nobody_s() -> None:
    found = customers(customer_name=[f"第{i}公司" for i in range(9)], phone=["010-62345678"] * 9)
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["测试", "测试客户01", "测试公司", "测试有限公司", "test", "TEST-2", "Test Company", "demo", "ｔｅｓｔ", "asdf", "qwerty", "123456", "aaa",
     "啊啊啊啊", "x x x", "测试请勿删除", "Demo account (ignore)", "foobar"],
)  # fmt: skip
def test_test_accounts(name: str) -> None:
    assert is_test_name(name)
    assert told(customers(customer_name=["甲公司", name])) == [(1, "customer_name", "test_account")]


@pytest.mark.parametrize(
    "name",
    ["测试仪器有限公司", "北京测试技术研究所", "Testo SE", "Contest Ltd", "Demokratie", "Latest Fashion", "莉莉", "AA", "3M", "360", "上海测试",
     "Bar & Grill", "Foods Ltd", "Test Instruments Inc", "一二三", "公司", "客户", "Data Only Ltd", "101", "1688"],
)  # fmt: skip
def test_real_names(name: str) -> None:
    assert not is_test_name(name)
    assert customers(customer_name=["甲公司", name]) == []


@pytest.mark.parametrize(
    ("phone", "made_up"),
    [("13800138000", True), ("138 0000 0000", True), ("13888888888", True), ("12345678901", True), (12345678.0, True),
     ("11111111", True), ("13812345678", False), ("010-88888888", False), ("4008888888", False), ("138****8000", False),
     ("13800001111", False)],
)  # fmt: skip
def test_made_up_phones(phone: Any, made_up: bool) -> None:
    assert keys(customers(customer_name=["甲"], phone=[phone])) == (["test_account"] if made_up else [])


def test_stale_rows() -> None:
    days = [dt.datetime(2024, 6, 2), dt.datetime(2024, 6, 2, 23), dt.datetime(2024, 6, 1, 23), None]
    names = ["甲", "乙", "丙", "丁"]
    found = customers(customer_name=names, updated_on=days)
    assert told(found) == [(2, "updated_on", "stale_row")], "90 days are no more than 90 days"
    columns = {"customer_id": names, "customer_name": names, "updated_on": days}
    assert check_customers(columns, AS_OF, limits=Limits(0, 5)) == []
    assert len(check_customers(columns, AS_OF, limits=Limits(10, 5))) == 3


# ---------------------------------------------------------------- odd amounts


def amounts(values: list[float], factor: float = 5.0) -> list[tuple[int, str, str]]:
    rows = [f"C{i}" for i in range(len(values))]
    columns = {"customer_id": rows, "order_date": [DAY] * len(rows), "amount": values}
    return [(f.row, f.key, f.proposed) for f in check_log(ORDERS, columns, AS_OF, rows, limits=Limits(0, factor))]


def test_modified_z_scores() -> None:
    """0.6745 × |x − median| ÷ MAD, reckoned by hand: median 2.45, MAD 0.15, so 8.2 scores 25.9; with the mean and
    standard deviation of all ten it would score 2. Here, an amount has to be tenfold, too."""
    data = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    assert outliers(data, 3.5).nonzero()[0].tolist() == [8, 9]
    assert outliers(data, 25.8).nonzero()[0].tolist() == [8, 9]
    assert outliers(data, 26.0).nonzero()[0].tolist() == [9]
    powers = np.log10(data)
    assert not outliers(powers, 3.5).any(), "not ten times the median"
    assert outliers(np.log10(np.r_[data, 82, 0.1]), 3.5).nonzero()[0].tolist() == [10, 11]


def test_an_amount_far_away() -> None:
    usual = [100.0 + 7 * i for i in range(30)]
    assert amounts([*usual, 90_000.0]) == [(30, "outlier", "")]
    assert amounts([*usual, 0.01]) == [(30, "mixed_units", "100")]
    assert amounts([*usual, 2500.0]) == [(30, "outlier", "")]
    assert amounts([*usual, 1500.0]) == [], "not ten times the median"
    assert amounts([*usual, 90_000.0, -90_000.0, 0.0], 0.0) == []
    assert amounts([*usual[:10], 90_000.0]) == [], "of eleven amounts nobody can say"
    assert amounts([5.0] * 40 + [900.0]) == [], "without a spread there is no far"
    assert "205" in outlier_text([*usual, 90_000.0]), "names the median"


def outlier_text(values: list[float]) -> str:
    rows = [f"C{i}" for i in range(len(values))]
    columns = {"customer_id": rows, "order_date": [DAY] * len(rows), "amount": values}
    return check_log(ORDERS, columns, AS_OF, rows, limits=Limits())[0].text("en")


def test_amounts_in_another_unit() -> None:
    wan = [1.5 + 0.5 * i for i in range(40)]
    yuan = [v * 10_000 for v in wan[5:9]]
    assert amounts([*wan, *yuan]) == [(40 + i, "mixed_units", f"{wan[5 + i]:.15g}") for i in range(4)]
    many = [v * 10_000 for v in wan]
    assert amounts([*many, 3.0, 7.5]) == [(40, "mixed_units", "30000"), (41, "mixed_units", "75000")]
    hundred = amounts([*wan, *(v * 100 for v in wan[30:34])])
    assert {key for _, key, _ in hundred} == {"outlier"}, "a hundred times is no unit"
    assert amounts(wan) == []


@given(st.integers(0, 10_000))
def test_skewed_amounts_are_not_odd(seed: int) -> None:
    """Log-normal amounts, as spend is: hardly one of a thousand is called odd, and none in another unit."""
    rng = np.random.default_rng(seed)
    powers = rng.normal(2.0, rng.uniform(0.1, 0.8), 1000)
    assert outliers(powers, 5.0).sum() <= 1
    assert not other_unit(powers)[0].any()


# ---------------------------------------------------------------- nothing wrong, and something everywhere


def clean(rows: int) -> dict[str, list[Any]]:
    """Customers with nothing wrong."""
    return {
        "customer_id": [f"C{i}" for i in range(rows)],
        "customer_name": [f"{'甲乙丙丁戊己庚辛'[i % 8]}{'金木水火土'[i // 8 % 5]}{i}商贸有限公司" for i in range(rows)],
        "phone": [f"139{20_000_000 + 37 * i:08}" for i in range(rows)],
        "first_order": [DAY - dt.timedelta(days=i) if i % 3 else None for i in range(rows)],
        "last_order": [DAY + dt.timedelta(days=i) if i % 3 else None for i in range(rows)],
        "updated_on": [dt.datetime(2024, 8, 1)] * rows,
        "annual_spend": [round(1 + i * 0.7, 2) if i % 5 else None for i in range(rows)],
        "order_count": [float(i) for i in range(rows)],
        "satisfaction": [1.0 + i % 5 for i in range(rows)],
        "margin": [0.2] * rows,
        "region": ["华东"] * rows,
    }


WRONG: list[tuple[str, Any, str]] = [
    ("first_order", "2023.7.3", "date_as_text"),
    ("last_order", "不详", "value_not_date"),
    ("last_order", dt.datetime(2029, 1, 1), "date_future"),
    ("last_order", dt.datetime(1999, 1, 1), "date_order"),
    ("annual_spend", "１２３", "number_as_text"),
    ("annual_spend", "很多", "value_not_number"),
    ("annual_spend", 150_000.0, "mixed_units"),
    ("annual_spend", 9_999_999_999.0, "outlier"),
    ("order_count", -3.0, "value_negative"),
    ("order_count", 1.5, "value_not_whole"),
    ("order_count", dt.datetime(2024, 1, 1), "value_not_number"),
    ("satisfaction", 5.5, "value_outside"),
    ("margin", 35.0, "share_above_one"),
    ("region", VALUE_ERROR, "value_error_cell"),
    ("phone", 1.39e17, "id_digits_lost"),
    ("phone", "13800138000", "test_account"),
    ("customer_name", "测试", "test_account"),
    ("customer_name", " ", "value_missing"),
    ("customer_id", None, "id_empty"),
    ("updated_on", dt.datetime(2024, 1, 1), "stale_row"),
]


@given(st.integers(0, 60))
def test_clean_data_have_no_findings(rows: int) -> None:
    assert check_customers(clean(rows), AS_OF) == []


@given(
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(WRONG)), max_size=12, unique_by=lambda w: (w[0], w[1][0]))
)
def test_every_error_is_found_in_its_cell_and_no_other(planted: list[tuple[int, tuple[str, Any, str]]]) -> None:
    columns = clean(40)
    once: set[str] = set()
    expected = set()
    for row, (field, cell, key) in planted:
        kind = "amount" if key in ("mixed_units", "outlier") else key
        if kind in ("test_account", "amount") and kind in once:
            continue  # two of them would be each other's duplicates, or a group of their own
        if key == "date_order" and not row % 3:
            continue  # without a first order there is no order
        once.add(kind)
        columns[field][row] = cell
        expected.add((row, field, key))
    for row, field, key in list(expected):
        if key == "date_order" and not isinstance(columns["first_order"][row], dt.datetime):
            expected.discard((row, field, key))
    assert set(told(check_customers(columns, AS_OF))) == expected


def test_snapshots() -> None:
    later = dt.datetime(2030, 1, 1)
    columns = {"as_of": [DAY, DAY, DAY, later, later, "x"], "customer_id": ["A", "B", "A", "A", "B", "A"]}
    assert told(check_history(columns, AS_OF)) == [
        (2, "customer_id", "id_twice"), (3, "as_of", "date_future"), (5, "as_of", "value_not_date"),
    ]  # fmt: skip
