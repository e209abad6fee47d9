"""DocumentSet: the documents that a model makes after a beginning, those that are asked for.

There are three exact ways to them: the model as a finite Markov chain, search over its prefixes,
and drawing with rejection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tokgen.errors import RequestError
from tokgen.exact.automaton import Automaton, everything
from tokgen.exact.conditions import IMPOSSIBLE
from tokgen.exact.longest import LONGEST_DRAWN
from tokgen.exact.markov.backward import ending_only
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain, may_fit
from tokgen.exact.markov.conditioned_chain import ConditionedChain, condition_on
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovFrontier
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.memory import default_memory, prefixes_that_fit, states_that_fit
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.bounds import Explored, accepted_only, explore
from tokgen.exact.search.rejection import Rejection
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

EXPLORED_WIDTH = 20_000
TYPICAL_LENGTH = 32
WIDENING = 4
LOOKED_AT_AT_MOST = 2_000_000
PRECISION = 0.01

Accepts = Callable[[Sequence[int]], bool]


@dataclass(frozen=True)
class DocumentSet:
    """Documents as ids.

    Attributes:
        beginning: what each begins with; their tokens are what follows.
        automaton: what may follow the beginning; None is everything.
        accepts: in the place of the automaton where the tokenizer has no pieces: whether a
            document (what follows the beginning) is one that is asked for.
        memory: bytes that Markov chains, searches and automata may take.
    """

    model: LanguageModel
    samplers: SamplerChain = field(default_factory=SamplerChain)
    beginning: Beginning = field(default_factory=Beginning)
    automaton: Automaton | None = None
    accepts: Accepts | None = None
    memory: int = field(default_factory=default_memory)

    @property
    def is_conditioned(self) -> bool:
        """Whether only some of the documents are asked for."""
        return self.automaton is not None or self.accepts is not None

    @property
    def max_states(self) -> int:
        """How many states or prefixes fit into the memory."""
        return states_that_fit(self.memory, self.model.vocabulary.size)

    @property
    def unbounded_because(self) -> str | None:
        """Why this is no finite Markov chain, in words; None where it is one of whatever size."""
        if self.accepts is not None:
            return "the tokenizer does not tell the bytes of its tokens"
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
        if self.unbounded_because or not may_fit(self.model, self.max_states):
            return None
        try:
            chain = compile_chain(self.model, self.samplers, self.beginning, self.max_states)
            if self.automaton is None:
                return ConditionedChain(chain, 0.0)
            return condition_on(chain, self.automaton, self.max_states)
        except TooManyStates:
            return None

    @property
    def alone(self) -> DocumentSet:
        """All documents after the beginning, by the model alone."""
        return replace(self, samplers=SamplerChain(), automaton=None, accepts=None)

    @cached_property
    def explored(self) -> Explored:
        """The likeliest prefixes of what is asked for.

        Given a condition, as many as it takes to know its probability to a hundredth, or as may be
        looked at.

        Raises:
            RequestError: no document is asked for that the model can make.
        """
        width = max(1, min(EXPLORED_WIDTH, self.max_states // TYPICAL_LENGTH))
        explored = self._explored(width)
        while self.is_conditioned and len(explored.chain) * WIDENING <= self.max_states:
            least, most = explored.ending
            if most - least <= PRECISION * most:
                break
            width *= WIDENING
            explored = self._explored(width)
        if explored.ending[1] == 0:
            raise RequestError(IMPOSSIBLE)
        return explored

    def _explored(self, width: int) -> Explored:
        explored = explore(self.model, self.samplers, self.beginning, self._allowed, width)
        return explored if self.accepts is None else accepted_only(explored, self.accepts)

    def draw(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` documents, independent of each other.

        Raises:
            RequestError: as `markov`, or as `stochastic_beam.one_each`.
            TokgenError: as `Rejection.draw`.
        """
        if self.accepts is not None:
            drawn = self.rejection.draw(seed)
            yield from (next(drawn) for _ in range(count))
            return
        if self.markov is not None:
            yield from with_replacement(self.markov.chain, seed, count)
            return
        at_once = stochastic_beam.SEQUENCES_AT_ONCE
        for begin in range(0, count, at_once):
            sequences = np.arange(begin, min(begin + at_once, count))
            yield from stochastic_beam.one_each(self._space(), seed, sequences)

    @cached_property
    def rejection(self) -> Rejection:
        """Drawing from the model and keeping what is accepted; it counts its proposals."""
        accepts = self.accepts or (lambda tokens: True)
        return Rejection(self.model, self.samplers, self.beginning, accepts)

    def draw_without_replacement(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` different spellings, fewer where there are no more; raises as `draw`."""
        found = stochastic_beam.without_replacement(self._space(), seed, count)
        ends = 0.0 if self._ending is None else self._ending.logprob
        for each in found:
            if self.accepts is None or self.accepts(each.tokens):
                yield replace(each, logprob=each.logprob + ends)

    def logprobs(self, documents: Sequence[Sequence[int]]) -> list[float]:
        """The log-probability (nats) of each document, -inf where it is not made.

        Raises:
            RequestError: as `markov`; of what can only be searched for it is not known.
        """
        if self.markov is not None:
            return [document_logprob(self.markov.chain, document) for document in documents]
        if self.is_conditioned:
            raise RequestError("The probability of this condition is not known.")
        return drawn_logprobs(self.model, self.samplers, self.beginning, documents).tolist()

    def most_probable(self) -> Iterator[ScoredIds]:
        """All documents, the most probable first; raises as `markov`, or `TooManyStates`."""
        if self.markov is not None:
            return top(self.markov.chain)
        most = prefixes_that_fit(self.memory, self.model.vocabulary.size)
        found = most_probable_by_search(
            self.model, self.samplers, self.beginning, self._allowed, min(most, LOOKED_AT_AT_MOST)
        )
        return (each for each in found if self.accepts is None or self.accepts(each.tokens))

    @property
    def _allowed(self) -> Automaton:
        return self.automaton or everything(self.model.vocabulary.size)

    @cached_property
    def _ending(self) -> ConditionedChain | None:
        """The Markov chain given that a document ends, since no search comes to an end else."""
        if self.markov is None:
            return None
        if ending_only(self.markov.chain) is self.markov.chain:
            return ConditionedChain(self.markov.chain, 0.0)
        size = self.model.vocabulary.size
        return condition_on(self.markov.chain, everything(size), self.max_states)

    def _space(self) -> stochastic_beam.Space:
        end, size = self.model.vocabulary.terminator_id, self.model.vocabulary.size
        if self._ending is not None:
            chain = self._ending.chain
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
