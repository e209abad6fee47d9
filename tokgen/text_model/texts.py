"""Texts of a document set: what is drawn, searched or grown as ids, told as text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tokgen.arrays import rows_at_once
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.scored_ids import ScoredIds
from tokgen.generation.grow import generate
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.documents_in_order import by_beam, most_probable
from tokgen.text_model.drawn_documents import draw, draw_without_replacement
from tokgen.text_model.results import Generated, Ranked
from tokgen.text_model.spelling_scores import SpellingScores

CANDIDATES_AT_ONCE = 4096
FEW_DOCUMENTS = 16


@dataclass(frozen=True)
class Texts:
    """The documents of a set as text, each with its log-probabilities, nats."""

    tokenizer: Tokenizer
    documents: DocumentSet

    def text(self, tokens: Sequence[int]) -> str:
        """The text of the beginning and the tokens after it."""
        return self.tokenizer.decode([*self.documents.beginning.ids, *tokens])

    @cached_property
    def _begun(self) -> tuple[int, ...]:
        """The prefix' ids, which each document begins with behind the start id."""
        return self._scores.without_start(self.documents.beginning)

    def grown(self, seed: int, count: int, room: int) -> Iterator[Generated]:
        """`count` documents, token by token, each cut after `room` tokens."""
        documents = self.documents
        before = self._scores.of_given_ids(documents.beginning)
        at_once = rows_at_once(documents.model.vocabulary.size, CANDIDATES_AT_ONCE)
        for begin in range(0, count, at_once):
            sequences = np.arange(begin, min(begin + at_once, count))
            grown = generate(
                documents.model, documents.samplers, documents.beginning, seed, sequences, room
            )
            texts, begun = map(self.text, grown.tokens), self._begun
            ids = [(*begun, *tokens) for tokens in grown.tokens]
            columns = ((before + grown.logprobs).tolist(), grown.logprobs_drawn.tolist())
            rows = zip(texts, *columns, grown.finished.tolist(), ids, strict=True)
            yield from itertools.starmap(Generated, rows)

    def drawn(self, seed: int, count: int) -> Iterator[Ranked]:
        """`count` documents, independent of each other; raises as `draw`."""
        return self._scored(draw(self.documents, seed, count))

    def different(self, seed: int, count: int) -> Iterator[Ranked]:
        """`count` documents of different texts, fewer where there are no more.

        Spellings are drawn without replacement, but for those of a text that was there already:
        that is drawing texts without replacement, each by the mass of all its spellings.
        """
        return self._scored(itertools.islice(self._new_texts(seed, count), count))

    def _new_texts(self, seed: int, count: int) -> Iterator[ScoredIds]:
        given: set[str] = set()
        looked_at, size = 0, count
        while True:
            found = draw_without_replacement(self.documents, seed, size)
            before = looked_at
            for each in itertools.islice(found, looked_at, None):
                looked_at += 1
                text = self.text(each.tokens)
                if text not in given:
                    given.add(text)
                    yield each
            if looked_at == before:
                return
            size *= 2

    def most_probable(self, count: int | None) -> Iterator[Ranked]:
        """The most probable texts in order, each once by its best spelling; `count`, or all.

        Raises:
            ImpossibleError: when the first is taken: there is none.
        """
        every = self._first_of_each_text(most_probable(self.documents))
        found = itertools.islice(every, count)
        first = list(itertools.islice(found, 1))
        if not first and count != 0:
            raise ImpossibleError(self.documents.prefix)
        yield from self._scored(itertools.chain(first, found))

    def by_beam(self, width: int, count: int, room: int) -> Iterator[Ranked]:
        """The same of what a beam of `width` prefixes finds, of at most `room` tokens."""
        found = self._first_of_each_text(by_beam(self.documents, width, room))
        return self._scored(itertools.islice(found, count))

    def _first_of_each_text(self, documents: Iterable[ScoredIds]) -> Iterator[ScoredIds]:
        given: set[str] = set()
        for each in documents:
            text = self.text(each.tokens)
            if text not in given:
                given.add(text)
                yield each

    def _scored(self, documents: Iterable[ScoredIds]) -> Iterator[Ranked]:
        """The documents with their log-probabilities under the model alone."""
        # What a search finds is given a condition whose probability nobody knows.
        known = not self.documents.is_conditioned or self.documents.condition_logprob is not None
        remaining, size = iter(documents), FEW_DOCUMENTS
        while batch := list(itertools.islice(remaining, size)):
            for document, logprob in zip(batch, self._alone(batch), strict=True):
                drawn = document.logprob if known else None
                ids = (*self._begun, *document.tokens)
                yield Ranked(self.text(document.tokens), logprob, drawn, ids)
            size = min(2 * size, CANDIDATES_AT_ONCE)

    def _alone(self, found: Sequence[ScoredIds]) -> list[float]:
        """Log-probabilities of the spellings under the model alone, without any condition."""
        documents, beginning = self.documents, self.documents.beginning
        if documents.samplers.samplers or beginning.rest:
            ids = self._scores.without_start(beginning)
            return self._scores.totals([[*ids, *each.tokens] for each in found])
        condition = None
        if documents.automaton is not None:
            condition = documents.proposals.condition_logprob
        before = self._scores.of_given_ids(beginning) + (condition or 0.0)
        return [before + document.logprob for document in found]

    @cached_property
    def _scores(self) -> SpellingScores:
        documents = self.documents
        return SpellingScores(documents.model, self.tokenizer, documents.beginning.given)
