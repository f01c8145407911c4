"""Contact data in cells that leave the house: whole cells masked, texts rid of what stands within them.

`masking.mask` is for one value in the form that its kind has. Cells of real books hold several, or a name beside
a phone; here nothing of them is left in the open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Set

from .masking import mask

_SEVERAL = re.compile(r"([;；,，、/|\r\n]+)")
_APART = re.compile(r"[;；,，、/|()（）\r\n]+")
_MAILS = re.compile(r"([\s<>()（）;；,，、/|]+)")
_WORDS = re.compile(r"([^\W\d_]+\*+|[^\W\d_]{2,})")
_NARROW = str.maketrans("０１２３４５６７８９＠＋－．", "0123456789@+-.")
_EMAIL = r"[\w.%+'-]{1,64}@[\w-]+(?:\.[\w-]+)+"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ID = rf"(?<!\d)\d{{6}}(?:(?:19|20)\d\d{_DAY}\d{{3}}[\dXx]|\d\d{_DAY}\d{{3}})(?!\d)"
"""A citizen's: the birthday in the middle tells it from numbers of orders and companies."""
_PHONE = (
    r"(?<!\d)(?:\+?86[ .-]?)?1[3-9](?:[ .-]?\d){9}(?!\d)"
    r"|(?<!\d)\(?0\d{2,3}\)?[ -]?\d{7,8}(?!\d)"
    r"|\+\d(?:[ ()-]?\d){7,14}(?!\d)"
)
_EMBEDDED = re.compile(f"(?P<email>{_EMAIL})|(?P<id>{_ID})|(?P<phone>{_PHONE})")
_PHONES = re.compile(_PHONE)
_MOBILE_DIGITS = 11
_HIDDEN = 4
"""Digits of a phone that are masked at least, as in 138****5678."""


def masked(text: str, kind: str) -> str:
    """A cell masked as `kind`: name, company, phone, email, id or address; each of several values in it.

    What is masked already stays; an asterisk behind a whole name or number does not keep it from being masked.
    """
    if kind == "phone":
        shown = _each(_SEVERAL, text.translate(_NARROW), _phones)
    elif kind == "email":
        shown = _each(_MAILS, text.translate(_NARROW), lambda part: _whole(part, kind))
    elif kind in ("name", "id"):
        shown = _each(_SEVERAL, text, lambda part: _whole(part, kind))
    else:
        shown = _whole(text, kind)
    return scrubbed(shown)


def _each(between: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Every value of a cell changed; what stands between them stays."""
    return "".join(part if i % 2 else change(part) for i, part in enumerate(between.split(text)))


def _whole(text: str, kind: str) -> str:
    # `mask` leaves alone what has an asterisk: a masked value with its asterisks filled in is masked to itself again
    return mask(text.replace("*", "0" if kind in ("phone", "id") else "x"), kind)


def _phones(text: str) -> str:
    """Numbers as phones, and words beside them as names."""
    parts = _WORDS.split(text)
    return "".join(_whole(part, "name") if i % 2 else _phone(part) for i, part in enumerate(parts))


def _phone(text: str) -> str:
    if not any(ch.isdigit() for ch in text):
        return text
    shown = _whole(text, "phone")
    if shown.count("*") >= _HIDDEN:
        return shown
    filled = text.replace("*", "0")  # short numbers: all but the last ones
    digits = [i for i, ch in enumerate(filled) if ch.isdigit()]
    hidden = set(digits[: max(_HIDDEN, len(digits) - _HIDDEN)])
    return "".join("*" if i in hidden else ch for i, ch in enumerate(filled))


def names_in(text: str) -> list[str]:
    """The cell of a name, and the names in it: several, or one with a remark in brackets. A Latin name is not taken
    apart at its blanks."""
    parts = [part.strip() for part in _APART.split(text)]
    return list(
        dict.fromkeys([text, *(name for part in parts for name in ([part] if part.isascii() else part.split()))])
    )


def scrubbed(text: str) -> str:
    """A text in which e-mail addresses, citizens' ids (15 or 18 digits) and phones (mobile, with area code, or with +)
    are masked; all else stays."""
    if not any(ch.isdigit() or ch in "@＠" for ch in text):
        return text
    narrow = text.translate(_NARROW)
    changed = _EMBEDDED.sub(
        lambda m: _phone(m[0]) if m.lastgroup == "phone" else _whole(m[0], str(m.lastgroup)), narrow
    )
    return text if changed == narrow else changed


def phones_in(text: str) -> list[str]:
    """The phones that a text mentions (mobile, with area code, or with +), as digits without the country code 86."""
    if not any(ch.isdigit() for ch in text):
        return []
    return [plain_phone(m[0]) for m in _PHONES.finditer(text.translate(_NARROW))]


def plain_phone(text: str) -> str:
    """The digits of a phone, without the country code 86."""
    digits = "".join(ch for ch in text.translate(_NARROW) if ch.isdigit())
    return digits[2:] if len(digits) == _MOBILE_DIGITS + 2 and digits.startswith("86") else digits


def without_phones(text: str, known: Set[str]) -> str:
    """A text in which the phones in `known` (as `plain_phone` has them) are masked, however they are written."""
    if known.isdisjoint(phones_in(text)):
        return text
    return _PHONES.sub(lambda m: _phone(m[0]) if plain_phone(m[0]) in known else m[0], text.translate(_NARROW))


class Mentions:
    """Known names, phones and addresses wherever a text mentions them.

    Texts of one character are not looked for. A Latin word or a number counts only as a whole: Ann is not in Annual.
    """

    def __init__(self, known: Mapping[str, str], stays: Collection[str] = ()) -> None:
        """`known`: text -> what is put in its place; `stays`: texts that are left as they are, also where a shorter one
        of `known` is a part of them."""
        self._known = {text: shown for text, shown in known.items() if len(text) > 1 and shown != text}
        self._known |= {text: text for text in stays if len(text) > 1}
        lengths: dict[str, set[int]] = {}
        for text in self._known:
            lengths.setdefault(text[:2], set()).add(len(text))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def replaced(self, text: str) -> str:
        """The text with the longest of what is known replaced at each place."""
        pieces = []
        done = 0
        for at, known in self._found(text):
            pieces += [text[done:at], self._known[known]]
            done = at + len(known)
        return "".join((*pieces, text[done:])) if pieces else text

    def mentioned(self, text: str) -> list[str]:
        """What the text mentions that would be replaced, in order."""
        return [known for _, known in self._found(text) if self._known[known] != known]

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        at = 0
        while at < len(text) - 1:
            found = next((n for n in self._lengths.get(text[at : at + 2], ()) if self._stands(text, at, at + n)), 0)
            if found:
                yield at, text[at : at + found]
            at += found or 1

    def _stands(self, text: str, start: int, end: int) -> bool:
        if end > len(text) or text[start:end] not in self._known:
            return False
        return not (_joined(text[start - 1 : start] + text[start]) or _joined(text[end - 1] + text[end : end + 1]))


def _joined(pair: str) -> bool:
    """Whether two characters belong to one Latin word or number."""
    return len(pair) == 2 and pair.isascii() and pair.isalnum()
