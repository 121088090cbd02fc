"""Which files a path stands for: walks folders, keeps to regular files inside them.

Hidden files, the locks of office programs and the library's own folder stay out by rule. All else
that is not taken is named with its outcome: links that lead out of the folder or nowhere, pipes,
sockets and devices (never opened), folders that cannot be listed.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import FileProblem, UsageError
from rag.schema import FileReport, Outcome

MOST_ENTRIES = 500_000
"""The entries of all folders of a walk together: what bounds its time and memory."""

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_GONE = (errno.ENOENT, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest: where it is, its name relative to the ingested root, and its metadata."""

    location: Path  # absolute
    path: str  # relative to the root, with forward slashes; bytes that are no UTF-8 as `\\xe9`
    size: int
    modified_ns: int
    named: bool = False  # by the person, not met in a folder

    @property
    def key(self) -> str:
        """Returns the absolute path as text that can be stored: a name need not be valid UTF-8."""
        return key_of(self.location)


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk met: the files to ingest, and what else there was, with why it is not one."""

    sources: list[Source]
    left_out: list[FileReport]
    whole: bool  # False: a folder held more than MOST_ENTRIES


def root_of(path: Path) -> Path:
    """Returns the one absolute path of a file or folder, however it was spelled or linked to."""
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a home of nobody, a zero in the name
        raise UsageError(f"«{path}» is no path: {error}", "check the path") from error


def key_of(location: Path) -> str:
    """Returns an absolute path as text that SQLite accepts."""
    return os.fsencode(location).decode("utf-8", "backslashreplace")


def gone(key: str) -> bool:
    """Tells whether nothing is at an absolute path any more; False where that cannot be seen."""
    try:
        os.lstat(key)
    except OSError as error:
        return error.errno in _GONE
    return False


def discover(paths: Sequence[Path], leave_out: Path) -> Found:
    """Returns the files below `paths`, sorted, without repetition.

    Raises UsageError for a path that is not there.
    """
    files: dict[Path, Source] = {}
    others: dict[Path, FileReport] = {}
    whole = True
    for given in paths:
        root = _resolve(given)
        walk = _Walk(root if root.is_dir() else root.parent, root_of(leave_out))
        for source in walk.below(root) if root.is_dir() else walk.only(root):
            if source.named or source.location not in files:
                files[source.location] = source
        others = walk.reports | others
        whole = whole and walk.whole
    left_out = [report for location, report in others.items() if location not in files]
    return Found(
        sorted(files.values(), key=lambda source: source.path),
        sorted(left_out, key=lambda report: report.path),
        whole,
    )


def listed(base: Path, names: Sequence[Path], leave_out: Path) -> Found:
    """Returns the files below a root that an earlier walk has met there, as they are now.

    One that is not to be seen is reported: whoever looks may not have the folder.
    """
    walk = _Walk(base, root_of(leave_out))
    sources = [source for name in names for source in walk.only(base / name)]
    met = {*walk.reports, *(source.location for source in sources)}
    for name in names:
        if base / name not in met:
            walk.miss(base / name)
    return Found(sources, list(walk.reports.values()), whole=True)


def _resolve(given: Path) -> Path:
    try:
        root = root_of(given)
        root.stat()
    except FileNotFoundError as error:
        raise UsageError(f"{given} does not exist", "check the path") from error
    except (OSError, RuntimeError) as error:  # a link to itself, a folder that is locked, ~nobody
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{given} cannot be opened: {reason}", "check the path") from error
    return root


class _Walk:
    """One folder, walked with a list in place of recursion: a tree may be deeper than a stack."""

    def __init__(self, base: Path, leave_out: Path) -> None:
        self._base = base
        self._leave_out = leave_out
        self.reports: dict[Path, FileReport] = {}  # of what is not taken
        self._seen: dict[tuple[int, int], Path] = {}  # folders by device and inode
        self._left = MOST_ENTRIES

    @property
    def whole(self) -> bool:
        """Tells whether the walk has met all that there is."""
        return self._left >= 0

    def below(self, root: Path) -> list[Source]:
        """Returns the files of a folder and its folders."""
        taken: list[Source] = []
        folders = [root]
        while folders and self.whole:
            here = folders.pop()
            for name in self._names(here):
                if not name.startswith((".", "~$")):
                    self._sort(here / name, taken, folders)
        if not self.whole:
            reason = f"more than {MOST_ENTRIES:,} files and folders; the rest was left out"
            self._report(root, Outcome.TOO_LARGE, reason, "ingest the folders in it one by one")
        return taken

    def only(self, location: Path) -> list[Source]:
        """Returns a file that was named itself, if it can be taken."""
        taken: list[Source] = []
        self._sort(location, taken, [])
        return [replace(source, named=True) for source in taken]

    def miss(self, location: Path) -> None:
        """Reports a file that is not there."""
        reason = f"it is not at {key_of(location)} on {socket.gethostname()}"
        advice = "share its folder with every worker under one path, or ingest again if it is gone"
        self._report(location, Outcome.UNREADABLE, reason, advice)

    def _names(self, folder: Path) -> list[str]:
        names = []
        try:
            facts = folder.stat()
            known = self._seen.setdefault((facts.st_dev, facts.st_ino), folder)
            if known != folder and facts.st_ino:  # a bind mount, perhaps of what is above it
                reason = f"the same folder as {self._shown(known)}, which is read"
                self._report(folder, Outcome.DUPLICATE, reason, "")
                return []
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._left -= 1
                    if not self.whole:
                        break
                    names.append(entry.name)
        except OSError as error:
            self._report(folder, Outcome.UNREADABLE, *_cause(error, "folder"))
        return sorted(names)

    def _sort(self, location: Path, taken: list[Source], folders: list[Path]) -> None:
        """Puts a name into `taken` or `folders`, or reports why it is in neither."""
        try:
            facts = os.lstat(location)
            if stat.S_ISLNK(facts.st_mode):
                linked = self._follow(location)
                if linked is None:
                    return
                facts = linked
            elif stat.S_ISDIR(facts.st_mode):
                if location != self._leave_out:
                    folders.append(location)
                return
        except OSError as error:
            if error.errno != errno.ENOENT:  # else it vanished meanwhile
                self._report(location, Outcome.UNREADABLE, *_cause(error, "file"))
            return
        if stat.S_ISREG(facts.st_mode):
            path = self._shown(location)
            taken.append(Source(location, path, facts.st_size, facts.st_mtime_ns))
        else:
            kind = _KINDS.get(stat.S_IFMT(facts.st_mode), "no regular file")
            self._report(
                location, Outcome.UNSUPPORTED, f"{kind}; such are never opened", "remove it"
            )

    def _follow(self, link: Path) -> os.stat_result | None:
        """Returns the facts on the file within that a link leads to.

        Returns None for a link that is reported, and for one to a folder, which is walked anyway.
        """
        try:
            facts: os.stat_result | None = link.stat()
        except OSError as error:
            if error.errno == errno.ELOOP:
                self._report(link, Outcome.UNREADABLE, "a link that leads to itself", "remove it")
                return None
            facts = None
        target = Path(os.path.realpath(link))
        if not target.is_relative_to(self._base):
            reason = f"a link that leads out, to {key_of(target)}"
            self._report(link, Outcome.OUTSIDE, reason, f"rag ingest {key_of(target)}")
        elif facts is None:
            reason = f"a link to {self._shown(target)}, which cannot be opened"
            self._report(link, Outcome.UNREADABLE, reason, "remove the link, or mend it")
        elif not stat.S_ISDIR(facts.st_mode):  # a folder within is read under its own name
            return facts
        return None

    def _shown(self, location: Path) -> str:
        return key_of(Path(location.relative_to(self._base).as_posix()))

    def _report(self, location: Path, outcome: Outcome, reason: str, advice: str) -> None:
        problem = str(FileProblem(outcome, reason, advice))
        self.reports[location] = FileReport(self._shown(location), outcome, problem)


def _cause(error: OSError, kind: str) -> Iterable[str]:
    """Returns why something cannot be opened, and what to do about it."""
    if error.errno == errno.ENAMETOOLONG:
        return "its path is longer than the system opens", "shorten the names above it"
    return f"the {kind} cannot be opened: {error.strerror}", "check its permissions"
