"""Models made of parts, made wrong on purpose."""

from __future__ import annotations

import numpy as np
from small_plugins import Mixture


class Mixed(Mixture):
    """The mixture that the wrong ones are made of."""

    violates = ()


class TeachesItsParts(Mixture):
    """It lets its first part learn the held-out documents too."""

    violates = ("parts-unharmed", "same-in-new-process")

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        if validation is not None:
            next(iter(self.parts.values())).fit(validation, None, run)


class FitsItsOwn(Mixture):
    """It puts a part that has learnt the held-out documents in the place of the first one."""

    violates = ("parts-kept", "learned-complete")

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        name, part = next(iter(self.parts.items()))
        data = validation or train
        own = type(part).fitted(part.options, self.vocabulary, data, None, run)
        self.parts = {**self.parts, name: own}


class PartsNotHandedOn(Mixture):
    """Its constructor keeps the parts for itself."""

    violates = ("parts-kept", "saved-bits")

    def __init__(self, options, vocabulary, parts=None):
        super().__init__(options, vocabulary)
        self.inner = dict(parts or {})

    @property
    def context_length(self):
        return max(part.context_length for part in self.inner.values())

    def learned(self):
        return {"weights": (len(self.inner),)}

    def next_logprobs(self, prefixes):
        rows = [
            each.next_logprobs(prefixes.last(each.context_length)) for each in self.inner.values()
        ]
        return np.logaddexp.reduce(np.array(rows) + np.log(self.weights)[:, None, None])

    def fit(self, train, validation, run):
        self.weights = np.full(len(self.inner), 1 / len(self.inner))


class AsksInTheFitAlone(Mixture):
    """It keeps what its parts said of each last token, and does not ask them again."""

    violates = ("parts-used",)
    context_length = 1

    def learned(self):
        return {"table": (self.vocabulary.size,) * 2}

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        last = type(train.prefixes(np.zeros(1, np.int64), 1)).of(
            [[token] for token in range(self.vocabulary.size)], self.vocabulary.nothing_given
        )
        self.table = np.exp(super().next_logprobs(last))

    def next_logprobs(self, prefixes):
        rows = self.table[prefixes.padded(1, self.vocabulary.terminator_id)[:, 0]]
        with np.errstate(divide="ignore"):
            return np.log(rows)
