"""One Excel, its server killed twice: what each step finds goes to a json file: restart.py MODULE OUT"""

import sys

import files
from excel_call import CallFailed
from processes import terminate
from xlwings_dll import Servers, command


def state(server):
    return [server.process(), value_tier(server)]


def value_tier(server):
    try:
        return server.caller.call(module, "VALUE_TIER", [12.0, None, "en", False])
    except CallFailed as failed:
        return {"raised": failed.description, "number": failed.number}


module, out = sys.argv[1:]
servers, found = Servers(), {}
first = servers.start(command())
found["first"] = state(first)
found["other workbook"] = state(servers.start(command()))

terminate(found["first"][0])
found["killed"] = value_tier(first)
# under Wine the DLL does not start a command again whose server ended: a space makes it another one
second = servers.start(command(spaces=1))
found["second"] = state(second)

servers.end(command(spaces=1))
found["ended"] = value_tier(second)
found["third"] = state(servers.start(command(spaces=2)))
files.write(out, found)
