"""pywin32 as far as xlwings needs it to be imported on Linux: its code for Windows then runs as it stands.

Only names are stubbed; nothing of xlwings is replaced but its decorators, which do nothing elsewhere.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import sys
from functools import cache
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

_STUBS = (
    "win32api", "win32con", "win32gui", "win32process", "win32timezone", "win32event", "win32clipboard",
    "winerror", "win32com", "win32com.server", "win32com.server.util", "win32com.server.policy",
    "win32com.server.dispatcher",
)  # fmt: skip


class ComError(Exception):
    """pywintypes.com_error."""


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


@cache
def windows_xlwings() -> ModuleType:
    """xlwings with its code for Windows imported and its decorators at work."""
    if sys.platform != "win32":
        for name in _STUBS:
            sys.modules.setdefault(name, MagicMock())
        kinds = {n: type(n, (), {}) for n in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")}
        dispatch = {n: MagicMock() for n in ("DispatchEx", "gencache", "VARIANT", "dynamic")}
        client = _module("win32com.client", Dispatch=lambda x, *_, **__: x, **kinds, **dispatch)
        sys.modules["win32com"].client = client  # type: ignore[attr-defined]
        sys.modules["win32com.client.dynamic"] = client.dynamic
        _module("pywintypes", com_error=ComError, TimeType=type("TimeType", (), {}), IID=lambda x: x)
        com = _module("pythoncom", com_error=ComError, CoInitialize=lambda *_: None)
        com.__getattr__ = lambda _: MagicMock()  # type: ignore[method-assign]
        for name in ("windll", "oledll", "WinDLL", "PyDLL"):
            setattr(ctypes, name, MagicMock())
        ctypes.WINFUNCTYPE = ctypes.CFUNCTYPE  # type: ignore[attr-defined]
        ctypes.HRESULT = ctypes.c_long  # type: ignore[attr-defined]
        ctypes.WinError = OSError  # type: ignore[attr-defined]
    import xlwings

    windows = importlib.import_module("xlwings._xlwindows")
    xlwings._xlwindows = windows
    udfs = importlib.import_module("xlwings.udfs")
    if "excel" not in [e.name for e in xlwings.engines]:
        xlwings.engines.add(xlwings.Engine(impl=windows.engine))
        xlwings.engines.active = xlwings.engines["excel"]
    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
    sys.modules["xlwings.com_server"] = _module("xlwings.com_server", loop=asyncio.new_event_loop())
    return xlwings


@cache
def udf_module() -> ModuleType:
    """crm_xl.excel.udfs as the function server has it."""
    windows_xlwings()
    sys.modules.pop("crm_xl.excel.udfs", None)
    return importlib.import_module("crm_xl.excel.udfs")


def call_udf(name: str, args: tuple[Any, ...]) -> Any:
    """One call as VBA makes it: no workbook and no caller go with it."""
    udf_module()
    return sys.modules["xlwings.udfs"].call_udf("crm_xl.excel.udfs", name, args, None, None)
