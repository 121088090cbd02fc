"""How the bundled models are made.

The data: `rows` reads the data folder, `articles` question sets in SQuAD's layout, `translation`
adds Spanish to them. The embedder: `packed` reads multilingual-e5-small, `pieces` cuts its
vocabulary, `embedder_recipe` joins them; `shorten` takes layers out and `student` teaches the rest.
The QA model: `qa_mixture` says what it learns from, `near_misses` makes questions without an
answer, `qa_batches` makes tensors, `qa_model` holds the network and its loss, `qa_recipe` runs it.
Shared: `encoding` for tensors of texts, `recipe` for the record of a run, `steps` for the loop with
checkpoints, `export` and `int8` for the artefact that ships. Needs the extra `train`; nothing
outside this folder and `rag train` imports it.
"""
