"""Reads files in child processes that can be killed: a bad file costs itself, not the app.

A child gets a path and answers with length-capped JSON; nothing it sends is unpickled or run.
`child` is one process, `sandbox` keeps one going and types what goes wrong, `pool` reads several
files at once. Knows nothing about formats or the library.
"""

from rag.parsing.sandbox.pool import ReaderPool, Task
from rag.parsing.sandbox.sandbox import Sandbox

__all__ = ["ReaderPool", "Sandbox", "Task"]
