"""N-gram: the next token from counts of what followed the last few symbols before.

Interpolated modified Kneser-Ney (Chen & Goodman 1999, equations 26-28) or add-k (Lidstone), numpy
only. The start of a document is one symbol. There is no pruning and no unknown token.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tokgen.plugin_api import (
    Arrays,
    Dataset,
    Field,
    FitRun,
    Floats,
    Ints,
    LanguageModel,
    PluginOptions,
    Prefixes,
    Vocabulary,
    normalised,
)
from tokgen_models.ngram_counts import Level, base_of, count_levels, highest_order, start_symbol


class NGram(LanguageModel):
    """Order 2 is the bigram: one symbol of context, `order` - 1 in general."""

    class Options(PluginOptions):
        """Options of `ngram`."""

        order: int = Field(
            default=5, ge=1, le=8, description="symbols in an n-gram; 2 is the bigram"
        )
        smoothing: Literal["kneser-ney", "add-k"] = Field(
            default="kneser-ney", description="interpolated modified Kneser-Ney, or add-k"
        )
        k: float = Field(default=0.1, gt=0, description="what add-k adds to each count")

    options: Options

    batch_invariant = True

    @property
    def context_length(self) -> int:  # type: ignore[override]
        """One less than the order."""
        return self.options.order - 1

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Count; nothing is tuned, so the validation documents are not looked at.

        An order that nobody asked for gives way to the highest that the vocabulary allows.
        """
        highest = highest_order(self.vocabulary.size)
        if self.options.order > highest and "order" not in self.options.model_fields_set:
            self.options = self.options.model_copy(update={"order": highest})
        continuations = self.options.smoothing == "kneser-ney"
        self._levels = count_levels(train, self.options.order, continuations=continuations)

    def learned(self) -> dict[str, None]:
        """The counts: `grams.L` (G,) sorted codes and `counts.L` (G,) for contexts of L symbols."""
        lengths = range(self.options.order)
        return {f"{kind}.{length}": None for length in lengths for kind in ("grams", "counts")}

    def arrays(self) -> Arrays:
        """The counts, as small as they can be."""
        arrays: Arrays = {}
        for length, level in enumerate(self._levels):
            arrays[f"grams.{length}"] = _compact(level.grams)
            arrays[f"counts.{length}"] = _compact(level.counts)
        return arrays

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the model with these counts."""
        self._levels = [
            _checked_level(
                arrays[f"grams.{length}"], arrays[f"counts.{length}"], length, self.vocabulary
            )
            for length in range(self.options.order)
        ]
        _check_levels(self._levels, base_of(self.vocabulary.size))

    def prepare(self) -> None:
        """Make of the counts what each context says."""
        discounted = self.options.smoothing == "kneser-ney"
        shares = _kneser_ney if discounted else _relative_frequencies
        shortest, *self._tables = [
            shares(level, base_of(self.vocabulary.size)) for level in self._levels
        ]
        self._can_follow = self.vocabulary.can_follow.astype(np.float64)
        # Every row begins with this one.
        self._without_context = (self._can_follow / self._can_follow.sum())[None]
        self._look_up(shortest, np.zeros(1, np.int64), self._without_context)

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        probabilities = np.repeat(self._without_context, len(prefixes), axis=0)
        contexts = np.zeros(len(prefixes), dtype=np.int64)
        symbols = self._symbols_before(prefixes)
        base = base_of(self.vocabulary.size)
        for length, table in enumerate(self._tables, start=1):
            contexts += symbols[:, -length] * base ** (length - 1)
            self._look_up(table, contexts, probabilities)
        with np.errstate(divide="ignore"):
            return normalised(np.log(probabilities))

    def _look_up(self, table: _Table, contexts: Ints, probabilities: Floats) -> None:
        """Make of what shorter contexts say, in place, what these say (B,) where they are known."""
        rows, places = table.find(contexts)
        if self.options.smoothing == "kneser-ney":
            probabilities[rows] *= table.backoff[places][:, None]
            table.add_shares(probabilities, rows, places)
        else:
            probabilities[rows] = self._add_k(table, places)

    def _symbols_before(self, prefixes: Prefixes) -> Ints:
        """The last `order` - 1 symbols (B, order - 1): START before a beginning, ABSENT further.

        A vocabulary's own start id stands in the prefixes already.
        """
        width = self.options.order - 1
        symbols = prefixes.padded(width, self.vocabulary.size + 1)
        if self.vocabulary.start_id is None:
            short = np.flatnonzero(prefixes.lengths < width)
            symbols[short, width - 1 - prefixes.lengths[short]] = start_symbol(self.vocabulary)
        return symbols

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """The longest suffix that was seen as a context, ABSENT (V + 1) left of it.

        What was seen is closed under dropping symbols at either end, so a longer suffix can matter
        neither now nor after more tokens.
        """
        symbols = self._symbols_before(prefixes)
        width = symbols.shape[1]
        longest = np.zeros(len(prefixes), dtype=np.int64)
        contexts = np.zeros(len(prefixes), dtype=np.int64)
        base = base_of(self.vocabulary.size)
        for length, table in enumerate(self._tables, start=1):
            contexts += symbols[:, -length] * base ** (length - 1)
            rows, _ = table.find(contexts)
            longest[rows] = length
        forgotten = np.arange(width) < width - longest[:, None]
        return np.where(forgotten, self.vocabulary.size + 1, symbols)

    def _add_k(self, table: _Table, places: Ints) -> Floats:
        counts = np.zeros((len(places), self.vocabulary.size))
        table.add_shares(counts, np.arange(len(places)), places)
        added = self.options.k * self._can_follow
        everything = self.options.k * self._can_follow.sum()
        return (counts + added) / (counts.sum(axis=1, keepdims=True) + everything)


@dataclass(frozen=True, eq=False)
class _Table:
    """What contexts of one length say.

    Shapes: `contexts` sorted (C,); `begin` (C + 1,) where each one's tokens stand; `tokens`,
    `shares` (G,) what they give to which token; `backoff` (C,) what they leave to the shorter.
    """

    contexts: Ints
    begin: Ints
    tokens: Ints
    shares: Floats
    backoff: Floats

    def find(self, contexts: Ints) -> tuple[Ints, Ints]:
        """Which rows' contexts (B,) are known, and where they stand."""
        if not len(self.contexts):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        rows = np.flatnonzero(self.contexts[places] == contexts)
        return rows, places[rows]

    def add_shares(self, matrix: Floats, rows: Ints, places: Ints) -> None:
        """Add each place's shares to its row of the matrix (B, V)."""
        lengths = self.begin[places + 1] - self.begin[places]
        first = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(self.begin[places] - first, lengths)
        matrix[np.repeat(rows, lengths), self.tokens[at]] += self.shares[at]


def _kneser_ney(level: Level, base: int) -> _Table:
    """Discounted relative counts, and the discounted mass as what is left to shorter contexts."""
    contexts, begin = _contexts(level, base)
    discounts = modified_discounts(level.counts)[np.minimum(level.counts, 3)]
    totals = _sums(level.counts.astype(np.float64), begin)
    lengths = np.diff(begin)
    shares = (level.counts - discounts) / np.repeat(totals, lengths)
    return _Table(contexts, begin, level.grams % base, shares, _sums(discounts, begin) / totals)


def _relative_frequencies(level: Level, base: int) -> _Table:
    """Plain counts, for add-k."""
    contexts, begin = _contexts(level, base)
    counts = level.counts.astype(np.float64)
    return _Table(contexts, begin, level.grams % base, counts, np.zeros(len(contexts)))


def modified_discounts(counts: Ints) -> Floats:
    """What is taken from counts of 0, 1, 2 and 3 or more (4,): Chen & Goodman 1999, equation 26.

    Where too few counts occur for the estimate (or it is no discount), 0.5, 1 and 1.5 stand in.
    """
    n1, n2, n3, n4 = (float((counts == value).sum()) for value in (1, 2, 3, 4))
    discounts = np.array([0.0, 0.5, 1.0, 1.5])
    if n1 and n2 and n3 and n4:
        y = n1 / (n1 + 2 * n2)
        estimated = [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
        valid = [0 < value < most for value, most in zip(estimated[1:], (1, 2, 3), strict=True)]
        discounts[1:] = np.where(valid, estimated[1:], discounts[1:])
    return discounts


def _contexts(level: Level, base: int) -> tuple[Ints, Ints]:
    contexts, begin = np.unique(level.grams // base, return_index=True)
    return contexts, np.append(begin, len(level.grams)).astype(np.int64)


def _sums(values: Floats, begin: Ints) -> Floats:
    sums: Floats = np.add.reduceat(values, begin[:-1]) if len(values) else np.zeros(0)
    return sums


def _compact(values: Ints) -> np.ndarray[Any, Any]:
    return values.astype(np.uint32 if values.max(initial=0) < 1 << 32 else np.int64)


def _checked_level(
    grams: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], length: int, vocabulary: Vocabulary
) -> Level:
    base = base_of(vocabulary.size)
    if (
        grams.shape != counts.shape
        or grams.ndim != 1
        or {grams.dtype.kind, counts.dtype.kind} - set("iu")
    ):
        raise ValueError(f"grams.{length} and counts.{length} are not two lists of integers alike")
    grams, counts = grams.astype(np.int64), counts.astype(np.int64)
    in_range = ((grams >= 0) & (grams < base ** (length + 1))).all() and (counts > 0).all()
    predicted = grams % base
    predicts = np.isin(predicted, np.flatnonzero(vocabulary.can_follow)).all()
    if not (in_range and predicts and (np.diff(grams) > 0).all()):
        raise ValueError(f"grams.{length} or counts.{length} hold what cannot be counts")
    return Level(grams, counts)


def _check_levels(levels: Sequence[Level], base: int) -> None:
    """Refuse n-grams of which a shorter one was never seen, as no counting leaves them."""
    if not len(levels[0].grams):
        raise ValueError("grams.0 holds no token")
    for length, (shorter, longer) in enumerate(itertools.pairwise(levels), start=1):
        ends = longer.grams % base**length
        places = np.searchsorted(shorter.grams, ends)
        found = places < len(shorter.grams)
        found[found] = shorter.grams[places[found]] == ends[found]
        if not found.all():
            raise ValueError(f"grams.{length} holds what ends in no n-gram of grams.{length - 1}")
