"""GuardedDecoder: a plugin's own decoder, its rows checked and its failures named."""

from __future__ import annotations

from typing import Any, Self

from tokgen.arrays import Floats, Ints, read_only
from tokgen.guards.blame import Registered, blamed
from tokgen.guards.rows import check_form, check_normalised, without_start
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary


class GuardedDecoder(Decoder):
    """Stands before a decoder that a plugin made; counts its rows, since nobody else does."""

    def __init__(
        self,
        plugin: Registered,
        decoder: Decoder,
        count: int,
        vocabulary: Vocabulary,
        dtype: Any,
    ) -> None:
        self._plugin = plugin
        self._decoder = decoder
        self._count = count
        self._vocabulary = vocabulary
        self._dtype = dtype

    def logprobs(self) -> Floats:
        """Checked rows (B, V)."""
        with blamed(self._plugin, "its decoder's logprobs"):
            rows = self._decoder.logprobs()
            check_form(rows, (self._count, self._vocabulary.size), self._dtype)
            check_normalised(rows)
            return without_start(rows, self._vocabulary)

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Append a token to each selected sequence."""
        with blamed(self._plugin, "its decoder's advance"):
            self._decoder.advance(read_only(parents), read_only(tokens))
        self._count = len(parents)

    def join(self, prefixes: Prefixes) -> None:
        """Add sequences."""
        with blamed(self._plugin, "its decoder's join"):
            self._decoder.join(prefixes.read_only())
        self._count += len(prefixes)

    def copy(self) -> Self:
        """A guarded copy of the plugin's decoder."""
        with blamed(self._plugin, "its decoder's copy"):
            decoder = self._decoder.copy()
        return type(self)(self._plugin, decoder, self._count, self._vocabulary, self._dtype)
