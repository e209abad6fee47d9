"""Scoring: the log-probability of every token of encoded documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokgen.arrays import Floats, rows_at_once
from tokgen.generation.growth import Beginning, Growth, distinct_children
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_documents
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes

DOCUMENTS_AT_ONCE = 4096
EXAMPLES_AT_ONCE = 1 << 22
EVALUATED_AT_ONCE = 1 << 16
# A model makes some arrays of the size of its answer on the way to it.
ROWS_A_MODEL_MAKES = 4


def total_logprob(model: LanguageModel, dataset: Dataset) -> float:
    """Log-probability (nats) of all tokens together; each distinct context is evaluated once.

    Raises:
        RequestError: as `token_logprobs`.
    """
    if model.context_length is None:
        return float(token_logprobs(model, dataset).sum())
    check_documents(model, dataset.lengths)
    total = 0.0
    for begin in range(0, len(dataset), EXAMPLES_AT_ONCE):
        examples = np.arange(begin, min(begin + EXAMPLES_AT_ONCE, len(dataset)))
        distinct, rows = distinct_prefixes(dataset.prefixes(examples, model.context_length))
        targets = dataset.stream[examples]
        at_once = rows_at_once(ROWS_A_MODEL_MAKES * model.vocabulary.size, EVALUATED_AT_ONCE)
        for first in range(0, len(distinct), at_once):
            part = np.arange(first, min(first + at_once, len(distinct)))
            here = (rows >= first) & (rows < first + len(part))
            logprobs = model.next_logprobs(distinct.select(part))
            total += float(logprobs[rows[here] - first, targets[here]].sum(dtype=np.float64))
    return total


def token_logprobs(model: LanguageModel, dataset: Dataset) -> Floats:
    """Log-probability (nats) of each token of the dataset, in the order of its stream (N,).

    Raises:
        RequestError: a document is longer than the model can read.
    """
    check_documents(model, dataset.lengths)
    logprobs = np.empty(len(dataset))
    for documents, rows in dataset.batches_of_documents(
        rows_at_once(ROWS_A_MODEL_MAKES * model.vocabulary.size, DOCUMENTS_AT_ONCE)
    ):
        width = documents.ids.shape[1]
        scored = model.token_logprobs(documents)
        if scored is None:
            scored = _one_position_after_the_other(model, documents)
        columns = np.arange(width) - (width - documents.lengths[:, None])
        at = (dataset.starts[rows][:, None] + columns)[columns >= 0]
        logprobs[at] = scored[columns >= 0]
    return logprobs


def _one_position_after_the_other(model: LanguageModel, documents: Prefixes) -> Floats:
    """Log-probability (B, T) of each id of the documents."""
    logprobs = np.zeros(documents.ids.shape)
    width = documents.ids.shape[1]
    starts = width - documents.lengths
    start_rows = np.repeat(np.array([model.vocabulary.beginning], np.int64), len(documents), 0)
    beginnings = Prefixes(start_rows, np.full(len(documents), start_rows.shape[1]), documents.given)
    decoder = model.decoder(beginnings)
    alive = np.arange(len(documents))
    for position in range(width):
        columns = starts[alive] + position
        targets = documents.ids[alive, columns]
        logprobs[alive, columns] = decoder.logprobs()[np.arange(len(alive)), targets]
        going_on = np.flatnonzero(columns + 1 < width)
        if not len(going_on):
            break
        decoder.advance(going_on, targets[going_on])
        alive = alive[going_on]
    return logprobs


def drawn_logprobs(
    model: LanguageModel,
    chain: SamplerChain,
    beginning: Beginning,
    documents: Sequence[Sequence[int]],
) -> Floats:
    """Log-probability (D,) of drawing each document after a beginning, its terminator included.

    Nats, under the sampler chain; -inf where it is not drawn.
    """
    totals = np.zeros(len(documents))
    at_once = rows_at_once(ROWS_A_MODEL_MAKES * model.vocabulary.size, DOCUMENTS_AT_ONCE)
    # Side by side, documents that begin alike share what they begin with.
    order = sorted(range(len(documents)), key=lambda row: tuple(documents[row]))
    for begin in range(0, len(order), at_once):
        part = order[begin : begin + at_once]
        totals[part] = _drawn_together(model, chain, beginning, [documents[row] for row in part])
    return totals


def _drawn_together(
    model: LanguageModel,
    chain: SamplerChain,
    beginning: Beginning,
    documents: Sequence[Sequence[int]],
) -> Floats:
    totals = np.zeros(len(documents))
    growth, end = Growth.begin(model, chain, beginning), model.vocabulary.terminator_id
    alive, nodes = np.arange(len(documents)), np.zeros(len(documents), np.int64)
    for position in range(max(map(len, documents), default=-1) + 1):
        tokens = np.array([[*documents[row], end][position] for row in alive.tolist()])
        totals[alive] += growth.rows.final_logprobs[nodes, tokens]
        going_on = (tokens != end) & (totals[alive] > -np.inf)
        alive, nodes, tokens = alive[going_on], nodes[going_on], tokens[going_on]
        if not len(alive):
            break
        parents, added, nodes = distinct_children(nodes, tokens, model.vocabulary.size)
        growth = growth.after(parents, added)
    return totals
