"""The one door through which a file's bytes become a package of parts: zip bombs, torn and forged zips
stop here, before anything is inflated.

Sources and the workbook room both open zips (.xlsx, .xlsm, .ods) through this module.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from crm_xl.errors import CrmXlError

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MAX_PARTS = 20_000
"""Real workbooks have some hundreds; a part for each of a thousand sheets, with its drawing, its chart and
their relationships, still fits."""
MAX_DIRECTORY = MAX_PARTS * 512
"""Bytes of the zip's directory: names of parts are short. Checked before Python makes objects of it."""
MAX_PART = 2 << 30
"""Bytes of one part, inflated. A sheet of 1,048,576 rows and 25 columns has about 1.4 GB."""
MAX_TOTAL = 4 << 30
"""Bytes of all parts, inflated: two such sheets and what belongs to them."""
FREE_RATIO_BELOW = 64 << 20
"""Bytes up to which any ratio will do: an empty picture of 1 MB packs into 1 kB, and hurts nobody."""
MAX_RATIO = 200
"""Inflated : packed. Sheets have 5 to 30, a million equal rows 100; a bomb has 1,000, which is all that
deflate can do."""

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 1
_BINARY_BOOK = "xl/workbook.bin"
_CHUNK = 1 << 20
_LARGE = 1 << 23
"""Bytes from which a part is inflated by a thread of its own: zlib lets go of Python's lock meanwhile."""
_AHEAD = 4


class ZipParts:
    """An open zip whose members can be trusted as far as they are read: none overlaps another, none has two
    names, and none gives more bytes than its directory says. Part names are used as the zip spells them.

    `infos`: the members, in the order of the directory.
    """

    def __init__(self, data: bytes, path: str | Path, infos: list[zipfile.ZipInfo]) -> None:
        """Errors: file_not_workbook, encrypted, unpacks_too_large."""
        self.infos = infos
        self._data = data
        self._path = path
        self._info = {info.filename: info for info in infos}
        if len({name.lower() for name in self._info}) != len(infos):  # names of parts ignore case
            raise self._broken("a part is there twice")
        self._check_sizes()
        self._begin = {info.filename: self._place(info) for info in infos}
        self._check_overlap()
        self._kept: dict[str, Iterable[bytes]] = {}

    def names(self) -> list[str]:
        return list(self._info)

    def packed(self, part: str) -> memoryview:
        """The bytes of a part as the zip holds them. Error: file_not_workbook for a part that is not there."""
        info = self._known(part)
        begin = self._begin[part]
        return memoryview(self._data)[begin : begin + info.compress_size]

    def size(self, part: str) -> int:
        """Bytes of a part, inflated. Error: file_not_workbook."""
        return self._known(part).file_size

    def read(self, part: str) -> bytes:
        """A part, inflated. Errors: those of `stream`."""
        return b"".join(self.stream(part))

    def read_xml(self, part: str) -> bytes:
        """A part that is to be parsed, of known encoding. Errors: those of `stream` and `check_prolog`."""
        xml = self.read(part)
        check_prolog(xml, self._path, part)
        try:
            if not xml.isascii():
                xml.decode()
        except UnicodeDecodeError:
            raise self._broken(f"{part}: not in UTF-8") from None
        return xml

    def stream(self, part: str, chunk: int = _CHUNK) -> Iterable[bytes]:
        """A part in pieces, of at most `chunk` bytes if it is not kept. Whoever goes to the end knows that the size
        and checksum are right. Error: file_not_workbook."""
        return self._kept[part] if part in self._kept else self._stream(part, chunk)

    def _stream(self, part: str, chunk: int) -> Iterator[bytes]:
        checked = self._checked(self._known(part), chunk)
        yield from ahead(checked) if self._known(part).file_size > max(_LARGE, chunk) else checked

    def keep(self, part: str, pieces: Iterable[bytes]) -> None:
        """Whoever reads the part from now on gets these pieces, which are all of it."""
        self._kept[part] = pieces

    def share(self, other: ZipParts) -> None:
        """What either keeps of the same package, the other has, too."""
        self._kept = other._kept

    def _checked(self, info: zipfile.ZipInfo, chunk: int) -> Iterator[bytes]:
        part, stored = info.filename, info.compress_type == zipfile.ZIP_STORED
        size = checksum = 0
        for piece in _pieces(self.packed(part), chunk) if stored else self._inflated(part, chunk):
            size += len(piece)
            if size > info.file_size:
                raise self._broken(f"{part}: larger than it says")
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if size != info.file_size or checksum != info.CRC:
            raise self._broken(f"{part}: wrong checksum")

    def _inflated(self, part: str, chunk: int) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for packed in _pieces(self.packed(part), _CHUNK):
                rest = packed
                while rest and not inflate.eof:
                    piece = inflate.decompress(rest, chunk)
                    rest = inflate.unconsumed_tail
                    if piece:
                        yield piece
            while not inflate.eof and (piece := inflate.decompress(b"", chunk)):  # all is fed in
                yield piece
        except zlib.error as error:
            raise self._broken(f"{part}: {error}") from error

    def _known(self, part: str) -> zipfile.ZipInfo:
        info = self._info.get(part)
        if info is None:
            raise self._broken(f"{part} is missing")
        return info

    def _broken(self, why: str) -> CrmXlError:
        return CrmXlError("file_not_workbook", path=self._path, why=why)

    def _check_sizes(self) -> None:
        """The directory says how large everything will be: `stream` holds it to its word."""
        total = sum(info.file_size for info in self.infos)
        too_large = total > MAX_TOTAL or _suspicious(total, len(self._data))
        for info in self.infos:
            too_large = too_large or info.file_size > MAX_PART or _suspicious(info.file_size, info.compress_size)
        if too_large:
            raise CrmXlError("unpacks_too_large", path=self._path, size=total >> 20, packed=len(self._data) >> 20)

    def _place(self, info: zipfile.ZipInfo) -> int:
        """Where a member's bytes begin. Its own header must say what the directory says: of two readers, one
        believes this and one that."""
        if info.flag_bits & _ENCRYPTED:
            raise CrmXlError("encrypted", path=self._path)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._broken(f"{info.filename}: compression that Excel does not know")
        if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
            raise self._broken(f"{info.filename}: two sizes")
        start, end = info.header_offset, info.header_offset + _LOCAL_HEADER.size
        if end > len(self._data):
            raise self._broken(f"{info.filename}: outside the file")
        magic, _, flags, method, *_, name_size, extra_size = _LOCAL_HEADER.unpack_from(self._data, start)
        name = self._data[end : end + name_size]
        wanted = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
        same = (name, method, flags & _ENCRYPTED) == (wanted, info.compress_type, 0)
        if magic != ZIP_MAGIC or not same or b"\0" in name:
            raise self._broken(f"{info.filename}: two headers that disagree")
        return int(end + name_size + extra_size)

    def _check_overlap(self) -> None:
        at = 0
        for info in sorted(self.infos, key=lambda info: info.header_offset):
            if info.header_offset < at:
                raise self._broken(f"{info.filename}: overlaps another part")
            at = self._begin[info.filename] + info.compress_size
        if at > len(self._data):
            raise self._broken("incomplete")


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, made by another thread a few ahead. What it raises is raised here."""
    with ThreadPoolExecutor(1) as worker:
        coming: deque[Future[bytes | None]] = deque()
        try:
            while True:
                while len(coming) <= _AHEAD:
                    coming.append(worker.submit(next, pieces, None))
                piece = coming.popleft().result()
                if piece is None:
                    return
                yield piece
        finally:
            for future in coming:
                future.cancel()


def _suspicious(size: int, packed: int) -> bool:
    return size > FREE_RATIO_BELOW and size > MAX_RATIO * packed


def _pieces(packed: memoryview, chunk: int) -> Iterator[bytes]:
    for at in range(0, len(packed), chunk):
        yield bytes(packed[at : at + chunk])


def open_parts(data: bytes, path: str | Path) -> ZipParts:
    """The bytes of an .xlsx, .xlsm or .ods as parts; `path` is what messages call them.

    Nothing is inflated yet. Errors: encrypted (also password-protected), old_workbook (.xls),
    binary_workbook (.xlsb), unpacks_too_large, file_not_workbook.
    """
    if data.startswith(OLE_MAGIC):
        refuse_encrypted(data, path)
        raise CrmXlError("old_workbook", path=path)
    if not data.startswith(ZIP_MAGIC):
        raise CrmXlError("file_not_workbook", path=path, why="not a zip file")
    count, start = _directory(data, path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos, found = package.infolist(), package.start_dir
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, EOFError, OSError) as error:
        raise CrmXlError("file_not_workbook", path=path, why=error) from error
    if (len(infos), found) != (count, start):
        raise CrmXlError("file_not_workbook", path=path, why="two directories that disagree")
    if any(info.filename.lower() == _BINARY_BOOK for info in infos):
        raise CrmXlError("binary_workbook", path=path)
    return ZipParts(data, path, infos)


def refuse_encrypted(data: bytes, path: str | Path) -> None:
    """An OLE file (.xls, too) that holds an encrypted workbook. Error: encrypted."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise CrmXlError("encrypted", path=path)


def _directory(data: bytes, path: str | Path) -> tuple[int, int]:
    """How many members the zip's directory says it has, and where it begins.

    Readers differ in how they look for the directory, so there must be only one way to find it.
    Error: file_not_workbook.
    """

    def broken(why: str) -> CrmXlError:
        return CrmXlError("file_not_workbook", path=path, why=why)

    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - _LONGEST_COMMENT))
    if at < 0 or at + _END.size > len(data):
        raise broken("incomplete")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, at)
    if at + _END.size + comment != len(data) or disk or first_disk or here != count:
        raise broken("incomplete")
    end = at
    locator = at - _LOCATOR64.size
    if locator >= 0 and data.startswith(b"PK\x06\x07", locator):  # no need of it within our limits
        end = locator - _END64.size
        if end < 0 or 0xFFFFFFFF in (size, start) or count == 0xFFFF:
            raise broken("too many parts, or too large ones (zip64)")
        there, same = _LOCATOR64.unpack_from(data, locator)[2], (count, count, size, start)
        if there != end or _END64.unpack_from(data, end)[6:] != same:
            raise broken("two directories that disagree")
    if count > MAX_PARTS or size > MAX_DIRECTORY:
        raise broken(f"more than {MAX_PARTS:,} parts")
    if start + size != end:
        raise broken("its directory is not where it should be")
    return int(count), int(start)


_SPACE = re.compile(rb"\s*")
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_UTF_8 = (b"utf-8", b"utf8", b"us-ascii", b"ascii")


def check_prolog(xml: bytes, path: str | Path, part: str) -> None:
    """Whether the XML of a part is of the kind that we read: UTF-8, and without a DOCTYPE. Entities grow
    without bound and reach for other files; Excel, too, refuses a part that declares them.

    `xml`: the part, or its beginning as far as the root element. Errors: has_doctype, file_not_workbook.
    """
    xml = xml.removeprefix(b"\xef\xbb\xbf")
    declared = _ENCODING.match(xml)
    if b"\0" in xml[:4] or xml[:1] in (b"\xff", b"\xfe") or (declared and declared[1].lower() not in _UTF_8):
        raise CrmXlError("file_not_workbook", path=path, why=f"{part}: not in UTF-8")
    at = 0
    while True:
        at = _SPACE.match(xml, at).end()  # type: ignore[union-attr]  # it matches anything
        opening, closing = (b"<!--", b"-->") if xml.startswith(b"<!--", at) else (b"<?", b"?>")
        if opening == b"<?" and xml.startswith(b"<!", at):
            raise CrmXlError("has_doctype", path=path, part=part)
        end = xml.find(closing, at + len(opening)) if xml.startswith(opening, at) else -1
        if end < 0:
            return
        at = end + len(closing)
