from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm_xl.analysis.quality import Finding, accuracy, check_customers, check_log
from crm_xl.cells import VALUE_ERROR
from crm_xl.vocabulary.records import ORDERS

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
        ("first_order", "2023.7.3", "value_not_date"),
        ("first_order", 45000, "value_not_date"),
        ("first_order", dt.datetime(2024, 9, 1), "date_future"),
        ("order_count", -1, "value_negative"),
        ("order_count", 1.5, "value_not_whole"),
        ("order_count", "１２", "value_not_number"),
        ("annual_spend", "1,234.5", "value_not_number"),
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
