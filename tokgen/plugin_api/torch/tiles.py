"""Tiles: a module is called so that equal prefixes give the same bits in every batch.

A kernel may add in another order where there are more rows, or where a row begins elsewhere in
memory. So a module is always called with the same number of rows, and the place of a row among them
follows from its own ids: never from the rows beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from tokgen.arrays import Floats, Ints, in_parts
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.batches import with_id_before
from tokgen.plugin_api.torch.cache import Cache
from tokgen.plugin_api.torch.forward import logits_and_cache
from tokgen.plugin_api.torch.module_error import check_cache_parameter
from tokgen.plugin_api.torch.one_thread import one_thread
from tokgen.rng import Words, words_after

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel

# Of a GRU of 256 units a step of one row takes 0.3 ms, 0.1 ms without a tile; 5,000 rows take as
# long on two cores as in one call. With 8 rows these are 0.2 ms and a third longer.
ROWS = 16


@dataclass(frozen=True, eq=False)
class Read:
    """What a module says after different rows of ids, and what it keeps of them.

    Shapes: `logprobs` (D, V); the cache's tensors (N, …), all tiles one after the other; `places`
    (D,) where each row's part of the cache is.
    """

    logprobs: Floats
    cache: Cache | None
    places: Ints

    @classmethod
    def nothing(cls, count: int, vocabulary_size: int) -> Read:
        """Rows that have not been read yet."""
        return cls(np.empty((count, vocabulary_size)), None, np.arange(count))

    def select(self, rows: Ints) -> Read:
        """The same of some of the rows."""
        return Read(self.logprobs[rows], self.cache, self.places[rows])


def keys_before(given: Ints) -> Words:
    """The keys (D,) of rows that have read nothing but what is given (D, C)."""
    return keys_after(np.zeros(len(given), np.uint64), given)


def keys_after(keys: Words, ids: Ints) -> Words:
    """The keys (D,) of rows after more ids (D, T). Equal rows have equal keys."""
    for column in ids.T:
        keys = words_after(keys, column)
    return keys


def read_in_tiles(
    model: TorchModel,
    ids: Ints,
    given: Ints,
    keys: Words,
    before: Cache | None = None,
    parents: Ints | None = None,
) -> Read:
    """Read ids (D, T), in rows that have these keys (D,) afterwards; `given` (D, C) goes with them.

    With a cache from before, `parents` (D,) are the places in it that the rows go on from.
    """
    tiles, places = _arranged(keys)
    logprobs = np.empty((len(tiles), ROWS, model.vocabulary.size), model.dtype)
    caches: list[Cache | None] = [None] * len(tiles)
    dtype = getattr(torch, logprobs.dtype.name)

    def read_tile(part: slice, room: None) -> None:
        number, rows = part.start, tiles[part.start]
        with torch.inference_mode(), one_thread:
            cache = None
            if before is not None and parents is not None:
                kept = torch.from_numpy(parents[rows])
                cache = tuple(tensor.index_select(0, kept) for tensor in before)
            read, told = (torch.from_numpy(array[rows]) for array in (ids, given))
            logits, caches[number] = logits_and_cache(model, read, told, cache)
            last = logits[:, -1] if model.reads == "sequence" else logits
            logprobs[number] = functional.log_softmax(last, dim=-1, dtype=dtype).numpy()

    with one_thread:
        in_parts(read_tile, len(tiles), 1, lambda: None)
    flat = logprobs.reshape(-1, model.vocabulary.size)
    return Read(flat[places], _joined(caches), places)


@one_thread
def last_logprobs(model: TorchModel, prefixes: Prefixes) -> Floats:
    """Log-probabilities (D, V) after different prefixes, each of them read at once."""
    begun = as_read(model, prefixes)
    logprobs: Floats = np.empty((len(prefixes), model.vocabulary.size), model.dtype)
    for length in np.unique(begun.lengths).tolist():
        rows = np.flatnonzero(begun.lengths == length)
        ids, given = begun.ids[rows, begun.ids.shape[1] - length :], begun.given[rows]
        keys = keys_after(keys_before(given), ids)
        logprobs[rows] = read_in_tiles(model, ids, given, keys).logprobs
    return logprobs


def as_read(model: TorchModel, prefixes: Prefixes) -> Prefixes:
    """The ids that a module is given of each prefix, with what stands left of the beginning."""
    if model.context_length is None:
        return with_id_before(prefixes, model.vocabulary)
    ids = prefixes.padded(model.context_length, model.vocabulary.terminator_id)
    return Prefixes(ids, np.full(len(ids), model.context_length), prefixes.given)


def gives_a_cache(model: TorchModel) -> bool:
    """Whether `forward` gives a cache to go on from; it is tried.

    Raises:
        ModuleError: it returns something else than it should, or cannot be given what it returns.
    """
    nothing = Prefixes.of([[]], model.vocabulary.nothing_given)
    ids = nothing.padded(model.context_length or 1, model.vocabulary.id_before_first)
    read = read_in_tiles(model, ids, nothing.given, keys_before(nothing.given))
    if model.reads != "sequence" or read.cache is None:
        return False
    check_cache_parameter(model)
    return True


def _arranged(keys: Words) -> tuple[Ints, Ints]:
    """The row at each place of each tile (N, ROWS), and the place (D,) of each row in all tiles.

    A place that stays empty is filled with the first row.
    """
    column = (keys % np.uint64(ROWS)).astype(np.int64)
    order = np.argsort(column, kind="stable")
    counts = np.bincount(column, minlength=ROWS)
    tile = np.empty_like(column)
    tile[order] = np.arange(len(keys)) - np.repeat(np.cumsum(counts) - counts, counts)
    tiles = np.zeros((counts.max(initial=0), ROWS), np.int64)
    tiles[tile, column] = np.arange(len(keys))
    return tiles, tile * ROWS + column


def _joined(caches: list[Cache | None]) -> Cache | None:
    """The caches of the tiles, one after the other."""
    present = [cache for cache in caches if cache is not None]
    if not present:
        return None
    with torch.inference_mode():
        return tuple(torch.cat(tensors) for tensors in zip(*present, strict=True))
