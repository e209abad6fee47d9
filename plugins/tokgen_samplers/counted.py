"""Which tokens stand before, as far as a sampler looks at them."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Ints, SamplingContext


def seen_ids(context: SamplingContext, *, prefix: bool) -> list[list[int]]:
    """The ids before the next token, row by row: all of them, or what was drawn alone.

    A start id is no token of the text.
    """
    ids, begun = context.ids, len(context.vocabulary.beginning)
    first = [begun] * len(ids) if prefix else context.start.tolist()
    return [ids[row][start:] for row, start in enumerate(first)]


def counts(context: SamplingContext, *, prefix: bool) -> Ints:
    """How often each token (B, V) stands before the next one."""
    size, rows = context.vocabulary.size, seen_ids(context, prefix=prefix)
    counted = [np.bincount(row, minlength=size) for row in rows]
    return np.array(counted, np.int64).reshape(len(rows), size)
