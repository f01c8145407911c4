"""The model of Excel's objects (tests/support/excel_model.py) behind real COM, as Excel's own objects are.

Any process finds it by a window, as xlwings does: XLMAIN > XLDESK > EXCEL7, the last of which answers
WM_GETOBJECT with an object whose Application is the model's.
"""

import ctypes
import re

import excel_types
import pythoncom
import win32api
import win32con
import win32gui
import winerror
from tests.support import excel_model as model
from win32com.server import util
from win32com.server.exception import COMException
from win32com.server.policy import BasicWrapPolicy

PUTS = pythoncom.DISPATCH_PROPERTYPUT | pythoncom.DISPATCH_PROPERTYPUTREF
DISPATCH = pythoncom.TypeIIDs[pythoncom.IID_IDispatch]
TYPES = excel_types.load()
TYPE_NAMES = {
    model.Range: "Range", model.Worksheet: "_Worksheet", model.Workbook: "_Workbook",
    model.Application: "_Application", model.Workbooks: "Workbooks",
}  # fmt: skip
SERVED = tuple(
    thing for thing in vars(model).values() if isinstance(thing, type) and thing.__module__ == model.__name__
)
UNKNOWN_MISTAKE = -2146827284
"""What Excel itself says when it refuses: run-time error 1004."""

SETTINGS = {"ScreenUpdating", "EnableEvents", "Calculation", "StatusBar", "AutoFillFormulasInLists"}
METHODS_THAT_WRITE = {"Resize", "AutoFill"}


class Line:
    """What went over the line to this Excel, and which method it refuses.

    Not a property: of an object whose members no type library describes, pywin32 takes that for a missing one.
    """

    calls = writes = kills = 0
    refuses = ""
    kill = None
    """How the caller is killed, at the write with the number `kills`."""


def outgoing(value):
    """What a caller gets: objects as objects, and a list for a tuple, which a server's answer must not be."""
    if isinstance(value, SERVED):
        return util.wrap(value, usePolicy=Policy)
    return [tuple(row) for row in value] if isinstance(value, tuple) else value


def incoming(value):
    return util.unwrap(value) if isinstance(value, DISPATCH) else value


class Policy(BasicWrapPolicy):
    """Attributes are properties, methods are methods; calling a collection asks for one of its items."""

    def _wrap_(self, thing):
        super()._wrap_(thing)
        self._names = {pythoncom.DISPID_VALUE: "__call__"}

    def _getdispid_(self, name, flags):
        thing = self._obj_
        if name.startswith("_") or not (name in vars(thing) or hasattr(type(thing), name)):
            raise COMException(scode=winerror.DISP_E_UNKNOWNNAME)
        number = 1000 + len(self._names)
        self._names[number] = name
        return self._name_to_dispid_.setdefault(name, number)

    def _invokeex_(self, dispid, lcid, flags, args, named, provider):
        Line.calls += 1
        try:
            return outgoing(self._asked(self._names[dispid], flags, [incoming(a) for a in args]))
        except model.Refusal as refusal:
            raise COMException(str(refusal), UNKNOWN_MISTAKE, "Microsoft Excel") from None

    def _asked(self, name, flags, args):
        thing = self._obj_
        if name in METHODS_THAT_WRITE or (flags & PUTS and name not in SETTINGS):
            Line.writes += 1
            if Line.writes == Line.kills:
                Line.kill()
            if name == Line.refuses:
                raise model.Refusal(f"{name} was refused.")
        if flags & PUTS:
            return setattr(thing, name, *args)
        found = getattr(thing, name)
        if not isinstance(found, SERVED) and callable(found):
            if not flags & pythoncom.DISPATCH_METHOD:
                # a method is not read: the caller then calls it
                raise COMException(scode=winerror.DISP_E_MEMBERNOTFOUND)
            return found(*args)
        return found(*args) if args else found

    def _GetTypeInfoCount_(self):
        return int(type(self._obj_) in TYPE_NAMES)

    def _GetTypeInfo_(self, index, lcid):
        return 0, TYPES[TYPE_NAMES[type(self._obj_)]]


class Window:
    """Window object (Excel), which is what a window of class EXCEL7 answers with."""

    def __init__(self, application):
        self.Application = application


SERVED = (*SERVED, Window)
WM_GETOBJECT, OBJID_NATIVEOM = 0x3D, -16
_oleacc = ctypes.WinDLL("oleacc")
_oleacc.LresultFromObject.restype = ctypes.c_ssize_t
_oleacc.LresultFromObject.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
_DISPATCH_ID = (ctypes.c_byte * 16).from_buffer_copy(bytes(memoryview(pythoncom.IID_IDispatch)))
_classes, _windows = {}, {}


def answered(handle, text, wide, long):
    if handle in _windows and text == WM_GETOBJECT and ctypes.c_long(long & 0xFFFFFFFF).value == OBJID_NATIVEOM:
        return _oleacc.LresultFromObject(ctypes.addressof(_DISPATCH_ID), wide, _windows[handle][1])
    return win32gui.DefWindowProc(handle, text, wide, long)


def show(application):
    """Make the windows of an application; sets its Hwnd."""
    window = outgoing(Window(application))
    address = int(re.search(r"obj at 0x([0-9A-Fa-f]+)", repr(window))[1], 16)
    parent = 0
    for name in ("XLMAIN", "XLDESK", "EXCEL7"):
        if name not in _classes:
            kind = _classes[name] = win32gui.WNDCLASS()
            kind.lpszClassName, kind.lpfnWndProc, kind.hInstance = name, answered, win32api.GetModuleHandle(None)
            win32gui.RegisterClass(kind)
        style = win32con.WS_CHILD if parent else win32con.WS_OVERLAPPEDWINDOW
        instance = _classes[name].hInstance
        parent = win32gui.CreateWindowEx(0, name, name, style, 0, 0, 100, 100, parent, 0, instance, None)
        if name == "XLMAIN":
            application.Hwnd = parent
    _windows[parent] = window, address
