"""The interface in English."""

from __future__ import annotations

from rag.schema import DocumentBlockKind, Fallback, NoteKind, Outcome
from ui.i18n import (
    answers,
    collections,
    comparing,
    conversations,
    documents,
    keeping,
    scope,
    settings,
    signing_in,
    why,
)
from ui.i18n.labels import Words

EN = Words(
    decimal=".",
    title="Fuente",
    sentence="Ask your documents, and see the sentence that proves the answer.",
    language="Language",
    new_chat="New conversation",
    ask="Ask something about your documents",
    loading="Loading the model…",
    searching="Searching and reading…",
    writing="Writing…",
    searched="I searched: {question}",
    took="{seconds} s · all on your computer",
    verbatim="In your documents, word for word",
    written="Written by {model}",
    fallbacks={
        Fallback.STOPPED: "Stopped before the language model had written a sentence with support; "
        "above is what your documents say.",
        Fallback.NO_ROOM: "No passage fits into what the language model can read at a time; above "
        "is what your documents say.",
        Fallback.SILENT: "The language model did not find the answer in the passages; above is "
        "what your documents say.",
        Fallback.UNPROVED: "What the language model wrote does not rest on what is quoted above "
        "and is not shown.",
    },
    used="{model} read {used} of {count} passages",
    partly="in part",
    partly_tip="The source says part of this, or says it otherwise: look at it.",
    unfound="not in your documents",
    unfound_tip="Nothing in the passages found says this.",
    conflict="The sources disagree: [{number}] says “{said}”; {place} says “{other}”:",
    idle_writer="“{model}” wrote nothing: your documents answer such a question better.",
    struck="{count} of the model's sentences left out: a figure or name no passage holds, or the "
    "opposite of what one says.",
    flagged="A passage held hidden text or chat commands. It was treated as plain text.",
    hidden="With text that nobody who looks at it sees, which was left out: {paths}.",
    sources="Sources ({count})",
    sources_title="The proof",
    quote="“{quote}”",
    citation="Citation {number} of {count}",
    near_passage="Passage {number} of {count}",
    page="p. {page}",
    headings="Section: {headings}",
    not_found="I cannot find it in your documents.",
    nearest="The nearest thing in them, which is not an answer:",
    nearest_title="The nearest thing",
    nearest_none="There is nothing similar either.",
    interrupted="Interrupted before it was answered.",
    pane_hint="Press the number of a sentence to see here where it comes from.",
    previous="Previous",
    following="Next",
    close="Close",
    source_name="{file} · {page}",
    page_image="Page {page} of {file} with the sentence highlighted",
    not_marked="The sentence is on this page, but I could not highlight it in the image.",
    drawing="Drawing the page…",
    undrawn={
        Outcome.REMOVED: "Personal data was made unreadable in {file}, so its pages are not shown. "
        "This is the text:",
        Outcome.TIMEOUT: "Page {page} of {file} could not be drawn in time: what it holds is out "
        "of all measure, or this computer is very busy. Open the file in its own program, or come "
        "back in a few minutes. This is the text that was read from it:",
        Outcome.MEMORY: "Drawing page {page} of {file} needs too much memory. Open the file in its "
        "own program. This is the text that was read from it:",
        Outcome.TOO_LARGE: "Page {page} of {file} makes too large an image. Open the file in its "
        "own program. This is the text that was read from it:",
        Outcome.BOMB: "Page {page} of {file} has too many pixels to be drawn. Save the file "
        "smaller, or open it in its own program. This is the text that was read from it:",
        Outcome.CRASHED: "Page {page} of {file} broke the process that drew it; everything else "
        "goes on. Open the file in its own program, or try again. This is the text that was read "
        "from it:",
    },
    no_page_image="Page {page} of {file} cannot be drawn. Check that the file is still in its "
    "place and opens in its own program. This is the text that was read from it:",
    gone="This document is no longer in the library.",
    documents="Documents",
    upload="Add files",
    upload_button="Choose files",
    year_hint="yyyy",
    upload_hint="or drop them here: PDF, Office, e-books, e-mails, web pages, tables, text, ZIP",
    folder="Add a folder of this computer",
    folder_help="Path of the folder",
    folder_inside="Folders in “{path}”",
    folder_pick="Choose one to go into it",
    folder_up="↑ The folder above",
    folder_add="Add folder",
    folder_missing="“{path}” does not exist on this computer, or is neither a folder nor a file. "
    "Check the path.",
    folder_outside="“{path}” is outside your home folder, and only what is inside can be added "
    'from here. To add other folders, set folder_roots = "/a/folder" in '
    "~/.config/fuente/rag.toml and start “rag chat” again; or use “rag ingest” in the terminal.",
    no_match="None matches.",
    read_all="Nothing is known to be left out.",
    read_notes="Left out, or read with doubt:",
    left_out="Left out: {kinds}",
    notes={
        NoteKind.HIDDEN_TEXT: "text that nobody sees",
        NoteKind.HIDDEN_SHEET: "hidden sheet",
        NoteKind.HIDDEN_ROWS: "hidden rows",
        NoteKind.HIDDEN_COLUMNS: "hidden columns",
        NoteKind.DELETED_TEXT: "text marked as deleted",
        NoteKind.RUNNING_HEADS: "heads and feet that repeat",
        NoteKind.REPEATED: "what all pages of the site share",
        NoteKind.NOT_COMPUTED: "formula without a stored result",
        NoteKind.PICTURE: "picture without text",
        NoteKind.EMBEDDED_FILE: "embedded file",
        NoteKind.UNREADABLE_PART: "part that could not be read",
        NoteKind.CUT: "beyond what a document may hold",
        NoteKind.REDACTED: "personal data made unreadable",
    },
    block_kinds={
        DocumentBlockKind.PARAGRAPH: "text",
        DocumentBlockKind.HEADING: "heading",
        DocumentBlockKind.LIST_ITEM: "list",
        DocumentBlockKind.TABLE_TITLE: "table title",
        DocumentBlockKind.HEADER_ROW: "columns",
        DocumentBlockKind.ROW: "row",
        DocumentBlockKind.NOTE: "note",
        DocumentBlockKind.CAPTION: "caption",
        DocumentBlockKind.FIELD: "field",
        DocumentBlockKind.CODE: "code",
    },
    remove_yes="Remove",
    purge_read=(
        "The old text is still on the disk, for {who} is reading it. "
        "It goes with the next change of the library, or when the app starts again."
    ),
    purge_pending=(
        "The old text is still on the disk. "
        "It goes with the next change of the library, or when the app starts again."
    ),
    stop_writing="Stop writing",
    stop_reading="Stop reading",
    read_through="Reading: {read} of {total} passages…",
    written_until_stopped="Stopped: this is what had been written",
    stop="Stop",
    stopping="Stopping: what is under way is finished and kept…",
    clear="Hide",
    progress="{done} of {total} files",
    starting="Getting ready to read…",
    waiting="Waiting for the one before",
    job_done="Ready: {count}",
    job_stopped="Stopped: what was read is kept",
    job_failed="Could not be read: {count}",
    job_left="Not read: {count}",
    job_retry="Try again",
    job_restore="Add again what you removed ({count})",
    pace="{rate} passages a second",
    minutes_left="about {count} min left",
    seconds_left="less than a minute left",
    stages={
        "queued": "queued",
        "reading": "reading",
        "embedding": "indexing",
        "ready": "ready",
        "failed": "could not be read",
    },
    steps={"reading": "page {step} of {steps}", "embedding": "passage {step} of {steps}"},
    outcomes={
        Outcome.OK: "ready",
        Outcome.PARTIAL: "ready, except for pages that could not be read",
        Outcome.UNCHANGED: "already there",
        Outcome.RENAMED: "already there under another name",
        Outcome.DUPLICATE: "already there: a copy of another file",
        Outcome.REMOVED: "removed: the file is gone",
        Outcome.STAYS_REMOVED: "you removed it: it stays out",
        Outcome.ENCRYPTED: "has a password: save a copy without it",
        Outcome.NO_TEXT: "holds no text; it may be a scan",
        Outcome.UNSUPPORTED: "a format I cannot read yet",
        Outcome.TOO_LARGE: "too large",
        Outcome.BOMB: "its compressed content is out of all proportion: not opened",
        Outcome.TIMEOUT: "took too long to read",
        Outcome.MEMORY: "needed too much memory",
        Outcome.CRASHED: "is damaged in a way that breaks its parser",
        Outcome.UNREADABLE: "is damaged or cannot be opened",
        Outcome.OUTSIDE: "is a link that leads out of the folder",
    },
    empty_title="No documents yet",
    empty_sentence="Add yours and ask: every answer carries the sentence and the page that prove "
    "it. Nothing leaves your computer.",
    empty_or="Or add your own:",
    sample="Try it with the sample documents",
    reading="Reading the documents…",
    ready="Your documents are ready",
    ready_sentence="Type your question below. Every answer carries the sentence and the page that "
    "prove it; if it is not in the documents, I will say so.",
    starters_title="To begin with",
    errors={
        "LibraryBusy": "The library is being updated. Wait for it to end, or stop it, and try "
        "again.",
        "LibraryDamaged": "The library is damaged. Restore a copy of its folder, or add the "
        "documents to a new library.",
        "ModelMismatch": "The library was made with another model, or an earlier version of it. "
        "Stop “rag chat”, run “rag reindex” in the terminal and start it again: no file is read "
        "again. Or choose the model it was made with.",
        "ModelMissing": "The model is not on this computer. Install it, or choose another one in "
        "the settings.",
        "ModelRefused": "That model may not come in: something in it could do harm.",
        "GeneratorBusy": "Too many questions are waiting for the language model. Try again in a "
        "moment.",
        "GeneratorFailed": "The language model gave no answer. Check its server or its settings, "
        "and try again.",
        "EmbedderFailed": "The server that embeds passages does not answer. See that it runs, and "
        "try again.",
        "ServerRefused": "The server does not answer, or does not allow that. Try again; if it "
        "goes on, tell whoever runs it.",
        "SignedOut": "The session is over. Sign in again.",
        "EmptyLibrary": "There are no documents to ask yet. Add one on the page Documents.",
        "FileProblem": "The file cannot be read.",
        "UsageError": "That cannot be done like this.",
    },
    error_unknown="Something went wrong. Try again; the detail is in the window from which you "
    "started Fuente.",
    detail="Detail: {message}",
    locked="This app opens only by the whole address that “rag chat” printed in its window, with "
    "all that follows “?token=”. Copy it up there; if you no longer have it, stop “rag chat” and "
    "start it again.",
    opening="Open Fuente",
    conversations=conversations.EN,
    comparing=comparing.EN,
    scope=scope.EN,
    answers=answers.EN,
    documents_page=documents.EN,
    collections=collections.EN,
    why=why.EN,
    feedback=keeping.FEEDBACK_EN,
    monitoring=keeping.MONITORING_EN,
    settings=settings.SETTINGS_EN,
    signing_in=signing_in.EN,
    skips="Skip links",
    skip_to_question="Go to the question",
    skip_to_content="Go to the content",
    offline="Fuente has stopped. Go to the terminal window and run “rag chat”; this page will go "
    "on by itself. What you asked is kept.",
)
