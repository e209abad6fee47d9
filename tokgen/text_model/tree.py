"""The generation tree: what may follow a prefix, and what may follow that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.text_model import TextModel


@dataclass(frozen=True)
class TreeNode:
    """A token with its probability after its parent, and the probability of the path from the root.

    Attributes:
        text: the prefix with all tokens up to this one, the terminator as its symbol.
        ended: the token is the terminator.
    """

    token: str
    text: str
    prob: float
    path_prob: float
    ended: bool
    children: tuple[TreeNode, ...] = ()


def generation_tree(
    model: TextModel, prefix: str, samplers: SamplerChain, depth: int, width: int
) -> TreeNode:
    """The `width` most probable tokens after each node, `depth` levels deep.

    Raises:
        RequestError: the prefix holds an unknown character, or a sampler needs more than the
            distribution.
    """
    return TreeNode(
        "", prefix, 1.0, 1.0, False, _children(model, prefix, samplers, depth, width, 1)
    )


def _children(
    model: TextModel, text: str, samplers: SamplerChain, depth: int, width: int, path: float
) -> tuple[TreeNode, ...]:
    if depth == 0:
        return ()
    following = model.next(text, samplers)
    order = np.argsort(-following.final_logprobs, kind="stable")[:width]
    nodes = []
    for token in order.tolist():
        prob = math.exp(following.final_logprobs[token])
        if prob == 0:
            continue
        symbol = following.symbols[token]
        ended = token == model.tokenizer.terminator_id
        longer = text + (symbol if ended else model.tokenizer.decode([token]))
        below = () if ended else _children(model, longer, samplers, depth - 1, width, path * prob)
        nodes.append(TreeNode(symbol, longer, prob, path * prob, ended, below))
    return tuple(nodes)
