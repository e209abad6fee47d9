"""The sampler chain of a request, from OpenAI's fields, vLLM's and tokgen's own."""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.errors import RequestError
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.generation.sampler_syntax import make_sampler, parse_chain, shorthand_samplers
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.server.bodies import CompletionBody


def chain_of(body: CompletionBody, vocabulary: Vocabulary) -> SamplerChain:
    """What changes the model's logits comes first, then `samplers`, then what the CLI appends.

    That is top_k, top_p, min_p and the temperature, in this order: the same request gives the same
    text here and there. Neutral values ask for nothing.

    Raises:
        RequestError: there is no such sampler, token or option, or a value does not fit.
    """
    appended = shorthand_samplers(
        top_k=body.top_k if (body.top_k or 0) > 0 else None,
        top_p=None if body.top_p == 1 else body.top_p,
        min_p=body.min_p or None,
        temperature=body.temperature,
    )
    listed = parse_chain(body.samplers or ()).samplers
    return SamplerChain((*_of_logits(body, vocabulary), *listed, *appended))


def _of_logits(body: CompletionBody, vocabulary: Vocabulary) -> Iterator[ChainedSampler]:
    if body.repetition_penalty not in (None, 1):
        yield make_sampler("repetition_penalty", {"penalty": body.repetition_penalty})
    if body.frequency_penalty:
        yield make_sampler("frequency_penalty", {"penalty": body.frequency_penalty})
    if body.presence_penalty:
        yield make_sampler("presence_penalty", {"penalty": body.presence_penalty})
    if body.logit_bias:
        yield make_sampler("logit_bias", {"bias": _by_symbol(body.logit_bias, vocabulary)})
    if body.min_tokens:
        yield make_sampler("min_length", {"n": body.min_tokens})


def _by_symbol(bias: dict[str, float], vocabulary: Vocabulary) -> dict[str, float]:
    """Biases by symbols, which the sampler names tokens by; clients name them by their ids."""
    known = {str(number): symbol for number, symbol in enumerate(vocabulary.symbols)}
    for written in bias:
        if written not in known:
            raise RequestError(
                f"logit_bias names tokens by their ids, from 0 to {vocabulary.size - 1}: "
                f"{written!r} is none.",
                field="logit_bias",
            )
    return {known[written]: added for written, added in bias.items()}
