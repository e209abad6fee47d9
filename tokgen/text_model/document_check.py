"""Check: what of a document only the whole of it can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tokgen.exact.search.rejection import AcceptsEach


@dataclass(frozen=True)
class Check:
    """What only a whole document can tell.

    Attributes:
        accepts_each: of some documents (what follows the beginning), which ones are asked for.
        because: why each is asked, in words.
        too_improbable: whether no document that the model gives less than this one is asked for.
        has_a_least: whether there is a probability below which every document is too improbable.
    """

    accepts_each: AcceptsEach
    because: str
    too_improbable: Callable[[Sequence[int]], bool] = lambda tokens: False
    has_a_least: bool = False

    def accepts(self, tokens: Sequence[int]) -> bool:
        """Whether one document is asked for."""
        return self.accepts_each([tokens])[0]
