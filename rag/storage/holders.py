"""Which processes read an older state of a database in WAL mode, as far as the system tells.

SQLite marks a running read by a lock on one of five bytes of the file `-shm`; Linux lists the locks
with their owners.
"""

from __future__ import annotations

from pathlib import Path

from rag.schema import Holder

LOCKS = Path("/proc/locks")
_MARKS = range(123, 128)  # WAL_READ_LOCK(0) to (4) of SQLite's wal.c; they are its file format
_WORDS, _LENGTH = 3, 60  # of a command line: the program and the command, not what is asked


def holders(database: Path) -> tuple[Holder, ...]:
    """Returns the processes that read, by number; none where the system does not tell."""
    try:
        inode = Path(f"{database}-shm").stat().st_ino
        lines = LOCKS.read_text("ascii").splitlines()
    except OSError:
        return ()
    pids = {pid for pid in (_reader(line, inode) for line in lines) if pid}
    return tuple(Holder(pid, _name(pid)) for pid in sorted(pids))


def _reader(line: str, inode: int) -> int:
    """Returns the process that holds a lock of this line on a mark; 0 for any other lock.

    12: POSIX  ADVISORY  READ 4711 fe:00:2146724 124 124
    """
    try:
        kind, _, _, pid, file, first, last = line.split()[1:8]
        held = range(int(first), int(last) + 1)
    except ValueError:  # of a process that waits, or to the end of a file
        return 0
    marks = range(max(held.start, _MARKS.start), min(held.stop, _MARKS.stop))
    same = kind in ("POSIX", "OFDLCK") and file.rpartition(":")[2] == str(inode)
    return max(int(pid), 0) if same and marks else 0


def _name(pid: int) -> str:
    """Returns the first words of a command line, without options and signs for a terminal."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "unknown"
    if "-c" in arguments:  # of an interpreter: its program follows
        arguments = arguments[: arguments.index("-c")]
    words = [Path(word).name for word in arguments if word and not word.startswith("-")][:_WORDS]
    return "".join(sign for sign in " ".join(words) if sign.isprintable())[:_LENGTH]
