"""Source: the documents that a model makes after a prefix, those of them that are asked for.

There are two exact ways to them: the model as a finite chain, and, where it is none, search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tokgen.errors import RequestError
from tokgen.exact.automaton import Automaton, everything
from tokgen.exact.conditions import IMPOSSIBLE
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain, may_fit
from tokgen.exact.markov.conditioned import Conditioned, condition
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovDecoder
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.bounds import Explored, explore
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes

EXPLORED_WIDTH = 20_000
WIDENING = 4
PRECISION = 0.01


@dataclass(frozen=True)
class DocumentSet:
    """Documents as ids.

    Attributes:
        prefix: what each begins with; their tokens are what follows.
        automaton: what may follow the prefix; None is everything.
        max_states: of the chain, or of the prefixes that a search may look at.
    """

    model: LanguageModel
    samplers: SamplerChain = field(default_factory=SamplerChain)
    prefix: tuple[int, ...] = ()
    automaton: Automaton | None = None
    max_states: int = MAX_STATES

    @property
    def is_chain(self) -> bool:
        """Whether `chain` is worth asking for; else there is `explored`."""
        return may_fit(self.model, self.max_states)

    @cached_property
    def chain(self) -> Conditioned:
        """What follows the prefix as a Markov chain, and the probability of what is asked for.

        Raises:
            TooManyStates: the model, or model and automaton together, have too many.
            RequestError: the model is unbounded, a sampler needs more than the distribution, or no
                document is allowed.
        """
        chain = compile_chain(self.model, self.samplers, Beginning(self.prefix), self.max_states)
        if self.automaton is None:
            return Conditioned(chain, 0.0)
        return condition(chain, self.automaton, self.max_states)

    @cached_property
    def explored(self) -> Explored:
        """The likeliest prefixes of what is asked for.

        Given a condition, as many as it takes to know its probability to a hundredth, or as may be
        looked at.

        Raises:
            RequestError: as `explore`, or no document is allowed.
        """
        width, prefix = min(EXPLORED_WIDTH, self.max_states), list(self.prefix)
        explored = explore(self.model, self.samplers, prefix, self._allowed, width)
        while self.automaton is not None and len(explored.chain) * WIDENING <= self.max_states:
            least, most = explored.ending
            if most - least <= PRECISION * most:
                break
            width *= WIDENING
            explored = explore(self.model, self.samplers, prefix, self._allowed, width)
        if explored.ending[1] == 0:
            raise RequestError(IMPOSSIBLE)
        return explored

    def draw(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` documents, independent of each other.

        Raises:
            RequestError: as `chain`, or as `search.one_each`.
        """
        if self.is_chain:
            yield from with_replacement(self.chain.chain, seed, count)
            return
        for begin in range(0, count, stochastic_beam.SEQUENCES_AT_ONCE):
            sequences = np.arange(begin, min(begin + stochastic_beam.SEQUENCES_AT_ONCE, count))
            yield from stochastic_beam.one_each(self._space(), seed, sequences)

    def draw_without_replacement(self, seed: int, count: int) -> Iterator[ScoredIds]:
        """`count` different documents, fewer where there are no more; raises as `draw`."""
        yield from stochastic_beam.without_replacement(self._space(), seed, count)

    def logprobs(self, documents: Sequence[Sequence[int]]) -> list[float]:
        """The log-probability (nats) of each document, -inf where it is not made.

        Raises:
            RequestError: as `chain`; of what can only be searched for it is not known.
        """
        if self.is_chain:
            return [document_logprob(self.chain.chain, document) for document in documents]
        if self.automaton is not None:
            raise RequestError("The probability of this condition is not known.")
        beginning = Beginning(self.prefix)
        return drawn_logprobs(self.model, self.samplers, beginning, documents).tolist()

    def most_probable(self) -> Iterator[ScoredIds]:
        """All documents, the most probable first; raises as `chain` or as `top_by_search`."""
        if self.is_chain:
            return top(self.chain.chain)
        self.samplers.require_distribution_alone()
        arguments = (self.samplers, list(self.prefix), self._allowed, self.max_states)
        return most_probable_by_search(self.model, *arguments)

    @property
    def _allowed(self) -> Automaton:
        return self.automaton or everything(self.model.vocabulary.size)

    def _space(self) -> stochastic_beam.Space:
        vocabulary = self.model.vocabulary
        if self.is_chain:
            chain = self.chain.chain
            unlimited = float("inf")
            return stochastic_beam.Space(
                lambda: MarkovDecoder(chain),
                SamplerChain(),
                vocabulary,
                everything(vocabulary.size),
                unlimited,
            )
        self.samplers.require_distribution_alone()
        beginning = Prefixes.of([self.prefix])
        return stochastic_beam.Space(
            lambda: self.model.decoder(beginning),
            self.samplers,
            vocabulary,
            self._allowed,
            self.max_states,
        )
