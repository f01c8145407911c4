"""The .xlsx as a package of parts: what changed is written, all else is copied byte for byte."""

from __future__ import annotations

import io
import os
import posixpath
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import unquote

from crm_xl.errors import CrmXlError
from crm_xl.sheet_values import file_bytes
from crm_xl.vocabulary.messages import Told
from crm_xl.zip_parts import open_parts

from .deflating import PackedAhead, deflated
from .patched import Patched
from .saving import recover, replace_file
from .values import unescape

CONTENT_TYPES = "[Content_Types].xml"
_RELATIONSHIP = re.compile(rb"<(?:[\w.-]+:)?Relationship\b[^<>]*>(?:\s*</(?:[\w.-]+:)?Relationship>)?")
_OVERRIDE = re.compile(rb"<(?:[\w.-]+:)?Override\b[^<>]*>(?:\s*</(?:[\w.-]+:)?Override>)?")
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BLANKS = str.maketrans("\t\r\n", "   ")
_STRICT = b"http://purl.oclc.org/ooxml/"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_DATA_DESCRIPTOR = 8
_HELD_WHOLE = 1 << 24
"""Bytes up to which a changed part may stand in memory; a larger one is packed on all cores as it is written."""


class Relationship(NamedTuple):
    kind: str
    target: str


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of an opening tag, in UTF-8 as every part that `Package` reads."""
    # to an XML reader a line end or tab in an attribute is a blank
    text = tag.decode().translate(_BLANKS)
    return {m[1]: unescape(m[2] if m[2] is not None else m[3]) for m in _ATTRIBUTE.finditer(text)}


def rels_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


class Package:
    """An open .xlsx or .xlsm. Reads parts, holds the changed ones, saves atomically.

    Errors: those of `file_bytes` and `open_parts`; file_not_workbook, strict_ooxml, has_doctype.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path = path
        if data is None:
            recover(path)
        self._stamp = _stamp(path) if data is None else None
        self.data = file_bytes(path) if data is None else data
        self.parts = open_parts(self.data, path)
        self._names = {n.lower(): n for n in self.parts.names()}
        self._changed: dict[str, bytes | Patched] = {}
        self._dropped: set[str] = set()
        self._ahead = PackedAhead()
        self._links: dict[str, dict[str, Relationship]] = {}
        """Relationships by the part that has them, until something is written."""
        found = [t for k, t in self.relationships("").values() if k == "officeDocument"]
        self.workbook = found[0] if found else "xl/workbook.xml"
        if not self.has(self.workbook):
            raise CrmXlError("file_not_workbook", path=path, why="no workbook part")
        if _STRICT in self.read(self.workbook)[:4000]:
            raise CrmXlError("strict_ooxml", path=path)

    @property
    def _place(self) -> Path:
        return Path(os.path.realpath(self.path))

    def _name(self, part: str) -> str:
        """The part as the package spells it: part names ignore case, zip members do not."""
        return self._names.get(part.lower(), part)

    def has(self, part: str) -> bool:
        name = self._name(part)
        return name in self._changed or (name.lower() in self._names and name not in self._dropped)

    def names(self) -> list[str]:
        kept = [n for n in self.parts.names() if n not in self._dropped]
        return kept + [n for n in self._changed if n.lower() not in self._names]

    def read(self, part: str) -> bytes:
        """A part as it is now. XML is checked: errors are those of `ZipParts.read_xml`."""
        name = self._name(part)
        changed = self._changed.get(name)
        if changed is not None:
            return changed if isinstance(changed, bytes) else changed.read()
        return self.parts.read_xml(name) if name.lower().endswith((".xml", ".rels")) else self.parts.read(name)

    def stream(self, part: str) -> Iterable[bytes]:
        """The part piece by piece, as it is now."""
        name = self._name(part)
        changed = self._changed.get(name)
        if isinstance(changed, bytes):
            return (changed,)
        return self.parts.stream(name) if changed is None else changed.stream()

    def write(self, part: str, data: bytes) -> None:
        """Change a part; the same bytes again are no change."""
        name = self._name(part)
        if not self.has(name) or self.read(name) != data:
            self._changed[name] = data
            self._links.clear()

    def patched(self, part: str) -> Patched:
        """The part as it is now, to replace stretches of it; `patch` puts it in its place."""
        name = self._name(part)
        before = self._changed.get(name)
        if isinstance(before, bytes):
            return Patched(lambda: iter((before,)))
        return Patched(before.stream if before is not None else lambda: self.parts.stream(name))

    def patch(self, part: str, patched: Patched) -> None:
        """Change a part to what `patched` makes of it."""
        if patched:
            name = self._name(part)
            if self.parts.size(name) + patched.added > _HELD_WHOLE:
                self._changed[name] = patched
            else:
                data = self._changed[name] = patched.read()
                self._ahead.begin(name, data)

    def revert(self) -> None:
        """All parts as they were read."""
        self._changed, self._dropped = {}, set()
        self._links.clear()

    @property
    def changed(self) -> list[str]:
        return sorted(self._changed) + sorted(self._dropped)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Relationship id -> its kind (last word of the type) and the part that it leads to."""
        rels = rels_part(part)
        if not self.has(rels):
            return {}
        if part not in self._links:
            found = self._links[part] = {}
            for tag in _RELATIONSHIP.findall(self.read(rels)):
                a = attributes(tag)
                if a.get("TargetMode") != "External":
                    found[a.get("Id", "")] = Relationship(a.get("Type", "").rpartition("/")[2], self._target(part, a))
        return self._links[part]

    def _target(self, part: str, link: dict[str, str]) -> str:
        """The part that a relationship of `part` leads to; it may be written percent-encoded."""
        path = posixpath.join("/", posixpath.dirname(part), link.get("Target", ""))
        target = posixpath.normpath(path).lstrip("/")
        return self._name(target if target.lower() in self._names else unquote(target))

    def related(self, part: str, kind: str) -> str | None:
        """The part that the first relationship of a kind leads to."""
        return next((r.target for r in self.relationships(part).values() if r.kind == kind), None)

    def add_part(self, owner: str, name: str, data: bytes, *, kind: str, content_type: str) -> None:
        """A new part, `name` seen from the folder of its owner, with a content type and a relationship of the owner's.

        A part that has the name already is none of the owner's: the new one gets another name.
        """
        types, rels = self.read(CONTENT_TYPES), self.read(rels_part(owner))
        taken = {attributes(tag).get("PartName", "").lower() for tag in _OVERRIDE.findall(types)}
        stem, suffix = posixpath.splitext(name)
        folder = posixpath.dirname(owner)
        part, number = posixpath.normpath(posixpath.join(folder, name)), 0
        while self.has(part) or f"/{part}".lower() in taken:
            number += 1
            name = f"{stem}{number}{suffix}"
            part = posixpath.normpath(posixpath.join(folder, name))
        self.write(part, data)
        ids = {attributes(tag).get("Id") for tag in _RELATIONSHIP.findall(rels)}
        number = next(i for i in range(1, len(ids) + 2) if f"rId{i}" not in ids)
        link = f'Relationship Id="rId{number}" Type="{kind}" Target="{name}"'
        self.write(rels_part(owner), _with_child(rels, b"Relationships", link))
        override = f'Override PartName="/{part}" ContentType="{content_type}"'
        self.write(CONTENT_TYPES, _with_child(types, b"Types", override))

    def drop_part(self, owner: str, part: str) -> None:
        """Take a part away, with its content type and the relationship of its owner."""
        part = self._name(part)
        self._changed.pop(part, None)
        if part.lower() in self._names:
            self._dropped.add(part)

        def without(m: re.Match[bytes]) -> bytes:
            a = attributes(m[0])
            internal = a.get("TargetMode") != "External"
            here = self._target(owner, a) if "Target" in a and internal else a.get("PartName", "").lstrip("/")
            return b"" if here.lower() == part.lower() else m[0]

        self.write(rels_part(owner), _RELATIONSHIP.sub(without, self.read(rels_part(owner))))
        self.write(CONTENT_TYPES, _OVERRIDE.sub(without, self.read(CONTENT_TYPES)))

    def save(self, target: Path, *, backup: bool) -> None:
        """Put the package in the place of `target`. Errors: those of `replace_file`."""
        replace_file(target, self._write_zip, backup=backup, check=self._check_unchanged)
        place = Path(os.path.realpath(target))
        if self._stamp and place == self._place:
            self._stamp = _stamp(place)

    def _check_unchanged(self, place: Path) -> None:
        """Somebody else may have saved the file since it was read: their work must not be lost."""
        if self._stamp is None or place != self._place or _stamp(place) in (None, self._stamp):
            return
        if place.read_bytes() != self.data:
            raise CrmXlError("write_failed", path=self.path, why=Told("why_changed"))

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        self._write_zip(out)
        return out.getvalue()

    def _write_zip(self, out: IO[bytes]) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
            for item in self.parts.infos:
                if item.filename in self._dropped:
                    continue
                if item.filename in self._changed:
                    self._store(target, item.filename, item.date_time, item.external_attr)
                else:
                    self._copy_raw(target, item)
            for name in self._changed:
                if name.lower() not in self._names:
                    self._store(target, name, _FIXED_DATE, 0)

    def _store(
        self, target: zipfile.ZipFile, name: str, date: tuple[int, int, int, int, int, int], external: int
    ) -> None:
        info = zipfile.ZipInfo(name, date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = external
        changed = self._changed[name]
        packed = self._ahead.take(name, changed, info) if isinstance(changed, bytes) else None
        if packed is not None:
            self._put(target, info, packed)
            return
        if isinstance(changed, bytes):
            target.writestr(info, changed)
            return
        begin, head = target.start_dir, target.fp
        assert head is not None
        info.header_offset = begin
        info.CRC = info.compress_size = info.file_size = 0
        head.write(info.FileHeader(zip64=False))  # the sizes are known when all is written
        for packed in deflated(changed.stream(), info):
            head.write(packed)
        target.start_dir = head.tell()
        head.seek(begin)
        head.write(info.FileHeader(zip64=False))
        head.seek(target.start_dir)
        target.filelist.append(info)
        target.NameToInfo[name] = info

    def _copy_raw(self, target: zipfile.ZipFile, item: zipfile.ZipInfo) -> None:
        """Copy a member's compressed bytes as they are: faster than packing them again, and exact."""
        info = zipfile.ZipInfo(item.filename, item.date_time)
        info.compress_type, info.external_attr = item.compress_type, item.external_attr
        info.CRC, info.compress_size, info.file_size = item.CRC, item.compress_size, item.file_size
        # sizes stand in the header, so no data descriptor follows
        info.flag_bits = item.flag_bits & ~_DATA_DESCRIPTOR
        self._put(target, info, self.parts.packed(item.filename))

    @staticmethod
    def _put(target: zipfile.ZipFile, info: zipfile.ZipInfo, packed: bytes | memoryview) -> None:
        """A member whose bytes are packed, and whose `info` is whole."""
        out = target.fp
        assert out is not None
        info.header_offset = out.tell()
        out.write(info.FileHeader(zip64=False))
        out.write(packed)
        target.filelist.append(info)
        target.NameToInfo[info.filename] = info
        target.start_dir = out.tell()


def _with_child(xml: bytes, root: bytes, child: str) -> bytes:
    """The XML with an empty element added as the last child of its root."""
    opened = re.search(rb"<((?:[\w.-]+:)?)" + root + rb"\b[^<>]*?(/?)>", xml)
    if opened is None:
        raise CrmXlError("file_not_workbook", path=root.decode(), why="no root element")
    prefix = opened[1]
    new = b"<" + prefix + child.encode() + b"/>"
    closing = b"</" + prefix + root
    if opened[2]:
        return xml[: opened.end() - 2] + b">" + new + closing + b">" + xml[opened.end() :]
    at = xml.rfind(closing)
    if at < 0:
        raise CrmXlError("file_not_workbook", path=root.decode(), why="no end of the root element")
    return xml[:at] + new + xml[at:]


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written: time and size."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
