"""The replaceable parts that the settings ask for: embedder, reranker, QA model, generator.

Each is made when it is first needed, because loading takes time.
"""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import fields
from pathlib import Path
from weakref import WeakValueDictionary

from rag.config import Settings, api_key, embed_token
from rag.errors import ModelMissing, stated
from rag.llms.adapters import adapter_for, weights_of
from rag.llms.choice import Choice, choose_generator
from rag.llms.installed import CONTEXT
from rag.llms.sampling import Sampling
from rag.llms.serving import Served, Writer
from rag.models import (
    BundledEmbedder,
    BundledQAModel,
    BundledSelector,
    bundled_folder,
    fingerprint_of,
    load_artefact,
)
from rag.models.folders import cache_bytes, weight_bytes
from rag.models.huggingface import CrossEncoderReranker, HuggingFaceEmbedder
from rag.protocols import Embedder, Generator, QAModel, Reranker, SentenceSelector
from rag.retrieval import CoverageReranker
from rag.system.machine import GB, probe

_log = logging.getLogger(__name__)
_loading = threading.Lock()
_served: WeakValueDictionary[tuple[object, ...], Served] = WeakValueDictionary()
_MATTERS = """base_url generator_precision generator_device context_tokens max_tokens temperature
    top_p top_k seed answer_timeout answers_at_once waiting_questions
    threads""".split()


def make_reranker(settings: Settings) -> Reranker | None:
    """Makes the one of `settings.reranker`; None for «none». Raises ModelMissing."""
    choice = settings.reranker
    if choice == "none":
        return None
    if choice in ("auto", "coverage"):
        return CoverageReranker()
    return CrossEncoderReranker(choice, settings.precision, settings.threads)


def make_embedder(settings: Settings) -> Embedder:
    """Makes the one of `settings.embedder`; loading takes seconds. Raises ModelMissing."""
    if settings.embedder == "bundled":
        return BundledEmbedder(load_artefact(bundled_folder("embedder")), settings.threads)
    return HuggingFaceEmbedder(settings.embedder, settings.precision, settings.threads)


def passage_embedder(embedder: Embedder, settings: Settings) -> Embedder:
    """Returns what embeds passages to be stored: the library's embedder, or that of a server.

    Raises UsageError for what is no address of one, EmbedderFailed where it does not answer, and
    ModelMismatch where it has another model.
    """
    if not settings.embed_at:
        return embedder
    from rag.models.embedding_server import ServedEmbedder

    served = ServedEmbedder(embedder, settings.embed_at, settings.embed_model, embed_token())
    served.require_same_model()
    return served


def embedder_fingerprint(settings: Settings) -> str | None:
    """Returns the embedder's fingerprint where no model has to be loaded to know it."""
    return fingerprint_of(bundled_folder("embedder")) if settings.embedder == "bundled" else None


def make_qa_model(settings: Settings) -> QAModel | None:
    """Loads the bundled QA model; None where it is off or this installation has none.

    Raises ModelMissing when its files are there and are not what was shipped.
    """
    folder = bundled_folder("reader")
    if settings.qa_model == "off" or not folder.is_dir():
        return None
    return BundledQAModel(load_artefact(folder), settings.threads)


def make_selector(settings: Settings) -> SentenceSelector | None:
    """Loads the bundled sentence selector; None where no QA model is wanted or none came along.

    Raises ModelMissing when its files are there and are not what was shipped.
    """
    folder = bundled_folder("selector")
    if settings.qa_model == "off" or not folder.is_dir():
        return None
    return BundledSelector(load_artefact(folder), settings.threads)


def make_generator(settings: Settings) -> Generator | None:
    """Makes the one that is configured; None where answers are the documents' own sentences.

    Loads at most once a process what several ask for.

    Raises ModelMissing for what is not here, and UsageError for settings that do not fit together.
    """
    choice = choose_generator(settings)
    _log.info("generator: %s (%s)", choice, choice.why)
    if choice.kind == "extractive":
        return None
    with _loading:
        adapter = _adapter(choice, settings)
        key = (choice, adapter, *(getattr(settings, name) for name in _MATTERS))
        served = _served.get(key)
        if served is None:
            with stated(f"model «{choice.model}» does not load", "rag models list"):
                writer = _writer(choice, settings, adapter)
            waiting = max(settings.waiting_questions, settings.answers_at_once)
            served = Served(writer, waiting, settings.answer_timeout)
            _served[key] = served
        return served


def _writer(choice: Choice, settings: Settings, adapter: Path | None) -> Writer:
    sampling = Sampling(**{item.name: getattr(settings, item.name) for item in fields(Sampling)})
    # each brings along what the others do not need: httpx, jinja, torch
    if choice.folder is None:
        from rag.llms.openai_server import OpenAIWriter

        server = OpenAIWriter(
            settings.base_url,
            sampling,
            model=choice.model,
            key=api_key(),
            context_tokens=settings.context_tokens,
            at_once=settings.answers_at_once,
        )
        if not server.local:
            _log.warning("passages of your documents are sent to %s", server.host)
        return server
    threads, window = settings.threads, settings.context_tokens
    if choice.kind == "llama.cpp":
        from rag.llms.llama_cpp import LlamaCppWriter, memory_of

        _fits(choice.folder, memory_of(choice.folder, window, settings.answers_at_once))
        return LlamaCppWriter(
            choice.folder,
            sampling,
            threads=threads,
            context_tokens=window,
            at_once=settings.answers_at_once,
            adapter=adapter,
        )
    from rag.llms.transformers_model import TransformersWriter

    device, precision = _placed(choice.folder, settings)
    return TransformersWriter(
        choice.folder,
        sampling,
        device=device,
        precision=precision,
        threads=threads,
        context_tokens=window,
        at_once=settings.answers_at_once,
    )


def _adapter(choice: Choice, settings: Settings) -> Path | None:
    """Returns what the model has learnt of the library of the settings, if anything."""
    if choice.kind != "llama.cpp" or choice.folder is None:
        return None
    return adapter_for(settings.library, choice.model, weights_of(choice.folder))


def _placed(folder: Path, settings: Settings) -> tuple[str, str]:
    """Returns (device, precision): the GPU if there is one, 4 bits where it does not hold 16."""
    machine = probe()
    device, precision = settings.generator_device, settings.generator_precision
    if device == "auto":
        device = "cuda" if machine.gpu else "mps" if sys.platform == "darwin" else "cpu"
    if precision == "auto" and device == "cuda":
        roomy = 1.1 * weight_bytes(folder) < 0.9 * machine.gpu_memory
        precision = "int4" if machine.gpu and not roomy else "bf16"
    if precision == "auto":
        precision = "fp16" if device == "mps" else "bf16" if machine.bf16 else "fp32"
    if device == "cpu":
        growth = 2 if precision == "fp32" else 1  # of the weights from disk to memory
        tokens = (settings.context_tokens or CONTEXT) * settings.answers_at_once
        _fits(folder, growth * (weight_bytes(folder) + cache_bytes(folder, tokens)))
    _log.info("%s runs on %s in %s: %s", folder.name, device, precision, machine)
    return device, precision


def _fits(folder: Path, size: int) -> None:
    """Refuses before the machine stands still. Raises ModelMissing."""
    machine = probe()
    if size > machine.free + machine.gpu_memory:
        raise ModelMissing(
            f"{folder.name} takes {size / GB:.1f} GB of memory; this machine has {machine}",
            "close other programs, lower context_tokens, or take a smaller model: rag models list",
        )
