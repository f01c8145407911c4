"""One Excel, its server killed twice: what each step finds goes to a json file: restart.py MODULE OUT"""

import sys

import files
from excel_call import CallFailed
from processes import forget_ended_servers, terminate
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
forget_ended_servers()
second = servers.start(command())
found["second"] = state(second)

servers.end(command())
found["ended"] = value_tier(second)
forget_ended_servers()
found["third"] = state(servers.start(command()))
files.write(out, found)
