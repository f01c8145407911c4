from __future__ import annotations

import pytest

from crm_xl.errors import CrmXlError, Refused
from crm_xl.sources.mapping import ColumnMatch, map_headers
from crm_xl.vocabulary.fields import Table
from crm_xl.vocabulary.records import CUSTOMERS, ORDERS


def keys(matches: list[ColumnMatch]) -> list[str | None]:
    return [match.field.key if match.field else None for match in matches]


def error_of(headers: list[str], table: Table, overrides: dict[str, str]) -> CrmXlError:
    with pytest.raises(CrmXlError) as caught:
        map_headers(headers, table, overrides)
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    return caught.value


def test_aliases_in_both_languages() -> None:
    matches = map_headers(["会员编号", "Company name", "年采购金额（元）", "自己的列", "", "复购率(%)"], CUSTOMERS)
    assert keys(matches) == ["customer_id", "customer_name", "annual_spend", None, None, "repurchase_rate"]
    assert [m.unit for m in matches] == [None, None, "yuan", None, None, None]
    assert [m.how for m in matches] == ["alias", "alias", "alias", "none", "none", "alias"]
    assert [m.index for m in matches] == list(range(6))


def test_money_without_a_unit_has_the_fields_own() -> None:
    assert map_headers(["客户编号", "年消费金额"], CUSTOMERS)[1].unit == "wan"
    assert map_headers(["客户编号", "金额"], ORDERS)[1].unit == "yuan"
    assert map_headers(["客户编号", "金额(万元)"], ORDERS)[1].unit == "wan"


def test_a_percent_sign_belongs_to_ratios_only() -> None:
    assert keys(map_headers(["Orders (%)", "毛利率％"], CUSTOMERS)) == [None, "margin"]


@pytest.mark.parametrize("ours", ["annual_spend", "年消费金额", "Annual spend", "年消费金额(万元)"])
def test_a_given_field_by_key_or_header(ours: str) -> None:
    match = map_headers(["ID", "Deal size (元)"], CUSTOMERS, {"deal size(元)": ours})[1]
    assert match.field == CUSTOMERS.field("annual_spend")
    assert (match.how, match.unit) == ("given", "yuan")


def test_a_given_column_wins_over_a_found_one() -> None:
    headers = ["客户编号", "名称", "公司"]
    assert keys(map_headers(headers, CUSTOMERS, {"公司": "customer_name"})) == [
        "customer_id",
        None,
        "customer_name",
    ]


def test_two_columns_for_one_field() -> None:
    error = error_of(["客户编号", "客户名称", "公司名称"], CUSTOMERS, {})
    assert error.key == "source_two_columns"
    assert (error.values["first"], error.values["second"]) == ("客户名称", "公司名称")
    assert error_of(["ID", "a", "b"], CUSTOMERS, {"a": "phone", "b": "phone"}).key == "source_two_columns"


def test_wrong_overrides_are_refused() -> None:
    error = error_of(["ID", "a"], CUSTOMERS, {"a": "no such field"})
    assert (type(error), error.key) == (Refused, "source_unknown_field")
    error = error_of(["ID", "a"], CUSTOMERS, {"b": "phone"})
    assert (type(error), error.key) == (Refused, "source_unknown_header")
