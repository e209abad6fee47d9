"""Generation: growing one token at a time, and generating many.

`grow` is the lower line of the house: decoder -> sampler chain -> draw -> one token more. It
yields what each step saw; everything that shows or makes text consumes that.

Sequences with equal prefixes have equal futures. So the decoder holds each different prefix once,
whatever the model: a node of the tree that the batch grows, which many sequences may share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen import rng
from tokgen.arrays import Floats, Ints
from tokgen.generation.draw import draw
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.sampler import History, SamplingContext


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a batch, with all that it saw.

    Shapes: `rows` (B,) which of the batch's sequences were still growing; `nodes` (B,) where each
    stands among the D different prefixes; `prefixes` D, before the token; `logprobs` (D, V) the
    model's; `stages` (D, V) after each sampler; `tokens` (B,) what was drawn.
    """

    position: int
    rows: Ints
    nodes: Ints
    prefixes: Prefixes
    logprobs: Floats
    stages: tuple[Floats, ...]
    tokens: Ints

    @property
    def final_logprobs(self) -> Floats:
        """The distributions (D, V) that the tokens were drawn from."""
        return self.stages[-1] if self.stages else self.logprobs


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
    finished: np.ndarray[tuple[int], np.dtype[np.bool_]]


def grow(
    model: LanguageModel,
    chain: SamplerChain,
    prefix: list[int],
    seed: int,
    sequences: Ints,
    max_length: int,
    forced: Sequence[int] = (),
) -> Iterator[Step]:
    """Grow one batch from `prefix` until every sequence ended or drew `max_length` tokens.

    The terminator counts as a token of `max_length` + 1: a document of exactly `max_length` tokens
    may still end. `sequences` (B,) are the candidates' indices under the seed law (`chance`).
    The first tokens can be `forced`: they count as drawn, whatever their probability.
    """
    rows = np.arange(len(sequences))
    # A sampler that takes chance may treat equal prefixes differently: each is a node of its own.
    shared = not chain.takes_chance
    nodes = np.zeros_like(rows) if shared else rows
    prefixes = Prefixes.of([prefix] * (1 if shared else len(rows)))
    decoder = model.decoder(prefixes)
    history = History(prefixes, np.zeros((len(prefixes), 0)), np.zeros((len(prefixes), 0)))
    for position in range(max_length + 1):
        logprobs = decoder.logprobs()
        contexts = _contexts(chain, seed, position, sequences[rows], history)
        stages = tuple(chain.stages(logprobs, contexts))
        words = rng.words(seed, position, sequences[rows])
        tokens = draw(stages[-1] if stages else logprobs, nodes, words)
        if position < len(forced):
            tokens = np.full_like(tokens, forced[position])
        step = Step(position, rows, nodes, history.tokens, logprobs, stages, tokens)
        yield step
        alive = np.flatnonzero(tokens != model.vocabulary.terminator_id)
        if not len(alive):
            return
        rows, parents, added = rows[alive], nodes[alive], tokens[alive]
        nodes = np.arange(len(alive))
        if shared:
            parents, added, nodes = distinct_children(parents, added, model.vocabulary.size)
        decoder.advance(parents, added)
        history = _extended(history, step, parents, added, chain.needs_history)


def distinct_children(parents: Ints, tokens: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """The different pairs of parent and token, and which of them each given pair (B,) is."""
    pairs, nodes = np.unique(parents * size + tokens, return_inverse=True)
    return pairs // size, pairs % size, nodes.reshape(-1)


def _contexts(
    chain: SamplerChain, seed: int, position: int, sequences: Ints, history: History
) -> list[SamplingContext]:
    contexts = []
    for lane, chained in enumerate(chain.samplers, start=1):
        needs = chained.sampler.needs
        contexts.append(
            SamplingContext(
                position=None if needs == "distribution" else position,
                history=history if needs == "history" else None,
                rng=rng.uniforms(seed, position, sequences, lane)
                if chained.sampler.takes_chance
                else None,
            )
        )
    return contexts


def _extended(
    history: History, step: Step, parents: Ints, added: Ints, keep_surprisal: bool
) -> History:
    tokens = history.tokens.select(parents).append(added)
    if not keep_surprisal:
        return History(tokens, history.surprisal_model, history.surprisal_drawn)
    at = (parents, added)
    return History(
        tokens,
        np.c_[history.surprisal_model[parents], -step.logprobs[at]],
        np.c_[history.surprisal_drawn[parents], -step.final_logprobs[at]],
    )


def generate(
    model: LanguageModel,
    chain: SamplerChain,
    prefix: list[int],
    seed: int,
    sequences: Ints,
    max_length: int,
) -> Candidates:
    """Grow one batch to its end; arguments as for `grow`."""
    batch = len(sequences)
    drawn = np.full((batch, max_length + 1), model.vocabulary.terminator_id, dtype=np.int64)
    lengths = np.zeros(batch, dtype=np.int64)
    logprobs, logprobs_drawn = np.zeros(batch), np.zeros(batch)
    finished = np.zeros(batch, dtype=bool)
    for step in grow(model, chain, prefix, seed, sequences, max_length):
        ended = step.tokens == model.vocabulary.terminator_id
        # At the limit there is no room for another token: what does not end here is cut.
        kept = ended if step.position == max_length else np.ones_like(ended)
        rows, at = step.rows[kept], (step.nodes[kept], step.tokens[kept])
        drawn[rows, step.position] = step.tokens[kept]
        lengths[rows] += ~ended[kept]
        logprobs[rows] += step.logprobs[at]
        logprobs_drawn[rows] += step.final_logprobs[at]
        finished[rows] = ended[kept]
    tokens = [row[:length].tolist() for row, length in zip(drawn, lengths, strict=True)]
    return Candidates(tokens, logprobs, logprobs_drawn, finished)
