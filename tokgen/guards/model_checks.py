"""What a model gives beside its rows, held against the contract of `LanguageModel`.

Each function raises `NotAsPromisedError`, whose message says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tokgen.errors import counted
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import TOLERANCE, check_array
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.gradient_step import GradientStep
from tokgen.plugin_api.learned import check_arrays
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes

NUMBERS = "fiub"


def check_attributes(model: LanguageModel) -> None:
    """`context_length`, `max_positions` and `dtype` are what they may be."""
    for name, least in (("context_length", 0), ("max_positions", 1)):
        value = getattr(model, name)
        if value is not None and (type(value) is not int or value < least):
            raise NotAsPromisedError(f"its {name} is {value!r}, no integer from {least} on")
    if model.dtype not in (np.float64, np.float32):
        raise NotAsPromisedError(f"its dtype is {model.dtype!r}, neither float64 nor float32")


def check_array_names(learned: Any) -> None:
    """`learned` gives names, each with a shape or None."""
    if not isinstance(learned, Mapping):
        raise NotAsPromisedError(f"it gives {type(learned).__name__} instead of names and shapes")
    for name, shape in learned.items():
        if not isinstance(name, str) or not (shape is None or _is_shape(shape)):
            raise NotAsPromisedError(f"it gives {shape!r} as the shape of {name!r}")


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(isinstance(size, int) and size >= 0 for size in shape)


def check_learned(model: LanguageModel, implementation: type[LanguageModel]) -> None:
    """What `learned` names is there after `fit`, in numbers and of the shape that it says."""
    learned = model.learned()
    if implementation.arrays is LanguageModel.arrays:
        for name in learned:
            if not hasattr(model, name):
                raise NotAsPromisedError(f"it does not set {name!r}, which learned() names")
    try:
        check_arrays(learned, model.arrays())
    except ValueError as wrong:
        raise NotAsPromisedError(f"it does not learn what learned() says: {wrong}") from None


def check_arrays_of_numbers(arrays: Any) -> None:
    """A dict of names and arrays that a file of tensors can hold."""
    if not isinstance(arrays, dict) or not all(isinstance(name, str) for name in arrays):
        raise NotAsPromisedError("it gives something else than a dict of names and arrays")
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in NUMBERS:
            raise NotAsPromisedError(f"{name!r} is no array of numbers")


def check_token_logprobs(scored: Any, documents: Prefixes) -> None:
    """Log-probabilities (B, T); what stands left of a document may be anything."""
    check_array(scored, documents.ids.shape)
    width = documents.ids.shape[1]
    counted = scored[np.arange(width) >= width - documents.lengths[:, None]]
    if not (counted <= TOLERANCE.get(scored.dtype, 0.0)).all():
        raise NotAsPromisedError("a log-probability is NaN or above 0")


def check_embedding_table(table: Any, vocabulary_size: int) -> None:
    """A finite vector (V, K) for each token."""
    width = table.shape[1] if isinstance(table, np.ndarray) and table.ndim == 2 else 1
    check_array(table, (vocabulary_size, width))
    if not np.isfinite(table).all():
        raise NotAsPromisedError("it holds a number that is not finite")


def check_state_keys(keys: Any, count: int, vocabulary_size: int) -> None:
    """Integers (B, W) from 0 to V + 1."""
    if not isinstance(keys, np.ndarray) or keys.dtype.kind not in "iu" or keys.ndim != 2:
        raise NotAsPromisedError("it gives no matrix of integers")
    if len(keys) != count:
        raise NotAsPromisedError(f"it gives keys of {len(keys)} prefixes instead of {count}")
    # A negative integer is a huge one without its sign, so that one look at each is enough.
    unsigned = keys.astype(np.int64, copy=False).view(np.uint64)
    if keys.size and unsigned.max() > vocabulary_size + 1:
        raise NotAsPromisedError(f"it gives a key that is not from 0 to {vocabulary_size + 1}")


def check_explanations(steps: Any) -> None:
    """A list of `Explanation`s whose values are numbers."""
    if not isinstance(steps, list) or not all(isinstance(step, Explanation) for step in steps):
        raise NotAsPromisedError("it gives something else than a list of Explanation")
    for step in steps:
        if not isinstance(step.values, np.ndarray) or step.values.dtype.kind not in NUMBERS:
            raise NotAsPromisedError(f"its step {step.name!r} is no array of numbers")
        _check_labels(step)


def check_gradient_step(step: Any, vocabulary_size: int) -> None:
    """A `GradientStep` with a finite gradient (V,) and a model."""
    if not isinstance(step, GradientStep) or not isinstance(step.model, LanguageModel):
        raise NotAsPromisedError("it gives something else than a GradientStep with a model")
    check_array(step.logits_gradient, (vocabulary_size,))
    if not np.isfinite(step.logits_gradient).all():
        raise NotAsPromisedError("its gradient holds a number that is not finite")


def _check_labels(step: Explanation) -> None:
    """One or two dimensions, and as many labels as there are rows and columns, or none."""
    shape = step.values.shape
    if len(shape) not in (1, 2):
        raise NotAsPromisedError(f"its step {step.name!r} has {len(shape)} dimensions, not 1 or 2")
    rows, columns = (*shape, 0)[:2]
    for kind, labels, size in (("row", step.rows, rows), ("column", step.columns, columns)):
        if labels and len(labels) != size:
            told = f"{counted(len(labels), 'label')} for {counted(size, kind)}"
            raise NotAsPromisedError(f"its step {step.name!r} has {told}")
