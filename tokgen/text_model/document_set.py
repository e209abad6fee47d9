"""DocumentSet: the documents that a model makes after a beginning, those that are asked for.

There are three exact ways to them: the model as a finite Markov chain, search over its prefixes,
and drawing with rejection, which goes on from one of the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import RequestError
from tokgen.exact.automaton import Automaton, everything
from tokgen.exact.conditions import ImpossibleError, naming_prefix
from tokgen.exact.longest import LONGEST_DRAWN
from tokgen.exact.markov.backward import ending_only
from tokgen.exact.markov.best_first import in_order, top
from tokgen.exact.markov.compilation import compile_chain, may_fit
from tokgen.exact.markov.conditioned_chain import (
    ConditionedChain,
    condition_on,
    restricted,
)
from tokgen.exact.markov.count_layers import Lengths
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovChain, MarkovFrontier
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.memory import (
    default_memory,
    prefixes_that_fit,
    states_that_fit,
)
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.beam_search import most_probable_by_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.bounds import Explored, accepted_only, explore
from tokgen.exact.search.effort import Effort, estimated
from tokgen.exact.search.rejection import (
    AcceptsEach,
    Proposals,
    Rejection,
    all_of_them,
    batches,
    grown,
    keep_different,
    keep_in_order,
    proposal_room,
)
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

FEW_EXPLORED, EXPLORED_WIDTH = 100, 20_000
# Some ten seconds of a network: a search is not widened to more.
EXPLORED_AT_MOST = 600_000
# A check looks at one document after the other.
CHECKED_AT_MOST = 100_000
TYPICAL_LENGTH = 32
WIDENING = 4
# By a beam, which keeps no more of them than their paths: some minutes of a network.
LOOKED_AT_AT_MOST = 2_000_000
# An estimate may be wrong by far where few drawn documents meet a condition in a likely way.
SURELY_TOO_MANY = 1000 * LOOKED_AT_AT_MOST
PRECISION = 0.01
# Of the memory, the share that the layers of a counted chain may take.
LAYERS_SHARE = 4


@dataclass(frozen=True)
class Check:
    """What only a whole document can tell.

    Attributes:
        accepts_each: of some documents (what follows the beginning), which ones are asked for.
        because: why each is asked, in words.
        too_improbable: whether no document that the model gives less than this one is asked for.
        has_a_least: whether there is a probability below which every document is too improbable.
    """

    accepts_each: AcceptsEach
    because: str
    too_improbable: Callable[[Sequence[int]], bool] = lambda tokens: False
    has_a_least: bool = False

    def accepts(self, tokens: Sequence[int]) -> bool:
        """Whether one document is asked for."""
        return self.accepts_each([tokens])[0]


@dataclass(frozen=True)
class Counting:
    """Conditions as a number of tokens, and what else they ask for.

    Attributes:
        lengths: how many tokens may follow the beginning.
        automaton: gives what else is asked for.
    """

    lengths: Lengths
    automaton: Callable[[], Automaton]


@dataclass(frozen=True)
class DocumentSet:
    """Documents as ids.

    Attributes:
        beginning: what each begins with; their tokens are what follows.
        automaton: what may follow the beginning; None is everything.
        counting: the same as `automaton` says, where each token is one character and a length is
            asked for.
        check: which of these are asked for, where no automaton can say it; None is all.
        memory: bytes that Markov chains, searches and automata may take.
        prefix: the text of the beginning, for sentences.
    """

    model: LanguageModel
    samplers: SamplerChain = field(default_factory=SamplerChain)
    beginning: Beginning = field(default_factory=Beginning)
    automaton: Automaton | None = None
    counting: Counting | None = None
    check: Check | None = None
    memory: int = field(default_factory=default_memory)
    prefix: str = ""

    @property
    def is_conditioned(self) -> bool:
        """Whether only some of the documents are asked for."""
        return self.automaton is not None or self.check is not None

    @cached_property
    def proposals(self) -> DocumentSet:
        """These documents before they are checked."""
        return self if self.check is None else replace(self, check=None)

    @property
    def max_states(self) -> int:
        """How many states or prefixes fit into the memory."""
        return states_that_fit(self.memory, self.model.vocabulary.size)

    @property
    def unbounded_because(self) -> str | None:
        """Why this is no finite Markov chain, in words; None where it is one of whatever size."""
        if self.check is not None:
            return self.check.because
        if self.model.context_length is None:
            return "the model reads all tokens before, so that it is no finite Markov chain"
        if self.samplers.counts_to is None:
            return "a sampler needs more than the distribution"
        return None

    @cached_property
    def markov(self) -> ConditionedChain | None:
        """What is asked for as a Markov chain, with its probability; None where none fits.

        Raises:
            RequestError: no document is asked for that the model can make.
        """
        if self._compiled is None or self._is_counted:
            return None
        if self.automaton is None:
            return ConditionedChain(self._compiled, 0.0)
        try:
            with naming_prefix(self.prefix):
                return condition_on(self._compiled, self.automaton, self.max_states)
        except TooManyStates:
            return None

    @cached_property
    def counted(self) -> CountedChain | None:
        """The same where a state for each length does not fit; None where it is not needed.

        Raises:
            RequestError: as `markov`; or `TooManyStates`, naming the length that fits.
        """
        if self._compiled is None or self.counting is None or not self._is_counted:
            return None
        try:
            core = restricted(self._compiled, self.counting.automaton(), self.max_states)
        except TooManyStates:
            return None
        with naming_prefix(self.prefix):
            return CountedChain.of(core, self.counting.lengths, self.memory // LAYERS_SHARE)

    @cached_property
    def _compiled(self) -> MarkovChain | None:
        """The model as a chain, whatever is asked for; None where it is none that fits."""
        if self.unbounded_because or not may_fit(self.model, self.max_states):
            return None
        try:
            return compile_chain(self.model, self.samplers, self.beginning, self.max_states)
        except TooManyStates:
            return None

    @property
    def _is_counted(self) -> bool:
        """Whether all states of the chain, for each length at which all are reached, do not fit."""
        if self.counting is None or self._compiled is None:
            return False
        filled = (self.counting.lengths[1] or self.counting.lengths[0]) + 1
        filled -= self.model.context_length or 0
        return filled * len(self._compiled) > self.max_states

    @property
    def condition_logprob(self) -> float | None:
        """The log-probability (nats) of the condition; None where only a search could tell it."""
        found = self.markov or self.counted
        return None if found is None else found.logprob

    @property
    def alone(self) -> DocumentSet:
        """All documents after the beginning, by the model alone."""
        return replace(self, samplers=SamplerChain(), automaton=None, counting=None, check=None)

    @cached_property
    def explored(self) -> Explored:
        """The likeliest prefixes of what is asked for.

        Given a condition, as many as it takes to know its probability to a hundredth, or as may be
        looked at.

        Raises:
            RequestError: no document is asked for that the model can make.
        """
        prefixes = self.max_states if self.check is None else min(self.max_states, CHECKED_AT_MOST)
        width = max(1, min(EXPLORED_WIDTH, prefixes // TYPICAL_LENGTH))
        most_prefixes = min(prefixes, EXPLORED_AT_MOST)
        explored = self._explored(width)
        while self.is_conditioned and len(explored.chain) * WIDENING <= most_prefixes:
            least, most = explored.ending
            if most - least <= PRECISION * most:
                break
            width *= WIDENING
            before, explored = explored, self._explored(width)
            if len(explored.chain) == len(before.chain):  # What is left is too improbable.
                break
        self._check_possible(explored)
        return explored

    def _check_possible(self, explored: Explored) -> None:
        if explored.ending[1] == 0:
            raise ImpossibleError(self.prefix)

    def _explored(self, width: int) -> Explored:
        explored = explore(self.model, self.samplers, self.beginning, self._allowed, width)
        return explored if self.check is None else accepted_only(explored, self.check.accepts_each)

    def draw(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` documents, independent of each other.

        Raises:
            RequestError: as `markov`, or as `stochastic_beam.one_each`.
            TokgenError: as `Rejection.keep`.
        """
        if self.check is None:
            yield from self._independent(seed, count)
        else:
            kept = self.rejection.keep(self.proposals._without_end(seed))
            yield from itertools.islice(kept, count)

    @cached_property
    def effort(self) -> Effort | None:
        """What a search for these will cost; None where there is none, or it cannot be told.

        Only where a length has an end do all documents that are grown for the estimate come to
        one that is asked for. Of a suffix alone, say, they miss the short documents that have it.
        """
        if self.automaton is None or self.markov is not None or self.counted is not None:
            return None
        if self.counting is None or self.counting.lengths[1] is None:
            return None
        growth = Growth.begin(self.model, self.samplers, self.beginning)
        return estimated(growth, self.automaton, room_after(self.model, len(self.beginning.ids)))

    def check_effort(self) -> None:
        """Refuse what a search cannot find.

        Raises:
            RequestError: no document is asked for that the model can make.
            TooManyStates: one document alone needs far more prefixes than may be looked at.
        """
        if self.effort is None:
            return
        prefixes = self.effort.prefixes(1)
        if prefixes > SURELY_TOO_MANY:
            self._check_possible(self._explored(FEW_EXPLORED))
            raise TooManyStates(
                f"{_much_too_many(self.effort.mass, prefixes)} A model with a bounded context, "
                "such as an n-gram, gives what is as improbable at once; --beam finds the most "
                "probable of these documents."
            )

    def _independent(self, seed: int, count: int) -> Iterator[ScoredIds]:
        self.check_effort()
        at_once = stochastic_beam.SEQUENCES_AT_ONCE
        for begin in range(0, count, at_once):
            yield from self._of(seed, np.arange(begin, min(begin + at_once, count)))

    def _without_end(self, seed: int) -> Proposals:
        if self.automaton is None:
            room = proposal_room(self.model, self.beginning)
            yield from grown(self.model, self.samplers, self.beginning, room, seed)
        for sequences in batches():
            yield from self._of(seed, sequences)

    def _of(self, seed: int, sequences: Ints) -> Iterator[ScoredIds]:
        """The documents of these sequences (B,), checked by nothing but the automaton."""
        if self.markov is not None:
            return with_replacement(self.markov.chain, seed, sequences)
        if self.counted is not None:
            return with_replacement(self.counted, seed, sequences)
        with naming_prefix(self.prefix):
            return iter(stochastic_beam.one_each(self._space(), seed, sequences))

    @cached_property
    def rejection(self) -> Rejection:
        """Keeping of what is proposed that which is asked for; it counts the proposals."""
        room = proposal_room(self.model, self.beginning)
        return Rejection(all_of_them if self.check is None else self.check.accepts_each, room)

    def draw_without_replacement(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` different spellings, fewer where there are no more; raises as `draw`."""

        def draw(size: int) -> Iterator[ScoredIds]:
            ends = 0.0 if self._ending is None else self._ending.logprob
            self.check_effort()
            for each in stochastic_beam.without_replacement(self._space(), seed, size):
                yield replace(each, logprob=each.logprob + ends)

        if self.check is None:
            return draw(count)
        return keep_different(draw, self.check.accepts_each, count)

    def logprobs(self, documents: Sequence[Sequence[int]]) -> list[float]:
        """The log-probability (nats) of each document, -inf where it is not made.

        Raises:
            RequestError: as `markov`; of what can only be searched for it is not known.
        """
        if self.markov is not None:
            return [document_logprob(self.markov.chain, document) for document in documents]
        if self.counted is not None:
            return [self.counted.document_logprob(document) for document in documents]
        if self.is_conditioned:
            raise RequestError("The probability of this condition is not known.")
        return drawn_logprobs(self.model, self.samplers, self.beginning, documents).tolist()

    def most_probable(self) -> Iterator[ScoredIds]:
        """All documents, the most probable first.

        Raises:
            RequestError: as `markov`, or `TooManyStates`.
            TokgenError: of so many of the most probable not one is asked for.
        """
        if self.check is not None:
            return self._checked_in_order(self.check)
        if self.markov is not None:
            return top(self.markov.chain)
        if self.counted is not None:
            return in_order(self.counted, self.counted.best_completions())
        most = prefixes_that_fit(self.memory, self.model.vocabulary.size)
        return most_probable_by_search(
            self.model, self.samplers, self.beginning, self._allowed, most
        )

    def _checked_in_order(self, check: Check) -> Iterator[ScoredIds]:
        found = self.proposals.most_probable()
        if self.beginning.rest:
            return keep_in_order(found, check.accepts)
        if self.samplers.samplers:
            all_that_fit = self._rescored if check.has_a_least else None
            return keep_in_order(found, check.accepts, all_that_fit)
        probable = itertools.takewhile(lambda each: not check.too_improbable(each.tokens), found)
        return keep_in_order(probable, check.accepts)

    def _rescored(self) -> Iterator[ScoredIds]:
        """All documents, which the model alone finds, in the order that the samplers give them."""
        alone = replace(self, samplers=SamplerChain())
        documents = [each.tokens for each in alone.most_probable()]
        logprobs = drawn_logprobs(self.model, self.samplers, self.beginning, documents).tolist()
        condition = self.proposals.condition_logprob or 0.0
        found = [
            ScoredIds(tokens, logprob - condition)
            for tokens, logprob in zip(documents, logprobs, strict=True)
            if logprob > -np.inf
        ]
        return iter(sorted(found, key=lambda each: (-each.logprob, each.tokens)))

    def by_beam(self, width: int, room: int) -> list[ScoredIds]:
        """At most `width` of the most probable documents of at most `room` tokens, by a beam.

        Raises:
            RequestError: as `markov`; or `TooManyStates`: so wide a beam does not fit the memory.
        """
        if width > self.max_states:
            raise TooManyStates(
                f"A beam of {width:,} prefixes does not fit the memory; "
                f"{self.max_states:,} are the most.",
                field="memory",
            )
        growth = Growth.begin(self.model, self.samplers, self.beginning)
        accepts = self.rejection.accepts_each
        found = most_probable_by_beam(growth, self._allowed, accepts, width, room)
        if self.automaton is None:
            return found
        condition = self.proposals.condition_logprob or 0.0
        return [replace(each, logprob=each.logprob - condition) for each in found]

    @property
    def _allowed(self) -> Automaton:
        return self.automaton or everything(self.model.vocabulary.size)

    @cached_property
    def _ending(self) -> ConditionedChain | None:
        """The Markov chain given that a document ends, since no search comes to an end else."""
        if self.proposals.markov is None:
            return None
        chain = self.proposals.markov.chain
        if ending_only(chain) is chain:
            return ConditionedChain(chain, 0.0)
        return condition_on(chain, everything(self.model.vocabulary.size), self.max_states)

    def _space(self) -> stochastic_beam.Space:
        end, size = self.model.vocabulary.terminator_id, self.model.vocabulary.size
        chain = self.counted if self._ending is None else self._ending.chain
        if chain is not None:
            return stochastic_beam.Space(
                lambda: MarkovFrontier.begin(chain),
                everything(size),
                end,
                float("inf"),
                longest=LONGEST_DRAWN,
            )
        return stochastic_beam.Space(
            lambda: Growth.begin(self.model, self.samplers, self.beginning),
            self._allowed,
            end,
            LOOKED_AT_AT_MOST,
            self.max_states,
            room_after(self.model, len(self.beginning.ids)),
        )


def _much_too_many(mass: float, prefixes: float) -> str:
    if not mass:
        return "None of the documents that were tried before the search meets the conditions."
    return (
        f"The conditions have a probability of about {mass:.0e}, and a search for one document "
        f"would look at about {prefixes:.0e} prefixes, where {LOOKED_AT_AT_MOST:,} are the most."
    )
