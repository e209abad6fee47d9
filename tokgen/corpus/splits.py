"""Splits: which documents of a corpus are for training, which for validation and test.

A document's hash decides, so that equal documents fall into the same part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api.documents import Documents

SplitName = Literal["train", "validation", "test", "all"]
SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)

# Of each part, the remainders of a hash that is divided by 100.
Parts = Mapping[str, range]
PARTS_OF_PLUGIN: Parts = {
    "train": range(80),
    "validation": range(80, 90),
    "test": range(90, 100),
}
# Per cent of a file that are held out for validation, below so many documents: 5 % of fewer than
# 1,000 measure next to nothing.
_HELD_OUT = ((200, 20), (1_000, 10), (math.inf, 5))


def parts_of_file(count: int) -> Parts:
    """The parts of a file of so many documents, which has no test part."""
    held_out = next(share for most, share in _HELD_OUT if count < most)
    return {"train": range(100 - held_out), "validation": range(100 - held_out, 100)}


def rows_in(part: range, documents: Documents) -> NDArray[np.bool_]:
    """Which documents (D,) are of a part."""
    remainders = documents.hashes() % np.uint64(100)
    return (remainders >= part.start) & (remainders < part.stop)
