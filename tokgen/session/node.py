"""Node: a place in the session's tree, and how sequences stand there."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.text_model.beginning import GivenPrefix

KEPT = 64


@dataclass(frozen=True)
class Node:
    """A node of the tree: what was typed, and the ids chosen since."""

    typed: GivenPrefix
    drawn: tuple[int, ...] = ()

    def after(self, token: int) -> Node:
        """The node with one token more."""
        return replace(self, drawn=(*self.drawn, token))


class RecentGrowths:
    """The growths of the nodes that were looked at last.

    With its parent's growth at hand a node costs one step of the model, however long it is.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._kept: OrderedDict[tuple[SamplerChain, Node], Growth] = OrderedDict()

    def at(self, chain: SamplerChain, node: Node) -> Growth:
        """The one sequence that stands at a node, under this sampler chain."""
        growth = self._kept.get((chain, node))
        if growth is None:
            growth = self._made(chain, node)
            self._kept[chain, node] = growth
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end((chain, node))
        return growth

    def _made(self, chain: SamplerChain, node: Node) -> Growth:
        parent = self._kept.get((chain, replace(node, drawn=node.drawn[:-1])))
        if node.drawn and parent is not None:
            return parent.after(np.zeros(1, np.int64), np.array(node.drawn[-1:]))
        return Growth.at(self._model, chain, node.typed.beginning, node.drawn)
