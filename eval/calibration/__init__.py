"""Everything that fits a file that ships. Needs the development data.

answers        fits `rag/answering/calibration.json`: evidence, confidence, short answers
cases          the labelled questions that `answers` is fitted on
support        fits `rag/answering/support/support.json`: the marks of an answer's sentences
weights        fits the weights of the retriever, dense against keyword and the reranker
support_pairs  the labelled pairs of claim and passage that `support` is fitted on
"""
