"""Small models for tests, written so that every probability can be read off."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.text_model.generation_request import GenerationRequest


def lines_of(model, count, **asked):
    """The lines of a text model's documents, in bulk."""
    request = GenerationRequest(count, **asked)
    return b"".join(model.lines(request, model.plan_of_lines(request)))


def symbols(size):
    """A vocabulary of letters whose last symbol is the terminator."""
    letters = [chr(ord("a") + number) for number in range(size - 1)]
    return Vocabulary((*letters, "-"), size - 1)


def symbols_begun(size):
    """The same letters and terminator, with a start id between them: one symbol more."""
    *letters, end = symbols(size).symbols
    return Vocabulary((*letters, "^", end), size, size - 1)


class TableModel(LanguageModel):
    """Log-probabilities (V ** context, V) looked up by context; the last id is the terminator.

    Left of a beginning stands the terminator, so context number `V ** k - 1` is the empty prefix.
    """

    def __init__(self, logprobs, context, vocabulary=None):
        super().__init__(PluginOptions(), vocabulary or symbols(logprobs.shape[1]))
        self.context_length = context
        self.table = logprobs

    @classmethod
    def of_weights(cls, weights, context, vocabulary):
        """Each row in proportion to its weights, without that of a start id."""
        shares = weights * vocabulary.can_follow
        with np.errstate(divide="ignore"):
            logprobs = np.log(shares / shares.sum(axis=1, keepdims=True))
        return cls(logprobs, context, vocabulary)

    @classmethod
    def random(cls, size, context, seed=0):
        weights = np.random.default_rng(seed).gamma(0.7, size=(size**context, size)) + 1e-3
        return cls(np.log(weights / weights.sum(axis=1, keepdims=True)), context)

    batch_invariant = True

    def fit(self, train, validation, run):
        raise NotImplementedError

    def next_logprobs(self, prefixes: Prefixes):
        size = self.vocabulary.size
        contexts = prefixes.padded(self.context_length, size - 1)
        numbers = contexts @ (size ** np.arange(self.context_length)[::-1])
        return self.table[numbers]

    def learned(self):
        return {"table": None}


class CountingModel(LanguageModel):
    """Unbounded: the terminator grows likelier with each token, whatever the tokens were."""

    context_length = None

    def __init__(self, size=3, vocabulary=None):
        super().__init__(PluginOptions(), vocabulary or symbols(size))

    batch_invariant = True

    def fit(self, train, validation, run):
        raise NotImplementedError

    def next_logprobs(self, prefixes: Prefixes):
        can_follow = self.vocabulary.can_follow
        ending = 1 - 0.9 / (prefixes.lengths - len(self.vocabulary.beginning) + 1)
        letters = can_follow.sum() - 1
        probabilities = ((1 - ending) / letters)[:, None] * can_follow
        probabilities[:, self.vocabulary.terminator_id] = ending
        with np.errstate(divide="ignore"):
            return np.log(probabilities)

    def learned(self):
        return {}
