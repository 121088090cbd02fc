"""The replaceable parts that the settings ask for: reranker, reader, generator.

Each is made when it is first needed, because loading takes time. Knows nothing about libraries.
"""

from __future__ import annotations

from collections.abc import Callable

from rag import languages
from rag.config import Settings
from rag.errors import ModelMissing
from rag.evidence import CoverageReranker, PassageReader, Query, explains
from rag.generation.extractive import ExtractiveGenerator
from rag.models import BundledEmbedder, BundledReader, bundled_folder, load_artefact
from rag.models.huggingface import CrossEncoderReranker, HuggingFaceEmbedder
from rag.models.late_interaction import LateInteractionReranker
from rag.protocols import Embedder, Generator, Reader, Reranker

MakeQuery = Callable[[str], Query]


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
    """By `settings.generator`. Raises ModelMissing for an unknown one."""
    if settings.generator not in ("auto", "extractive"):
        raise ModelMissing(
            f"generator «{settings.generator}» is not known", 'set generator = "extractive"'
        )
    return ExtractiveGenerator(settings.max_sentences, explains)
