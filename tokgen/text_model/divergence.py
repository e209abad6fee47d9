"""How far the documents of one model are from those of another."""

from __future__ import annotations

from dataclasses import replace

from tokgen.errors import RequestError
from tokgen.exact.markov.statistics import kl_divergence, perplexity
from tokgen.exact.search.bounds import divergence_at_least
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.opened_model import OpenedModel


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
