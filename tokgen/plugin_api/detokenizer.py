"""Detokenizer: the text of ids that come one by one."""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence


class Detokenizer(ABC):
    """Turns ids that come one by one into text, piece by piece."""

    @abstractmethod
    def add(self, token: int) -> str:
        """Take one id, and give the text that has become certain with it."""

    @abstractmethod
    def finish(self) -> str:
        """The text that was still open, now that no id follows."""


class Streaming(Detokenizer):
    """By the bytes of each id: a character comes when its last byte has."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def add(self, token: int) -> str:
        """The characters that end with the bytes of this id."""
        return self._decoder.decode(self._pieces[token])

    def finish(self) -> str:
        """U+FFFD where a character has no last byte."""
        return self._decoder.decode(b"", final=True)


class Waiting(Detokenizer):
    """Where any later id may change the text: all of it comes at the end."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []

    def add(self, token: int) -> str:
        """Nothing yet."""
        self._ids.append(token)
        return ""

    def finish(self) -> str:
        """The whole text."""
        return self._decode(self._ids)
