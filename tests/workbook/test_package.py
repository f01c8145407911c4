"""The package: refused files, byte-exact copies, and saving that cannot lose the old file."""

from __future__ import annotations

import io
import os
import stat
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from crm_xl.errors import CrmXlError, Refused
from crm_xl.workbook.edits import Write
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.package import CONTENT_TYPES, Package, attributes, rels_part
from crm_xl.workbook.saving import open_in_excel
from tests.support import feature_rich
from tests.support.packages import edit_part, members, prefixed, tiny, write_members

SHEET = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tiny(tmp_path / "客户.xlsx", SHEET)


def change(path: Path, value: float = 2) -> FileWorkbook:
    book = FileWorkbook(path)
    book._put("S", 0, 0, Write(value))
    return book


def refused(path: Path) -> str:
    """The reason for which a file is not opened; it stays as it was."""
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(CrmXlError) as error:
        FileWorkbook(path)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert error.value.text("zh") and error.value.text("en")
    return error.value.key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file_empty"),
        (b"name,amount\n", "file_not_workbook"),
        (b"PK\x03\x04 torn", "file_not_workbook"),
        (OLE, "old_workbook"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_no_workbook(tmp_path: Path, data: bytes, key: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    assert refused(path) == key


def test_folder_and_missing_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == "file_is_folder"
    assert refused(tmp_path / "no.xlsx") == "file_missing"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_truncated(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert refused(path) == "file_not_workbook"


@pytest.mark.parametrize("name", ["xl/workbook.xml", "XL/Workbook.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_members(path: Path, name: str) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, members(path)["xl/workbook.xml"])
    assert refused(path) == "file_not_workbook"


def test_strict(path: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    edit_part(path, "xl/workbook.xml", lambda x: x.replace(main, "http://purl.oclc.org/ooxml/spreadsheetml/main"))
    assert refused(path) == "strict_ooxml"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_missing_part(path: Path, part: str) -> None:
    parts = members(path)
    del parts[part]
    write_members(path, parts)
    assert refused(path) == "file_not_workbook"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_missing_part_that_a_save_needs(path: Path, part: str) -> None:
    parts = members(path)
    del parts[part]
    write_members(path, parts)
    before = path.read_bytes()
    with pytest.raises(CrmXlError) as error:
        change(path).save()
    assert error.value.key == "file_not_workbook" and path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_damaged_member(path: Path) -> None:
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        item = archive.getinfo("xl/worksheets/sheet1.xml")
    start = item.header_offset + 30 + len(item.filename)
    data[start : start + item.compress_size] = b"\xff" * item.compress_size
    path.write_bytes(bytes(data))
    with pytest.raises(CrmXlError) as error:
        change(path).save()
    assert error.value.key == "file_not_workbook" and path.read_bytes() == data


def test_save_keeps_the_old_file_as_bak(path: Path) -> None:
    before = path.read_bytes()
    path.chmod(0o640)
    assert change(path).save()
    assert path.with_name(path.name + ".bak").read_bytes() == before
    assert openpyxl.load_workbook(path)["S"]["A1"].value == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir(path.parent)) == [path.name, path.name + ".bak"]


def test_nothing_to_change_writes_nothing(path: Path) -> None:
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    book = change(path, 1)
    assert not book.pending() and not book.save()
    assert book.report.parts == [] and book.report.cells == {}
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)
    assert os.listdir(path.parent) == [path.name]


def test_nothing_to_change_is_still_written_elsewhere(path: Path) -> None:
    other = path.with_name("copy.xlsx")
    assert not change(path, 1).save(other)
    assert members(other) == members(path)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(other.stat().st_mode) == 0o666 & ~umask


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.with_name("link.xlsx")
    link.symlink_to(path)
    assert change(link).save()
    assert link.is_symlink() and openpyxl.load_workbook(path)["S"]["A1"].value == 2


def test_open_in_excel(path: Path) -> None:
    lock = path.with_name("~$" + path.name)
    lock.write_bytes(b"")
    assert open_in_excel(path)
    before = path.read_bytes()
    with pytest.raises(Refused) as error:
        change(path).save()
    assert error.value.key == "open_in_excel" and path.read_bytes() == before
    lock.unlink()
    assert change(path).save()


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_failing_in_the_middle_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(CrmXlError) as error:
        change(path).save()
    assert error.value.key == "write_failed" and "No space" in str(error.value)
    assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]


def test_any_other_failure_leaves_no_temporary_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    book = change(path)
    book.pending()
    monkeypatch.setattr(Package, "_store", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        book.save()
    assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]


def test_folder_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, opened = path.read_bytes(), Path.open

    def guarded(self: Path, mode: str = "r", *more: object) -> object:
        if mode == "xb":
            raise PermissionError(13, "Permission denied")
        return opened(self, mode, *more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", guarded)
    with pytest.raises(CrmXlError) as error:
        change(path).save()
    assert error.value.key == "write_failed" and path.read_bytes() == before


def test_what_somebody_else_saved_meanwhile_is_not_lost(path: Path) -> None:
    book = change(path)
    time.sleep(0.01)
    theirs = tiny(path, SHEET.replace("<v>1<", "<v>99<")).read_bytes()
    with pytest.raises(CrmXlError) as error:
        book.save()
    assert error.value.key == "write_failed" and path.read_bytes() == theirs


def test_saving_twice(path: Path) -> None:
    book = change(path)
    assert book.save()
    book._put("S", 5, 5, Write("more"))
    assert book.save()
    sheet = openpyxl.load_workbook(path)["S"]
    assert (sheet["A1"].value, sheet["F6"].value) == (2, "more")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_copied_as_they_are(tmp_path: Path, compression: int) -> None:
    source = feature_rich.make(tmp_path / "rich.xlsx")
    parts = members(source)
    with zipfile.ZipFile(source, "w", compression) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2020, 2, 3, 4, 5, 6))
            info.compress_type, info.extra = compression, b"\x99\x99\x04\x00abcd"
            archive.writestr(info, data)
        archive.writestr("xl/媒体.bin", b"\0" * 999)
    package = Package(source)
    package.write("xl/styles.xml", package.read("xl/styles.xml") + b"\n")
    out = tmp_path / "out.xlsx"
    out.write_bytes(package.to_bytes())
    old, new = members(source), members(out)
    assert list(old) == list(new)
    assert [n for n in old if old[n] != new[n]] == ["xl/styles.xml"] == package.changed
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert {i.compress_type for i in archive.infolist() if i.filename != "xl/styles.xml"} == {compression}
        assert archive.getinfo("xl/workbook.xml").date_time == (2020, 2, 3, 4, 5, 6)


def test_members_of_a_stream(path: Path) -> None:
    """A zip written to a pipe has its sizes behind the members (data descriptors)."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, data in members(path).items():
            archive.writestr(name, data)
    path.write_bytes(bytes(pipe.data))
    assert struct.unpack_from("<H", path.read_bytes(), 6)[0] & 8
    before = members(path)
    assert change(path).save()
    after = members(path)
    assert [n for n in before if before[n] != after[n]] == ["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_parts_by_any_case(path: Path) -> None:
    parts = {n.replace("worksheets", "WorkSheets"): d for n, d in members(path).items()}
    write_members(path, parts)
    book = change(path)
    assert book.save() and book.report.parts == ["xl/WorkSheets/sheet1.xml"]
    assert list(members(path)) == list(parts)


def test_relationships(path: Path) -> None:
    def spaced(xml: str) -> str:
        return xml.replace("worksheets/sheet1.xml", "/xl/work%20sheets/sheet1.xml")

    parts = {n.replace("worksheets", "work sheets"): d for n, d in members(path).items()}
    write_members(path, parts)
    edit_part(path, "xl/_rels/workbook.xml.rels", spaced)
    package = Package(path)
    found = package.relationships(package.workbook)
    assert found["rId1"] == ("worksheet", "xl/work sheets/sheet1.xml")
    assert "rId4" not in found  # external
    assert package.related(package.workbook, "styles") == "xl/styles.xml"
    assert package.related(package.workbook, "calcChain") is None
    assert rels_part("xl/workbook.xml") == "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize("prefix", [False, True])
def test_a_part_added_and_dropped(path: Path, prefix: bool) -> None:
    if prefix:
        for part in (CONTENT_TYPES, "xl/_rels/workbook.xml.rels"):
            space = "content-types" if part == CONTENT_TYPES else "relationships"
            old = f"http://schemas.openxmlformats.org/package/2006/{space}"
            main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            text = members(path)[part].decode().replace(old, main)
            write_members(path, {**members(path), part: prefixed(text.encode()).replace(main.encode(), old.encode())})
    package = Package(path)
    before = {p: package.read(p) for p in (CONTENT_TYPES, "xl/_rels/workbook.xml.rels")}
    package.add_part(package.workbook, "calcChain.xml", b"<calcChain/>", kind="urn:k/calcChain", content_type="t")
    assert package.relationships(package.workbook)["rId3"] == ("calcChain", "xl/calcChain.xml")  # the first free id
    assert package.changed == [CONTENT_TYPES, "xl/_rels/workbook.xml.rels", "xl/calcChain.xml"]
    again = Package(path, package.to_bytes())
    again.drop_part(again.workbook, "xl/calcchain.xml")
    assert not again.has("xl/calcChain.xml") and "xl/calcChain.xml" not in again.names()
    assert {p: again.read(p) for p in before} == before
    again.revert()
    assert again.has("xl/calcChain.xml") and again.changed == []


def test_an_added_part_takes_a_free_name(path: Path) -> None:
    """Nothing leads to the part that has the name, and another has only a content type."""
    parts = {**members(path), "xl/CalcChain.xml": b"<theirs/>"}
    override = b'<Override PartName="/xl/calcChain1.xml" ContentType="x"/></Types>'
    parts[CONTENT_TYPES] = parts[CONTENT_TYPES].replace(b"</Types>", override)
    write_members(path, parts)
    package = Package(path)
    package.add_part(package.workbook, "calcChain.xml", b"<calcChain/>", kind="urn:k/calcChain", content_type="t")
    again = Package(path, package.to_bytes())
    assert again.related(again.workbook, "calcChain") == "xl/calcChain2.xml"
    assert (again.read("xl/calcChain2.xml"), again.read("xl/calcChain.xml")) == (b"<calcChain/>", b"<theirs/>")
    types = again.read(CONTENT_TYPES)
    assert types.count(b"/xl/calcChain1.xml") == types.count(b"/xl/calcChain2.xml") == 1


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", CONTENT_TYPES])
def test_xml_is_checked_when_it_is_read(path: Path, part: str) -> None:
    sound = members(path)
    for xml, key in (
        (sound[part].replace(b"><", ">客户".encode("gb18030") + b"<", 1), "file_not_workbook"),
        (b"<!DOCTYPE a>" + sound[part].partition(b"?>")[2], "has_doctype"),
    ):
        write_members(path, {**sound, part: xml})
        with pytest.raises(CrmXlError) as error:
            Package(path).read(part)
        assert error.value.key == key


def test_attributes() -> None:
    assert attributes(b"<a x='1 &amp; 2' y:z = \"&quot;\" >") == {"x": "1 & 2", "y:z": '"'}
