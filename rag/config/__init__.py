"""Settings: defaults < files < RAG_* environment < flags, and where each value came from.

The files are `rag.toml` in the person's configuration folder and, over it, in the working
directory; the second sets what could do harm only once it is trusted (`trust`). `load` returns one
frozen object; no other module looks at the environment. `rag config` prints the origins.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rag.config.settings import (
    CHOICES as CHOICES,
    NAMES as NAMES,
    Ignored as Ignored,
    Settings as Settings,
)
from rag.errors import UsageError
from rag.system import addresses, own_settings, trust

CONFIG_FILE = "rag.toml"
ENVIRONMENT_PREFIX = "RAG_"
KEY_VARIABLE = "RAG_API_KEY"
EMBED_VARIABLE = "RAG_EMBED_TOKEN"
TOKEN_VARIABLE = "RAG_SERVER_TOKEN"  # noqa: S105 - a variable's name
OIDC_VARIABLE = "RAG_OIDC_SECRET"
ADDRESSES = tuple(
    "base_url embed_at database server oidc_issuer app_url traces_url notice_url".split()
)
"""Settings that may hold a name and a password, which are shown nowhere."""

_log = logging.getLogger(__name__)

_FORMER_NAMES = {"reader": "qa_model", "reader_chars": "qa_chars"}
_KINDS = {item.name: type(getattr(Settings(), item.name)) for item in fields(Settings)}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of settings as it was read: what messages call it, and what makes it trusted."""

    path: Path
    origin: str
    content: bytes
    trusted: bool
    next_command: str = trust.COMMAND  # for what is ignored because the file is not trusted

    def values(self) -> dict[str, object]:
        """Returns what it says, each value brought to its kind. Raises UsageError."""
        try:
            given = tomllib.loads(self.content.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # no TOML, no UTF-8
            raise _unreadable(self.path, error) from error
        named = _renamed(given, self.origin)
        return {name: _checked(name, value, self.origin) for name, value in named.items()}


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """Merges the layers, and warns of each setting of a file that is not trusted.

    Raises UsageError for unknown names and for values of a wrong kind.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")
    ignored: list[Ignored] = []

    def take(name: str, value: object, origin: str) -> None:
        if name == "library" and values.pop("database", None):  # a folder in the stead of it
            origins["database"] = "default"
        values[name], origins[name] = value, origin

    for file in config_files(environment, directory):
        for name, value in file.values().items():
            why = "" if file.trusted else trust.objection(name, value)
            if why:
                entry = Ignored(name, shown(name, value), file.path, why, file.next_command)
                ignored.append(entry)
                _log.warning("%s", entry)
            else:
                take(name, value, file.origin)
    for origin, layer in (("environment", _from_environment(environment)), ("flag", flags or {})):
        for name, given in _renamed(layer, origin).items():
            if given is not None:
                take(name, _checked(name, given, origin), origin)
    return Settings(**values, origins=origins, ignored=tuple(ignored))


config_folder = trust.folder
"""The person's configuration folder under an environment; None where it names no home."""


def config_files(environment: Mapping[str, str], directory: Path | None = None) -> list[ConfigFile]:
    """Returns the files of settings that there are, the weaker first. Raises UsageError."""
    home = trust.folder(environment)
    here = (directory or Path.cwd()).absolute()
    files = []
    for folder in dict.fromkeys((home, here)):
        if folder is None:
            continue
        path = folder / CONFIG_FILE
        try:
            found = trust.read(path)
        except OSError as error:
            if folder != home or not isinstance(error, PermissionError):
                raise _unreadable(path, error) from error
            _log.warning("%s cannot be read and is left out", path)  # as with the HOME of another
            continue
        if found is None:
            continue
        content, facts = found
        if folder == home:
            advice = f"chmod go-w {folder} {path}"
            files.append(ConfigFile(path, str(path), content, trust.is_own(path, facts), advice))
        else:
            trusted = trust.is_trusted(path, content, home)
            files.append(ConfigFile(path, CONFIG_FILE, content, trusted))
    return files


@dataclass(frozen=True, slots=True)
class Trusted:
    """What was trusted: a file, its content's sha256, what only then counts; and where it is kept.

    The values may be shown.
    """

    path: Path
    sha256: str
    settings: Mapping[str, str]
    record: Path


def trust_here(
    environment: Mapping[str, str] | None = None, directory: Path | None = None
) -> Trusted:
    """Trusts the working directory's file as it is now. Raises UsageError where there is none."""
    environment = os.environ if environment is None else environment
    here = (directory or Path.cwd()).absolute() / CONFIG_FILE
    file = next((file for file in config_files(environment, directory) if file.path == here), None)
    if file is None:
        raise UsageError(f"there is no {here}", "rag config")
    chosen = {
        name: shown(name, value)
        for name, value in file.values().items()
        if trust.objection(name, value)
    }
    record = trust.record(here, file.content, trust.folder(environment))
    return Trusted(here, trust.digest(file.content), chosen, record)


def save(changes: Mapping[str, str | int | float | bool]) -> Path:
    """Writes settings into the person's own file; returns where it is. Raises UsageError."""
    folder = trust.folder(os.environ)
    if folder is None:
        raise UsageError("there is no home folder to keep settings in", "export HOME=…")
    for name, value in changes.items():
        _checked(name, value, CONFIG_FILE)
    own_settings.write(folder / CONFIG_FILE, changes)
    return folder / CONFIG_FILE


def shown(name: str, value: object) -> str:
    """Returns the value of a setting as a person may see it: an address without its login."""
    return (addresses.shown if name in ADDRESSES else addresses.printable)(str(value))


def api_key() -> str:
    """Returns the key of the server: from the environment alone, so that no file keeps it."""
    return os.environ.get(KEY_VARIABLE, "")


def server_token() -> str:
    """Returns the token for the server of the setting `server`: from the environment alone."""
    return os.environ.get(TOKEN_VARIABLE, "")


def embed_token() -> str:
    """Returns the token of the server that embeds passages: from the environment alone."""
    return os.environ.get(EMBED_VARIABLE, "")


def oidc_secret() -> str:
    """Returns the secret that the issuer gave this client: from the environment alone."""
    return os.environ.get(OIDC_VARIABLE, "")


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(
        f"{addresses.printable(str(path))} cannot be read: {error}", "correct or remove the file"
    )


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    # Only known names: RAG_* may hold another program's variables.
    return {
        name: environment[ENVIRONMENT_PREFIX + name.upper()]
        for name in (*NAMES, *_FORMER_NAMES)
        if ENVIRONMENT_PREFIX + name.upper() in environment
    }


def _renamed(values: Mapping[str, object], origin: str) -> Mapping[str, object]:
    """Returns the values under the settings' names of today, and warns of each former name.

    Where both names are given, the name of today counts. A library at an address is the setting
    `database`.
    """
    for former, name in _FORMER_NAMES.items():
        if values.get(former) is not None:
            rest = {key: value for key, value in values.items() if key != former}
            values = {name: values[former], **rest}
            _log.warning("%s: the setting %s is now called %s", origin, former, name)
    if addresses.is_database(values.get("library")):
        return {"database" if name == "library" else name: values[name] for name in values}
    return values


def _checked(name: str, value: object, origin: str) -> object:
    """Returns the value as its kind, within what makes sense. Raises UsageError."""
    if name not in NAMES:
        name = addresses.printable(name, 60)
        raise UsageError(f"unknown setting «{name}» in {origin}", "rag config lists them all")
    kind = _KINDS[name]
    if issubclass(kind, Path) and not str(value):  # it would be the working directory
        raise _wrong(name, value, origin, "a folder")
    found: Any
    try:
        # concrete Path classes differ by platform; build through the public one
        make = _truth if kind is bool else kind
        found = Path(str(value)).expanduser() if issubclass(kind, Path) else make(value)
    except (TypeError, ValueError, RuntimeError) as error:  # the last for the home of nobody
        expected = "true or false" if kind is bool else kind.__name__
        raise _wrong(name, value, origin, expected) from error
    least = trust.BOUNDS.get(name, (None,))[0]
    if found not in CHOICES.get(name, (found,)):
        raise _wrong(name, found, origin, " or ".join(CHOICES[name]))
    if least and not found > 0:
        raise _wrong(name, found, origin, "more than 0")
    if kind in (int, float) and not found >= 0:
        raise _wrong(name, found, origin, "0 or more")
    return found


def _truth(value: object) -> bool:
    """Returns whether a word says so, as in a variable: bool("false") would be True."""
    words = {"true": True, "1": True, "false": False, "0": False}
    if (word := str(value).casefold()) not in words:
        raise ValueError(word)
    return words[word]


def _wrong(name: str, value: object, origin: str, expected: str) -> UsageError:
    return UsageError(
        f"setting {name} from {origin} is {value!r}, expected {expected}", f"correct it in {origin}"
    )
