"""All documents as one row of bytes, so that arrays encode them without a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api import Documents


def joined(documents: Documents) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of the documents, one after the other (N,), and where each begins (D + 1,)."""
    lengths = documents.ends - documents.starts
    offsets: NDArray[np.int64] = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    places: NDArray[Any] = np.repeat(documents.starts - offsets[:-1], lengths)
    places += np.arange(offsets[-1])
    return documents.text[places], offsets
