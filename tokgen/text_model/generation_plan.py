"""GenerationPlan: the method by which documents are made, and why it is this one.

The choice is made here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from tokgen.errors import counted
from tokgen.exact.memory import memory_of
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.generation_request import GenerationRequest

FEW = 2000
FEWEST_STATES = 20_000
STATES_A_DOCUMENT = 8


class Method(StrEnum):
    """How documents are made.

    All but `beam` are exact; `grow` and `table` make the same documents of a seed.
    """

    grow = "grow"
    table = "table"
    search = "search"
    rejection = "rejection"
    beam = "beam"


@dataclass(frozen=True)
class GenerationPlan:
    """The method, why it was chosen, and the documents that it makes."""

    method: Method
    reason: str
    documents: DocumentSet


def plan_lines(request: GenerationRequest, documents: DocumentSet) -> GenerationPlan:
    """How to make documents of which only the text is wanted."""
    if request.is_conditioned:
        return plan_documents(request, documents)
    if request.count < FEW:
        return plan_documents(request, documents)
    budget = max(FEWEST_STATES, min(STATES_A_DOCUMENT * request.count, MAX_STATES))
    size = documents.model.vocabulary.size
    limited = replace(documents, memory=min(documents.memory, memory_of(budget, size)))
    if limited.markov is not None:
        states = len(limited.markov.chain)
        said = f"the model is a finite Markov chain of {states:,} states, looked up in a table"
        return GenerationPlan(Method.table, said, limited)
    because = documents.unbounded_because
    wanted = counted(request.count, "document")
    table = f"a table of more than {budget:,} states does not pay for {wanted}"
    return GenerationPlan(Method.grow, because or table, documents)


def plan_documents(request: GenerationRequest, documents: DocumentSet) -> GenerationPlan:
    """How to make documents with their log-probabilities."""
    if request.beam is not None:
        said = (
            f"a beam {request.beam:,} wide, the most probable prefixes of each length, goes on; a "
            "document that begins less probably may be missed, and short documents come first"
        )
        return GenerationPlan(Method.beam, said, documents)
    if request.unique:
        said = "different documents are drawn without replacement by stochastic beam search"
        return GenerationPlan(Method.search, said, documents)
    if not request.conditions:
        said = "nothing is asked of a document, so that each grows token by token"
        return GenerationPlan(Method.grow, said, documents)
    if documents.check is not None:
        because = documents.unbounded_because
        return GenerationPlan(
            Method.rejection,
            f"{because}: documents that miss the conditions are dropped",
            documents,
        )
    if documents.markov is not None:
        states = len(documents.markov.chain)
        said = f"model and conditions are a finite Markov chain of {states:,} states"
        return GenerationPlan(Method.table, f"{said}: drawn by a backward pass", documents)
    if documents.counted is not None:
        states = len(documents.counted)
        said = (
            f"model and conditions are a finite Markov chain of {states:,} states, a length counted"
        )
        return GenerationPlan(Method.table, f"{said}: drawn by a backward pass", documents)
    because = documents.unbounded_because
    too_many = f"the Markov chain has more than {documents.max_states:,} states"
    return GenerationPlan(Method.search, because or too_many, documents)
