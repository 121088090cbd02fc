"""Seconds, memory and disk: one benchmark a file.

concurrency            two processes write and twenty read one library
folders                every file of some folders: its outcome, seconds, memory of the parent
gpu                    tokens a second of one model on a GPU or processor
ingest                 Fuente beside the plain way with llama-index
large                  one huge file: 10,000 pages of PDF, one line of 200 MB
latency_during_ingest  a question while the same library ingests a folder
pdf                    pages a second and likeness of the text, beside pypdf
runtimes               which runtime serves the encoder best
scale                  a library of 100,000 or 1,000,000 passages
"""
