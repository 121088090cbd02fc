"""One generator a file, all behind `protocols.Generator`.

extractive   verbatim sentences; needs no weights
"""
