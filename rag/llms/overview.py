"""What `rag models list` shows: the machine, its language models, and where questions would go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.config import Settings
from rag.errors import ModelMissing, RagError
from rag.llms.catalogue import Proposal, propose
from rag.llms.choice import choose_generator
from rag.llms.hub import in_cache
from rag.llms.installed import Installed, Models
from rag.llms.speed import Speed, kept, measure
from rag.llms.stores import elsewhere
from rag.models.artefacts import bundled_folder, describe_bundled
from rag.system import addresses
from rag.system.machine import probe


@dataclass(frozen=True, slots=True)
class Overview:
    """The models of this machine. `chosen` is what the settings stand for, or why they fail."""

    machine: str
    chosen: str
    proposal: Proposal | None
    bundled: dict[str, str]
    installed: tuple[Installed, ...]
    speeds: Mapping[str, Speed]
    """Of those models that were measured here, by name."""
    cached: tuple[tuple[str, int], ...]
    """Name and bytes of what other programs have pulled to the hub's cache."""
    elsewhere: tuple[tuple[str, int], ...]
    """Name to import and bytes of the models that Ollama and LM Studio keep."""


def overview(settings: Settings, measuring: bool = False) -> Overview:
    """Looks the machine and its models over; loads none, unless it is measuring GGUF models.

    Measures those whose speed is not known yet, ten seconds each.
    """
    machine, models = probe(), Models(settings.models)
    speeds = kept(models)
    for model in models.all() if measuring else ():
        known = model.name in speeds or model.broken or model.generator != "llama.cpp"
        if not known and (speed := measure(models, model)):
            speeds[model.name] = speed
    try:
        choice = choose_generator(settings)
        chosen = f"{choice}: {choice.why}"
    except RagError as error:
        chosen = str(error)
    return Overview(
        machine=str(machine),
        chosen=chosen,
        proposal=propose(machine),
        bundled={kind: _bundled(kind) for kind in ("embedder", "reader", "selector")},
        installed=tuple(models.all()),
        speeds=speeds,
        cached=tuple(in_cache()),
        elsewhere=tuple(elsewhere()),
    )


def destination(settings: Settings) -> str:
    """Returns the host that questions and passages go to; "" where they stay on this machine."""
    if settings.generator not in ("auto", "openai") or not settings.base_url:
        return ""
    try:
        host = urlsplit(settings.base_url).hostname or ""
    except ValueError:  # no address: it is refused before anything is sent
        return ""
    return "" if host in addresses.LOCAL else host


def _bundled(kind: str) -> str:
    if not bundled_folder(kind).is_dir():
        return "none in this installation"
    try:
        return describe_bundled(kind)
    except ModelMissing as error:
        return error.message
