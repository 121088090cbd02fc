"""What `rag models` does: listing the language models, and bringing them in and out."""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings
from rag.errors import ModelMissing, stated
from rag.llms.hub import pull as _pull
from rag.llms.installed import Installed as Installed
from rag.llms.installed import Models as Models
from rag.llms.installed import require_model, settle
from rag.llms.overview import Overview as Overview
from rag.llms.overview import destination as destination
from rag.llms.overview import overview as overview
from rag.models.folders import check_folder, is_ctranslate2
from rag.models.manifests import origin_of
from rag.system.machine import int8_arithmetic as int8_arithmetic


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
