"""Which of these processes still run, as json: running.py OUT PROCESS..."""

import sys

import files
from processes import runs

files.write(sys.argv[1], [process for process in map(int, sys.argv[2:]) if runs(process)])
