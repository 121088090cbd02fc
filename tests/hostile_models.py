"""Model folders and archives as an attacker would make them, by a seeded generator."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD: tuple[Any, ...] = (
    "x", "", None, True, -1, 0, 10**30, 1e400, float("nan"), [], ["x"], [[]], {}, {"a": "b"}, 1.5,
    "\x1b]52;c;x\x07", "\ud800", "../../etc/passwd", "os.system",
)  # fmt: skip
DEEP = "[" * 200_000
BYTES = (b"", b"\x80\x04.", b"\xff" * 64, b"{", DEEP.encode(), b"null", b"[]", b'"x"', b"9" * 9999)


def mutated(seed: int, sound: Path, target: Path, manifest: str = "fuente.json") -> Path:
    """A copy of the folder `sound` with one to three things wrong with it."""
    draw = random.Random(seed)
    shutil.copytree(sound, target)
    for _ in range(draw.randint(1, 3)):
        draw.choice(_WAYS)(draw, target, manifest)
    return target


def _any_file(draw: random.Random, folder: Path) -> Path | None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return draw.choice(files) if files else None


def _key(draw: random.Random, folder: Path, manifest: str) -> None:
    """Another value for one key of a JSON file, or of a table in it."""
    files = [path for path in sorted(folder.rglob("*.json")) if path.is_file()]
    if not files:
        return
    path = draw.choice(files)
    try:
        data = table = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    while isinstance(table, dict) and table:
        key = draw.choice(sorted(table))
        if isinstance(table[key], dict | list) and table[key] and draw.random() < 0.7:
            table = table[key]
            if isinstance(table, list):
                table[draw.randrange(len(table))] = draw.choice(ODD)
            continue
        table[key] = draw.choice(ODD)
        break
    path.write_text(json.dumps(data))


def _config(draw: random.Random, folder: Path, manifest: str) -> None:
    """A wrong value for a key that somebody reads."""
    path = folder / "config.json"
    keys = """num_hidden_layers num_attention_heads num_key_value_heads hidden_size head_dim
        vocab_size max_position_embeddings model_type text_config architectures rope_parameters
        intermediate_size eos_token_id tie_word_embeddings quantization_config dtype""".split()
    data = {**_object(path), draw.choice(keys): draw.choice(ODD)}
    _replace(path, json.dumps(data).encode())


def _manifest(draw: random.Random, folder: Path, manifest: str) -> None:
    odd = draw.choice(ODD)
    data = draw.choice(
        [odd, {"files": odd}, {"files": {"config.json": odd}}, {"files": {"../up": {"bytes": 1}}},
         {"files": {}, "left_out": odd}, {"source": odd, "licence": odd, "revision": odd,
          "files": {}}, {}],
    )  # fmt: skip
    _replace(folder / manifest, json.dumps(data).encode())


def _bytes(draw: random.Random, folder: Path, manifest: str) -> None:
    path = _any_file(draw, folder)
    if path is not None:
        path.write_bytes(draw.choice(BYTES))


def _cut(draw: random.Random, folder: Path, manifest: str) -> None:
    path = _any_file(draw, folder)
    if path is not None:
        os.truncate(path, draw.randrange(path.stat().st_size + 1))


def _flip(draw: random.Random, folder: Path, manifest: str) -> None:
    path = _any_file(draw, folder)
    content = bytearray(path.read_bytes()) if path is not None else bytearray()
    if path is not None and content:
        for _ in range(draw.randint(1, 20)):
            content[draw.randrange(min(len(content), 4096))] = draw.randrange(256)
        path.write_bytes(content)


def _kind(draw: random.Random, folder: Path, manifest: str) -> None:
    """A pipe, a folder, a link to itself or out, in the place of a file."""
    path = _any_file(draw, folder)
    if path is None:
        return
    path.unlink()
    make: list[Callable[[], object]] = [
        lambda: os.mkfifo(path),
        path.mkdir,
        lambda: path.symlink_to(path.name),
        lambda: path.symlink_to("/etc/hostname"),
        lambda: path.symlink_to("/dev/zero"),
        lambda: None,
    ]
    draw.choice(make)()


def _more(draw: random.Random, folder: Path, manifest: str) -> None:
    """Something that no model needs."""
    odd = "a\nb\x1b.json"
    name = draw.choice(["x.py", "a.bin", "model.bin", "deep", "l", odd, "p.pt", "x.png"])
    path = folder / name
    if os.path.lexists(path):
        return
    if name == "deep":
        (folder / "/".join(["d"] * 60)).mkdir(parents=True)
    elif name == "l":
        path.symlink_to("..")
    else:
        path.write_bytes(draw.choice(BYTES))


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _replace(path: Path, content: bytes) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    path.write_bytes(content)


_WAYS = (_key, _config, _config, _manifest, _bytes, _cut, _flip, _kind, _more)


# --- archives ---


def zipped(target: Path, files: dict[str, bytes], mode: int = 0) -> Path:
    """A zip; `mode`: the kind that the entries of an empty content are said to have."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (mode or 0o100644) << 16
            opened.writestr(entry, content)
    return target


def tarred(target: Path, files: dict[str, bytes], *entries: tarfile.TarInfo) -> Path:
    """A tar, packed where its name ends so; `entries` come after the files, without data."""
    with tarfile.open(target, "w:gz" if target.suffix != ".tar" else "w") as opened:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
        for entry in entries:
            opened.addfile(entry)
    return target
