"""Growing documents one token at a time, from a prefix to the terminator.

`grow` is the lower line of the house: decoder -> sampler chain -> draw -> one token more. It
yields what each step saw; everything that shows or makes text consumes that.

Sequences with equal prefixes have equal futures. So `Growth` holds each different prefix once,
whatever the model: a node of the tree that the batch grows, which many sequences may share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen import rng
from tokgen.arrays import Floats, Ints
from tokgen.generation.draw import draw
from tokgen.generation.growth import Beginning, Growth, Rows, distinct_children
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.stopping import may_stop


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a batch, with all that it saw.

    Shapes: `rows` (B,) which of the batch's sequences were still growing; `nodes` (B,) where each
    stands among the D different prefixes of `growth`; `tokens` (B,) what was drawn.
    """

    position: int
    rows: Ints
    nodes: Ints
    growth: Growth
    tokens: Ints

    @property
    def seen(self) -> Rows:
        """The distributions (D, V) of the different prefixes."""
        return self.growth.rows


@dataclass(frozen=True, eq=False)
class Candidates:
    """Grown sequences. Shapes: `tokens` n lists; `logprobs`, `logprobs_drawn`, `finished` (n,).

    `tokens` are what was drawn after the prefix, without the terminator. `logprobs` are natural
    logarithms, the model's own, of what was drawn, the terminator included; `logprobs_drawn` the
    same under the chain. A sequence cut at the length limit is not `finished`.
    """

    tokens: list[list[int]]
    logprobs: Floats
    logprobs_drawn: Floats
    finished: NDArray[np.bool_]


def grow(
    model: LanguageModel,
    chain: SamplerChain,
    beginning: Beginning,
    seed: int,
    sequences: Ints,
    max_length: int,
    over: Callable[[Step], NDArray[np.bool_]] | None = None,
) -> Iterator[Step]:
    """Grow one batch until every sequence ended or drew `max_length` tokens.

    The terminator counts as a token of `max_length` + 1: a document of exactly `max_length` tokens
    may still end. `sequences` (B,) are the candidates' indices under the seed law (`rng`). `over`
    tells after a step which of its sequences (B,) are not wanted any longer.
    """
    rows = np.arange(len(sequences))
    nodes = np.zeros_like(rows)
    growth = Growth.begin(model, chain, beginning)
    for position in range(max_length + 1):
        may_stop()
        tokens = draw_tokens(growth, nodes, seed, sequences[rows])
        step = Step(position, rows, nodes, growth, tokens)
        yield step
        goes_on = tokens != model.vocabulary.terminator_id
        if over is not None:
            goes_on &= ~over(step)
        alive = np.flatnonzero(goes_on)
        if not len(alive) or position == max_length:
            return
        rows = rows[alive]
        parents, added, nodes = distinct_children(
            nodes[alive], tokens[alive], model.vocabulary.size
        )
        growth = growth.after(parents, added)


def draw_tokens(growth: Growth, nodes: Ints, seed: int, sequences: Ints) -> Ints:
    """The next token (B,) of sequences (B,), each of which stands at a row (B,) of `growth`."""
    words = rng.words(seed, growth.position, sequences)
    return draw(growth.final_logprobs, nodes, words)


def generate(
    model: LanguageModel,
    chain: SamplerChain,
    beginning: Beginning,
    seed: int,
    sequences: Ints,
    max_length: int,
) -> Candidates:
    """Grow one batch to its end; arguments as for `grow`."""
    batch = len(sequences)
    strides: list[tuple[Ints, Ints]] = []
    lengths = np.zeros(batch, dtype=np.int64)
    logprobs, logprobs_drawn = np.zeros(batch), np.zeros(batch)
    finished = np.zeros(batch, dtype=bool)
    for step in grow(model, chain, beginning, seed, sequences, max_length):
        ended = step.tokens == model.vocabulary.terminator_id
        # At the limit there is no room for another token: what does not end here is cut.
        kept = ended if step.position == max_length else np.ones_like(ended)
        rows, at = step.rows[kept], (step.nodes[kept], step.tokens[kept])
        strides.append((rows, step.tokens[kept]))
        lengths[rows] += ~ended[kept]
        logprobs[rows] += step.seen.model[at]
        logprobs_drawn[rows] += step.seen.final_logprobs[at]
        finished[rows] = ended[kept]
    drawn = np.zeros((batch, len(strides)), np.int64)
    for position, (rows, added) in enumerate(strides):
        drawn[rows, position] = added
    tokens = [row[:length].tolist() for row, length in zip(drawn, lengths, strict=True)]
    return Candidates(tokens, logprobs, logprobs_drawn, finished)
