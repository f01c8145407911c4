"""Duplicates: keys, names, phones, scores, groups, and precision and recall on lists with known truth."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from crm_xl.analysis.duplicates import (
    Group,
    company_id,
    find_duplicates,
    likeness,
    phone_numbers,
    split_name,
)
from tests.support.duplicate_customers import duplicated


def pairs_of(groups: tuple[Group, ...]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(sorted(group.rows), 2)}


def table(*rows: tuple[str, ...], keys: str = "customer_id customer_name phone contact city") -> dict[str, list[str]]:
    return {key: [row[i] for row in rows] for i, key in enumerate(keys.split())}


@pytest.fixture(scope="module")
def rates() -> dict[int, tuple[float, float]]:
    """Precision and recall by seed."""
    made = {}
    for seed in (1, 2):
        customers = duplicated(seed=seed)
        truth, found = customers.pairs(), pairs_of(find_duplicates(customers.columns))
        made[seed] = len(found & truth) / len(found), len(found & truth) / len(truth)
    return made


def test_ten_thousand_customers_of_which_eight_per_cent_are_there_twice(rates: dict[int, tuple[float, float]]) -> None:
    for precision, recall in rates.values():
        assert precision >= 0.98
        assert recall >= 0.90
    assert all(abs(a - b) <= 0.02 for a, b in zip(rates[1], rates[2], strict=True))


@pytest.mark.parametrize("seed", [3, 4])
def test_the_order_of_rows_decides_nothing(seed: int) -> None:
    customers = duplicated(600, seed=seed)
    order = list(range(600))
    random.Random(seed).shuffle(order)
    moved = {key: [cells[i] for i in order] for key, cells in customers.columns.items()}
    found = {tuple(sorted(order[i] for i in g.rows)): max(g.scores) for g in find_duplicates(moved)}
    assert found == {tuple(sorted(g.rows)): max(g.scores) for g in find_duplicates(customers.columns)}


@pytest.mark.parametrize(
    ("text", "core", "places"),
    [
        ("上海宏远科技有限公司", "宏远科技", {"上海"}),
        ("宏远科技（上海）有限责任公司", "宏远科技", {"上海"}),
        ("上海市宏远科技股份有限公司", "宏远科技", {"上海"}),
        ("广东省深圳市宏远科技集团有限公司", "宏远科技", {"广东", "深圳"}),
        ("宏远科技(集团)有限公司", "宏远科技", set()),
        ("Ａｃｍｅ　Trading Co., Ltd.", "acme trading", set()),
        ("Acme Trading (Shanghai) Inc", "acme trading", {"上海"}),
        ("ACME-Trading GmbH", "acme trading", set()),
        ("上海有限公司", "上海", set()),
        ("张伟", "张伟", set()),
        ("", "", set()),
    ],
)  # fmt: skip
def test_a_name_is_taken_apart(text: str, core: str, places: set[str]) -> None:
    name = split_name(text)
    assert (name.core, name.places) == (core, places)


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("13800138000", {"+8613800138000"}),
        ("+86 138-0013-8000", {"+8613800138000"}),
        ("１３８００１３８０００", {"+8613800138000"}),
        ("0086 138 0013 8000", {"+8613800138000"}),
        ("021-62345678", {"+862162345678"}),
        ("(021)62345678转801", {"+862162345678"}),
        ("86-21-62345678", {"+862162345678"}),
        ("13800138000/021-62345678", {"+8613800138000", "+862162345678"}),
        ("+44 20 7946 0958", {"+442079460958"}),
        ("138****8000", set()),
        ("00000000000", set()),
        ("无", set()),
    ],
)
def test_phones_are_one_however_they_are_written(cell: str, numbers: set[str]) -> None:
    assert phone_numbers(cell) == numbers


def test_registration_numbers_are_checked_by_their_last_character() -> None:
    # the number that python-stdnum documents, and the resident id of GB 11643-1999 (11010519491231002X)
    assert company_id("91110000600037341L") == company_id("91110000 600037341l") == "91110000600037341L"
    assert company_id("11010519491231002X") == "11010519491231002X"
    assert company_id("91110000600037341A") == company_id("宏远") == ""


def test_more_evidence_scores_higher() -> None:
    def score(other: tuple[str, ...]) -> float:
        first = ("1", "宏远精密机械有限公司", "13800138000", "王伟", "上海")
        groups = find_duplicates(table(first, other), threshold=0.0001)
        return groups[0].scores[0] if groups else 0.0

    in_order = [
        ("2", "上海宏远精密机械公司", "138 0013 8000", "", ""),
        ("2", "宏达精密机械有限公司", "138 0013 8000", "", ""),
        ("2", "宏达精密机械有限公司", "", "王伟", "上海"),
        ("2", "宏达精密机械有限公司", "", "", ""),
    ]
    scores = [score(other) for other in in_order]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > 0.75 > scores[3]


def test_branches_and_numbered_works_are_others() -> None:
    rows = table(
        ("1", "宏远科技(上海)有限公司", "021-62345678", "王伟", "上海"),
        ("2", "宏远科技(北京)有限公司", "010-62345678", "李娜", "北京"),
        ("3", "红星机械一厂", "13800138001", "张强", "上海"),
        ("4", "红星机械二厂", "13800138001", "张强", "上海"),
        ("5", "临江第一医院", "", "周涛", "上海"),
        ("6", "临江第二医院", "", "周涛", "上海"),
    )
    assert find_duplicates(rows) == ()


def test_company_ids_settle_it() -> None:
    rows = table(("1", "宏远科技", "13800138000", "王伟", ""), ("2", "宏远科技", "13800138000", "王伟", ""))
    one, other = "91110000600037341L", "914403001922038216"
    assert company_id(other)
    assert find_duplicates(rows)[0].rows == (0, 1)
    assert find_duplicates(rows, company_ids=[[one, other]]) == ()
    strangers = table(("1", "宏远", "", "", ""), ("2", "Acme", "", "", ""))
    found = find_duplicates(strangers, company_ids=[[one, f" {one} "]])
    assert [(g.rows, g.scores[0]) for g in found] == [((0, 1), 1.0)]
    assert found[0].reasons[0] == ("same_company_id",)


def test_the_same_id_twice_is_one_customer() -> None:
    found = find_duplicates(
        table(("1001", "甲", "", "", ""), ("1001.0", "乙", "", "", ""), ("001001", "丙", "", "", ""))
    )
    assert [g.rows for g in found] == [(0, 1)]


def test_the_master_has_most_orders_then_most_cells_then_stands_first() -> None:
    name = "宏远精密机械有限公司"
    rows = table(("1", name, "", "", ""), ("2", name, "13800138000", "", ""), ("3", name, "13800138000", "", ""))
    assert find_duplicates(rows)[0].rows == (1, 0, 2)
    assert find_duplicates(rows, [0, 1, 5])[0].master == 2
    assert find_duplicates(rows, [1, 1, 1])[0].master == 1


def test_a_phone_of_many_names_is_nobodys() -> None:
    names = [f"{a}{b}贸易有限公司" for a in "甲乙丙丁" for b in "山川河海"]
    rows = table(*((str(i), name, "021-62345678", "", "") for i, name in enumerate(names)))
    assert find_duplicates(rows) == ()


def test_nothing_and_masked_data_have_no_duplicates() -> None:
    assert find_duplicates({"customer_id": [], "customer_name": []}) == ()
    rows = table(
        ("1", "****科技有限公司", "138****8000", "王*", ""), ("2", "****科技有限公司", "138****8000", "王*", "")
    )
    assert find_duplicates(rows) == ()
    assert find_duplicates(table(("1", "", "", "", ""), ("2", "", "", "", ""))) == ()


def test_likeness_forgives_swapped_characters() -> None:
    assert likeness("宏远科技", "宏远技科") == 1
    assert likeness("apex trading", "trading apex") == 1
    assert likeness("宏远科技", "宏达科技") > 0.7 > likeness("宏远科技", "鼎盛贸易")


def test_a_chain_of_names_is_not_one_customer() -> None:
    """Each resembles the next and shares its phone; the ends have nothing in common."""
    rows = table(
        *(
            (str(i), f"{a}{b}{c}贸易有限公司", f"1380013800{i}/1380013800{i + 1}", "", "")
            for i, (a, b, c) in enumerate(zip("甲乙丙丁戊己庚辛", "乙丙丁戊己庚辛壬", "丙丁戊己庚辛壬癸", strict=True))
        )
    )
    groups = find_duplicates(rows, threshold=0.5)
    assert all(len(g.rows) <= 4 for g in groups)
