"""DocumentSet: the documents that a model makes after a beginning, those that are asked for.

What is known of them comes from the model as a finite Markov chain, where it is one that fits into
the memory, else from its likeliest prefixes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tokgen.errors import RequestError
from tokgen.exact.automaton import Automaton, everything
from tokgen.exact.impossible import ImpossibleError, naming_prefix
from tokgen.exact.markov.backward import ending_only
from tokgen.exact.markov.compilation import compile_chain, may_fit
from tokgen.exact.markov.conditioned_chain import ConditionedChain, condition_on, restricted
from tokgen.exact.markov.count_layers import Lengths
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.memory import default_memory, states_that_fit
from tokgen.exact.search.bounds import Explored, accepted_only, explore
from tokgen.exact.search.effort import TRIED, Effort, estimated, leads_nowhere
from tokgen.exact.search.rejection import Rejection, all_of_them, proposal_room
from tokgen.exact.search.widening import first_width, widened
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after
from tokgen.text_model.document_check import Check

# A check looks at one document after the other.
CHECKED_AT_MOST = 100_000
# Of the memory, the share that the layers of a counted chain may take.
LAYERS_SHARE = 4


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

    @property
    def allowed(self) -> Automaton:
        """What may follow the beginning."""
        return self.automaton or everything(self.model.vocabulary.size)

    @cached_property
    def proposals(self) -> DocumentSet:
        """These documents before they are checked."""
        return self if self.check is None else replace(self, check=None)

    @property
    def alone(self) -> DocumentSet:
        """All documents after the beginning, by the model alone."""
        return replace(self, samplers=SamplerChain(), automaton=None, counting=None, check=None)

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

    @cached_property
    def markov_that_ends(self) -> ConditionedChain | None:
        """The Markov chain given that a document ends, since no search comes to an end else."""
        if self.proposals.markov is None:
            return None
        chain = self.proposals.markov.chain
        if ending_only(chain) is chain:
            return ConditionedChain(chain, 0.0)
        return condition_on(chain, everything(self.model.vocabulary.size), self.max_states)

    @property
    def condition_logprob(self) -> float | None:
        """The log-probability (nats) of the condition; None where only a search could tell it."""
        found = self.markov or self.counted
        return None if found is None else found.logprob

    @cached_property
    def explored(self) -> Explored:
        """The likeliest prefixes of what is asked for.

        Given a condition, as many as it takes to know its probability to a hundredth, or as may be
        looked at.

        Raises:
            RequestError: no document is asked for that the model can make.
        """
        prefixes = self.max_states if self.check is None else min(self.max_states, CHECKED_AT_MOST)
        if self.is_conditioned:
            return widened(self.explored_with, prefixes)
        return self.explored_with(first_width(prefixes))

    def explored_with(self, width: int) -> Explored:
        """The `width` likeliest prefixes of each length; raises as `explored`."""
        explored = explore(self.model, self.samplers, self.beginning, self.allowed, width)
        if self.check is not None:
            explored = accepted_only(explored, self.check.accepts_each)
        if explored.ending[1] == 0:
            raise ImpossibleError(self.prefix)
        return explored

    @cached_property
    def effort(self) -> Effort | None:
        """What a search for these will cost; None where there is none, or it cannot be told.

        Only where a length has an end do all documents that are grown for the estimate come to
        one that is asked for. Of a suffix alone, say, they miss the short documents that have it.
        """
        if self._searched is None or not self._has_longest:
            return None
        return estimated(*self._searched)

    @cached_property
    def doubt(self) -> str | None:
        """Why a search for these will perhaps find nothing, in a sentence; None where it may.

        Where a length has an end, `effort` tells it.
        """
        if self._searched is None or self._has_longest or not leads_nowhere(*self._searched):
            return None
        return (
            f"Perhaps no document meets the conditions: each of the {TRIED} that were tried first "
            "came to a point where samplers and conditions together allow no token."
        )

    @property
    def _searched(self) -> tuple[Growth, Automaton, int | None] | None:
        """What a search begins with, what it asks for and its room; None where there is none."""
        if self.automaton is None or self.proposals.markov is not None:
            return None
        if self.proposals.counted is not None:
            return None
        growth = Growth.begin(self.model, self.samplers, self.beginning)
        return growth, self.automaton, room_after(self.model, len(self.beginning.ids))

    @property
    def _has_longest(self) -> bool:
        return self.counting is not None and self.counting.lengths[1] is not None

    @cached_property
    def rejection(self) -> Rejection:
        """Keeping of what is proposed that which is asked for; it counts the proposals."""
        room = proposal_room(self.model, self.beginning)
        return Rejection(all_of_them if self.check is None else self.check.accepts_each, room)

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
