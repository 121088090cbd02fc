"""Measures a library: question sets in, metrics, confidence intervals and a report out.

datasets     question sets of three layouts -> Questions
metrics      pure formulas over strings, rankings and flags
judging      a question and its answer -> the value of every metric
facts        the same for the whole answer: does it state what a right one states?
runs         a finished run: figures, comparison, gates, files
run          asks a library every question; what `rag eval` does
plots        the plots of a run as SVG
report       a run as one self-contained HTML page
calibration  fits the files that ship
benchmarks   experiments behind design decisions; `LOG.md` keeps what they gave
"""

import os
import sys

if sys.argv[:1] == ["-m"]:
    # `python -m eval.…` searches the working directory first: not for anything but ourselves
    _root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    if sys.path[:1] == [os.getcwd()] and sys.path[0] != _root:  # noqa: PTH109
        del sys.path[0]
    from rag.system import processes

    processes.forget_working_directory()

from rag.system.telemetry import switch_off

switch_off()
