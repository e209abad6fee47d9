"""How much mass the documents of a Markov chain hold whose cost is at most so and so much.

The cost of a document is minus its log-probability. Costs of single tokens are rounded to whole
steps, and P(cost after a state <= r steps) follows from smaller r: dynamic programming over binned
log-probability. Rounded up, a document costs no less than it does, so that the mass is a lower
bound; rounded down, an upper one.

What it does not do: it finds no document, it only adds up their mass.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.stopping import may_stop

SETTLED = 1e-12
SETTLED_WITHIN = 10_000
FIRST_ROWS = 64


class NotSettledError(Exception):
    """Tokens that cost almost nothing follow each other for so long that no bound is found."""


class MassByCost:
    """The mass from each state (S,) for a cost of 0, 1, 2, … steps, worked out as far as asked.

    Args:
        step: nats of one step.
        rounding: `np.ceil` gives lower bounds, `np.floor` upper ones.
    """

    def __init__(
        self, chain: MarkovChain, step: float, rounding: Callable[[Floats], Floats]
    ) -> None:
        self._start, self._known = chain.start, 0
        self._mass = np.zeros((FIRST_ROWS, len(chain)))
        states, tokens = np.nonzero(chain.logprobs > -np.inf)
        logprobs = chain.logprobs[states, tokens]
        costs = rounding(-logprobs / step).astype(np.int64)
        targets = chain.successors[states, tokens].astype(np.int64)
        edges = _Edges(states, costs, np.exp(logprobs), targets)
        ends = tokens == chain.terminator_id
        self._ending = edges.select(np.flatnonzero(ends)).in_order()
        self._free = edges.select(np.flatnonzero(~ends & (costs == 0)))
        self._paid = edges.select(np.flatnonzero(~ends & (costs > 0))).in_order()

    def at(self, steps: int) -> float:
        """The mass of all documents that cost at most so many steps.

        Raises:
            NotSettledError: rounded down, the chain may go on for very long at no cost.
        """
        while self._known <= steps:
            may_stop()
            if self._known == len(self._mass):
                self._mass = np.concatenate([self._mass, np.zeros_like(self._mass)])
            self._mass[self._known] = self._next(self._known)
            self._known += 1
        return float(self._mass[steps, self._start])

    def _next(self, steps: int) -> Floats:
        size = self._mass.shape[1]
        ending, paid = self._ending.up_to(steps), self._paid.up_to(steps)
        after = self._mass[steps - paid.costs, paid.targets]
        mass = ending.gathered(1.0, size) + paid.gathered(after, size)
        return self._with_free_tokens(mass) if len(self._free.costs) else mass

    def _with_free_tokens(self, paid: Floats) -> Floats:
        """What is added by tokens that cost no step: the least fixed point, from below."""
        mass = paid
        for _ in range(SETTLED_WITHIN):
            may_stop()
            more = paid + self._free.gathered(mass[self._free.targets], len(paid))
            if np.abs(more - mass).max() < SETTLED:
                return more
            mass = more
        raise NotSettledError


class _Edges:
    """Tokens after states. Shapes (E,): `states`, `costs` in steps, `probs`, `targets`."""

    def __init__(self, states: Ints, costs: Ints, probs: Floats, targets: Ints) -> None:
        self.states, self.costs, self.probs, self.targets = states, costs, probs, targets

    def select(self, which: Ints | slice) -> _Edges:
        return _Edges(self.states[which], self.costs[which], self.probs[which], self.targets[which])

    def in_order(self) -> _Edges:
        """The cheapest first."""
        return self.select(np.argsort(self.costs, kind="stable"))

    def up_to(self, steps: int) -> _Edges:
        """Those in order that cost at most so many steps."""
        return self.select(slice(int(np.searchsorted(self.costs, steps, side="right"))))

    def gathered(self, after: Floats | float, size: int) -> Floats:
        """The mass that comes to each state (S,) from what follows its tokens."""
        # Where there is nothing to add up, integers come back.
        mass: Floats = np.bincount(self.states, self.probs * after, size).astype(np.float64)
        return mass
