"""A question and its conversation -> a stream of checked text, then the Answer.

The question is freed of the conversation (`follow_ups`) and understood once
(`question_analysis`); its evidence is scored (`evidence`); the answer is composed of verbatim
sentences (`extractive_answer`) or written by a language model (`stream`) and held to its sources
(`citations`, `support`). What leaves this room has been checked: every mark points to a quote that
stands in its document, and every sentence says how far the documents bear it out.
"""

from rag.answering.answerer import Answerer
from rag.answering.evidence import Evidence, EvidenceScorer
from rag.answering.question_analysis import QuestionAnalyzer
from rag.answering.stream import AnswerStream

__all__ = ["AnswerStream", "Answerer", "Evidence", "EvidenceScorer", "QuestionAnalyzer"]
