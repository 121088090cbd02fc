"""Summaries of a document, a section or all documents, in their own sentences, each cited."""

from rag.answering.summaries.summary import Summariser as Summariser
