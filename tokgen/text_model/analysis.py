"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.markov.conditioned_chain import ConditionedChain
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.counted_statistics import describe_counted
from tokgen.exact.markov.length_law import length_law
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import describe, kl_divergence, unreachable_mass
from tokgen.exact.state_numbers import TooManyStates
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.given import given_values
from tokgen.text_model.memorised import memorised
from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.results_json import told_as_json

NEGLIGIBLE = 1e-12

Figures = dict[str, Any]


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
    beginning, sizes = source.beginning, _characters_of(model.tokenizer)
    figures: Figures = told_as_json(given_values(model.model.vocabulary, beginning.given))
    if len(beginning.ids) > len(model.model.vocabulary.beginning) or beginning.rest:
        figures["prefix_prob"] = math.exp(model.prefix_logprob(beginning))
    if source.markov:
        figures |= _of_chain(source, source.markov, sizes)
    elif source.counted:
        figures |= _of_counted(source.counted, bool(source.samplers.samplers))
    else:
        figures |= _of_explored(source, sizes)
    if source.condition_logprob is not None or not source.is_conditioned:
        figures |= memorised(model, source)
    return _with_prefix_counted(figures, int(sizes[list(beginning.ids)].sum()))


def _characters_of(tokenizer: Tokenizer) -> Ints:
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


def _of_chain(source: DocumentSet, conditioned: ConditionedChain, sizes: Ints) -> Figures:
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
        alone, most = _without_samplers(source), source.max_states
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


def _without_samplers(source: DocumentSet) -> MarkovChain:
    alone = source.alone.markov
    if alone is None:
        raise TooManyStates("The Markov chain has too many states.", field="memory")
    return alone.chain


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
