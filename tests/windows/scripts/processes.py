"""Processes of this Windows."""

import pywintypes
import win32api
import win32con
import win32event
import win32process

STILL_ACTIVE = 259


def terminate(process):
    handle = win32api.OpenProcess(win32con.PROCESS_TERMINATE | win32con.SYNCHRONIZE, False, process)
    win32api.TerminateProcess(handle, 1)
    win32event.WaitForSingleObject(handle, 30_000)


def runs(process):
    try:
        handle = win32api.OpenProcess(win32con.PROCESS_QUERY_INFORMATION, False, process)
    except pywintypes.error:
        return False
    return win32process.GetExitCodeProcess(handle) == STILL_ACTIVE
