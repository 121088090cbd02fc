"""Who may read what: users and groups with the folders and files that are open to them.

Without a rule everybody with a token reads all. From the first rule on a user reads what a rule
opens to them, to one of their groups or to `@everyone`, and nothing else; a token with the scope
admin reads all. A folder is named as the library shows it; `*` stands for the whole library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from rag.errors import UsageError
from rag.server.kept import KeptJson
from rag.server.tokens import NAME

FILE = "access.json"
EVERYONE, WHOLE = "@everyone", "*"
_GROUP = "@"


@dataclass(frozen=True, slots=True)
class Rules:
    """`opened`: files and folders by who may read them; `groups`: the users of each."""

    opened: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def readable(self, user: str) -> tuple[str, ...] | None:
        """Returns the files and folders that a user may read; None: all."""
        if not self.opened:
            return None
        groups = (_GROUP + name for name, users in self.groups.items() if user in users)
        paths = {path for who in (user, EVERYONE, *groups) for path in self.opened.get(who, ())}
        return None if WHOLE in paths else tuple(sorted(paths))


class Access:
    """The rules of the library in a folder, read anew at each look: a change counts at once."""

    def __init__(self, library: Path) -> None:
        self._file = KeptJson(library / FILE)

    def rules(self) -> Rules:
        """Returns the rules. Raises LibraryDamaged for a file of another form."""
        try:
            kept = self._file.read()  # of another form it must not pass for «no rules»
            return (
                Rules() if kept is None else Rules(*map(_tuples, (kept["opened"], kept["groups"])))
            )
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise self._file.damaged(error) from error

    def allow(self, who: str, path: str) -> None:
        """Opens a file or folder to a user or a `@group`. Raises UsageError for a bad name."""
        if not NAME.fullmatch(who.removeprefix(_GROUP)):
            raise UsageError(f"«{who}» is no user or @group", "take letters, digits, . _ and -")
        with self._file.locked():
            rules = self.rules()
            paths = {*rules.opened.get(who, ()), _clean(path)}
            self._write({**rules.opened, who: tuple(sorted(paths))}, rules.groups)

    def deny(self, who: str, path: str) -> None:
        """Takes a rule back. Raises UsageError where there is no such rule.

        The last path of a user goes without the rules being over: they then read nothing.
        """
        with self._file.locked():
            rules = self.rules()
            paths, clean = rules.opened.get(who, ()), _clean(path)
            if clean not in paths:
                raise UsageError(f"«{clean}» is not open to {who} by a rule", "rag access list")
            left = tuple(item for item in paths if item != clean)
            self._write({**rules.opened, who: left}, rules.groups)

    def set_group(self, name: str, users: Iterable[str]) -> None:
        """Says who belongs to a group; nobody ends it. Raises UsageError for a bad name."""
        name, members = name.removeprefix(_GROUP), tuple(sorted(set(users)))
        for given in (name, *members):
            if not NAME.fullmatch(given):
                raise UsageError(f"«{given}» is no name", "take letters, digits, . _ and -")
        with self._file.locked():
            rules = self.rules()
            groups = {key: kept for key, kept in rules.groups.items() if key != name}
            self._write(rules.opened, groups | ({name: members} if members else {}))

    def _write(
        self, opened: Mapping[str, tuple[str, ...]], groups: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._file.write(asdict(Rules(dict(opened), dict(groups))))


def _tuples(kept: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {str(name): tuple(map(str, values)) for name, values in kept.items()}


def _clean(path: str) -> str:
    """Returns a path as the library shows it. Raises UsageError for one that names no folder."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise UsageError(f"«{path}» is no path of the library", "rag status --verbose lists them")
    return "/".join(parts)
