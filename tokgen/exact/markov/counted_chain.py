"""A chain given that its documents have so many tokens, without a state for each number of them.

A state is one of the chain and how many tokens were drawn; its row is worked out when it is asked
for, from the chain's and from what can still come of it (`count_layers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints, normalised
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.markov.count_layers import CountLayers, Lengths, count_layers
from tokgen.exact.markov.edges import BEST_LOG_PROBABILITY, LOG_PROBABILITY
from tokgen.exact.markov.markov_chain import MarkovChain, arrived
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.transitions import NOWHERE
from tokgen.stopping import may_stop


@dataclass(frozen=True, eq=False)
class Flow:
    """After some number of tokens, the mass of each token (B, V) of the states that are reached.

    `entropy` of the token, nats, times the mass of the documents that go on so far.
    """

    mass: Floats
    entropy: float


@dataclass(frozen=True, eq=False)
class CountedChain:
    """State s after n tokens is number n * S + s. Rows are normalised; the first state is 0.

    Attributes:
        core: of whatever length, where what is refused has no probability.
        lengths: how many tokens a document may have.
        layers: the log-probability of ending well.
        memory: bytes that other layers may take.
    """

    core: MarkovChain
    lengths: Lengths
    layers: CountLayers
    memory: int

    @classmethod
    def of(cls, core: MarkovChain, lengths: Lengths, memory: int) -> CountedChain:
        """The documents of a chain that have so many tokens.

        Raises:
            RequestError: there is none; or `TooManyStates`, as `count_layers`.
        """
        layers = count_layers(core, lengths, LOG_PROBABILITY, memory)
        counted = cls(core, lengths, layers, memory)
        if counted.logprob == -np.inf:
            raise ImpossibleError
        return counted

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.core) * len(self.layers.which)

    @property
    def logprob(self) -> float:
        """The log-probability of the condition, nats."""
        return float(self.layers.at(np.zeros(1, np.int64), np.zeros(1, np.int64))[0])

    @property
    def terminator_id(self) -> int:
        """The id that ends a document."""
        return self.core.terminator_id

    def logprobs_at(self, states: Ints) -> Floats:
        """The rows (B, V) of states (B,), of which each can come to an end."""
        drawn, places = np.divmod(states, len(self.core))
        successors = self.core.successors[places].astype(np.int64)
        rows: Floats = self.core.logprobs[places] + self._onward(drawn, successors)
        ending = self.core.logprobs[places, self.terminator_id]
        may_end = drawn >= self.lengths[0]
        rows[:, self.terminator_id] = np.where(may_end, ending, -np.inf)
        return normalised(rows)

    def _onward(self, drawn: Ints, successors: Ints) -> Floats:
        """What can come of successors (B, V) of states after so many tokens (B,)."""
        next_drawn = self._next(drawn)[:, None]
        onward = self.layers.at(next_drawn, successors)
        refused = successors == NOWHERE
        if self.lengths[1] is not None:
            refused |= drawn[:, None] == self.layers.last
        onward[refused] = -np.inf
        return onward

    def _next(self, drawn: Ints) -> Ints:
        return np.minimum(drawn + 1, self.layers.last)

    def rows(self, states: Ints) -> Ints:
        """The successors (B, V) of states (B,); -1 (NOWHERE) is refusal."""
        drawn, places = np.divmod(states, len(self.core))
        after = self.core.successors[places].astype(np.int64)
        numbered = after + self._next(drawn)[:, None] * len(self.core)
        return np.where(after == NOWHERE, NOWHERE, numbered)

    def after(self, states: Ints, tokens: Ints) -> Ints:
        """The states after a token (B,) each; none may be impossible."""
        drawn, places = np.divmod(states, len(self.core))
        after = self.core.successors[places, tokens].astype(np.int64)
        return after + self._next(drawn) * len(self.core)

    def document_logprob(self, tokens: Sequence[int]) -> float:
        """Log-probability (nats) of a document given its length; -inf where it is none of these."""
        shortest, longest = self.lengths
        if len(tokens) < shortest or (longest is not None and len(tokens) > longest):
            return -np.inf
        return document_logprob(self.core, tokens) - self.logprob

    def best_completions(self) -> Callable[[Ints], Floats]:
        """The log-probability, of states of any shape, of the most probable way to end."""
        best = count_layers(self.core, self.lengths, BEST_LOG_PROBABILITY, self.memory)

        def completions(states: Ints) -> Floats:
            drawn, places = np.divmod(states, len(self.core))
            likeliest, every = best.at(drawn, places), self.layers.at(drawn, places)
            return np.where(every == -np.inf, -np.inf, likeliest - np.maximum(every, -1e308))

        return completions

    def flows(self) -> Iterator[Flow]:
        """What flows through the states, for each number of tokens from 0 on."""
        here: Floats = np.zeros(len(self.core))
        here[0], drawn, known = 1.0, 0, (-1, np.zeros((0, 0)), np.zeros(0))
        while here.any():
            may_stop()
            layer = int(self.layers.which[min(drawn + 1, self.layers.last)])
            if layer != known[0] or self.lengths[0] <= drawn <= self.layers.last:
                known = (layer, *self._probabilities(min(drawn, self.layers.last)))
            _, probabilities, entropies = known
            occupied = np.flatnonzero(here)
            mass = here[occupied, None] * probabilities[occupied]
            yield Flow(mass, float(here @ entropies))
            onward = mass.copy()
            onward[:, self.terminator_id] = 0.0
            here = arrived(self.core, occupied, onward)
            drawn += 1

    def _probabilities(self, drawn: int) -> tuple[Floats, Floats]:
        """The rows (S, V) after so many tokens, 0 where none can end, and their entropies (S,)."""
        every = np.arange(len(self.core))
        hopeful = every[self.layers.at(np.full(len(every), drawn), every) > -np.inf]
        rows = self.logprobs_at(drawn * len(self.core) + hopeful)
        probabilities, entropies = np.zeros(self.core.logprobs.shape), np.zeros(len(every))
        probabilities[hopeful] = np.exp(rows)
        finite = np.where(rows > -np.inf, rows, 0.0)
        entropies[hopeful] = -(probabilities[hopeful] * finite).sum(axis=1)
        return probabilities, entropies
