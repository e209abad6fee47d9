"""Rejection sampling: documents are proposed, and those that do not fit are dropped.

What is kept is drawn exactly from the documents that fit (von Neumann 1951), whatever proposes
them. A rejected proposal uses up its index under the seed law.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import TooRareError
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search.watch import searches
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

FEW_LOOKED_AT, FEWEST_AT_ONCE, PROPOSED_AT_ONCE = 16, 64, 4096
LONGEST_PROPOSED = 4096
MOST_IN_VAIN = 200_000
ENOUGH_IN_VAIN = 1000
TOLD_EVERY = 64

AcceptsEach = Callable[[Sequence[Sequence[int]]], list[bool]]
# Documents without end; None is a proposal that came to no end.
Proposals = Iterator[ScoredIds | None]


def all_of_them(documents: Sequence[Sequence[int]]) -> list[bool]:
    """Every document fits."""
    return [True] * len(documents)


def batches() -> Iterator[Ints]:
    """All sequences of the seed law in order, few at first, so that few documents come soon."""
    begin, size = 0, FEWEST_AT_ONCE
    while True:
        yield np.arange(begin, begin + size)
        begin, size = begin + size, min(2 * size, PROPOSED_AT_ONCE)


def proposal_room(model: LanguageModel, beginning: Beginning) -> int:
    """How many tokens a proposal may have: the model may not be able to read more."""
    room = room_after(model, len(beginning.ids))
    return LONGEST_PROPOSED if room is None else min(room, LONGEST_PROPOSED)


def grown(
    model: LanguageModel, samplers: SamplerChain, beginning: Beginning, room: int, seed: int
) -> Proposals:
    """Documents token by token, under any model and chain; log-probabilities as they are drawn.

    One that has not ended after `room` tokens is dropped.
    """
    for sequences in batches():
        drawn = generate(model, samplers, beginning, seed, sequences, room)
        columns = (drawn.tokens, drawn.logprobs_drawn.tolist(), drawn.finished.tolist())
        for tokens, logprob, finished in zip(*columns, strict=True):
            yield ScoredIds(tuple(tokens), logprob) if finished else None


@dataclass
class Rejection:
    """Proposals and how many of them were kept so far.

    Attributes:
        accepts_each: which of some documents (ids after the beginning, no terminator) fit.
        room: a proposal that has not ended after so many tokens is dropped.
        unfinished: how many were dropped for that; longer documents are not among those kept.
    """

    accepts_each: AcceptsEach
    room: int = LONGEST_PROPOSED
    proposed: int = 0
    accepted: int = 0
    unfinished: int = 0

    def keep(self, proposals: Proposals) -> Iterator[ScoredIds]:
        """Documents that fit, one after the other without end.

        Raises:
            TooRareError: so many proposals in a row were in vain that it gives up.
        """
        in_vain = 0
        for proposal, fits in self._looked_at(proposals):
            self.proposed += 1
            in_vain += 1
            self.unfinished += proposal is None
            if proposal is not None and fits:
                self.accepted += 1
                in_vain = 0
                yield proposal
            elif in_vain >= MOST_IN_VAIN:
                raise TooRareError(_none_of(in_vain, self.accepted))
            elif in_vain % TOLD_EVERY == 0:
                searches.tell(in_vain, MOST_IN_VAIN)

    def _looked_at(self, proposals: Proposals) -> Iterator[tuple[ScoredIds | None, bool]]:
        """Each proposal with whether it fits, few at once at first, so that the first come soon."""
        size = FEW_LOOKED_AT
        while batch := list(itertools.islice(proposals, size)):
            finished = [each.tokens for each in batch if each is not None]
            fits = iter(self.accepts_each(finished))
            for proposal in batch:
                yield proposal, proposal is not None and next(fits)
            size = min(2 * size, PROPOSED_AT_ONCE)

    @property
    def told(self) -> list[str]:
        """Sentences on what part of the proposals was kept, and on what was passed over."""
        said = [f"{self.accepted:,} of {self.proposed:,} drawn documents met the conditions"]
        if self.unfinished:
            said.append(
                f"{self.unfinished:,} had not ended after {self.room:,} tokens and were passed "
                "over, so that no longer document is among these"
            )
        return said


def keep_different(
    draw: Callable[[int], Iterable[ScoredIds]],
    accepts_each: AcceptsEach,
    count: int,
) -> Iterator[ScoredIds]:
    """The first `count` that fit, fewer where there are no more.

    `draw` gives so many different documents, drawn without replacement: those of fewer, then more.
    What was dropped before leaves more room to the others, so that the bound holds all the more.

    Raises:
        TooRareError: so many were in vain that it gives up.
    """
    size, given = count, 0
    while given < count:
        drawn = [*draw(size)]
        fits = accepts_each([each.tokens for each in drawn])
        kept = [*itertools.compress(drawn, fits)]
        yield from kept[given:count]
        given = len(kept)
        if len(drawn) < size:
            return
        if not kept and size >= MOST_IN_VAIN:
            raise TooRareError(_none_of(size, 0))
        size *= 2


def keep_in_order(
    documents: Iterable[ScoredIds],
    accepts: Callable[[Sequence[int]], bool],
    all_that_fit: Callable[[], Iterable[ScoredIds]] | None = None,
) -> Iterator[ScoredIds]:
    """The documents that fit, in their order.

    Those that are left may lie behind any number of others: where all that fit can be found in
    another way, they are, once so many in a row did not fit.

    Raises:
        TooRareError: so many in a row do not fit that it gives up.
    """
    in_vain, kept = 0, set[tuple[int, ...]]()
    for each in documents:
        in_vain += 1
        if accepts(each.tokens):
            in_vain = 0
            kept.add(each.tokens)
            yield each
        elif all_that_fit is not None and in_vain >= ENOUGH_IN_VAIN:
            yield from (other for other in all_that_fit() if other.tokens not in kept)
            return
        elif in_vain % TOLD_EVERY == 0:
            searches.tell(in_vain, MOST_IN_VAIN)
        elif in_vain >= MOST_IN_VAIN:
            raise TooRareError(
                f"None of the next {in_vain:,} most probable documents meets the conditions."
            )


def _none_of(in_vain: int, accepted: int) -> str:
    # None of n: with 95 % confidence the probability is below 3 / n (Hanley & Lippman-Hand 1983).
    bound = f"{3 / in_vain:.2g}"
    after = f" after {accepted:,} that did" if accepted else ""
    return (
        f"None of {in_vain:,} drawn documents meets the conditions{after}: with 95 % confidence "
        f"the probability of the conditions is below {bound}."
    )
