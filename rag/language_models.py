"""What `rag models` does: which language models are here, which would fit, and bringing them in.

Joins the machine, the catalogue, the folder of models and the hub. Knows nothing about libraries
of documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rag.config import Settings
from rag.errors import ModelMissing, RagError
from rag.generation.openai_server import LOCAL
from rag.models import bundled_folder
from rag.models.catalogue import KNOWN as KNOWN
from rag.models.catalogue import Proposal, propose
from rag.models.files import stated
from rag.models.folders import check_folder, is_ctranslate2
from rag.models.hub import in_cache
from rag.models.hub import pull as _pull
from rag.models.installed import Installed as Installed
from rag.models.installed import Models, require_model, settle
from rag.models.machine import int8_arithmetic as int8_arithmetic
from rag.models.machine import probe
from rag.models.manifests import told_of
from rag.parts import choose_generator, describe_bundled

CONVERTED = ("int8", "int8_float32", "int8_bfloat16", "bfloat16", "float16", "float32")
BUNDLED = ("embedder", "reader")


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
    """Loads no model."""
    machine = probe()
    try:
        choice = choose_generator(settings)
        chosen = f"{choice}: {choice.why}"
    except RagError as error:
        chosen = str(error)
    bundled = {kind: _bundled(kind) for kind in BUNDLED}
    installed = tuple(Models(settings.models).all())
    cached = tuple(in_cache())
    return Overview(str(machine), chosen, propose(machine), bundled, installed, cached)


def destination(settings: Settings) -> str:
    """Returns the host that questions and passages go to; "" where they stay on this machine."""
    if settings.generator not in ("auto", "openai") or not settings.base_url:
        return ""
    try:
        host = urlsplit(settings.base_url).hostname or ""
    except ValueError:  # no address: it is refused before anything is sent
        return ""
    return "" if host in LOCAL else host


def pull(settings: Settings, name: str, revision: str = "", precision: str = "") -> Installed:
    """Downloads a model of the hub; with a precision it is converted for the processor as well.

    Raises UsageError and ModelMissing.
    """
    models = Models(settings.models)
    found = models.sound(name) or _pull(models, name, revision)
    return (
        bring(settings, found.folder, f"{found.name}-{precision}", precision)
        if precision
        else found
    )


def bring(settings: Settings, source: Path, name: str = "", precision: str = "") -> Installed:
    """Copies a model folder or an archive in; with a precision it is converted on the way."""
    models = Models(settings.models)
    if not precision:
        return models.add(source, name)
    check_folder(source)
    require_model(source)
    if is_ctranslate2(source):
        raise ModelMissing(f"{source} is converted already", f"rag models import {source}")
    name = name or f"{source.resolve().name}-{precision}"
    target = models.place(name)
    with models.scratch() as half, stated(f"{source} could not be converted", "rag models list"):
        from rag.generation.ctranslate2_model import convert

        made = convert(source, half / "model", precision)
        told = {**told_of(source), "precision": precision}
        return settle(made, target, source, told)


def export(settings: Settings, name: str, to: Path) -> Path:
    """Copies a model with its sums to `to`, for a machine without a network."""
    return Models(settings.models).export(name, to)


def remove(settings: Settings, name: str) -> Installed:
    """Deletes a model from the disk."""
    return Models(settings.models).remove(name)


def _bundled(kind: str) -> str:
    if not bundled_folder(kind).is_dir():
        return "none in this installation"
    try:
        return describe_bundled(kind)
    except ModelMissing as error:
        return error.message
