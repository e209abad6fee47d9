"""Steps: one document as it is drawn, token by token, for whoever builds a view of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tokgen import rng
from tokgen.generation.draw import THRESHOLD_BITS
from tokgen.generation.grow import grow
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results import NextToken


@dataclass(frozen=True, eq=False)
class Step:
    """One token drawn.

    Attributes:
        next: the distribution that it was drawn from, with the prefix before it.
        id: the token.
        number: the random number from 0 to 1 that chose it: the token is the first in the order of
            ids at which the sum of `next.probs` exceeds it.
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
    def logprob_drawn(self) -> float:
        """Its log-probability under the sampler chain, nats."""
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
        word = int(rng.words(seed, step.position, first)[0])
        number = (word >> (64 - THRESHOLD_BITS)) / (1 << THRESHOLD_BITS)
        yield Step(next_token(tokenizer, step.growth), token, number)
