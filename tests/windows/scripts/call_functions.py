"""Every call of a json file through the DLL's server; the answers to another: call_functions.py MODULE IN OUT"""

import sys

import files
from excel_call import CallFailed
from xlwings_dll import Servers, command

module, calls, out = sys.argv[1:]
caller = Servers().start(command()).caller
answers, seconds = [], []
for name, args in files.read(calls):
    try:
        answer = caller.call(module, name, args)
    except CallFailed as failed:
        answer = {"raised": failed.description, "number": failed.number}
    answers.append(answer)
    seconds.append(caller.took)
files.write(out, {"answers": answers, "seconds": seconds})
