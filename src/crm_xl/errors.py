"""Errors that a person reads: a message key with its values, told in their language."""

from __future__ import annotations

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message


class CrmXlError(Exception):
    """Something could not be done. `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def text(self, lang: Lang = "zh") -> str:
        return message(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.text("en")


class Refused(CrmXlError):
    """Wrong usage, or something that we will not do (target exists, open in Excel)."""

    exit_code = 2
