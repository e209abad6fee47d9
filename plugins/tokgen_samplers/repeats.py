"""Samplers against sequences that stand before already."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext
from tokgen_samplers.counted import seen_ids

# A power of the base grows without end; a penalty of so many nats leaves no probability anyhow.
HARDEST = 1e6


class NoRepeatNgram(Sampler):
    """Remove each token that would complete a sequence of `size` tokens that stands before.

    As in transformers (Paulus, Xiong & Socher 2017), which leaves no token where all would be
    removed; here such a row stays as it is. Neutral: none.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `no_repeat_ngram`."""

        size: int = Field(ge=1, description="tokens of a sequence that may not come twice")
        prefix: bool = Field(default=True, description="whether the prefix counts too")

    options: Options

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what would repeat a sequence."""
        kept = logprobs.copy()
        for row, ids in zip(kept, seen_ids(context, prefix=self.options.prefix), strict=True):
            row[repeating(ids, self.options.size)] = -np.inf
        some_left = (kept > -np.inf).any(axis=-1, keepdims=True)
        return np.where(some_left, kept, logprobs)


class DRY(Sampler):
    """Penalise each token that would go on with a repetition, the more the longer it is.

    "Don't repeat yourself" (p-e-w 2024, in text-generation-webui and llama.cpp): where a token
    would make the last n tokens and itself stand there a second time, multiplier * base^(n -
    allowed) is taken from its log-probability, as soon as n reaches `allowed`; the longest such
    repetition counts. A repetition does not reach across a token with one of the `breakers` in it,
    and such a token is never penalised. A shift of all logits does not matter to it. Neutral:
    multiplier = 0.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `dry`."""

        multiplier: float = Field(ge=0, description="penalty of the shortest repetition, nats")
        base: float = Field(
            default=1.75, ge=1, description="factor of the penalty for each further token"
        )
        allowed: int = Field(default=2, ge=1, description="tokens that may be repeated freely")
        breakers: str = Field(default='\n:"*', description="characters that end a repetition")
        prefix: bool = Field(default=True, description="whether the prefix counts too")

    options: Options

    neutral = Options(multiplier=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Subtract by the length of the repetition."""
        options, changed = self.options, logprobs.copy()
        if not options.multiplier:
            return changed
        for row, ids in zip(changed, seen_ids(context, prefix=options.prefix), strict=True):
            breakers = {token for token in set(ids) if self._ends_a_repetition(token, context)}
            for token, length in repetitions(ids, breakers).items():
                if length >= options.allowed:
                    row[token] -= self._penalty(length - options.allowed)
        return changed

    def _ends_a_repetition(self, token: int, context: SamplingContext) -> bool:
        if token == context.vocabulary.terminator_id:
            return True
        return not set(context.vocabulary.symbols[token]).isdisjoint(self.options.breakers)

    def _penalty(self, more: int) -> float:
        grown = math.log(self.options.multiplier) + more * math.log(self.options.base)
        return min(math.exp(min(grown, math.log(HARDEST))), HARDEST)


def repeating(ids: Sequence[int], size: int) -> list[int]:
    """The tokens that would complete a sequence of `size` that stands in `ids` already."""
    last = tuple(ids[len(ids) - size + 1 :])
    return [
        ids[begin + size - 1]
        for begin in range(len(ids) - size + 1)
        if tuple(ids[begin : begin + size - 1]) == last
    ]


def repetitions(ids: Sequence[int], breakers: set[int]) -> Mapping[int, int]:
    """How many tokens would stand there a second time before each token that would go on so."""
    found: dict[int, int] = {}
    for place in range(1, len(ids)):
        length = 0
        while length < place and ids[place - 1 - length] == ids[-1 - length]:
            if ids[-1 - length] in breakers:
                break
            length += 1
        if length and ids[place] not in breakers:
            found[ids[place]] = max(found.get(ids[place], 0), length)
    return found
