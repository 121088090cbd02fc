"""What `rag models` shows and does: which language models there are, and bringing them in and out.

Also where questions would go.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rag.config import Settings
from rag.errors import ModelMissing, RagError, stated
from rag.llms.catalogue import Proposal, propose
from rag.llms.choice import choose_generator
from rag.llms.hub import in_cache, pull as _pull
from rag.llms.installed import Installed as Installed, Models as Models, require_model, settle
from rag.models.artefacts import bundled_folder, describe_bundled
from rag.models.folders import check_folder, is_ctranslate2
from rag.models.manifests import origin_of
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
    cached: tuple[tuple[str, int], ...]
    """Name and bytes of what other programs have pulled to the hub's cache."""


def overview(settings: Settings) -> Overview:
    """Looks the machine and its models over; loads none."""
    machine = probe()
    try:
        choice = choose_generator(settings)
        chosen = f"{choice}: {choice.why}"
    except RagError as error:
        chosen = str(error)
    return Overview(
        machine=str(machine),
        chosen=chosen,
        proposal=propose(machine),
        bundled={kind: _bundled(kind) for kind in ("embedder", "reader")},
        installed=tuple(Models(settings.models).all()),
        cached=tuple(in_cache()),
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


def pull(settings: Settings, name: str, revision: str = "", precision: str = "") -> Installed:
    """Downloads a model of the hub; with a precision it is converted for the processor as well.

    Raises UsageError and ModelMissing.
    """
    models = Models(settings.models)
    found = models.sound(name) or _pull(models, name, revision)
    if not precision:
        return found
    return bring(settings, found.folder, f"{found.name}-{precision}", precision)


def bring(settings: Settings, source: Path, name: str = "", precision: str = "") -> Installed:
    """Copies a model folder or an archive in; with a precision it is converted on the way."""
    models = Models(settings.models)
    if not precision:
        return models.add(source, name)
    check_folder(source)
    require_model(source)
    if is_ctranslate2(source):
        raise ModelMissing(f"{source} is converted already", f"rag models import {source}")
    target = models.new_folder(name or f"{source.resolve().name}-{precision}")
    with models.scratch() as half, stated(f"{source} could not be converted", "rag models list"):
        from rag.llms.ctranslate2_model import convert

        made = convert(source, half / "model", precision)
        return settle(made, target, source, {**origin_of(source), "precision": precision})
