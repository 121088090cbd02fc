"""How the bundled models are made.

What is read: `rows` the data folder, `articles` question sets in SQuAD's layout, `translation` adds
Spanish to them, `mixture` says what the reader learns from. The embedder: `packed` reads
multilingual-e5-small, `pieces` cuts its vocabulary, `embedder_recipe` joins them; `shorten` takes
layers out and `student` teaches what is left. The reader: `reader` and `reading` are its losses and
batches, `encoding` makes tensors. How it runs: `reader_recipe`, `student_recipe` from the folder to
the model, `recipe` what they share, `steps` the loop with checkpoints, `evaluation` the development
figures, `export` and `int8` the artefact that ships. Needs the extra `train`; nothing outside this
folder and `rag train` imports it.
"""
