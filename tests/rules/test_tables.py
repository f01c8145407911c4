from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from crm_xl.cells import CellError
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Rulebook, Settings
from crm_xl.rules.tables import (
    MODELS,
    Problem,
    blank,
    known_labels,
    read_rows,
    read_rulebook,
    strip_header,
    write_rows,
)
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.tables import TABLES

Rows = Sequence[Sequence[Any]]


def keys_of(name: str) -> list[str]:
    return [f.key for f in TABLES[name].fields]


def problems_of(name: str, rows: Rows) -> list[Problem]:
    headers = [f.zh for f in TABLES[name].fields]
    return read_rows(name, keys_of(name), rows, headers=headers)[1]


def place(problem: Problem) -> tuple[str, int, str]:
    return problem.key, problem.row, keys_of(problem.table)[problem.column]


WRONG_CELLS: list[tuple[str, Rows, list[tuple[str, int, str]]]] = [
    # a text for a number, and other things that are none
    ("ValueTiers", [[10, "高"], ["x", "层"]], [("rule_not_number", 1, "lower")]),
    ("ValueTiers", [[10, "高"], [True, "层"]], [("rule_not_number", 1, "lower")]),
    ("ValueTiers", [[10, "高"], [dt.datetime(2024, 1, 1), "层"]], [("rule_not_number", 1, "lower")]),
    ("ValueTiers", [[10, "高"], [CellError("#N/A"), "层"]], [("value_error_cell", 1, "lower")]),
    ("ValueTiers", [[10, CellError("#N/A")], [None, "层"]], [("value_error_cell", 0, "label")]),
    ("ValueTiers", [[float("inf"), "高"], [None, "层"]], [("rule_not_number", 0, "lower")]),
    ("ValueTiers", [[10, "高", None, 150], [None, "层"]], [("value_outside", 0, "share")]),
    ("ValueTiers", [["a", "高"], ["b", "层"]], [("rule_not_number", 0, "lower"), ("rule_not_number", 1, "lower")]),
    # no label
    ("Levels", [[90, "一"], [None, " "], [50, None]], [("rule_no_label", 2, "label")]),
    ("ActivityRules", [[6, None, None], [None, None, "低频"]], [("rule_no_label", 0, "label")]),
    ("DemandTypes", [["A", "甲"], [None, "乙"]], [("rule_no_label", 1, "value")]),
    # numbers that cannot be
    ("ActivityRules", [[-6, None, "流失"], [None, None, "低频"]], [("rule_negative", 0, "months_since")]),
    ("ActivityRules", [[1.5, None, "流失"], [None, None, "低频"]], [("value_not_whole", 0, "months_since")]),
    ("ActivityRules", [[None, -1, "活跃"], [None, None, "低频"]], [("rule_negative", 0, "monthly")]),
    ("ActivityRules", [[5000, None, "流失"], [None, None, "低频"]], [("value_outside", 0, "months_since")]),
    ("Bands", [["利润率", 0.4, 6, None], ["利润率", None, 1, None]], [("rule_score_range", 0, "score")]),
    ("Indicators", [["价值", "甲", -5], ["价值", "乙", 105]], [("rule_negative", 0, "weight")]),
    ("Indicators", [["价值", "甲", None], ["价值", "乙", 100]], [("rule_no_number", 0, "weight")]),
    ("RfmClasses", [["全", 0, 5, None, None, None, None]], [("value_outside", 0, "r_from")]),
    ("RfmBreaks", [["Q", None, 1]], [("rule_unknown_choice", 0, "measure")]),
    # twice
    ("ValueTiers", [[10, "高"], [2, "中"], [10, "低"], [None, "末"]], [("rule_duplicate_edge", 2, "lower")]),
    ("ValueTiers", [[10, "高"], [None, "中"], [None, "低"]], [("rule_duplicate_edge", 2, "lower")]),
    ("Grades", [[80, "A"], [80.0000000001, "B"], [None, "C"]], [("rule_duplicate_edge", 1, "lower")]),
    ("HealthRules", [[0.3, "预警"], [0.3, "关注"], [None, "健康"]], [("rule_duplicate_edge", 1, "drop")]),
    ("IndustryGroups", [["教育", "机构"], ["医疗", "机构"], ["教育", "其他"]], [("rule_duplicate_value", 2, "value")]),
    ("Indicators", [["价值", "甲", 50], ["深度", "甲", 50]], [("rule_duplicate_value", 1, "indicator")]),
    (
        "Bands",
        [["甲", 1, 5, None], ["乙", 1, 5, None], ["甲", None, 1, None], ["乙", None, 1, None], ["甲", 1, 4, None]],
        [("rule_duplicate_edge", 4, "lower")],
    ),
    ("RfmBreaks", [["R", None, 1], ["F", None, 1], ["F", None, 2]], [("rule_duplicate_edge", 2, "lower")]),
    # a range that is upside down
    ("RfmClasses", [["坏", 5, 1], ["全", None, None]], [("rule_range", 0, "r_from")]),
]  # fmt: skip

DOUBTS: list[tuple[str, Rows, list[tuple[str, int, str]]]] = [
    # gaps
    ("ValueTiers", [[10, "高"], [2, "中"]], [("rule_gap", 1, "lower")]),
    ("HealthRules", [[0.3, "预警"], [0.15, "关注"]], [("rule_gap", 1, "drop")]),
    ("Bands", [["甲", 10, 5, None], ["乙", None, 1, None], ["甲", 1, 4, None]], [("rule_gap", 2, "lower")]),
    ("ActivityRules", [[6, None, "流失"], [None, 1, "活跃"]], [("rule_gap", 1, "months_since")]),
    ("RfmClasses", [["近", 3, 5], ["远", 1, 1]], [("rule_gap", 1, "label")]),
    # overlaps
    (
        "ActivityRules",
        [[3, None, "沉睡"], [6, None, "流失"], [None, None, "低频"]],
        [("rule_overlap", 1, "months_since")],
    ),
    ("LifecycleRules", [[None, None, "成交"], [6, None, "流失"]], [("rule_overlap", 1, "months_since")]),
    ("RfmClasses", [["全", None, None], ["近", 3, 5]], [("rule_overlap", 1, "label")]),
    # sums and numbers of rows
    ("ValueTiers", [[10, "高", None, 20], [2, "中", None, 60], [None, "低", None, 30]], [("rule_shares", 0, "share")]),
    ("Levels", [[None, "一"]], [("rule_count", 0, "lower")]),
    ("Levels", [*([i, f"级{i}"] for i in range(1, 10)), [None, "末"]], [("rule_count", 0, "lower")]),
]


@pytest.mark.parametrize(("name", "rows", "wanted"), WRONG_CELLS)
def test_a_mistake_is_named_with_its_place(name: str, rows: Rows, wanted: list[tuple[str, int, str]]) -> None:
    found = problems_of(name, rows)
    assert [place(p) for p in found] == wanted
    assert all(p.fatal for p in found)


@pytest.mark.parametrize(("name", "rows", "wanted"), DOUBTS)
def test_a_doubt_is_named_and_the_table_still_used(name: str, rows: Rows, wanted: list[tuple[str, int, str]]) -> None:
    found = problems_of(name, rows)
    assert [place(p) for p in found] == wanted
    assert not any(p.fatal for p in found)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("name", "rows"), [(name, rows) for name, rows, _ in (*WRONG_CELLS, *DOUBTS)])
def test_messages_can_be_read(name: str, rows: Rows, lang: Lang) -> None:
    headers = [f.header(lang) for f in TABLES[name].fields]
    for problem in read_rows(name, keys_of(name), rows, headers=headers)[1]:
        text = message(problem.key, lang, **problem.values)
        assert len(text) > 5 and text[-1] in "。.)"
        for broken in ("{", "None", "''", "“”", "Table(", "Field(", "Decimal"):
            assert broken not in text
        chinese = any(
            "\u4e00" <= ch <= "\u9fff" for ch in message(problem.key, lang, **dict.fromkeys(problem.values, "1"))
        )
        assert chinese == (lang == "zh")


def test_blank_rows_are_skipped_and_places_stay() -> None:
    rows = [[None, None], [10, "高"], [" ", ""], ["x", "中"], [None, "低"]]
    assert [(p.key, p.row) for p in problems_of("ValueTiers", rows)] == [("rule_not_number", 3)]
    models, problems = read_rows("ValueTiers", keys_of("ValueTiers"), [[None] * 4, [10, "高"], [None, "低"]])
    assert len(models) == 2 and problems == []


def test_columns_in_any_order_and_columns_of_the_users_own() -> None:
    models, problems = read_rows("Levels", ["label", "", "lower"], [["一", "备注", 90], ["二", 5, None]])
    assert problems == [] and write_rows("Levels", models) == [[90, "一"], [None, "二"]]


def test_a_missing_column_is_named() -> None:
    (problem,) = read_rows("Levels", ["lower"], [[90], [None]])[1]
    assert problem.fatal
    assert "等级" in message(problem.key, "zh", **problem.values)
    assert "Level" in message(problem.key, "en", **problem.values)


def test_labels_typed_as_other_things() -> None:
    models, problems = read_rows(
        "Levels", ["lower", "label"], [[90, 1.0], [70, 2.5], [50, True], [None, dt.datetime(2024, 1, 1)]]
    )
    assert problems == []
    assert [m.label for m in models] == ["1", "2.5", "TRUE", "2024-01-01"]  # type: ignore[attr-defined]


def test_amounts_in_a_currency_format() -> None:
    models, problems = read_rows("ValueTiers", ["lower", "label"], [[Decimal("10.5"), "高"], [None, "低"]])
    assert problems == [] and write_rows("ValueTiers", models)[0][0] == 10.5


@pytest.mark.parametrize("cell", [None, "", " ", "\u3000", float("nan")])
def test_blank(cell: object) -> None:
    assert blank(cell)
    assert not blank(0) and not blank(False) and not blank("x") and not blank(CellError("#N/A"))


# ---------------------------------------------------------------- between tables


def read(tables: dict[str, Rows]) -> tuple[Rulebook, list[Problem]]:
    given = {name: (keys_of(name), [f.zh for f in TABLES[name].fields], rows) for name, rows in tables.items()}
    return read_rulebook(default_rules("zh"), given)


def test_weights_that_are_not_100() -> None:
    rows = [[None] * 4, ["价值贡献", "甲", 40, "30-40"], ["合作深度", "乙", 55, "20-30"]]
    book, problems = read({"Indicators": rows})
    assert [place(p) for p in problems] == [("rule_weights", 1, "weight"), ("rule_category_range", 2, "weight")]
    assert not any(p.fatal for p in problems) and not book.broken
    assert "95" in message(problems[0].key, "zh", **problems[0].values)
    text = message(problems[1].key, "zh", **problems[1].values)
    assert "合作深度" in text and "55" in text and "20-30" in text


def test_weights_within_and_without_a_range() -> None:
    rows = [["价值贡献", "甲", 20, "30–40"], ["价值贡献", "乙", 20, ""], ["合作深度", "丙", 60, "随意"]]
    assert read({"Indicators": rows})[1] == []


def test_bands_of_no_indicator() -> None:
    rows = [["利润率", None, 1, None], [None] * 4, ["利润律", None, 1, None]]
    _, problems = read({"Bands": rows})
    assert [place(p) for p in problems] == [("rule_unknown_indicator", 2, "indicator")]
    assert "利润律" in message("rule_unknown_indicator", "zh", **problems[0].values)


def test_strategies_for_no_label() -> None:
    def row(system: str, tag: str) -> list[Any]:
        return [system, tag, None, None, "做", None, None]

    rows = [
        row("segment", "高价值活跃客户"), [None] * 7, row("segment", "高价值"), row("segment", "高价直客户"),
        row("level", "一级(核心客户)"), row("level", "特级"), row("grade", "A"), row("rfm", "冠军"), row("我的", "随意"),
    ]  # fmt: skip
    book, problems = read({"Strategies": rows})
    assert [place(p) for p in problems] == [("rule_unknown_label", 3, "tag"), ("rule_unknown_label", 5, "tag")]
    assert len(book.strategies) == 8 and not book.broken
    # a column of the user's own can hold any label
    base = default_rules("zh").model_copy(update={"settings": Settings(dimensions=("region", "value"))})
    given = {"Strategies": (keys_of("Strategies"), keys_of("Strategies"), rows)}
    assert [p.row for p in read_rulebook(base, given)[1]] == [5]
    levels = [[90, "特级"], [None, "普通"]]
    _, problems = read({"Strategies": rows, "Levels": levels})
    assert [p.row for p in problems] == [3]


def test_a_broken_table_is_named_and_not_asked_further() -> None:
    rows = [["价值贡献", "甲", "x", "30-40"], ["价值贡献", "乙", 5, "30-40"]]
    book, problems = read({"Indicators": rows, "Levels": [[90, "一"], [None, "二"]]})
    assert book.broken == {"Indicators"}
    assert [p.key for p in problems] == ["rule_not_number"]
    assert [e.label for e in book.levels] == ["一", "二"]


def test_known_labels() -> None:
    labels = known_labels(default_rules("zh"))
    assert {"高价值", "活跃", "A产品采购型", "机构"} <= labels["segment"]
    assert {"A", "B", "C"} <= labels["grade"]


@pytest.mark.parametrize("name", MODELS)
def test_written_and_read_back(name: str) -> None:
    attribute, _ = MODELS[name]
    for lang in LANGS:
        rules = getattr(default_rules(lang), attribute)
        models, problems = read_rows(name, keys_of(name), write_rows(name, rules))
        assert models == rules and problems == []


# ---------------------------------------------------------------- header rows


@pytest.mark.parametrize("name", MODELS)
def test_the_own_header_is_no_row(name: str) -> None:
    attribute, _ = MODELS[name]
    for lang in LANGS:
        rows = write_rows(name, getattr(default_rules(lang), attribute))
        header = [f.header(lang) for f in TABLES[name].fields]
        assert list(strip_header(name, [header, *rows])) == rows
        assert list(strip_header(name, rows)) == rows


def test_a_mistake_does_not_pass_for_a_header() -> None:
    rows = [["abc", "高"], [None, "低"]]
    assert strip_header("ValueTiers", rows) == rows
    rows = [[CellError("#N/A"), "层级"], [None, "低"]]
    assert strip_header("ValueTiers", rows) == rows
    assert strip_header("ValueTiers", []) == []
