"""The audit log of a library: who did what and when, so that no entry is changed unseen.

Entries are lines of JSON in the library's folder. Each carries a keyed hash of itself and of the
one before. Key and head lie outside, in the configuration folder of who runs the library: whoever
changes the log without them is found out by `verify`, and so is a log that was cut short or written
anew. Against one who holds both, note the head elsewhere (`rag audit head`).
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from rag.config import config_folder
from rag.errors import LibraryDamaged, UsageError
from rag.server.kept import KeptJson
from rag.system import private_files

FILE = "audit.jsonl"
_DAY = 24 * 3600.0
_TAIL = 65_536  # bytes that hold the last entry
_CHANGE = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
_NOTHING = (0, "")  # number and seal before the first entry
_FORGET = "audit forget"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `at`: seconds since 1970."""

    number: int
    at: float
    who: str
    what: str
    about: Mapping[str, Any]
    previous: str  # the seal of the entry before
    seal: str = ""

    def sealed_by(self, key: bytes) -> str:
        """Returns the seal that the entry has by a key."""
        fields = {name: value for name, value in asdict(self).items() if name != "seal"}
        content = json.dumps(fields, sort_keys=True).encode()
        return hmac.new(key, content, sha256).hexdigest()

    def sealed(self, key: bytes) -> Entry:
        """Returns the entry with its seal."""
        return replace(self, seal=self.sealed_by(key))

    def line(self) -> bytes:
        """Returns the line of the log that it is."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Audit:
    """The log of the library in a folder; switched on by `start`. May be used from several threads
    and processes."""

    def __init__(self, library: Path, anchors: Path | None = None) -> None:
        """`anchors`: where keys and heads lie; the configuration folder by default.

        Raises UsageError where there is no such folder.
        """
        home = anchors or config_folder(os.environ)
        if home is None:
            raise UsageError("there is no folder for the audit's key", "export XDG_CONFIG_HOME=DIR")
        self.path = library.resolve() / FILE
        name = sha256(os.fsencode(self.path.parent)).hexdigest()[:16]
        self._anchor = KeptJson(home / "audit" / f"{name}.json")

    @property
    def on(self) -> bool:
        """Tells whether entries are kept."""
        return self._anchor.path.exists()

    def start(self, who: str) -> None:
        """Switches the log on. Raises UsageError where it is on, or an earlier log lies there."""
        with self._anchor.locked():
            if self.on:
                raise UsageError(f"{self.path} is kept already", "rag audit verify")
            if self.path.exists():
                raise UsageError(
                    f"{self.path} is there, and its key is not", f"move it away: mv {self.path} DIR"
                )
            private_files.make_folder(self.path.parent)
            private_files.touch(self.path)
            key = secrets.token_hex(32)
            self._anchor.write({"key": key, "starts": [_NOTHING], "head": _NOTHING})
        self.note(who, "audit start")

    def note(self, who: str, what: str, **about: object) -> None:
        """Adds an entry; it is on the disk on return. Nothing where the log is off."""
        if not self.on:
            return
        with self._anchor.locked():
            anchor = self._anchored()
            number, previous = self._end(anchor)
            bare = Entry(number + 1, time.time(), who, what, about, previous)
            entry = bare.sealed(bytes.fromhex(anchor["key"]))
            with os.fdopen(os.open(self.path, _CHANGE, private_files.FILE_MODE), "r+b") as stream:
                stream.truncate(_whole(stream))
                stream.seek(0, os.SEEK_END)
                stream.write(entry.line())
                stream.flush()
                os.fsync(stream.fileno())
            self._anchor.write(anchor | {"head": (entry.number, entry.seal)})

    def head(self) -> tuple[int, str]:
        """Returns number and seal of the last entry. Raises UsageError where the log is off."""
        self._require()
        number, seal = self._anchored()["head"]
        return int(number), str(seal)

    def entries(self) -> Iterator[Entry]:
        """Gives the entries, oldest first. Raises UsageError, and LibraryDamaged for a bad line."""
        self._require()
        for position, line in enumerate(self._lines(), start=1):
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise LibraryDamaged(
                    f"{self.path}, line {position} is no entry", "rag audit verify"
                ) from error

    def verify(self, noted: tuple[int, str] | None = None) -> str:
        """Returns what is wrong with the log; "" where every entry is as it was written.

        `noted`: number and seal of a head that was noted elsewhere. Raises UsageError where the
        log is off.
        """
        self._require()
        anchor = self._anchored()
        key, seals = bytes.fromhex(anchor["key"]), dict([_NOTHING])
        last: tuple[int, str] | None = None
        first, cuts = _NOTHING, {_NOTHING}
        try:
            for entry in self.entries():
                start = (entry.number - 1, entry.previous)
                if last is None and list(start) not in anchor["starts"]:
                    return f"entries before number {entry.number} are missing"
                if last is not None and start != last:
                    return f"entry {entry.number} does not follow entry {last[0]}"
                if not hmac.compare_digest(entry.sealed_by(key), entry.seal):
                    return f"entry {entry.number} is not as it was written"
                first = start if last is None else first
                last = (entry.number, entry.seal)
                seals[entry.number] = entry.seal
                if entry.what == _FORGET and "through" in entry.about:
                    cuts.add((entry.about["through"], entry.about["seal"]))
        except (LibraryDamaged, TypeError) as error:
            return str(error)
        if first not in cuts:
            return (
                f"entries before number {first[0] + 1} are gone, and no entry says that they went"
            )
        forgotten = max(number for number, _ in anchor["starts"])
        if problem := _lacks(seals, *anchor["head"]):
            return problem
        return _lacks(seals, *noted) if noted and noted[0] > forgotten else ""

    def forget(self, days: float, who: str) -> int:
        """Takes entries off that are older than so many days; returns how many.

        The rest stays sealed, and a sealed entry says who took off what. Raises UsageError where
        the log is off or is not as it was written.
        """
        if problem := self.verify():
            raise UsageError(f"{self.path}: {problem}", "rag audit verify")
        limit, gone, start = time.time() - days * _DAY, 0, _NOTHING
        kept: list[bytes] = []
        with self._anchor.locked():
            anchor = self._anchored()
            for entry in self.entries():
                if not kept and entry.at < limit and entry.number < anchor["head"][0]:
                    gone, start = gone + 1, (entry.number, entry.seal)
                else:
                    kept.append(entry.line())
            if gone:  # a kill in between leaves a log that begins at one of the two
                about = {"days": days, "entries": gone, "through": start[0], "seal": start[1]}
                number, previous = self._end(anchor)
                bare = Entry(number + 1, time.time(), who, _FORGET, about, previous)
                cut = bare.sealed(bytes.fromhex(anchor["key"]))
                self._anchor.write(anchor | {"starts": [*anchor["starts"], start]})
                private_files.write(self.path, b"".join((*kept, cut.line())))
                self._anchor.write(anchor | {"starts": [start], "head": (cut.number, cut.seal)})
        return gone

    def _anchored(self) -> dict[str, Any]:
        anchor = self._anchor.read()
        if not isinstance(anchor, dict) or not {"key", "starts", "head"} <= anchor.keys():
            raise self._anchor.damaged(ValueError("another form"))
        return anchor

    def _end(self, anchor: Mapping[str, Any]) -> tuple[int, str]:
        """Returns what the next entry follows: the head, or the one entry behind it.

        A log that was tampered with is gone on with at the head, so that this stays visible.
        """
        number, seal = anchor["head"]
        lines = self._lines(_TAIL)
        try:
            last = Entry(**json.loads(lines[-1]))
            follows = (last.number, last.previous) == (number + 1, seal)
            if follows and last.sealed_by(bytes.fromhex(anchor["key"])) == last.seal:
                return last.number, last.seal
        except (IndexError, ValueError, TypeError):
            pass
        return int(number), str(seal)

    def _lines(self, most: int = 0) -> list[bytes]:
        """Returns the whole lines; those in the last `most` bytes where that is given.

        What stands behind the last of them is of a writer that was killed.
        """
        try:
            with self.path.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - most) if most else 0)
                return stream.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []

    def _require(self) -> None:
        if not self.on:
            raise UsageError(f"no audit log is kept of {self.path.parent}", "rag audit start")


def _lacks(seals: Mapping[int, str], number: int, seal: str) -> str:
    """Returns what is wrong where an entry was written with this seal; "" where it is there."""
    if number not in seals:
        return f"entries up to number {number} were written, and are missing at the end"
    if not hmac.compare_digest(seals[number], seal):
        return f"entry {number} is not the one that was written: the log was made anew"
    return ""


def _whole(stream: BinaryIO) -> int:
    """Returns the bytes of a log's whole lines: a killed writer may have left half of one."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    return size - len(stream.read().rpartition(b"\n")[2])
