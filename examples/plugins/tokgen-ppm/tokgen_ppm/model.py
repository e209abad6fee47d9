"""PPM: prediction by partial matching, with contexts of any length."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tokgen.plugin_api import (
    Dataset,
    Decoder,
    Field,
    FitRun,
    Floats,
    Ints,
    LanguageModel,
    PluginOptions,
    Prefixes,
)
from tokgen_ppm.escape import blended, without_longer_than_deterministic
from tokgen_ppm.index import ContextIndex, following_in_order


class PPM(LanguageModel):
    """Prediction by partial matching, unbounded unless `order` bounds it.

    Sources: Cleary & Witten 1984, "Data compression using adaptive coding and partial string
    matching" (PPM, exclusion); Moffat 1990, "Implementing the PPM data compression scheme"
    (escape method C); Cleary, Teahan & Witten 1995, "Unbounded length contexts for PPM" (PPM*).
    The counts are those of the training documents and do not change while the model is asked.
    """

    batch_invariant = True

    class Options(PluginOptions):
        """Options of `ppm`."""

        order: int | None = Field(default=None, ge=0, description="tokens seen; none: all of them")
        begin: Literal["deterministic", "longest"] = Field(
            default="deterministic",
            description="the longest context used: the shortest that one token alone follows, "
            "or the longest that occurs",
        )

    def __init__(self, options, vocabulary, parts=None):
        super().__init__(options, vocabulary, parts)
        self.context_length = options.order
        self.possible = np.arange(vocabulary.size) != (
            -1 if vocabulary.start_id is None else vocabulary.start_id
        )

    def learned(self):
        """The training tokens, sorted by what stands before each."""
        return {"following": None}

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Sort the training tokens."""
        self.following = following_in_order(train)

    def prepare(self) -> None:
        """Index the tokens."""
        following = self.following
        if following.ndim != 1 or following.dtype.kind not in "iu":
            raise ValueError("'following' is not one row of ids")
        if following.size and not 0 <= following.min() <= following.max() < self.vocabulary.size:
            raise ValueError("'following' holds an id that is not in the vocabulary")
        self.index = ContextIndex(
            following.astype(np.int64), self.vocabulary.size, self.vocabulary.terminator_id
        )

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V), nats."""
        return PPMDecoder(self, prefixes).logprobs()

    def token_logprobs(self, documents: Prefixes) -> Floats:
        """Log-probability (B, T) of each token of whole documents, nats."""
        rows, width = documents.ids.shape
        beginning = self.vocabulary.beginning
        beginnings = Prefixes.of([beginning] * rows, self.vocabulary.nothing_given)
        state = PPMDecoder(self, beginnings)
        told = np.zeros((rows, width))
        every = np.arange(rows)
        for column in range(width):
            inside = width - documents.lengths <= column
            tokens = np.where(inside, documents.ids[:, column], 0)
            told[inside, column] = state.logprobs()[every, tokens][inside]
            state.grow(inside, tokens)
        return told

    def decoder(self, prefixes: Prefixes) -> PPMDecoder:
        """Sequences with the ranges of all their contexts."""
        return PPMDecoder(self, prefixes)


class PPMDecoder(Decoder):
    """Ranges of rows (B, K) of the contexts of each sequence, the empty one first."""

    def __init__(self, model: PPM, prefixes: Prefixes) -> None:
        self._model = model
        rows, width = prefixes.ids.shape
        self._begin, self._end = self._at_beginning(rows)
        for column in range(width):
            inside = width - prefixes.lengths <= column
            self.grow(inside, np.where(inside, prefixes.ids[:, column], 0))

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V), nats."""
        counts = self._model.index.counts(self._begin, self._end)
        if self._model.options.begin == "deterministic":
            counts = without_longer_than_deterministic(counts)
        with np.errstate(divide="ignore"):
            return np.log(blended(counts, self._model.possible))

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Append a token to each selected sequence."""
        self._begin, self._end = self._begin[parents], self._end[parents]
        self.grow(np.ones(len(tokens), bool), tokens)

    def join(self, prefixes: Prefixes) -> None:
        """Add sequences."""
        others = PPMDecoder(self._model, prefixes)
        width = max(self._begin.shape[1], others._begin.shape[1])
        self._begin = np.vstack([widened(self._begin, width), widened(others._begin, width)])
        self._end = np.vstack([widened(self._end, width), widened(others._end, width)])

    def grow(self, which: np.ndarray, tokens: Ints) -> None:
        """Append a token (B,) to the sequences `which` (B,), and leave the others as they are."""
        low, high = self._model.index.extended(self._begin, self._end, tokens)
        whole = np.zeros((len(tokens), 1), np.int64)
        begin, end = np.hstack([whole, low]), np.hstack([whole + self._rows, high])
        starts = tokens == self._model.vocabulary.start_id
        fresh_begin, fresh_end = self._beginning(len(tokens))
        width = max(begin.shape[1], 2)
        begin, end = widened(begin, width), widened(end, width)
        begin = np.where(starts[:, None], widened(fresh_begin, width), begin)
        end = np.where(starts[:, None], widened(fresh_end, width), end)
        begin = np.where(which[:, None], begin, widened(self._begin, width))
        end = np.where(which[:, None], end, widened(self._end, width))
        self._begin, self._end = self._occurring(begin, end)

    @property
    def _rows(self) -> int:
        return len(self._model.following)

    def _beginning(self, rows: int) -> tuple[Ints, Ints]:
        begin, end = self._model.index.beginning
        return np.tile([0, begin], (rows, 1)), np.tile([self._rows, end], (rows, 1))

    def _at_beginning(self, rows: int) -> tuple[Ints, Ints]:
        begin, end = self._beginning(rows)
        if self._model.vocabulary.start_id is not None:
            return begin[:, :1], end[:, :1]
        return self._occurring(begin, end)

    def _occurring(self, begin: Ints, end: Ints) -> tuple[Ints, Ints]:
        """The ranges without contexts that no sequence has, or that are longer than allowed."""
        occurs = (end > begin).any(axis=0)
        longest = max(int(occurs.sum()), 1)
        order = self._model.options.order
        kept = longest if order is None else min(longest, order + 1)
        return begin[:, :kept], end[:, :kept]


def widened(ranges: Ints, width: int) -> Ints:
    """The ranges (B, K) with empty ones behind, K = `width`."""
    return np.pad(ranges, ((0, 0), (0, width - ranges.shape[1])))
