"""Models that are told columns, a table for each combination of their values, and the same plain.

What a told model says is what the plain model of that combination's table says.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from small_tokenizers import OVERLAPPING

from tokgen.plugin_api import Explanation, LanguageModel, PluginOptions
from tokgen.text_model.text_model import TextModel

COLUMNS = {"colour": ("red", "white"), "size": ("big",)}
GIVEN = [{}, {"colour": "red"}, {"colour": "white", "size": "big"}, {"size": "big"}]
KNOWN = frozenset({"esh", "la", "sesh", "a"})


class Table(LanguageModel):
    """Log-probabilities (V, V) after the last token; unbounded where it does not tell so."""

    batch_invariant = True

    def __init__(self, table, vocabulary, *, unbounded):
        super().__init__(PluginOptions(), vocabulary)
        self.table = table
        self.context_length = None if unbounded else 1

    def fit(self, train, validation, run):
        raise NotImplementedError

    def learned(self):
        return {"table": None}

    def tables(self, prefixes):
        return np.repeat(self.table[None], len(prefixes), axis=0)

    def next_logprobs(self, prefixes):
        last = prefixes.padded(1, self.vocabulary.terminator_id)[:, 0]
        return self.tables(prefixes)[np.arange(len(prefixes)), last]

    def explain(self, prefixes):
        return [Explanation("softmax", np.exp(self.next_logprobs(prefixes)))]


class ToldTable(Table):
    """A table (V, V) for each value of each column: (3, 2, V, V)."""

    reads_given = True

    def tables(self, prefixes):
        assert prefixes.given.shape == (len(prefixes), 2)
        return self.table[prefixes.given[:, 0], prefixes.given[:, 1]]


def tables(tokenizer, seed=1):
    """It ends soon, so that documents of four tokens are nearly all."""
    size = tokenizer.vocabulary.size
    weights = np.random.default_rng(seed).gamma(0.7, size=(3, 2, size, size)) + 1e-3
    weights[..., tokenizer.terminator_id] += 20.0
    return np.log(weights / weights.sum(axis=-1, keepdims=True))


def speaking(model, tokenizer):
    named = SimpleNamespace(name="told")
    metadata = SimpleNamespace(model=named, corpus=named)
    made = TextModel(SimpleNamespace(model=model, tokenizer=tokenizer, metadata=metadata))
    made.__dict__["known"] = KNOWN
    made.__dict__["_corpus"] = SimpleNamespace(
        trained_on=SimpleNamespace(split=lambda name: ["esh", "a"])
    )
    return made


def told_model(tokenizer=OVERLAPPING, *, unbounded=False):
    vocabulary = tokenizer.vocabulary.with_columns(COLUMNS)
    return speaking(ToldTable(tables(tokenizer), vocabulary, unbounded=unbounded), tokenizer)


def table_for(tokenizer, given):
    """The table (V, V) of what is given."""
    at = [1 + values.index(given[name]) if name in given else 0 for name, values in COLUMNS.items()]
    return tables(tokenizer)[tuple(at)]


def plain_model(given, tokenizer=OVERLAPPING, *, unbounded=False):
    table = Table(table_for(tokenizer, given), tokenizer.vocabulary, unbounded=unbounded)
    return speaking(table, tokenizer)


def documents(given, tokenizer=OVERLAPPING, longest=4):
    """Every document of ids of up to so many tokens, with its probability."""
    rows, end = np.exp(table_for(tokenizer, given)).tolist(), tokenizer.terminator_id
    found, waiting = {}, [((), 1.0)]
    for ids, probability in waiting:
        row = rows[ids[-1] if ids else end]
        found[ids] = probability * row[end]
        if len(ids) < longest:
            waiting += [((*ids, token), probability * row[token]) for token in range(end)]
    return found
