"""A prefix is given as text: its last bytes may be spelt by tokens in several ways.

While bytes are left that the next tokens must begin with, each row is the model's own conditional:
a token's probability times the probability that what follows spells what then remains, summed
over the ways to spell it (Vieira et al. 2024, "From language models over tokens to language models
over characters", arXiv 2412.03719).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import RequestError
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.prefixes import Prefixes

MOST_SPELLINGS = 20_000


@dataclass(frozen=True, eq=False)
class _Longer:
    """Prefixes with a token more, and which rows and moves (N,) at a place they come from."""

    prefixes: Prefixes
    place: int
    row: Ints
    move: Ints


class PrefixSpelling:
    """The ways in which a model's tokens spell some bytes and whatever comes after them.

    Attributes:
        rest: the bytes.
        prefixes_looked_at: how many prefixes of spellings there are, the empty one included; so
            many the model is asked for to know the probability of them all.
    """

    def __init__(self, model: LanguageModel, rest: bytes, pieces: Sequence[bytes]) -> None:
        self.rest = rest
        self._model = model
        self._lengths: Ints = np.array([len(piece) for piece in pieces], dtype=np.int64)
        self._moves = [_tokens_that_spell(rest[place:], pieces) for place in range(len(rest))]
        self.prefixes_looked_at = self._count()

    def _count(self) -> int:
        ways = [1] + [0] * len(self.rest)
        for place, tokens in enumerate(self._moves):
            for after in self.after(np.full(len(tokens), place), tokens).tolist():
                ways[after] += ways[place]
        return sum(ways[:-1])

    def after(self, spelt: Ints, tokens: Ints) -> Ints:
        """How many bytes (B,) are spelt when `spelt` (B,) were and a token (B,) follows."""
        return np.minimum(spelt + self._lengths[tokens], len(self.rest))

    def conditional(self, rows: Floats, prefixes: Prefixes, spelt: Ints) -> Floats:
        """The model's rows (B, V) given that the rest is going to be spelt, nats.

        Args:
            rows: the model's own rows, (B, V).
            prefixes: where they stand, (B, T).
            spelt: how many bytes of the rest each has spelt already, (B,).

        Raises:
            RequestError: the model cannot spell what remains.
        """
        joint = self._joint(rows, prefixes, spelt)
        with np.errstate(divide="ignore"):
            totals = np.logaddexp.reduce(joint, axis=1, keepdims=True)
        if (totals == -np.inf).any():
            shown = self.rest.decode("utf-8", errors="replace")
            raise RequestError(f"The model gives no document that goes on with {shown!r}.")
        return joint - totals

    def _joint(self, rows: Floats, prefixes: Prefixes, spelt: Ints) -> Floats:
        """Log-probability (B, V) of each token and of spelling what then remains."""
        joint = np.where((spelt < len(self.rest))[:, None], -np.inf, rows)
        longer: dict[int, list[_Longer]] = {}
        by_place: dict[int, tuple[Ints, Floats]] = {}
        for place in range(int(spelt.min(initial=len(self.rest))), len(self.rest)):
            here, grown = np.flatnonzero(spelt == place), longer.get(place, [])
            read = [rows[here], *(self._rows_after(each.prefixes) for each in grown)]
            values = np.concatenate(read)[:, self._moves[place]]
            standing = reduce(
                Prefixes.join, (each.prefixes for each in grown), prefixes.select(here)
            )
            for end, row, move in self._still_open(place, values):
                after = standing.select(row).append(self._moves[place][move])
                longer.setdefault(end, []).append(_Longer(after, place, row, move))
            by_place[place] = here, values
        # What remains of the longest prefixes is known first.
        for place, (here, values) in reversed(by_place.items()):
            sums = np.logaddexp.reduce(values[len(here) :], axis=1)
            for each in longer.get(place, []):
                by_place[each.place][1][each.row, each.move] += sums[: len(each.row)]
                sums = sums[len(each.row) :]
            joint[here[:, None], self._moves[place]] = values[: len(here)]
        return joint

    def _still_open(self, place: int, values: Floats) -> Iterator[tuple[int, Ints, Ints]]:
        """By where they lead, the rows and moves that leave something to be spelt."""
        tokens = self._moves[place]
        ends = self.after(np.full(len(tokens), place), tokens)
        for end in np.unique(ends[ends < len(self.rest)]).tolist():
            row, move = np.nonzero((ends == end) & (values > -np.inf))
            if len(row):
                yield end, row, move

    def _rows_after(self, prefixes: Prefixes) -> Floats:
        check_prefixes(self._model, prefixes.lengths)
        rows = self._model.next_logprobs(prefixes.last(self._model.context_length))
        return np.asarray(rows, np.float64)

    def logprobs(self, prefixes: Prefixes, spelt: Ints) -> Floats:
        """Log-probability (B,) that the model goes on by spelling what remains."""
        joint = self._joint(self._rows_after(prefixes), prefixes, spelt)
        sums: Floats = np.logaddexp.reduce(joint, axis=1)
        return sums


def _tokens_that_spell(rest: bytes, pieces: Sequence[bytes]) -> Ints:
    """The ids whose pieces agree with the rest as far as both go, without the empty ones."""
    agreeing = [
        token
        for token, piece in enumerate(pieces)
        if piece and (rest.startswith(piece) or piece.startswith(rest))
    ]
    return np.array(agreeing, dtype=np.int64)
