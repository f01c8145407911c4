"""The door for zips: what passes, what is refused, and that parts are read as zipfile reads them."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl import zip_parts
from crm_xl.errors import CrmXlError
from crm_xl.zip_parts import ZipParts, check_prolog, open_parts, refuse_encrypted
from tests.support import hostile

PART = "xl/worksheets/sheet1.xml"


def refused(work: Callable[[], object]) -> CrmXlError:
    with pytest.raises(CrmXlError) as error:
        work()
    assert "book.xlsx" in error.value.text("zh") and "book.xlsx" in error.value.text("en")
    return error.value


def opened(data: bytes) -> ZipParts:
    return open_parts(data, "book.xlsx")


def key(data: bytes) -> str:
    return refused(lambda: opened(data)).key


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@given(sizes=st.lists(st.integers(0, 5000), max_size=6), chunk=st.integers(1, 3000))
def test_parts_as_zipfile_reads_them(method: int, sizes: list[int], chunk: int) -> None:
    out, chance = BytesIO(), random.Random(1)
    with zipfile.ZipFile(out, "w", method) as archive:
        for i, size in enumerate(sizes):
            archive.writestr(f"部件{i}.xml", chance.randbytes(size // 2) + b" " * (size - size // 2))
    parts = opened(out.getvalue()) if sizes else None
    with zipfile.ZipFile(out) as archive:
        for name in archive.namelist():
            assert parts is not None
            assert parts.read(name) == archive.read(name)
            pieces = list(parts.stream(name, chunk))
            assert b"".join(pieces) == archive.read(name) and all(0 < len(p) <= chunk for p in pieces)
            assert len(parts.packed(name)) == archive.getinfo(name).compress_size
        assert parts is None or parts.names() == archive.namelist()


def test_a_comment_and_unneeded_zip64_records_are_no_fault() -> None:
    out = BytesIO(hostile.good())
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"made by hand"
    assert opened(out.getvalue()).read(PART)
    assert opened(with_zip64(hostile.good())).read(PART)


def with_zip64(data: bytes, **changed: int) -> bytes:
    """The zip with the records of zip64 before its end."""
    *_, count, size, start, _ = struct.unpack("<4s4H2LH", data[-22:])
    count, size, start = (changed.get(k, v) for k, v in (("count", count), ("size", size), ("start", start)))
    at = len(data) - 22
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    return data[:-22] + record + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1) + data[-22:]


@pytest.mark.parametrize("changed", [{"count": 3}, {"size": 1 << 40}, {"start": 0}])
def test_two_directories_that_disagree(changed: dict[str, int]) -> None:
    assert key(with_zip64(hostile.good(), **changed)) == "file_not_workbook"


@pytest.mark.parametrize("at", [8, 10, 12, 16])
def test_an_end_that_lies(at: int) -> None:
    data = bytearray(hostile.good())
    data[at - 22] ^= 1
    assert key(bytes(data)) == "file_not_workbook"


@pytest.mark.parametrize("before", [b"x", b"PK\x03\x04"])
def test_something_before_or_behind_the_zip(before: bytes) -> None:
    assert key(before + hostile.good()) == "file_not_workbook"
    assert key(hostile.good() + b"x") == "file_not_workbook"


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_refused(name: str) -> None:
    make, wanted = hostile.REFUSED[name]
    assert key(make()) == (wanted or "old_workbook")


@given(st.integers(0, 19))
def test_torn(part: int) -> None:
    assert key(hostile.torn(part / 20)) == "file_not_workbook"


@given(st.integers(0, 1 << 30))
def test_damaged_zips_are_read_right_or_refused(seed: int) -> None:
    sound = opened(hostile.good())
    try:
        parts = opened(hostile.flipped(seed))
        found = {name: parts.read(name) for name in parts.names()}
    except CrmXlError:
        return
    # a changed byte in a name or in what nobody reads stays unseen; one in the content never
    assert all(data == sound.read(name) for name, data in found.items() if name in sound.names())


@pytest.mark.parametrize(
    "data",
    [
        hostile.bomb(PART, 4, says=2000),
        hostile.forged(hostile.parts(), sizes={PART: 50 << 20}),
        hostile.bad_checksum(),
        hostile.forged({}, packed={PART: (500, zlib.compress(b"x" * 500)[:-4])}),
    ],
    ids=["says less", "says more", "checksum", "no deflate stream"],
)
def test_a_part_that_belies_the_directory(data: bytes) -> None:
    parts = opened(data)
    assert refused(lambda: parts.read(PART)).key == "file_not_workbook"


def test_a_part_that_says_less_is_given_up_early() -> None:
    parts, seen = opened(hostile.bomb(PART, 1000, says=2000)), 0
    with pytest.raises(CrmXlError):
        for piece in parts.stream(PART, 1 << 16):
            seen += len(piece)
    assert seen <= 1 << 16


def test_no_such_part() -> None:
    parts = opened(hostile.good())
    assert refused(lambda: parts.read("xl/no.xml")).key == "file_not_workbook"


def test_a_full_sheet_passes() -> None:
    """1,048,576 rows of 25 columns: 1.4 GB in 100 MB. Only the directory is read, so only it is made."""
    sizes, raw = {PART: 1_400_000_000}, bytes(7 << 20)
    assert opened(hostile.forged({}, packed={PART: (sizes[PART], raw)})).names() == [PART]
    assert key(hostile.forged({}, packed={PART: (sizes[PART], raw[: 1 << 20])})) == "unpacks_too_large"


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = hostile.parts()
    total = sum(map(len, parts.values()))
    for name, limit in (("MAX_PARTS", len(parts)), ("MAX_PART", max(map(len, parts.values()))), ("MAX_TOTAL", total)):
        with monkeypatch.context() as patch:
            patch.setattr(zip_parts, name, limit)
            assert opened(hostile.good()).names() == list(parts)
            patch.setattr(zip_parts, name, limit - 1)
            assert key(hostile.good()) == ("file_not_workbook" if name == "MAX_PARTS" else "unpacks_too_large")


def test_an_empty_picture_may_pack_well() -> None:
    assert opened(hostile.zipped({**hostile.parts(), "xl/media/image1.bmp": bytes(20 << 20)})).names()


def test_ole() -> None:
    assert refused(lambda: refuse_encrypted(hostile.password(), "book.xlsx")).key == "encrypted"
    refuse_encrypted(hostile.old_excel(), "book.xlsx")  # sources read an .xls


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    "prolog", ["", "\n", '<?xml version="1.0"?>', "<!-- <!DOCTYPE x> -->", "<?a <!DOCTYPE x> ?>\n<!---->\r\n "]
)
def test_prolog(prolog: str, encoding: str) -> None:
    check_prolog(f"{prolog}<a><!-- <!DOCTYPE x> --></a>".encode(encoding), "book.xlsx", PART)
    bad = f"{prolog}<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode(encoding)
    assert refused(lambda: check_prolog(bad, "book.xlsx", PART)).key == "has_doctype"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "latin-1"])
def test_other_encodings(encoding: str) -> None:
    xml = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE a><a/>".encode(encoding)
    assert refused(lambda: check_prolog(xml, "book.xlsx", PART)).key == "file_not_workbook"


@pytest.mark.parametrize("xml", ["<!--", "<?", "<?xml", "", "<!-- a -- <!DOCTYPE", "\ufeff"])
def test_an_unfinished_prolog_ends(xml: str) -> None:
    check_prolog(xml.encode(), "book.xlsx", PART)


def test_read_xml() -> None:
    assert opened(hostile.good()).read_xml(PART) == hostile.parts()[PART]
    for data, wanted in (
        (hostile.with_doctype(PART), "has_doctype"),
        (hostile.recoded(PART, "UTF-16"), "file_not_workbook"),
        (hostile.replaced(PART, "<a>客户</a>".encode()[:-6]), "file_not_workbook"),
    ):
        parts = opened(data)
        assert refused(lambda parts=parts: parts.read_xml(PART)).key == wanted  # type: ignore[misc]
