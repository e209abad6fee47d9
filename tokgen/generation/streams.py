"""Streams: sequences with beginnings and seeds of their own, grown together while they come and go.

`grow` makes a batch from one beginning. Here a row joins when it comes and leaves when nobody wants
more of it. Rows with equal prefixes are not shared. Two things are not served: a chain that needs
the history, since all rows would have to have drawn equally many tokens, and a prefix that is still
to be spelt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen import rng
from tokgen.arrays import Floats, Ints
from tokgen.generation.draw import draw
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.sampler import History


@dataclass(frozen=True)
class Stream:
    """One sequence.

    Attributes:
        ids: all that stand there, those that were drawn included.
        given: the id of the value of each column; as in `Prefixes`.
        start: how many ids stood before the first that was drawn.
        seed, sequence: of the seed law (`rng`).
    """

    ids: tuple[int, ...]
    given: tuple[int, ...]
    start: int
    seed: int
    sequence: int

    @classmethod
    def begin(cls, beginning: Beginning, model: LanguageModel, seed: int, sequence: int) -> Stream:
        """A sequence that has drawn nothing yet; its beginning has no rest."""
        given = beginning.given or model.vocabulary.nothing_given
        return cls(beginning.ids, given, len(beginning.ids), seed, sequence)

    def after(self, token: int) -> Stream:
        """The same sequence with one token more."""
        return replace(self, ids=(*self.ids, int(token)))


@dataclass(frozen=True, eq=False)
class Drawn:
    """What one step drew. Shapes: `tokens` (B,); `logprobs` (B, V), the model's own, nats."""

    tokens: Ints
    logprobs: Floats


class Streams:
    """Sequences of one model under one sampler chain, in rows (B,).

    `step` draws a token for each and changes nothing; `go_on` keeps some of them, with their token.
    """

    def __init__(
        self, model: LanguageModel, chain: SamplerChain, streams: Sequence[Stream] = ()
    ) -> None:
        self._model, self._chain = model, chain
        self._streams: list[Stream] = []
        self._ids = Prefixes.of([], model.vocabulary.nothing_given)
        self._decoder: Decoder | None = None
        self._place_rows()
        self.join(streams)

    def __len__(self) -> int:
        return len(self._streams)

    def join(self, streams: Sequence[Stream]) -> None:
        """Add sequences behind those that are there.

        Raises:
            RequestError: one has more tokens than the model can read.
        """
        if not streams:
            return
        prefixes = _prefixes(streams)
        check_prefixes(self._model, prefixes.lengths)
        if not self._streams or self._decoder is None:
            self._decoder, self._ids = self._model.decoder(prefixes), prefixes
        else:
            self._decoder.join(prefixes)
            self._ids = self._ids.join(prefixes)
        self._streams += streams
        self._place_rows()

    def step(self) -> Drawn:
        """The next token of each sequence.

        Raises:
            PluginError: the model or a sampler fails.
        """
        assert self._decoder is not None
        logprobs = self._decoder.logprobs()
        nothing = np.zeros((len(self), 0))
        history = History(self._ids, self._start, nothing, nothing)
        final = self._chain.final_logprobs(logprobs, self._model.vocabulary, history)
        steps = self._ids.lengths - self._start
        words = rng.words_of_each(self._begun, steps, self._positions)
        return Drawn(draw(final, np.arange(len(self)), words), logprobs)

    def go_on(self, rows: Ints, drawn: Drawn) -> None:
        """Keep the sequences at `rows` (B',), each with the token that it drew.

        Raises:
            RequestError: the model cannot read so many tokens.
        """
        assert self._decoder is not None
        tokens = drawn.tokens[rows]
        check_prefixes(self._model, self._ids.lengths[rows] + 1)
        self._decoder.advance(rows, tokens)
        self._ids = self._ids.select(rows).append(tokens)
        if len(rows) < len(self):
            self._ids = self._ids.last(int(self._ids.lengths.max(initial=0)))
            self._streams = [self._streams[row] for row in rows.tolist()]
            self._place_rows()

    def stream(self, row: int) -> Stream:
        """The sequence at a row as it stands, by which it can go on elsewhere."""
        return replace(self._streams[row], ids=tuple(self._ids[row]))

    def _place_rows(self) -> None:
        """What the draw needs to know of each row."""
        self._start = np.array([each.start for each in self._streams], np.int64)
        self._begun = rng.begun(each.seed for each in self._streams)
        sequences = np.array([each.sequence for each in self._streams], np.int64)
        self._positions = rng.positions(sequences)


def _prefixes(streams: Sequence[Stream]) -> Prefixes:
    ids = Prefixes.of([each.ids for each in streams])
    given = np.array([each.given for each in streams], np.int64).reshape(len(streams), -1)
    return Prefixes(ids.ids, ids.lengths, given)
