"""N-gram: the next token from counts of what followed the last few symbols before.

Interpolated modified Kneser-Ney (Chen & Goodman 1999, equations 26-28) or add-k (Lidstone), numpy
only. The start of a document is one symbol. There is no pruning and no unknown token.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from tokgen.plugin_api import (
    Arrays,
    Dataset,
    Explanation,
    Field,
    FitRun,
    Floats,
    Ints,
    LanguageModel,
    PluginOptions,
    Prefixes,
    Vocabulary,
    normalised,
    shown_symbols,
)
from tokgen_models.ngram_counts import Level, base_of, count_levels, highest_order, start_symbol
from tokgen_models.ngram_explained import Counted, added, interpolated
from tokgen_models.ngram_table import Table, kneser_ney, relative_frequencies


class NGram(LanguageModel):
    """Counts which token followed which others; the bigram, of order 2, sees one token only."""

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
        shares = kneser_ney if discounted else relative_frequencies
        self._tables = [shares(level, base_of(self.vocabulary.size)) for level in self._levels]
        self._can_follow = self.vocabulary.can_follow.astype(np.float64)
        self._all_alike = self._can_follow / self._can_follow.sum()
        # Every row begins with this one.
        self._without_context = self._all_alike[None].copy()
        self._look_up(self._tables[0], np.zeros(1, np.int64), self._without_context)

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        probabilities = np.repeat(self._without_context, len(prefixes), axis=0)
        contexts = np.zeros(len(prefixes), dtype=np.int64)
        symbols = self._symbols_before(prefixes)
        base = base_of(self.vocabulary.size)
        for length, table in enumerate(self._tables[1:], start=1):
            contexts += symbols[:, -length] * base ** (length - 1)
            self._look_up(table, contexts, probabilities)
        with np.errstate(divide="ignore"):
            return normalised(np.log(probabilities))

    def _look_up(self, table: Table, contexts: Ints, probabilities: Floats) -> None:
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
        for length, table in enumerate(self._tables[1:], start=1):
            contexts += symbols[:, -length] * base ** (length - 1)
            rows, _ = table.find(contexts)
            longest[rows] = length
        forgotten = np.arange(width) < width - longest[:, None]
        return np.where(forgotten, self.vocabulary.size + 1, symbols)

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """Counts, discounts and interpolation, from no context to the longest; the distribution."""
        one, symbols = prefixes.select(slice(1)), self.vocabulary.symbols
        counted = list(self._counted(self._symbols_before(one)[0]))
        if self.options.smoothing == "kneser-ney":
            steps = interpolated(counted, self._all_alike, symbols)
        else:
            steps = added(counted, self.options.k * self._can_follow, symbols)
        probabilities = np.exp(self.next_logprobs(one)[0])
        return [*steps, Explanation("probabilities", probabilities, symbols)]

    def _counted(self, before: Ints) -> Iterator[Counted]:
        """What was counted after the last symbols, from none of them to all (order - 1,)."""
        size, base = self.vocabulary.size, base_of(self.vocabulary.size)
        start, code = start_symbol(self.vocabulary), 0
        for length, (level, table) in enumerate(zip(self._levels, self._tables, strict=True)):
            context = before[len(before) - length :].tolist()
            if size + 1 in context:
                return
            if length:
                code += context[0] * base ** (length - 1)
            continued = length < self.options.order - 1 and context[:1] != [start]
            of_kneser_ney = self.options.smoothing == "kneser-ney" and continued
            kind = "continuation counts" if of_kneser_ney else "counts"
            yield Counted.after(self._named(context), kind, code, level, table, size)

    def _named(self, context: Sequence[int]) -> str:
        """A context in words; a document's start is shown as the terminator, as in every view."""
        if not context:
            return "without context"
        start, end = start_symbol(self.vocabulary), self.vocabulary.terminator_id
        symbols = [self.vocabulary.symbols[end if each == start else each] for each in context]
        border = "·" if any(len(symbol) > 1 for symbol in self.vocabulary.symbols) else ""
        return f"after {border.join(map(shown_symbols, symbols))}"

    def _add_k(self, table: Table, places: Ints) -> Floats:
        counts = np.zeros((len(places), self.vocabulary.size))
        table.add_shares(counts, np.arange(len(places)), places)
        added = self.options.k * self._can_follow
        everything = self.options.k * self._can_follow.sum()
        return (counts + added) / (counts.sum(axis=1, keepdims=True) + everything)


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
