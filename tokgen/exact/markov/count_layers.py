"""What can still come of each state of a chain, for each number of tokens that were drawn.

A backward pass over the number of tokens, one vector of the states for each. After many tokens the
vectors differ by a constant alone (the power method, von Mises & Pollaczek-Geiringer 1929), or come
again after a few, and these stand for all that are left: if each state's value changes by the same
factor up to a share e, it does so ever after (Collatz 1942), since the step is linear and nothing
is negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints, rows_at_once
from tokgen.exact.markov.backward import ending_logprobs, solve
from tokgen.exact.markov.edges import LOG_PROBABILITY, Semiring
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.state_numbers import TooManyStates
from tokgen.stopping import may_stop

# A relative difference; over 4,096 tokens it comes to less than one part in 10**9.
STANDS_STILL = 1e-13
# A sum of probabilities that is smaller may have lost some to the least number there is.
LEAST_SUM = 1e-280
ROWS_AT_ONCE = 65_536
# In what is left the same letters may have to come again and again, as in a best document.
LONGEST_PERIOD = 32

# The fewest and the most tokens of a document; None is without end.
Lengths = tuple[int, int | None]


@dataclass(frozen=True, eq=False)
class CountLayers:
    """Values, nats, after 0 to D tokens; where there is no longest document, D is and more.

    Shapes: `vectors` (L, S); `which` (D + 1,) of them is that of each number of tokens, `shifts`
    (D + 1,) what is added to it.
    """

    vectors: Floats
    which: Ints
    shifts: Floats

    @property
    def last(self) -> int:
        """D, the largest number of tokens that is told from others."""
        return len(self.which) - 1

    def at(self, drawn: Ints, states: Ints) -> Floats:
        """The values of states after so many tokens, of any shape that both have together."""
        return self.vectors[self.which[drawn], states] + self.shifts[drawn]


def count_layers(
    chain: MarkovChain, lengths: Lengths, semiring: Semiring, memory: int
) -> CountLayers:
    """The values of a chain whose documents have so many tokens.

    Raises:
        TooManyStates: the vectors take more than `memory` bytes.
    """
    shortest, longest = lengths
    last = shortest if longest is None else longest
    ending = chain.logprobs[:, chain.terminator_id]
    begun = _of_any_length(chain, semiring) if longest is None else ending.copy()
    layers = _Layers(last, begun, memory)
    step = _Step(chain, semiring)
    while layers.drawn > shortest:
        may_stop()
        layers.add(semiring.among(ending, step.before(layers.vectors[-1])), 0.0, shortest)
    layers.begin_again()
    while layers.drawn > 0:
        may_stop()
        vector = step.before(layers.vectors[-1])
        peak = float(vector.max())
        peak = peak if peak > -np.inf else 0.0
        layers.add(vector - peak, peak, 0)
    return CountLayers(np.stack(layers.vectors), layers.which, layers.shifts)


def _of_any_length(chain: MarkovChain, semiring: Semiring) -> Floats:
    return ending_logprobs(chain) if semiring is LOG_PROBABILITY else solve(chain, semiring)


class _Layers:
    """The vectors from the largest number of tokens down to `drawn`."""

    def __init__(self, last: int, vector: Floats, memory: int) -> None:
        self.vectors, self.drawn = [vector], last
        self.which, self.shifts = np.zeros(last + 1, np.int64), np.zeros(last + 1)
        self._memory, self._comparable = memory, 1

    def begin_again(self) -> None:
        """What comes from now on is made by another step than the vectors before the last."""
        self._comparable = 1

    def add(self, vector: Floats, shift: float, first: int) -> None:
        """Add the vector of a token less; where it is one that was there, all down to `first`."""
        self.drawn -= 1
        self.shifts[self.drawn] = self.shifts[self.drawn + 1] + shift
        for period in range(1, self._comparable + 1):
            if _alike(vector, self.vectors[-period]):
                self._repeat(period, first)
                return
        self.which[self.drawn] = len(self.vectors)
        self.vectors.append(vector)
        self._comparable = min(self._comparable + 1, LONGEST_PERIOD)
        if 2 * vector.nbytes * len(self.vectors) > self._memory:
            last = len(self.which) - 1
            raise TooManyStates(
                f"A length of {last:,} characters does not fit: {last - self.drawn - 1:,} would.",
                field="memory",
            )

    def _repeat(self, period: int, first: int) -> None:
        """Let the last vectors come again and again."""
        more = np.arange(self.drawn - first + 1)
        rounds, place = np.divmod(more, period)
        shift = self.shifts[self.drawn] - self.shifts[self.drawn + period]
        again = self.drawn + period - place
        self.which[self.drawn - more] = len(self.vectors) - period + place
        self.shifts[self.drawn - more] = self.shifts[again] + shift * (rounds + 1)
        self.drawn = first


class _Step:
    """From the values after a token to those before it."""

    def __init__(self, chain: MarkovChain, semiring: Semiring) -> None:
        self._chain, self._semiring = chain, semiring
        self._sums = semiring.among is np.logaddexp
        self._probabilities = np.exp(chain.logprobs) if self._sums else chain.logprobs

    def before(self, values: Floats) -> Floats:
        """The values (S,) of a token more, none of which ends."""
        # What goes nowhere, -1, goes to the last place.
        onward = np.append(values, -np.inf)
        if not self._sums:
            return np.concatenate([*self._in_logarithms(np.arange(len(values)), onward)])
        likely, summed = np.exp(onward), np.empty(len(values))
        for part in _parts(len(values), self._chain.vocabulary_size):
            paths = likely[self._chain.successors[part]]
            summed[part] = np.einsum("sv,sv->s", self._probabilities[part], paths)
        with np.errstate(divide="ignore"):
            before: Floats = np.log(summed)
        small = np.flatnonzero(summed < LEAST_SUM)
        if len(small):
            before[small] = np.concatenate([*self._in_logarithms(small, onward)])
        return before

    def _in_logarithms(self, states: Ints, onward: Floats) -> Iterator[Floats]:
        for part in _parts(len(states), self._chain.vocabulary_size):
            here = states[part]
            paths = self._chain.logprobs[here] + onward[self._chain.successors[here]]
            yield self._semiring.among.reduce(paths, axis=1)


def _parts(count: int, width: int) -> Iterator[slice]:
    at_once = rows_at_once(width, ROWS_AT_ONCE)
    return (slice(begin, begin + at_once) for begin in range(0, count, at_once))


def _alike(first: Floats, second: Floats) -> bool:
    """Whether both are impossible in the same states, and equal up to rounding in the others."""
    with np.errstate(invalid="ignore"):
        different = np.abs(first - second) > STANDS_STILL * np.maximum(1.0, np.abs(first))
    impossible = np.isneginf(first) == np.isneginf(second)
    return bool(impossible.all() and not different.any())
