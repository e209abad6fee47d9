"""Models that are wrong where the vocabulary has a start id, and one that need not think of it."""

from __future__ import annotations

import numpy as np
from small_plugins import Bigram

from tokgen.plugin_api import LanguageModel


class Unigram(LanguageModel):
    """Relative frequencies; a start id gets a share, which the core takes from it."""

    violates = ()
    context_length = 0

    def learned(self):
        return {"counts": (self.vocabulary.size,)}

    def fit(self, train, validation, run):
        self.counts = np.bincount(train.stream, minlength=self.vocabulary.size) + 1

    def next_logprobs(self, prefixes):
        return np.repeat(np.log(self.counts / self.counts.sum())[None], len(prefixes), axis=0)


class BeginsWithTheTerminator(Bigram):
    """It learns what stands behind a terminator, also where a start id stands there."""

    violates = ("start-id",)

    def fit(self, train, validation, run):
        size = self.vocabulary.size
        before = np.roll(train.stream, 1).astype(np.int64)
        before[0] = self.vocabulary.terminator_id
        self.counts = np.ones((size, size))
        np.add.at(self.counts, (before, train.stream.astype(np.int64)), 1)


class KnowsNoStart(Bigram):
    """Its table has no row for a start id."""

    violates = ("start-id",)

    def fit(self, train, validation, run):
        self.counts = np.ones((self.vocabulary.terminator_id + 1, self.vocabulary.size))
        last = train.all_windows(1).contexts[:, 0]
        np.add.at(self.counts, (last, train.stream.astype(np.int64)), 1)


class StartsForEver(Bigram):
    """Of a prefix that holds no token yet it is sure that the start id follows."""

    violates = ("start-id",)

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        for start in self.vocabulary.beginning:
            begun = self.numbers(prefixes) == start
            rows[begun] = -np.inf
            rows[begun, start] = 0.0
        return rows
