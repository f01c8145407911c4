"""Excel while we work in it: quiet, put back afterwards, its refusals told in plain words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import xlwings

from crm_xl.errors import CrmXlError

MANUAL = -4135
"""XlCalculation.xlCalculationManual."""
_BUSY = frozenset({0x80010001, 0x8001010A, 0x800AC472})
"""Call rejected, call to be made later, Excel ignores calls: a cell is in edit mode, a dialog is open."""
_GONE = frozenset({0x800706BA, 0x800706BE, 0x80010108})
"""The server is unavailable, the call failed, the object is disconnected: Excel was closed."""
_UNKNOWN = frozenset({0x80020003, 0x80020006})
"""Member not found, unknown name."""
_ATTEMPTS = 2000
"""How often xlwings repeats a call that Excel rejects; left alone it repeats it for ever."""


def com_error() -> type[Exception]:
    """The exception that pywin32 raises for a refusal of Excel; elsewhere one that nothing raises."""
    try:
        error: type[Exception] = importlib.import_module("pywintypes").com_error
    except ImportError:
        return _NoCom
    return error


def is_unknown_name(error: Exception) -> bool:
    """Whether Excel says that it has no such property."""
    return bool(_codes(error) & _UNKNOWN)


def is_busy(error: Exception) -> bool:
    """Whether Excel did not take the call at all, or is gone."""
    return bool(_codes(error) & (_BUSY | _GONE))


class _NoCom(Exception):
    pass


def _codes(error: Exception) -> set[int]:
    """All numbers of a COM error: its HRESULT, and Excel's own inside."""
    hresult, _, details = (*error.args, None, None, None)[:3]
    codes = [hresult, *(details or ())[-1:]]
    return {code & 0xFFFFFFFF for code in codes if isinstance(code, int)}


def _words(error: Exception) -> str:
    """What Excel itself says."""
    details = (*error.args, None, None, None)[2]
    told = details[2] if details and len(details) > 2 else None
    return str(told or (error.args[1] if len(error.args) > 1 else error)).strip()


@contextmanager
def told() -> Iterator[None]:
    """Refusals of Excel as messages. Errors: excel_busy, excel_gone, excel_refused."""
    try:
        yield
    except com_error() as error:
        codes = _codes(error)
        if codes & _BUSY:
            raise CrmXlError("excel_busy") from error
        if codes & _GONE:
            raise CrmXlError("excel_gone") from error
        raise CrmXlError("excel_refused", why=_words(error)) from error
    except Exception as error:
        if type(error).__name__ == "ExcelBusyError":
            raise CrmXlError("excel_busy") from error
        raise


@contextmanager
def patient() -> Iterator[None]:
    """A call that Excel rejects is repeated for a while, not for ever."""
    windows = getattr(xlwings, "_xlwindows", None)
    if windows is None:
        yield
        return
    before = windows.N_COM_ATTEMPTS
    windows.N_COM_ATTEMPTS = _ATTEMPTS
    try:
        yield
    finally:
        windows.N_COM_ATTEMPTS = before


@contextmanager
def quiet(app: xlwings.App) -> Iterator[int]:
    """Excel neither draws, nor calculates, nor fires events, nor fills columns by itself meanwhile.

    What was set before is set again, whatever happens; so is the status bar. Gives how Excel calculated.
    """
    api = app.api
    calculation = int(api.Calculation)
    with ExitStack() as stack:
        stack.callback(_restored, api, "StatusBar", False)
        for name, value in (("ScreenUpdating", False), ("EnableEvents", False), ("Calculation", MANUAL)):
            _set(stack, api, name, value)
        _set(stack, api.AutoCorrect, "AutoFillFormulasInLists", False)
        yield calculation


def _set(stack: ExitStack, owner: Any, name: str, value: object) -> None:
    before = getattr(owner, name)
    if before != value:
        stack.callback(_restored, owner, name, before)
        setattr(owner, name, value)


def _restored(owner: Any, name: str, value: object) -> None:
    with suppress(com_error()):  # one that fails must not keep the others from being put back
        setattr(owner, name, value)


def progress(app: xlwings.App, text: str) -> None:
    """A line in Excel's status bar."""
    app.api.StatusBar = text
