"""The command `rag`: ingest, ask, search, chat, eval, train, status, remove, reindex, doctor...

`commands` and `train` parse and call, `shapes` is the JSON of the contract, `display` what a person
sees. Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a stated failure, 2
wrong usage. Models and parsers are imported by the command that needs them: `rag --help` is
instant.
"""

from __future__ import annotations

import sys

from rag import children
from rag.errors import RagError, UsageError


def main() -> None:
    """The entry point: turns every stated failure into a message and an exit code."""
    children.forget_working_directory()
    from rag.cli.commands import app

    try:
        app()
    except RagError as error:
        print(f"error: {error.message}", file=sys.stderr)  # noqa: T201
        if error.next_command:
            print(f"    → {error.next_command}", file=sys.stderr)  # noqa: T201
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:  # the reader of our output went away: nothing to tell it
        sys.stderr.close()
        sys.exit(1)
