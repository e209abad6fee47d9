"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from typing import Any

from tokgen.chain import MAX_STATES
from tokgen.conditions import Conditions
from tokgen.errors import RequestError
from tokgen.exact import describe, kl_divergence, mass_of, unreachable_mass
from tokgen.sampler import SamplerChain
from tokgen.text_model import TextModel


def analyze(
    model: TextModel,
    samplers: SamplerChain,
    conditions: Conditions,
    max_states: int = MAX_STATES,
) -> dict[str, Any]:
    """Figures of the model under the samplers, given the conditions.

    Keys: `states`; `condition_prob`, the conditions' probability; `never_ending`; `entropy_bits`
    and `expected_length`, None where a document may never end; `kl_from_model_nats`, from what is
    drawn to the model alone; `in_corpus`, `in_train`, `in_held_out`: the probability that a
    document is in the corpus and its parts; `unreachable`, the model's mass that samplers or
    conditions exclude; `lengths`, mass by number of tokens.

    Raises:
        RequestError: as `TextModel.markov_chain`.
    """
    alone = model.markov_chain(max_states=max_states).chain
    plain = not (samplers.links or conditions)
    conditioned = model.markov_chain(samplers, "", conditions, max_states)
    chain = alone if plain else conditioned.chain
    described = describe(chain)
    figures: dict[str, Any] = {
        "states": described.states,
        "never_ending": described.never_ending,
        "entropy_bits": described.entropy_bits,
        "expected_length": described.expected_length,
    }
    if conditions:
        figures["condition_prob"] = math.exp(conditioned.logprob)
    if not plain:
        certain = described.expected_length is not None
        figures["kl_from_model_nats"] = kl_divergence(chain, alone) if certain else None
        figures["unreachable"] = unreachable_mass(alone, chain)
    return {**figures, **_memorised(model, chain), "lengths": _by_text(described.lengths)}


def _memorised(model: TextModel, chain: Any) -> dict[str, float]:
    try:
        corpus = model.corpus
    except RequestError:
        return {}
    train, everything = set(corpus.split("train")), set(corpus.documents)
    encode = model.tokenizer.encode
    in_train = mass_of(chain, map(encode, train))
    held_out = mass_of(chain, map(encode, everything - train))
    return {"in_corpus": in_train + held_out, "in_train": in_train, "in_held_out": held_out}


def _by_text(lengths: dict[int, float]) -> dict[str, float]:
    return {str(length): mass for length, mass in lengths.items()}
