"""One deflate stream, packed in blocks."""

from __future__ import annotations

import random
import zlib
from zipfile import ZipInfo

import pytest

from crm_xl.workbook.deflating import BLOCK, LEVEL, deflated


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 12_345])
@pytest.mark.parametrize("piece", [1 << 20, 1 << 23])
def test_any_inflater_reads_it(size: int, piece: int) -> None:
    rng = random.Random(size)
    words = [b'<c r="A%d"><v>%d</v></c>' % (i, rng.randrange(99)) for i in range(2_000)]
    data = b"".join(rng.choices(words, k=size // 20 + 1))[:size]
    info = ZipInfo("a.xml")
    packed = b"".join(deflated((data[i : i + piece] for i in range(0, len(data), piece)), info))
    assert zlib.decompress(packed, -zlib.MAX_WBITS) == data
    assert (info.file_size, info.compress_size, info.CRC) == (len(data), len(packed), zlib.crc32(data))
    assert len(packed) <= 1.02 * len(zlib.compress(data, LEVEL)) + 64
