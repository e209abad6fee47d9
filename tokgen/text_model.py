"""TextModel: tokenizer + model; text in, text out. It is what `tokgen.load` returns."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial

import numpy as np

from tokgen.answers import Generated, NextToken, Ranked, Score
from tokgen.bulk import BulkWalker, as_text, fastest, grown, text_chunks, with_replacement
from tokgen.chain import MAX_STATES, compile_chain
from tokgen.chain_syntax import parse_chain
from tokgen.checkpoint import Checkpoint
from tokgen.conditioning import Conditioned, condition
from tokgen.conditions import Conditions, automaton_of
from tokgen.corpus import Corpus, open_corpus
from tokgen.dataset import Dataset
from tokgen.errors import RequestError
from tokgen.evaluation import token_logprobs
from tokgen.generation import generate
from tokgen.model import Explanation, Ints, Prefixes
from tokgen.rejection import accepted
from tokgen.sampler import SamplerChain, Situation
from tokgen.tokenizer import EncodedDocuments
from tokgen.top import top, top_of_unbounded
from tokgen.unique import without_replacement

CANDIDATES_AT_ONCE = 4096
UNCONDITIONED = Conditions()


class TextModel:
    """A fitted model that speaks text."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.model = checkpoint.model
        self.tokenizer = checkpoint.tokenizer
        self.metadata = checkpoint.metadata

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus that the model was trained on.

        Raises:
            RequestError: it is not here any more, or its data have changed since.
        """
        trained_on = self.metadata.corpus
        corpus = open_corpus(trained_on.name, trained_on.where)
        if corpus.fingerprint != trained_on.fingerprint:
            raise RequestError(f"The corpus {trained_on.name!r} has changed since the training.")
        return corpus

    @cached_property
    def known(self) -> frozenset[str]:
        """All documents of the corpus, in whatever split."""
        return frozenset(self.corpus.documents)

    def generate(
        self,
        count: int = 10,
        *,
        prefix: str = "",
        seed: int = 0,
        samplers: Sequence[str] | SamplerChain = (),
        max_length: int = 64,
        conditions: Conditions = UNCONDITIONED,
        unique: bool = False,
    ) -> Iterator[Generated]:
        """Yield documents that begin with `prefix`.

        Args:
            samplers: applied in this order, as `"top_p:p=0.9"`; or a chain made of them.
            max_length: tokens that a document may have, its prefix included.
            conditions: what they must fulfil; they are drawn from the model given that they do.
            unique: draw without replacement.

        For a bounded model conditions and `unique` are exact, by schemes of their own that ignore
        `max_length`. For others `novel` and `unique` reject candidates, and give up, yielding fewer
        than `count`, when 1,000 in a row were rejected for each document still wanted.

        Raises:
            RequestError: the prefix holds an unknown character or leaves no room, or a condition is
                impossible, or the model is unbounded and the condition not among the two above.
        """
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        if not (conditions or unique):
            yield from itertools.islice(
                self._candidates(prefix, seed, chain, max_length, count), count
            )
        elif self.model.context_length is not None and chain.needs_distribution_alone:
            yield from self._exactly(count, prefix, seed, chain, conditions, unique)
        elif conditions in (UNCONDITIONED, Conditions(novel=True)):
            candidates = self._candidates(prefix, seed, chain, max_length, count)
            known = self.known if conditions.novel else frozenset()
            yield from accepted(candidates, count, known, unique)
        else:
            raise RequestError("Only a model of bounded context can be conditioned so.")

    def _ids(self, prefix: str) -> list[int]:
        return [*self.tokenizer.start_ids, *self.tokenizer.encode(prefix)]

    def markov_chain(
        self,
        samplers: SamplerChain | None = None,
        prefix: str = "",
        conditions: Conditions = UNCONDITIONED,
        max_states: int = MAX_STATES,
    ) -> Conditioned:
        """What follows the prefix as a Markov chain, given the conditions, and their probability.

        Raises:
            RequestError: the model is unbounded or has too many states, a sampler needs more than
                the distribution, or the conditions are impossible.
        """
        chain = compile_chain(self.model, samplers, self._ids(prefix), max_states)
        if not conditions:
            return Conditioned(chain, 0.0)
        automaton = automaton_of(conditions, self.tokenizer, lambda: self.known)
        return condition(chain, automaton.after(self.tokenizer.encode(prefix)))

    def _exactly(
        self,
        count: int,
        prefix: str,
        seed: int,
        samplers: SamplerChain,
        conditions: Conditions,
        unique: bool,
    ) -> Iterator[Generated]:
        conditioned = self.markov_chain(samplers, prefix, conditions)
        if unique:
            drawn = without_replacement(conditioned.chain, seed)
        else:
            drawn = with_replacement(conditioned.chain, seed, count)
        ids = self._ids(prefix)
        documents = itertools.islice(drawn, count)
        while batch := list(itertools.islice(documents, CANDIDATES_AT_ONCE)):
            texts = [self.tokenizer.decode([*ids, *document.tokens]) for document in batch]
            for text, document, score in zip(texts, batch, self.score_all(texts), strict=True):
                yield Generated(text, score.logprob, document.logprob, finished=True)

    def top(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        max_states: int = MAX_STATES,
    ) -> Iterator[Ranked]:
        """Documents that begin with `prefix`, the most probable first, exactly.

        Their log-probabilities (nats) are of the whole document: the prefix's tokens under the
        model, the others under the samplers and given the conditions.

        Raises:
            RequestError: an unbounded model is to be searched under samplers or conditions.
        """
        ids = self._ids(prefix)
        if self.model.context_length is not None:
            found = top(self.markov_chain(samplers, prefix, conditions, max_states).chain)
        elif conditions or (samplers and samplers.links):
            raise RequestError("Only a model of bounded context can be searched so.")
        else:
            found = top_of_unbounded(self.model, ids)
        before = self._logprob_of_prefix(prefix)
        for document in found:
            text = self.tokenizer.decode([*ids, *document.tokens])
            yield Ranked(text, before + document.logprob)

    def _logprob_of_prefix(self, prefix: str) -> float:
        """Log-probability (nats) of beginning so."""
        return sum(self.score(prefix).logprobs[:-1]) if prefix else 0.0

    def text_chunks(
        self,
        count: int,
        *,
        prefix: str = "",
        seed: int = 0,
        samplers: SamplerChain | None = None,
        max_length: int = 64,
    ) -> Iterator[bytes] | None:
        """The documents of `generate` as lines of UTF-8, thousands a chunk.

        A bounded model is walked as a table; an unbounded one reads equal prefixes once.
        None where the tokenizer has no byte for each symbol.
        """
        table = self.tokenizer.bytes_of_ids()
        if table is None:
            return None
        lines = table.copy()
        lines[self.tokenizer.terminator_id] = ord("\n")
        ids = self._ids(prefix)
        chain = samplers or SamplerChain()
        room = _room(prefix, ids, max_length)
        if self.model.context_length is not None and chain.needs_distribution_alone:
            walker = fastest(BulkWalker(compile_chain(self.model, chain, ids), room), count)
            text = partial(walker.text, seed, bytes_of=lines, prefix=prefix.encode())
            return text_chunks(text, count, os.cpu_count() or 1)

        def grown_text(sequences: Ints) -> bytes:
            walk = grown(self.model, chain, ids, seed, sequences, room)
            return as_text(walk, len(sequences), lines, prefix.encode())

        # One batch at a time: models use all cores themselves, and their states are large.
        return text_chunks(grown_text, count, 1)

    def _candidates(
        self, prefix: str, seed: int, chain: SamplerChain, max_length: int, first: int
    ) -> Iterator[Generated]:
        ids = self._ids(prefix)
        room = _room(prefix, ids, max_length)
        before = self._logprob_of_prefix(prefix)
        begin = 0
        while True:
            size = max(1, min(first, CANDIDATES_AT_ONCE)) if begin == 0 else CANDIDATES_AT_ONCE
            sequences = np.arange(begin, begin + size)
            grown = generate(self.model, chain, ids, seed, sequences, room)
            texts = (self.tokenizer.decode([*ids, *tokens]) for tokens in grown.tokens)
            columns = ((before + grown.logprobs).tolist(), grown.logprobs_drawn.tolist())
            rows = zip(texts, *columns, grown.finished.tolist(), strict=True)
            yield from itertools.starmap(Generated, rows)
            begin += size

    def next(self, prefix: str = "", samplers: Sequence[str] | SamplerChain = ()) -> NextToken:
        """The distribution over the token after `prefix`, and after each of the samplers.

        Raises:
            RequestError: the prefix holds an unknown character, or a sampler of the chain needs
                more than the distribution.
        """
        ids = self._ids(prefix)
        prefixes = Prefixes.of([ids])
        logprobs = self.model.next_logprobs(prefixes.last(self.model.context_length))
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        if chain.needs_history or chain.takes_chance:
            raise RequestError("This chain needs more than the distribution; see it in the REPL.")
        situations = [
            Situation(position=None if link.sampler.needs == "distribution" else 0)
            for link in chain.links
        ]
        stages = chain.stages(logprobs, situations)
        symbols = self.tokenizer.symbols
        tokens = tuple(symbols[token] for token in ids)
        width = self.model.context_length
        window = prefixes.padded(len(ids) if width is None else width, self.tokenizer.terminator_id)
        return NextToken(
            prefix,
            tokens,
            len(ids) if width is None else min(width, len(ids)),
            "".join(symbols[token] for token in window[0].tolist()),
            symbols,
            logprobs[0],
            tuple(link.label for link in chain.links),
            tuple(stage[0] for stage in stages),
        )

    def explain(self, prefix: str) -> list[Explanation]:
        """How the model comes to its distribution after a prefix.

        Raises:
            RequestError: the prefix holds an unknown character, or the model does not say.
        """
        prefixes = Prefixes.of([self._ids(prefix)]).last(self.model.context_length)
        steps = self.model.explain(prefixes, self.tokenizer.symbols)
        if not steps:
            raise RequestError(f"The model {self.metadata.model.name!r} does not explain itself.")
        return steps

    def score(self, text: str) -> Score:
        """Log-probability of every token of a document, its terminator included.

        Raises:
            RequestError: the text holds an unknown character.
        """
        return next(iter(self.score_all([text])))

    def score_all(self, texts: Iterable[str]) -> Iterator[Score]:
        """Score many documents, a batch at a time."""
        remaining = iter(texts)
        while batch := list(itertools.islice(remaining, CANDIDATES_AT_ONCE)):
            yield from self._score_batch(batch)

    def _score_batch(self, texts: Sequence[str]) -> Iterator[Score]:
        rows = [self.tokenizer.encode(text) for text in texts]
        dataset = Dataset(EncodedDocuments.of(rows), self.tokenizer.vocabulary)
        logprobs = token_logprobs(self.model, dataset)
        symbols = self.tokenizer.symbols
        for text, ids, start in zip(texts, rows, dataset.starts.tolist(), strict=True):
            tokens = tuple(symbols[token] for token in [*ids, self.tokenizer.terminator_id])
            yield Score(text, tokens, tuple(logprobs[start : start + len(tokens)].tolist()))


def _room(prefix: str, ids: list[int], max_length: int) -> int:
    """How many tokens may follow a prefix."""
    if len(ids) > max_length:
        raise RequestError(f"The prefix {prefix!r} is longer than the length limit {max_length}.")
    return max_length - len(ids)
