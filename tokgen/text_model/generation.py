"""Generation: a request that a text model answers, by the method that is planned for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tokgen.errors import RequestError
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.longest import LONGEST_DRAWN
from tokgen.plugin_api.positions import length_limit
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.beginning import GivenPrefix
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.generation_plan import GenerationPlan, Method, plan_documents, plan_lines
from tokgen.text_model.generation_request import CUT_AT, GenerationRequest
from tokgen.text_model.line_stream import (
    lines_grown,
    lines_of_table,
    lines_of_whole_documents,
)
from tokgen.text_model.results import Generated
from tokgen.text_model.steps import Step, steps
from tokgen.text_model.texts import Texts


class Generation:
    """The documents of a request; nothing is drawn before they are taken.

    Raises:
        RequestError: the prefix leaves no room for a document.
    """

    def __init__(
        self,
        request: GenerationRequest,
        given: GivenPrefix,
        documents: DocumentSet,
        tokenizer: Tokenizer,
    ) -> None:
        self.request = request
        self.given = given
        self._documents = documents
        self._tokenizer = tokenizer
        # Given a condition no document is cut: each goes on until it ends.
        uncut = request.is_conditioned and request.beam is None
        self._room = LONGEST_DRAWN if uncut else _room(request, documents)

    @cached_property
    def plan(self) -> GenerationPlan:
        """By which method the documents are made, and why.

        Raises:
            RequestError: a condition is impossible.
        """
        return plan_documents(self.request, self._documents)

    def documents(self) -> Iterator[Generated]:
        """The documents with their log-probabilities, by the method of the plan."""
        seed, count = self.request.seed, self.request.count
        texts = Texts(self._tokenizer, self.plan.documents)
        if self.plan.method is Method.grow:
            return texts.grown(seed, count, self._room)
        if self.request.beam is not None:
            found = texts.by_beam(self.request.beam, count, self._room)
        elif self.request.unique:
            found = texts.different(seed, count)
        else:
            found = texts.drawn(seed, count)
        return (each.generated for each in found)

    def steps(self) -> Iterator[Step]:
        """The first document, grown token by token."""
        request, documents = self.request, self._documents
        return steps(
            documents.model,
            self._tokenizer,
            request.samplers,
            documents.beginning,
            request.seed,
            self._room,
        )

    def lines(self) -> Iterator[bytes] | None:
        """The texts as lines of UTF-8, thousands a chunk; the same documents, faster.

        None where a token is not just one ASCII character, or where documents are searched for.

        Raises:
            RequestError: as `plan`.
        """
        pieces, seed, count = self._tokenizer.pieces(), self.request.seed, self.request.count
        if pieces is None or self.request.unique or self.request.beam is not None:
            return None
        bytes_of = line_bytes(pieces, self._tokenizer.vocabulary)
        if bytes_of is None:
            return None
        plan = (
            self.plan if self.request.is_conditioned else plan_lines(self.request, self._documents)
        )
        # What of the prefix is still to be spelt is drawn like any token.
        prefix = b"".join(pieces[token] for token in self.given.beginning.ids)
        if plan.method is Method.table and plan.documents.markov is not None:
            chain = plan.documents.markov.chain
            if self.request.is_conditioned:
                return lines_of_whole_documents(chain, seed, count, bytes_of, prefix)
            return lines_of_table(chain, seed, count, self._room, bytes_of, prefix)
        if plan.method is Method.grow:
            return lines_grown(plan.documents, seed, count, self._room, bytes_of, prefix)
        return None


def _room(request: GenerationRequest, documents: DocumentSet) -> int:
    """How many tokens may follow the prefix."""
    model = documents.model
    limit = length_limit(model, request.max_length, CUT_AT)
    given = len(documents.beginning.ids) - len(model.vocabulary.beginning)
    if given > limit:
        raise RequestError(
            f"The prefix {request.prefix!r} is longer than the length limit {limit}."
        )
    return limit - given
