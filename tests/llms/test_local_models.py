"""Language models with random weights, run by transformers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GeneratorFailed, ModelMissing
from rag.llms.sampling import Sampling
from rag.llms.serving import Served
from rag.llms.transformers_model import TransformersWriter
from rag.schema import Message, Prompt
from tests.helpers.contracts import LanguageModelContract
from tests.helpers.tiny_generators import make_generator_model

SHORT = Sampling(24)
FIXED = "Responde solo con los pasajes numerados que siguen, breve y exacto. " * 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_generator_model(tmp_path_factory.mktemp("models") / "tiny-chat")


@pytest.fixture(scope="module")
def torch_writer(folder: Path) -> TransformersWriter:
    return TransformersWriter(folder, SHORT, threads=1)


@pytest.fixture(scope="module")
def batch_writer(folder: Path) -> TransformersWriter:
    return TransformersWriter(folder, SHORT, threads=1, at_once=3)


class TestTransformers(LanguageModelContract):
    @pytest.fixture
    def generator(self, torch_writer: TransformersWriter) -> Served:
        return Served(torch_writer, waiting=8)


class TestSeveralAtOnce(LanguageModelContract):
    @pytest.fixture
    def generator(self, batch_writer: TransformersWriter) -> Served:
        return Served(batch_writer, waiting=8)


def asking(question: str, system: str = FIXED) -> Prompt:
    messages = (Message("system", system), Message("user", question))
    return Prompt(messages)


def text_of(writer: TransformersWriter, prompt: Prompt) -> str:
    pieces: list[str] = []
    writer.write(prompt, pieces.append, lambda: False)
    return "".join(pieces)


def plain_generate(writer: TransformersWriter, prompt: Prompt, tokens: int) -> list[int]:
    """What transformers' own `generate` says, the simplest way."""
    import torch

    keys = torch.tensor([writer._chat.encode(prompt.messages)])
    options = {"max_new_tokens": tokens, "do_sample": False, "repetition_penalty": 1.0}
    made = writer._model.generate(keys, attention_mask=torch.ones_like(keys), **options)
    return [int(key) for key in made[0, keys.shape[1] :]]


def test_it_writes_what_generate_writes(torch_writer: TransformersWriter) -> None:
    for question in ("¿Cuánto dura la garantía?", "¿Cuánto dura el ascensor?", "años " * 30):
        prompt = asking(question)
        keys = torch_writer._chat.encode(prompt.messages)
        written = list(torch_writer._batcher.tokens(keys, 24, lambda: False))
        assert written[: len(wanted := plain_generate(torch_writer, prompt, 24))] == wanted


def test_a_token_that_ends_the_answer_is_not_shown(torch_writer: TransformersWriter) -> None:
    keys = torch_writer._chat.encode(asking("¿Cuánto dura?").messages)
    batcher = torch_writer._batcher
    whole = list(batcher.tokens(keys, 20, lambda: False))
    ends, batcher._ends = batcher._ends, frozenset([whole[7]])
    try:
        assert list(batcher.tokens(keys, 20, lambda: False)) == whole[: whole.index(whole[7])]
    finally:
        batcher._ends = ends


def test_several_at_once_write_what_each_writes_alone(
    torch_writer: TransformersWriter, batch_writer: TransformersWriter
) -> None:
    asked = [asking(f"¿Cuánto dura la garantía número {number}?" * 2) for number in range(7)]
    with ThreadPoolExecutor(batch_writer.slots) as pool:
        together = list(pool.map(lambda prompt: text_of(batch_writer, prompt), asked))
    assert together == [text_of(torch_writer, prompt) for prompt in asked]
    assert len(set(together)) > 1


def test_they_share_passes(batch_writer: TransformersWriter, monkeypatch: Any) -> None:
    passes = 0
    forward = batch_writer._model.forward

    def count(*args: Any, **options: Any) -> Any:
        nonlocal passes
        passes += 1
        return forward(*args, **options)

    monkeypatch.setattr(batch_writer._model, "forward", count)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: text_of(batch_writer, asking("¿Qué es?")), range(3)))
    assert 0 < passes < 2 * SHORT.max_tokens, "alone they would take three times as many"


def test_when_the_model_fails_all_who_wait_are_told(folder: Path, monkeypatch: Any) -> None:
    writer = TransformersWriter(folder, SHORT, threads=1, at_once=2)

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(writer._model, "forward", fail)
    for _ in range(2):  # and the next one does not wait for a thread that is gone
        with pytest.raises(GeneratorFailed, match="out of memory"):
            text_of(writer, asking("¿Qué es?"))


def test_the_process_can_end_after_it(folder: Path) -> None:
    code = (
        "from pathlib import Path;from rag.llms.sampling import Sampling;"
        "from rag.llms.transformers_model import TransformersWriter;"
        f"TransformersWriter(Path({str(folder)!r}), Sampling(8), threads=1, at_once=2)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=280)


def test_samples_differ_by_their_seed_alone(folder: Path) -> None:
    texts = [
        text_of(
            TransformersWriter(folder, Sampling(24, 1.5, 0.95, 50, seed), threads=1),
            asking("¿Qué?"),
        )
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_the_context_may_be_narrowed(folder: Path) -> None:
    wide = TransformersWriter(folder, SHORT, threads=1).context_window
    for tokens, window in ((300, wide - 84), (9999, wide)):
        narrow = TransformersWriter(folder, SHORT, threads=1, context_tokens=tokens)
        assert narrow.context_window == window


@pytest.mark.parametrize("damage", ["cut", "gone", "config"])
def test_a_broken_model_is_a_stated_failure(folder: Path, tmp_path: Path, damage: str) -> None:
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    weights = broken / "model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "gone":
        weights.unlink()
    else:
        (broken / "config.json").write_text('{"model_type": "none-such"}')
    with pytest.raises(ModelMissing, match="broken"):
        TransformersWriter(broken, SHORT)


def test_without_the_extra_the_command_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelMissing, match="extra «hf»") as caught:
        TransformersWriter(folder, SHORT)
    assert "fuente[hf]" in caught.value.next_command


def test_fewer_bits_need_their_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "bitsandbytes" else found(name)
    )
    for precision in ("int4", "int8"):
        with pytest.raises(ModelMissing, match=precision) as caught:
            TransformersWriter(folder, SHORT, precision=precision)
        assert "fuente[gpu]" in caught.value.next_command
