"""Language models with random weights, run by transformers and by CTranslate2."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GeneratorFailed, ModelMissing
from rag.llms import decoding
from rag.llms.ctranslate2_model import Beginnings, CTranslate2Writer, convert
from rag.llms.decoding import Decoder
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
def converted(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert(folder, tmp_path_factory.mktemp("converted") / "tiny-fp32", "float32")


@pytest.fixture(scope="module")
def torch_writer(folder: Path) -> TransformersWriter:
    return TransformersWriter(folder, SHORT, threads=1)


@pytest.fixture(scope="module")
def batch_writer(folder: Path) -> TransformersWriter:
    return TransformersWriter(folder, SHORT, threads=1, at_once=3)


@pytest.fixture(scope="module")
def fast_writer(converted: Path) -> CTranslate2Writer:
    return CTranslate2Writer(converted, SHORT, threads=1)


class TestTransformers(LanguageModelContract):
    @pytest.fixture
    def generator(self, torch_writer: TransformersWriter) -> Served:
        return Served(torch_writer, waiting=8)


class TestSeveralAtOnce(LanguageModelContract):
    @pytest.fixture
    def generator(self, batch_writer: TransformersWriter) -> Served:
        return Served(batch_writer, waiting=8)


class TestCTranslate2(LanguageModelContract):
    @pytest.fixture
    def generator(self, fast_writer: CTranslate2Writer) -> Served:
        return Served(fast_writer, waiting=8)


def asking(question: str, system: str = FIXED) -> Prompt:
    messages = (Message("system", system), Message("user", question))
    return Prompt(messages)


def text_of(writer: TransformersWriter | CTranslate2Writer, prompt: Prompt) -> str:
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


@pytest.mark.parametrize("guesses", [0, 6])
@pytest.mark.parametrize("reuse", [False, True])
def test_it_writes_what_generate_writes(
    torch_writer: TransformersWriter,
    monkeypatch: pytest.MonkeyPatch,
    guesses: int,
    reuse: bool,
) -> None:
    monkeypatch.setattr(decoding, "PREFILL", 16)  # so that a prompt comes in several pieces
    decoder = Decoder(torch_writer._model, [], guesses, reuse)
    for question in ("¿Cuánto dura la garantía?", "¿Cuánto dura el ascensor?", "años " * 30):
        prompt = asking(question)
        keys = torch_writer._chat.encode(prompt.messages)
        written = list(decoder.tokens(keys, Sampling(), 40, lambda: False))
        assert written[: len(wanted := plain_generate(torch_writer, prompt, 40))] == wanted
    assert (decoder.reused > 40) == reuse


def test_guesses_save_passes(torch_writer: TransformersWriter) -> None:
    """A text that repeats itself is read several tokens a pass."""
    passes: list[int] = []

    class Counting(Decoder):
        def _step(self, last: int, guessed: Sequence[int], pick: decoding.Pick) -> list[int]:
            passes.append(len(guessed))
            return super()._step(last, guessed, pick)

    keys = torch_writer._chat.encode(asking("¿Cuánto dura?").messages)
    first = list(Decoder(torch_writer._model, []).tokens(keys, Sampling(), 30, lambda: False))
    again = [*keys, *first, *keys]  # what is going to be written stands in the prompt
    alone = list(Decoder(torch_writer._model, []).tokens(again, Sampling(), 30, lambda: False))
    counting = Counting(torch_writer._model, [], 8)
    assert list(counting.tokens(again, Sampling(), 30, lambda: False)) == alone
    assert max(passes) == 8


def test_a_stop_ends_the_reading_of_a_long_prompt(
    torch_writer: TransformersWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "PREFILL", 16)
    decoder = Decoder(torch_writer._model, [])
    asked = iter([False, False])
    assert list(decoder.tokens([5] * 200, Sampling(), 9, lambda: next(asked, True))) == []
    assert len(decoder._held) == 32
    wanted = list(Decoder(torch_writer._model, []).tokens([5] * 200, Sampling(), 9, lambda: False))
    assert list(decoder.tokens([5] * 200, Sampling(), 9, lambda: False)) == wanted, "it goes on"


def test_a_token_that_ends_the_answer_is_not_shown(torch_writer: TransformersWriter) -> None:
    keys = torch_writer._chat.encode(asking("¿Cuánto dura?").messages)
    whole = list(Decoder(torch_writer._model, []).tokens(keys, Sampling(), 20, lambda: False))
    ends = Decoder(torch_writer._model, [whole[7]])
    assert list(ends.tokens(keys, Sampling(), 20, lambda: False)) == whole[: whole.index(whole[7])]


def test_both_ways_write_the_same(
    torch_writer: TransformersWriter, fast_writer: CTranslate2Writer
) -> None:
    for question in ("¿Cuánto dura la garantía?", "¿Quién revisa el ascensor?", "¿Y el precio?"):
        assert text_of(fast_writer, asking(question)) == text_of(torch_writer, asking(question))


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


def test_samples_differ_by_their_seed_alone(folder: Path, converted: Path) -> None:
    for make, model_folder in ((TransformersWriter, folder), (CTranslate2Writer, converted)):
        texts = [
            text_of(
                make(model_folder, Sampling(24, 1.5, 0.95, 50, seed), threads=1), asking("¿Qué?")
            )
            for seed in (1, 1, 2)
        ]
        assert texts[0] == texts[1] != texts[2]


def test_in_8_bits_it_writes_too(folder: Path, tmp_path: Path) -> None:
    small = convert(folder, tmp_path / "tiny-int8", "int8")
    assert text_of(CTranslate2Writer(small, SHORT, threads=1), asking("¿Cuánto dura?"))
    weights = small / "model.bin"
    assert weights.stat().st_size < 0.5 * (folder / "model.safetensors").stat().st_size


def test_the_context_may_be_narrowed(folder: Path, converted: Path) -> None:
    for make, model_folder in ((TransformersWriter, folder), (CTranslate2Writer, converted)):
        wide = make(model_folder, SHORT, threads=1).context_window
        assert make(model_folder, SHORT, threads=1, context_tokens=300).context_window == wide - 84
        assert make(model_folder, SHORT, threads=1, context_tokens=9999).context_window == wide


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
    with pytest.raises(ModelMissing, match="cannot be converted"):
        convert(broken, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(ModelMissing, match="does not load"):
        CTranslate2Writer(broken, SHORT)


def test_without_the_extra_the_command_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ModelMissing, match="extra «cpu»") as caught:
        CTranslate2Writer(folder, SHORT)
    assert "fuente[cpu]" in caught.value.next_command
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelMissing, match="extra «hf»") as caught:
        TransformersWriter(folder, SHORT)
    assert "fuente[hf]" in caught.value.next_command


def test_a_few_beginnings_are_kept_and_the_longest_is_used() -> None:
    beginnings = Beginnings()
    fixed = list(range(100))
    assert beginnings.of([*fixed, 7, 8]) == 0
    assert beginnings.of([*fixed, 9, 9]) == 100
    assert beginnings.of([*fixed, 1]) == 100
    assert beginnings.of([3, *fixed]) == 0
    assert beginnings.of(fixed) == 0, "one token is left to read"


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
