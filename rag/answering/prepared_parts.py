"""One answer of what was prepared and what was quoted for the parts of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.citations import GetDocument
from rag.answering.extractive_answer import as_blocks
from rag.answering.findings import TOPIC, PartFindings
from rag.answering.prepared import Prepared
from rag.answering.prompts import PART_NOT_FOUND
from rag.schema import Block, BlockKind, Citation


def together(answers: Sequence[Prepared | PartFindings], get_document: GetDocument) -> Prepared:
    """Returns the answers of all parts as one; of a part without any it says so."""
    blocks: list[Block] = []
    citations: list[Citation] = []
    for answer in answers:
        made = answer if isinstance(answer, Prepared) else _quoted(answer, get_document)
        numbers = {}
        for citation in made.citations:
            numbers[citation.number] = len(citations) + 1
            citations.append(replace(citation, number=numbers[citation.number]))
        first, *rest = (block.renumbered(numbers) for block in made.blocks)
        blocks += [replace(first, gap="\n"), *rest]
    shorts = [answer.short for answer in answers if isinstance(answer, Prepared)]
    both = "; ".join(filter(None, shorts)) if len(shorts) == len(answers) and all(shorts) else None
    surest = min(answer.confidence for answer in answers if isinstance(answer, Prepared))
    found = any(answer.found for answer in answers)
    return Prepared(tuple(blocks), tuple(citations), both, surest, found)


def _quoted(part: PartFindings, get_document: GetDocument) -> Prepared:
    language = part.question.language
    if part.found:
        blocks, citations = as_blocks(part.composition, part.passages, get_document, language)
        if blocks:
            return Prepared(blocks, citations)
    text = PART_NOT_FOUND[language].format(part=TOPIC.sub("", part.question.query))
    return Prepared((Block(BlockKind.SENTENCE, text),))
