"""CachedDecoder: sequences being grown by a torch module that keeps a cache.

Rows of equal length make a group, so that a module needs no mask and its caches are plain tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tokgen.arrays import Floats, Ints
from tokgen.plugin_api.model import Decoder
from tokgen.plugin_api.prefixes import Prefixes

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel

Cache = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class _Group:
    """Rows of one length. Shapes: `rows` (G,) which of the batch's they are; `logprobs` (G, V)."""

    rows: Ints
    logprobs: Floats
    cache: Cache
    given: Any


class CachedDecoder(Decoder):
    """Keeps the module's cache of each sequence."""

    def __init__(self, model: TorchModel, prefixes: Prefixes) -> None:
        self._model = model
        self._groups = self._read(prefixes, 0)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        count = sum(len(group.rows) for group in self._groups)
        logprobs = np.empty((count, self._model.vocabulary.size), self._model.dtype)
        for group in self._groups:
            logprobs[group.rows] = group.logprobs
        return logprobs

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Read one token into each selected sequence."""
        grown = [self._advanced(group, parents, tokens) for group in self._groups]
        self._groups = [group for group in grown if len(group.rows)]

    def join(self, prefixes: Prefixes) -> None:
        """Read more prefixes."""
        count = sum(len(group.rows) for group in self._groups)
        self._groups = [*self._groups, *self._read(prefixes, count)]

    def _read(self, prefixes: Prefixes, first: int) -> list[_Group]:
        groups = []
        begun = self._model.vocabulary.start_id is not None
        for length in np.unique(prefixes.lengths).tolist():
            rows = np.flatnonzero(prefixes.lengths == length)
            here = prefixes.select(rows)
            width = length if begun else length + 1
            ids = here.padded(width, self._model.vocabulary.terminator_id)
            logprobs, cache = self._model.evaluated(ids, here.given)
            groups.append(_Group(rows + first, logprobs[:, -1], cache or (), here.given))
        return groups

    def _advanced(self, group: _Group, parents: Ints, tokens: Ints) -> _Group:
        """The new sequences whose parents are in this group."""
        place = np.full(max(int(parents.max(initial=0)), int(group.rows.max(initial=0))) + 1, -1)
        place[group.rows] = np.arange(len(group.rows))
        rows = np.flatnonzero(place[parents] >= 0)
        chosen = place[parents[rows]]
        if not len(rows):
            return _Group(rows, group.logprobs[:0], (), group.given[:0])
        index = torch.from_numpy(chosen)
        with torch.inference_mode():
            cache = tuple(tensor.index_select(0, index) for tensor in group.cache)
        given = group.given[chosen]
        logprobs, after = self._model.evaluated(tokens[rows][:, None], given, cache)
        return _Group(rows, logprobs[:, -1], after or (), given)
