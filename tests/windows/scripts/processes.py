"""Processes of this Windows."""

import ctypes
import time

import pywintypes
import win32api
import win32con
import win32event
import win32process
import win32service

STILL_ACTIVE = 259


def terminate(process):
    handle = win32api.OpenProcess(win32con.PROCESS_TERMINATE | win32con.SYNCHRONIZE, False, process)
    win32api.TerminateProcess(handle, 1)
    win32event.WaitForSingleObject(handle, 30_000)


def forget_ended_servers():
    """Windows drops a COM server's class with its process, and says then that it is not registered. Wine's RpcSs
    keeps it, so that the DLL would be sent to a server that has ended; stopped, RpcSs starts again, knowing none."""
    if not hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
        return
    manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_CONNECT)
    rights = win32service.SERVICE_STOP | win32service.SERVICE_QUERY_STATUS
    service = win32service.OpenService(manager, "RpcSs", rights)
    win32service.ControlService(service, win32service.SERVICE_CONTROL_STOP)
    for _ in range(600):
        if win32service.QueryServiceStatus(service)[1] == win32service.SERVICE_STOPPED:
            return
        time.sleep(0.05)
    raise OSError("RpcSs does not stop")


def runs(process):
    try:
        handle = win32api.OpenProcess(win32con.PROCESS_QUERY_INFORMATION, False, process)
    except pywintypes.error:
        return False
    return win32process.GetExitCodeProcess(handle) == STILL_ACTIVE
