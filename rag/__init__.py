"""Fuente: answers from your own documents, with the sentence that proves them.

The tree reads as the pipeline; a room imports only from the rooms above it.

    schema       the shapes that flow
    protocols    the contracts of the replaceable parts
    errors       every stated failure
    config       settings, and where each value came from
    system       telemetry switches, private files, child processes, what the machine has
    scheduling   questions before indexing on the same cores
    text         what Spanish and English are: terms, sentences, numbers, sanitizing
    personal_data   DNI, IBAN, cards, e-mails … found by their form, and made unreadable
    parsing      a file of any format -> Document, in children that can be killed
    storage      SQLite or PostgreSQL, the only truth; the FAISS file as a derived generation
    conversations   what people asked, kept; feedback and usage
    backups      a library in one file, and back
    models       the bundled embedder and QA model; any other by name or folder
    llms         language models: one backend a file, and the shop that fetches them
    indexing     sources -> chunks -> vectors -> storage
    copying      a library from a folder into a database, and back
    retrieval    Question -> Passages
    answering    Question -> evidence -> composed or generated -> verified -> Answer
    factory      makes the replaceable parts that the settings ask for
    library      joins the rooms
    jobs         ingests in the background, with a row a file
    uploads      uploaded files on the disk, under safe names
    side_by_side the same questions to several documents, and what differs
    monitoring      figures of use, and what is beyond a threshold
    json_output  answers, passages and reports as JSON: a contract
    remote       a library that a server holds, used as if it lay in a folder
    training     how the bundled models are made, and a library's own
    llamaindex   a library as a llama-index retriever
    server       a library over HTTP, by the OpenAI protocol, and for agents
    cli          the command `rag`
"""

from rag.system.telemetry import switch_off

switch_off()
