"""The header of GGUF files: what it says, and what is refused before llama.cpp sees it."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from rag.models.files import BadFile
from rag.models.gguf import parts_of, read_header
from tests.helpers.gguf_files import METADATA, Tensor, gguf, text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pluma.gguf"


def test_it_says_what_the_model_is(path: Path) -> None:
    path.write_bytes(gguf())
    header = read_header(path)
    assert (header.architecture, header.window, header.licence) == ("llama", 2048, "apache-2.0")
    assert header.template == "{{ messages[0].content }}"
    assert header.parameters == 64
    # keys and values, of two layers, of two heads as wide as a quarter of 64, in two bytes each
    assert header.cache_bytes(10) == 2 * 2 * 2 * 16 * 2 * 10


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "ends too early"),
        (b"GGUX" + gguf()[4:], "no GGUF file"),
        (gguf(version=1), "version unknown"),
        (gguf(version=0x03000000), "version unknown"),
        (gguf()[:-1], "cut short"),
        (gguf()[:200], "ends too early"),
        (gguf(tensors=()), "holds no model"),
        (gguf({"llama.context_length": 8}), "holds no model"),
        (gguf(tensors=[Tensor((33, 2))]), "shape"),
        (gguf(tensors=[Tensor((0, 2))]), "shape"),
        (gguf(tensors=[Tensor((2**62, 2**62))]), "cut short"),
        (gguf(tensors=[Tensor(kind=77)]), "type unknown"),
        (gguf(tensors=[Tensor(lengths=())]), "dimensions"),
        (gguf(tensors=[Tensor(lengths=(32,) * 5)]), "dimensions"),
        (gguf(tensors=[Tensor(offset=2**63)]), "cut short"),
        (gguf(tensors=[Tensor(offset=8)]), "overlap"),
        (gguf(tensors=[Tensor(), Tensor(offset=32)], data=4096), "overlap"),
        (gguf({**METADATA, "general.alignment": 0}), "alignment"),
        (gguf({**METADATA, "general.alignment": 12}), "alignment"),
    ],
)
def test_what_is_no_sound_file_is_refused(path: Path, content: bytes, cause: str) -> None:
    path.write_bytes(content)
    with pytest.raises(BadFile, match=cause):
        read_header(path)


@pytest.mark.parametrize(
    "entry",
    [
        text("a") + struct.pack("<IQ", 8, 2**40),  # a text longer than the file
        text("a") + struct.pack("<IIQ", 9, 8, 2**40),  # a list longer than the file
        text("a") + struct.pack("<IIQ", 9, 9, 1),  # a list of lists
        text("a") + struct.pack("<IIQ", 9, 99, 20),
        text("a") + struct.pack("<I", 99),
        struct.pack("<Q", 2**63),  # a key without an end
    ],
)
def test_lengths_that_lead_out_of_the_file_are_not_believed(path: Path, entry: bytes) -> None:
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + entry + bytes(100))
    with pytest.raises(BadFile):
        read_header(path)


@pytest.mark.parametrize("counts", [(2**50, 1), (1, 2**50)])
def test_counts_beyond_any_model_are_refused(path: Path, counts: tuple[int, int]) -> None:
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, *counts) + bytes(100))
    with pytest.raises(BadFile, match="states"):
        read_header(path)


def test_no_damage_escapes_as_another_error(path: Path) -> None:
    sound, draw = gguf(), random.Random(0)
    for _ in range(300):
        content = bytearray(sound)
        for _ in range(draw.randint(1, 4)):
            content[draw.randrange(len(content))] = draw.choice((0, 1, 0x7F, 0xFF))
        path.write_bytes(content[: draw.randint(20, len(content))])
        try:
            read_header(path)
        except BadFile:
            continue


def test_a_large_model_comes_in_parts(tmp_path: Path) -> None:
    first = tmp_path / "pluma-00001-of-00003.gguf"
    names = [f"pluma-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    assert [part.name for part in parts_of(first)] == names
    assert parts_of(tmp_path / "pluma.gguf") == [tmp_path / "pluma.gguf"]
    with pytest.raises(BadFile, match="00001-of-00003"):
        parts_of(tmp_path / "pluma-00002-of-00003.gguf")
