"""The automaton of a condition over tokens: a text automaton, read through a tokenizer's pieces.

A state is one of the text automaton and one of the UTF-8 decoder, since a token may end inside of a
character. A document is allowed where its bytes are well-formed and spell a text that is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.character_steps import CharacterSteps
from tokgen.exact.spelling import Continuations, Spelling
from tokgen.exact.text_automaton import TextAutomaton
from tokgen.exact.transitions import NOWHERE, Successors
from tokgen.exact.utf8 import Utf8Decoder
from tokgen.stopping import may_stop

TABLE_BYTES = 64 << 20
ENTRIES_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class TokenAutomaton:
    """Which documents have a text that a text automaton allows, from the state `start` on."""

    lifted: Lifted
    start: int = 0

    @classmethod
    def of(cls, text: TextAutomaton, pieces: Sequence[bytes], terminator_id: int) -> TokenAutomaton:
        """Over the tokens of these pieces, as `Tokenizer.pieces` gives them."""
        return cls(Lifted(text, pieces, terminator_id))

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.lifted)

    @property
    def unspelt(self) -> str:
        """The characters that the text automaton tells apart and no token spells."""
        return self.lifted.unspelt

    def rows(self, states: Ints) -> Successors:
        """The successors (B, V) of states (B,); -1 (NOWHERE) is refusal and the terminator's."""
        if self.lifted.table is None:
            return self.lifted.rows(states)
        return self.lifted.table[states]

    def accepts(self, states: Ints) -> NDArray[np.bool_]:
        """Whether a document may end (B,) in these states (B,)."""
        return self.lifted.accepting[states]

    def after(self, text: bytes) -> TokenAutomaton:
        """What may follow these bytes of a text; where they are refused, nothing."""
        return replace(self, start=self.lifted.state_after(self.start, text))


class Lifted:
    """The states and what leads from one to another.

    With D states of the decoder, number s is state s // D of the text automaton and s % D of the
    decoder; the last number is a state that refuses everything. `accepting` (S,).
    `unspelt`: see `TokenAutomaton`.
    """

    def __init__(self, text: TextAutomaton, pieces: Sequence[bytes], terminator_id: int) -> None:
        characters = "".join(map(chr, text.points.tolist()))
        self._spelling = Spelling(pieces, terminator_id, Utf8Decoder(characters))
        spelt = self._spelling.spelt
        self.unspelt = "".join(np.delete(list(characters), spelt[spelt < len(characters)]))
        self._steps = CharacterSteps(text, spelt)
        self._width = len(self._spelling)
        self.accepting = np.zeros(len(text) * self._width + 1, bool)
        self.accepting[: -1 : self._width] = text.accepts

    def __len__(self) -> int:
        return len(self.accepting)

    @cached_property
    def table(self) -> Successors | None:
        """The successors of all states (S, V), where they are small enough to be kept."""
        size = len(self) * self._spelling.vocabulary_size * np.dtype(np.int32).itemsize
        return self.rows(np.arange(len(self))) if size <= TABLE_BYTES else None

    def rows(self, states: Ints) -> Successors:
        """The successors (B, V) of states (B,)."""
        distinct, which = np.unique(states, return_inverse=True)
        rows = np.full((len(distinct), self._spelling.vocabulary_size), NOWHERE, np.int32)
        text_states, decoder_states = self._apart(distinct)
        for decoder_state, found in enumerate(self._spelling.continuations):
            here = np.flatnonzero(decoder_states == decoder_state)
            at_once = max(1, ENTRIES_AT_ONCE // max(1, len(found.tokens)))
            for begin in range(0, len(here), at_once):
                may_stop()
                part = here[begin : begin + at_once]
                rows[part[:, None], found.tokens] = self._successors(text_states[part], found)
        return rows[which.reshape(-1)]

    def _successors(self, text_states: NDArray[np.int32], found: Continuations) -> Successors:
        """After each of the tokens (N,) that may follow states (B,) of the text: (B, N)."""
        states = np.repeat(text_states[:, None], len(found.tokens), axis=1)
        for classes in found.completed:
            states[:, : len(classes)] = self._steps.after(states[:, : len(classes)], classes)
        return self._together(states, found.after)

    def state_after(self, state: int, text: bytes) -> int:
        """The state after these bytes; where they are refused, the one that refuses everything."""
        text_states, decoder_states = self._apart(np.array([state]))
        decoder_state, classes = self._spelling.read(int(decoder_states[0]), text)
        for each in classes:
            text_states = self._steps.after(text_states, np.array([each], np.int32))
        after = int(self._together(text_states, np.array([decoder_state]))[0])
        return len(self) - 1 if NOWHERE in (after, decoder_state) else after

    def _apart(self, states: Ints) -> tuple[NDArray[np.int32], Ints]:
        """The text automaton's and the decoder's states; of the last state NOWHERE and 0."""
        refusing = states == len(self) - 1
        text_states = np.where(refusing, NOWHERE, states // self._width).astype(np.int32)
        return text_states, states % self._width

    def _together(self, text_states: NDArray[np.int32], decoder_states: Ints) -> Successors:
        numbers = text_states.astype(np.int64) * self._width + decoder_states
        return np.where(text_states == NOWHERE, NOWHERE, numbers).astype(np.int32)
