"""Language models with random weights: a real architecture, a real tokenizer, a chat template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[2] / "corpus" / "sources"
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"]
PLAIN = ["<think>", "</think>"]  # added, yet not special: `skip_special_tokens` lets them through
TEMPLATE = (
    "{%- for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n"
    "{% endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def train_tokenizer(size: int = 800) -> Any:
    """Byte-level BPE on the sample documents."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=CONTROL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.rglob("*.md"))]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(PLAIN)
    return tokenizer


def make_generator_model(folder: Path, window: int = 384, **sizes: int) -> Path:
    """A Qwen2 of two layers, saved as such models are published."""
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(
        tokenizer_object=train_tokenizer(),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=TEMPLATE,
    )
    tokenizer.save_pretrained(folder)
    shape: dict[str, Any] = {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "intermediate_size": 128,
    } | dict(sizes)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=window,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
        initializer_range=0.2,  # so that the text is not one token again and again
        **shape,
    )
    model = Qwen2ForCausalLM(config)
    model.generation_config.eos_token_id = [2, 0]
    model.save_pretrained(folder)
    return folder
