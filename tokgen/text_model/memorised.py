"""How much of what a model makes it has from its corpus: the mass of the corpus' documents."""

from __future__ import annotations

import math
from collections.abc import Set

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import one_of
from tokgen.exact.markov.backward import ending_logprobs
from tokgen.exact.markov.conditioned_chain import restricted
from tokgen.exact.spelling import spell_in_one_way
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.opened_model import OpenedModel


def memorised(model: OpenedModel, source: DocumentSet) -> dict[str, float]:
    """The probability that a document is in the corpus, and in which part of it.

    Of a Markov chain it is summed over all spellings of a text; of another model it is that of the
    tokenizer's own spelling, and so a lower bound where a text has several. Nothing is known of a
    corpus that is not here, and of another than the model was trained on no part is told.
    """
    try:
        every = model.known
    except RequestError:
        return {}
    try:
        train = set(model.trained_on.split("train"))
    except RequestError:
        return {"in_corpus": _mass(model, source, every)}
    in_train, held_out = (_mass(model, source, texts) for texts in (train, every - train))
    return {"in_corpus": in_train + held_out, "in_train": in_train, "in_held_out": held_out}


def _mass(model: OpenedModel, source: DocumentSet, texts: Set[str]) -> float:
    """The probability that a document is one of these texts."""
    beginning = source.beginning
    given = model.tokenizer.decode(beginning.ids)
    texts = {text for text in texts if text.startswith(given)}
    pieces = model.tokenizer.pieces()
    if source.markov is not None and pieces is not None and not spell_in_one_way(pieces):
        end = model.tokenizer.terminator_id
        allowed = TokenAutomaton.of(one_of(texts), pieces, end).after(given.encode())
        joint = restricted(source.markov.chain, allowed, source.max_states)
        return math.exp(ending_logprobs(joint)[0])
    start = len(model.tokenizer.encode(given))
    following = [model.tokenizer.encode(text)[start:] for text in texts]
    return math.fsum(map(math.exp, source.logprobs(following)))
