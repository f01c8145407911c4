"""Cell values <-> the XML of a cell: types, shared strings, escapes."""

from __future__ import annotations

import datetime as dt
import math
import re
from html import unescape

from crm_xl.cells import CellError

Value = None | bool | float | int | str | dt.datetime | CellError
"""What a cell holds."""

_EPOCH_1900, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)
_DAY = dt.timedelta(days=1)
LONGEST_TEXT = 32_767
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def encode_text(text: str) -> str:
    """Text as XML content; what XML cannot hold is written as Excel does, _x0001_."""
    text = _LOOKS_ESCAPED.sub("_x005F_", text[:LONGEST_TEXT])
    text = _ILLEGAL.sub(lambda m: f"_x{ord(m[0]):04X}_", text).replace("\r", "_x000D_")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def decode_text(xml: bytes) -> str:
    """The text of XML content."""
    text = unescape(xml.decode("utf-8"))
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def keeps_space(text: str) -> bool:
    """Whether the text needs xml:space="preserve"."""
    return text != text.strip() or "\n" in text or "\t" in text


def to_serial(moment: dt.datetime, date1904: bool) -> float:
    """Excel's serial number of a date."""
    if date1904:
        return (moment - _EPOCH_1904) / _DAY
    serial = (moment - _EPOCH_1900) / _DAY
    return serial if serial >= 61 else serial - 1


def number_text(value: float | int) -> str:
    """A number as Excel writes it: whole ones without a point, else the shortest exact form."""
    if isinstance(value, int):
        return str(value)
    if value == math.floor(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def plain(value: object, date1904: bool = False) -> Value:
    """A value as it is compared and stored: dates as serials, NaN as empty, numpy scalars as Python's."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, dt.datetime):
        return None if value != value else to_serial(value.replace(tzinfo=None), date1904)
    if isinstance(value, dt.date):
        return to_serial(dt.datetime(value.year, value.month, value.day), date1904)
    if hasattr(value, "item"):
        return plain(value.item(), date1904)
    if isinstance(value, (int, float)):
        number = float(value) if isinstance(value, float) or abs(value) >= 2**53 else value
        if isinstance(number, float) and not math.isfinite(number):
            return None if math.isnan(number) else CellError("#NUM!")
        return number
    return str(value)


class SharedStrings:
    """The shared strings part: existing bytes stay, new texts are appended."""

    _ITEM = re.compile(rb"<((?:[\w.-]+:)?)si\b[^>]*?(?:/>|>(.*?)</\1si>)", re.DOTALL)
    _PHONETIC = re.compile(rb"<((?:[\w.-]+:)?)rPh\b.*?</\1rPh>", re.DOTALL)
    _TEXT = re.compile(rb"<((?:[\w.-]+:)?)t\b[^>]*?(?:/>|>(.*?)</\1t>)", re.DOTALL)
    _RICH = re.compile(rb"<(?:[\w.-]+:)?r\b")
    _ROOT = re.compile(rb"<((?:[\w.-]+:)?)sst\b[^>]*?(/?)>")

    def __init__(self, xml: bytes | None) -> None:
        self.xml = xml or (
            b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
            b' count="0" uniqueCount="0"></sst>'
        )
        root = self._ROOT.search(self.xml)
        self._prefix = root[1] if root else b""
        self.texts: list[str] = []
        self._index: dict[str, int] = {}
        for item in self._ITEM.finditer(self.xml):
            body = self._PHONETIC.sub(b"", item[2] or b"")
            text = "".join(decode_text(t[2] or b"") for t in self._TEXT.finditer(body))
            if not self._RICH.search(body):
                self._index.setdefault(text, len(self.texts))
            self.texts.append(text)
        self._known = len(self.texts)
        self.references = 0
        """By how many the cells that use a shared string have grown."""

    def index(self, text: str) -> int:
        """The number of a text, appended if it is new."""
        found = self._index.get(text)
        if found is None:
            found = self._index[text] = len(self.texts)
            self.texts.append(text)
        return found

    def render(self) -> bytes:
        """The part with the new texts and the right counts."""
        p = self._prefix.decode()
        items = []
        for text in self.texts[self._known :]:
            space = ' xml:space="preserve"' if keeps_space(text) else ""
            items.append(f"<{p}si><{p}t{space}>{encode_text(text)}</{p}t></{p}si>")
        if not items and not self.references:
            return self.xml
        root = self._ROOT.search(self.xml)
        assert root is not None
        tag = self._counted(root[0])
        body, end = self.xml[root.end() :], b"</" + self._prefix + b"sst>"
        if root[2]:
            tag, body = tag[:-2] + b">", end + body
        cut = body.rfind(end)
        return self.xml[: root.start()] + tag + body[:cut] + "".join(items).encode() + body[cut:]

    def _counted(self, tag: bytes) -> bytes:
        tag = re.sub(rb'(\suniqueCount=")\d+', lambda m: m[1] + str(len(self.texts)).encode(), tag)
        return re.sub(rb'(\scount=")(\d+)', lambda m: m[1] + str(int(m[2]) + self.references).encode(), tag)
