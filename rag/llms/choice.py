"""Which generator the settings stand for, and where its model lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rag.config import CHOICES, Settings
from rag.errors import ModelMissing, UsageError
from rag.llms.hub import cached
from rag.llms.installed import Models, generator_of
from rag.models.folders import check_folder
from rag.system import addresses


@dataclass(frozen=True, slots=True)
class Choice:
    """Which generator the settings stand for, and why that one."""

    kind: str
    model: str = ""
    folder: Path | None = None
    why: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.model}".strip()


def choose_generator(settings: Settings) -> Choice:
    """Chooses what is configured, or fails: there is no second choice in silence. Loads nothing."""
    kind, model = settings.generator, settings.generator_model
    if kind not in CHOICES["generator"]:  # of a program that makes its own settings
        raise ModelMissing(f"generator «{kind}» is not known", 'set generator = "extractive"')
    if kind == "extractive":
        return Choice(kind, why="generator is set to it")
    if kind == "openai" or (kind == "auto" and settings.base_url):
        address = addresses.shown(settings.base_url) or "not set"
        return Choice("openai", model, why=f"base_url is {address}")
    if not model and kind == "auto":
        return Choice("extractive", why="neither generator_model nor base_url is set")
    if not model:
        raise UsageError(f'generator = "{kind}" needs a model', "set generator_model")
    folder = find_model(settings, model)
    made_for = generator_of(folder)
    if kind not in ("auto", made_for):
        raise ModelMissing(
            f"{folder} is a model for {made_for}, and generator is set to {kind}",
            'set generator = "auto"',
        )
    return Choice(made_for, folder.name or model, folder, f"found at {folder}")


def find_model(settings: Settings, name: str) -> Path:
    """Returns the checked folder of a pulled model, of any folder, or of one in the hub's cache."""
    found = Models(settings.models).sound(name)
    folder = found.folder if found else Path(name).expanduser()
    if folder.is_dir():
        check_folder(folder)
        return folder
    in_cache = cached(name) if name.count("/") == 1 else None
    if in_cache is None:
        raise ModelMissing(
            f"generator_model «{name}» is not on this machine",
            f"rag models pull {name}, or rag models import FOLDER",
        )
    check_folder(in_cache, in_cache.parent.parent)  # its files are links into the cache
    return in_cache
