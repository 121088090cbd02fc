"""Every choice a user can make, and what was ignored of a file that is not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from rag.system import addresses


@dataclass(frozen=True, slots=True)
class Ignored:
    """A setting of a file that was not taken, why, and what to do; `value` may be shown."""

    name: str
    value: str
    path: Path
    why: str
    next_command: str

    def __str__(self) -> str:
        path = addresses.printable(str(self.path))
        return f"{path}: {self.name} = {self.value} is ignored: {self.why}; {self.next_command}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice a user can make. Lengths are in the embedder's tokens, times in seconds."""

    library: Path = Path(".rag")
    database: str = ""  # postgresql://… that holds the library; the folder keeps uploads and rules
    queue: bool = False  # files are read by `rag worker`s; where a database holds the library
    embed_at: str = ""  # a server that embeds passages, …/v1; its token: RAG_EMBED_TOKEN
    embed_model: str = ""  # the name by which it knows the model of `embedder`
    embedder: str = "bundled"  # or a sentence-transformers name or folder
    reranker: str = "auto"  # auto (coverage) | none | a cross-encoder by name or folder
    qa_model: str = "bundled"  # bundled: where it is installed | off
    qa_chars: int = 300  # of each passage, some 75 tokens: what 20 may cost decides
    generator: str = "auto"  # auto | extractive | llama.cpp | transformers | openai
    generator_model: str = ""  # a pulled model, a folder or a hub name; the server's name for it
    written_answers: str = "auto"  # auto: where a model may do better than quotes | always
    generator_precision: str = "auto"  # auto | fp32 | bf16 | fp16 | int8 | int4
    generator_device: str = "auto"  # auto | cpu | cuda | mps
    base_url: str = ""  # of an OpenAI-compatible server; its key is in the variable RAG_API_KEY
    context_tokens: int = 0  # prompt and answer together; 0: what the model has
    max_tokens: int = 512  # of an answer
    temperature: float = 0.0  # 0: the likeliest token always
    top_p: float = 1.0
    top_k: int = 0  # 0: all
    seed: int = 0
    answer_timeout: float = 300.0  # for waiting, reading and writing together
    answers_at_once: int = 1  # that a model writes in the same passes, or a server is asked for
    waiting_questions: int = 4  # that may queue for the generator; more are refused at once
    models: Path = Path("~/.fuente/models")  # where `rag models pull` puts them
    precision: str = "auto"  # auto | fp32 | bf16; of the embedder
    threads: int = 0  # 0: as many as the machine has cores
    chunk_tokens: int = 400
    chunk_overlap: int = 60
    candidates: int = 50  # taken from each of the dense and the keyword search
    rerank_depth: int = 20
    passages: int = 5  # that an answer is looked for in
    max_sentences: int = 4
    min_confidence: float = 0.5  # below it the answer is «not in your documents»
    batch_chunks: int = 64  # chunks committed together during an ingest
    max_file_mb: int = 200
    read_timeout: float = 60.0  # a parser that shows no progress this long is killed
    reader_memory_mb: int = 2048  # of each child that parses a file or draws a page
    read_hidden_sheets: bool = False  # of workbooks, marked as such
    redact: str = ""  # kinds of personal data to make unreadable in what is read; all: each
    server: str = ""  # whose library is used instead of a folder; its token: RAG_SERVER_TOKEN
    oidc_issuer: str = ""  # where people sign in; the client's secret is in RAG_OIDC_SECRET
    oidc_client: str = ""  # the name under which the issuer knows this server and its web app
    oidc_user: str = "email"  # the claim that names the person
    oidc_groups: str = "groups"  # the claim that holds the names of their groups
    session_hours: float = 8.0  # after which a person signs in again
    app_url: str = ""  # by which browsers reach the web app where people sign in
    traces_url: str = ""  # to which `rag serve` sends traces (OTLP over HTTP); "": to nobody
    notice_url: str = ""  # to which `rag serve` sends what is beyond a threshold; "": to nobody
    notice_minutes: float = 10.0  # between two looks of `rag serve` at its figures; 0: none
    notice_slow_seconds: float = 5.0  # of the slowest twentieth, from which on people stop waiting
    notice_refused_share: float = 0.5  # of the questions
    notice_bad_share: float = 0.4  # of the judgements
    notice_memory_gb: float = 0.5  # free on the machine
    notice_disk_gb: float = 1.0  # free beside the library
    notice_failed_files: int = 0
    keep_conversations_days: float = 0.0  # since they changed, then they are deleted; 0: for ever
    keep_questions_days: float = 90.0  # of the figures of monitoring; 0: for ever
    keep_audit_days: float = 0.0  # of the entries of the audit log; 0: for ever
    folder_roots: str = ""  # from which the app may add beside the home folder, as in PATH
    short_answers: bool = True  # shown in large letters above the sentence, in the app
    language: str = "es"  # of the interface when the browser does not say
    theme: str = "system"  # of the app: what the browser asks for, or always light or dark
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False, repr=False)


NAMES = tuple(item.name for item in fields(Settings) if item.name not in ("origins", "ignored"))
CHOICES = {
    "language": ("es", "en"),
    "theme": ("system", "light", "dark"),
    "precision": ("auto", "fp32", "bf16"),
    "qa_model": ("bundled", "off"),
    "generator": ("auto", "extractive", "llama.cpp", "transformers", "openai"),
    "written_answers": ("auto", "always"),
    "generator_precision": ("auto", "fp32", "bf16", "fp16", "int8", "int4"),
    "generator_device": ("auto", "cpu", "cuda", "mps"),
}
