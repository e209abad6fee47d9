"""Prefixes, ranks and scores with tokgen's own tokenizers, against all documents of some tokens."""

from __future__ import annotations

import math
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
from enumeration import enumerate_documents
from fitted_tokenizers import FITTED
from models import TableModel

from tokgen.text_model.text_model import TextModel

DEPTH = 7
PREFIXES = [
    ("fitted bpe", "a"),
    ("fitted bpe", "aba"),
    ("fitted words", "a b"),
    ("fitted words", " "),
    ("fitted bytes", "é"),
]


def text_model(name):
    """A model of one token of context over a fitted tokenizer; it ends soon."""
    tokenizer = FITTED[name]
    weights = np.exp(TableModel.random(tokenizer.vocabulary.size, 1, 4).table)
    weights[:, -1] += 3
    table = np.log(weights / weights.sum(axis=1, keepdims=True))
    model = TableModel(table, 1)
    model.vocabulary = tokenizer.vocabulary
    metadata = SimpleNamespace(model=SimpleNamespace(name="table"))
    made = TextModel(SimpleNamespace(model=model, tokenizer=tokenizer, metadata=metadata))
    made.__dict__["known"] = frozenset()
    return made


def documents_of(model):
    """Each document of few tokens with its probability, and what is left of the mass."""
    found = enumerate_documents(model.model, DEPTH if model.model.vocabulary.size < 6 else 5)
    return found, 1 - math.fsum(found.values())


@pytest.mark.parametrize(("name", "prefix"), PREFIXES)
def test_next_is_given_that_the_text_begins_with_the_prefix(name, prefix):
    model = text_model(name)
    shown = model.next(prefix)
    found, left = documents_of(model)
    certain, end = [*shown.ids], model.tokenizer.terminator_id
    masses = np.zeros(end + 1)
    spelt = prefix.encode()
    for ids, probability in found.items():
        pieces = b"".join(model.tokenizer.pieces()[token] for token in ids)
        if pieces.startswith(spelt) and [*ids[: len(certain)]] == certain:
            masses[[*ids, end][len(certain)]] += probability
    assert masses.sum() > 20 * left
    likely = np.exp(shown.logprobs)
    # What was not listed can belong to any of the tokens.
    assert (masses / (masses.sum() + left) <= likely + 1e-9).all()
    assert (likely <= (masses + left) / (masses.sum() + left) + 1e-9).all()


@pytest.mark.parametrize("name", FITTED)
def test_top_gives_the_best_spelling_of_each_text(name):
    model = text_model(name)
    found, left = documents_of(model)
    best = defaultdict(float)
    for ids, probability in found.items():
        text = model.tokenizer.decode(ids)
        best[text] = max(best[text], probability)
    expected = [each for each in sorted(best.values(), reverse=True) if each > left][:8]
    ranked = list(model.top(count=len(expected)))
    assert len(expected) >= 4
    assert [math.exp(each.logprob) for each in ranked] == pytest.approx(expected)
    assert len({each.text for each in ranked}) == len(expected)


@pytest.mark.parametrize(
    ("name", "text"), [("fitted bpe", "aabb"), ("fitted words", "a bb b"), ("fitted bytes", "éaé")]
)
def test_score_is_of_the_tokenizers_own_spelling(name, text):
    model = text_model(name)
    found, _ = documents_of(model)
    ids = tuple(model.tokenizer.encode(text))
    score = model.score(text)
    assert math.exp(score.logprob) == pytest.approx(found[ids])
    assert score.tokens == tuple(model.tokenizer.symbols[token] for token in (*ids, -1))
