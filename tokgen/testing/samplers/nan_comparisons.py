"""Rows that answer a comparison with NaN by True, where numpy answers False.

What `apply` makes of such rows differs from what it makes of plain ones only where a comparison
with NaN decides, whether numpy was told to warn of the NaN or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tokgen.testing.samplers.batches import Batch

_ORDERS = (np.less, np.less_equal, np.greater, np.greater_equal)


def with_nan_above_and_below(batch: Batch) -> Batch:
    """The same rows, for which NaN is above and below everything."""
    return replace(batch, rows=batch.rows.view(_NanAboveAndBelow))


class _NanAboveAndBelow(np.ndarray[Any, Any]):
    """Floating-point numbers; what is computed of them is of this class again."""

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (), **given: Any
    ) -> Any:
        plain = [_plain(each) for each in inputs]
        given = {name: _plain(each) for name, each in given.items()}
        if out:
            given["out"] = tuple(_plain(each) for each in out)
        made = getattr(ufunc, method)(*plain, **given)
        if ufunc in _ORDERS and method == "__call__":
            made |= np.isnan(plain[0]) | np.isnan(plain[1])
        return out[0] if len(out) == 1 else _watched(made)

    def __array_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        return _watched(super().__array_function__(func, types, args, kwargs))


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _NanAboveAndBelow) else value


def _watched(made: Any) -> Any:
    """Arrays of floating-point numbers are watched further; masks and indices are as they are."""
    if isinstance(made, np.ndarray) and made.dtype.kind == "f":
        return made.view(_NanAboveAndBelow)
    return made
