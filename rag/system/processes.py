"""How Python is started again, and goes on, without code of the working directory.

A person works in folders that others filled: a file `numpy.py` there must not be run in place of
the library. Imports only what Python itself has loaded by then, for it runs before all else (that
leaves out `__future__` too).
"""

import os
import sys

TYPE_CHECKING = False  # as `typing` has it, which is not loaded yet
if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
"""The folder that holds our packages."""


def python(*arguments: str) -> list[str]:
    """Returns the command line of a Python that does not search the working directory."""
    return [sys.executable, "-P", *arguments]


def environment(inherited: "Mapping[str, str]") -> dict[str, str]:
    """Returns the variables for such a process and for those that it starts in turn.

    Of PYTHONPATH the absolute entries stay: an empty or relative one means the working directory.
    """
    given = inherited.get("PYTHONPATH", "").split(os.pathsep)
    path = dict.fromkeys([*(entry for entry in given if os.path.isabs(entry)), ROOT])  # noqa: PTH117
    return {**inherited, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(path)}


def sleep_while_waiting() -> None:
    """Makes idle threads of torch sleep, not spin; call before it is imported.

    A person's machine has other work: beside busy cores a short question takes 60 ms so, and 1.6 s
    when the threads spin. It costs 6 ms a question on an idle machine (`eval/LOG.md`).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def forget_working_directory() -> None:
    """Takes the working directory out of this process's module path, and out of its children's.

    It gets there by an empty or relative entry of PYTHONPATH (`PYTHONPATH=$PYTHONPATH:/lib` has
    one where the variable was empty), by `python -c` and by `python -m`. It stays where PYTHONPATH
    names it in full, or where our own packages lie in it.
    """
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    gone = {os.path.abspath(entry) for entry in given if not os.path.isabs(entry)}  # noqa: PTH100, PTH117
    gone.add(os.getcwd())  # noqa: PTH109
    kept = {entry for entry in given if os.path.isabs(entry)} | {ROOT}  # noqa: PTH117
    sys.path[:] = [
        entry
        for entry in sys.path
        if entry and (entry in kept or os.path.abspath(entry) not in gone)  # noqa: PTH100
    ]
    if ROOT not in sys.path:
        sys.path.append(ROOT)
    os.environ.update(environment(os.environ))
