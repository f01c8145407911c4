"""Names of files from the names of people, safe on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')
"""What Windows refuses, and marks that cannot be seen or that turn a name around."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_LONGEST = 120
"""Bytes of UTF-8: a file's name may have 255, and the helpers of saving add to it."""


def file_names(people: Sequence[str], suffix: str, nobody: str) -> list[str]:
    """A file name for each, all different also where case or the form of accents does not count. `nobody` stands for a
    name of which nothing is left."""
    taken: set[str] = set()
    names = []
    for person in people:
        stem = _stem(person) or nobody
        name, number = stem + suffix, 1
        while _folded(name) in taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        taken.add(_folded(name))
        names.append(name)
    return names


def _stem(person: str) -> str:
    text = unicodedata.normalize("NFC", person.encode("utf-8", "ignore").decode())
    text = " ".join(_FORBIDDEN.sub("_", text).split())
    text = text.encode()[:_LONGEST].decode("utf-8", "ignore")
    # ~$ is how Excel begins the name of a lock file, a dot hides a file
    text = text.lstrip(".~$ ").rstrip(". ")
    if not text.strip("_"):
        return ""
    return f"_{text}" if _RESERVED.fullmatch(text) else text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()
