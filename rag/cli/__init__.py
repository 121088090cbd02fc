"""The command `rag`: ingest, ask, search, chat, eval, train, status, remove, reindex, doctor...

`commands` and `train` parse and call, `json_output` is the JSON of the contract, `display` what a
person sees. Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a stated
failure, 2 wrong usage. Models and parsers are imported by the command that needs them: `rag --help`
is instant.
"""

import sys

from rag.system import processes


def main() -> None:
    """Turns every stated failure into a message and an exit code; the entry point."""
    processes.forget_working_directory()  # before anything else is imported
    from rag.cli import terminal
    from rag.cli.commands import WrongCall, app
    from rag.errors import RagError, UsageError

    terminal.guard()
    try:
        code = app(standalone_mode=False)
    except RagError as error:
        _say(error.message, error.next_command)
        code = 2 if isinstance(error, UsageError) else 1
    except WrongCall as error:  # flags and arguments: they too may be names that others chose
        message, context = error.format_message(), error.ctx
        if message:  # without any argument it is the help, which has been printed
            _say(message, f"{context.command_path if context else 'rag'} --help")
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output went away: nothing to tell it
        sys.stderr.close()
        code = 1
    except Exception:  # a fault of ours; what it tells may hold anything
        import traceback

        terminal.complain(traceback.format_exc())
        code = 1
    sys.exit(code or 0)


def _say(message: str, next_command: str) -> None:
    from rag.cli.terminal import complain, visible

    complain(f"error: {visible(message)}")
    if next_command:
        complain(f"    → {visible(next_command)}")
