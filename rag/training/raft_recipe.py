"""Teaches an installed language model the form of answers on a person's own documents (LoRA).

The adapter is kept only if it answers more questions of documents that it has not seen rightly, and
none more wrongly, than the model does without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.library import Library
from rag.llms.adapters import place, record_of, weights_of
from rag.llms.installed import Installed
from rag.llms.llama_cpp import LlamaCppWriter
from rag.llms.sampling import Sampling
from rag.models.folders import gguf_of
from rag.models.gguf import read_header
from rag.system import private_files
from rag.training.adapter_file import PARTS, write_adapter
from rag.training.raft import Example, examples, held_back
from rag.training.raft_gate import Gate, judged, settle

_RANK, _ALPHA, _RATE = 8, 16, 2e-4  # usual for small models (arXiv 2106.09685)
_TOKENS = 96  # of an answer
_FEWEST = 8  # examples to learn from
_FEWEST_KEPT = 12  # and to judge by: of four, one that comes out right by chance decided
Show = Callable[[Mapping[str, Any]], None]


def train_generator(
    library: Library, model: Installed, steps: int, most: int, seed: int, show: Show
) -> Gate:
    """Trains, measures, and keeps the adapter or its record alone.

    Raises UsageError for a model that is no GGUF file, and where the documents give too little.
    """
    path = gguf_of(model.folder)
    if path is None:
        raise UsageError(f"«{model.name}» is no GGUF model", "rag models list")
    started, folder = time.monotonic(), library.settings.library
    plain = LlamaCppWriter(model.folder, Sampling(_TOKENS))
    learnt, kept = held_back(examples(library, plain.count_tokens, most, seed))
    if len(learnt) < _FEWEST or len(kept) < _FEWEST_KEPT:
        raise UsageError(
            f"{len(learnt)} questions can be made of these documents to learn from, of {_FEWEST} "
            f"that are needed, and {len(kept)} of others to judge by, of {_FEWEST_KEPT}",
            "add documents with headings, rag ingest FOLDER, or raise --questions",
        )
    before = judged(plain, kept)
    target = place(folder, model.name)
    private_files.make_folder(target.parent)
    new = target.with_suffix(".new")
    write_adapter(
        new, _trained(path, learnt, steps, seed, show), read_header(path).architecture, _ALPHA
    )
    after = judged(LlamaCppWriter(model.folder, Sampling(_TOKENS), adapter=new), kept)
    gate = Gate(before, after, time.monotonic() - started, len(learnt), len(kept))
    settle(gate, new, target, record_of(folder, model.name), weights_of(model.folder))
    return gate


def _trained(
    path: Path, learnt: Sequence[Example], steps: int, seed: int, show: Show
) -> dict[str, Any]:
    """Returns the tensors of the adapter after so many steps of one example each."""
    import torch
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(seed)
    source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    tokenizer: Any = AutoTokenizer.from_pretrained(**source)
    base: Any = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    chosen = LoraConfig(r=_RANK, lora_alpha=_ALPHA, target_modules=sorted(PARTS))
    model: Any = get_peft_model(base, chosen)
    learning = [value for value in model.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=_RATE)
    began = time.monotonic()
    for step in range(1, steps + 1):
        ids, labels = _batch(tokenizer, learnt[(step - 1) % len(learnt)])
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        show({"step": step, "seconds": time.monotonic() - began, "loss": loss.item()})
    return dict(get_peft_model_state_dict(model))


def _batch(tokenizer: Any, example: Example) -> tuple[Any, Any]:
    """Returns the tokens of prompt and answer, and what is to be learnt: the answer alone."""
    import torch

    rows = [{"role": message.role, "content": message.content} for message in example.messages]
    shown = tokenizer.apply_chat_template(rows, add_generation_prompt=True, tokenize=False)
    prompt = tokenizer(shown, add_special_tokens=False)["input_ids"]
    answer = tokenizer(example.answer + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
    ids = torch.tensor([[*prompt, *answer]])
    labels = torch.tensor([[*[-100] * len(prompt), *answer]])
    return ids, labels
