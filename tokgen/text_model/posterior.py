"""Each token's probability at each position of the documents that are asked for."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats
from tokgen.exact.automaton import everything
from tokgen.exact.markov.conditioned_chain import condition_on, position_marginals
from tokgen.exact.markov.counted_statistics import marginals_of_counted
from tokgen.exact.markov.length_law import visits
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.opened_model import OpenedModel

NEARLY_ALL = 0.99
MOST_POSITIONS = 24

Position = dict[str, float]


def posterior(model: OpenedModel, source: DocumentSet) -> list[Position]:
    """Each token's probability at each position after the prefix, given the conditions.

    As many positions as nearly all documents have, the terminator's own included, and no more than
    `MOST_POSITIONS`. Of a model that is no finite chain each is a bound, this much at least.

    Raises:
        RequestError: as `DocumentSet.markov`, or as `DocumentSet.explored`.
    """
    if source.markov:
        marginals = _marginals_of_chain(source.markov.chain)
    elif source.counted:
        marginals = marginals_of_counted(source.counted, NEARLY_ALL, MOST_POSITIONS)
    else:
        marginals = _marginals_at_least(source)
    symbols = model.tokenizer.symbols
    return [dict(zip(symbols, row, strict=True)) for row in marginals.tolist()]


def _marginals_of_chain(chain: MarkovChain) -> Floats:
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
