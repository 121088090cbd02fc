"""The folder of language models: what comes in, what is refused, what goes out unharmed."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import ModelMissing, UsageError
from rag.llms.catalogue import KNOWN, memory_needed, propose
from rag.llms.installed import Models
from rag.models.folders import cache_bytes, check_folder
from rag.models.manifests import MANIFEST, sha256, sums_of, verify
from rag.system.machine import GB, Machine, largest, probe
from tests.helpers.gguf_files import METADATA, gguf

CONFIG = {
    "model_type": "qwen2",
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "hidden_size": 64,
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a model; nothing here loads it."""
    folder = tmp_path / "source" / "pluma"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights" * 100)
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models")


def test_an_empty_machine_has_none(models: Models) -> None:
    assert models.all() == []
    assert models.find("pluma") is None
    with pytest.raises(UsageError, match="there are none"):
        models.get("pluma")


def test_in_and_out_and_in_again(models: Models, model: Path, tmp_path: Path) -> None:
    came = models.add(model)
    assert (came.name, came.generator, came.licence) == ("pluma", "transformers", "not stated")
    assert models.all() == [came] == [models.get("pluma")]
    with pytest.raises(UsageError, match="already"):
        models.add(model)
    out = models.export("pluma", tmp_path / "stick")
    verify(out, sums_of(out), out)
    other = Models(tmp_path / "elsewhere")
    assert other.add(out, "otra").source == str(model)
    with pytest.raises(UsageError, match="already"):
        models.export("pluma", tmp_path / "stick")
    assert models.remove("pluma").name == "pluma"
    assert models.all() == []


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_will_do(models: Models, model: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"bundle.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for path in model.iterdir():
                packed.write(path, f"pluma/{path.name}")
    else:
        with tarfile.open(archive, "w:gz") as bundle:
            bundle.add(model, "pluma")
    came = models.add(archive)
    assert came.name == "bundle"
    assert sha256(came.folder / "model.safetensors") == sha256(model / "model.safetensors")


def test_an_archive_writes_nowhere_else(models: Models, model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as bundle:
        bundle.add(model / "config.json", "../../escaped.json")
    with pytest.raises(ModelMissing):
        models.add(archive)
    assert not list(tmp_path.rglob("escaped.json"))
    (tmp_path / "no.zip").write_bytes(b"no archive")
    with pytest.raises(ModelMissing, match="cannot be unpacked"):
        models.add(tmp_path / "no.zip")


def test_an_export_that_was_touched_is_refused(models: Models, model: Path, tmp_path: Path) -> None:
    models.add(model)
    out = models.export("pluma", tmp_path / "stick")
    (out / "model.safetensors").write_bytes(b"weighty" * 100)
    with pytest.raises(ModelMissing, match="sha256 differs"):
        Models(tmp_path / "elsewhere").add(out)
    (out / "model.safetensors").unlink()
    with pytest.raises(ModelMissing):
        Models(tmp_path / "elsewhere").add(out)
    assert not Models(tmp_path / "elsewhere").all()


def plant_file(name: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x" * 64)

    return plant


def plant_key(key: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / "config.json").write_text(json.dumps({**CONFIG, key: {"AutoModel": "x.Y"}}))

    return plant


def plant_link(folder: Path) -> None:
    (folder / "secret.txt").symlink_to("/etc/hostname")


def plant_pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.bin").write_bytes(b"\x80\x04" + b"x" * 64)


PLANTED: dict[str, Callable[[Path], None]] = {
    "code": plant_file("modeling_x.py"),
    "code below": plant_file("deep/er.py"),
    "library": plant_file("kernel.so"),
    "pickle": plant_file("pytorch_model.bin"),
    "numpy": plant_file("weights.npy"),
    "pickle by our name": plant_pickle,
    "beside safetensors": plant_file("model.bin"),
    "auto_map": plant_key("auto_map"),
    "kernels": plant_key("use_kernels"),
    "link": plant_link,
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_what_could_run_code_stays_out(
    models: Models, model: Path, plant: Callable[[Path], None]
) -> None:
    check_folder(model)
    plant(model)
    with pytest.raises(ModelMissing, match="refused"):
        models.add(model)
    assert models.all() == []


def test_links_within_the_cache_of_the_hub_are_no_way_out(model: Path, tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "repo" / "blobs", tmp_path / "repo" / "snapshots" / "abc"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for path in model.iterdir():
        shutil.copy(path, blobs / path.name)
        (snapshot / path.name).symlink_to(blobs / path.name)
    check_folder(snapshot, tmp_path / "repo")
    with pytest.raises(ModelMissing, match="leads out"):
        check_folder(snapshot)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_half_a_model_is_none(models: Models, model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(ModelMissing, match="is no model"):
        models.add(model)


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "", "x" * 200])
def test_odd_names_are_refused(models: Models, name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        models.new_folder(name)


def test_of_several_gguf_files_one_is_to_be_named(models: Models, tmp_path: Path) -> None:
    folder = tmp_path / "pluma-gguf"
    folder.mkdir()
    for name in ("q4.gguf", "q8.gguf"):
        (folder / name).write_bytes(gguf())
    with pytest.raises(ModelMissing, match="several models") as caught:
        models.add(folder)
    assert "q4.gguf" in caught.value.next_command
    assert models.add(folder / "q8.gguf").name == "q8"


def test_a_model_in_parts_comes_in_whole(models: Models, tmp_path: Path) -> None:
    for number in (1, 2):
        more = {"split.no": number - 1}
        content = gguf({**METADATA, **more} if number == 1 else more)
        (tmp_path / f"pluma-0000{number}-of-00002.gguf").write_bytes(content)
    came = models.add(tmp_path / "pluma-00001-of-00002.gguf", "pluma")
    assert len(list(came.folder.glob("*.gguf"))) == 2
    (tmp_path / "pluma-00002-of-00002.gguf").unlink()
    with pytest.raises(ModelMissing, match="00002-of-00002"):
        models.add(tmp_path / "pluma-00001-of-00002.gguf", "otra")


def test_a_manifest_that_is_damaged_tells_nothing(models: Models, model: Path) -> None:
    folder = models.add(model).folder
    (folder / MANIFEST).write_text("[")
    assert models.get("pluma").revision == ""


def test_memory_counts_weights_and_cache(models: Models, model: Path) -> None:
    # 2 (keys, values) · 2 layers · 2 heads · 16 wide · 2 bytes
    assert cache_bytes(model, 10) == 2 * 2 * 2 * 16 * 2 * 10
    assert models.add(model).memory == int(1.1 * 700) + cache_bytes(model, 4096)


def test_this_machine_is_probed() -> None:
    machine = probe()
    assert machine.cores >= 1
    assert machine.free <= machine.memory
    assert str(machine.cores) in str(machine)
    assert largest("81559, NVIDIA H100\n24000, small\nerror") == ("NVIDIA H100", 81559 * 2**20)
    assert largest("NVIDIA-SMI has failed") == ("", 0)


@pytest.mark.parametrize(
    ("machine", "billions", "how"),
    [
        (Machine(2, 24 * GB, 16 * GB), 1.54, "llama.cpp Q4_K_M"),
        (Machine(16, 64 * GB, 48 * GB), 7.62, "llama.cpp Q4_K_M"),
        (Machine(2, 4 * GB, 3 * GB), 0.49, "llama.cpp Q4_K_M"),
        (Machine(8, 32 * GB, 16 * GB, "RTX 3060", 12 * GB), 14.8, "transformers int4"),
        (Machine(16, 128 * GB, 99 * GB, "H100", 80 * GB), 32.8, "transformers bf16"),
        (Machine(2, 2 * GB, 1 * GB), 0, ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_fits_is_proposed(machine: Machine, billions: float, how: str) -> None:
    found = propose(machine)
    if found is None:
        assert not billions
        return
    assert found.model.billions == billions
    assert f"{found.generator} {found.precision}" == how
    assert found.bytes_needed == memory_needed(billions, found.precision)
    assert found.model in KNOWN
    assert found.pulled.startswith(found.model.name)
    assert "GB" in found.why
