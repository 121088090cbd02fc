"""What the doctor says of privacy: what libraries tell, who can read, and what would leave.

Nothing here reaches for the network.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from rag.config import Settings, config_files, config_folder
from rag.system import private_files, telemetry
from rag.system.addresses import printable, shown

Check = tuple[str, bool, str]
"""What was looked at, whether it is well, and the detail."""

# Where the models are kept, unless a setting says otherwise.
_OWN = Path("~/.fuente")
_NONE = ("settings files", True, "there is none: defaults, environment and flags")
_OTHERS = {
    "with each command": "server",
    "with each passage that is read, and RAG_EMBED_TOKEN": "embed_at",
    "when people sign in": "oidc_issuer",
    "with each request to `rag serve`, without a word of it": "traces_url",
    "when a measure of `rag serve` is beyond its threshold": "notice_url",
}
_QUEUE = "Microsoft/DeveloperTools/.onnxruntime"
_HUB = "https://huggingface.co"


def examine(settings: Settings) -> list[Check]:
    """Returns the checks of privacy under these settings."""
    return [*_switches(), *_own_folders(), *_files(settings), *_leaving(settings)]


def _switches() -> Iterator[Check]:
    for switch in telemetry.SWITCHES:
        off = telemetry.is_off(switch)
        state = "off" if off else f"ON; export {switch.variable}={switch.value}"
        yield f"telemetry {switch.variable}", off, f"{state} ({switch.package}: {switch.reason})"
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
    home = _OWN
    with contextlib.suppress(RuntimeError):
        home = home.expanduser()
    for name, folder in (("own folder", home), ("configuration", config_folder(os.environ))):
        if folder is not None and folder.is_dir():  # what lies deeper lies behind these
            closed = not any(map(private_files.is_exposed, (folder, *folder.iterdir())))
            yield permissions(name, folder, closed, f"chmod -R go-rwx {folder}")


def _files(settings: Settings) -> Iterator[Check]:
    """Gives a check that passes always: what was ignored does no harm, and may be wanted so."""
    files = config_files(os.environ)
    yield from [] if files else [_NONE]
    for file in files:
        name = f"settings file {printable(str(file.path))}"
        ignored = [setting.name for setting in settings.ignored if setting.path == file.path]
        if file.trusted:
            yield name, True, "trusted: all that it says is obeyed"
        elif ignored:
            yield name, True, f"not trusted, ignored: {', '.join(ignored)}; {file.next_command}"
        else:
            yield name, True, "not trusted, and says nothing that would need it"


def _leaving(settings: Settings) -> Iterator[Check]:
    """Gives checks that pass always: what leaves was asked for by a person, and is named."""
    yield "leaves with a question", True, _with_a_question(settings)
    for what, name in _OTHERS.items():
        if address := str(getattr(settings, name)):
            yield f"leaves {what}", True, f"to {shown(address)} ({name})"
    hub = shown(os.environ.get("HF_ENDPOINT", _HUB))
    when = "when you run it, or bring one in on the app's settings page"
    detail = f"the name of the model, to {hub}, {when}; HF_HUB_OFFLINE=1 forbids both"
    yield "leaves with rag models pull", True, detail


def _with_a_question(settings: Settings) -> str:
    from rag.library import overview

    host = overview.destination(settings)
    if not host:
        return "nothing"
    origin = settings.origins.get("base_url", "default")
    what = "the question, the chat before it, the passages found and RAG_API_KEY"
    return f"{what}, to {printable(host)} (base_url, from {printable(origin)})"
