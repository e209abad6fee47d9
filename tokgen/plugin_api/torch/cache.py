"""A module's cache, and how torch's recurrent layers give and take it.

A cache is a tuple of tensors that stands for all ids read so far, one row a sequence.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

Cache = tuple[Tensor, ...]


def from_cache(cache: Cache | None) -> Any:
    """The state from which `nn.RNN`, `nn.GRU` or `nn.LSTM` goes on; None without a cache.

    A cache of one tensor (B, layers, H) becomes a tensor (layers, B, H), and a cache of two tensors
    becomes the pair that an LSTM takes.
    """
    if cache is None:
        return None
    states = tuple(tensor.transpose(0, 1).contiguous() for tensor in cache)
    return states[0] if len(states) == 1 else states


def to_cache(state: Tensor | tuple[Tensor, ...]) -> Cache:
    """The cache, rows first, from the state that a recurrent layer returns beside its outputs."""
    states = (state,) if isinstance(state, Tensor) else state
    return tuple(tensor.transpose(0, 1) for tensor in states)
