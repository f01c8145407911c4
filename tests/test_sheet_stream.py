"""A worksheet part as a stream, and once more from what was kept of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.errors import CrmXlError
from crm_xl.sheet_stream import KeptSheet, SheetStream

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROWS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", '<c r="A1"><v>1</v></c>', "<c><v>客户</v></c>"])))


def part(rows: list[tuple[int, str]], closed: bool) -> bytes:
    text, number = "", 0
    for gap, cells in rows:
        number += gap
        text += f'<row r="{number}">{cells}</row>'
    data = "<sheetData/>" if closed else f"<sheetData>{text}</sheetData>"
    return f'<worksheet xmlns="{MAIN}"><cols/>{data}<mergeCells/></worksheet>'.encode()


def pieces(xml: bytes, size: int) -> list[bytes]:
    return [xml[i : i + size] for i in range(0, len(xml), size)]


def read(stream: SheetStream) -> tuple[object, ...]:
    blocks = list(stream.blocks())
    rows = [(row.number, row.xml) for _, block in blocks for row in stream.rows(block, -1)]
    return stream.head, rows, stream.tail, stream.tail_at, stream.self_closed


@given(ROWS, st.booleans(), st.integers(1, 400))
def test_a_kept_sheet_reads_as_the_part_itself(rows: list[tuple[int, str]], closed: bool, size: int) -> None:
    xml = part(rows, closed)
    kept = SheetStream(pieces(xml, size), "S").kept()
    assert b"".join(kept) == xml
    assert read(SheetStream(kept, "S")) == read(SheetStream(pieces(xml, size), "S")) == read(SheetStream(kept, "S"))
    assert [xml[at : at + len(block)] for at, block in kept.blocks] == [block for _, block in kept.blocks]
    assert SheetStream(kept, "S").kept() == kept


def test_one_large_piece_comes_in_blocks_that_begin_with_a_row() -> None:
    xml = part([(1, "<c><v>" + "7" * 900 + "</v></c>")] * 5_000, closed=False)
    kept = SheetStream([xml], "S").kept()
    assert isinstance(kept, KeptSheet) and b"".join(kept) == xml
    assert 3 < len(kept.blocks) < 8
    assert all(block.startswith(b"<row ") and block.endswith(b"</row>") for _, block in kept.blocks)


def test_what_is_broken_is_told_while_it_is_kept() -> None:
    xml = part([(1, "<c><v>1</v></c>")], closed=False)
    for broken in (
        xml.replace(b"</sheetData>", b""),
        xml.replace(b"<v>1", b"<v>\xff"),
        xml.replace(b"<c>", b"<!-- --><c>"),
    ):
        with pytest.raises(CrmXlError):
            SheetStream([broken], "S").kept()


@given(ROWS, st.sets(st.integers(0, 30)))
def test_blocks_are_cut_at_gaps_and_where_asked(rows: list[tuple[int, str]], firsts: set[int]) -> None:
    xml = part(rows, closed=False)
    stream = SheetStream([xml], "S")
    cut = list(stream.cut_blocks(firsts))
    assert b"".join(block for _, block in cut) == b"".join(block for _, block in SheetStream([xml], "S").blocks())
    assert all(xml[at : at + len(block)] == block for at, block in cut)
    numbers = [[row.number for row in stream.rows(block, -1)] for _, block in cut]
    wanted = {n for n in firsts if any(n in found and n != found[0] for found in numbers)}
    gaps = [found for found in numbers if found != list(range(found[0], found[0] + len(found)))]
    assert not (wanted or gaps) or len(firsts) + len(rows) > 8  # many cuts are none
