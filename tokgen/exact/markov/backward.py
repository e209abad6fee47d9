"""Backward passes: what can still come of each state of a chain, from the end to the beginning.

States are numbered in the order in which they were found, so most successors lie further on. The
table falls into blocks of consecutive states whose successors lie in the same block or in later
ones. Solved from the last to the first, a block without loops is done at once; only loops are
repeated until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tokgen.arrays import Floats, rows_at_once
from tokgen.errors import RequestError
from tokgen.exact.markov.edges import (
    BEST_LOG_PROBABILITY,
    LOG_PROBABILITY,
    PROBABILITY,
    Edges,
    Semiring,
)
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.transitions import NOWHERE, Successors
from tokgen.stopping import may_stop

MOST_ROUNDS = 100_000
ROUNDS_BEFORE_A_LEAP = 64
ROUNDS_OF_PATIENCE = 4096
# What shrinks more slowly in a round would be summed with fewer than seven figures.
SLOWEST = 1 - 1e-9
# A change that is smaller beside the values is rounded too much for its share to be measured.
TELLING = 1e-8


class EndsTooRarelyError(RequestError):
    """An end is so improbable that double precision cannot tell how often one comes."""


def ending_logprobs(chain: MarkovChain) -> Floats:
    """The log-probability (S,) of ever ending from each state, for rows that need not sum to one.

    Nats; -inf where there is no way to an end.
    """
    with np.errstate(divide="ignore"):
        ending = np.log(solve(chain, PROBABILITY))
    # What is too small for a float is told from what is impossible by its logarithm.
    return ending if ending[0] > -np.inf else solve(chain, LOG_PROBABILITY)


def best_completions(chain: MarkovChain) -> Floats:
    """Log-probability (S,) of the most probable way to end from each state; -inf where none is."""
    return solve(chain, BEST_LOG_PROBABILITY)


def expected_sums(chain: MarkovChain, added: Floats) -> Floats:
    """The expected sum (S,), from each state on, of what each state adds (S,) on the way to an end.

    Every state must lead to an end, or nowhere (`ending_only`).

    Raises:
        EndsTooRarelyError: as `solve`.
    """
    return _settled(chain, added.copy(), PROBABILITY)


def ending_only(chain: MarkovChain) -> MarkovChain:
    """The chain without the ways into states from which no document ends; itself without any."""
    endless = best_completions(chain) == -np.inf
    if not endless.any():
        return chain
    lost = (chain.successors != NOWHERE) & endless[chain.successors]
    return replace(chain, successors=np.where(lost, np.int32(NOWHERE), chain.successors))


def never_ending_mass(chain: MarkovChain, ending: MarkovChain) -> float:
    """The probability that a document of the chain never ends; `ending` is `ending_only` of it.

    Exactly 0 where every state leads to an end.

    Raises:
        EndsTooRarelyError: as `solve`.
    """
    return 0.0 if ending is chain else max(0.0, 1.0 - float(np.exp(ending_logprobs(ending)[0])))


def solve(chain: MarkovChain, semiring: Semiring) -> Floats:
    """The least solution (S,) of: value = end, or a token along with the value of its successor.

    Approached from below until it stands still; nothing small is lost beside something large.

    Raises:
        EndsTooRarelyError: it does not stand still after very many rounds.
    """
    return _settled(chain, semiring.of_logprob(chain.logprobs[:, chain.terminator_id]), semiring)


def _settled(chain: MarkovChain, values: Floats, semiring: Semiring) -> Floats:
    """The values (S,) that each state has by itself, with what comes of its successors."""
    for block in reversed(blocks(chain.successors)):
        back = _joined_with_later(chain, block, values, semiring)
        if len(back.targets):
            values[block] = _fixed_point(back, values[block], semiring)
    return values


def _joined_with_later(
    chain: MarkovChain, block: slice, values: Floats, semiring: Semiring
) -> Edges:
    """Add to the values (S,) of a block what comes of later ones; its ways back into itself."""
    # Each way takes some eight numbers until it is one of `Edges`.
    at_once = rows_at_once(8 * chain.vocabulary_size, len(values))
    begins = range(block.start, block.stop, at_once)
    parts = [slice(begin, min(begin + at_once, block.stop)) for begin in begins]

    def inside() -> Iterator[Edges]:
        for part in parts:
            may_stop()
            onward, back = _ways(chain, part, block, semiring)
            values[part] = onward.joined(values[part], values, semiring)
            yield back

    return Edges.together(inside(), sum(_count_inside(chain, part, block) for part in parts))


def _count_inside(chain: MarkovChain, part: slice, block: slice) -> int:
    successors = chain.successors[part]
    return int(np.count_nonzero((successors != NOWHERE) & (successors < block.stop)))


def _ways(chain: MarkovChain, part: slice, block: slice, semiring: Semiring) -> tuple[Edges, Edges]:
    """The ways from a part of a block to later blocks, and those that lead back into the block.

    The sources of the first are numbered within the part, all states of the second in the block.
    """
    successors = chain.successors[part]
    rows, tokens = np.nonzero(successors != NOWHERE)
    targets, weights = successors[rows, tokens], chain.logprobs[part][rows, tokens]
    weights = semiring.of_logprob(weights)
    loops = targets < block.stop
    onward = Edges.of(rows[~loops], targets[~loops], weights[~loops])
    inside = rows[loops] + (part.start - block.start)
    return onward, Edges.of(inside, targets[loops] - np.int32(block.start), weights[loops])


def _fixed_point(back: Edges, settled: Floats, semiring: Semiring) -> Floats:
    """The values of a block whose states lead back into it."""
    values, change, share = settled, settled, 0.0
    waiting = np.arange(len(back.sources))
    # A best way passes no state twice, so that as many rounds as there are states find all.
    for number in range(1, MOST_ROUNDS + len(settled)):
        may_stop()
        updated = back.joined_again(waiting, settled, values, semiring)
        if _stands_still(values, updated, semiring.tolerance):
            return updated
        waiting = back.leading_to(np.flatnonzero(updated != values))
        if semiring.leaps:
            before, change = change, updated - values
            if number % ROUNDS_BEFORE_A_LEAP == 0:
                if change.sum() > TELLING * updated.sum():
                    share = float(change.sum() / before.sum())
                if number > ROUNDS_OF_PATIENCE + len(settled) and SLOWEST < share < 2 - SLOWEST:
                    break
                updated = _after_leap(back, settled, updated, change, share)
                waiting = np.arange(len(back.sources))
        values = updated
    raise EndsTooRarelyError(
        "After each token the end is so improbable that double precision cannot tell how often "
        "documents end: a higher temperature makes the end likelier."
    )


def _after_leap(
    back: Edges, settled: Floats, values: Floats, change: Floats, share: float
) -> Floats:
    """The values after all rounds to come, if each changes them by this share of the last change.

    The values themselves where that does not bring them nearer to standing still.
    """
    if not 0 < share <= SLOWEST:
        return values
    leapt = values + change * (share / (1 - share))
    updated = back.joined(settled, leapt, PROBABILITY)
    nearer = np.abs(updated - leapt).sum() < np.abs(change).sum()
    return updated if nearer else values


def blocks(successors: Successors) -> list[slice]:
    """Consecutive states, the first block first, whose successors lie in it or in later ones."""
    found: list[slice] = []
    begin, end = 0, 1
    while begin < len(successors):
        here = successors[begin:end]
        furthest = int(here.max()) + 1
        lowest = int(here.min(where=here != NOWHERE, initial=len(successors)))
        while lowest < begin:
            begin = found.pop().start
        found.append(slice(begin, end))
        begin, end = end, furthest if furthest > end else len(successors)
    return found


def _stands_still(before: Floats, after: Floats, tolerance: float) -> bool:
    # What is and stays -inf has no difference: NaN, which is not above the tolerance.
    with np.errstate(invalid="ignore"):
        return not (np.abs(after - before) > tolerance * np.abs(after)).any()
