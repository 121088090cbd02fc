"""Fuente: answers from your own documents, with the sentence that proves them.

The pipeline in order, one module a line; a module imports only from lower floors.

F0  schema        the shapes that flow
    protocols     the contracts of replaceable parts
    errors        every stated failure
    config        settings and where each value came from
F1  readers       file -> Document, one format a file
    sandbox       a reader in a killable child
    chunking      Document -> Chunks with exact spans
    languages     es | en: detection, sentences, stems
    store         SQLite, the only truth
    vectors       FAISS, a derived and checksummed generation
    models        the bundled embedder and reranker
    huggingface   any other embedder by name or folder
    generation    one backend a file
    evidence      which sentences answer, and whether any does
    prompts       the words, per language; passages packed to fit
    citations     answer text -> verified quotes
    pages         a page as an image with the quote highlighted
F2  ingest        paths -> documents, chunks, vectors
    retrieve      question -> passages
    answer        question + passages -> answer
F3  library       joins the parts
F4  cli, llamaindex
"""
