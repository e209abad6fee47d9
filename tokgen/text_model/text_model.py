"""TextModel: tokenizer + model; text in, text out. It is what `tokgen.load` returns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from tokgen.arrays import rows_at_once
from tokgen.corpus.corpus import Corpus, open_corpus
from tokgen.errors import RequestError
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.conditions import MAX_TOKENS, Conditions, automaton_of
from tokgen.exact.memory import default_memory
from tokgen.exact.scored_ids import ScoredIds
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import Explanation
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import EncodedDocuments
from tokgen.text_model.beginning import GivenPrefix, given_prefix
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.generation_plan import GenerationPlan, Method, plan_documents, plan_lines
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.line_stream import lines_grown, lines_of_table
from tokgen.text_model.next_token import next_token
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
        """All documents of the corpus in NFC, in whatever split."""
        return frozenset(map(nfc, self.corpus.documents))

    def generate(
        self,
        count: int = 10,
        *,
        prefix: str = "",
        seed: int = 0,
        samplers: Sequence[str] | SamplerChain = (),
        max_length: int | None = None,
        conditions: Conditions = UNCONDITIONED,
        unique: bool = False,
        memory: int | None = None,
    ) -> Iterator[Generated]:
        """Documents that begin with `prefix`, as `GenerationRequest` describes them.

        Args:
            samplers: applied in this order, as `"top_p:p=0.9"`; or a chain made of them.

        Raises:
            RequestError: what is asked for cannot be; where it takes drawing to find out (a
                condition is impossible, the memory does not suffice), when documents are taken.
        """
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        request = GenerationRequest(
            count, prefix, seed, chain, conditions, unique, max_length, _or_default(memory)
        )
        return self.documents(request, self.plan(request))

    def plan(self, request: GenerationRequest) -> GenerationPlan:
        """By which method the request is answered, and why; nothing is drawn yet.

        Raises:
            RequestError: the prefix or a condition holds an unknown character, the prefix leaves
                no room, or a condition is impossible.
        """
        return plan_documents(request, self._asked_for(request))

    def _asked_for(self, request: GenerationRequest) -> DocumentSet:
        documents = self.source(
            request.prefix, request.samplers, request.conditions, request.memory
        )
        if not request.is_conditioned:
            _room(request, documents.beginning)
        return documents

    def documents(self, request: GenerationRequest, plan: GenerationPlan) -> Iterator[Generated]:
        """The documents of a request, by the method that was planned for it."""
        if plan.method is Method.grow:
            return itertools.islice(self._grown(request, plan.documents), request.count)
        found = plan.documents.draw(request.seed, request.count)
        if request.unique:
            found = self._different_texts(plan.documents, request)
        scored = self._scored(plan.documents, found)
        return (Generated(each.text, each.logprob, each.logprob_drawn, True) for each in scored)

    def _different_texts(
        self, documents: DocumentSet, request: GenerationRequest
    ) -> Iterator[ScoredIds]:
        """Spellings without replacement, but for those of a text that was there already.

        That is drawing texts without replacement, each by the mass of all its spellings.
        """
        given: set[str] = set()
        looked_at, size = 0, request.count
        while len(given) < request.count:
            found = documents.draw_without_replacement(request.seed, size)
            fresh = itertools.islice(found, looked_at, None)
            before = looked_at
            for each in fresh:
                looked_at += 1
                text = self._text(documents.beginning, each.tokens)
                if text not in given:
                    given.add(text)
                    yield each
                    if len(given) == request.count:
                        return
            if looked_at == before:
                return
            size *= 2

    def _text(self, beginning: Beginning, tokens: Sequence[int]) -> str:
        return self.tokenizer.decode([*beginning.ids, *tokens])

    def source(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
    ) -> DocumentSet:
        """The documents that begin with `prefix` and fulfil the conditions, as ids.

        Raises:
            RequestError: the prefix or a condition holds an unknown character.
        """
        return self.source_after(self.beginning(prefix), samplers, conditions, memory)

    def source_after(
        self,
        beginning: Beginning,
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
    ) -> DocumentSet:
        """The documents that go on from given ids; otherwise as `source`."""
        automaton, accepts = None, None
        if conditions and self.tokenizer.pieces() is None:

            def accepts(tokens: Sequence[int]) -> bool:
                text = self._text(beginning, tokens)
                return conditions.met_by(text, self.known if conditions.novel else ())

        elif conditions:
            automaton = automaton_of(conditions, self.tokenizer, lambda: self.known, beginning.ids)
        chain = samplers or SamplerChain()
        return DocumentSet(self.model, chain, beginning, automaton, accepts, _or_default(memory))

    def given_prefix(self, prefix: str) -> GivenPrefix:
        """A prefix as the ids that are given and the bytes that are still to be spelt.

        Raises:
            RequestError: the prefix holds an unknown character.
        """
        return given_prefix(self.model, self.tokenizer, prefix)

    def beginning(self, prefix: str) -> Beginning:
        """The ids and bytes of a prefix; raises as `given_prefix`."""
        return self.given_prefix(prefix).beginning

    def top(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
        count: int | None = None,
    ) -> Iterator[Ranked]:
        """Documents that begin with `prefix`, the most probable under the samplers first, exactly.

        Each text comes once, by the most probable of its spellings. `count` documents, or all.

        Raises:
            RequestError: as `generate`.
        """
        return self.top_of(self.source(prefix, samplers, conditions, memory), count)

    def top_of(self, documents: DocumentSet, count: int | None = None) -> Iterator[Ranked]:
        """The first documents of a set in the order of `top`; raises as it does."""
        found = itertools.islice(self._first_of_each_text(documents), count)
        return self._scored(documents, found)

    def _first_of_each_text(self, documents: DocumentSet) -> Iterator[ScoredIds]:
        given: set[str] = set()
        for each in documents.most_probable():
            text = self._text(documents.beginning, each.tokens)
            if text not in given:
                given.add(text)
                yield each

    def _scored(self, source: DocumentSet, documents: Iterable[ScoredIds]) -> Iterator[Ranked]:
        """The documents as text, with their log-probabilities under the model alone."""
        # What a search finds is given a condition whose probability nobody knows.
        known = not source.is_conditioned or source.markov is not None
        remaining, size = iter(documents), FEW_DOCUMENTS
        while batch := list(itertools.islice(remaining, size)):
            alone = self._alone(source, batch)
            for document, logprob in zip(batch, alone, strict=True):
                text = self._text(source.beginning, document.tokens)
                yield Ranked(text, logprob, document.logprob if known else None)
            size = min(2 * size, CANDIDATES_AT_ONCE)

    def _alone(self, source: DocumentSet, documents: Sequence[ScoredIds]) -> list[float]:
        """Log-probabilities of the spellings under the model alone, without any condition."""
        if source.samplers.samplers or source.beginning.rest:
            begin = len(self.tokenizer.vocabulary.beginning)
            ids = source.beginning.ids[begin:]
            return self._logprobs([[*ids, *each.tokens] for each in documents])
        condition = 0.0
        if source.is_conditioned and source.markov is not None:
            condition = source.markov.logprob
        before = self._ids_logprob(source.beginning) + condition
        return [before + document.logprob for document in documents]

    def prefix_logprob(self, beginning: Beginning) -> float:
        """Log-probability (nats) of beginning so, summed over the ways to spell what is open."""
        logprob = self._ids_logprob(beginning)
        if beginning.rest:
            spelling = PrefixSpelling(self.model, beginning.rest, beginning.pieces)
            prefixes = Prefixes.of([beginning.ids], beginning.given)
            logprob += float(spelling.logprobs(prefixes, np.zeros(1, np.int64))[0])
        return logprob

    def _ids_logprob(self, beginning: Beginning) -> float:
        """Log-probability (nats) of the ids of a beginning."""
        ids = beginning.ids[len(self.tokenizer.vocabulary.beginning) :]
        if not ids:
            return 0.0
        dataset = Dataset(EncodedDocuments.of([ids]), self.tokenizer.vocabulary)
        return float(sum(token_logprobs(self.model, dataset)[:-1].tolist()))

    def _logprobs(self, documents: Sequence[Sequence[int]]) -> list[float]:
        """Log-probability (nats) of each document of ids, its terminator included."""
        dataset = Dataset(EncodedDocuments.of(documents), self.tokenizer.vocabulary)
        logprobs = token_logprobs(self.model, dataset)
        sums = np.add.reduceat(logprobs, dataset.starts) if len(documents) else np.zeros(0)
        return [float(each) for each in sums]

    def lines(self, request: GenerationRequest) -> Iterator[bytes] | None:
        """The texts of a request as lines of UTF-8, thousands a chunk.

        None where a token is not just one ASCII character, or where documents are searched for.

        Raises:
            RequestError: as `plan`.
        """
        pieces = self.tokenizer.pieces()
        bytes_of = None if pieces is None else line_bytes(pieces, self.tokenizer.terminator_id)
        if bytes_of is None or request.unique:
            return None
        plan = plan_lines(request, self._asked_for(request))
        documents, prefix = plan.documents, request.prefix.encode()
        room = MAX_TOKENS if request.conditions else _room(request, documents.beginning)
        if plan.method is Method.table and documents.markov is not None:
            chain = documents.markov.chain
            return lines_of_table(chain, request.seed, request.count, room, bytes_of, prefix)
        if plan.method is Method.grow:
            return lines_grown(documents, request.seed, request.count, room, bytes_of, prefix)
        return None

    def _grown(self, request: GenerationRequest, documents: DocumentSet) -> Iterator[Generated]:
        beginning = documents.beginning
        room = _room(request, beginning)
        before = self._ids_logprob(beginning)
        at_once = rows_at_once(self.model.vocabulary.size, CANDIDATES_AT_ONCE)
        begin, size = 0, max(1, min(request.count, at_once))
        while True:
            sequences = np.arange(begin, begin + size)
            grown = generate(self.model, request.samplers, beginning, request.seed, sequences, room)
            texts = (self._text(beginning, tokens) for tokens in grown.tokens)
            columns = ((before + grown.logprobs).tolist(), grown.logprobs_drawn.tolist())
            rows = zip(texts, *columns, grown.finished.tolist(), strict=True)
            yield from itertools.starmap(Generated, rows)
            begin, size = begin + size, at_once

    def next(self, prefix: str = "", samplers: Sequence[str] | SamplerChain = ()) -> NextToken:
        """The distribution over the token after `prefix`, and after each of the samplers.

        Raises:
            RequestError: the prefix holds an unknown character, or the model cannot spell it.
            PluginError: the model or a sampler fails.
        """
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        growth = Growth.begin(self.model, chain, self.beginning(prefix))
        return next_token(self.tokenizer, growth)

    def explain(self, prefix: str) -> list[Explanation]:
        """How the model comes to its distribution after a prefix; raises as `explain_ids`.

        Where the prefix is not wholly spelt yet, it is the distribution after what is.
        """
        return self.explain_ids(self.beginning(prefix).ids)

    def explain_ids(self, ids: Sequence[int]) -> list[Explanation]:
        """How the model comes to its distribution after ids, the start id among them.

        Raises:
            RequestError: the model does not say.
        """
        prefixes = Prefixes.of([ids]).last(self.model.context_length)
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
            rows = [self.tokenizer.encode(nfc(text)) for text in batch]
            yield from self._scores(batch, rows)

    def score_ids(self, ids: Sequence[int]) -> Score:
        """Log-probability of every token of a document of ids, in this spelling.

        The ids are without a start id and a terminator.
        """
        return next(self._scores([self.tokenizer.decode(ids)], [ids]))

    def _scores(self, texts: Sequence[str], rows: Sequence[Sequence[int]]) -> Iterator[Score]:
        dataset = Dataset(EncodedDocuments.of(rows), self.tokenizer.vocabulary)
        logprobs = token_logprobs(self.model, dataset)
        symbols = self.tokenizer.symbols
        for text, ids, start in zip(texts, rows, dataset.starts.tolist(), strict=True):
            tokens = tuple(symbols[token] for token in [*ids, self.tokenizer.terminator_id])
            yield Score(text, tokens, tuple(logprobs[start : start + len(tokens)].tolist()))


def _or_default(memory: int | None) -> int:
    return default_memory() if memory is None else memory


def _room(request: GenerationRequest, beginning: Beginning) -> int:
    """How many tokens may follow a beginning."""
    if len(beginning.ids) > request.cut_at:
        raise RequestError(
            f"The prefix {request.prefix!r} is longer than the length limit {request.cut_at}."
        )
    return request.cut_at - len(beginning.ids)
