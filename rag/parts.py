"""The replaceable parts that the settings ask for: reranker, reader, generator.

Each is made when it is first needed, because loading takes time. Knows no library, only its store.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from rag import addresses, languages
from rag.config import Settings, api_key
from rag.errors import ModelMissing, UsageError
from rag.evidence import CoverageReranker, PassageReader, Query, explains, query_weights
from rag.generation.extractive import ExtractiveGenerator
from rag.generation.sampling import Sampling
from rag.generation.serving import Served, Writer
from rag.models import (
    BundledEmbedder,
    BundledReader,
    bundled_folder,
    fingerprint_of,
    load_artefact,
)
from rag.models.files import stated
from rag.models.folders import check_folder, is_ctranslate2, weight_bytes
from rag.models.hub import cached
from rag.models.huggingface import CrossEncoderReranker, HuggingFaceEmbedder
from rag.models.installed import Models
from rag.models.late_interaction import LateInteractionReranker
from rag.models.machine import GB, probe
from rag.protocols import Embedder, Generator, Reader, Reranker
from rag.store import Store

MakeQuery = Callable[[str], Query]

_log = logging.getLogger(__name__)
_loading = threading.Lock()
_served: WeakValueDictionary[tuple[object, ...], Served] = WeakValueDictionary()
_MATTERS = """base_url generator_precision generator_device context_tokens max_tokens temperature
    top_p top_k seed prompt_lookup answer_timeout answers_at_once waiting_questions
    threads""".split()


def make_query(store: Store, settings: Settings, text: str, translate: bool = True) -> Query:
    """A text's words with their weights in this library, and their translations; no manners."""
    language = languages.detect(text, settings.language)
    text = languages.plain(text)
    groups = languages.query_terms(text, language, translate)
    own = languages.query_terms(text, language, translate=False)
    counts = store.keywords.frequencies([term for group in groups for term in group])
    weights, known = query_weights(groups, own, counts, store.documents.counts()[1])
    return Query(text, language, groups, weights, known)


def make_reranker(
    settings: Settings, make_query: MakeQuery, embedder: Callable[[], Embedder]
) -> Reranker | None:
    """By `settings.reranker`; None for «none». Raises ModelMissing."""
    choice = settings.reranker
    if choice == "none":
        return None
    if choice in ("auto", "coverage"):
        return CoverageReranker(make_query, languages.sentences, languages.terms)
    if choice != "late-interaction":
        return CrossEncoderReranker(choice, settings.precision, settings.threads)
    encoder = embedder()
    if not isinstance(encoder, BundledEmbedder | HuggingFaceEmbedder):
        raise ModelMissing("this embedder gives no token vectors", 'set reranker = "none"')
    return LateInteractionReranker(encoder)


def make_embedder(settings: Settings) -> Embedder:
    """By `settings.embedder`; loading takes seconds. Raises ModelMissing."""
    if settings.embedder == "bundled":
        return BundledEmbedder(load_artefact(bundled_folder("embedder")), settings.threads)
    return HuggingFaceEmbedder(settings.embedder, settings.precision, settings.threads)


def embedder_fingerprint(settings: Settings) -> str | None:
    """Of the embedder that the settings ask for, where no model has to be loaded to know it."""
    if settings.embedder == "bundled":
        return fingerprint_of(bundled_folder("embedder"))
    return None


def describe_bundled(kind: str) -> str:
    """Name, hash, precision and version of the bundled «embedder». Raises ModelMissing."""
    model = load_artefact(bundled_folder(kind))
    return f"{model.fingerprint}, {model.precision}, version {model.version}"


def make_reader(settings: Settings) -> Reader | None:
    """The bundled reader; None where it is off or this installation has none.

    Raises ModelMissing when its files are there and are not what was shipped.
    """
    folder = bundled_folder("reader")
    if settings.reader == "off" or not folder.is_dir():
        return None
    return BundledReader(load_artefact(folder), settings.threads)


def passage_reader(
    reader: Reader | None, settings: Settings, make_query: MakeQuery
) -> PassageReader | None:
    """What reads passages with `reader`, of each as much as the settings allow."""
    if reader is None:
        return None
    texts = languages.sentences, languages.terms
    return PassageReader(reader, make_query, *texts, settings.reader_chars)


def make_generator(settings: Settings) -> Generator:
    """By `settings.generator`; loads at most once a process what several ask for.

    Raises ModelMissing for what is not here, and UsageError for settings that do not fit together.
    """
    choice = choose_generator(settings)
    _log.info("generator: %s (%s)", choice, choice.why)
    if choice.kind == "extractive":
        return ExtractiveGenerator(settings.max_sentences, explains)
    with _loading:
        key = (choice, *(getattr(settings, name) for name in _MATTERS))
        served = _served.get(key)
        if served is None:
            with stated(f"model «{choice.model}» does not load", "rag models list"):
                writer = _writer(choice, settings)
            waiting = max(settings.waiting_questions, settings.answers_at_once)
            served = Served(writer, waiting, settings.answer_timeout)
            _served[key] = served
        return served


@dataclass(frozen=True, slots=True)
class Choice:
    """Which generator the settings stand for, and why that one."""

    kind: str
    model: str = ""
    folder: Path | None = None
    why: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.model}".strip()


def choose_generator(settings: Settings) -> Choice:
    """Loads nothing. What is configured is taken or fails: there is no second choice in silence."""
    kind, model = settings.generator, settings.generator_model
    if kind not in ("auto", "extractive", "transformers", "ctranslate2", "openai"):
        raise ModelMissing(f"generator «{kind}» is not known", 'set generator = "extractive"')
    if kind == "extractive":
        return Choice(kind, why="generator is set to it")
    if kind == "openai" or (kind == "auto" and settings.base_url):
        address = addresses.shown(settings.base_url) or "not set"
        return Choice("openai", model, why=f"base_url is {address}")
    if not model and kind == "auto":
        return Choice("extractive", why="neither generator_model nor base_url is set")
    if not model:
        raise UsageError(f'generator = "{kind}" needs a model', "set generator_model")
    folder = find_model(settings, model)
    made_for = "ctranslate2" if is_ctranslate2(folder) else "transformers"
    if kind not in ("auto", made_for):
        raise ModelMissing(
            f"{folder} is a model for {made_for}, and generator is set to {kind}",
            'set generator = "auto"'
            if kind == "transformers"
            else f"rag models import {folder} --precision int8",
        )
    return Choice(made_for, folder.name if folder.name else model, folder, f"found at {folder}")


def find_model(settings: Settings, name: str) -> Path:
    """The checked folder of a pulled model, of any folder, or of one in the hub's cache."""
    found = Models(settings.models).sound(name)
    folder = found.folder if found else Path(name).expanduser()
    if folder.is_dir():
        check_folder(folder)
        return folder
    in_cache = cached(name) if name.count("/") == 1 else None
    if in_cache is None:
        raise ModelMissing(
            f"generator_model «{name}» is not on this machine",
            f"rag models pull {name}, or rag models import FOLDER",
        )
    check_folder(in_cache, in_cache.parent.parent)  # its files are links into the cache
    return in_cache


def _writer(choice: Choice, settings: Settings) -> Writer:
    sampling = Sampling(
        settings.max_tokens,
        settings.temperature,
        settings.top_p,
        settings.top_k,
        settings.seed,
    )
    # each brings along what the others do not need: httpx, jinja, torch
    if choice.folder is None:
        from rag.generation.openai_server import OpenAIWriter

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
    window = settings.context_tokens
    if choice.kind == "ctranslate2":
        from rag.generation.ctranslate2_model import CTranslate2Writer

        _fits(choice.folder, 1.0)
        threads = settings.threads
        return CTranslate2Writer(choice.folder, sampling, threads=threads, context_tokens=window)
    from rag.generation.transformers_model import TransformersWriter

    device, precision = _placed(choice.folder, settings)
    return TransformersWriter(
        choice.folder,
        sampling,
        device=device,
        precision=precision,
        threads=settings.threads,
        context_tokens=window,
        guesses=settings.prompt_lookup,
        at_once=settings.answers_at_once,
    )


def _placed(folder: Path, settings: Settings) -> tuple[str, str]:
    """(device, precision): the GPU where there is one, 4 bits where it does not hold 16."""
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
        _fits(folder, 2.0 if precision == "fp32" else 1.0)
    _log.info("%s runs on %s in %s: %s", folder.name, device, precision, machine)
    return device, precision


def _fits(folder: Path, growth: float) -> None:
    """Refuses before the machine stands still. `growth`: of the weights from disk to memory."""
    machine, size = probe(), growth * weight_bytes(folder)
    if machine.memory and size > machine.memory:
        raise ModelMissing(
            f"{folder.name} takes {size / GB:.1f} GB of memory; this machine has {machine}",
            "take a smaller model: rag models list",
        )
