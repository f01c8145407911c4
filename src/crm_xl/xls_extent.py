"""An .xls as calamine may have it: its workbook stream alone, in a compound file without loops, its sheets no larger
than can be laid out.

calamine opens every sheet of an .xls at once and lays out the whole rectangle of its cells, so that two cells are
enough to ask for 128 GB, which ends the process. It also follows chains of sectors round and round.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError

_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_BOF, _EOF, _SHEET, _DIMENSIONS, _MULTIPLE, _STRING = 0x0809, 0x000A, 0x0085, 0x0200, 0x00BD, 0x0207
_CELLS = frozenset({0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, _MULTIPLE, 0x0006})
"""Number, Label, RString, BoolErr, Rk, LabelSst, MulRk, Formula (MS-XLS 2.3): row and column come first."""
_HEAD = struct.Struct("<HH")
_SECTOR = 4096
_PER_SECTOR = _SECTOR // 4
_MOST_FAT = 109
"""Sectors of the allocation table that the header names: enough for 450 MB."""
_FREE, _END, _IS_FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def sound_xls(data: bytes, path: str | Path, most: int) -> bytes:
    """The same workbook in a compound file of our own. `most`: cells that all sheets may cover together.

    Errors: file_not_workbook; sheet_too_far.
    """
    stream = _stream(data, path)
    try:
        _check_extents(stream, path, most)
    except struct.error as error:  # a record that is too short for what it is
        raise CrmXlError("file_not_workbook", path=path, why=error) from error
    return _compound(stream, path)


def _stream(data: bytes, path: str | Path) -> bytes:
    """The workbook stream of a compound file."""
    import olefile  # rarely wanted

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            name = next((name for name in _STREAMS if file.exists(name)), None)
            if name is not None:
                return bytes(file.openstream(name).read())
    except Exception as error:  # of any kind, on a file that was damaged on purpose
        raise CrmXlError("file_not_workbook", path=path, why=error) from error
    raise CrmXlError("file_not_workbook", path=path, why="no workbook stream")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, begin, end) of the records from a place on; none that is cut off."""
    while at + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, at)
        at += _HEAD.size
        if at + size > len(stream):
            return
        yield kind, at, at + size
        at += size


def _check_extents(stream: bytes, path: str | Path, most: int) -> None:
    """Whether the sheets can be laid out. Errors: sheet_too_far, file_not_workbook. Raises struct.error."""
    places: list[int] = []
    for kind, begin, _ in _records(stream, 0):
        if kind == _EOF:
            break
        if kind == _SHEET:
            places.append(struct.unpack_from("<L", stream, begin)[0])
    if len(set(places)) < len(places) or any(place > len(stream) for place in places):
        raise CrmXlError("file_not_workbook", path=path, why="sheets in one place, or in none")
    total = 0
    for number, place in enumerate(places, 1):
        rows, columns = _extent(stream, place)
        total += rows * columns
        if total > most:
            raise CrmXlError("sheet_too_far", sheet=number, cell=cell_name(rows - 1, columns - 1))


def _extent(stream: bytes, place: int) -> tuple[int, int]:
    """How many rows and columns the cells of a sheet cover, and the place that it asks for itself."""
    last_row = last_column = depth = 0
    for kind, begin, end in _records(stream, place):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif kind in _CELLS:
            row, column = _HEAD.unpack_from(stream, begin)
            if kind == _MULTIPLE:
                column += (end - begin - 6) // 6
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif kind == _DIMENSIONS:
            first, rows, left, right = struct.unpack_from("<LLHH" if end - begin == 14 else "<HHHH", stream, begin)
            if rows > first and right > left:
                last_row, last_column = max(last_row, rows - 1), max(last_column, right - 1)
            elif rows < first or right < left:
                last_row = last_column = 1 << 20  # calamine subtracts one from the other
    return last_row + 1, last_column + 1


def _compound(stream: bytes, path: str | Path) -> bytes:
    """A compound file (MS-CFB, version 4) with that one stream, which is not a short one."""
    data = stream.ljust(_SECTOR, b"\0")
    sectors = -(-len(data) // _SECTOR)
    fats = -(-(sectors + 1) // (_PER_SECTOR - 1))
    if fats > _MOST_FAT:
        raise CrmXlError("file_not_workbook", path=path, why="too large")
    directory = fats + sectors
    table = [*[_IS_FAT] * fats, *range(fats + 1, directory), _END, _END]
    table += [_FREE] * (fats * _PER_SECTOR - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 4, 0xFFFE, 12, 6)
    head += bytes(6) + struct.pack("<9L", 1, fats, directory, 0, _SECTOR, _END, 0, _END, 0)
    head += struct.pack(f"<{_MOST_FAT}L", *range(fats), *[_FREE] * (_MOST_FAT - fats))
    # calamine takes a root without a sector for an empty file
    entries = _entry("Root Entry", 5, fats, 0, child=1) + _entry("Workbook", 2, fats, len(data), child=_FREE)
    return b"".join(
        (
            head.ljust(_SECTOR, b"\0"),
            struct.pack(f"<{len(table)}L", *table),
            data.ljust(sectors * _SECTOR, b"\0"),
            entries.ljust(_SECTOR, b"\0"),
        )
    )


def _entry(name: str, kind: int, start: int, size: int, *, child: int) -> bytes:
    """A directory entry."""
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB3L", len(text), kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<LQ", start, size)
