"""Models from the hub: download with progress and resume, one revision, every sum checked.

The only module that reaches for the network, and only when it is told to. Needs the extra `hf`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing, RagError, UsageError, cause_of, needing, stated
from rag.llms.installed import Installed, Models, settle
from rag.models.folders import check_folder
from rag.models.gguf import SUFFIX as GGUF
from rag.models.manifests import sha256
from rag.system import private_files

Accept = Callable[[str], bool]
"""Tells whether the person accepts the licence of this name."""

_SMALL = ["*.json", "*.jinja", "*.txt", "LICENSE*"]
_NOT = ["*/*"]  # what stands in folders is the same in another form
_HALF = ".partial-"


def pull(
    models: Models,
    name: str,
    revision: str = "",
    endpoint: str | None = None,
    accept: Accept = lambda licence: True,
) -> Installed:
    """Downloads `name` («owner/model») at a revision, or at the newest; goes on after a break.

    «owner/model:Q4_K_M» is the GGUF file of that name among the model's. The commit and the sha256
    of each file are kept with it. `accept` is asked for the licence before anything is fetched; of
    a download that goes on it has been. Raises UsageError for no such name or a licence that is not
    accepted, ModelMissing for a model that may not be loaded, or when the hub cannot be reached.
    """
    repository, _, quantization = name.partition(":")
    if repository.count("/") != 1:
        raise UsageError(f"«{name}» is no name of the hub", "rag models pull OWNER/MODEL[:QUANT]")
    hub = _library(name)
    short = "-".join(filter(None, (repository.split("/")[1], quantization)))
    target = models.new_folder(short)
    half = private_files.make_folder(models.root / f"{_HALF}{short}")
    accepted = any(half.iterdir())
    try:
        info = hub.HfApi(endpoint=endpoint).model_info(
            repository, revision=revision or None, files_metadata=True
        )
        weights = _weights(info, quantization)
        _has_room(info, weights, models.root)
        licence = str(getattr(getattr(info, "card_data", None), "license", None) or "not stated")
        if not accepted and not accept(licence):
            raise UsageError(
                f"the licence of «{name}» is not accepted: {licence}",
                f"rag models pull {name} --accept-licence",
            )
        options = {"revision": info.sha, "local_dir": half, "endpoint": endpoint}
        if not quantization:  # first what could refuse the model: its weights are large
            hub.snapshot_download(
                repository, allow_patterns=_SMALL, ignore_patterns=_NOT, **options
            )
            check_folder(half)
        hub.snapshot_download(repository, allow_patterns=weights, ignore_patterns=_NOT, **options)
    except RagError:
        shutil.rmtree(half, ignore_errors=True)
        raise
    except Exception as error:  # the hub's client lets through whatever its own client raises
        raise _explain(name, revision, error) from error
    shutil.rmtree(half / ".cache", ignore_errors=True)
    _check_sums(half, info)
    facts = {"source": name, "revision": info.sha, "licence": licence}
    with stated(f"«{name}» could not be brought in", f"rag models pull {name}"):
        return settle(half, target, Path(name), facts)


def cached(name: str) -> Path | None:
    """Returns the folder of a model that other programs have put into the hub's cache, if any."""
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # not installed, no name of the hub, or not there: each means no
        return None


def in_cache() -> list[tuple[str, int]]:
    """Returns (name, bytes on disk) of the models in the hub's cache, sorted."""
    try:
        from huggingface_hub import constants, scan_cache_dir

        repos = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except Exception:  # not installed, or no cache
        return []
    return sorted((repo.repo_id, repo.size_on_disk) for repo in repos if repo.repo_type == "model")


def _library(name: str) -> Any:
    with needing("hf", f"pulling «{name}»"):
        import huggingface_hub
        from huggingface_hub import constants
    if constants.HF_HUB_OFFLINE:
        raise ModelMissing(
            f"«{name}» is not here, and HF_HUB_OFFLINE=1 forbids the network",
            f"unset HF_HUB_OFFLINE; or {_offline(name)}",
        )
    return huggingface_hub


def _weights(info: Any, quantization: str) -> list[str]:
    """Returns the names of the files with the weights: safetensors, or GGUF of a quantization."""
    names = [file.rfilename for file in info.siblings or () if "/" not in file.rfilename]
    if not quantization:
        found = [name for name in names if name.endswith(".safetensors")]
        offered = "safetensors"
    else:
        form = re.compile(rf"(?:.*[-._])?{re.escape(quantization)}(?:-\d+-of-\d+)?\.gguf", re.I)
        found = [name for name in names if form.fullmatch(name)]
        offered = f"GGUF file {quantization}"
    if not found:
        quantized = ", ".join(name for name in names if name.endswith(GGUF)) or "no GGUF"
        raise ModelMissing(
            f"«{info.id}» has no {offered}; it has {quantized}",
            "take another model, or rag models pull OWNER/MODEL:QUANT for one of these files",
        )
    return found


def _has_room(info: Any, weights: Sequence[str], root: Path) -> None:
    size = sum(file.size or 0 for file in info.siblings or () if file.rfilename in weights)
    free = shutil.disk_usage(root).free
    if size > free:
        raise ModelMissing(
            f"«{info.id}» takes {size / 1e9:.1f} GB, {root} has {free / 1e9:.1f} GB free",
            "make room, or set models to a folder elsewhere",
        )


def _check_sums(folder: Path, info: Any) -> None:
    """Holds weights against the sums that the hub states for them. Raises ModelMissing."""
    for file in info.siblings or ():
        path, expected = folder / file.rfilename, getattr(file.lfs, "sha256", None)
        if expected and path.is_file() and sha256(path) != expected:
            path.unlink()
            raise ModelMissing(
                f"{file.rfilename} of «{info.id}» is not what the hub states: its sha256 differs",
                f"rag models pull {info.id}",
            )


def _explain(name: str, revision: str, error: Exception) -> RagError:
    kind = type(error).__name__
    if kind == "GatedRepoError":
        return ModelMissing(
            f"«{name}» is given only to those who accept its terms",
            "accept them on its page, then set HF_TOKEN",
        )
    if kind == "RevisionNotFoundError":
        return UsageError(f"«{name}» has no revision «{revision}»", "leave --revision out")
    if kind == "RepositoryNotFoundError":
        return UsageError(f"the hub has no model «{name}», or not for everyone", "check the name")
    if isinstance(error, OSError) and error.errno == 28:
        return ModelMissing(f"the disk is full: «{name}» is there in part", "make room, run again")
    return ModelMissing(
        f"«{name}» could not be downloaded ({kind}: {cause_of(error)}); what is there is kept",
        f"run it again to go on; without a network {_offline(name)}",
    )


def _offline(name: str) -> str:
    short = name.rsplit("/", 1)[-1]
    return (
        f"on a machine that has one: rag models pull {name} && rag models export {short} --to DIR; "
        f"then here: rag models import DIR/{short}"
    )
