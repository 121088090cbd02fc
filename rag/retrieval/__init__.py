"""A question -> the passages that may answer it: dense and keyword search, fused and reranked."""

from rag.retrieval.coverage import CoverageReranker, weighted_terms
from rag.retrieval.passage_scoring import QAPassageScorer
from rag.retrieval.retriever import Retriever, query_vector

__all__ = ["CoverageReranker", "QAPassageScorer", "Retriever", "query_vector", "weighted_terms"]
