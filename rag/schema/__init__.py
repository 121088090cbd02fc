"""The shapes that flow through the pipeline, all frozen.

`documents` holds texts and their slices, `questions` what is asked, `answers` what is found and
said, `conversations` what is kept of it, `ingest` what a run of the indexing reports.
Nothing here knows files, models or databases.
"""

from rag.schema.answers import (
    Answer as Answer,
    AnswerCell as AnswerCell,
    Block as Block,
    BlockKind as BlockKind,
    Citation as Citation,
    Conflict as Conflict,
    Fallback as Fallback,
    Message as Message,
    Passage as Passage,
    Prompt as Prompt,
    Sentence as Sentence,
    Signals as Signals,
    Support as Support,
    SurveyProgress as SurveyProgress,
    rendered as rendered,
    shared_numbers as shared_numbers,
)
from rag.schema.conversations import (
    Conversation as Conversation,
    Feedback as Feedback,
    KeptTurn as KeptTurn,
    TurnState as TurnState,
    Usage as Usage,
)
from rag.schema.documents import (
    Cell as Cell,
    Chunk as Chunk,
    Document as Document,
    DocumentBlock as DocumentBlock,
    DocumentBlockKind as DocumentBlockKind,
    DocumentInfo as DocumentInfo,
    FileInfo as FileInfo,
    Note as Note,
    NoteKind as NoteKind,
    PageImage as PageImage,
    Section as Section,
    Span as Span,
)
from rag.schema.ingest import (
    FAILURES as FAILURES,
    FileReport as FileReport,
    IngestReport as IngestReport,
    Outcome as Outcome,
    ParsedDocument as ParsedDocument,
    Progress as Progress,
    Reindexed as Reindexed,
    SharedJob as SharedJob,
    Status as Status,
)
from rag.schema.questions import (
    AnswerType as AnswerType,
    Filters as Filters,
    Intent as Intent,
    Question as Question,
    Subject as Subject,
    Turn as Turn,
    WeightedTerms as WeightedTerms,
)
from rag.schema.removals import (
    PURGED as PURGED,
    UPLOADS as UPLOADS,
    Holder as Holder,
    Purge as Purge,
    Removal as Removal,
)
