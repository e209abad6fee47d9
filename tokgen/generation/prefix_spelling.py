"""A prefix is given as text: its last bytes may be spelt by tokens in several ways.

While bytes are left that the next tokens must begin with, each row is the model's own conditional:
a token's probability times the probability that what follows spells what then remains, summed
over the ways to spell it (Vieira et al. 2024, "From language models over tokens to language models
over characters", arXiv 2412.03719).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import RequestError
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.prefixes import Prefixes

MOST_SPELLINGS = 20_000


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
        for place in np.unique(spelt[spelt < len(self.rest)]).tolist():
            here, tokens = np.flatnonzero(spelt == place), self._moves[place]
            parents, token = np.repeat(here, len(tokens)), np.tile(tokens, len(here))
            values = rows[parents, token]
            after = self.after(np.full(len(token), place), token)
            still_open = np.flatnonzero((after < len(self.rest)) & (values > -np.inf))
            if len(still_open):
                longer = prefixes.select(parents[still_open]).append(token[still_open])
                values[still_open] += self.logprobs(longer, after[still_open])
            joint[parents, token] = values
        return joint

    def logprobs(self, prefixes: Prefixes, spelt: Ints) -> Floats:
        """Log-probability (B,) that the model goes on by spelling what remains."""
        check_prefixes(self._model, prefixes.lengths)
        rows = self._model.next_logprobs(prefixes.last(self._model.context_length))
        joint = self._joint(np.asarray(rows, np.float64), prefixes, spelt)
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
