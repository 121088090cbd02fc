"""What the benchmarks share; nothing here is run by itself.

commands        the real command `rag` in a process of its own
disk            a disk that forgets what was not synced
failpoints      changes of a small library in forks, with a hook at each step to the disk
packages        good documents that are ZIP containers, and ZIP files by hand
pdf_by_hand     PDF files written byte by byte
pdf_classes     classes of PDF attacks: decoders, tables of objects, trees
pdf_contents    classes of PDF attacks: what a page draws, fonts, passwords, damages
retrieval_sets  retrieval sets with judged documents, each as a library
traces          what a command does to files, seen by strace
verdicts        what became of files that were given to the parsers
"""
