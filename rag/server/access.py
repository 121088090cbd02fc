"""Who may read what: users and groups with the folders and files that are open to them.

Without a rule everybody with a lasting token reads all. From the first rule on a user reads what a
rule opens to them, to one of their groups or to `@everyone`, and nothing else; so does from the
start who has signed in, for a provider of identities may let in people whom nobody here knows. The
scope admin reads all. A folder is named as the library shows it; `*` stands for the whole library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath

from rag.errors import UsageError
from rag.server.kept import KeptJson
from rag.server.tokens import NAME, Scope

FILE = "access.json"
EVERYONE, WHOLE = "@everyone", "*"
_GROUP = "@"


@dataclass(frozen=True, slots=True)
class Rules:
    """`opened`: files and folders by who may read them; `groups`: the users of each.

    `scopes`: what who has signed in may do besides reading, by user or group.
    """

    opened: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)

    def readable(
        self, user: str, groups: Iterable[str] = (), signed_in: bool = False
    ) -> tuple[str, ...] | None:
        """Returns the files and folders that a user may read; None: all.

        `groups`: those that the provider of identities has them in, besides the rules' own.
        """
        if not self.opened and not signed_in:
            return None
        names = (*self._names(user, groups), EVERYONE)
        paths = {path for who in names for path in self.opened.get(who, ())}
        return None if WHOLE in paths else tuple(sorted(paths))

    def scope(self, user: str, groups: Iterable[str]) -> Scope:
        """Returns the widest scope of a user who has signed in."""
        given = {self.scopes[who] for who in self._names(user, groups) if who in self.scopes}
        return next((scope for scope in reversed(Scope) if scope in given), Scope.READ)

    def _names(self, user: str, groups: Iterable[str]) -> list[str]:
        """Returns the names by which rules mean a user."""
        own = (name for name, users in self.groups.items() if user in users)
        return [user, *(_GROUP + name for name in (*own, *groups))]


class Access:
    """The rules of the library in a folder, read anew at each look: a change counts at once."""

    def __init__(self, library: Path) -> None:
        self._file = KeptJson(library / FILE)

    def rules(self) -> Rules:
        """Returns the rules. Raises LibraryDamaged for a file of another form."""
        try:
            kept = self._file.read()  # of another form it must not pass for «no rules»
            if kept is None:
                return Rules()
            scopes = {str(who): Scope(scope) for who, scope in kept.get("scopes", {}).items()}
            return Rules(_tuples(kept["opened"]), _tuples(kept["groups"]), scopes)
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise self._file.damaged(error) from error

    def allow(self, who: str, path: str) -> None:
        """Opens a file or folder to a user or a `@group`. Raises UsageError for a bad name."""
        _require_name(who)
        with self._file.locked():
            rules = self.rules()
            paths = {*rules.opened.get(who, ()), _clean(path)}
            self._write(replace(rules, opened={**rules.opened, who: tuple(sorted(paths))}))

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
            self._write(replace(rules, opened={**rules.opened, who: left}))

    def grant(self, who: str, scope: Scope) -> None:
        """Lets a user who signs in, or a `@group`, do what a scope allows; `read` takes it back.

        Raises UsageError for a bad name.
        """
        _require_name(who)
        if who == EVERYONE:
            raise UsageError(f"{EVERYONE} may read at most", "name a user or another @group")
        with self._file.locked():
            rules = self.rules()
            scopes = {key: kept for key, kept in rules.scopes.items() if key != who}
            given = {} if scope is Scope.READ else {who: scope.value}
            self._write(replace(rules, scopes=scopes | given))

    def set_group(self, name: str, users: Iterable[str]) -> None:
        """Says who belongs to a group; nobody ends it. Raises UsageError for a bad name."""
        name, members = name.removeprefix(_GROUP), tuple(sorted(set(users)))
        for given in (name, *members):
            if not NAME.fullmatch(given):
                raise UsageError(f"«{given}» is no name", "take letters, digits, . _ and -")
        with self._file.locked():
            rules = self.rules()
            groups = {key: kept for key, kept in rules.groups.items() if key != name}
            groups |= {name: members} if members else {}
            self._write(replace(rules, groups=groups))

    def _write(self, rules: Rules) -> None:
        self._file.write(asdict(rules))


def _require_name(who: str) -> None:
    if not NAME.fullmatch(who.removeprefix(_GROUP)):
        raise UsageError(f"«{who}» is no user or @group", "take letters, digits, . _ + - and @")


def _tuples(kept: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {str(name): tuple(map(str, values)) for name, values in kept.items()}


def _clean(path: str) -> str:
    """Returns a path as the library shows it. Raises UsageError for one that names no folder."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise UsageError(f"«{path}» is no path of the library", "rag status --verbose lists them")
    return "/".join(parts)
