"""Type information for objects that stand for Excel's: xlwings asks for a Range's interface, VBA for TypeName.

Names and ids are those of Excel's own type library; members are found by name, so none are described.
"""

import os
import tempfile

import pythoncom
import pywintypes

_DISPATCHABLE = 0x1000
_WIN64 = 3
_IDS = {
    "Range": "{00020846-0000-0000-C000-000000000046}",
    "_Worksheet": "{000208D8-0000-0000-C000-000000000046}",
    "_Workbook": "{000208DA-0000-0000-C000-000000000046}",
    "_Application": "{000208D5-0000-0000-C000-000000000046}",
    "Sheets": "{000208D7-0000-0000-C000-000000000046}",
    "Workbooks": "{000208DB-0000-0000-C000-000000000046}",
    "Areas": "{00020860-0000-0000-C000-000000000046}",
}


def load():
    """Type information by name."""
    path = os.path.join(tempfile.gettempdir(), f"excel-{os.getpid()}.tlb")
    library = pythoncom.CreateTypeLib2(_WIN64, path)
    library.SetName("Excel")
    library.SetGuid(pywintypes.IID("{00020813-0000-0000-C000-000000000099}"))
    library.SetVersion(1, 9)
    for name, number in _IDS.items():
        made = library.CreateTypeInfo(name, pythoncom.TKIND_DISPATCH)
        made.SetGuid(pywintypes.IID(number))
        made.SetTypeFlags(_DISPATCHABLE)
        made.LayOut()
    library.SaveAllChanges()
    found = pythoncom.LoadTypeLib(path)
    return {name: found.GetTypeInfoOfGuid(pywintypes.IID(number)) for name, number in _IDS.items()}
