"""A model's chat template, filled in a child process with limits of time and memory."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.errors import FileProblem, ModelMissing
from rag.parsing.sandbox import TaskSandbox
from rag.schema import Message, Outcome

ADVICE = "take a chat model: their names end in Instruct, Chat or it"
SECONDS = 10.0
"""That filling a template may take; an honest one needs some milliseconds."""

_MEMORY_MB = 512  # address space: Python and jinja take a fifth of it
_LONGEST = (Message("system", "a"), *(Message("user", "a"), Message("assistant", "a")) * 3)
_WORKER = ("-m", "rag.llms.template_child")


class ChatTemplate:
    """What writes messages as the model was taught to read them. Safe in several threads."""

    def __init__(self, source: str, named: Mapping[str, str], seconds: float = SECONDS) -> None:
        """`named`: the tokens that templates call by name. Raises ModelMissing for bad jinja."""
        self._request = {"source": source, "named": dict(named)}
        self._guard = threading.Lock()
        self._sandbox = _TemplateSandbox(seconds, _MEMORY_MB, _WORKER)
        weakref.finalize(self, self._sandbox.close)
        answer = self._ask(())
        if "refused" in answer:
            raise ModelMissing(f"the chat template is not valid: {answer['refused']}", ADVICE)

    def render(self, messages: Sequence[Message]) -> str:
        """Returns the text up to the answer. Raises ModelMissing when the template refuses."""
        answer = self._ask(messages)
        if "refused" not in answer:
            return str(answer["text"])
        if not messages or messages[0].role != "system":
            raise ModelMissing(f"the chat template fails: {answer['refused']}", ADVICE)
        # some models know no system: its words then begin the first question
        system, first, *others = messages
        return self.render([Message("user", f"{system.content}\n\n{first.content}"), *others])

    def _ask(self, messages: Sequence[Message]) -> Mapping[str, Any]:
        rows = [{"role": message.role, "content": message.content} for message in messages]
        try:
            with self._guard:
                return self._sandbox.answer({**self._request, "messages": rows})
        except FileProblem as problem:
            raise ModelMissing(problem.message, problem.next_command) from problem


def overhead(
    encode: Callable[[Sequence[Message]], Sequence[int]], count: Callable[[str], int]
) -> int:
    """Returns how many tokens a template adds to a chat of three turns and a question."""
    chat = (*_LONGEST, Message("user", "a"))
    return len(encode(chat)) - len(chat) * count("a")


class _TemplateSandbox(TaskSandbox):
    def answer(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        return self._ask(request, "the chat template", dict)

    def _words(self, outcome: Outcome, name: str) -> tuple[str, str]:
        said = {
            Outcome.TIMEOUT: f"{name} does not end within {self._timeout:g} s",
            Outcome.MEMORY: f"{name} needs more than {self._memory_mb} MB",
            Outcome.TOO_LARGE: f"{name} writes more than {self.max_answer >> 20} MB",
        }
        return said.get(outcome, f"{name} crashed the process that fills it"), ADVICE
