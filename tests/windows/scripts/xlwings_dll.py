"""xlwings' DLL, called as the add-in's VBA calls it (XLPyLoadDLL, XLPyCommand, XLPy and KillPy)."""

import ctypes
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pythoncom
import win32com.client
from excel_call import OBJECT, TEXT, Caller, Variant

START, END = 1, -1


def load():
    name = f"xlwings64-{version('xlwings')}.dll"
    path = str(Path(sys.executable).with_name(name))
    kernel = ctypes.WinDLL("kernel32")
    kernel.LoadLibraryA.restype = ctypes.c_void_p
    if not kernel.LoadLibraryA(path.encode("mbcs")):
        raise OSError(f"could not load {path}")
    activate = ctypes.WinDLL(name).XLPyDLLActivateAuto
    activate.restype = ctypes.c_long
    activate.argtypes = [ctypes.POINTER(Variant), ctypes.c_char_p, ctypes.c_long]
    return activate


def command():
    """The command of the server: nothing of a workbook in it, so that all workbooks share one Python."""
    tail = " -P -B -c \"import xlwings; xlwings.serve('$(CLSID)')\""
    return f'{os.environ["COMSPEC"]}  /K ""{sys.executable}"{tail}"'


class Server:
    """A Python that the DLL started."""

    def __init__(self, address):
        self.dispatch = pythoncom.ObjectFromAddress(address, pythoncom.IID_IDispatch)
        self._object = win32com.client.dynamic.Dispatch(self.dispatch)
        self.caller = Caller(address, self.dispatch.GetIDsOfNames("CallUDF"))

    def process(self):
        """Its id."""
        return self._object.Var(self._object.Eval("__import__('os').getpid()"))


class Servers:
    """The Pythons that one Excel has, by the command that starts them."""

    def __init__(self):
        pythoncom.CoInitialize()
        self._activate = load()

    def _ask(self, text, mode):
        answer = Variant()
        failed = self._activate(ctypes.byref(answer), text.encode("mbcs"), mode)
        if failed:
            said = ctypes.wstring_at(answer.content.pointer) if answer.kind == TEXT else ""
            raise OSError(f"{failed & 0xFFFFFFFF:#x} {said}")
        return answer

    def start(self, text):
        """XLPy(): the server of a command, started where it does not run yet."""
        answer = self._ask(text, START)
        assert answer.kind == OBJECT, answer.kind
        return Server(answer.content.pointer)

    def end(self, text):
        """KillPy()."""
        self._ask(text, END)
