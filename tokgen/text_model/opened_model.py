"""OpenedModel: a fitted model with its tokenizer and its corpus, asked in ids and requests."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Self

from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.likeliest_share import LikeliestShare, check_share
from tokgen.exact.memory import default_memory
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.beginning import GivenPrefix, given_prefix, text_of
from tokgen.text_model.conditioning import Conditioning
from tokgen.text_model.corpus_of_model import CorpusOfModel
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.generation import Generation
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.given import given_ids, given_values
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results import NextToken, Ranked, Score
from tokgen.text_model.spelling_scores import SpellingScores
from tokgen.text_model.texts import Texts
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.tensor_names import fingerprint
from tokgen.training.told_instead import told_instead_by

UNCONDITIONED = Conditions()


class OpenedModel:
    """A fitted model with its tokenizer, its corpus and what it is told.

    Args:
        corpus: the one that it speaks of; by default the one that it was trained on.
        given: what it is told, as in `told`.
        worth: what `verdict` says, where the model was trained just now.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        corpus: Corpus | None = None,
        given: Mapping[str, str] | None = None,
        worth: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._checkpoint = checkpoint
        self._worth = worth
        self.model = checkpoint.model
        self.tokenizer = checkpoint.tokenizer
        self.metadata = checkpoint.metadata
        self._corpus = CorpusOfModel(checkpoint.metadata, corpus)
        self._tell(given or {})
        self._conditioning = Conditioning(self.tokenizer, lambda: self.known)

    def _tell(self, given: Mapping[str, str]) -> None:
        vocabulary = self.model.vocabulary
        self.given_ids = (
            given_ids(self.metadata.model.name, vocabulary.columns, given, self._told_instead)
            if given
            else ()
        )
        self.given = given_values(vocabulary, self.given_ids)

    def _told_instead(self, columns: Sequence[str]) -> str:
        return told_instead_by(self.metadata.corpus.name, columns)

    def told(self, given: Mapping[str, str] | None) -> Self:
        """The same model, told these values of its columns and no others; None changes nothing.

        Raises:
            RequestError: the model is told no such column, or knows no such value of it.
        """
        if given is None:
            return self
        other = copy.copy(self)
        other._tell(given)
        return other

    @property
    def checkpoint(self) -> Checkpoint:
        """The model with its tokenizer and its history."""
        return self._checkpoint

    @cached_property
    def verdict(self) -> str | None:
        """What its training was worth, in the sentences that `tokgen train` ends with.

        None where the model was not trained just now, or its training was interrupted.
        """
        return self._worth()

    @cached_property
    def fingerprint(self) -> str:
        """What tells the model from one that has learnt anything else."""
        return fingerprint(self.model)

    @property
    def corpus(self) -> Corpus:
        """The corpus that the model speaks of: what is novel is in no row of it.

        It is the one that was named, or all rows of the one that the model was trained on.

        Raises:
            RequestError: none was named, and the other is not here any more or has changed.
        """
        return self._corpus.rows

    @property
    def trained_on(self) -> Corpus:
        """The rows that the model was trained on.

        Raises:
            RequestError: as `corpus`; or another corpus was named.
        """
        return self._corpus.trained_on

    @property
    def another_corpus(self) -> str | None:
        """A sentence where a corpus was named that the model was not trained on."""
        return self._corpus.another

    @cached_property
    def known(self) -> frozenset[str]:
        """All documents of `corpus` in NFC, in whatever split; raises as it does."""
        return frozenset(self.corpus.documents)

    def is_novel(self, text: str) -> bool | None:
        """Whether the corpus does not hold this text; None where the corpus is not found."""
        return None if self._known_if_found is None else text not in self._known_if_found

    @cached_property
    def _known_if_found(self) -> frozenset[str] | None:
        try:
            return self.known
        except RequestError:
            return None

    def generation(self, request: GenerationRequest) -> Generation:
        """The answer to a request: its plan, its documents, or their lines.

        Raises:
            RequestError: the prefix or a condition holds an unknown character, or the prefix
                leaves no room.
        """
        return self.generation_after(self.given_prefix(request.prefix), request)

    def generation_after(self, given: GivenPrefix, request: GenerationRequest) -> Generation:
        """The same where the prefix is known as ids already; otherwise as `generation`."""
        documents = self.source_after(
            given.beginning, request.samplers, request.conditions, request.memory
        )
        return Generation(request, given, documents, self.tokenizer)

    def source(
        self,
        prefix: str = "",
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
        given: Mapping[str, str] | None = None,
    ) -> DocumentSet:
        """The documents that begin with `prefix` and fulfil the conditions, as ids.

        `given` as in `told`.

        Raises:
            RequestError: the prefix or a condition holds an unknown character; or as `told`.
        """
        beginning = self.told(given).beginning(prefix)
        return self.source_after(beginning, samplers, conditions, memory)

    def source_after(
        self,
        beginning: Beginning,
        samplers: SamplerChain | None = None,
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
    ) -> DocumentSet:
        """The documents that go on from given ids; otherwise as `source`."""
        everything = DocumentSet(
            self.model,
            samplers or SamplerChain(),
            beginning,
            memory=or_default(memory),
            prefix=text_of(self.tokenizer, beginning.ids, beginning.rest),
        )
        return self._conditioning.conditioned(everything, conditions)

    def likeliest(self, share: float, memory: int | None = None) -> LikeliestShare:
        """The cut of the likeliest documents that together hold this share of probability.

        Raises:
            RequestError: it is no share; or the documents that come to an end hold less.
        """
        check_share(share)
        return self._conditioning.likeliest(self.source(memory=memory), share)

    def given_prefix(self, prefix: str) -> GivenPrefix:
        """A prefix as the ids that are given and the bytes that are still to be spelt.

        Raises:
            RequestError: the prefix holds an unknown character, or more tokens than the model can
                read.
        """
        return given_prefix(self.model, self.tokenizer, prefix, self.given_ids)

    def beginning(self, prefix: str) -> Beginning:
        """The ids and bytes of a prefix; raises as `given_prefix`."""
        return self.given_prefix(prefix).beginning

    def top_of(self, documents: DocumentSet, count: int | None = None) -> Iterator[Ranked]:
        """The first documents of a set in the order of `top`; raises as it does."""
        return Texts(self.tokenizer, documents).most_probable(count)

    def prefix_logprob(self, beginning: Beginning) -> float:
        """Log-probability (nats) of beginning so, summed over the ways to spell what is open."""
        scores = SpellingScores(self.model, self.tokenizer, beginning.given)
        return scores.of_beginning(beginning)

    def next_after(self, beginning: Beginning, samplers: SamplerChain) -> NextToken:
        """The distribution over the token after given ids; raises as `next`."""
        return next_token(self.tokenizer, Growth.begin(self.model, samplers, beginning))

    def explain_after(self, beginning: Beginning) -> list[Explanation]:
        """How the model comes to its distribution after the ids of a beginning.

        Raises:
            RequestError: the model does not say.
        """
        prefixes = beginning.prefixes(self.model.vocabulary).last(self.model.context_length)
        steps = self.model.explain(prefixes)
        if not steps:
            raise RequestError(f"The model {self.metadata.model.name!r} does not explain itself.")
        return steps

    def score_all(
        self, texts: Iterable[str], given: Mapping[str, str] | None = None
    ) -> Iterator[Score]:
        """Score many documents, a batch at a time; `given` as in `told`."""
        return self.told(given)._scores.of_texts(texts)

    def score_ids(self, ids: Sequence[int]) -> Score:
        """Log-probability of every token of a document of ids, in this spelling.

        The ids are without a start id and a terminator.
        """
        return next(self._scores.of_documents([self.tokenizer.decode(ids)], [ids]))

    @property
    def _scores(self) -> SpellingScores:
        return SpellingScores(self.model, self.tokenizer, self.given_ids)


def or_default(memory: int | None) -> int:
    """The bytes that are named, or those that everything takes where none are."""
    return default_memory() if memory is None else memory
