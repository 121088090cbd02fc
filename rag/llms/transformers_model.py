"""Any causal language model of transformers from a folder, on a GPU.

Loads safetensors and no code of the folder; who calls has looked the folder over. Needs the extra
`hf`, and `gpu` for 4 and 8 bits. It runs on a processor too, slowly: GGUF files are for that.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rag.errors import GeneratorFailed, cause_of, needing, stated
from rag.llms.chat_template import load_chat, stop_ids
from rag.llms.continuous_batching import Batcher
from rag.llms.sampling import Sampling, room_for_answer
from rag.llms.serving import Emit
from rag.protocols import Stop
from rag.schema import Prompt
from rag.system.processes import sleep_while_waiting

_WINDOW = 4096  # of models that do not say
_LESS = 'lower context_tokens, or set generator_precision = "int4"'


class TransformersWriter:
    """One model that writes several answers in the same passes."""

    def __init__(
        self,
        folder: Path,
        sampling: Sampling,
        *,
        device: str = "cpu",
        precision: str = "fp32",
        threads: int = 0,
        context_tokens: int = 0,
        at_once: int = 1,
    ) -> None:
        """`precision`: fp32, bf16, fp16, int8 or int4. `at_once`: answers that share the passes.

        Raises ModelMissing for a folder that does not load, and without the extra.
        """
        self.slots = at_once
        self.name = folder.name
        self._sampling = sampling
        self._chat = load_chat(folder)
        self._model = _load(folder, device, precision, threads)
        window = int(getattr(self._model.config, "max_position_embeddings", 0) or _WINDOW)
        self._window = min(window, context_tokens or window)
        ends = stop_ids(folder, self._chat)
        self._batcher = Batcher(self._model, ends, sampling, self._window, at_once)
        # what the template adds is not for the caller to count
        self.context_window = self._window - self._chat.overhead

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return self._chat.count(text)

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        """Stops within a token."""
        ids = self._chat.encode(prompt.messages)
        most = room_for_answer(len(ids), self._window, self._sampling.max_tokens, self.name)
        reader = self._chat.reader()
        try:
            for token in self._batcher.tokens(ids, most, stop):
                emit(reader.read(token))
                if stop():
                    return
        except RuntimeError as error:  # out of memory is one, of any device
            raise _failure(self.name, error) from error


def _load(folder: Path, device: str, precision: str, threads: int) -> Any:
    sleep_while_waiting()
    with needing("hf", f"model «{folder.name}»"):
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if device == "cpu":
        torch.set_num_threads(threads or os.cpu_count() or 1)
    with needing("gpu", f"{precision} on {device}"):
        placement = _placement(device, precision)
    with stated(f"model «{folder}» does not load", "rag models list"):
        model = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",
            **placement,
        )
        if device != "cpu" and "device_map" not in placement:
            model = model.to(device)  # type: ignore[arg-type]
        return model.eval()  # type: ignore[no-untyped-call]


def _placement(device: str, precision: str) -> dict[str, Any]:
    """Returns where the weights go and as what; several GPUs share a model that one cannot hold.

    Fewer bits come by bitsandbytes: LLM.int8() (arXiv 2208.07339), or NF4 with double quantization
    (arXiv 2305.14314). Raises ImportError where the extra `gpu` is needed and is not there.
    """
    from importlib.util import find_spec

    import torch
    from transformers import BitsAndBytesConfig

    compute = torch.float32 if device == "cpu" else torch.bfloat16
    kinds = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    options: dict[str, Any] = {"dtype": kinds.get(precision, compute)}
    quantized: dict[str, dict[str, Any]] = {
        "int8": {"load_in_8bit": True},
        "int4": {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_use_double_quant": True,
            "bnb_4bit_compute_dtype": compute,
        },
    }
    bits = quantized.get(precision)
    if device == "cuda" or bits:
        options["device_map"] = "auto" if device == "cuda" else device
        for package in ("accelerate", "bitsandbytes") if bits else ("accelerate",):
            if find_spec(package) is None:
                raise ImportError(f"no {package}")
    if bits:
        options["quantization_config"] = BitsAndBytesConfig(**bits)  # type: ignore[no-untyped-call]
    return options


def _failure(name: str, error: RuntimeError) -> GeneratorFailed:
    cause = cause_of(error)
    advice = _LESS if "memory" in cause.casefold() else "rag doctor"
    return GeneratorFailed(f"«{name}» failed while it wrote: {cause}", advice)
