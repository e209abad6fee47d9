"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import RequestError
from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import one_of
from tokgen.exact.markov.backward import ending_logprobs
from tokgen.exact.markov.conditioned_chain import (
    ConditionedChain,
    condition_on,
    position_marginals,
    restricted,
)
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.counted_statistics import describe_counted, marginals_of_counted
from tokgen.exact.markov.length_law import length_law, visits
from tokgen.exact.markov.statistics import (
    describe,
    kl_divergence,
    perplexity,
    unreachable_mass,
)
from tokgen.exact.search.bounds import divergence_at_least
from tokgen.exact.spelling import spell_in_one_way
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.given import given_values
from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.results_json import told_as_json

NEARLY_ALL = 0.99
MOST_POSITIONS = 24
NEGLIGIBLE = 1e-12

Figures = dict[str, Any]
Position = dict[str, float]


def analyze(model: OpenedModel, source: DocumentSet) -> Figures:
    """Figures of a model's documents, of those that a source of it makes.

    Keys: `given`, the columns that the model is told, where there are any; `prefix_prob`, the
    model's probability of beginning with the source's prefix, where it has one; all else is given
    that. `states`; `condition_prob`, the conditions' probability; `never_ending`; `entropy_bits`
    and `expected_length`, None where a document may never end; all three are None where documents
    end too rarely for double precision. `longer`: the mass of what is longer than all lengths
    listed; `kl_from_model_nats`, from what is drawn to the model alone; `unreachable`, the model's
    mass that samplers or conditions exclude (neither is told where a length is counted
    and there are samplers);
    `condition_logprob`, nats, where a length is counted, as its probability may be too small for a
    float; `in_corpus`, `in_train`, `in_held_out`: the probability that a document is in the corpus,
    in what the model was trained on, and in the rest of it; `lengths`, mass by number of tokens.

    A model that is no finite chain is explored: `prefixes`, how many were looked at; bounds, whose
    keys end in `_at_least` and `_at_most`; `unexplored`, the mass of all other documents.

    Raises:
        RequestError: as `DocumentSet.markov`, or as `DocumentSet.explored`.
    """
    beginning, sizes = source.beginning, characters_of(model.tokenizer)
    figures: Figures = told_as_json(given_values(model.model.vocabulary, beginning.given))
    if len(beginning.ids) > len(model.model.vocabulary.beginning) or beginning.rest:
        figures["prefix_prob"] = math.exp(model.prefix_logprob(beginning))
    if source.markov:
        figures |= _of_chain(source, sizes)
    elif source.counted:
        figures |= _of_counted(source.counted, bool(source.samplers.samplers))
    else:
        figures |= _of_explored(source, sizes)
    if source.condition_logprob is not None or not source.is_conditioned:
        figures |= _memorised(model, source)
    return _with_prefix_counted(figures, int(sizes[list(beginning.ids)].sum()))


def characters_of(tokenizer: Tokenizer) -> Ints:
    """How many characters each token (V,) adds to a text; one begun counts with its first byte.

    Where the tokenizer tells no pieces, each token counts as the text that it is alone.
    """
    pieces = tokenizer.pieces()
    if pieces is None:
        alone = [len(tokenizer.decode([token])) for token in range(tokenizer.vocabulary.size)]
        return np.array(alone, dtype=np.int64)
    counts = [sum(byte & 0xC0 != 0x80 for byte in piece) for piece in pieces]
    return np.array(counts, dtype=np.int64)


def _with_prefix_counted(figures: Figures, characters: int) -> Figures:
    """Lengths of whole documents; their law comes last, as it is the longest."""
    for key in ("expected_length", "expected_length_at_least"):
        if figures.get(key) is not None:
            figures[key] += characters
    for key in ("lengths", "lengths_at_least"):
        if key in figures:
            masses = figures.pop(key).items()
            figures[key] = {str(characters + length): mass for length, mass in masses if mass > 0}
    return figures


def _of_chain(source: DocumentSet, sizes: Ints) -> Figures:
    conditioned = _markov(source)
    described = describe(conditioned.chain, sizes)
    expected = described.expected_length
    figures: Figures = {
        "states": described.states,
        "never_ending": described.never_ending,
        "entropy_bits": described.entropy_bits,
        "expected_length": expected,
        "lengths": described.lengths,
    }
    if described.longer > NEGLIGIBLE:
        figures["longer"] = described.longer
    if source.is_conditioned:
        figures["condition_prob"] = math.exp(conditioned.logprob)
    if source.samplers.samplers:
        alone, most = _markov(source.alone).chain, source.max_states
        divergence = None if expected is None else kl_divergence(conditioned.chain, alone, most)
        figures["kl_from_model_nats"] = divergence
        figures["unreachable"] = unreachable_mass(alone, conditioned.chain, most)
    elif source.is_conditioned:
        # A conditioned document is as many times likelier as the condition is rare.
        figures["kl_from_model_nats"] = -conditioned.logprob
        figures["unreachable"] = -math.expm1(conditioned.logprob)
    return figures


def _of_counted(counted: CountedChain, has_samplers: bool) -> Figures:
    """As `_of_chain`, where each token is a character and a length is counted."""
    described = describe_counted(counted)
    figures: Figures = {
        "states": described.states,
        "never_ending": described.never_ending,
        "entropy_bits": described.entropy_bits,
        "expected_length": described.expected_length,
        "lengths": described.lengths,
        "condition_prob": math.exp(counted.logprob),
        "condition_logprob": counted.logprob,
    }
    if described.longer > NEGLIGIBLE:
        figures["longer"] = described.longer
    if not has_samplers:
        figures["kl_from_model_nats"] = -counted.logprob
        figures["unreachable"] = -math.expm1(counted.logprob)
    return figures


def _markov(source: DocumentSet) -> ConditionedChain:
    if source.markov is None:
        raise TooManyStates("The Markov chain has too many states.", field="memory")
    return source.markov


def _of_explored(source: DocumentSet, sizes: Ints) -> Figures:
    explored = source.explored
    figures: Figures = {"prefixes": len(explored.chain) - 1}
    lengths = length_law(explored.chain, explored.visits, sizes)
    if not source.is_conditioned:
        figures |= {
            "unexplored": explored.unexplored,
            "entropy_bits_at_least": explored.entropy_at_least / math.log(2),
            "expected_length_at_least": explored.expected_length_at_least,
        }
    else:
        least, most = explored.ending
        figures |= {
            "condition_prob_at_least": least,
            "condition_prob_at_most": most,
            "unexplored_at_most": max(0.0, 1 - least / most),
        }
        lengths = lengths / most
    return {**figures, "lengths_at_least": dict(enumerate(lengths.tolist()))}


def _memorised(model: OpenedModel, source: DocumentSet) -> Figures:
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


def compare(model: OpenedModel, source: DocumentSet, other: OpenedModel) -> dict[str, float]:
    """How far a model's documents are from another's, after the same prefix, given the same.

    The samplers are the first one's alone; each is told what it is told.

    Keys: `kl_nats` from the first to the second, `kl_back_nats` the other way, `perplexity` a token
    of the second on documents of the first. Where one of them is no finite chain, instead of them
    the bounds `kl_nats_at_least` and `kl_back_nats_at_least`.

    Raises:
        RequestError: their symbols differ, or conditions meet a model that is no finite chain, or
            as `analyze`.
    """
    if model.tokenizer.symbols != other.tokenizer.symbols:
        raise RequestError("The two models have different symbols, so nothing can be compared.")
    beginning = replace(source.beginning, given=other.given_ids)
    theirs = replace(source, model=other.model, samplers=SamplerChain(), beginning=beginning)
    if source.markov and theirs.markov:
        ours, others, most = source.markov.chain, theirs.markov.chain, source.max_states
        return {
            "kl_nats": kl_divergence(ours, others, most),
            "kl_back_nats": kl_divergence(others, ours, most),
            "perplexity": perplexity(others, ours, most),
        }
    if source.is_conditioned:
        raise RequestError("Only finite chains can be compared under a condition.")
    return {
        "kl_nats_at_least": _divergence_at_least(source, theirs),
        "kl_back_nats_at_least": _divergence_at_least(theirs, source),
    }


def _divergence_at_least(ours: DocumentSet, theirs: DocumentSet) -> float:
    return divergence_at_least(ours.explored, theirs.model, theirs.samplers, theirs.beginning)


def posterior(model: OpenedModel, source: DocumentSet) -> list[Position]:
    """Each token's probability at each position after the prefix, given the conditions.

    As many positions as nearly all documents have, the terminator's own included, and no more than
    `MOST_POSITIONS`. Of a model that
    is no finite chain each is a bound, this much at least.

    Raises:
        RequestError: as `analyze`.
    """
    if source.markov:
        marginals = _marginals_of_chain(source)
    elif source.counted:
        marginals = marginals_of_counted(source.counted, NEARLY_ALL, MOST_POSITIONS)
    else:
        marginals = _marginals_at_least(source)
    symbols = model.tokenizer.symbols
    return [dict(zip(symbols, row, strict=True)) for row in marginals.tolist()]


def _marginals_of_chain(source: DocumentSet) -> Floats:
    chain = _markov(source).chain
    return position_marginals(chain, _positions(visits(chain, MOST_POSITIONS).lengths, 1.0))


def _marginals_at_least(source: DocumentSet) -> Floats:
    explored = source.explored
    least, most = explored.ending
    count = _positions(explored.visits.lengths, least)
    if not source.is_conditioned:
        return position_marginals(explored.chain, count)
    if least == 0:
        return np.zeros((count, source.model.vocabulary.size))
    # The other documents of the condition can only take from the share of those looked at.
    looked_at = condition_on(explored.chain, everything(source.model.vocabulary.size))
    return position_marginals(looked_at.chain, count) * (least / most)


def _positions(lengths: Floats, mass: float) -> int:
    """How many positions nearly all documents of this mass have, their terminators' included."""
    enough = int(np.searchsorted(np.cumsum(lengths), NEARLY_ALL * mass))
    return min(enough + 1, MOST_POSITIONS)
