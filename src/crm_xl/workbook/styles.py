"""What the writer needs to know of styles: which cell formats are unlocked, which wrap text."""

from __future__ import annotations

import re

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_FORMATS = re.compile(rb"<(" + _P + rb")cellXfs\b[^<>]*>(.*?)(?:</\1cellXfs>|\Z)", re.DOTALL)
_FORMAT = re.compile(rb"<(" + _P + rb")xf\b[^<>]*?(?:/>|>(.*?)(?:</\1xf>|\Z))", re.DOTALL)
_UNLOCKED = re.compile(rb"<" + _P + rb"protection\b[^<>]*\slocked=[\"'](?:0|false)[\"']")
_WRAPS = re.compile(rb"\swrapText=[\"'](?:1|true)[\"']")


def unlocked_styles(styles: bytes) -> set[int]:
    """Indexes of the *unlocked* cell formats: on a protected sheet only these may be written."""
    return _formats_with(_UNLOCKED, styles)


def wrapping_styles(styles: bytes) -> set[int]:
    """Indexes of the cell formats that wrap text."""
    return _formats_with(_WRAPS, styles)


def _formats_with(mark: re.Pattern[bytes], styles: bytes) -> set[int]:
    formats = _FORMATS.search(styles)
    if formats is None:
        return set()
    return {i for i, m in enumerate(_FORMAT.finditer(formats[2])) if m[2] and mark.search(m[2])}
