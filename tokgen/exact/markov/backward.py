"""Backward passes: what can still come of each state of a chain, from the end to the beginning.

States are numbered in the order in which they were found, so most successors lie further on. The
table falls into blocks of consecutive states whose successors lie in the same block or in later
ones. Solved from the last to the first, a block without loops is done at once; only loops are
repeated until nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.transitions import NOWHERE, Successors

MOST_ROUNDS = 100_000


@dataclass(frozen=True)
class Semiring:
    """How the values along a path, and those of several paths, become one (Goodman 1999).

    Attributes:
        of_logprob: a log-probability as a value.
        tolerance: the relative change below which a value stands still.
    """

    of_logprob: np.ufunc
    along: np.ufunc
    among: np.ufunc
    tolerance: float


PROBABILITY = Semiring(np.exp, np.multiply, np.add, 1e-15)
LOG_PROBABILITY = Semiring(np.positive, np.add, np.logaddexp, 1e-13)
BEST_LOG_PROBABILITY = Semiring(np.positive, np.add, np.maximum, 0.0)


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


def solve(chain: MarkovChain, semiring: Semiring) -> Floats:
    """The least solution (S,) of: value = end, or a token along with the value of its successor.

    Approached from below until it stands still; nothing small is lost beside something large.
    """
    values: Floats = semiring.of_logprob(chain.logprobs[:, chain.terminator_id])
    for block in reversed(blocks(chain.successors)):
        successors = chain.successors[block]
        rows, tokens = np.nonzero(successors != NOWHERE)
        targets = successors[rows, tokens].astype(np.int64)
        weights = semiring.of_logprob(chain.logprobs[block][rows, tokens])
        loops = targets < block.stop
        onward, back = (
            _Edges.of(rows[some], targets[some], weights[some]) for some in (~loops, loops)
        )
        settled = onward.joined(values[block], values, semiring)
        values[block] = settled
        for _ in range(MOST_ROUNDS if len(back.targets) else 0):
            updated = back.joined(settled, values, semiring)
            still = _stands_still(values[block], updated, semiring.tolerance)
            values[block] = updated
            if still:
                break
    return values


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


@dataclass(frozen=True, eq=False)
class _Edges:
    """Ways from states to others, those of one state side by side.

    Shapes: `sources` (R,) the states that have any; `begin` (R,) where each one's ways begin;
    `targets`, `weights` (E,).
    """

    sources: Ints
    begin: Ints
    targets: Ints
    weights: Floats

    @classmethod
    def of(cls, rows: Ints, targets: Ints, weights: Floats) -> _Edges:
        begin = np.flatnonzero(np.diff(rows, prepend=-1))
        return cls(rows[begin], begin, targets, weights)

    def joined(self, values: Floats, after: Floats, semiring: Semiring) -> Floats:
        """The values (S,), each with what its state's ways bring from `after`."""
        together = values.copy()
        if len(self.targets):
            paths = semiring.along(self.weights, after[self.targets])
            brought = semiring.among.reduceat(paths, self.begin)
            together[self.sources] = semiring.among(values[self.sources], brought)
        return together


def _stands_still(before: Floats, after: Floats, tolerance: float) -> bool:
    # What is and stays -inf has no difference: NaN, which is not above the tolerance.
    with np.errstate(invalid="ignore"):
        return not (after - before > tolerance * np.abs(after)).any()
