"""Opens files in child processes that can be killed: a bad file costs itself, not the app.

A child gets a request and answers with length-capped JSON; nothing it sends is unpickled or run.
`worker` is the child's own side, `child` one process seen from outside, `base` keeps one going and
types what goes wrong, `sandbox` reads files in it, `pool` does so with several at once. Knows
nothing about formats or the library.
"""

from rag.sandbox.base import TaskSandbox
from rag.sandbox.pool import Pool, ReaderPool, Task
from rag.sandbox.sandbox import Sandbox

__all__ = ["Pool", "ReaderPool", "Sandbox", "Task", "TaskSandbox"]
