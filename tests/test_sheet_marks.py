"""The marks of a sheet: both ways of finding them agree, and calamine lays out no more than they say."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from crm_xl.errors import CrmXlError
from crm_xl.sheet_marks import Marks, parsed_marks, quick_marks, with_known_errors
from tests.support import hostile

CONTENTS = (
    "",
    "<v/>",
    "<v>1</v>",
    "<f>1</f>",
    "<f>1</f><v/>",
    "<f>1</f><v>2</v>",
    "<f/>",
    "<v>#N/A</v>",
    "<f>1</f> <v>x</v>",
)
KINDS = ("", ' t="e"', " t='e'", ' t="str"', ' t="n"')
cells = st.tuples(st.integers(0, 60), st.sampled_from(KINDS), st.sampled_from(CONTENTS), st.booleans())


def xml(rows: str) -> bytes:
    return hostile.sheet(rows).encode()


def quick(rows: str, chunk: int = 1 << 20) -> Marks | None:
    found = marks_of(rows, chunk)
    return found and found._replace(in_order=False)


def marks_of(rows: str, chunk: int = 1 << 20) -> Marks | None:
    data = xml(rows)
    return quick_marks((data[i : i + chunk] for i in range(0, len(data), chunk)), "S")


def parsed(rows: str) -> Marks:
    return parsed_marks([xml(rows)], "S")


def row_of(number: int, found: list[tuple[int, str, str, bool]], prefix: str = "") -> str:
    made = ""
    for column, kind, content, closed in found:
        name, style = f"{hostile._letters(column * 20)}{number}", ' s="1"' if closed else ""
        made += (
            f'<c r="{name}"{style}{kind}>{content}</c>' if content or not closed else f'<c r="{name}"{style}{kind}/>'
        )
    return f'<row r="{number}">{made}</row>'


@given(st.lists(st.tuples(st.integers(1, 99), st.lists(cells, max_size=6)), max_size=8), st.integers(1, 400))
def test_both_ways_agree(rows: list[tuple[int, list[tuple[int, str, str, bool]]]], chunk: int) -> None:
    number, made = 0, ""
    for gap, found in rows:
        number += gap * 97
        made += row_of(number, found)
    fast, exact = quick(made, chunk), parsed(made)
    assert fast is not None
    assert (sorted(fast.errors), fast.uncalculated, fast.formulas) == (
        sorted(exact.errors),
        exact.uncalculated,
        exact.formulas,
    )
    assert fast.row >= exact.row and fast.column >= exact.column  # it counts empty cells
    if "/>" not in made and "></c>" not in made:
        assert fast == exact


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", ' r="{r}"', " r='{r}'", ' r = "{r}"']),
            st.integers(1, 300),
            st.lists(st.tuples(st.sampled_from(["", ' r="{n}"', " s='1' r='{n}'"]), st.integers(0, 300)), max_size=4),
        ),
        max_size=5,
    )
)
def test_calamine_lays_out_what_is_foreseen(rows: list[tuple[str, int, list[tuple[str, int]]]]) -> None:
    made = ""
    for spelling, number, found in rows:
        made += f"<row{spelling.format(r=number)}>"
        for cell, column in found:
            made += f"<c{cell.format(n=f'{hostile._letters(column)}{number}')}><v>1</v></c>"
        made += "</row>"
    book = CalamineWorkbook.from_filelike(BytesIO(hostile.zipped(hostile.parts(sheet=hostile.sheet(made)))))
    values = book.get_sheet_by_name("S").to_python(skip_empty_area=False)
    exact, fast = parsed(made), quick(made)
    assert (exact.row + 1, exact.column + 1) == (len(values), max(map(len, values), default=0))
    assert fast is None or (fast.row >= exact.row and fast.column >= exact.column)


@pytest.mark.parametrize("how", hostile.FAR)
def test_far_cells_are_seen(how: str) -> None:
    assert parsed_or_refused(hostile.FAR[how])


def parsed_or_refused(rows: str) -> bool:
    try:
        return parsed(rows).area > 1 << 30
    except CrmXlError:
        return True


@pytest.mark.parametrize("name", ["A1", "Z9", "AA10", "XFD1048576", "AZ99", "ZZ123456", "AAA1000000"])
def test_reach(name: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c><c r="{name}"><v>1</v></c></row>'
    assert quick(rows) == parsed(rows) != Marks([], [], False, -1, -1)


@pytest.mark.parametrize("name", ["a1", "XFDA1", "A12345678", "$A$1", "A", "1", ""])
def test_an_odd_place_is_no_near_one(name: str) -> None:
    """It is left to the parser, or counts as a far one."""
    fast = quick(f'<row r="1"><c r="{name}"><v>1</v></c></row>')
    assert fast is None or fast.column > 26 or fast.row > 999 or name in ("1", "A")


def test_unknown_errors_become_known() -> None:
    rows = (
        '<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c><c r="B1" t="e"><v>#N/A</v></c><c r="C1"><v>#SPILL!</v></c></row>'
    )
    made = with_known_errors([xml(rows)])
    assert made == xml(rows.replace("#SPILL!", "#N/A", 1))


@pytest.mark.parametrize(
    ("cells", "in_order"),
    [(("A1", "B1", "A2"), True), (("A1", "A1"), False), (("B1", "A1"), False), (("Z1", "AA1", "AAA1", "A2"), True)],
)
def test_cells_out_of_order_are_noticed(cells: tuple[str, ...], in_order: bool) -> None:
    rows = "".join(f'<c r="{name}"><v>1</v></c>' for name in cells)
    found = marks_of(f'<row r="1">{rows}</row>')
    assert found is not None and found.in_order is in_order
