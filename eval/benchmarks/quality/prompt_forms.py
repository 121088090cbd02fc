"""Other forms of the prompt, each the product's with one thing changed, to see what that is worth.

A form is a set of patches: names of what is replaced while a prompt is made, and with what.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

from rag.answering import prompts
from rag.answering.excerpts import excerpts
from rag.schema import Answer

Texts = Mapping[str, str]
Patches = Callable[[Answer], Mapping[str, Any]]
_SYSTEM, _QUESTION = "rag.answering.prompts._SYSTEM", "rag.answering.prompts._QUESTION"
_EXCERPTS = "rag.answering.writing_prompt.excerpts"
_MARK = re.compile(r"\s*\[\d+\]")


@contextlib.contextmanager
def formed(name: str, verbatim: Answer) -> Iterator[None]:
    """Makes prompts in this form; `verbatim`: the answer that a draft may be made of."""
    with contextlib.ExitStack() as patches:
        for target, new in FORMS[name](verbatim).items():
            patches.enter_context(mock.patch(target, new))
        yield


def _as_it_is(verbatim: Answer) -> Mapping[str, Any]:
    return {}


def _best_last(verbatim: Answer) -> Mapping[str, Any]:
    def turned(*given: Any) -> Sequence[Any]:
        return excerpts(*given)[::-1]

    return {_EXCERPTS: turned}


def _with_draft(verbatim: Answer) -> Mapping[str, Any]:
    said = _MARK.sub("", verbatim.text)
    return {
        _QUESTION: {
            "es": f"Borrador, que puedes mejorar: {said}\n\nPregunta: ",
            "en": f"Draft, which you may improve: {said}\n\nQuestion: ",
        }
    }


def _without(es: str, en: str) -> Patches:
    """Returns the form without the line that begins so in each language."""

    def patches(verbatim: Answer) -> Mapping[str, Any]:
        texts = zip(prompts._SYSTEM.items(), (es, en), strict=True)
        return {
            _SYSTEM: {
                language: "\n".join(line for line in text.split("\n") if not line.startswith(start))
                for (language, text), start in texts
            }
        }

    return patches


def _with_line(es: str, en: str) -> Patches:
    """Returns the form with one line more before the last, in each language."""

    def patches(verbatim: Answer) -> Mapping[str, Any]:
        texts = zip(prompts._SYSTEM.items(), (es, en), strict=True)
        return {
            _SYSTEM: {
                language: "\n".join([*(lines := text.split("\n"))[:-1], more, lines[-1]])
                for (language, text), more in texts
            }
        }

    return patches


FORMS: dict[str, Patches] = {
    "as-it-is": _as_it_is,
    "best-last": _best_last,
    "draft": _with_draft,
    "no-role": _without("Eres Fuente", "You are Fuente"),
    "example": _with_line(
        "Ejemplo: con los pasajes «La biblioteca abre a las nueve.» como [1] y «El carné cuesta "
        "dos euros.» como [2], a «¿Cuánto vale el carné?» se responde: El carné cuesta dos euros "
        "[2]. Y a «¿Quién dirige la biblioteca?»: {not_found}",
        "Example: with the passages “The library opens at nine.” as [1] and “The card costs two "
        "euros.” as [2], the answer to “How much is the card?” is: The card costs two euros [2]. "
        "And to “Who runs the library?”: {not_found}",
    ),
    "steps": _with_line(
        "Pasos: 1) busca en los pasajes las frases que responden; 2) comprueba que hablan de lo "
        "que se pregunta; 3) escribe la respuesta con ellas, sin mostrar los pasos.",
        "Steps: 1) find the sentences in the passages that answer; 2) check that they are about "
        "what is asked; 3) write the answer from them, without showing the steps.",
    ),
    "quote": _with_line(
        "- Usa las palabras de los pasajes: copia la frase que responde.",
        "- Use the words of the passages: copy the sentence that answers.",
    ),
}
