"""The text that a language model is writing, in sentences with their marks: «… [1].»"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text import split_sentences

MARK = re.compile(r"\[(\d{1,3})\]")
_UNFINISHED_MARK = re.compile(r"\[\d{0,3}$")
_LEADING_MARKS = re.compile(r"[^\S\n]*(?:\[\d{1,3}\][^\S\n]*)+")
_LINE_OF_MARKS = re.compile(_LEADING_MARKS.pattern + r"(?=\n|$)")
_WORD = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")


def complete_length(draft: str) -> int:
    """Returns how much of an unfinished draft is complete sentences with all their marks.

    The last sentence never is: its marks may follow, and so may words that change where it ends.
    """
    *before, last = ["", *sentences_with_marks(draft)]
    open_words = _UNFINISHED_MARK.sub("", MARK.sub("", last))
    if not _WORD.search(open_words):
        return max(0, len(draft) - len(last) - len(before[-1])) if before else 0
    return len(draft) - len(last)


def sentences_with_marks(draft: str) -> Iterator[str]:
    """Yields the draft in sentences, each with its marks, which may stand after its full stop."""
    start = 0
    for following, end in split_sentences(draft)[1:]:
        line_ends = "\n" in trailing_space(draft[start:following])
        marks = (_LINE_OF_MARKS if line_ends else _LEADING_MARKS).match(draft, following)
        cut = marks.end() if marks else following
        piece = draft[start:cut]
        # «1.» before an item of a list is no sentence, and marks alone belong to what is before
        if cut < end and (_LETTER.search(piece) or MARK.search(piece)):
            yield piece
            start = cut
    yield draft[start:]


def trailing_space(text: str) -> str:
    """Returns the white space at the end of a text."""
    return text[len(text.rstrip()) :]
