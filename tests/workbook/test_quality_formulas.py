"""Links to cells, whatever their sheet is called."""

from __future__ import annotations

from crm_xl.workbook.quality_formulas import cell_link, count_formula


def test_names_that_need_quotes() -> None:
    assert cell_link("客户", "C5").text == """HYPERLINK("#'客户'!C5","C5")"""  # type: ignore[union-attr]
    assert cell_link("It's", "A1").text == """HYPERLINK("#'It''s'!A1","A1")"""  # type: ignore[union-attr]
    assert cell_link('5" & more', "A1").text == """HYPERLINK("#'5"" & more'!A1","A1")"""  # type: ignore[union-attr]


def test_a_name_too_long_for_a_formula() -> None:
    assert cell_link("x" * 260, "A1") is None


def test_counts() -> None:
    headers = {"severity": "级别", "found_rule": "规则[1]"}
    assert count_formula(headers, "error", "zh").text == 'SUMPRODUCT(EXACT(Quality[级别],"错误")*1)'
    assert count_formula(headers, "warning", "en", "Missing").text == (
        'SUMPRODUCT(EXACT(Quality[级别],"Warning")*EXACT(Quality[规则\'[1\']],"Missing"))'
    )
