"""Runs the add-in's VBA, as VBScript, against the DLL's server: run_wrappers.py SCRIPT CALLS TEXTS WRONG OUT

What Excel and xlwings' module give to that code stands here: `Excel` below.
"""

import os
import sys
from pathlib import Path

import excel_types
import files
import processes
import pythoncom
import win32com.client
import win32com.server.util
from win32com.server.policy import DesignatedWrapPolicy
from xlwings_dll import Servers, command

SHEET_ROWS = 1_048_576
MISSING = win32com.client.VARIANT(pythoncom.VT_ERROR, -2147352572)
NOTHING = win32com.client.VARIANT(pythoncom.VT_DISPATCH, None)
AUTOMATIC, MANUAL = -4105, -4135
TYPES = excel_types.load()


class Policy(DesignatedWrapPolicy):
    def _build_typeinfos_(self):
        name = type(self._obj_).__name__
        return [TYPES[name]] if name in TYPES else []


def com(thing):
    return win32com.server.util.wrap(thing, usePolicy=Policy)


class Properties:
    """An object with nothing but properties."""

    _public_methods_ = ()

    def __init__(self, **properties):
        self._public_attrs_ = tuple(properties)
        vars(self).update(properties)


class Range:
    """A range at the top of a sheet. Of a whole column, only the part that the sheet uses may be read."""

    _public_methods_ = ("Resize",)
    _public_attrs_ = ("Rows", "Row", "Worksheet", "Value2")
    Row = 1

    def __init__(self, worksheet, rows, height=0):
        self.Worksheet, self.rows, self.height = worksheet, rows, height or len(rows)
        self.Rows = com(Properties(Count=self.height))

    @property
    def Value2(self):
        assert self.height < SHEET_ROWS
        if len(self.rows) == len(self.rows[0]) == 1:
            return self.rows[0][0]
        # a list: a server's tuple would mean one value for each argument by reference
        return [tuple(row) for row in self.rows]

    def Resize(self, height):
        return com(Range(self.Worksheet, self.rows[:height]))


def sheet(book, used):
    """A worksheet of which so many rows are used."""
    area = com(Properties(Row=1, Rows=com(Properties(Count=used))))
    return com(Properties(Rows=com(Properties(Count=SHEET_ROWS)), UsedRange=area, Parent=com(book)))


def book(name):
    return Properties(FullName=f"C:\\books\\{name}", Date1904=False)


class Languages:
    _public_methods_ = ("LanguageID",)

    def __init__(self, excel):
        self.excel = excel

    def LanguageID(self, kind):
        return self.excel.language


class Excel:
    """What the code finds: Excel's objects, and xlwings' procedures that are not run as script."""

    _public_methods_ = (
        "GetConfig", "FileExists", "CVErr", "XLPy", "KillPy", "RunPython", "Show", "Character", "FileLen", "ReadFile",
        "Environ", "Unit",
    )  # fmt: skip
    _public_attrs_ = ("Application", "ActiveWorkbook", "ThisWorkbook", "xlErrNA", "xlErrValue")
    xlErrNA, xlErrValue = 2042, 2015

    def __init__(self):
        self.interpreter, self.servers, self.starts = sys.executable, Servers(), 0
        self.book = book("one.xlsx")
        self.sheet = sheet(self.book, used=3)
        self.ActiveWorkbook, self.ThisWorkbook = com(self.book), com(book("crm_xl.xlam"))
        self.language, self.shown, self.ran, self.kills = 2052, [], [], False
        self.correct = Properties(AutoFillFormulasInLists=True)
        self.app = Properties(
            Caller=com(Range(self.sheet, [(None,)])), ActiveProtectedViewWindow=NOTHING,
            LanguageSettings=com(Languages(self)), AutoCorrect=com(self.correct),
            Calculation=AUTOMATIC, EnableEvents=True, ScreenUpdating=True, StatusBar=False,
        )  # fmt: skip
        self.Application = com(self.app)

    def GetConfig(self, key, otherwise=""):
        return self.interpreter if key == "INTERPRETER_WIN" else otherwise

    def FileExists(self, path):
        return Path(path).exists()

    def CVErr(self, number):
        return f"CVErr {number}"

    def XLPy(self):
        self.starts += 1
        self.server = self.servers.start(self.code.XLPyCommand())
        return self.server.dispatch

    def Environ(self, name):
        return os.environ.get(name, "")

    def RunPython(self, action):
        """A Python that works, or one that is killed when Excel is quiet."""
        self.ran.append(self.code.CrmCommand(action) or "")  # Empty, where VBA has ""
        if self.kills:
            self.app.Calculation, self.app.EnableEvents, self.app.ScreenUpdating = MANUAL, False, False
            self.app.StatusBar, self.correct.AutoFillFormulasInLists = "...", False
        return -1 if self.kills else 0

    def settings(self):
        app = self.app
        return [
            app.Calculation,
            app.EnableEvents,
            app.ScreenUpdating,
            app.StatusBar,
            self.correct.AutoFillFormulasInLists,
        ]

    def Show(self, text, kind, title):
        """MsgBox."""
        self.shown.append([text, title])

    def Character(self, code):
        """ChrW."""
        return chr(code & 0xFFFF)

    def Unit(self, character):
        """AscW: one UTF-16 unit, as a VBA Integer."""
        code = ord(character)
        return code - 65536 if code > 32767 else code

    def FileLen(self, path):
        return Path(path).stat().st_size

    def ReadFile(self, path):
        return Path(path).read_text(encoding="utf-8")

    def KillPy(self):
        self.servers.end(self.code.XLPyCommand())
        processes.forget_ended_servers()


script, calls, texts, wrong, out = sys.argv[1:]
excel = Excel()
engine = win32com.client.Dispatch("MSScriptControl.ScriptControl")
engine.Language = "VBScript"
engine.AddObject("Excel", com(excel), True)
engine.AddCode(Path(script).read_text(encoding="ascii"))
excel.code = code = engine.CodeObject


def argument(value, ranges):
    """A range as a Range object, or as the array that {1;2} in a formula is."""
    if isinstance(value, dict):
        return MISSING
    if isinstance(value, list):
        return com(Range(excel.sheet, value)) if ranges else tuple(map(tuple, value))
    return value


def called(name, args, ranges=True):
    excel.book.Date1904 = args[-1]
    return getattr(code, name)(*(argument(value, ranges) for value in args[:-1]))


def tier(spend=12.0):
    return code.VALUE_TIER(spend, MISSING, "en")


found = {}
found["ranges"] = [called(name, args) for name, args in files.read(calls)]
found["arrays"] = [called(name, args, ranges=False) for name, args in files.read(calls)]
found["starts"] = excel.starts

column = Range(excel.sheet, [(12.0,), (None,), (1.0,), (None,)], height=SHEET_ROWS)
found["whole column"] = tier(com(column))
found["raised"] = [code.CrmCall("NO_SUCH_FUNCTION", (1.0,)), code.CrmLastError()]


def pressed(procedure, tag=""):
    """What the user was shown."""
    excel.shown = []
    getattr(code, procedure)(com(Properties(ID="", Tag=tag)))
    return excel.shown


keys, tags = files.read(texts)
found["texts"] = []
for excel.language in (2052, 1033):
    found["texts"].append({key: code.CrmText(key) for key in keys})
excel.language = 2052
found["about"] = pressed("CrmOnAbout")
found["actions"] = [[pressed("CrmOnAction", tag), excel.ran.pop()] for tag in tags]
found["no action"] = [[pressed("CrmOnAction", text), excel.ran.pop()] for text in files.read(wrong)]
found["codes"] = [code.CrmCodes(text) or "" for text in files.read(wrong)]
own, excel.ActiveWorkbook = excel.ActiveWorkbook, NOTHING
found["no workbook"] = pressed("CrmOnAction", "check()")
excel.app.ActiveProtectedViewWindow = com(Properties())
found["protected view"] = pressed("CrmOnAction", "check()")
excel.app.ActiveProtectedViewWindow, excel.ActiveWorkbook = NOTHING, own
excel.interpreter = "C:\\nowhere\\python.exe"
found["button without python"] = pressed("CrmOnAction", "check()")
excel.interpreter = sys.executable
found["nothing was run"] = list(excel.ran)
before, excel.kills = excel.settings(), True
pressed("CrmOnAction", "refresh()")
found["killed"] = [before, excel.settings()]
log, excel.shown = Path(out).with_name("log.txt"), []
for printed in ("", "ValueError: oh"):
    log.write_text(printed, encoding="utf-8")
    code.CrmTellFailure(str(log))
found["failures"] = excel.shown

commands = [code.XLPyCommand()]
excel.ActiveWorkbook = com(book("another & longer name.xlsm"))
found["commands"] = [*commands, code.XLPyCommand(), command()]

processes.terminate(excel.server.process())
processes.forget_ended_servers()
found["after a kill"] = [tier(), excel.starts]
found["restarted"] = pressed("CrmOnRestart")
found["after a restart"] = [tier(), excel.starts]

code.CrmRestart()
excel.interpreter = "C:\\nowhere\\python.exe"
found["no python"] = [tier(), excel.starts]
excel.interpreter = sys.executable
found["not looked for again"] = [tier(), excel.starts]
code.CrmRestart()
found["found again"] = [tier(), excel.starts]
files.write(out, found)
