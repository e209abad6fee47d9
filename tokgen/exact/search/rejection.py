"""Rejection sampling: documents are proposed by growing them; those that do not fit are dropped.

What is kept is drawn exactly from the documents that fit (von Neumann 1951), under any model, any
tokenizer and any sampler chain. A rejected proposal uses up its index under the seed law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.errors import TokgenError
from tokgen.exact.scored_ids import ScoredIds
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

PROPOSED_AT_ONCE = 4096
LONGEST_PROPOSED = 4096
MOST_IN_VAIN = 200_000


@dataclass
class Rejection:
    """Proposals and how many of them were kept so far.

    Attributes:
        accepts: whether a document (ids after the beginning, without the terminator) fits.
        max_length: a proposal that has not ended after so many tokens is dropped.
        unfinished: how many proposals were dropped since they had not ended after `room` tokens;
            longer documents are not among those that are kept.
    """

    model: LanguageModel
    samplers: SamplerChain
    beginning: Beginning
    accepts: Callable[[Sequence[int]], bool]
    max_length: int = LONGEST_PROPOSED
    proposed: int = 0
    accepted: int = 0
    unfinished: int = 0

    def draw(self, seed: int) -> Iterator[ScoredIds]:
        """Documents that fit, one after the other without end; log-probabilities as proposed.

        Raises:
            TokgenError: so many proposals in a row were in vain that it gives up.
        """
        in_vain = 0
        while True:
            sequences = np.arange(self.proposed, self.proposed + PROPOSED_AT_ONCE)
            grown = generate(self.model, self.samplers, self.beginning, seed, sequences, self.room)
            columns = (grown.tokens, grown.logprobs_drawn.tolist(), grown.finished.tolist())
            for tokens, logprob, finished in zip(*columns, strict=True):
                self.proposed += 1
                self.unfinished += not finished
                in_vain += 1
                if finished and self.accepts(tokens):
                    self.accepted += 1
                    in_vain = 0
                    yield ScoredIds(tuple(tokens), logprob)
            if in_vain >= MOST_IN_VAIN:
                raise TokgenError(_given_up(in_vain, self.accepted))

    @property
    def room(self) -> int:
        """After how many tokens a proposal is dropped: the model may not be able to read more."""
        room = room_after(self.model, len(self.beginning.ids))
        return self.max_length if room is None else min(room, self.max_length)


def _given_up(in_vain: int, accepted: int) -> str:
    # None of n: with 95 % confidence the probability is below 3 / n (Hanley & Lippman-Hand 1983).
    bound = f"{3 / in_vain:.2g}"
    after = f" after {accepted:,} that did" if accepted else ""
    return (
        f"None of {in_vain:,} drawn documents meets the conditions{after}: with 95 % confidence "
        f"the probability of the conditions is below {bound}."
    )
