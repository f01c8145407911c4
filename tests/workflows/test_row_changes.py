"""Rows without a key: equal ones stay, similar ones are edits, the rest is new or gone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crm_xl.workflows.row_changes import paired

COLUMNS = ["contact_date", "customer_id", "method", "content"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([45000.0, 45001.0, None]), st.sampled_from(["C1", "C2"]), st.sampled_from(["电话", "拜访", None]),
        st.sampled_from(["a", "b", "c", None]),
    ),
    max_size=8,
)  # fmt: skip


def pairs(before: list[tuple[object, ...]], after: list[tuple[object, ...]]) -> dict[int, int]:
    return paired("Interactions", COLUMNS, before, after)  # type: ignore[arg-type]


def test_an_edit_a_new_line_and_one_that_is_gone() -> None:
    before = [(1.0, "C1", "电话", "a"), (2.0, "C1", "电话", "b"), (3.0, "C2", "拜访", "c")]
    after = [(3.0, "C2", "拜访", "c2"), (1.0, "C1", "电话", "a"), (4.0, "C1", "微信", "new")]
    assert pairs(before, after) == {0: 1, 2: 0}


def test_the_date_of_a_line_may_change() -> None:
    assert pairs([(1.0, "C1", "电话", "a")], [(2.0, "C1", "电话", "a")]) == {0: 0}


def test_two_lines_of_a_day_that_share_nothing_else() -> None:
    assert pairs([(1.0, "C1", "电话", "a")], [(1.0, "C1", "拜访", "b")]) == {}


def test_equal_lines_are_paired_as_often_as_they_are_there() -> None:
    line = (1.0, "C1", "电话", "a")
    assert len(pairs([line, line, line], [line, line])) == 2


@given(ROWS, ROWS)
def test_every_row_is_in_one_pair_at_most_and_equal_ones_come_first(
    before: list[tuple[object, ...]], after: list[tuple[object, ...]]
) -> None:
    found = pairs(before, after)
    assert len(set(found.values())) == len(found)
    equal = sum((Counter(before) & Counter(after)).values())
    assert sum(before[i] == after[j] for i, j in found.items()) == equal


@given(ROWS, st.randoms())
def test_order_does_not_matter(rows: list[tuple[object, ...]], random: object) -> None:
    moved = list(rows)
    random.shuffle(moved)  # type: ignore[attr-defined]
    found = pairs(rows, moved)
    assert len(found) == len(rows)
    assert all(rows[i] == moved[j] for i, j in found.items())
