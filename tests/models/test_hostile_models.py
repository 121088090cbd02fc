"""Hostile model folders and archives: refused with a reason, or in and out again; no traceback."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import LibraryBusy, ModelMissing, ModelRefused
from rag.llms import installed
from rag.llms.installed import Models
from rag.models.configs import check_config, check_json, check_size
from rag.models.files import BadFile, wipe
from rag.models.manifests import MANIFEST
from tests.helpers.commandline import Outcome, Rag, command_line
from tests.helpers.hostile_models import DEEP, mutated, tarred, zipped
from tests.llms.test_installed import CONFIG

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
FILES = {
    "config.json": json.dumps({**CONFIG, "vocab_size": 100}).encode(),
    "tokenizer.json": b"{}",
    "model.safetensors": bytes(range(256)) * 400,
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "source" / "pluma"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models")


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    run = command_line(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv("RAG_MODELS", str(tmp_path / "models"))
    return run


def message_of(outcome: Outcome) -> str:
    """What it told, once it is sure that it was told well."""
    assert "Traceback" not in outcome.err, outcome.err
    assert outcome.code in (0, 1, 2)
    if outcome.code:
        assert outcome.err.startswith("error: "), outcome
        assert "→" in outcome.err, outcome
    return outcome.out + outcome.err


def left(models: Models) -> list[str]:
    """All that is in the folder of models but its lock."""
    return sorted(path.name for path in models.root.iterdir() if path.name != ".lock")


# --- folders ---


@pytest.mark.parametrize("block", range(8))
def test_two_hundred_mutated_folders(
    rag: Rag, models: Models, model: Path, tmp_path: Path, block: int
) -> None:
    """Each is brought in or refused; then it is put among the installed ones as it is, and is
    listed and removed."""
    models.add(model, "sound")
    sound = models.export("sound", tmp_path / "stick")
    came = 0
    for seed in range(block * 25, block * 25 + 25):
        folder = mutated(seed, sound, tmp_path / f"m{seed}", MANIFEST)
        outcome = rag("models", "import", folder, "--name", "new")
        assert message_of(outcome)
        assert left(models) == (["sound"] if outcome.code else ["new", "sound"]), seed
        if not outcome.code:
            came += 1
            assert not models.get("new").broken, seed
            assert rag("models", "remove", "new").code == 0
        folder.rename(models.root / f"old{seed}")
        listed = rag("models", "list", "--json")
        assert message_of(listed), seed
        assert listed.code == 0
        assert [row["name"] for row in listed.json["installed"]] == [f"old{seed}", "sound"]
        assert rag("models", "remove", f"old{seed}").code == 0, seed
    assert left(models) == ["sound"]
    assert came < 20, "most of them are refused"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("num_hidden_layers", "x", "num_hidden_layers is 'x', expected a whole number"),
        ("num_hidden_layers", True, "expected a whole number"),
        ("hidden_size", -4, "expected no negative number"),
        ("hidden_size", float("nan"), "expected a whole number"),
        ("num_attention_heads", {}, "expected a whole number"),
        ("text_config", "x", "text_config is no table"),
        ("vocab_size", 99_000_000, "billion parameters"),
        ("num_hidden_layers", 10**40, "expected a whole number up to 10,000"),
        ("auto_map", {"AutoModel": "x.Y"}, "asks to run code"),
        ("_attn_implementation", "owner/kernel", "asks to run code"),
        ("text_config", {"vision": [{"auto_map": {"A": "x.Y"}}]}, "asks to run code"),
        ("activation_fn", "torch.os.abort", "asks to run code"),
    ],
)
def test_a_configuration_that_is_wrong_says_what_is(
    models: Models, model: Path, key: str, value: object, reason: str
) -> None:
    (model / "config.json").write_text(json.dumps({**CONFIG, key: value}))
    with pytest.raises(ModelRefused, match=reason):
        models.add(model)
    assert models.all() == []


def test_lists_and_sizes_of_real_models_pass() -> None:
    for config in (
        {"num_hidden_layers": 36, "num_key_value_heads": [3, 3, 4], "head_dim": 128.0},
        {"text_config": {"hidden_size": 4096, "vocab_size": 128_256, "num_hidden_layers": 32}},
        {"max_position_embeddings": 1_048_576, "hidden_size": 4096, "hidden_act": "silu"},
        {"hidden_size": 896, "vocab_size": 151_936, "num_hidden_layers": 24, "head_dim": None},
    ):
        check_config("config.json", config)
        check_json("config.json", config)
        check_size(config, 16_000_000_000)
    check_json("tokenizer.json", {"model": {"vocab": {"auto_map": 7}}})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("modules.json", [{"type": "os.system", "path": ""}]),
        ("modules.json", [{"type": "sentence_transformers.models.Router", "path": ""}]),
        ("modules.json", [{"type": "sentence_transformers.models.Pooling", "path": "../x"}]),
        ("modules.json", {"type": 3}),
        ("model.safetensors.index.json", {"weight_map": {"a": "../b.safetensors"}}),
        ("model.safetensors.index.json", {"weight_map": {"a": "b.bin"}}),
        ("model.safetensors.index.json", []),
        ("adapter_config.json", {"base_model_name_or_path": "/elsewhere"}),
        ("sentence_bert_config.json", {"model_args": {"trust_remote_code": True}}),
    ],
)
def test_what_leads_elsewhere_is_refused(name: str, data: object) -> None:
    with pytest.raises(BadFile):
        check_json(name, data)


def test_a_pipe_a_deep_file_and_a_huge_one(models: Models, model: Path, tmp_path: Path) -> None:
    def pipe(folder: Path) -> None:
        os.mkfifo(folder / "extra.json")

    def deep(folder: Path) -> None:
        (folder / "extra.json").write_text(DEEP)

    def huge(folder: Path) -> None:
        (folder / "extra.json").write_bytes(b" " * 64_000_001)

    def levels(folder: Path) -> None:
        (folder / "/".join("d" * 40)).mkdir(parents=True)

    for number, (plant, reason) in enumerate(
        [(pipe, "no regular file"), (deep, "too deep"), (huge, "64 MB"), (levels, "8 levels")]
    ):
        folder = Path(shutil.copytree(model, tmp_path / str(number)))
        plant(folder)
        with pytest.raises(ModelRefused, match=reason):
            models.add(folder)
    assert models.all() == []


def test_what_is_no_part_of_a_model_is_named_and_left_out(
    rag: Rag, models: Models, model: Path
) -> None:
    for name in ("picture.png", "model.gguf", "LICENSE", ".git/config"):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(b"x")
    outcome = rag("models", "import", model)
    assert "left out, for it is no part of a model: model.gguf, picture.png\n" in message_of(
        outcome
    )
    names = {path.name for path in models.get("pluma").folder.iterdir()}
    assert names == {*FILES, "LICENSE", MANIFEST}


def test_an_export_to_which_something_was_added(
    models: Models, model: Path, tmp_path: Path
) -> None:
    models.add(model)
    out = models.export("pluma", tmp_path / "stick")
    (out / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ModelRefused, match="was added"):
        models.add(out, "other")
    (out / "tokenizer_config.json").unlink()
    content = json.loads((out / MANIFEST).read_text())
    content["files"]["../../secret"] = {"bytes": 1, "sha256": ""}
    (out / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(ModelRefused, match="is missing"):
        models.add(out, "other")


def test_an_entry_that_is_broken_is_listed_with_the_command_that_removes_it(
    rag: Rag, models: Models, model: Path, tmp_path: Path
) -> None:
    models.add(model)
    (models.root / "pluma" / "config.json").write_text('{"num_hidden_layers": "x"}')
    (models.root / "a link").symlink_to(tmp_path / "source")
    (models.root / "stray.txt").write_text("x")
    os.mkfifo(models.root / "pipe")
    listed = rag("models", "list")
    shown = " ".join(message_of(listed).split())
    assert "pluma is broken: config.json: num_hidden_layers is 'x'" in shown
    assert "→ rag models remove pluma" in shown
    assert "→ rag models remove 'a link'" in shown
    chosen = rag("models", "list", "--json").json
    assert all(model["broken"] for model in chosen["installed"])
    for name in ("pluma", "a link", "stray.txt", "pipe"):
        assert rag("models", "export", name, "--to", tmp_path / "out").code == 1
        assert rag("models", "remove", name).code == 0
    assert left(models) == []
    assert (model / "config.json").exists(), "no link was followed"


def test_a_name_goes_before_what_another_says_it_was_pulled_by(models: Models, model: Path) -> None:
    models.add(model, "b")
    manifest = models.add(model, "a").folder / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "source": "b"}))
    assert models.get("a").source == "b"
    assert models.get("b").name == "b"


def test_a_tree_of_any_depth_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    handle = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("inner", 0o700, dir_fd=handle)
        inner = os.open("inner", os.O_RDONLY, dir_fd=handle)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
        os.close(handle)
        handle = inner
    os.close(handle)
    (top / "inner" / "inner").chmod(0)
    wipe(top)
    assert list(tmp_path.iterdir()) == []


# --- in whole or not at all ---


def test_what_a_killed_import_left_goes_with_the_next(models: Models, model: Path) -> None:
    (models.root / ".import-dead" / "model").mkdir(parents=True)
    assert models.all() == []
    models.add(model)
    assert left(models) == ["pluma"]


@pytest.mark.parametrize("step", ["copy", "sums_of", "seal", "sync"])
def test_an_import_that_breaks_off_leaves_nothing(
    models: Models, model: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(installed, step, full)
    with pytest.raises(ModelMissing, match="No space left") as caught:
        models.add(model)
    assert "room" in caught.value.next_command
    assert left(models) == []


def test_one_import_at_a_time(models: Models, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_PATIENCE", 0.0)
    with models.scratch(), pytest.raises(LibraryBusy):
        Models(models.root).add(model)
    models.add(model)


def test_no_more_than_there_is_room_for(
    models: Models, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "KEPT_FREE", 10**18)
    with pytest.raises(ModelMissing, match="there is room for"):
        models.add(model)
    with (model / "model.safetensors").open("r+b") as sparse:
        sparse.truncate(1 << 43)
    monkeypatch.undo()
    with pytest.raises(ModelMissing, match=r"more than 1000 GB|there is room"):
        models.add(model)
    assert left(models) == []


# --- archives ---


def link(name: str, kind: bytes, target: str = "/etc/hostname") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


ARCHIVES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "zip up": (lambda to: zipped(to / "a.zip", {**FILES, "../../up.json": b"{}"}), "leads out"),
    "zip root": (lambda to: zipped(to / "a.zip", {**FILES, "/up.json": b"{}"}), "leads out"),
    "zip drive": (lambda to: zipped(to / "a.zip", {**FILES, "c:\\up.json": b""}), "leads out"),
    "zip link": (lambda to: zipped(to / "a.zip", FILES, 0o120777), "link"),
    "zip device": (lambda to: zipped(to / "a.zip", FILES, 0o060666), "no regular file"),
    "zip code": (lambda to: zipped(to / "a.zip", {**FILES, "m.py": b""}), "holds m.py"),
    "zip pickle": (lambda to: zipped(to / "a.zip", {**FILES, "a.pt": b""}), "holds a.pt"),
    "zip deep": (lambda to: zipped(to / "a.zip", {**FILES, "d/" * 40 + "a.json": b""}), "too long"),
    "zip file as folder": (
        lambda to: zipped(to / "a.zip", {**FILES, "config.json/a.json": b""}),
        "is in it twice",
    ),
    "zip many": (
        lambda to: zipped(to / "a.zip", {f"{n}.json": b"" for n in range(10_001)}),
        "more than 10000 files",
    ),
    "no zip": (lambda to: _wrote(to / "a.zip", b"PK\5\6" * 30), "cannot be unpacked"),
    "tar up": (lambda to: tarred(to / "a.tar", {**FILES, "../up.json": b"{}"}), "leads out"),
    "tar root": (lambda to: tarred(to / "a.tar.gz", {**FILES, "/up.json": b""}), "leads out"),
    "tar link": (lambda to: tarred(to / "a.tgz", FILES, link("l.json", tarfile.SYMTYPE)), "link"),
    "tar hard": (lambda to: tarred(to / "a.tgz", FILES, link("l.json", tarfile.LNKTYPE)), "link"),
    "tar pipe": (lambda to: tarred(to / "a.tar", FILES, link("p", tarfile.FIFOTYPE)), "regular"),
    "tar device": (lambda to: tarred(to / "a.tar", FILES, link("p", tarfile.CHRTYPE)), "regular"),
    "tar cut": (lambda to: _cut(tarred(to / "a.tar", FILES)), r"cannot be unpacked|declared"),
    "gzip cut": (lambda to: _cut(tarred(to / "a.tgz", FILES)), "cannot be unpacked"),
    "no gzip": (lambda to: _wrote(to / "a.tar.gz", b"no"), "cannot be unpacked"),
    "tar names": (lambda to: _long_names(to / "a.tar.gz"), "names and extensions"),
}


def _wrote(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _cut(path: Path) -> Path:
    os.truncate(path, path.stat().st_size // 2)
    return path


def _long_names(path: Path) -> Path:
    """A header that says its name is a gigabyte, of zeros that pack into a megabyte."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    with gzip.open(path, "wb", 1) as out:
        out.write(header.tobuf(tarfile.GNU_FORMAT))
        out.write(bytes(30_000_000))
    return path


@pytest.mark.parametrize("kind", ARCHIVES)
def test_hostile_archives(models: Models, tmp_path: Path, kind: str) -> None:
    make, reason = ARCHIVES[kind]
    before = tmp_path / "before"
    before.mkdir()
    with pytest.raises(ModelRefused, match=reason):
        models.add(make(before))
    assert left(models) == []
    assert not list(tmp_path.rglob("up.json"))


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_bomb_does_not_go_off(models: Models, tmp_path: Path, name: str) -> None:
    files = {**FILES, "zeros.safetensors": bytes(150_000_000)}
    archive = zipped(tmp_path / name, files) if "zip" in name else tarred(tmp_path / name, files)
    assert archive.stat().st_size < 400_000
    with pytest.raises(ModelRefused, match="times its size") as caught:
        models.add(archive)
    assert caught.value.outcome == "bomb"
    assert left(models) == []


def test_a_zip_that_says_less_than_it_holds(models: Models, tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", FILES)
    content = archive.read_bytes()
    size = len(FILES["model.safetensors"]).to_bytes(4, "little")
    assert content.count(size) >= 2
    archive.write_bytes(content.replace(size, (9).to_bytes(4, "little")))
    with pytest.raises(ModelRefused):
        models.add(archive)
    assert left(models) == []


def test_one_name_twice_is_refused(models: Models, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    opened = zipfile.ZipFile(zipped(archive, FILES), "a")
    with pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("config.json", b"{}")
    opened.close()
    with pytest.raises(ModelRefused, match=r"config\.json is in it twice"):
        models.add(archive)


@pytest.mark.parametrize("name", ["m.zip", "m.tar", "m.tgz"])
def test_honest_archives_come_in(models: Models, tmp_path: Path, name: str) -> None:
    files = {f"./top/{name}": content for name, content in FILES.items()} | {"top/x.png": b"x"}
    archive = zipped(tmp_path / name, files) if "zip" in name else tarred(tmp_path / name, files)
    came = models.add(archive)
    assert (came.name, came.broken, came.left_out) == ("m", "", ("top/x.png",))
    assert (came.folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert left(models) == ["m"]
