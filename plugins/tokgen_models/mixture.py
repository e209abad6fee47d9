"""Mixture: models side by side; what it gives a token is the weighted mean of what they give it.

    P(next) = sum over parts of  weight * P(next | part)

The weights are those under which the validation documents are most probable, found by expectation-
maximisation (Dempster, Laird & Rubin 1977; as interpolated models in Jelinek & Mercer 1980): each
round gives a part the mean share that it has in the probability of a token. Where they may depend
on the position, each position's weights are drawn to those of all by `PRIOR` tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tokgen.plugin_api import (
    Dataset,
    Decoder,
    Explanation,
    Field,
    FitRun,
    Floats,
    Ints,
    LanguageModel,
    PluginOptions,
    Prefixes,
)

PRIOR = 30
EXAMPLES_AT_ONCE = 4096


class Mixture(LanguageModel):
    """Several models together: their probabilities are averaged, each model with its weight."""

    reads_given = True

    class Options(PluginOptions):
        """Options of `mixture`."""

        parts: tuple[str, ...] = Field(
            min_length=1, description="models, as mlp,ngram:order=6, or checkpoint files"
        )
        positions: int = Field(
            default=0, ge=0, le=64, description="how many first tokens have weights of their own"
        )
        rounds: int = Field(default=200, ge=1, description="rounds of expectation-maximisation")

    options: Options
    weights: Floats

    @property
    def context_length(self) -> int | None:  # type: ignore[override]
        """That of the part that sees most; at least the positions, which it has to tell apart."""
        lengths = [part.context_length for part in self.parts.values()]
        known = [length for length in lengths if length is not None]
        return None if len(known) < len(lengths) else max(*known, self.options.positions)

    @property
    def max_positions(self) -> int | None:  # type: ignore[override]
        """That of the part that can read least."""
        limits = [_readable(part) for part in self.parts.values()]
        return min((limit for limit in limits if limit is not None), default=None)

    @property
    def batch_invariant(self) -> bool:  # type: ignore[override]
        """As all parts together."""
        return all(part.batch_invariant for part in self.parts.values())

    def learned(self) -> dict[str, tuple[int, ...]]:
        """The weights (positions + 1, parts); the last row is of all positions beyond."""
        return {"weights": (self.options.positions + 1, len(self.parts))}

    def prepare(self) -> None:
        """Take the logarithms."""
        if (self.weights < 0).any() or not np.allclose(self.weights.sum(axis=1), 1):
            raise ValueError("the weights of a position are not shares of one")
        with np.errstate(divide="ignore"):  # A part of weight zero counts for nothing.
            self._log_weights = np.log(self.weights)

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Find the weights; in a refit they are those of the first fit.

        Nothing was held out of a small corpus: then the parts have equal weights.
        """
        if isinstance(run.measured, Mixture):
            self.weights = run.measured.weights
        elif validation is None:
            self.weights = np.full(self.learned()["weights"], 1 / len(self.parts))
        else:
            self.weights = self._maximised(*self._judged(validation))

    def _judged(self, data: Dataset) -> tuple[Floats, Ints]:
        """The probability (N, parts) of each token by each part, and its row (N,) of weights."""
        longest = self.context_length or int(data.lengths.max())
        judged, rows = [], []
        for begin in range(0, len(data), EXAMPLES_AT_ONCE):
            examples = np.arange(begin, min(begin + EXAMPLES_AT_ONCE, len(data)))
            prefixes = data.prefixes(examples, longest)
            targets = data.stream[examples].astype(np.int64)
            by_part = [_chosen(logprobs, targets) for logprobs in self._by_parts(prefixes)]
            judged.append(np.exp(np.stack(by_part, axis=1)))
            rows.append(self._rows(prefixes))
        return np.concatenate(judged), np.concatenate(rows)

    def _maximised(self, judged: Floats, rows: Ints) -> Floats:
        """The weights (positions + 1, parts) that make the tokens most probable."""
        count = len(self.parts)
        of_all = np.full(count, 1 / count)
        for _ in range(self.options.rounds):
            of_all = _shares(judged, of_all).mean(axis=0)
        weights = np.repeat(of_all[None], self.options.positions + 1, axis=0)
        if self.options.positions:
            tokens = np.bincount(rows, minlength=len(weights))[:, None]
            for _ in range(self.options.rounds):
                summed = np.zeros_like(weights)
                np.add.at(summed, rows, _shares(judged, weights[rows]))
                weights = (summed + PRIOR * of_all) / (tokens + PRIOR)
        return weights

    def _rows(self, prefixes: Prefixes) -> Ints:
        """Which row (B,) of the weights counts after each prefix."""
        drawn = prefixes.lengths - len(self.vocabulary.beginning)
        return np.minimum(drawn, self.options.positions)

    def _by_parts(self, prefixes: Prefixes) -> Iterator[Floats]:
        """The log-probabilities (B, V) of each part."""
        for part in self.parts.values():
            yield part.next_logprobs(_for_part(part, prefixes))

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        return self.mixed(self._by_parts(prefixes), self._rows(prefixes))

    def mixed(self, by_parts: Iterator[Floats], rows: Ints) -> Floats:
        """The weighted mean (B, V) of the parts' distributions, in logarithms."""
        weighted = [
            logprobs + self._log_weights[rows, number, None]
            for number, logprobs in enumerate(by_parts)
        ]
        mixed: Floats = np.logaddexp.reduce(weighted)
        return mixed

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """The decoders of the parts, side by side."""
        return MixtureDecoder(self, prefixes)

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """The keys of all parts, and the position as far as it counts, in digits."""
        keys = [part.state_keys(_for_part(part, prefixes)) for part in self.parts.values()]
        base, rows = self.vocabulary.size + 2, self._rows(prefixes)
        digits, largest = [], self.options.positions
        while largest:
            digits.append(rows % base)
            rows, largest = rows // base, largest // base
        return np.column_stack([*keys, *digits])

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """The parts' weights, what each gives every token, and the weighted mean of that."""
        one, symbols, names = prefixes.select(slice(1)), self.vocabulary.symbols, tuple(self.parts)
        weights = self.weights[self._rows(one)[0]]
        by_part = np.stack([np.exp(logprobs[0]) for logprobs in self._by_parts(one)], axis=1)
        return [
            Explanation("weights of the parts", weights, names, shares=True),
            Explanation("what each part gives", by_part, symbols, names, shares=True),
            Explanation("weight × what it gives", by_part * weights, symbols, names),
            Explanation("softmax", np.exp(self.next_logprobs(one)[0]), symbols),
        ]


class MixtureDecoder(Decoder):
    """The parts' decoders, and how much each sequence holds."""

    def __init__(self, model: Mixture, prefixes: Prefixes) -> None:
        self._model = model
        self._decoders = [part.decoder(_for_part(part, prefixes)) for part in model.parts.values()]
        self._lengths = prefixes.lengths

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        drawn = self._lengths - len(self._model.vocabulary.beginning)
        rows = np.minimum(drawn, self._model.options.positions)
        return self._model.mixed((each.logprobs() for each in self._decoders), rows)

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Read a token into each selected sequence, in each part."""
        decoders = [each.copy() for each in self._decoders]
        for decoder in decoders:
            decoder.advance(parents, tokens)
        self._decoders, self._lengths = decoders, self._lengths[parents] + 1

    def join(self, prefixes: Prefixes) -> None:
        """Add sequences to each part."""
        decoders = [each.copy() for each in self._decoders]
        for decoder, part in zip(decoders, self._model.parts.values(), strict=True):
            decoder.join(_for_part(part, prefixes))
        self._decoders = decoders
        self._lengths = np.concatenate([self._lengths, prefixes.lengths])


def _for_part(part: LanguageModel, prefixes: Prefixes) -> Prefixes:
    """What a part may read of the prefixes."""
    seen = prefixes.last(part.context_length)
    return seen if part.reads_given else Prefixes(seen.ids, seen.lengths, seen.given[:, :0])


def _readable(part: LanguageModel) -> int | None:
    """How many ids a part can read; any number where it sees fewer than these."""
    most, window = part.max_positions, part.context_length
    return None if most is None or (window is not None and window <= most) else most


def _chosen(logprobs: Floats, targets: Ints) -> Floats:
    chosen: Floats = np.take_along_axis(logprobs, targets[:, None], axis=1)[:, 0]
    return chosen


def _shares(judged: Floats, weights: Floats) -> Floats:
    """The share (N, parts) that each part has in the probability of each token.

    A token that no part thinks possible tells nothing of the weights.
    """
    weighted = weights * judged
    total = weighted.sum(axis=1, keepdims=True)
    return np.where(total > 0, weighted / np.where(total > 0, total, 1), weights)
