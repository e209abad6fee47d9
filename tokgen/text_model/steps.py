"""Steps: one document as it is drawn, token by token, for whoever builds a view of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tokgen import rng
from tokgen.arrays import Ints
from tokgen.generation.draw import THRESHOLD_BITS, thresholds
from tokgen.generation.grow import draw_tokens, grow
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results import NextToken


@dataclass(frozen=True, eq=False)
class Step:
    """One token that was drawn.

    Attributes:
        next: the distribution that the token was drawn from, with the prefix before it.
        id: the token's id.
        number: the random number from 0 to 1 that chose the token. Summing `next.probs` in the
            order of ids, the token is the first at which the sum exceeds the number.
    """

    next: NextToken
    id: int
    number: float

    @property
    def token(self) -> str:
        """The symbol of the token."""
        return self.next.symbols[self.id]

    @property
    def logprob(self) -> float:
        """The model's own log-probability of the token, nats."""
        return float(self.next.logprobs[self.id])

    @property
    def interval(self) -> tuple[float, float]:
        """The sums of `next.probs` before the token and with it; `number` is between the two."""
        sums = thresholds(self.next.final_logprobs[None])[0] / (1 << THRESHOLD_BITS)
        return (float(sums[self.id - 1]) if self.id else 0.0, float(sums[self.id]))

    @property
    def logprob_drawn(self) -> float:
        """The token's log-probability under the sampler chain, in nats."""
        return float(self.next.final_logprobs[self.id])


def steps(
    model: LanguageModel,
    tokenizer: Tokenizer,
    samplers: SamplerChain,
    beginning: Beginning,
    seed: int,
    max_length: int,
) -> Iterator[Step]:
    """The steps to the first document that this seed gives, the terminator's included.

    Raises:
        RequestError: the model cannot spell what is left of the prefix.
        PluginError: the model or a sampler fails.
    """
    first = np.zeros(1, np.int64)
    for step in grow(model, samplers, beginning, seed, first, max_length):
        token = int(step.tokens[0])
        if step.position == max_length and token != tokenizer.terminator_id:
            return  # There is no room for it.
        number = _number(seed, step.position, first)
        yield Step(next_token(tokenizer, step.growth), token, number)


def one_step(tokenizer: Tokenizer, growth: Growth, seed: int, sequence: int) -> Step:
    """The step that sequence number `sequence` of a seed takes from the one that has grown so far.

    Raises:
        RequestError: the model cannot spell what is left of the prefix.
        PluginError: the model or a sampler fails.
    """
    only, sequences = np.zeros(1, np.int64), np.array([sequence])
    drawn = draw_tokens(growth, only, seed, sequences)
    number = _number(seed, growth.position, sequences)
    return Step(next_token(tokenizer, growth), int(drawn[0]), number)


def _number(seed: int, position: int, sequence: Ints) -> float:
    """The number from 0 to 1 that decides a step of one sequence (1,)."""
    word = int(rng.words(seed, position, sequence)[0])
    return (word >> (64 - THRESHOLD_BITS)) / (1 << THRESHOLD_BITS)
