"""The SentencePiece vocabulary of a multilingual model, cut to the languages that are spoken here.

Spanish and English keep what their texts and their words use; five neighbours (French, Portuguese,
Italian, German, Catalan) their common words, so that they degrade gently. Of every alphabet the
letters stay, and all digits, signs and symbols: only a character of a syllabary or of Chinese
writing can become unknown. Accents and case are seen. Knows nothing about the model's weights.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from rag.training.packed import Packed

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")  # in this order from 0 on
NEVER = -1e4  # score of a special token: no text is ever cut into one
WORDS = {"es": 60_000, "en": 60_000}
NEIGHBOURS = dict.fromkeys(("fr", "pt", "it", "de", "ca"), 15_000)
NEIGHBOUR_WEIGHT = 0.1
WRITTEN = {str.lower: 0.75, str.capitalize: 0.2, str.upper: 0.05}
"""Shares of the ways in which the lists' lower-case words stand in documents."""
SPACE = "▁"
# Their letters are some thousands; each alphabet has few.
_MANY = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "ETHIOPIC", "YI ", "CUNEIFORM", "VAI ")


def tokenizer_of(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """Returns the tokenizer whose first four pieces are SPECIAL; it cuts and pads nothing.

    A text is normalised as SentencePiece's `nmt_nfkc` does. Special tokens are known to no text:
    «[SEP]» in a document is five characters.
    """
    found = Tokenizer(models.Unigram(list(pieces), SPECIAL.index("[UNK]")))
    found.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    found.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, SPECIAL.index(name)) for name in ("[CLS]", "[SEP]")],
    )
    return found


def select(
    packed: Packed, kept: Iterable[int] | None = None
) -> tuple[list[tuple[str, float]], NDArray[np.int64]]:
    """Returns the pieces of a tokenizer, special ones first, and the indices of their vectors.

    `kept` are places of pieces in the file; all of them when there is none.
    """
    special = [packed.special[name] for name in SPECIAL]
    others = range(len(packed.pieces)) if kept is None else sorted(kept)
    hidden = {*special, *_control(packed.pieces)}
    rows = [*special, *(place for place in others if place not in hidden)]
    named = [(name, NEVER) for name in SPECIAL]
    chosen = (packed.pieces[place] for place in rows[len(SPECIAL) :])
    pieces = named + [(piece, round(score, 5)) for piece, score in chosen]
    return pieces, np.array(rows, dtype=np.int64)


def needed(packed: Packed, texts: Iterable[str], size: int) -> list[int]:
    """Returns the indices of at most `size` pieces, the heaviest of texts and word lists.

    Letters and signs come first, whatever their weight. Raises ValueError where `size` is less than
    these alone.
    """
    letters = [place for place, (piece, _) in enumerate(packed.pieces) if is_basic(piece)]
    if len(letters) > size:
        raise ValueError(f"{size} pieces cannot hold the {len(letters)} letters and signs")
    shares = weights(packed, texts)
    basic = set(letters)
    ranked = sorted(shares, key=lambda place: (-shares[place], place))
    return sorted([*letters, *[place for place in ranked if place not in basic]][:size])


def weights(packed: Packed, texts: Iterable[str]) -> Mapping[int, float]:
    """Returns the share of the pieces, by index: half is of the texts, half of the words."""
    pieces, rows = select(packed)
    whole = tokenizer_of(pieces)
    inside = Counter[int]()
    for some in batched(texts):
        for encoded in whole.encode_batch_fast(some, add_special_tokens=False):
            inside.update(encoded.ids)
    found = Counter[int]()
    for counts in (inside, _in_words(whole)):
        total = sum(counts.values()) or 1.0
        for place, count in counts.items():
            found[int(rows[place])] += count / total  # type: ignore[assignment]
    return found


def is_basic(piece: str) -> bool:
    """Tells whether it is one letter of an alphabet, a sign, or such signs and digits alone."""
    bare = piece.replace(SPACE, "")
    if len(bare) <= 1:
        return not unicodedata.name(bare or " ", "").startswith(_MANY)
    return all(unicodedata.category(each)[0] in "NPS" for each in bare) and len(bare) <= 3


def _in_words(whole: Tokenizer) -> Mapping[int, float]:
    found: dict[int, float] = Counter()  # type: ignore[assignment]
    words = list(_frequent())
    encoded = whole.encode_batch_fast([word for word, _ in words], add_special_tokens=False)
    for (_, weight), each in zip(words, encoded, strict=True):
        for place in each.ids:
            found[place] += weight
    return found


def _frequent() -> Iterator[tuple[str, float]]:
    """Yields words as written, with their share of the language; neighbours weigh less."""
    import wordfreq

    for lists, factor in ((WORDS, 1.0), (NEIGHBOURS, NEIGHBOUR_WEIGHT)):
        for language, count in lists.items():
            for word in wordfreq.top_n_list(language, count):
                share = factor * wordfreq.word_frequency(word, language)
                yield from ((write(word), share * part) for write, part in WRITTEN.items())


def batched(texts: Iterable[str], size: int = 1_000) -> Iterator[list[str]]:
    """Yields lists of `size` texts: the encodings of all at once would fill the memory."""
    rest = iter(texts)
    while some := list(islice(rest, size)):
        yield some


def _control(pieces: Sequence[tuple[str, float]]) -> Iterator[int]:
    """Yields the indices of what no text may be cut into: `<mask>`."""
    return (place for place, (piece, _) in enumerate(pieces) if piece == "<mask>")
