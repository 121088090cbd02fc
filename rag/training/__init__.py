"""How the bundled models are made, and how they are tuned to a library of one's own.

What is read: `rows` the data folder, `articles` question sets in SQuAD's layout, `translation` adds
Spanish to them, `mixture` says what the reader learns from. What is learnt: `vocabulary` gives the
English start model Spanish words, `embedder` and `reader` are batches and losses (`encoding` and
`reading` make their tensors). `packed` reads multilingual-e5-small, `pieces` cuts its vocabulary,
`shorten` its layers, `student` teaches what is left. How it runs: `embedder_recipe`,
`reader_recipe`, `student_recipe` from the folder to the model, `recipe` what they share, `steps`
the loop with checkpoints, `evaluation` the development figures, `export` and `int8` the artefact
that ships. Needs the extra `train`; nothing outside this folder and `rag train` imports it.
"""
