"""How a model is asked by its clauses: with arrays of its own, its rows taken as the core does."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokgen.arrays import Floats
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import without_start
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.clause import ClauseNotCheckedError


def in_form(rows: Any, shape: tuple[int, ...]) -> Floats:
    """The rows, where they are numbers of this shape.

    Raises:
        ClauseNotCheckedError: they are not.
    """
    if not isinstance(rows, np.ndarray) or rows.dtype.kind != "f" or rows.shape != shape:
        raise ClauseNotCheckedError("next_logprobs does not give rows that can be compared")
    return rows.copy()


def as_asked(rows: Floats, vocabulary: Vocabulary) -> Floats:
    """Rows (B, V) as the core takes them: given that a start id does not follow.

    Raises:
        ClauseNotCheckedError: a row leaves nothing to the others; the clause `start-id` is about
            it.
    """
    try:
        return without_start(rows, vocabulary)
    except NotAsPromisedError as wrong:
        raise ClauseNotCheckedError(str(wrong)) from None


def asked_without_start(implementation: type[LanguageModel]) -> Any:
    """The class, whose own calls of `next_logprobs` give a start id nothing, as under a guard."""

    def next_logprobs(model: LanguageModel, prefixes: Prefixes) -> Floats:
        rows = implementation.next_logprobs(model, prefixes)
        try:
            return without_start(rows, model.vocabulary) if np.ndim(rows) == 2 else rows
        except NotAsPromisedError:  # The clause `start-id` is about it.
            return rows

    named = {"next_logprobs": next_logprobs, "__module__": implementation.__module__}
    metaclass: Any = type(implementation)
    return metaclass(implementation.__name__, (implementation,), named)


def copied(prefixes: Prefixes) -> Prefixes:
    """The same prefixes in arrays of their own, which a model may even write into."""
    return Prefixes(prefixes.ids.copy(), prefixes.lengths.copy(), prefixes.given.copy())
