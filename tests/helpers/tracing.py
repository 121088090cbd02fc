"""What a command and all its children do to the network and to the disk, as the system saw it.

strace follows every process, so libraries that open sockets or files without Python are seen too.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAG = str(Path(sys.executable).with_name("rag"))
_NETWORK = "connect sendto sendmsg sendmmsg bind io_uring_setup".split()
_OPENING = "open openat openat2 creat".split()
_CHANGING = """mkdir mkdirat mknod mknodat rename renameat renameat2 link linkat symlink symlinkat
    truncate unlink unlinkat rmdir chmod fchmodat chdir""".split()
_LINKING = ("link", "linkat", "symlink", "symlinkat")  # their first path is left as it is
_WRITING = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
_NAME_PORTS = ("53", "853", "5353")  # a resolver on this machine asks further ones
# Whose name a user number has is asked there; every other service could pass things on.
_USER_NAMES = ("/run/nscd/", "/var/lib/sss/")

_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?)(?P<rest>.*)")
_HEX = r"((?:\\x[0-9a-f]{2})*)"
_PATH = re.compile(rf'(?:(?:AT_FDCWD|\d+)<{_HEX}>, )?"{_HEX}"')
_OPENED = re.compile(rf"<{_HEX}>")
_ADDRESS = re.compile(r"\{sa_family=(?P<family>\w+)(?P<rest>[^{}]*)\}")
_TEXT = re.compile(rf'"{_HEX}"')


@dataclass
class Seen:
    """Attempts to leave the machine, and the paths that were written, made, renamed or removed."""

    ways_out: list[str] = field(default_factory=list)
    written: set[Path] = field(default_factory=set)

    def written_outside(self, *allowed: Path) -> list[str]:
        """Written paths that lie in none of these folders, devices and compiled Python aside."""
        return sorted(
            str(path)
            for path in self.written
            if not any(path.is_relative_to(folder) for folder in (*allowed, Path("/dev")))
            and not _compiled(path)
        )


def require() -> None:
    """Skips where strace cannot trace; fails where continuous integration runs."""
    reason = _missing()
    if reason and (os.environ.get("CI") or os.environ.get("FUENTE_REQUIRE_BROWSER") == "1"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def traced(folder: Path, command: Sequence[str]) -> list[str]:
    """The command line that runs a command under the trace; `folder` receives it, file a thread."""
    folder.mkdir()
    calls = ",".join(f"?{name}" for name in (*_NETWORK, *_OPENING, *_CHANGING))
    options = ["-ff", "--seccomp-bpf", "-qq", "-y", "-xx", "-e", f"trace={calls}"]
    return ["strace", *options, "-o", str(folder / "calls"), *command]


def seen(folder: Path, cwd: Path) -> Seen:
    """What the trace in `folder` holds of a command that ran in `cwd`."""
    found = Seen()
    for log in folder.iterdir():
        for line in log.read_text("ascii").splitlines():
            if call := _CALL.match(line):
                _note(found, call, cwd)
    return found


@cache
def _missing() -> str:
    if shutil.which("strace") is None:
        return "strace is not installed: apt-get install strace"
    probe = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "-e", "trace=connect"]
    tried = subprocess.run([*probe, sys.executable, "-c", ""], capture_output=True, text=True)
    return f"strace cannot trace here: {tried.stderr}" if tried.returncode else ""


def _note(found: Seen, call: re.Match[str], cwd: Path) -> None:
    name, arguments = call["name"], call["arguments"]
    done = not call["result"].startswith("-")
    if name == "io_uring_setup" and done:
        found.ways_out.append("io_uring: what goes through it cannot be traced")
    elif name in _NETWORK:
        found.ways_out += [f"{name} {method}" for method in _ways_out(arguments, done)]
    elif name in _OPENING and done:
        if name == "creat" or any(flag in arguments for flag in _WRITING):
            opened = _OPENED.match(call["rest"])
            found.written.update([Path(_text(opened[1]))] if opened else [])
    elif name in _CHANGING and done:
        paths = [
            cwd / _text(folder or "") / _text(path) for folder, path in _PATH.findall(arguments)
        ]
        found.written.update(paths[1:] if name in _LINKING else paths)


def _ways_out(arguments: str, done: bool) -> Iterator[str]:
    """The addresses among the arguments that are not of this machine, or of a resolver of names."""
    for address in _ADDRESS.finditer(arguments):
        family, rest = address["family"], address["rest"]
        texts = [_text(text) for text in _TEXT.findall(rest)]
        if family in ("AF_INET", "AF_INET6"):
            port = re.findall(r"htons\((\d+)\)", rest)[0]
            if port in _NAME_PORTS or not ipaddress.ip_address(texts[0]).is_loopback:
                yield f"{texts[0]} port {port}"
        elif family == "AF_UNIX":
            if done and texts and not any(names in texts[0] for names in _USER_NAMES):
                yield texts[0]
        elif family not in ("AF_NETLINK", "AF_UNSPEC"):  # the kernel itself; a socket let go
            yield f"{family}{rest}"


def _compiled(path: Path) -> bool:
    installed = (ROOT, Path(sys.prefix), Path(sys.base_prefix))
    inside = any(path.is_relative_to(folder) for folder in installed)
    return inside and "__pycache__" in path.parts


def _text(escaped: str) -> str:
    return os.fsdecode(bytes.fromhex(escaped.replace("\\x", "")))
