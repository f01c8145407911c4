"""An .xls is given to calamine only as far as it can be laid out, and in a compound file of our own."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from crm_xl import xls_extent
from crm_xl.errors import CrmXlError
from crm_xl.sheet_values import ValueBook
from tests.sources.test_reading import HEADERS, XLS
from tests.test_hostile import is_reason, outcomes

SECTOR = 512


def with_cell(row: int, column: int) -> bytes:
    """The workbook with its last RK cell elsewhere."""
    data = bytearray(XLS)
    struct.pack_into("<HH", data, data.rindex(struct.pack("<HH", 0x027E, 10)) + 4, row, column)
    return bytes(data)


def test_a_good_one_reads_as_before() -> None:
    rows = ValueBook(XLS, name="c.xls").sheet("客户").rows
    assert rows[0] == HEADERS and rows[1][0] == "001"


@pytest.mark.parametrize("size", [0, 1, 4096, 4097, 4096 * 1022, 4096 * 1023, 4096 * 1023 + 1, 4096 * 5000 + 7])
def test_the_stream_in_a_compound_file_of_our_own(size: int) -> None:
    stream = random.Random(size).randbytes(size)
    again = xls_extent._stream(xls_extent._compound(stream, "x"), "x")
    assert again[:size] == stream and not again[size:].strip(b"\0")


def test_far_cells(tmp_path: Path) -> None:
    path = tmp_path / "c.xls"
    path.write_bytes(with_cell(65535, 255))
    assert ValueBook(path).sheet("客户").rows[65535][255] is not None  # as far as an .xls goes
    path.write_bytes(with_cell(65535, 65535))
    assert outcomes("load", [path])[0] == "sheet_too_far"


@pytest.mark.parametrize("size", [(1 << 31, 256), (65536, 65535)])
def test_a_sheet_that_says_it_is_large(size: tuple[int, int]) -> None:
    data = bytearray(XLS)
    at = data.index(struct.pack("<HH", 0x0200, 14)) + 4
    struct.pack_into("<LLHH", data, at, 0, size[0], 0, size[1])
    with pytest.raises(CrmXlError) as refused:
        ValueBook(bytes(data), name="c.xls")
    assert refused.value.key == "sheet_too_far"


def test_sectors_in_a_circle(tmp_path: Path) -> None:
    """Of the allocation table, the directory and the table of tables."""
    table = SECTOR * (1 + struct.unpack_from("<L", XLS, 76)[0])
    files = []
    for place in range(table, table + SECTOR, 4):
        data = bytearray(XLS)
        struct.pack_into("<L", data, place, (place - table) // 4)
        files.append(bytes(data))
    data = bytearray(XLS)
    struct.pack_into("<LL", data, 68, 0, 100)
    struct.pack_into("<L", data, SECTOR + SECTOR - 4, 0)
    paths = []
    for i, file in enumerate([*files, bytes(data)]):
        paths.append(tmp_path / f"{i}.xls")
        paths[-1].write_bytes(file)
    found = outcomes("load", paths)
    assert len(found) == len(paths) and all(map(is_reason, found)), found


def test_damaged(tmp_path: Path) -> None:
    paths = []
    for seed in range(300):
        chance, data = random.Random(seed), bytearray(XLS)
        for _ in range(chance.choice((1, 2, 5, 20))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        paths.append(tmp_path / f"{seed}.xls")
        paths[-1].write_bytes(data)
    found = outcomes("load", paths)
    assert len(found) == len(paths) and all(map(is_reason, found)), [
        (seed, what) for seed, what in enumerate(found) if not is_reason(what)
    ]
