"""What the doctor says of privacy: what libraries tell, who can read, and what would leave.

Looks at the settings, the environment and the disk. Nothing here reaches for the network.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from rag import private, telemetry
from rag.addresses import printable, shown
from rag.config import Settings, config_files, config_folder
from rag.language_models import destination

Check = tuple[str, bool, str]
"""What was looked at, whether it is well, and the detail."""

# Where the models are kept, unless a setting says otherwise.
_OWN = Path("~/.fuente")
_NONE = ("settings files", True, "there is none: defaults, environment and flags")
_QUEUE = "Microsoft/DeveloperTools/.onnxruntime"
_HUB = "https://huggingface.co"


def examine(settings: Settings) -> list[Check]:
    """Returns the checks of privacy under these settings."""
    return [*_switches(), *_own_folders(), *_files(settings), *_leaving(settings)]


def _switches() -> Iterator[Check]:
    for each in telemetry.SWITCHES:
        off = telemetry.is_off(each)
        state = "off" if off else f"ON; export {each.variable}={each.value}"
        yield f"telemetry {each.variable}", off, f"{state} ({each.package}: {each.reason})"
    queue = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), _QUEUE)
    with contextlib.suppress(RuntimeError):  # a user without a home
        queue = queue.expanduser()
    if queue.exists():
        yield "telemetry left behind", True, f"another run of onnxruntime left it: rm -r {queue}"


def permissions(name: str, folder: Path, closed: bool, cure: str) -> Check:
    """Returns the check of who may read a folder that Fuente made.

    `closed`: its owner alone may; `cure`: what to do where that is not so.
    """
    what = f"permissions of the {name}"
    if os.name != "posix":
        return what, True, f"{folder}: this system keeps no such modes"
    mode = f"{folder} has {folder.stat().st_mode & 0o777:04o}"
    if closed:
        return what, True, f"{mode}: its owner alone can read what Fuente keeps there"
    return what, False, f"{mode}: others can read or change what Fuente keeps there; {cure}"


def _own_folders() -> Iterator[Check]:
    own = _OWN
    with contextlib.suppress(RuntimeError):
        own = own.expanduser()
    for name, folder in (("own folder", own), ("configuration", config_folder(os.environ))):
        if folder is not None and folder.is_dir():  # what lies deeper lies behind these
            closed = not any(map(private.is_exposed, (folder, *folder.iterdir())))
            yield permissions(name, folder, closed, f"chmod -R go-rwx {folder}")


def _files(settings: Settings) -> Iterator[Check]:
    """Well in each case: what was ignored does no harm, and the person may want it so."""
    files = config_files(os.environ)
    yield from [] if files else [_NONE]
    for file in files:
        name = f"settings file {printable(str(file.path))}"
        ignored = [each.name for each in settings.ignored if each.path == file.path]
        if file.trusted:
            yield name, True, "trusted: all that it says is obeyed"
        elif ignored:
            said = f"not trusted, ignored of it: {', '.join(ignored)}; {file.next_command}"
            yield name, True, said
        else:
            yield name, True, "not trusted, and says nothing that would need it"


def _leaving(settings: Settings) -> Iterator[Check]:
    """Well in each case: what leaves does so because a person asked for it, and is named."""
    yield "leaves with a question", True, _with_a_question(settings)
    hub = shown(os.environ.get("HF_ENDPOINT", _HUB))
    detail = f"the name of the model, to {hub}, when you run it; HF_HUB_OFFLINE=1 forbids it"
    yield "leaves with rag models pull", True, detail


def _with_a_question(settings: Settings) -> str:
    host = destination(settings)
    if not host:
        return "nothing"
    origin = settings.origins.get("base_url", "default")
    what = "the question, the chat before it, the passages found and RAG_API_KEY"
    return f"{what}, to {printable(host)} (base_url, from {printable(origin)})"
