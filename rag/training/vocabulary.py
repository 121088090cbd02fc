"""Spanish words for an English WordPiece vocabulary, each starting where its translations lie.

An English model cuts «ayuntamiento» into five pieces that mean nothing together. Here the commonest
Spanish words become tokens of their own. The vector of each starts as the mean of the English word
vectors it is translated by: weighted by the translation table that is learnt from the parallel text
in a minute, and by a dictionary where the text has the word seldom or never. So the model begins
with a word-by-word translation instead of noise.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.training.alignment import Table, translation_table
from rag.training.rows import Parallel

Dictionary = Mapping[str, Sequence[tuple[str, float]]]
"""Normalised Spanish word -> English translations with their weights."""
LEAST_COUNT = 15  # of a token, before it is called Spanish in essence
TRUST_DICTIONARY = 5.0  # the dictionary counts like so many sightings in the parallel text
LEAST_SHARE = 0.03
SPANISH_IN_ESSENCE = 30  # so many times commoner in Spanish: «guerra», «de», «los»


def spanish_words(
    tokenizer: Tokenizer,
    texts: Iterable[tuple[str, float]],
    frequencies: Mapping[str, float],
    size: int,
) -> list[str]:
    """The `size` heaviest words that `tokenizer` cuts up.

    `texts` are (text, weight); `frequencies` are those of the language at large, by normalised
    word. A word weighs its mean share of the two: the parallel text is about software, the language
    is not.
    """
    inside: dict[str, float] = defaultdict(float)
    for text, weight in texts:
        normal = tokenizer.normalizer.normalize_str(text)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal):
            inside[word] += weight
    shares: dict[str, float] = defaultdict(float)
    for counts in (inside, frequencies):
        total = sum(counts.values()) or 1.0
        for word, count in counts.items():
            shares[word] += count / total
    known = tokenizer.get_vocab()
    ranked = sorted(shares, key=lambda word: (-shares[word], word))
    return [word for word in ranked if word not in known and word.isalpha() and len(word) > 1][
        :size
    ]


def extend(tokenizer: Tokenizer, words: Sequence[str]) -> Tokenizer:
    """A tokenizer that knows `words` too: first in the places BERT left unused, then at the end."""
    state = json.loads(tokenizer.to_str())
    vocab: dict[str, int] = state["model"]["vocab"]
    free = sorted(place for token, place in vocab.items() if token.startswith("[unused"))
    kept = {token: place for token, place in vocab.items() if not token.startswith("[unused")}
    places = [*free, *range(len(vocab), len(vocab) + max(0, len(words) - len(free)))]
    state["model"]["vocab"] = kept | dict(zip(words, places, strict=False))
    return Tokenizer.from_str(json.dumps(state))


def word_vectors(
    old: Tokenizer,
    new: Tokenizer,
    vectors: NDArray[np.float32],
    rows: Sequence[Parallel],
    dictionary: Dictionary,
) -> NDArray[np.float32]:
    """Word vectors of `new`, shape (its size, dimension): English kept, Spanish by translation."""
    size = max(new.get_vocab().values()) + 1
    table = np.zeros((size, vectors.shape[1]), dtype=np.float32)
    table[: len(vectors)] = vectors
    known = old.get_vocab()
    added = {word: place for word, place in new.get_vocab().items() if word not in known}
    aligned, counts = _aligned(old, new, vectors, rows)
    usual = float(np.linalg.norm(vectors, axis=1).mean())
    for place in _spanish_tokens(new, rows) & aligned.keys():
        table[place] = _of_length(aligned[place], usual)
    for word, place in added.items():
        looked_up = _looked_up(old, vectors, dictionary.get(word, ()))
        vector: NDArray[np.float32] | None
        if place in aligned and looked_up is not None:
            text = counts[place] / (counts[place] + TRUST_DICTIONARY)
            vector = text * aligned[place] + (1 - text) * looked_up
        else:
            vector = aligned.get(place, looked_up)
        if vector is None:
            vector = vectors[old.encode(word, add_special_tokens=False).ids].mean(axis=0)
        table[place] = _of_length(vector, usual)
    return table


def _looked_up(
    old: Tokenizer, vectors: NDArray[np.float32], translations: Sequence[tuple[str, float]]
) -> NDArray[np.float32] | None:
    """The weighted mean of the translations' word pieces."""
    total = np.zeros(vectors.shape[1], dtype=np.float32)
    for english, weight in translations:
        total += weight * vectors[old.encode(english, add_special_tokens=False).ids].mean(axis=0)
    return total if total.any() else None


def _of_length(vector: NDArray[np.float32], length: float) -> NDArray[np.float32]:
    return np.asarray(vector * (length / max(float(np.linalg.norm(vector)), 1e-6)))


def _spanish_tokens(tokenizer: Tokenizer, rows: Sequence[Parallel]) -> set[int]:
    """Tokens that English has as foreign words only."""
    sides = [
        Counter(token for text in tokenizer.encode_batch(texts) for token in text.ids)
        for texts in ([row.es for row in rows], [row.en for row in rows])
    ]
    spanish, english = sides
    return {
        token
        for token, count in spanish.items()
        if count >= LEAST_COUNT and count > SPANISH_IN_ESSENCE * english[token]
    }


def _aligned(
    old: Tokenizer, new: Tokenizer, vectors: NDArray[np.float32], rows: Sequence[Parallel]
) -> tuple[dict[int, NDArray[np.float32]], Counter[int]]:
    """Vectors of Spanish tokens by the translation table, and how often each was seen."""
    spanish, english, share, _ = _table(old, new, rows)
    sums: dict[int, NDArray[np.float32]] = {}
    strong = share > LEAST_SHARE
    for s, e, p in zip(spanish[strong], english[strong], share[strong], strict=True):
        sums[int(s)] = sums.get(int(s), np.float32(0)) + np.float32(p) * vectors[e]
    texts = new.encode_batch([row.es for row in rows], add_special_tokens=False)
    return sums, Counter(token for text in texts for token in text.ids)


def _table(old: Tokenizer, new: Tokenizer, rows: Sequence[Parallel]) -> Table:
    """From Spanish tokens of `new` to English ones of `old`."""
    spanish = new.encode_batch([row.es for row in rows], add_special_tokens=False)
    english = old.encode_batch([row.en for row in rows], add_special_tokens=False)
    return translation_table([(es.ids, en.ids) for es, en in zip(spanish, english, strict=True)])
