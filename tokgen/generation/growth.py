"""Growth: sequences being grown, and the distribution over the next token of each.

This is the one way to a distribution. Whatever shows, draws, searches or scores asks here: model,
then the prefix that is still to be spelt, then the sampler chain with its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.sampler import History
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.stopping import may_stop


@dataclass(frozen=True)
class Beginning:
    """What is given before anything is drawn.

    Attributes:
        ids: the ids that stand there, the start id included where the vocabulary has one.
        rest: the bytes that the next tokens must begin with.
        pieces: the bytes of each id, where there is a rest; they follow from the tokenizer, and
            are not compared.
        given: the id of the value of each column; none where no column is known.
    """

    ids: tuple[int, ...] = ()
    rest: bytes = b""
    pieces: tuple[bytes, ...] = field(default=(), compare=False)
    given: tuple[int, ...] = ()

    def prefixes(self, vocabulary: Vocabulary, drawn: Sequence[Sequence[int]] = ((),)) -> Prefixes:
        """What stands there (B, T), with the tokens of each of B sequences that were drawn."""
        rows = [(*self.ids, *tokens) for tokens in drawn]
        return Prefixes.of(rows, self.given or vocabulary.nothing_given)


@dataclass(frozen=True, eq=False)
class Rows:
    """The distributions over the next token of B sequences, nats.

    Shapes: all (B, V). `model` is the model's own; `logprobs` the same given what of the prefix is
    still to be spelt; `stages` after each sampler.
    """

    model: Floats
    logprobs: Floats
    stages: tuple[Floats, ...]

    @property
    def final_logprobs(self) -> Floats:
        """The distributions (B, V) that tokens are drawn from."""
        return self.stages[-1] if self.stages else self.logprobs


@dataclass(frozen=True, eq=False)
class Growth:
    """B different sequences at the same number of drawn tokens; `after` gives the next ones.

    Attributes:
        history: what was drawn; the surprisals are kept only where the chain needs them.
        spelling: of the rest of the prefix; None where nothing was left to be spelt.
        spelt: (B,) how many bytes of the rest each sequence has spelt.
    """

    model: LanguageModel
    chain: SamplerChain
    decoder: Decoder
    history: History
    spelling: PrefixSpelling | None
    spelt: Ints

    @classmethod
    def begin(cls, model: LanguageModel, chain: SamplerChain, beginning: Beginning) -> Growth:
        """One sequence, nothing drawn yet.

        Raises:
            RequestError: the beginning has more tokens than the model can read.
        """
        return cls._at(model, chain, beginning, ())

    @classmethod
    def at(
        cls,
        model: LanguageModel,
        chain: SamplerChain,
        beginning: Beginning,
        drawn: Sequence[int],
    ) -> Growth:
        """One sequence that has drawn these tokens, whatever their probability."""
        if not (chain.needs_history or beginning.rest):
            return cls._at(model, chain, beginning, tuple(drawn))
        growth = cls.begin(model, chain, beginning)
        for token in drawn:
            growth = growth.after(np.zeros(1, np.int64), np.array([token]))
        return growth

    @classmethod
    def _at(
        cls,
        model: LanguageModel,
        chain: SamplerChain,
        beginning: Beginning,
        drawn: tuple[int, ...],
    ) -> Growth:
        prefixes = beginning.prefixes(model.vocabulary, [drawn])
        check_prefixes(model, prefixes.lengths)
        start = np.array([len(beginning.ids)])
        history = History(prefixes, start, np.zeros((1, 0)), np.zeros((1, 0)))
        spelling = (
            PrefixSpelling(model, beginning.rest, beginning.pieces) if beginning.rest else None
        )
        decoder = model.decoder(prefixes)
        return cls(model, chain, decoder, history, spelling, np.zeros(1, np.int64))

    def __len__(self) -> int:
        """How many sequences there are (B)."""
        return len(self.history.ids)

    @property
    def position(self) -> int:
        """How many tokens each sequence has drawn."""
        return int(self.history.ids.lengths[0] - self.history.start[0])

    @cached_property
    def rows(self) -> Rows:
        """The distributions over the next token.

        Raises:
            PluginError: the model or a sampler fails.
        """
        model = self.decoder.logprobs()
        logprobs = model
        if self.spelling is not None and (self.spelt < len(self.spelling.rest)).any():
            logprobs = self.spelling.conditional(model, self.history.ids, self.spelt)
        stages = self.chain.stages(logprobs, self.model.vocabulary, self.history)
        return Rows(model, logprobs, stages)

    @property
    def final_logprobs(self) -> Floats:
        """The distributions (B, V) that tokens are drawn from, nats."""
        return self.rows.final_logprobs

    def after(self, parents: Ints, tokens: Ints) -> Growth:
        """The sequences `parents` (B',) of these, each with a token (B',) more.

        Raises:
            RequestError: the model cannot read so many tokens.
        """
        may_stop()
        check_prefixes(self.model, self.history.ids.lengths[parents] + 1)
        decoder = self.decoder.copy()
        decoder.advance(parents, tokens)
        spelt = self.spelt[parents]
        if self.spelling is not None:
            spelt = self.spelling.after(spelt, tokens)
        history = self._history_after(parents, tokens)
        return replace(self, decoder=decoder, history=history, spelt=spelt)

    def _history_after(self, parents: Ints, tokens: Ints) -> History:
        before = self.history
        ids, start = before.ids.select(parents).append(tokens), before.start[parents]
        if not self.chain.needs_history:
            return History(ids, start, before.surprisal_model, before.surprisal_drawn)
        at = (parents, tokens)
        model, drawn = -self.rows.logprobs[at], -self.rows.final_logprobs[at]
        # A forced token that the samplers had removed counts with the model's surprisal.
        drawn = np.where(np.isfinite(drawn), drawn, model)
        return History(
            ids,
            start,
            np.c_[before.surprisal_model[parents], model],
            np.c_[before.surprisal_drawn[parents], drawn],
        )


def final_logprobs_after(
    model: LanguageModel,
    chain: SamplerChain,
    beginning: Beginning,
    paths: Sequence[Sequence[int]],
) -> Floats:
    """The distributions (B, V), nats, after each of several paths of drawn tokens.

    Raises:
        RequestError: the model cannot read so many tokens.
    """
    if not (chain.needs_history or beginning.rest):
        prefixes = beginning.prefixes(model.vocabulary, paths)
        check_prefixes(model, prefixes.lengths)
        rows = model.next_logprobs(prefixes.last(model.context_length))
        start = np.full(len(paths), len(beginning.ids))
        nothing = np.zeros((len(paths), 0))
        history = History(prefixes, start, nothing, nothing)
        return chain.final_logprobs(rows, model.vocabulary, history)
    logprobs = np.empty((len(paths), model.vocabulary.size))
    for length in set(map(len, paths)):
        alike = np.flatnonzero([len(path) == length for path in paths])
        drawn = np.array([paths[row] for row in alike.tolist()], np.int64)
        growth = Growth.begin(model, chain, beginning)
        parents = np.zeros(len(alike), np.int64)
        for step in range(length):
            growth = growth.after(parents, drawn[:, step])
            parents = np.arange(len(alike))
        logprobs[alike] = growth.final_logprobs[parents]
    return logprobs


def distinct_children(parents: Ints, tokens: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """The different pairs of parent and token, and which of them each given pair (B,) is."""
    pairs, nodes = np.unique(parents * size + tokens, return_inverse=True)
    return pairs // size, pairs % size, nodes.reshape(-1)
