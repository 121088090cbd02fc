"""Questions that a passage nearly answers, made from questions that it answers.

One detail is exchanged, in the question or in the passage: a name for another name of the same
article, a year or number for another, a word for its opposite. What is left is about the same
subject and has no answer. Knows nothing of tensors.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rag.training.rows import Question

_WORD = r"[A-ZÁÉÍÓÚÑÜ][\w'’-]+"
_NAME = re.compile(rf"(?<=[\w,;)] ){_WORD}(?: (?:(?:of|the|de|del|la|el|von|van) )*{_WORD})*")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
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
    """The names in some passages, each once; not those that begin a sentence."""
    return tuple(dict.fromkeys(name for text in passages for name in _NAME.findall(text)))


def near_miss(row: Question, names: Sequence[str], seed: random.Random) -> Question | None:
    """An unanswerable variant of an answerable row, None where no detail can be exchanged."""
    makers: list[Callable[[Question, Sequence[str], random.Random], Question | None]]
    makers = [_other_name, _name_replaced, _other_number, _opposite]
    seed.shuffle(makers)
    return next((made for maker in makers if (made := maker(row, names, seed)) is not None), None)


def _shared_names(row: Question) -> list[str]:
    return [name for name in _NAME.findall(row.question) if name in row.context]


def _replacement(name: str, row: Question, names: Sequence[str], seed: random.Random) -> str | None:
    """A name that the row does not hold and that shares no word with `name`; like it in length."""
    words = set(name.lower().split())
    fit = [
        other
        for other in seed.sample(names, min(len(names), 60))
        if other not in row.context
        and other not in row.question
        and not words & set(other.lower().split())
    ]
    size = len(name.split())
    return min(fit, key=lambda other: abs(len(other.split()) - size), default=None)


def _other_name(row: Question, names: Sequence[str], seed: random.Random) -> Question | None:
    for name in seed.sample(shared := _shared_names(row), len(shared)):
        other = _replacement(name, row, names, seed)
        if other:
            return _null(row, question=row.question.replace(name, other))
    return None


def _name_replaced(row: Question, names: Sequence[str], seed: random.Random) -> Question | None:
    answer = row.answer or ""
    for name in seed.sample(shared := _shared_names(row), len(shared)):
        other = _replacement(name, row, names, seed)
        if other and name not in answer and answer not in name:
            return _null(row, context=row.context.replace(name, other))
    return None


def _other_number(row: Question, _: Sequence[str], seed: random.Random) -> Question | None:
    for number in _NUMBER.findall(row.question):
        if number not in row.context or not number.isdecimal() or len(number) > 6:
            continue
        value = int(number)
        step = seed.choice((1, 2, 3, 5, 8, 10, 20))
        other = str(value + step if value < 5 or seed.random() < 0.5 else abs(value - step))
        if other != number and other not in row.context:
            return _null(row, question=row.question.replace(number, other))
    return None


def _opposite(row: Question, _: Sequence[str], seed: random.Random) -> Question | None:
    words = row.question.split()
    pairs = _OPPOSITE.get("es" if row.question.startswith("¿") else "en", {})
    places = [i for i, word in enumerate(words) if word.lower().strip("?,") in pairs]
    if not places:
        return None
    place = seed.choice(places)
    bare = words[place].strip("?,")
    words[place] = words[place].replace(bare, pairs[bare.lower()])
    return _null(row, question=" ".join(words))


def _null(row: Question, **changed: str) -> Question:
    return replace(row, answer=None, start=-1, **changed)
