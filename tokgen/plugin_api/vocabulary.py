"""Vocabulary: what a model and a sampler know of a tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tokgen.errors import RequestError, did_you_mean
from tokgen.unicode import inert, nfc, shown_symbol


@dataclass(frozen=True)
class Vocabulary:
    """What models and samplers know of a tokenizer. Ids run from 0 to `size` - 1.

    Attributes:
        symbols: the printable symbol of each id, all different.
        terminator_id: the id that ends a document. Without a `start_id` it also stands left of the
            beginning.
        start_id: the id that begins every row of training, scoring and generation, or None. It
            never follows a token: the probability that a model gives it is shared among the others.
        columns: the columns that a model may be given, name -> values. The id 0 says that the value
            is not known, so that the first listed value has the id 1.
    """

    symbols: tuple[str, ...]
    terminator_id: int
    start_id: int | None = None
    columns: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )

    @property
    def size(self) -> int:
        """How many ids there are (V)."""
        return len(self.symbols)

    @property
    def beginning(self) -> tuple[int, ...]:
        """The ids with which every row begins: the start id, or none."""
        return () if self.start_id is None else (self.start_id,)

    @property
    def can_follow(self) -> NDArray[np.bool_]:
        """Which ids (V,) can be the next one: all but the start id."""
        flags = np.ones(self.size, np.bool_)
        flags[list(self.beginning)] = False
        return flags

    @property
    def id_before_first(self) -> int:
        """The id that stands before a document's first token: the start id, or the terminator."""
        return self.terminator_id if self.start_id is None else self.start_id

    @property
    def nothing_given(self) -> tuple[int, ...]:
        """The ids (C,) that say that no value of a column is known."""
        return (0,) * len(self.columns)

    def with_columns(self, columns: Mapping[str, Sequence[str]]) -> Vocabulary:
        """The same tokens, with these columns instead of those that were there."""
        values = {name: tuple(listed) for name, listed in columns.items()}
        return replace(self, columns=MappingProxyType(values))

    def id_of(self, symbol: str) -> int:
        r"""The id of a symbol, or of what a user wrote for one: `␣`, `\t`, a letter in two parts.

        Raises:
            RequestError: there is no such symbol.
        """
        if symbol in self._ids:
            return self._ids[symbol]
        written = nfc(symbol)
        if written not in self._written:
            known = map(shown_symbol, self.symbols)
            raise RequestError(f"There is no token {symbol!r}.{did_you_mean(symbol, known)}")
        return self._written[written]

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @cached_property
    def _written(self) -> dict[str, int]:
        """The ids by escapes, by what tables show and by symbols; of equal ones the last counts."""
        ways = (inert, shown_symbol, str)
        return {way(symbol): number for way in ways for symbol, number in self._ids.items()}
