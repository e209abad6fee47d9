"""Models made wrong on purpose; each says which clauses it violates."""

from __future__ import annotations

import time

import numpy as np
from small_plugins import Bigram

from tokgen.plugin_api import normalised


class AnotherDtype(Bigram):
    """It declares float32 and gives float64."""

    violates = {"rows-form"}
    dtype = np.float32


class OneRowOnly(Bigram):
    """It gives a row without its batch where there is one prefix."""

    violates = {"rows-form"}

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        return rows[0] if len(rows) == 1 else rows


class LogitsAtTheBeginning(Bigram):
    """What it gives for the empty prefix are logits."""

    violates = {"normalised-rows"}

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        rows[prefixes.lengths == 0] += 0.5
        return rows


class LastColumn(Bigram):
    """It reads the last column of ids, whether or not it is of the prefix."""

    violates = {"beginning-respected"}

    def numbers(self, prefixes):
        if not prefixes.ids.shape[1]:
            return super().numbers(prefixes)
        return prefixes.ids[:, -1]


class ReadsMore(Bigram):
    """It reads two tokens and declares one."""

    violates = {"context-enough"}

    def next_logprobs(self, prefixes):
        before = prefixes.padded(2, 0)[:, 0]
        return normalised(super().next_logprobs(prefixes) * (1 + 0.01 * before)[:, None])


class ReadsNothing(Bigram):
    """The frequencies of tokens, with a context that it does not need."""

    violates = {"context-used"}

    def numbers(self, prefixes):
        return np.zeros(len(prefixes), np.int64)


class PadsInPlace(Bigram):
    """It writes the padding into the ids that it is given."""

    violates = {"prefixes-unharmed"}

    def next_logprobs(self, prefixes):
        width = prefixes.ids.shape[1]
        outside = np.arange(width) < width - prefixes.lengths[:, None]
        if outside.any():
            prefixes.ids[outside] = self.vocabulary.terminator_id
        return super().next_logprobs(prefixes)


class CentredBatch(Bigram):
    """It subtracts a share of the batch's mean."""

    violates = {"batch-independence"}
    batch_invariant = False

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        return normalised(rows - 0.01 * rows.mean(axis=0)) if len(rows) else rows


class OtherBits(Bigram):
    """It declares equal bits, and the last ones differ as after a matrix product."""

    violates = {"batch-independence"}

    def next_logprobs(self, prefixes):
        return super().next_logprobs(prefixes) * (1 + 1e-15 * len(prefixes))


class DropsOut(Bigram):
    """It draws in evaluation, as dropout does."""

    # Whatever compares two calls sees it.
    violates = {
        "repeatable",
        "random-state-alone",
        "beginning-respected",
        "context-enough",
        "batch-independence",
        "thread-safe",
    }
    batch_invariant = False

    def next_logprobs(self, prefixes):
        kept = np.random.random(self.vocabulary.size)  # noqa: NPY002
        return normalised(super().next_logprobs(prefixes) * (1 + 0.1 * kept))


class Reseeds(Bigram):
    """It seeds numpy at each call, so that what it draws is the same."""

    violates = {"random-state-alone"}

    def next_logprobs(self, prefixes):
        np.random.seed(0)  # noqa: NPY002
        kept = np.random.random(self.vocabulary.size)  # noqa: NPY002
        return normalised(super().next_logprobs(prefixes) * (1 + 0.01 * kept))


class Scratch(Bigram):
    """It keeps what it computes in an attribute."""

    violates = {"thread-safe"}

    def next_logprobs(self, prefixes):
        self.rows = super().next_logprobs(prefixes)
        time.sleep(1e-4)
        return self.rows
