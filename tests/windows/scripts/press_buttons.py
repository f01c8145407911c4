"""Opens workbooks in the model of Excel and presses buttons: each runs in a Python process of its own, which is
started as xlwings' RunPython does. press_buttons.py DAY STEPS OUT

A step is an action and what else is so: `book`, a file to open first, else the one of the step before; `answers`, a
file with the values that Excel would calculate; `press`, the button of the message boxes; `read_only`; `refuses`, a
method that Excel refuses; `kills`, the write at which Python is killed; `select`, sheet and cell; `chosen`, what the
user picks in a file dialog. What Excel then shows, and what the user was told, goes to OUT. Another Excel has a book
of the same name open all the time.
"""

import ctypes
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import excel_com
import files
import processes
import pythoncom
import pywintypes
import win32con
import win32event
import win32gui
from tests.support import excel_books, excel_model

DIALOG = "#32770"
NUMBER = Path(sys.argv[3]).with_name("process")
"""Where a process writes its number."""


def command(action, day, book, application):
    """ExecuteWindows of xlwings' module; its log file is left to the pipe (Wine's Python needs one)."""
    today = (
        "import datetime, os, pathlib, crm_xl.functions.call as c; "
        f"pathlib.Path(r'{NUMBER}').write_text(str(os.getpid())); "
        f"c.today = lambda: datetime.date.fromisoformat('{day}'); "
    )
    code = f"{today}import crm_xl.excel.actions as a; a.{action}()"
    name = book.Name.encode("utf-16-be").hex().upper()  # CrmCodes
    folder = Path(sys.executable).parent
    return (
        f'{os.environ["COMSPEC"]} /C {folder.drive} & cd "{folder}" & "{sys.executable}" -P -B -c "{code}" '
        f'--wb={name} --from_xl=1 --app="C:\\Office\\Microsoft Excel" --hwnd="{application.Hwnd}"'
    )


def listed(walk, *args):
    """All windows that EnumWindows or EnumChildWindows finds."""
    found = []
    walk(*args, lambda window, _: found.append(window), None)
    return found


def text_of(window):
    """All of it: win32gui.GetWindowText ends after 512 letters."""
    letters = ctypes.create_unicode_buffer(8192)
    ctypes.windll.user32.GetWindowTextW(window, letters, len(letters))
    return letters.value


def answered(button):
    """Press a button of each message box that waits for the user: window -> title and text."""
    found = {}
    for window in listed(win32gui.EnumWindows):
        with suppress(pywintypes.error):  # it is gone by now
            if win32gui.GetClassName(window) == DIALOG:
                parts = listed(win32gui.EnumChildWindows, window)
                texts = [text_of(p) for p in parts if win32gui.GetClassName(p) == "Static"]
                if any(texts):  # else it is not complete yet
                    found[window] = win32gui.GetWindowText(window), "".join(texts)
                    win32gui.PostMessage(window, win32con.WM_COMMAND, button, 0)
    return found


def press(action, day, book, button):
    """The messages that the user confirmed, what the process printed, and its exit code."""
    told, printed = {}, []
    process = subprocess.Popen(
        command(action, day, book, book.Application), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    reader = threading.Thread(target=lambda: printed.append(process.stdout.read()), daemon=True)
    reader.start()
    while reader.is_alive():
        # calls of the other process are messages, too
        win32event.MsgWaitForMultipleObjects([], False, 100, win32event.QS_ALLINPUT)
        calls = excel_com.Line.calls
        pythoncom.PumpWaitingMessages()
        if excel_com.Line.calls == calls:
            told |= answered(button)
    return list(told.values()), printed[0].decode("utf-8", "replace"), process.wait()


def cells(book):
    return {
        sheet: [[*place, *content] for place, content in found.items()]
        for sheet, found in excel_model.as_cells(book).items()
    }


def settings(excel):
    correct = excel.AutoCorrect.AutoFillFormulasInLists
    return [excel.ScreenUpdating, excel.EnableEvents, excel.Calculation, excel.StatusBar, correct]


def put_back(excel, before):
    """What the add-in's CrmRun does after a Python that ended with an error (test_wrappers.py runs that itself)."""
    excel.Calculation, excel.EnableEvents, excel.AutoCorrect.AutoFillFormulasInLists = before[2], before[1], before[4]
    excel.StatusBar, excel.ScreenUpdating = False, True


day, steps, out = sys.argv[1:]
excel_com.Line.kill = staticmethod(lambda: processes.terminate(int(NUMBER.read_text())))
pythoncom.CoInitialize()
application, other, line = excel_model.Application(), excel_model.Application(), excel_com.Line
for excel in (application, other):
    excel_com.show(excel)
states = []
for step in files.read(steps):
    if "book" in step:
        for excel in (application, other):
            excel.Workbooks.Close()
            excel.ActiveWorkbook = excel.Workbooks.Open(step["book"])
        book, untouched = application.ActiveWorkbook, cells(other.ActiveWorkbook)
    application.select(*step["select"]) if "select" in step else application.select(None)
    application.chosen = step.get("chosen", False)
    application.Evaluate = excel_books.answers_of(Path(step["answers"])) if "answers" in step else None
    book.ReadOnly = step.get("read_only", False)
    line.calls, line.writes, line.refuses, line.kills = 0, 0, step.get("refuses", ""), step.get("kills", 0)
    before = settings(application)
    told, printed, code = press(step["action"], day, book, step.get("press", win32con.IDOK))
    if code:
        put_back(application, before)
    opened = [application.Workbooks(i + 1) for i in range(application.Workbooks.Count)]
    states.append(
        {
            "told": told, "printed": printed, "code": code, "settings": settings(application),
            "calls": line.calls, "writes": line.writes,
            "cells": cells(book), "tables": excel_model.as_tables(book),
            "other books": [cells(other) for other in opened if other is not book],
            "other Excel": cells(other.ActiveWorkbook) == untouched and other.Workbooks.Count == 1,
            "shown": application.shown and [application.shown.Worksheet.Name, application.shown.Address],
        }
    )  # fmt: skip
files.write(out, states)
