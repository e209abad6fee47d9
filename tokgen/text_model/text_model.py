"""TextModel: tokenizer + model; text in, text out. It is what `tokgen.load` returns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from tokgen.corpus.corpus import Corpus, open_corpus
from tokgen.errors import RequestError
from tokgen.exact.bulk.drawn_batch import Bytes
from tokgen.exact.conditions import LONGEST, Conditions, automaton_of
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import Explanation
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import EncodedDocuments, Tokenizer
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.line_stream import line_chunks
from tokgen.text_model.results import Generated, NextToken, Ranked, Score
from tokgen.training.checkpoint import Checkpoint
from tokgen.unicode import nfc

CANDIDATES_AT_ONCE = 4096
FEW_DOCUMENTS = 16
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
        max_states: int = MAX_STATES,
    ) -> Iterator[Generated]:
        """Yield documents that begin with `prefix`.

        Args:
            samplers: applied in this order, as `"top_p:p=0.9"`; or a chain made of them.
            max_length: tokens that a document may have, its prefix included.
            conditions: what they must fulfil; they are drawn from the model given that they do.
            unique: draw without replacement; fewer than `count` come where there are no more.
            max_states: of the chain, or of the prefixes that a search may look at.

        Conditions and `unique` are exact, by schemes of their own that ignore `max_length`.

        Raises:
            RequestError: the prefix holds an unknown character or leaves no room, a condition is
                impossible, `max_states` do not suffice, or conditions meet a sampler that needs
                more than the distribution.
        """
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        if not (conditions or unique):
            candidates = self._candidates(prefix, seed, chain, max_length, count)
            yield from itertools.islice(candidates, count)
            return
        source = self.source(prefix, chain, conditions, max_states)
        if unique:
            drawn: Iterable[ScoredIds] = source.draw_without_replacement(seed, count)
        else:
            drawn = source.draw(seed, count)
        for each in self._scored(source, drawn):
            yield Generated(each.text, each.logprob, each.logprob_drawn, finished=True)

    def _ids(self, prefix: str) -> list[int]:
        return [*self.tokenizer.vocabulary.beginning, *self.tokenizer.encode(nfc(prefix))]

    def source(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        max_states: int = MAX_STATES,
    ) -> DocumentSet:
        """The documents that begin with `prefix` and fulfil the conditions, as ids.

        Raises:
            RequestError: the prefix or a condition holds an unknown character.
        """
        automaton = None
        if conditions:
            allowed = automaton_of(conditions, self.tokenizer, lambda: self.known)
            automaton = allowed.after(self.tokenizer.encode(prefix))
        ids = tuple(self._ids(prefix))
        return DocumentSet(self.model, samplers or SamplerChain(), ids, automaton, max_states)

    def top(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        max_states: int = MAX_STATES,
    ) -> Iterator[Ranked]:
        """Documents that begin with `prefix`, the most probable under the samplers first, exactly.

        Raises:
            RequestError: as `generate`.
        """
        source = self.source(prefix, samplers, conditions, max_states)
        return self._scored(source, source.most_probable())

    def _scored(self, source: DocumentSet, documents: Iterable[ScoredIds]) -> Iterator[Ranked]:
        """The documents as text, with their log-probabilities under the model alone."""
        # What a search finds is given a condition whose probability nobody knows.
        known = source.automaton is None or source.is_chain
        remaining, size = iter(documents), FEW_DOCUMENTS
        while batch := list(itertools.islice(remaining, size)):
            texts = [self.tokenizer.decode([*source.prefix, *each.tokens]) for each in batch]
            alone = self._alone(source, batch, texts)
            for text, logprob, document in zip(texts, alone, batch, strict=True):
                yield Ranked(text, logprob, document.logprob if known else None)
            size = min(2 * size, CANDIDATES_AT_ONCE)

    def _alone(
        self, source: DocumentSet, documents: Sequence[ScoredIds], texts: Sequence[str]
    ) -> list[float]:
        """Log-probabilities of whole documents under the model alone, without any condition."""
        if source.samplers.samplers:
            return [score.logprob for score in self.score_all(texts)]
        condition = (
            source.chain.logprob if source.automaton is not None and source.is_chain else 0.0
        )
        before = self.prefix_logprob(self.tokenizer.decode(source.prefix)) + condition
        return [before + document.logprob for document in documents]

    def prefix_logprob(self, prefix: str) -> float:
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
        conditions: Conditions = UNCONDITIONED,
        max_states: int = MAX_STATES,
    ) -> Iterator[bytes] | None:
        """The documents of `generate` as lines of UTF-8, thousands a chunk.

        None where the tokenizer has no byte for each symbol, or documents that fulfil the
        conditions can only be searched for.
        """
        lines = one_byte_each(self.tokenizer)
        if lines is None:
            return None
        source = self.source(prefix, samplers, conditions, max_states)
        room = LONGEST if conditions else _room(prefix, list(source.prefix), max_length)
        return line_chunks(source, seed, count, room, lines, prefix.encode())

    def _candidates(
        self, prefix: str, seed: int, chain: SamplerChain, max_length: int, first: int
    ) -> Iterator[Generated]:
        ids = self._ids(prefix)
        room = _room(prefix, ids, max_length)
        before = self.prefix_logprob(prefix)
        begin = 0
        while True:
            size = max(1, min(first, CANDIDATES_AT_ONCE)) if begin == 0 else CANDIDATES_AT_ONCE
            sequences = np.arange(begin, begin + size)
            grown = generate(self.model, chain, Beginning(tuple(ids)), seed, sequences, room)
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
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        seen = Growth.begin(self.model, chain, Beginning(tuple(ids))).rows
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
            seen.logprobs[0],
            tuple(chained.label for chained in chain.samplers),
            tuple(stage[0] for stage in seen.stages),
        )

    def explain(self, prefix: str) -> list[Explanation]:
        """How the model comes to its distribution after a prefix.

        Raises:
            RequestError: the prefix holds an unknown character, or the model does not say.
        """
        prefixes = Prefixes.of([self._ids(prefix)]).last(self.model.context_length)
        steps = self.model.explain(prefixes)
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


def one_byte_each(tokenizer: Tokenizer) -> Bytes | None:
    """The byte of each id (V,), a newline for the terminator; None where one has more or none."""
    pieces = tokenizer.pieces()
    if pieces is None:
        return None
    pieces[tokenizer.terminator_id] = b"\n"
    if any(len(piece) != 1 for piece in pieces):
        return None
    return np.frombuffer(b"".join(pieces), np.uint8)
