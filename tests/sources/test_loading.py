from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from crm_xl.errors import CrmXlError
from crm_xl.sources.loading import Loaded, Problem, Repair, load
from crm_xl.vocabulary.fields import LANGS, Table
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS, ORDERS
from tests.sources.test_reading import DATE, make_xlsx, saved, text_row


def from_csv(folder: Path, text: str, table: Table = CUSTOMERS, **options: object) -> Loaded:
    return load(saved(folder, "t.csv", text.encode()), table, **options)  # type: ignore[arg-type]


def from_rows(folder: Path, rows: Sequence[Sequence[object]], table: Table = CUSTOMERS, **options: object) -> Loaded:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(folder / "t.xlsx")
    return load(folder / "t.xlsx", table, **options)  # type: ignore[arg-type]


def problems(loaded: Loaded) -> list[tuple[int, str, str]]:
    for problem in loaded.problems:
        for lang in LANGS:
            assert "{" not in message(problem.message_key, lang, **problem.values)
    return [(p.row, p.header, p.message_key) for p in loaded.problems]


def test_types_and_order(tmp_path: Path) -> None:
    text = "年消费金额,备注,客户编号,最近合作时间,自己的列,毛利率,历史合作次数,满意度,联系电话\n"
    text += "15.2,好,001,2023-07-03,x,0.3,4,5,138\n,,,,y,,,,\n"
    loaded = from_csv(tmp_path, text)
    frame = loaded.frame
    assert list(frame) == [
        "customer_id", "phone", "last_order", "annual_spend", "order_count", "satisfaction", "margin", "note"
    ]  # fmt: skip
    assert frame.dtypes.astype(str).tolist() == [
        "object", "object", "datetime64[s]", "float64", "float64", "float64", "float64", "object"
    ]  # fmt: skip
    assert frame.iloc[0].tolist() == ["001", "138", pd.Timestamp("2023-07-03"), 15.2, 4, 5, 0.3, "好"]
    assert frame["customer_id"][1] == frame["note"][1] == ""
    assert frame.iloc[1][["last_order", "annual_spend", "margin"]].isna().all()
    assert loaded.rows.tolist() == [2, 3]
    assert loaded.rows.dtype == np.int64
    assert loaded.repairs == []
    assert loaded.problems == []
    assert [m.header for m in loaded.matches if m.field is None] == ["自己的列"]


def test_repairs_are_listed_and_right(tmp_path: Path) -> None:
    loaded = from_rows(
        tmp_path,
        [
            ["客户清单"],
            ["客户编号", "最近合作时间", "年消费金额(万元)", "毛利率", "历史合作次数", "备注"],
            ["１００１", "2023.7.3", "1,234.5", "85%", "１２３", "a\x0bb".replace("\x0b", "\t")],
            [None, None, None, None, None, None],
            [1002.0, 20230703, 15.2, 0.35, 4, "😀"],
        ],
    )
    day = dt.date(2023, 7, 3)
    assert loaded.rows.tolist() == [3, 5]
    assert loaded.frame["customer_id"].tolist() == ["1001", "1002"]
    assert loaded.frame["last_order"].tolist() == [pd.Timestamp(day)] * 2
    assert loaded.frame["annual_spend"].tolist() == [1234.5, 15.2]
    assert loaded.frame["margin"].tolist() == [0.85, 0.35]
    assert loaded.frame["note"].tolist() == ["a\tb", "😀"]
    assert loaded.repairs == [
        Repair(3, "客户编号", "１００１", "1001"),
        Repair(3, "最近合作时间", "2023.7.3", day),
        Repair(5, "最近合作时间", 20230703, day),
        Repair(3, "年消费金额(万元)", "1,234.5", 1234.5),
        Repair(3, "历史合作次数", "１２３", 123.0),
        Repair(3, "毛利率", "85%", 0.85),
    ]
    assert loaded.problems == []


def test_what_cannot_be_used_is_listed(tmp_path: Path) -> None:
    rows = text_row(
        1, "客户编号", "最近合作时间", "历史合作次数", "客户名称", "客户类型标签", "综合得分", "联系电话"
    ) + (
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="inlineStr"><is><t>周五</t></is></c>'
        '<c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#REF!</v></c><c r="E2" t="e"><v>#NAME?</v></c>'
        '<c r="F2" t="e"><v>#NAME?</v></c></row>'
        f'<row r="3"><c r="A3"><v>110105199001011234</v></c><c r="B3" t="e"><v>#VALUE!</v></c>'
        f'<c r="C3" s="{DATE}"><v>45110</v></c><c r="G3"><v>13812345678</v></c></row>'
    )
    loaded = load(saved(tmp_path, "t.xlsx", make_xlsx(rows)), CUSTOMERS)
    assert problems(loaded) == [
        (2, "客户编号", "value_error_cell"),
        (3, "客户编号", "id_digits_lost"),
        (2, "客户名称", "value_error_cell"),
        (2, "最近合作时间", "value_not_date"),
        (3, "最近合作时间", "value_error_cell"),
        (2, "历史合作次数", "value_not_number"),
        (3, "历史合作次数", "value_not_number"),
    ]
    assert loaded.problems[3] == Problem(2, "最近合作时间", "周五", "value_not_date", {"value": "周五"})
    assert loaded.problems[-1].values == {"value": "2023-07-03"}
    assert loaded.frame["customer_id"].tolist() == ["", "110105199001011232"]
    assert loaded.frame["phone"].tolist() == ["", "13812345678"]
    assert loaded.frame[["last_order", "order_count", "score"]].isna().all(axis=None)
    assert loaded.frame["segment"].tolist() == ["", ""]


def test_text_files_keep_zeros_and_repair_only_what_is_odd(tmp_path: Path) -> None:
    text = (
        "客户编号,最近合作时间,年消费金额(万元),联系电话\n"
        '007,2023/7/3,15.2,13800000000\n"110105199001011234",2023年7月3日,"1,234.5",13800000000.0\n'
        "110105199001011235,45110,#N/A,1.38E+10\n"
    )
    loaded = from_csv(tmp_path, text)
    assert loaded.frame["customer_id"].tolist() == ["007", "110105199001011234", "110105199001011235"]
    assert loaded.repairs == [
        Repair(3, "联系电话", "13800000000.0", "13800000000"),
        Repair(3, "年消费金额(万元)", "1,234.5", 1234.5),
    ]
    assert problems(loaded) == [
        (4, "联系电话", "id_digits_lost"),
        (4, "最近合作时间", "value_not_date"),
        (4, "年消费金额(万元)", "value_error_cell"),
    ]


@pytest.mark.parametrize(
    ("header", "cell", "unit", "amount"),
    [
        ("年消费金额", 15.2, "wan", 15.2),
        ("年消费金额(万元)", 15.2, "wan", 15.2),
        ("年消费金额(万元)", 0.123456789012, "wan", 0.123456789012),
        ("年消费金额(元)", 152000, "wan", 15.2),
        ("年消费金额(万元)", 1.005, "yuan", 10050.0),
        ("年消费金额", 15.2, "yuan", 152000.0),
        ("年消费金额", "1,234.5 元", "wan", 0.12345),
        ("年消费金额(元)", "15.2万元", "wan", 15.2),
        ("年消费金额", "¥152,000", "wan", 15.2),
        ("年消费金额(元)", "15.2万", "yuan", 152000.0),
    ],
)
def test_customer_amounts(tmp_path: Path, header: str, cell: object, unit: str, amount: float) -> None:
    loaded = from_rows(tmp_path, [["客户编号", header], ["1", cell]], unit=unit)
    assert loaded.frame["annual_spend"][0] == amount


@pytest.mark.parametrize(
    ("header", "cell", "amount"),
    [
        ("金额", 15.2, 15.2),
        ("金额(万元)", 1.005, 10050.0),
        ("金额", "1.2万", 12000.0),
        ("Amount (CNY)", 7, 7.0),
    ],
)
def test_order_amounts_are_always_yuan(tmp_path: Path, header: str, cell: object, amount: float) -> None:
    loaded = from_rows(tmp_path, [["客户编号", header], ["1", cell]], ORDERS, unit="wan")
    assert loaded.frame["amount"][0] == amount


def test_units_where_they_make_no_sense(tmp_path: Path) -> None:
    loaded = from_rows(
        tmp_path,
        [
            ["客户编号", "年消费金额", "历史合作次数", "毛利率", "满意度"],
            ["1", "5%", "1.2万", "3元", "4万"],
            ["2", 1, "3元", "5%", 4],
        ],
    )
    assert problems(loaded) == [
        (2, "年消费金额", "value_not_number"),
        (3, "历史合作次数", "value_not_number"),
        (2, "满意度", "value_not_number"),
        (2, "毛利率", "value_not_number"),
    ]
    assert loaded.frame["order_count"][0] == 12000


def test_ratios_under_a_percent_header(tmp_path: Path) -> None:
    loaded = from_rows(
        tmp_path,
        [["客户编号", "毛利率(%)", "复购率(%)"], ["1", 35, 0.35], ["2", "12.3%", 1], ["3", 0.5, None]],
    )
    assert loaded.frame["margin"].tolist() == [0.35, 0.123, 0.005]
    assert loaded.frame["repurchase_rate"].tolist()[:2] == [0.35, 1.0]


@pytest.mark.parametrize("date1904", [False, True])
def test_serial_numbers_in_a_date_column(tmp_path: Path, date1904: bool) -> None:
    serial = 45110 - 1462 * date1904
    rows = text_row(1, "客户编号", "最近合作时间", "首次合作时间") + (
        f'<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>{serial}</v></c><c r="C2" s="{DATE}"><v>{serial}</v></c></row>'
    )
    loaded = load(saved(tmp_path, "t.xlsx", make_xlsx(rows, date1904=date1904)), CUSTOMERS)
    assert loaded.frame["last_order"][0] == loaded.frame["first_order"][0] == pd.Timestamp("2023-07-03")
    assert loaded.repairs == []


def test_control_characters_leave_texts(tmp_path: Path) -> None:
    loaded = from_csv(tmp_path, "ID,Name\n1, a\x07b \n2,😀\n")
    assert loaded.frame["customer_name"].tolist() == ["ab", "😀"]
    assert loaded.repairs == [Repair(2, "Name", " a\x07b ", "ab")]


@pytest.mark.parametrize("table", [CUSTOMERS, ORDERS, INTERACTIONS])
def test_a_customer_id_is_needed(tmp_path: Path, table: Table) -> None:
    with pytest.raises(CrmXlError) as caught:
        from_csv(tmp_path, "日期,金额\n2023-07-03,1\n", table)
    assert caught.value.key == "source_no_id"
    assert "t.csv" in caught.value.text("zh")


def test_an_id_under_another_name(tmp_path: Path) -> None:
    loaded = from_csv(tmp_path, "note here,,\nKunde;x\nA1;2\n".replace(",,", ""), overrides={"Kunde": "客户编号"})
    assert loaded.frame["customer_id"].tolist() == ["A1"]


def test_no_rows(tmp_path: Path) -> None:
    loaded = from_csv(tmp_path, "客户编号,年消费金额,最近合作时间\n")
    assert loaded.frame.shape == (0, 3)
    assert loaded.frame.dtypes.astype(str).tolist() == ["object", "datetime64[s]", "float64"]
    assert loaded.rows.tolist() == []


def test_one_answer_from_every_kind_of_file(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["订单号", "客户编号", "订单日期", "金额"],
        ["S1", "001", dt.datetime(2023, 7, 3), 15.2],
        ["S2", "002", None, 3.0],
    ]
    one = from_rows(tmp_path, rows, ORDERS)
    two = from_csv(tmp_path, "订单号,客户编号,订单日期,金额\nS1,001,2023-07-03,15.2\nS2,002,,3\n", ORDERS)
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame["订单日期"] = pd.to_datetime(frame["订单日期"])
    frame.to_parquet(tmp_path / "t.parquet")
    three = load(tmp_path / "t.parquet", ORDERS)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.frame, three.frame)
    assert three.rows.tolist() == [1, 2]
