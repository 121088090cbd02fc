"""The shapes that flow through the pipeline, all frozen.

`documents` holds texts and their slices, `questions` what is asked, `answers` what is found and
said, `ingest` what a run of the indexing reports. Nothing here knows files, models or databases.
"""

from rag.schema.answers import (
    Answer,
    Block,
    BlockKind,
    Citation,
    Conflict,
    Message,
    Passage,
    Prompt,
    Sentence,
    Signals,
    Support,
    rendered,
    shared_numbers,
)
from rag.schema.documents import (
    Cell,
    Chunk,
    Document,
    DocumentBlock,
    DocumentBlockKind,
    DocumentInfo,
    Note,
    NoteKind,
    PageImage,
    Section,
    Span,
)
from rag.schema.ingest import (
    FAILURES,
    FileReport,
    IngestReport,
    Outcome,
    ParsedDocument,
    Progress,
    Status,
)
from rag.schema.questions import Filters, Question, Turn, WeightedTerms
from rag.schema.removals import PURGED, UPLOADS, Holder, Purge, Removal

__all__ = [
    "FAILURES",
    "PURGED",
    "UPLOADS",
    "Answer",
    "Block",
    "BlockKind",
    "Cell",
    "Chunk",
    "Citation",
    "Conflict",
    "Document",
    "DocumentBlock",
    "DocumentBlockKind",
    "DocumentInfo",
    "FileReport",
    "Filters",
    "Holder",
    "IngestReport",
    "Message",
    "Note",
    "NoteKind",
    "Outcome",
    "PageImage",
    "ParsedDocument",
    "Passage",
    "Progress",
    "Prompt",
    "Purge",
    "Question",
    "Removal",
    "Section",
    "Sentence",
    "Signals",
    "Span",
    "Status",
    "Support",
    "Turn",
    "WeightedTerms",
    "rendered",
    "shared_numbers",
]
