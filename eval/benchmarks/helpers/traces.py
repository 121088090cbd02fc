"""What a command does to the files of a folder, system call by system call, seen by strace.

Linux, with strace installed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALLS = "openat,write,writev,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,unlinkat"
LONGEST = 1 << 24  # bytes of a write that are recorded; a longer one would come back cut
FAILING = "write,pwrite64,ftruncate,fsync,fdatasync,rename"
"""Calls that an error is put into. Children tell by `writev`, which always works."""

_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>,? ?")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_FILE = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2})*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded: the paths in it, the bytes written, and where."""

    name: str
    paths: tuple[Path, ...]
    data: bytes = b""
    offset: int = 0  # offset of a write, new length of a truncation
    flags: str = ""
    descriptor: int = -1


def record(command: Sequence[str], log: Path) -> tuple[list[Call], int]:
    """Runs a command; its calls in order, and its exit code."""
    tracing = ["strace", "-f", "-y", "-xx", "-s", str(LONGEST), "-e", f"trace={CALLS}", "-o", log]
    done = subprocess.run([*map(str, tracing), *command], stdout=subprocess.DEVNULL, check=False)
    return list(parse(log.read_text("ascii"))), done.returncode


def failing(command: Sequence[str], error: str, number: int) -> tuple[list[str], int]:
    """Runs a command whose n-th write, sync or rename fails; its lines, and its exit code."""
    fault = f"inject={FAILING}:error={error}:when={number}"
    tracing = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={FAILING}", "-e", fault]
    done = subprocess.run([*tracing, *command], capture_output=True, text=True, check=False)
    return done.stdout.splitlines(), done.returncode


def parse(log: str) -> Iterator[Call]:
    """Gives the successful calls of a log of `strace -f -y -xx`."""
    halves: dict[str, str] = {}
    offsets: dict[int, int] = {}
    for line in log.splitlines():
        if not (match := _LINE.fullmatch(line)):
            continue
        pid, rest = match["pid"], match["rest"]
        if rest.endswith("<unfinished ...>"):
            halves[pid] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        if resumed := _RESUMED.match(rest):
            rest = halves.pop(pid, "") + rest[resumed.end() :]
        if (call := _CALL.match(rest)) and not call["result"].startswith("-"):
            yield _call(call["name"], call["arguments"], int(call["result"]), offsets)


def _call(name: str, arguments: str, result: int, offsets: dict[int, int]) -> Call:
    texts = [_bytes(text) for text in _TEXT.findall(arguments)]
    file = _FILE.match(arguments)
    descriptor = int(file[1]) if file else -1
    path = Path(_bytes(file[2]).decode()) if file else Path()
    if name == "openat":
        offsets[result] = 0
        flags = arguments.rpartition('", ')[2]
        return Call(name, (Path(texts[0].decode()),), flags=flags, descriptor=result)
    if name in ("rename", "unlink", "unlinkat"):
        return Call(name, tuple(Path(text.decode()) for text in texts))
    if name in ("write", "writev"):
        offset = offsets.get(descriptor, 0)
        offsets[descriptor] = offset + result
        return Call(name, (path,), b"".join(texts)[:result], offset, descriptor=descriptor)
    offset = int(arguments.rpartition(" ")[2]) if name in ("pwrite64", "ftruncate") else 0
    data = texts[0][:result] if texts else b""
    return Call(name, (path,), data, offset, descriptor=descriptor)


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
