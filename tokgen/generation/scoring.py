"""Scoring: the log-probability of every token of encoded documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tokgen.arrays import Floats, rows_at_once
from tokgen.generation.growth import Beginning, Growth, distinct_children
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_documents
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes
from tokgen.watched import Watched

DOCUMENTS_AT_ONCE = 4096
EXAMPLES_AT_ONCE = 1 << 22
EVALUATED_AT_ONCE = 1 << 16
# A model makes some arrays of the size of its answer on the way to it.
ROWS_A_MODEL_MAKES = 4

tokens_read = Watched("tokens read")


def total_logprob(model: LanguageModel, dataset: Dataset) -> float:
    """Log-probability (nats) of all tokens together; raises as `token_logprobs`."""
    return float(token_logprobs(model, dataset).sum())


def token_logprobs(model: LanguageModel, dataset: Dataset) -> Floats:
    """Log-probability (nats) of each token of the dataset, in the order of its stream (N,).

    Raises:
        RequestError: a document is longer than the model can read.
    """
    check_documents(model, dataset.lengths)
    if model.context_length is None:
        return _by_documents(model, dataset)
    return _by_contexts(model, dataset, model.context_length)


def _by_contexts(model: LanguageModel, dataset: Dataset, context_length: int) -> Floats:
    """The same (N,) of a model of bounded context; each distinct context is evaluated once."""
    logprobs = np.empty(len(dataset))
    evaluated_at_once = rows_at_once(ROWS_A_MODEL_MAKES * model.vocabulary.size, EVALUATED_AT_ONCE)
    for part in _slices(len(dataset), rows_at_once(context_length + 1, EXAMPLES_AT_ONCE)):
        examples = np.arange(part.start, part.stop)
        distinct, rows = distinct_prefixes(dataset.prefixes(examples, context_length))
        for evaluated in _slices(len(distinct), evaluated_at_once):
            tokens_read.tell(part.start + evaluated.start, len(dataset))
            here = examples[(rows >= evaluated.start) & (rows < evaluated.stop)]
            asked = model.next_logprobs(distinct.select(evaluated))
            at = rows[here - part.start] - evaluated.start
            logprobs[here] = asked[at, dataset.stream[here]]
    return logprobs


def _slices(count: int, at_once: int) -> Iterator[slice]:
    for begin in range(0, count, at_once):
        yield slice(begin, min(begin + at_once, count))


def _by_documents(model: LanguageModel, dataset: Dataset) -> Floats:
    """The same (N,) of a model that reads whole documents."""
    logprobs, done = np.empty(len(dataset)), 0
    for documents, rows in dataset.batches_of_documents(
        rows_at_once(ROWS_A_MODEL_MAKES * model.vocabulary.size, DOCUMENTS_AT_ONCE)
    ):
        width = documents.ids.shape[1]
        scored = model.token_logprobs(documents)
        if scored is None:
            scored = _one_position_after_the_other(model, documents, _told(done, len(dataset)))
        columns = np.arange(width) - (width - documents.lengths[:, None])
        at = (dataset.starts[rows][:, None] + columns)[columns >= 0]
        logprobs[at] = scored[columns >= 0]
        done += len(at)
    return logprobs


def _told(before: int, at_most: int) -> Callable[[int], None]:
    return lambda read: tokens_read.tell(before + read, at_most)


def _one_position_after_the_other(
    model: LanguageModel, documents: Prefixes, tell: Callable[[int], None]
) -> Floats:
    """Log-probability (B, T) of each id of the documents; it is told how many have been read."""
    logprobs = np.zeros(documents.ids.shape)
    width = documents.ids.shape[1]
    starts = width - documents.lengths
    start_rows = np.repeat(np.array([model.vocabulary.beginning], np.int64), len(documents), 0)
    beginnings = Prefixes(start_rows, np.full(len(documents), start_rows.shape[1]), documents.given)
    decoder = model.decoder(beginnings)
    alive = np.arange(len(documents))
    read = 0
    for position in range(width):
        tell(read)
        columns = starts[alive] + position
        targets = documents.ids[alive, columns]
        logprobs[alive, columns] = decoder.logprobs()[np.arange(len(alive)), targets]
        read += len(alive)
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
