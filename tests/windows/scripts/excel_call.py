"""CallUDF as VBA calls it, variant by variant: pywin32 as a client would send every error as a missing argument.

Cells are those of calls.py: None, floats, texts, booleans, {"error": number}; a range is a list of rows.
"""

import ctypes
import time

import pythoncom

EMPTY, DOUBLE, TEXT, OBJECT, ERROR, BOOLEAN, VARIANT, ARRAY = 0, 5, 8, 9, 10, 11, 12, 0x2000
METHOD = 1
EXCEPTION = -2147352567
_INVOKE = 6  # its place among IDispatch's functions

ole = ctypes.WinDLL("oleaut32")
ole.SysAllocStringLen.restype = ctypes.c_void_p
ole.SysAllocStringLen.argtypes = [ctypes.c_wchar_p, ctypes.c_uint]
ole.SysStringLen.argtypes = ole.SysFreeString.argtypes = ole.VariantClear.argtypes = [ctypes.c_void_p]
ole.SafeArrayCreate.restype = ctypes.c_void_p
ole.SafeArrayCreate.argtypes = [ctypes.c_ushort, ctypes.c_uint, ctypes.c_void_p]
ole.SafeArrayAccessData.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
ole.SafeArrayUnaccessData.argtypes = [ctypes.c_void_p]
_python_of = ctypes.PyDLL(pythoncom.__file__).PyCom_PyObjectFromVariant
_python_of.restype, _python_of.argtypes = ctypes.py_object, [ctypes.c_void_p]


class Content(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_double), ("code", ctypes.c_long), ("truth", ctypes.c_short), ("pointer", ctypes.c_void_p),
    )  # fmt: skip


class Variant(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("content", Content),
        ("_", ctypes.c_void_p),
    )


class Bound(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ulong), ("first", ctypes.c_long))


class Parameters(ctypes.Structure):
    _fields_ = (
        ("given", ctypes.POINTER(Variant)), ("names", ctypes.c_void_p),
        ("count", ctypes.c_uint), ("named", ctypes.c_uint),
    )  # fmt: skip


class Exception_(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort), ("reserved", ctypes.c_ushort), ("source", ctypes.c_void_p),
        ("description", ctypes.c_void_p), ("help", ctypes.c_void_p), ("context", ctypes.c_ulong),
        ("reserved2", ctypes.c_void_p), ("deferred", ctypes.c_void_p), ("scode", ctypes.c_long),
    )  # fmt: skip


def fill(variant, cell):
    """Put a cell or a range into a variant."""
    content = variant.content
    if cell is None:
        variant.kind = EMPTY
    elif isinstance(cell, bool):
        variant.kind, content.truth = BOOLEAN, -cell
    elif isinstance(cell, float):
        variant.kind, content.number = DOUBLE, cell
    elif isinstance(cell, str):
        units = len(cell.encode("utf-16-le")) // 2
        variant.kind, content.pointer = TEXT, ole.SysAllocStringLen(cell, units)
    elif isinstance(cell, dict):
        variant.kind, content.code = ERROR, cell["error"]
    else:
        # Range.Value2 counts from 1, and the rows of a column stand side by side
        fill_array(variant, [row[i] for i in range(len(cell[0])) for row in cell], [len(cell), len(cell[0])], 1)


def fill_array(variant, cells, counts, first):
    bounds = (Bound * len(counts))(*(Bound(count, first) for count in counts))
    array, data = ole.SafeArrayCreate(VARIANT, len(counts), bounds), ctypes.c_void_p()
    ole.SafeArrayAccessData(array, ctypes.byref(data))
    for variant_, cell in zip((Variant * len(cells)).from_address(data.value), cells, strict=True):
        fill(variant_, cell)
    ole.SafeArrayUnaccessData(array)
    variant.kind, variant.content.pointer = ARRAY | VARIANT, array


class CallFailed(Exception):
    """`number` and `description` as VBA's Err has them."""

    def __init__(self, number, description):
        super().__init__(description)
        self.number, self.description = number & 0xFFFFFFFF, description


class Caller:
    """Calls worksheet functions over the address of the server's IDispatch and the number of CallUDF."""

    def __init__(self, dispatch, dispid):
        self._dispatch, self._dispid = dispatch, dispid
        self.took = 0.0  # seconds of the last call, without making its variants
        table = ctypes.cast(ctypes.cast(dispatch, ctypes.POINTER(ctypes.c_void_p))[0], ctypes.POINTER(ctypes.c_void_p))
        self._invoke = ctypes.WINFUNCTYPE(
            ctypes.c_long, ctypes.c_void_p, ctypes.c_long, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ushort,
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
        )(table[_INVOKE])  # fmt: skip

    def call(self, module, name, args):
        """CallUDF(module, name, args, Nothing, Nothing). Raises CallFailed."""
        given = (Variant * 5)()  # the last argument comes first
        given[0].kind = given[1].kind = OBJECT
        fill_array(given[2], args, [len(args)], 0)
        fill(given[3], name)
        fill(given[4], module)
        parameters, answer, raised = Parameters(given, None, 5, 0), Variant(), Exception_()
        start = time.perf_counter()
        failed = self._invoke(
            self._dispatch, self._dispid, bytes(16), 0, METHOD,
            ctypes.byref(parameters), ctypes.byref(answer), ctypes.byref(raised), None,
        )  # fmt: skip
        self.took = time.perf_counter() - start
        for variant in given:
            ole.VariantClear(ctypes.byref(variant))
        if failed:
            text = raised.description and ctypes.wstring_at(raised.description, ole.SysStringLen(raised.description))
            raise CallFailed(raised.scode if failed == EXCEPTION else failed, text)
        try:
            return _python_of(ctypes.byref(answer))
        finally:
            ole.VariantClear(ctypes.byref(answer))
