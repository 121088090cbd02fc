"""What runs in the child process that fills chat templates.

A template is code in a model's file. Jinja's sandbox keeps it from the objects around it, but lets
it run for ever and take all memory; the limits of the process see to that.
"""

from __future__ import annotations

import datetime
import json
import sys
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rag.parsing.sandbox.child import Beat, Request, serve


def work(request: Request, beat: Beat, seconds: float) -> dict[str, Any]:
    """Returns the `text` of the `messages` by the template `source`, or `refused` with the cause.

    Without messages the template is only compiled.
    """
    try:
        template = _compiled(request["source"])
        filled = _filled(template, request) if request["messages"] else ""
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return {"refused": str(error) or type(error).__name__}
    return {"text": filled}


@lru_cache(1)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


def _filled(template: Template, request: Request) -> str:
    return template.render(
        messages=request["messages"],
        add_generation_prompt=True,
        enable_thinking=False,
        **request["named"],
    )


def _environment() -> ImmutableSandboxedEnvironment:
    """Returns the environment that chat templates are written for."""

    def fail(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation]
    )
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    environment.globals["raise_exception"] = fail
    environment.globals["strftime_now"] = lambda form: datetime.date.today().strftime(form)
    return environment


class _Generation(Extension):
    """`{% generation %}` marks an answer for training; here it stands for what is in it."""

    tags = {"generation"}  # noqa: RUF012 - as jinja has it

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


if __name__ == "__main__":
    serve(work, int(sys.argv[1]), float(sys.argv[2]), niceness=0)
