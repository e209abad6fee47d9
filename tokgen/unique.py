"""Sampling without replacement: no document twice, each drawn from what the others have left.

Gumbel top-k over the tree of documents, best first (Kool, van Hoof & Welling 2019): every document
gets its log-probability plus Gumbel noise, the noise of a subtree's maximum is drawn before it is
opened, and the order of the maxima is that of drawing one after the other without replacement (Shi,
Bieber & Sutton 2020 reach the same by removing mass). Its random numbers are a scheme of their own:
a seed gives other documents here than in sampling with replacement.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from tokgen.chain import NOWHERE, MarkovChain
from tokgen.model import Floats
from tokgen.top import TopDocument

# A node: its perturbed log-probability, token, state after it, and log-probability of its path.
Node = tuple[float, int, int, float]


def without_replacement(chain: MarkovChain, seed: int) -> Iterator[TopDocument]:
    """Documents one after the other, until there are no more."""
    generator = np.random.default_rng([seed, len("without replacement")])
    heap: list[tuple[float, int, int, list[Node], tuple[int, ...]]] = []
    count = 0

    def offer(siblings: list[Node], which: int, path: tuple[int, ...]) -> None:
        nonlocal count
        if which < len(siblings):
            count += 1
            heapq.heappush(heap, (-siblings[which][0], count, which, siblings, path))

    offer(_opened(chain, 0, 0.0, float(generator.gumbel()), generator), 0, ())
    while heap:
        _, _, which, siblings, path = heapq.heappop(heap)
        offer(siblings, which + 1, path)
        perturbed, token, state, logprob = siblings[which]
        if state == NOWHERE:
            yield TopDocument(path, logprob)
        else:
            offer(_opened(chain, state, logprob, perturbed, generator), 0, (*path, token))


def _opened(
    chain: MarkovChain, state: int, logprob: float, maximum: float, generator: np.random.Generator
) -> list[Node]:
    """The children of a node, their perturbed values given that the largest is `maximum`."""
    row = chain.logprobs[state]
    tokens = np.flatnonzero(row > -np.inf)
    logprobs = logprob + row[tokens]
    values = _conditioned(logprobs + generator.gumbel(size=len(tokens)), maximum)
    order = np.argsort(-values, kind="stable")
    states = chain.successors[state, tokens]
    columns = (values[order], tokens[order], states[order], logprobs[order])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _conditioned(perturbed: Floats, maximum: float) -> Floats:
    """Gumbels shifted so that their largest is `maximum` (Kool et al. 2019, appendix B.3)."""
    with np.errstate(divide="ignore"):
        gaps = np.log1p(-np.exp(perturbed - perturbed.max()))
    shifted = maximum - perturbed + gaps
    return maximum - np.maximum(shifted, 0.0) - np.log1p(np.exp(-np.abs(shifted)))
