"""Which folders of this computer the web app may add: the person's, and those of the settings.

Whoever got into the app would else have it read whatever its user may read. The command line is not
limited.
"""

from __future__ import annotations

import os
from pathlib import Path

from rag.config import Settings

UP = ".."
"""The folder above."""

_MOST = 500  # folders that are listed
_SHARED = tuple(map(Path, ("/", "/home", "/etc", "/usr", "/var", "/opt", "/srv", "/mnt")))
_SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev")))  # not even where «/» itself is a root


class Missing(Exception):
    """There is no such file or folder."""


class Outside(Exception):
    """It lies outside the home folder and the roots of the settings."""


def checked(given: str, settings: Settings) -> Path:
    """Returns the file or folder that a person named, all links of its path resolved.

    Raises Outside, whether or not it is there, and Missing for one that is not, that is no absolute
    path, or that is neither a folder nor a plain file.
    """
    try:
        named = Path(given.strip()).expanduser()
        path = named.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no such user, a loop, a NUL
        raise Missing from error
    if not named.is_absolute():
        raise Missing
    if any(path.is_relative_to(folder) for folder in _SYSTEM):
        raise Outside
    if not any(path.is_relative_to(root) for root in roots(settings)):
        raise Outside
    if not path.is_dir() and not path.is_file():
        raise Missing
    return path


def look_into(given: str, settings: Settings) -> tuple[Path | None, list[str]]:
    """Returns a folder that a person named, or home, with the names of the folders in it.

    None where it is none that may be added. Hidden folders are not listed; `UP` is, where the
    folder above may be added as well.
    """
    try:
        here = checked(given or "~", settings)
        names = [item.name for item in os.scandir(here) if item.is_dir()]
    except (Missing, Outside, OSError):
        return None, []
    above = [UP] if any(here.parent.is_relative_to(root) for root in roots(settings)) else []
    shown = sorted((name for name in names if not name.startswith(".")), key=str.casefold)
    return here, above + shown[:_MOST]


def roots(settings: Settings) -> list[Path]:
    """Returns the home folder and the setting `folder_roots`, all links resolved."""
    named = [Path(root).expanduser() for root in settings.folder_roots.split(os.pathsep) if root]
    return [root.resolve() for root in named] + [home for home in (_home(),) if home]


def _home() -> Path | None:
    """Returns the person's home folder; None for «/» and one that a service's users share."""
    try:
        home = Path.home().resolve(strict=True)
        facts = home.stat()
    except (OSError, RuntimeError):
        return None
    others = os.name == "posix" and (facts.st_uid != os.geteuid() or facts.st_mode & 0o002)
    return None if others or home in _SHARED else home
