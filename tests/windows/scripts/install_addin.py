"""Installs the add-in for this Windows' user, looks at it, and takes it away again: install_addin.py OUT"""

import sys

import files
import pythoncom

from crm_xl.excel.doctor import doctor
from crm_xl.excel.install import install, uninstall
from crm_xl.excel.machine import this_machine

# Wine's desktop starts with the first process that needs it, and keeps that one's pipes open: be it this one
pythoncom.CoInitialize()
machine = this_machine()


def checks():
    return {check.name: check.result for check in doctor(machine)}


uninstall(machine)  # a run that was cut off may have left it
found = {"before": checks()}
report = install(machine)
found["addin"], found["config"] = report.addin.read_bytes().hex(), report.config.read_bytes().decode("mbcs")
found["python"] = sys.executable
found["installed"] = checks()
uninstall(machine)
found["left"] = [str(path) for path in (report.addin, report.config) if path.exists()]
files.write(sys.argv[1], found)
