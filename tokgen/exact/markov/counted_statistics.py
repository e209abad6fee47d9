"""Figures of a chain whose documents have so many tokens, from the mass that flows through it."""

from __future__ import annotations

import math

import numpy as np

from tokgen.arrays import Floats
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.length_law import MOST_LISTED, NEGLIGIBLE
from tokgen.exact.markov.statistics import Description


def describe_counted(chain: CountedChain) -> Description:
    """Entropy, length law, expected length, where each token is one character.

    Followed until what is still growing is negligible; where documents are too long for that, no
    expectation is given.
    """
    lengths: list[float] = []
    entropy = expected = 0.0
    left = 1.0
    for flow in chain.flows():
        entropy += flow.entropy
        ended = float(flow.mass[:, chain.terminator_id].sum())
        expected += ended * len(lengths)
        lengths.append(ended)
        left = float(flow.mass.sum()) - ended
        if left < NEGLIGIBLE or len(lengths) == MOST_LISTED:
            break
    followed = left < NEGLIGIBLE
    return Description(
        states=len(chain),
        never_ending=0.0,
        entropy_bits=entropy / math.log(2) if followed else None,
        expected_length=expected if followed else None,
        lengths={length: mass for length, mass in enumerate(lengths) if mass > 0},
        longer=0.0 if followed else left,
    )


def marginals_of_counted(chain: CountedChain, enough: float, most: int) -> Floats:
    """The probability (T, V) of each token at each position, as `position_marginals`.

    For the positions that the share `enough` of the documents has, and `most` at most.
    """
    marginals: list[Floats] = []
    ended = 0.0
    for flow in chain.flows():
        here = flow.mass.sum(axis=0)
        ended += float(here[chain.terminator_id])
        here[chain.terminator_id] = ended
        marginals.append(here)
        if ended >= enough or len(marginals) == most:
            break
    return np.array(marginals)
