"""Stochastic beam search: exact samples of a model's documents, of those that an automaton allows.

Documents are found in the order of their perturbed log-probabilities (`gumbel`) from the top
down, a whole beam of prefixes at once (Kool, van Hoof & Welling 2019). What is refused is passed
over. What was left out of the beam has a bound: a document above it is certainly the next one, and
where one is missing, the search is made again with a wider beam, which finds the same documents
and more. It is a scheme of its own: a seed gives other documents here than in growing them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search.beam_pass import BeamPass
from tokgen.exact.search.space import Space

SEQUENCES_AT_ONCE = 32_768
NARROWEST = 1
MANY = 100_000
WIDENING = 4
BEAM_AT_MOST = 1 << 17
# By how much a sum may differ where it is found again in a wider beam: a model's last bits may
# depend on the batch.
SAME_SUM = 1e-3


def without_replacement(space: Space, seed: int, count: int) -> Iterator[ScoredIds]:
    """`count` documents, each drawn from what those before have left; all where there are fewer.

    Many come in several searches, each for some times as many, so that the first come soon.

    Raises:
        TooManyStates: more prefixes would have to be looked at than may be.
        TooLongError: a document that may be the next one goes on for too long.
    """
    given, size = 0, min(count, MANY)
    while given < size:
        documents = _documents(space, seed, np.zeros(1, np.int64), size)[0]
        yield from documents[given:]
        if len(documents) < size:
            return
        given, size = size, min(count, size * WIDENING)


def one_each(space: Space, seed: int, sequences: Ints) -> list[ScoredIds]:
    """A document for each sequence (B,), independent of the others.

    Raises:
        TooManyStates, TooLongError: as `without_replacement`.
        RequestError: there is no document.
    """
    found = _documents(space, seed, sequences, 1)
    if not all(found):
        raise ImpossibleError
    return [documents[0] for documents in found]


def _documents(space: Space, seed: int, sequences: Ints, each: int) -> list[list[ScoredIds]]:
    """The first `each` documents of each sequence, by beams as wide as it takes."""
    documents: list[list[ScoredIds]] = [[] for _ in sequences]
    floors: Floats = np.full(len(sequences), -np.inf)
    left, width = np.arange(len(sequences)), max(NARROWEST, each)
    while len(left):
        further = []
        for numbers in np.split(left, range(0, len(left), max(1, BEAM_AT_MOST // width))[1:]):
            search = BeamPass(space, seed, sequences[numbers], each, width, floors[numbers])
            search.run()
            floors[numbers] = search.floors - SAME_SUM
            for number, found in zip(numbers.tolist(), search.certain(), strict=True):
                documents[number] = found
            missing = np.array([len(documents[number]) < each for number in numbers.tolist()])
            further.append(numbers[missing & search.left_something_out])
        left, width = np.concatenate(further), width * WIDENING
    return documents
