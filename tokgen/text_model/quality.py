"""The cut of the likeliest documents of a model, by whichever way the model at hand allows.

Exact or bracketed where the model is a finite Markov chain, else estimated from documents that are
drawn for it, always the same ones.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from tokgen.errors import RequestError
from tokgen.exact.likeliest_share import Known, LikeliestShare
from tokgen.exact.markov.likeliest import likeliest_of_chain
from tokgen.exact.search.rejection import grown, proposal_room
from tokgen.percentages import percent
from tokgen.text_model.document_set import DocumentSet

DRAWN = 10_000
# The 0.975 quantile of the normal distribution.
TWO_SIDED_95 = 1.96


def likeliest_documents(everything: DocumentSet, share: float) -> LikeliestShare:
    """The cut of the likeliest documents of a model that hold `share` of its mass.

    Args:
        everything: all documents of the model alone, from their beginning on.

    Raises:
        RequestError: the documents that come to an end hold less.
    """
    found = None
    if everything.markov is not None:
        chain = everything.markov.chain
        found = likeliest_of_chain(chain, share, everything.memory)
    return found or _estimated(everything, share)


def _estimated(everything: DocumentSet, share: float) -> LikeliestShare:
    """The quantile of what is drawn, and the share of its mass by the normal approximation."""
    model, beginning = everything.model, everything.beginning
    room = proposal_room(model, beginning)
    drawn = itertools.islice(grown(model, everything.samplers, beginning, room, seed=0), DRAWN)
    logprobs = np.array([-math.inf if each is None else each.logprob for each in drawn])
    cut = float(-np.sort(-logprobs)[math.ceil(share * DRAWN) - 1])
    if cut == -math.inf:
        ended = float((logprobs > -math.inf).mean())
        raise RequestError(
            f"No quality of {share:g}: of {DRAWN:,} drawn documents only {percent(ended)} end "
            f"within {room:,} tokens.",
            field="quality",
        )
    error = TWO_SIDED_95 * math.sqrt(share * (1 - share) / DRAWN)
    return LikeliestShare(cut, max(0.0, share - error), min(1.0, share + error), Known.estimated)
