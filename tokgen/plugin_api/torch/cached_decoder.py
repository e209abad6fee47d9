"""CachedDecoder: sequences being grown by a torch module that keeps a cache.

Sequences of equal length are read together, so that a module needs no mask and its caches are plain
tensors. Every id is read by itself, those of a prefix too: so a sequence's distribution is the same
to the last bit, whether it was given at once or grew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.batches import left_aligned, with_id_before
from tokgen.plugin_api.torch.one_thread import one_thread
from tokgen.plugin_api.torch.tiles import Read, keys_after, keys_before, read_in_tiles
from tokgen.rng import Words

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


@dataclass(frozen=True, eq=False)
class _Level:
    """D different sequences of one length. Shapes: `keys` (D,), `given` (D, C)."""

    model: TorchModel
    keys: Words
    given: Ints
    read: Read

    def after(self, parents: Ints, tokens: Ints) -> _Level:
        """The sequences `parents` (D',), each with one of `tokens` (D',) more."""
        given, ids = self.given[parents], tokens[:, None]
        keys = keys_after(self.keys[parents], ids)
        before = self.read.cache, self.read.places[parents]
        read = read_in_tiles(self.model, ids, given, keys, *before)
        return _Level(self.model, keys, given, read)

    def select(self, rows: Ints) -> _Level:
        """Some of the sequences."""
        return _Level(self.model, self.keys[rows], self.given[rows], self.read.select(rows))


class CachedDecoder(Decoder):
    """Keeps the module's cache of each different sequence."""

    def __init__(self, model: TorchModel, prefixes: Prefixes) -> None:
        self._model = model
        self._levels: list[_Level] = []
        # Which sequence each row is, counted through the levels.
        self._nodes = np.zeros(0, np.int64)
        self.join(prefixes)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        nothing = np.empty((0, self._model.vocabulary.size), self._model.dtype)
        read = [level.read.logprobs for level in self._levels]
        logprobs: Floats = np.concatenate([nothing, *read])[self._nodes]
        return logprobs

    @one_thread
    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Read one token into each selected sequence."""
        nodes, added, self._nodes = self._distinct(self._nodes[parents], tokens)
        levels, first = [], 0
        for level in self._levels:
            begin, end = np.searchsorted(nodes, [first, first + len(level.keys)])
            if begin < end:
                levels.append(level.after(nodes[begin:end] - first, added[begin:end]))
            first += len(level.keys)
        self._levels = levels

    @one_thread
    def join(self, prefixes: Prefixes) -> None:
        """Read more prefixes, position by position."""
        begun = with_id_before(prefixes, self._model.vocabulary)
        ids, _ = left_aligned(begun)
        levels, count = list(self._levels), sum(len(level.keys) for level in self._levels)
        level, nodes = self._unread(begun.given)
        joined = np.empty(len(begun), np.int64)
        for position in range(ids.shape[1]):
            going_on = np.flatnonzero(begun.lengths > position)
            parents, tokens, nodes[going_on] = self._distinct(
                nodes[going_on], ids[going_on, position]
            )
            level = level.after(parents, tokens)
            read = np.flatnonzero(begun.lengths == position + 1)
            if len(read):
                ended, places = np.unique(nodes[read], return_inverse=True)
                joined[read] = places + count
                levels.append(level.select(ended))
                count += len(ended)
        self._levels, self._nodes = levels, np.concatenate([self._nodes, joined])

    def _unread(self, given: Ints) -> tuple[_Level, Ints]:
        """Nothing read yet, once for all different values given; and which it is for each row."""
        different, nodes = np.unique(given, axis=0, return_inverse=True)
        nothing = Read.nothing(len(different), self._model.vocabulary.size)
        level = _Level(self._model, keys_before(different), different, nothing)
        return level, nodes.reshape(-1)

    def _distinct(self, nodes: Ints, tokens: Ints) -> tuple[Ints, Ints, Ints]:
        """The different pairs of node and token in order, and which of them each is."""
        size = self._model.vocabulary.size
        pairs, rows = np.unique(nodes * size + tokens, return_inverse=True)
        return pairs // size, pairs % size, rows.reshape(-1)
