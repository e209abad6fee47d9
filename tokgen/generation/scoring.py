"""Scoring: the log-probability of every token of encoded documents."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes

DOCUMENTS_AT_ONCE = 4096


EXAMPLES_AT_ONCE = 1 << 22


EVALUATED_AT_ONCE = 1 << 16


def total_logprob(model: LanguageModel, dataset: Dataset) -> float:
    """Log-probability (nats) of all tokens together; each distinct context is evaluated once."""
    if model.context_length is None:
        return float(token_logprobs(model, dataset).sum())
    total = 0.0
    for begin in range(0, len(dataset), EXAMPLES_AT_ONCE):
        examples = np.arange(begin, min(begin + EXAMPLES_AT_ONCE, len(dataset)))
        distinct, rows = distinct_prefixes(dataset.prefixes(examples, model.context_length))
        targets = dataset.stream[examples]
        for first in range(0, len(distinct), EVALUATED_AT_ONCE):
            part = np.arange(first, min(first + EVALUATED_AT_ONCE, len(distinct)))
            here = (rows >= first) & (rows < first + len(part))
            logprobs = model.next_logprobs(distinct.select(part))
            total += float(logprobs[rows[here] - first, targets[here]].sum())
    return total


def token_logprobs(
    model: LanguageModel, dataset: Dataset, samplers: SamplerChain | None = None
) -> Floats:
    """Log-probability (nats) of each token of the dataset, in the order of its stream (N,).

    That of the model alone, or under samplers that need the distribution alone.
    """
    chain = samplers or SamplerChain()
    logprobs = np.empty(len(dataset))
    for documents, rows in dataset.batches_of_documents(DOCUMENTS_AT_ONCE):
        width = documents.ids.shape[1]
        decoder = model.decoder(Prefixes.of([[]] * len(rows)))
        alive = np.arange(len(rows))
        for position in range(width):
            targets = documents.ids[alive, width - documents.lengths[alive] + position]
            at = dataset.starts[rows[alive]] + position
            logprobs[at] = chain.final_logprobs(decoder.logprobs())[np.arange(len(alive)), targets]
            going_on = np.flatnonzero(documents.lengths[alive] > position + 1)
            if not len(going_on):
                break
            decoder.advance(going_on, targets[going_on])
            alive = alive[going_on]
    return logprobs
