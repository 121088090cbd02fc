"""Question + history + passages -> a stream of checked text, then the Answer.

Order: free the question of the chat (`condense`), search, weigh the evidence, abstain or generate
(`answerer`), hold every sentence to its source (`stream`). Where a model writes the answer, the
verbatim one is there before it. What leaves this package has been checked: every mark points to a
quote that stands in its document, and every sentence says how far the documents bear it out.
"""

from rag.answering.answerer import Answerer, MakeQuery, Search
from rag.answering.stream import AnswerStream

__all__ = ["AnswerStream", "Answerer", "MakeQuery", "Search"]
