"""Questions and claims that a passage nearly answers or bears out: one detail is exchanged.

A name for another name, a year or number for another, a word for its opposite, «is» for «is not».
What is left is about the same subject; a question so changed has no answer, a claim is
contradicted. Knows nothing of tensors.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rag.training.rows import Question

_WORD = r"[A-ZÁÉÍÓÚÑÜ][\w'’-]+"
_NAME = re.compile(rf"(?<=[\w,;:)?] ){_WORD}(?: (?:(?:of|the|de|del|la|el|von|van) )*{_WORD})*")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,6}(?![\w]|[.,]\d)")
_STEPS = (1, 2, 3, 5, 8, 10, 20)  # by which a number is changed
_DENIED = re.compile(r"\b(?:not|no) ", re.IGNORECASE)
_VERB = {
    "en": re.compile(r"\b(?:is|are|was|were|can|could|will|has|have|had|does|did)\b"),
    "es": re.compile(r"\b(?:es|son|era|fue|fueron|puede|pueden|tiene|tienen|está|están|hay|ha)\b"),
}
_OPPOSITES = {
    "en": """first last, largest smallest, highest lowest, north south, east west,
        northern southern, eastern western, before after, more less, most least, men women,
        male female, oldest newest, increase decrease, increased decreased, maximum minimum,
        early late, won lost, win lose, larger smaller, higher lower, longest shortest,
        older younger, inside outside, father mother, son daughter, brother sister, king queen,
        began ended, begin end, started stopped, public private, major minor, left right, hot cold,
        strong weak, with without, always never, best worst, import export, kilometers miles,
        months years, days weeks, summer winter, positive negative, primary secondary, buy sell,
        born died, legal illegal, cause prevent""",
    "es": """primer último, primero último, primera última, mayor menor, norte sur, este oeste,
        antes después, más menos, hombres mujeres, aumentar disminuir, aumentó disminuyó,
        máximo mínimo, máxima mínima, ganó perdió, ganar perder, padre madre, hijo hija,
        hermano hermana, rey reina, comenzó terminó, empezó acabó, público privado,
        pública privada, izquierda derecha, con sin, siempre nunca, mejor peor, kilómetros millas,
        meses años, días semanas, verano invierno, positivo negativo, positiva negativa,
        nació murió, alto bajo, alta baja, superior inferior, dentro fuera, grande pequeño,
        fuerte débil, legal ilegal, comprar vender, temprano tarde, oriental occidental""",
}
_OPPOSITE = {
    language: {
        word: other
        for pair in pairs.split(",")
        for word, other in (pair.split(), pair.split()[::-1])
    }
    for language, pairs in _OPPOSITES.items()
}


def names_of(passages: Iterable[str]) -> tuple[str, ...]:
    """Returns the names in some passages, once; not those that begin a sentence."""
    return tuple(dict.fromkeys(name for text in passages for name in _NAME.findall(text)))


def near_miss(row: Question, names: Sequence[str], seed: random.Random) -> Question | None:
    """Returns an unanswerable variant of an answerable row, None where there is no detail.

    `names` are those of the passage's article. In one of two rows whose question has a name, it is
    the passage that speaks of another.
    """
    language = "es" if row.question.startswith("¿") else "en"
    absent = [name for name in names if name not in row.context]
    makers: list[Callable[[], str | None]] = [
        lambda: _other_name(row.question, row.context, absent, seed),
        lambda: _other_number(row.question, row.context, seed),
        lambda: _opposite(row.question, language, seed),
    ]
    seed.shuffle(makers)
    if seed.random() < 0.5 and (context := _renamed(row, absent, seed)):
        return replace(row, context=context, answer=None, start=-1)
    question = next((made for maker in makers if (made := maker())), None)
    return None if question is None else replace(row, question=question, answer=None, start=-1)


def contradicted(
    claim: str, passage: str, language: str, names: Sequence[str], seed: random.Random
) -> str | None:
    """Returns a claim that the passage contradicts, made from one that it bears out, or None.

    `names` may stand in the passage: «Ana met Eva» becomes «Eva met Eva» at worst.
    """
    makers: list[Callable[[], str | None]] = [
        lambda: _other_name(claim, passage, names, seed),
        lambda: _other_number(claim, passage, seed),
        lambda: _opposite(claim, language, seed),
        lambda: _denied(claim, language),
    ]
    seed.shuffle(makers)
    return next((made for maker in makers if (made := maker())), None)


def _renamed(row: Question, names: Sequence[str], seed: random.Random) -> str | None:
    """Returns the passage with another name in the place of one that the question has."""
    answer = row.answer or ""
    for name in _shared_names(row.question, row.context, seed):
        other = _replacement(name, row.question, names, seed)
        if other and name not in answer and answer not in name:
            return row.context.replace(name, other)
    return None


def _other_name(text: str, passage: str, names: Sequence[str], seed: random.Random) -> str | None:
    for name in _shared_names(text, passage, seed):
        other = _replacement(name, text, names, seed)
        if other:
            return text.replace(name, other)
    return None


def _shared_names(text: str, passage: str, seed: random.Random) -> list[str]:
    shared = [name for name in _NAME.findall(text) if name in passage]
    return seed.sample(shared, len(shared))


def _replacement(name: str, text: str, names: Sequence[str], seed: random.Random) -> str | None:
    """Returns a name of like length that the text lacks and that shares no word with `name`."""
    words = set(name.lower().split())
    fit = [
        other
        for other in seed.sample(names, min(len(names), 60))
        if other not in text and not words & set(other.lower().split())
    ]
    size = len(name.split())
    return min(fit, key=lambda other: abs(len(other.split()) - size), default=None)


def _other_number(text: str, passage: str, seed: random.Random) -> str | None:
    numbers = [match for match in _NUMBER.finditer(text) if match.group() in passage]
    for match in seed.sample(numbers, len(numbers)):
        value, step = int(match.group()), seed.choice(_STEPS)
        other = str(value + step if value <= step or seed.random() < 0.5 else value - step)
        if other not in passage:
            return text[: match.start()] + other + text[match.end() :]
    return None


def _opposite(text: str, language: str, seed: random.Random) -> str | None:
    pairs, words = _OPPOSITE[language], text.split()
    known = [i for i, word in enumerate(words) if word.lower().strip("?,.") in pairs]
    if not known:
        return None
    index = seed.choice(known)
    bare = words[index].strip("?,.")
    words[index] = words[index].replace(bare, pairs[bare.lower()])
    return " ".join(words)


def _denied(text: str, language: str) -> str | None:
    """Turns «is» into «is not», and «is not» into «is»."""
    if _DENIED.search(text):
        return _DENIED.sub("", text, count=1)
    verb = _VERB[language].search(text)
    if verb is None:
        return None
    denied = f"{verb.group()} not" if language == "en" else f"no {verb.group()}"
    return text[: verb.start()] + denied + text[verb.end() :]
