"""Words of the questions that the app suggests, in the language of the document they are from."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARKS = "¿?"


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """How questions are worded, and how a text shows that it answers one."""

    asks: re.Pattern[str]
    """Begins a heading that becomes a question by its marks alone."""
    question_word: re.Pattern[str]
    """Begins a heading or a column that cannot stand in another question."""
    defines: re.Pattern[str]
    """Begins a sentence that says what its subject is: groups `subject`, `article`, `name`."""
    many: re.Pattern[str]
    """Is found in the name of a column that stands for several things."""
    weak: re.Pattern[str]
    """Begins the name of a column that is no noun."""
    whole: str
    within: str
    definition: str
    about: str
    cell: str
    whole_document: str


_ES_WORD = re.compile(r"(?:qué|cómo|por qué|cuándo|cuánt[oa]s?|quién(?:es)?|cuál(?:es)?)\b", re.I)

ES = QuestionWords(
    asks=_ES_WORD,
    question_word=re.compile(
        r"(?:(?:a|con|de|en|para|por) )?(?:qu[eé]|cómo|cu[aá]ndo|cuánt|qui[eé]n|cuál|d[oó]nde)",
        re.I,
    ),
    defines=re.compile(
        r"(?P<subject>(?P<article>(?:El|La|Los|Las) )?(?P<name>[\w-]+(?: [\w-]+){0,3}?)) "
        r"(?:es|son) (?:un|una|unos|unas|el|la|los|las)\b"
    ),
    many=re.compile(r"s$"),
    weak=re.compile(
        r"(?:a|al|con|de|del|desde|en|hasta|no|para|por|se|sin|solo|sólo|si|ya)\b", re.I
    ),
    whole="¿{heading}?",
    within="En «{title}», ¿{question}?",
    definition="¿Qué es {subject}?",
    about="¿Qué dice «{title}» sobre {heading}?",
    cell="¿Qué {column} tiene «{row}»?",
    whole_document="¿De qué trata «{title}»?",
)

_EN_WORD = re.compile(
    r"(?:(?:at|by|for|from|in|on|to|with) )?(?:what|how|why|when|whom?|whose|which|where)\b", re.I
)

EN = QuestionWords(
    asks=re.compile(r"(?:what|how|why|who|which) (?:is|are|was|were|do|does|did|can|to)\b", re.I),
    question_word=_EN_WORD,
    defines=re.compile(
        r"(?P<subject>(?P<article>(?:The|An?) )?(?P<name>[\w-]+(?: [\w-]+){0,3}?)) "
        r"(?:is|are) (?:an?|the)\b"
    ),
    many=re.compile(r"[^isu]s$"),
    weak=re.compile(r"(?:an?|as|at|by|for|from|if|in|no|not|of|on|only|per|the|to|with)\b", re.I),
    whole="{heading}?",
    within="In “{title}”, {question}?",
    definition="What is {subject}?",
    about="What does “{title}” say about {heading}?",
    cell="What is the {column} of “{row}”?",
    whole_document="What is “{title}” about?",
)

BY_LANGUAGE = {"es": ES, "en": EN}
