"""Conditions on texts as conditions on ids: an automaton, or a check of whole documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tokgen.exact.conditions import Conditions, automaton_of
from tokgen.exact.nearness.near_rows import NearRows
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.generation.growth import Beginning
from tokgen.plugin_api.tokenizer import Tokenizer

# Of the memory, the share that the index of near rows may take.
NEAR_SHARE = 4
WITHOUT_PIECES = "the tokenizer does not tell the bytes of its tokens"
BY_DISTANCE = "whether a row of the corpus is near can be told of whole documents alone"


@dataclass(frozen=True)
class Check:
    """What only a whole document can tell.

    Attributes:
        accepts: whether a document (what follows the beginning) is one that is asked for.
        because: why each is asked, in words.
    """

    accepts: Callable[[Sequence[int]], bool]
    because: str


class Conditioning:
    """How a tokenizer's documents come to fulfil conditions; `known` gives the corpus' texts."""

    def __init__(self, tokenizer: Tokenizer, known: Callable[[], frozenset[str]]) -> None:
        self._tokenizer = tokenizer
        self._known = known
        self._near: dict[tuple[int, int], NearRows] = {}

    def automaton(self, conditions: Conditions, beginning: Beginning) -> TokenAutomaton | None:
        """What may follow a beginning, as far as an automaton tells it; None is everything."""
        told = replace(conditions, novel_distance=None)
        if not told or self._tokenizer.pieces() is None:
            return None
        return automaton_of(told, self._tokenizer, self._known, beginning.ids)

    def check(self, conditions: Conditions, beginning: Beginning, memory: int) -> Check | None:
        """What is asked of each document beyond the automaton; None where it tells everything."""
        near = None
        if conditions.novel_distance is not None:
            near = self._rows_near(conditions.novel_distance, memory // NEAR_SHARE)
        in_bytes = self._tokenizer.pieces() is not None
        if near is None and (in_bytes or not conditions):
            return None
        known = self._known() if conditions.novel else ()

        def accepts(tokens: Sequence[int]) -> bool:
            text = self._tokenizer.decode([*beginning.ids, *tokens])
            return conditions.met_by(text, known) and not (near and near.is_near(text))

        return Check(accepts, BY_DISTANCE if in_bytes else WITHOUT_PIECES)

    def _rows_near(self, distance: int, memory: int) -> NearRows:
        if (distance, memory) not in self._near:
            self._near[distance, memory] = NearRows(self._known(), distance, memory)
        return self._near[distance, memory]
