"""Generation: growing one token at a time, and generating many.

`grow` is the lower line of the house: decoder -> sampler chain -> draw -> one token more. It
yields what each step saw; everything that shows or makes text consumes that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen import chance
from tokgen.model import Floats, Ints, LanguageModel, Prefixes
from tokgen.sampler import History, SamplerChain, Situation, draw


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a batch, with all that it saw. Rows are the sequences that were still growing.

    Shapes: `rows` (B,) which of the batch's sequences they are; `prefixes` B, before the token;
    `logprobs` (B, V) the model's; `stages` (B, V) after each sampler; `tokens` (B,) what was drawn.
    """

    position: int
    rows: Ints
    prefixes: Prefixes
    logprobs: Floats
    stages: tuple[Floats, ...]
    tokens: Ints

    @property
    def drawn_from(self) -> Floats:
        """The distribution (B, V) that the token was drawn from."""
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
    batch = len(sequences)
    rows = np.arange(batch)
    prefixes = Prefixes.of([prefix]).select(np.zeros(batch, dtype=np.int64))
    decoder = model.decoder(prefixes)
    history = History(prefixes, np.zeros((batch, 0)), np.zeros((batch, 0)))
    for position in range(max_length + 1):
        logprobs = decoder.logprobs()
        situations = _situations(chain, seed, position, sequences[rows], history)
        stages = tuple(chain.stages(logprobs, situations))
        words = chance.words(seed, position, sequences[rows])
        tokens = draw(stages[-1] if stages else logprobs, words)
        if position < len(forced):
            tokens = np.full_like(tokens, forced[position])
        step = Step(position, rows, history.tokens, logprobs, stages, tokens)
        yield step
        alive = np.flatnonzero(tokens != model.vocabulary.terminator_id)
        if not len(alive):
            return
        rows = rows[alive]
        decoder.advance(alive, tokens[alive])
        history = _extended(history, step, alive, chain.needs_history)


def _situations(
    chain: SamplerChain, seed: int, position: int, sequences: Ints, history: History
) -> list[Situation]:
    situations = []
    for lane, link in enumerate(chain.links, start=1):
        needs = link.sampler.needs
        situations.append(
            Situation(
                position=None if needs == "distribution" else position,
                history=history if needs == "history" else None,
                chance=chance.uniforms(seed, position, sequences, lane)
                if link.sampler.takes_chance
                else None,
            )
        )
    return situations


def _extended(history: History, step: Step, alive: Ints, keep_surprisal: bool) -> History:
    tokens = step.tokens[alive]
    extended = replace(history, tokens=history.tokens.select(alive).append(tokens))
    if not keep_surprisal:
        return extended
    at = (alive, tokens)
    return replace(
        extended,
        surprisal_model=np.c_[history.surprisal_model[alive], -step.logprobs[at]],
        surprisal_drawn=np.c_[history.surprisal_drawn[alive], -step.drawn_from[at]],
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
        if step.position == max_length:
            # There is no room for another token: what did not end here is cut.
            step = _only(step, ended)
            ended = ended[ended]
        at = (np.arange(len(step.tokens)), step.tokens)
        drawn[step.rows, step.position] = step.tokens
        lengths[step.rows] += ~ended
        logprobs[step.rows] += step.logprobs[at]
        logprobs_drawn[step.rows] += step.drawn_from[at]
        finished[step.rows] = ended
    tokens = [row[:length].tolist() for row, length in zip(drawn, lengths, strict=True)]
    return Candidates(tokens, logprobs, logprobs_drawn, finished)


def _only(step: Step, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Step:
    return Step(
        step.position,
        step.rows[chosen],
        step.prefixes.select(np.flatnonzero(chosen)),
        step.logprobs[chosen],
        tuple(stage[chosen] for stage in step.stages),
        step.tokens[chosen],
    )
