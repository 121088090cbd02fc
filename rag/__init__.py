"""Fuente: answers from your own documents, with the sentence that proves them.

The pipeline in order, one module a line; a module imports only from lower floors.

F0  claims         what an answer's sentences rest on: the marks, the conflicts
    purge          whether what was removed is off the disk, or who still reads it
    schema         the shapes that flow
    protocols      the contracts of replaceable parts
    errors         every stated failure
    config         settings and where each value came from
    trust          which file of settings is believed, and what the others may say
    addresses      of servers, without the login in them
    children       Python started again, without code of the working directory
    courtesy       questions before ingest, on the same cores
    private        files that only their owner can read
    telemetry      what libraries would tell their makers, switched off before they are imported
F1  sources        which files a path stands for
    readers        file -> Document, one format a file
    sandbox        children that can be killed, and readers in them
    chunking       Document -> Chunks with exact spans
    languages      es | en: detection, sentences, stems
    store          SQLite, the only truth
    vectors        FAISS, a derived and checksummed generation
    models         bundled embedder and reader on onnxruntime; any other by name or folder
    followups      a question freed of the chat before it
    evidence       which sentences answer, whether any does, and in which words
    prompts        the words, per language; passages packed to fit
    generation     one backend a file
    untrusted      text of others made harmless: hidden characters, forged turns, links
    support        whether a passage says what a sentence claims, and where
    citations      answer text -> verified quotes and marked sentences
    pages          a page as an image with the quote highlighted
F2  drawing        pages drawn in children, within a deadline
    ingest         paths -> documents, chunks, vectors
    generations    keeps the FAISS file in step with the store
    retrieve       question -> passages
    parts          the reranker, reader and generator that the settings ask for
    answer         question + passages -> answer
F3  library        joins the parts
F4  training       how the bundled models are made, and tuned to a library
    llamaindex     the bridge
F5  cli            the command `rag`
"""

from rag.telemetry import switch_off

switch_off()
