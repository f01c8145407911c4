"""Cell values <-> the XML of a cell: types, shared strings, escapes."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

from crm_xl.cells import CellError, small_number
from crm_xl.errors import CrmXlError

Value = None | bool | float | int | str | CellError
"""What a cell holds; a date is its serial number."""

_EPOCH_1900, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)
_DAY = dt.timedelta(days=1)
LONGEST_TEXT = 32_767
"""UTF-16 units, as Excel counts."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_SURROGATES = re.compile("[\ud800-\udfff]")


def unescape(text: str) -> str:
    """XML's own entities and nothing else: html.unescape would also read &copy and remap &#128;."""

    def character(m: re.Match[str]) -> str:
        if m[3]:
            return _NAMED[m[3]]
        code = int(m[1], 16) if m[1] else int(m[2])
        return chr(code) if code <= 0x10FFFF else m[0]

    return _ENTITY.sub(character, text) if "&" in text else text


def escape(text: str) -> str:
    """Text as XML content, without the escapes that only cells know."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encode_text(text: str) -> str:
    """Text as a cell's XML content; what XML cannot hold is written as Excel does, _x0001_."""
    if not _SPECIAL.search(text):
        return text
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(_ILLEGAL.sub(lambda m: f"_x{ord(m[0]):04X}_", text).replace("\r", "_x000D_"))


def decode_escapes(text: str) -> str:
    """_x0001_ -> the character that it stands for."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    if _SURROGATES.search(text):  # the two halves of an emoji may have been escaped one by one
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def decode_text(xml: bytes) -> str:
    """The text of a cell's XML content."""
    text = xml.decode("utf-8")
    if "\r" in text:  # an XML reader sees every line end as \n
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return decode_escapes(unescape(text))


def keeps_space(text: str) -> bool:
    """Whether the text needs xml:space="preserve"."""
    return text != text.strip() or "\n" in text or "\t" in text


def cut_text(text: str) -> str:
    """As much of the text as a cell can hold."""
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    end = LONGEST_TEXT
    if 0xD8 <= units[2 * end - 1] < 0xDC:  # the first half of a pair
        end -= 1
    return units[: 2 * end].decode("utf-16-le", "surrogatepass")


def to_serial(moment: dt.datetime, date1904: bool) -> float:
    """Excel's serial number of a date."""
    if date1904:
        return (moment - _EPOCH_1904) / _DAY
    serial = (moment - _EPOCH_1900) / _DAY
    return serial if serial >= 61 else serial - 1  # Excel counts a 29 February 1900


def number_text(value: float | int) -> str:
    """A number as Excel writes it: whole ones without a point, else the shortest exact form."""
    if isinstance(value, int):
        return str(value)
    if abs(value) < 1e15 and value == math.floor(value):
        return str(int(value))
    return repr(float(value))


def plain(value: object, date1904: bool = False) -> Value:
    """A value as it is compared and stored: dates as serials, NaN as empty, numpy scalars as Python's."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, CellError)):
        return value
    if isinstance(value, str):
        return cut_text(str(value))
    if isinstance(value, (float, int, Decimal)):
        return _number(value)
    if isinstance(value, dt.datetime):
        return to_serial(value.replace(tzinfo=None), date1904)
    if isinstance(value, dt.date):
        return to_serial(dt.datetime(value.year, value.month, value.day), date1904)
    if isinstance(value, dt.timedelta):
        return value / _DAY
    if isinstance(value, dt.time):
        return dt.timedelta(0, value.second, value.microsecond, 0, value.minute, value.hour) / _DAY
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return plain(value.astype(f"{value.dtype.kind}8[us]").item(), date1904)
    if isinstance(value, np.generic):
        return plain(value.item(), date1904)
    return cut_text(str(value))


def _number(value: float | int | Decimal) -> Value:
    if isinstance(value, int) and abs(value) < 2**53:
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        return CellError("#NUM!")
    if math.isfinite(number):
        return number
    return None if math.isnan(number) else CellError("#NUM!")


_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^<>]*\?>\s*)*")


_FEW_ITEMS = 10_000


class SharedStrings:
    """The shared strings part: existing bytes stay, new texts are appended.

    Items are kept as they stand and decoded when they are asked for: a book of 100,000 customers has
    half a million of them. Error: file_not_workbook.
    """

    _ITEM = re.compile(rb"<((?:[\w.-]+:)?)si\b[^<>]*?(?:/>|>(.*?)(?:(</)\1si\s*>|\Z))", re.DOTALL)
    _PHONETIC = re.compile(rb"<((?:[\w.-]+:)?)rPh\b.*?(?:</\1rPh\s*>|\Z)", re.DOTALL)
    _TEXT = re.compile(rb"<((?:[\w.-]+:)?)t\b[^<>]*?(?:/>|>([^<]*)</\1t\s*>)")
    _OPENING = re.compile(rb"<(?:[\w.-]+:)?si\b")
    _RICH = re.compile(rb"<(?:[\w.-]+:)?r\b")
    _ROOT = re.compile(rb"<((?:[\w.-]+:)?)sst\b[^<>]*?(/?)>")

    def __init__(self, xml: bytes | None) -> None:
        self.xml = xml or (
            b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
            b' count="0" uniqueCount="0"></sst>'
        )
        root = self._ROOT.search(self.xml)
        plain = root is not None and _PROLOG.fullmatch(self.xml, 0, root.start()) and b"<!" not in self.xml
        other = b":si>" if root is not None and not root[1] else b"<si>"
        behind = self.xml[self.xml.find(b"</" + root[1] + b"sst") :] if root is not None and not root[2] else b""
        # CDATA may hold what looks like markup, and behind the end of the list nothing counts
        if root is None or not plain or other in self.xml or behind.find(b">") != len(behind.rstrip()) - 1:
            raise CrmXlError("file_not_workbook", path="sharedStrings.xml", why="no plain list of texts")
        self._root = root
        self._end = root.end()
        """Behind the last item: a list of extensions may follow."""
        self._items = self._split()
        self._texts: dict[int, str] = {}
        self._sought: set[str] = set()
        self._all_known = False
        self._index: dict[str, int] = {}
        """The texts among those sought that are there, and the new ones."""
        self._new: list[str] = []
        self.references = 0
        """By how many the cells that use a shared string have grown."""

    def __len__(self) -> int:
        return len(self._items) + len(self._new)

    def _split(self) -> list[bytes]:
        """The content of every item."""
        start = self._root.end()
        first, last = self.xml.find(b"<si>", start), self.xml.rfind(b"</si>")
        count = 0 if self.xml[start:first].strip() else self.xml.count(b"<si>")
        if count and self.xml.count(b"<si") == count == self.xml.count(b"</si><si>") + 1:
            self._end = last + 5  # one behind another, as Excel writes them
            return self.xml[first + 4 : last].split(b"</si><si>")
        items = []
        for item in self._ITEM.finditer(self.xml, start):
            if item[1] != self._root[1]:  # no text to a reader who knows namespaces: it would not count it
                raise CrmXlError("file_not_workbook", path="sharedStrings.xml", why="no plain list of texts")
            if item[2] is not None and (not item[3] or self._OPENING.search(item[2])):
                raise CrmXlError("file_not_workbook", path="sharedStrings.xml", why="a text that does not end")
            items.append(item[2] or b"")
            self._end = item.end()
        return items

    def _decoded(self, item: bytes) -> str:
        body = self._PHONETIC.sub(b"", item)
        return "".join(decode_text(t[2] or b"") for t in self._TEXT.finditer(body))

    def index(self, text: str) -> int:
        """The number of a text, appended if it is new."""
        found = self.find(text)
        if found is None:
            found = self._index[text] = len(self._items) + len(self._new)
            self._new.append(text)
        return found

    def indexes(self, texts: Collection[str]) -> list[int]:
        """`index` of many texts."""
        self.seek(lambda: texts)
        numbers, new = self._index, self._new
        end = len(self._items)
        for text in texts:
            if text not in numbers:
                numbers[text] = end + len(new)
                new.append(text)
        return [numbers[text] for text in texts]

    def find(self, text: str) -> int | None:
        """The number of a text that is there; None if it is new. One formatted in parts does not count."""
        found = self._index.get(text)
        if found is None and not self._all_known and text not in self._sought:
            self.seek(lambda: (text,))
            found = self._index.get(text)
        return found

    def seek(self, texts: Callable[[], Iterable[str]]) -> None:
        """Learn the numbers of these texts, in one pass over all items: half a million of them are not
        indexed for the few labels that a refresh writes. A few items are all indexed, once."""
        if self._all_known:
            return
        self._all_known = len(self._items) <= _FEW_ITEMS
        sought = set() if self._all_known else set(texts()) - self._sought
        if not sought and not self._all_known:
            return
        self._sought |= sought
        p = self._root[1]
        plain = {b"<" + p + b"t>" + encode_text(t).encode() + b"</" + p + b"t>": t for t in sought}
        found: dict[str, int] = {}
        for i, item in enumerate(self._items):
            if item in plain:
                found.setdefault(plain[item], i)
            elif self._all_known and not self._RICH.search(item):
                found.setdefault(self._decoded(item), i)
        for i, text in self._odd if sought else ():
            if text in sought:
                found[text] = min(i, found.get(text, i))
        self._index |= found

    @cached_property
    def _odd(self) -> list[tuple[int, str]]:
        """The items that may spell a text in another way than we do, but for those formatted in parts."""
        p = self._root[1]
        opening, closing = b"<" + p + b"t>", b"</" + p + b"t>"
        count, xml = len(self._items), self.xml
        if xml.count(b"<si><t>") == xml.count(b"</t></si>") == xml.count(b"<t") == count:
            escaped = _NEEDS_DECODING.search if b"&" in xml or b"_x" in xml else None
            return [(i, self._decoded(item)) for i, item in enumerate(self._items) if escaped(item)] if escaped else []
        first, last = len(opening), -len(closing)
        return [
            (i, self._decoded(item))
            for i, item in enumerate(self._items)
            if (
                not item.startswith(opening)
                or b"<" in (content := item[first:last])
                or b"&" in content
                or b"_x" in content
            )
            and not self._RICH.search(item)
        ]

    def text(self, index: bytes) -> str | None:
        """The text with a number; None for a number that there is not."""
        i = small_number(index.strip())
        if i is None or i >= len(self):
            return None
        if i >= len(self._items):
            return self._new[i - len(self._items)]
        if i not in self._texts:
            self._texts[i] = self._decoded(self._items[i])
        return self._texts[i]

    def render(self) -> bytes:
        """The part with the new texts and the right counts."""
        p = self._root[1].decode()
        items = []
        for text in self._new:
            space = ' xml:space="preserve"' if keeps_space(text) else ""
            items.append(f"<{p}si><{p}t{space}>{encode_text(text)}</{p}t></{p}si>")
        if not items and not self.references:
            return self.xml
        start, end = self._root.span()
        tag, between, rest = self._counted(self._root[0]), self.xml[end : self._end], self.xml[self._end :]
        if self._root[2]:  # <sst/>
            tag, rest = tag[:-2] + b">", b"</" + self._root[1] + b"sst>" + rest
        return self.xml[:start] + tag + between + "".join(items).encode() + rest

    def _counted(self, tag: bytes) -> bytes:
        tag = re.sub(rb'(\suniqueCount=["\'])\d+', lambda m: m[1] + str(len(self)).encode(), tag)
        return re.sub(
            rb'(\scount=["\'])(\d{1,9})(?=["\'])',
            lambda m: m[1] + str(max(0, int(m[2]) + self.references)).encode(),
            tag,
        )


_NEEDS_DECODING = re.compile(b"&|_x")
_SHORT = 16_000


def plain_column(values: Sequence[object], date1904: bool) -> list[Value]:
    """`plain` for a whole column."""
    kinds = set(map(type, values))
    if (kinds == {float} and all(map(math.isfinite, values))) or (kinds == {str} and max(map(len, values)) <= _SHORT):  # type: ignore[arg-type]
        return list(values)  # type: ignore[arg-type]
    serials: dict[dt.datetime, Value] = {}

    def other(value: object) -> Value:
        if type(value) is not dt.datetime:
            return plain(value, date1904)
        if value not in serials:
            serials[value] = plain(value, date1904)
        return serials[value]

    return [
        v
        if v is None
        or (type(v) is str and len(v) <= _SHORT)
        or (type(v) is float and v - v == 0.0)  # neither NaN nor infinite
        else other(v)
        for v in values
    ]
