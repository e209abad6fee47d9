"""Log-probabilities of spellings: documents of ids, beginnings, and texts in their own spelling."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.corpus.text_file import as_document
from tokgen.generation.growth import Beginning
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.given import given_values
from tokgen.text_model.results import Score

SCORED_AT_ONCE = 4096


@dataclass(frozen=True)
class SpellingScores:
    """What a model alone says of spellings, nats.

    Attributes:
        given: the id of the value of each column (C,); empty where none is known.
    """

    model: LanguageModel
    tokenizer: Tokenizer
    given: tuple[int, ...] = ()

    def of_texts(self, texts: Iterable[str]) -> Iterator[Score]:
        """The score of each text in the tokenizer's own spelling, a batch at a time."""
        remaining = map(as_document, texts)
        while batch := list(itertools.islice(remaining, SCORED_AT_ONCE)):
            yield from self.of_documents(batch, list(map(self.tokenizer.encode, batch)))

    def of_documents(
        self, texts: Sequence[str], documents: Sequence[Sequence[int]]
    ) -> Iterator[Score]:
        """The score of each document of ids, whose text is given."""
        dataset = self._dataset(documents)
        logprobs = token_logprobs(self.model, dataset)
        symbols, told = self.tokenizer.symbols, given_values(self.model.vocabulary, self.given)
        for text, ids, start in zip(texts, documents, dataset.starts.tolist(), strict=True):
            tokens = tuple(symbols[token] for token in [*ids, self.tokenizer.terminator_id])
            here = tuple(logprobs[start : start + len(tokens)].tolist())
            yield Score(text, tokens, here, told)

    def totals(self, documents: Sequence[Sequence[int]]) -> list[float]:
        """Log-probability of each document of ids, its terminator included."""
        if not documents:
            return []
        dataset = self._dataset(documents)
        sums = np.add.reduceat(token_logprobs(self.model, dataset), dataset.starts)
        return [float(each) for each in sums]

    def of_beginning(self, beginning: Beginning) -> float:
        """Log-probability of beginning so, summed over the ways to spell what is open."""
        logprob = self.of_given_ids(beginning)
        if beginning.rest:
            spelling = PrefixSpelling(self.model, beginning.rest, beginning.pieces)
            prefixes = beginning.prefixes(self.model.vocabulary)
            logprob += float(spelling.logprobs(prefixes, np.zeros(1, np.int64))[0])
        return logprob

    def of_given_ids(self, beginning: Beginning) -> float:
        """Log-probability of the ids of a beginning."""
        ids = self.without_start(beginning)
        if not ids:
            return 0.0
        return float(sum(token_logprobs(self.model, self._dataset([ids]))[:-1].tolist()))

    def without_start(self, beginning: Beginning) -> tuple[int, ...]:
        """The ids of a beginning behind the start id."""
        return beginning.ids[len(self.model.vocabulary.beginning) :]

    def _dataset(self, documents: Sequence[Sequence[int]]) -> Dataset:
        vocabulary = self.model.vocabulary
        values = np.array(self.given or vocabulary.nothing_given, np.int64)
        given = np.repeat(values[None], len(documents), axis=0)
        return Dataset(EncodedDocuments.of(documents), vocabulary, given)
