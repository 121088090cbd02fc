"""Opens files in child processes that can be killed: a bad file costs itself, not the app.

A child gets a request and answers with length-capped JSON; nothing it sends is unpickled or run.
`child` is what runs in the child, `parent` keeps one going and types what goes wrong, `frames` is
what goes between them; `sandbox` reads files in a child, `pool` does so with several at once.
"""

from rag.parsing.sandbox.parent import TaskSandbox
from rag.parsing.sandbox.pool import ParserPool, Pool, Task
from rag.parsing.sandbox.sandbox import Sandbox

__all__ = ["ParserPool", "Pool", "Sandbox", "Task", "TaskSandbox"]
