"""BeamPass: one pass of a stochastic beam from the beginning to the last document wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, rows_at_once
from tokgen.exact.longest import TooLongError
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import gumbel
from tokgen.exact.search.beam import (
    BEGINNING,
    Beam,
    Expansions,
    FoundDocuments,
    Trail,
    best_of_each,
)
from tokgen.exact.search.space import Space
from tokgen.exact.search.watch import searches
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import distinct_children
from tokgen.stopping import may_stop

OPENED_AT_ONCE = 16_384
WORTH_NARROWING = 1 << 19
# Tokens that one pass may look at after the prefixes it opens, about a minute of one core, and a
# second for each document more. A large vocabulary comes to it long before the prefixes do.
CHOICES_AT_MOST = 1 << 27
CHOICES_OF_EACH = 1 << 22


class BeamPass:
    """One pass with a beam of one width, for several sequences at once.

    Args:
        floors: for each sequence (G,) a sum that every document wanted exceeds.
    """

    def __init__(
        self, space: Space, seed: int, sequences: Ints, each: int, width: int, floors: Floats
    ) -> None:
        self._space, self._each, self._width = space, each, width
        self._known_floors = floors
        keys, sums = gumbel.beginnings(seed, sequences)
        nothing = np.zeros(len(sequences), np.int64)
        self._beam = Beam(
            searches=np.arange(len(sequences)),
            sums=sums,
            logprobs=np.zeros(len(sequences)),
            keys=keys,
            nodes=nothing,
            automaton_states=np.full(len(sequences), space.automaton.start, np.int64),
            steps=np.full_like(nothing, BEGINNING),
        )
        self._found = FoundDocuments.none()
        self._left_out: Floats = np.full(len(sequences), -np.inf)
        self._trail = Trail()

    @property
    def left_something_out(self) -> NDArray[np.bool_]:
        """For which searches (G,) a wider beam may find documents that this one left out."""
        return self._left_out > -np.inf

    def run(self) -> None:
        """Grow the beam until nothing in it can be among the documents that are wanted.

        Raises:
            TooManyStates: there were more prefixes than may be looked at.
            TooLongError: a prefix in it has more tokens than are followed.
        """
        frontier, looked_at, choices = self._space.begin(), 0, 0
        for length in range(self._space.longest + 1):
            rows = frontier.final_logprobs  # (D, V)
            looked_at += len(rows)
            choices += len(self._beam) * rows.shape[1]
            self._refuse_too_much(looked_at, choices, rows)
            if self._space.max_prefixes < float("inf"):
                searches.tell(looked_at, int(self._space.max_prefixes))
            branches = self._branches(rows)
            if not len(branches) or length == self._space.room:
                return
            parents, tokens, nodes = distinct_children(
                self._beam.nodes[branches.parents], branches.tokens, rows.shape[1]
            )
            frontier = frontier.after(parents, tokens)
            self._beam = self._grown(branches, nodes, rows.shape[1])
        raise TooLongError(self._space.longest)

    def _refuse_too_much(self, looked_at: int, choices: int, rows: Floats) -> None:
        at_most = CHOICES_AT_MOST + CHOICES_OF_EACH * self._each * len(self._left_out)
        if looked_at > self._space.max_prefixes or choices > at_most:
            raise TooManyStates(
                f"After {looked_at:,} prefixes, each with {rows.shape[1]:,} tokens that may "
                "follow, the search is given up: what is asked for is too improbable, or too "
                "much at once. A condition that is likelier, or a model with a smaller "
                "vocabulary, can be searched further."
            )
        if len(rows) > self._space.max_at_once:
            raise TooManyStates(
                f"{len(rows):,} prefixes of one length would have to be held at once.",
                field="memory",
            )

    def certain(self) -> list[list[ScoredIds]]:
        """For each search, in order, the documents that nothing left out can come before."""
        found = self._found.select(self._found.sums > self._left_out[self._found.searches])
        found = found.select(np.lexsort((-found.sums, found.searches)))
        documents: list[list[ScoredIds]] = [[] for _ in self._left_out]
        paths = self._trail.paths(found.steps)
        columns = (found.searches.tolist(), paths, found.logprobs.tolist())
        for search, path, logprob in zip(*columns, strict=True):
            documents[search].append(ScoredIds(path, logprob))
        return documents

    def _branches(self, rows: Floats) -> Expansions:
        """What the beam goes on with, after all that ends here is recorded."""
        numbers, kept, count = np.arange(len(self._beam)), [], 0
        at_once = rows_at_once(8 * rows.shape[1], OPENED_AT_ONCE)
        for begin in range(0, len(self._beam), at_once):
            may_stop()
            opened = self._opened(numbers[begin : begin + at_once], rows)
            ended = opened.tokens == self._space.terminator_id
            self._record(opened.select(ended))
            kept.append(opened.select(~ended))
            count += len(kept[-1])
            if count > WORTH_NARROWING + 2 * self._width:
                kept = [self._narrowed(Expansions.joined(kept))]
                count = len(kept[0])
        return self._narrowed(Expansions.joined(kept))

    def _opened(self, parents: Ints, rows: Floats) -> Expansions:
        """All tokens that may follow these prefixes and can still lead to what is wanted."""
        beam, automaton = self._beam.select(parents), self._space.automaton
        logprobs = beam.logprobs[:, None] + rows[beam.nodes]  # (B, V)
        sums = gumbel.children(beam.sums, logprobs, beam.keys)
        successors = automaton.rows(beam.automaton_states)
        allowed = successors != NOWHERE
        allowed[:, self._space.terminator_id] = automaton.accepts(beam.automaton_states)
        allowed &= sums > self.floors[beam.searches][:, None]
        at, tokens = np.nonzero(allowed)
        return Expansions(
            parents[at],
            tokens,
            beam.searches[at],
            sums[at, tokens],
            logprobs[at, tokens],
            successors[at, tokens].astype(np.int64),
        )

    @property
    def floors(self) -> Floats:
        """The sums (G,) that must be exceeded: of the last document wanted, where it is found."""
        searches, sums = self._found.searches, self._found.sums
        least: Floats = np.full(len(self._left_out), np.inf)
        np.minimum.at(least, searches, sums)
        full = np.bincount(searches, minlength=len(least)) == self._each
        return np.maximum(self._known_floors, np.where(full, least, -np.inf))

    def _record(self, ended: Expansions) -> None:
        steps = self._beam.steps[ended.parents]
        new = FoundDocuments(ended.searches, ended.sums, ended.logprobs, steps)
        found = FoundDocuments.joined([self._found, new])
        self._found = found.select(best_of_each(found.searches, found.sums, self._each))

    def _narrowed(self, branches: Expansions) -> Expansions:
        kept = best_of_each(branches.searches, branches.sums, self._width)
        self._leave_out(branches.searches[~kept], branches.sums[~kept])
        return branches.select(kept)

    def _leave_out(self, searches: Ints, sums: Floats) -> None:
        np.maximum.at(self._left_out, searches, sums)

    def _grown(self, branches: Expansions, nodes: Ints, size: int) -> Beam:
        before = self._beam.select(branches.parents)
        return Beam(
            searches=branches.searches,
            sums=branches.sums,
            logprobs=branches.logprobs,
            keys=gumbel.keys_of_children(before.keys, branches.tokens, size),
            nodes=nodes,
            automaton_states=branches.automaton_states,
            steps=self._trail.add(before.steps, branches.tokens),
        )
