"""Masking of personal and company data, in the documents' own style (domain.md §9)."""

from __future__ import annotations

import re

KINDS = ("auto", "name", "company", "phone", "email", "id", "address")

_SURNAMES = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠"
    " 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐"
)
_COMPOUND = tuple(_SURNAMES.split())
_TITLES = ("总经理", "董事长", "经理", "总监", "主任", "主管", "老师", "医生", "先生", "女士", "小姐", "总", "工")
_SUFFIXES = re.compile(
    r"((?:股份|集团|科技|贸易|商贸|实业)*(?:有限责任公司|股份有限公司|有限公司|公司|集团|厂|店|中心|医院|学校|大学)"
    r"|,?\s+(?:Inc|Ltd|LLC|GmbH|Corp|Co\.?,?\s*Ltd|PLC|SA|AG)\.?)$",
    re.IGNORECASE,
)
_LONGEST_SUFFIX = 60
"""Characters. Looked for in the end of a text only: in a text of 30,000 it would take seconds."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID = re.compile(r"\d{17}[\dXx]|\d{15}")
_MOBILE = re.compile(r"(\+?86[- ]?)?(1[3-9]\d)(\d{4})(\d{4})")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))-?(\d{3,4})(\d{4})")
_DISTRICT = re.compile(r"^.*?(?:(?<!自治)区|[县旗]|(?<=.)市(?!.*(?:(?<!自治)区|[县旗])))")


def mask(text: str, kind: str = "auto") -> str:
    """`text` masked as `kind` (see KINDS); text that is masked already stays."""
    text = text.strip()
    if not text or "*" in text:
        return text
    chosen = _guess(text) if kind == "auto" else kind
    return _MASKS[chosen](text)


def _guess(text: str) -> str:
    if _EMAIL.fullmatch(text):
        return "email"
    if _ID.fullmatch(text):
        return "id"
    if re.fullmatch(r"[\d+() -]{7,}", text):
        return "phone"
    if _suffix(text):
        return "company"
    if len(text) > 6 and _DISTRICT.match(text):
        return "address"
    return "name"


def _name(text: str) -> str:
    if " " in text and text.isascii():
        return " ".join(word[0] + "*" * max(1, len(word) - 1) for word in text.split())
    keep = 2 if text.startswith(_COMPOUND) else 1
    for title in _TITLES:
        if text.endswith(title) and len(text) > len(title):
            return text[: min(keep, len(text) - len(title))] + "*" + title
    return text[:keep] + "*" * max(1, len(text) - keep)


def _suffix(text: str) -> re.Match[str] | None:
    """The words at the end of a name that say what kind of company it is."""
    return _SUFFIXES.search(text, max(0, len(text) - _LONGEST_SUFFIX))


def _company(text: str) -> str:
    found = _suffix(text)
    stem = text[: found.start()] if found else text
    tail = text[len(stem) :]
    return "*" * min(4, max(1, len(stem))) + stem[4:] + tail


def _phone(text: str) -> str:
    compact = re.sub(r"[\s()]", "", text)
    if found := _MOBILE.fullmatch(compact.replace("-", "")):
        return f"{found[1] or ''}{found[2]}****{found[4]}"
    if found := _LANDLINE.fullmatch(compact):
        return f"{found[1]}-****{found[3]}"
    digits = [i for i, ch in enumerate(text) if ch.isdigit()]
    hidden = set(digits[len(digits) // 3 : max(len(digits) // 3 + 1, len(digits) - 4)])
    return "".join("*" if i in hidden else ch for i, ch in enumerate(text))


def _email(text: str) -> str:
    user, at, host = text.partition("@")
    return f"{user[:1]}***{at}{host}" if at else _name(text)


def _id(text: str) -> str:
    if len(text) <= 10:
        return text[:1] + "*" * max(1, len(text) - 2) + text[-1:] if len(text) > 1 else "*"
    return text[:6] + "*" * (len(text) - 10) + text[-4:]


def _address(text: str) -> str:
    found = _DISTRICT.match(text)
    return text[: found.end()] + "****" if found and found.end() < len(text) else text[:3] + "****"


_MASKS = {"name": _name, "company": _company, "phone": _phone, "email": _email, "id": _id, "address": _address}
