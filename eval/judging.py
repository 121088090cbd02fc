"""One question and what the library gave for it -> the value of every metric.

A metric that does not apply to the question has no value (None) and stays out of its mean. Knows
the shapes of answers and question sets; asks nothing and reads nothing.

metric (over which questions): value

recall@1, @5, @10, mrr, ndcg@10 (with evidence): of the search's ranking, see `relevant`
answer_in_top5 (with evidence, answers): an answer stands in a top-5 passage of a right document
em, f1 (with answers, unanswerable): of `short`, else the text; unanswerable: 1 iff withheld
f1_short (with answers): the same, withheld 0
f1_text (with answers): F1 of the whole text without its [n]
citation_precision (answered, with evidence, citations): share of them that bear on the evidence
citation_recall (with evidence): share of the evidence that a citation bears on; withheld 0
right_document_cited (answered, with evidence): 1 where a citation is of a right document
abstention_precision (withheld): 1 where unanswerable
abstention_recall (unanswerable): 1 where withheld
answered (all): 1 where an answer was given; its mean is the coverage
satisfied to evidence_cited (whose facts are known): of the whole answer, see `facts`
latency (all): seconds until the answer was complete, reported as p50 and p95
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from eval import facts, metrics
from eval.datasets import Evidence, Question
from rag.schema import Answer, Citation, Passage

Values = Mapping[str, float | None]

NAMES = (
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr",
    "ndcg@10",
    "answer_in_top5",
    "em",
    "f1",
    "f1_short",
    "f1_text",
    "citation_precision",
    "citation_recall",
    "right_document_cited",
    "abstention_precision",
    "abstention_recall",
    "answered",
    *facts.NAMES,
    "latency",
)
_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


def judge(
    question: Question, passages: Sequence[Passage], answer: Answer, seconds: float
) -> dict[str, float | None]:
    """Returns every metric of NAMES for one question; `passages` are the search's, best first."""
    values: dict[str, float | None] = dict.fromkeys(NAMES)
    values["answered"] = float(answer.found)
    values["latency"] = seconds
    values |= facts.judge_facts(question, answer)
    if not answer.found:
        values["abstention_precision"] = float(question.unanswerable)
    if question.unanswerable:
        values["abstention_recall"] = values["em"] = values["f1"] = float(not answer.found)
        return values
    if question.evidence:
        values |= _retrieval(question, passages)
        values |= _citations(question, answer)
    if question.answers:
        values |= _answers(question, answer)
    return values


def same_file(one: str, other: str) -> bool:
    """Tells whether two relative paths name one file, seen from roots that may differ.

    True when either ends with the other by whole parts: docs/es/a.md, es/a.md, a.md.
    """
    first, second = PurePosixPath(one).parts, PurePosixPath(other).parts
    shorter = min(len(first), len(second))
    return shorter > 0 and first[-shorter:] == second[-shorter:]


def relevant(passage: Passage, evidence: Evidence) -> bool:
    """Tells whether it is as labelled: the file, and the page and the quote if given."""
    if not same_file(passage.path, evidence.path):
        return False
    first, last = passage.chunk.page_first, passage.chunk.page_last
    if evidence.page is not None and first is not None:
        return first <= evidence.page <= (last or first) and _shows(passage.chunk.text, evidence)
    return _shows(passage.chunk.text, evidence)


def prediction(answer: Answer) -> str:
    """Returns what EM and F1 look at: the short answer, else the text; nothing where withheld."""
    if not answer.found:
        return ""
    return answer.short if answer.short is not None else plain_text(answer)


def plain_text(answer: Answer) -> str:
    """Returns the answer's text without its [n] marks."""
    return _MARK.sub("", answer.text)


def _shows(text: str, evidence: Evidence) -> bool:
    return not evidence.quote or metrics.bears_on(text, evidence.quote)


# ---------------------------------------------------------------- parts


def _retrieval(question: Question, passages: Sequence[Passage]) -> dict[str, float]:
    grades = {f"evidence {i}": item.grade for i, item in enumerate(question.evidence)}
    values = metrics.ranking(_ranked(question.evidence, passages), grades)
    if question.answers:
        values["answer_in_top5"] = float(
            any(
                metrics.contains(passage.chunk.text, answer)
                for passage in passages[:5]
                if any(same_file(passage.path, item.path) for item in question.evidence)
                for answer in question.answers
            )
        )
    return values


def _ranked(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> list[str]:
    """Returns the distinct ids of what was found; sets that judge whole documents rank these."""
    whole_documents = all(not item.quote and item.page is None for item in evidence)
    ranked: dict[str, None] = {}
    for passage in passages:
        hits = [f"evidence {i}" for i, item in enumerate(evidence) if relevant(passage, item)]
        suffix = "" if whole_documents else f"#{passage.chunk.start}"
        # Further passages that show the same evidence neither gain nor take a rank.
        ranked.update(dict.fromkeys(hits or [f"{passage.path}{suffix}"]))
    return list(ranked)


def _answers(question: Question, answer: Answer) -> dict[str, float]:
    guess, golds = prediction(answer), question.answers
    best = metrics.f1(guess, golds, question.language)
    text = plain_text(answer) if answer.found else ""
    return {
        "em": metrics.exact_match(guess, golds, question.language),
        "f1": best,
        "f1_short": best,
        "f1_text": metrics.f1(text, golds, question.language),
    }


def _citations(question: Question, answer: Answer) -> dict[str, float]:
    cited = answer.citations if answer.found else ()
    right = [
        [_supports(citation, item, question.answers) for item in question.evidence]
        for citation in cited
    ]
    covered = [any(row[i] for row in right) for i in range(len(question.evidence))]
    values = {"citation_recall": sum(covered) / len(covered)}
    if answer.found:
        values["right_document_cited"] = float(
            any(same_file(c.passage.path, e.path) for c in cited for e in question.evidence)
        )
    if right:
        values["citation_precision"] = sum(map(any, right)) / len(right)
    return values


def _supports(citation: Citation, evidence: Evidence, answers: Sequence[str]) -> bool:
    """Tells whether document and page are right and the quote holds evidence or a gold answer."""
    if not same_file(citation.passage.path, evidence.path):
        return False
    if evidence.page is not None and citation.page != evidence.page:
        return False
    holds_answer = any(metrics.contains(citation.quote, answer) for answer in answers)
    return holds_answer or _shows(citation.quote, evidence)
