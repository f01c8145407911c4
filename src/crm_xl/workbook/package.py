"""The .xlsx as a package of parts: what changed is written, all else is copied byte for byte."""

from __future__ import annotations

import io
import os
import posixpath
import re
import struct
import tempfile
import zipfile
import zlib
from html import unescape
from pathlib import Path
from typing import NamedTuple

from crm_xl.errors import CrmXlError, Refused
from crm_xl.sheet_values import OLE_MAGIC, ZIP_MAGIC, file_bytes

_RELATIONSHIP = re.compile(rb"<(?:[\w.-]+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_STRICT = b"http://purl.oclc.org/ooxml/"
_LOCAL_HEADER = struct.Struct("<4s2B4HL2L2H")
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


class Relationship(NamedTuple):
    kind: str
    target: str


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of an opening tag."""
    return {m[1]: unescape(m[2] if m[2] is not None else m[3]) for m in _ATTRIBUTE.finditer(tag.decode())}


def rels_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


class Package:
    """An open .xlsx or .xlsm. Reads parts, holds the changed ones, saves atomically.

    Errors: those of `file_bytes`; file_not_workbook, encrypted, strict_ooxml.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path = path
        self.data = file_bytes(path) if data is None else data
        if self.data.startswith(OLE_MAGIC):
            encrypted = "EncryptedPackage".encode("utf-16-le") in self.data
            raise CrmXlError("encrypted" if encrypted else "file_not_workbook", path=path, why=".xls")
        if not self.data.startswith(ZIP_MAGIC):
            raise CrmXlError("file_not_workbook", path=path, why="not a zip file")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self.data))
        except zipfile.BadZipFile as error:
            raise CrmXlError("file_not_workbook", path=path, why=error) from error
        names = self._zip.namelist()
        if len(set(names)) != len(names):
            raise CrmXlError("file_not_workbook", path=path, why="a part is there twice")
        self._names = {n.lower(): n for n in names}
        self._changed: dict[str, bytes] = {}
        self._dropped: set[str] = set()
        found = [t for k, t in self.relationships("").values() if k == "officeDocument"]
        self.workbook = found[0] if found else "xl/workbook.xml"
        if not self.has(self.workbook):
            raise CrmXlError("file_not_workbook", path=path, why="no workbook part")
        if _STRICT in self.read(self.workbook)[:4000]:
            raise CrmXlError("strict_ooxml", path=path)

    def has(self, part: str) -> bool:
        return part in self._changed or (part.lower() in self._names and part not in self._dropped)

    def names(self) -> list[str]:
        kept = [n for n in self._zip.namelist() if n not in self._dropped]
        return kept + [n for n in self._changed if n not in kept]

    def read(self, part: str) -> bytes:
        if part in self._changed:
            return self._changed[part]
        try:
            return self._zip.read(self._names[part.lower()])
        except (KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
            raise CrmXlError("file_not_workbook", path=self.path, why=f"{part}: {error}") from error

    def write(self, part: str, data: bytes) -> None:
        """Change a part; the same bytes again are no change."""
        name = self._names.get(part.lower(), part)
        if not self.has(name) or self.read(name) != data:
            self._changed[name] = data

    def drop(self, part: str) -> None:
        self._changed.pop(part, None)
        self._dropped.add(part)

    @property
    def changed(self) -> list[str]:
        return sorted(self._changed) + sorted(self._dropped)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Relationship id -> its kind (last word of the type) and the part that it leads to."""
        rels = rels_part(part)
        if not self.has(rels):
            return {}
        folder = posixpath.dirname(part)
        found = {}
        for tag in _RELATIONSHIP.findall(self.read(rels)):
            a = attributes(tag)
            if a.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, a.get("Target", ""))).lstrip("/")
            kind = a.get("Type", "").rpartition("/")[2]
            found[a.get("Id", "")] = Relationship(kind, self._names.get(target.lower(), target))
        return found

    def add_relationship(self, part: str, kind: str, target: str) -> None:
        """A new relationship of `part` to a part in the same folder, with a free id."""
        ids = self.relationships(part)
        number = next(i for i in range(1, len(ids) + 2) if f"rId{i}" not in ids)
        link = f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'.encode()
        rels = rels_part(part)
        self.write(rels, self.read(rels).replace(b"</Relationships>", link + b"</Relationships>"))

    def save(self, target: Path, *, backup: bool) -> None:
        """Write beside `target`, flush to disk, rename over it; with `backup` keep `target`.bak.

        Errors: Refused open_in_excel; write_failed (the old file is whole).
        """
        if open_in_excel(target):
            raise Refused("open_in_excel", path=target)
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
            with os.fdopen(handle, "wb") as out:
                self._write_zip(out)
                out.flush()
                os.fsync(out.fileno())
            if target.exists():
                os.chmod(temporary, target.stat().st_mode & 0o777)
                if backup:
                    _copy(target, target.with_name(target.name + ".bak"))
            else:
                mask = os.umask(0)
                os.umask(mask)
                os.chmod(temporary, 0o666 & ~mask)
            os.replace(temporary, target)
        except OSError as error:
            if temporary and os.path.exists(temporary):
                os.unlink(temporary)
            raise CrmXlError("write_failed", path=target, why=error.strerror or error) from error

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        self._write_zip(out)
        return out.getvalue()

    def _write_zip(self, out: io.BufferedIOBase | io.BytesIO) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:  # type: ignore[arg-type]
            for item in self._zip.infolist():
                if item.filename in self._dropped:
                    continue
                if item.filename in self._changed:
                    self._store(target, item.filename, item.date_time, item.external_attr)
                else:
                    self._copy_raw(target, item)
            for name in self._changed:
                if name not in self._zip.NameToInfo:
                    self._store(target, name, _FIXED_DATE, 0)

    def _store(
        self, target: zipfile.ZipFile, name: str, date: tuple[int, int, int, int, int, int], external: int
    ) -> None:
        info = zipfile.ZipInfo(name, date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = external
        target.writestr(info, self._changed[name])

    def _copy_raw(self, target: zipfile.ZipFile, item: zipfile.ZipInfo) -> None:
        """Copy a member's compressed bytes as they are: faster than packing them again, and exact."""
        start = item.header_offset
        header = _LOCAL_HEADER.unpack_from(self.data, start)
        begin = start + _LOCAL_HEADER.size + header[-2] + header[-1]
        info = zipfile.ZipInfo(item.filename, item.date_time)
        info.compress_type, info.external_attr = item.compress_type, item.external_attr
        info.CRC, info.compress_size, info.file_size = item.CRC, item.compress_size, item.file_size
        # sizes stand in the header, so no data descriptor follows (bit 3)
        info.flag_bits = item.flag_bits & ~8
        info.header_offset = target.fp.tell()  # type: ignore[union-attr]
        target.fp.write(info.FileHeader(zip64=False))  # type: ignore[union-attr]
        target.fp.write(self.data[begin : begin + item.compress_size])  # type: ignore[union-attr]
        target.filelist.append(info)
        target.NameToInfo[info.filename] = info
        target.start_dir = target.fp.tell()  # type: ignore[union-attr]
        target._didModify = True  # type: ignore[attr-defined]


def _copy(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def open_in_excel(path: Path) -> bool:
    """Whether Excel's own lock file stands beside the workbook."""
    return path.with_name("~$" + path.name).exists()
