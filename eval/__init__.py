"""Measures a library: question sets in, metrics, confidence intervals and a report out.

datasets  question sets of three layouts -> Questions
metrics   pure formulas over strings, rankings and flags
judging   a question and its answer -> the value of every metric
runs      a finished run: figures, comparison, gates, files
run       asks a library every question; what `rag eval` does
plots     the plots of a run as SVG
report    a run as one self-contained HTML page
bench     experiments behind design decisions; `LOG.md` keeps what they gave
"""
