"""A module's cache, and how torch's recurrent layers give and take it.

A cache is a tuple of tensors that stands for all ids read so far, one row a sequence.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

Cache = tuple[Tensor, ...]


def from_cache(cache: Cache | None) -> Any:
    """What `nn.RNN`, `nn.GRU` and `nn.LSTM` go on from; None where there is no cache.

    A cache of one tensor (B, layers, H) becomes one (layers, B, H), and a cache of two the pair
    that an LSTM takes.
    """
    if cache is None:
        return None
    states = tuple(tensor.transpose(0, 1).contiguous() for tensor in cache)
    return states[0] if len(states) == 1 else states


def to_cache(state: Tensor | tuple[Tensor, ...]) -> Cache:
    """The cache of what a recurrent layer returns beside its outputs, rows first."""
    states = (state,) if isinstance(state, Tensor) else state
    return tuple(tensor.transpose(0, 1) for tensor in states)
