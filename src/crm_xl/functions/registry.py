"""The registry: every worksheet function with its arguments, for whichever host offers them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.functions import ARGUMENTS, FUNCTIONS

from .call import Stop

_P = Callable[..., Any]


class Argument(NamedTuple):
    name: str
    required: bool
    default: Any
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class WorksheetFunction:
    """A worksheet function. `whole_column`: its answer for a row depends on all rows."""

    name: str
    call: Callable[..., Any]
    arguments: tuple[Argument, ...]
    category: str
    zh: str
    en: str
    whole_column: bool

    @property
    def signature(self) -> str:
        parts = [a.name if a.required else f"[{a.name}]" for a in self.arguments]
        return f"{self.name}({', '.join(parts)})"

    def text(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


REGISTRY: dict[str, WorksheetFunction] = {}


def worksheet_function(category: str, *, whole_column: bool = False) -> Callable[[_P], _P]:
    """Register a function; a call that cannot be answered at all gives #VALUE!."""

    def register(body: _P) -> _P:
        @wraps(body)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return body(*args, **kwargs)
            except Stop as stop:
                return stop.answer

        zh, en = FUNCTIONS[body.__name__]
        arguments = tuple(
            Argument(
                p.name,
                p.default is inspect.Parameter.empty,
                None if p.default is inspect.Parameter.empty else p.default,
                *ARGUMENTS[p.name],
            )
            for p in inspect.signature(body).parameters.values()
        )
        REGISTRY[body.__name__] = WorksheetFunction(body.__name__, call, arguments, category, zh, en, whole_column)
        return call

    return register
