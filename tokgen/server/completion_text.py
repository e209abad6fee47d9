"""The text of one choice as it grows, up to the first stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokgen.plugin_api.detokenizer import Detokenizer
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.server.prompts import Prompt


@dataclass
class CompletionText:
    """What follows a prompt, token by token.

    What may be the beginning of a stop is held back until it is none.

    Attributes:
        text: what is there, without what a stop cut off.
        released: how many characters of it can be told.
        stop: the stop that was found.
    """

    tokenizer: Tokenizer
    prompt: Prompt
    stops: Sequence[str]
    text: str = ""
    released: int = 0
    stop: str | None = None
    searched: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        start = len(self.tokenizer.vocabulary.beginning)
        ids = self.prompt.given.beginning.ids[start:]
        # Characters of the prompt that the next tokens have still to spell.
        self._missing = 0
        if self.tokenizer.pieces() is None:
            self._spelling: Detokenizer = AfterPrompt(self.tokenizer, ids, self.prompt.text)
        else:
            self._spelling = self.tokenizer.detokenizer()
            begun = sum(len(self._spelling.add(token)) for token in ids)
            self._missing = len(self.prompt.text) - begun

    @property
    def offset(self) -> int:
        """Where the next token begins, in characters of prompt and completion."""
        return len(self.prompt.text) - self._missing + len(self.text)

    def add(self, token: int, *, may_stop: bool) -> str:
        """A token more; what can be told now. A stop that begins before it may is none."""
        return self._grow(self._spelling.add(token), may_stop)

    def finish(self) -> str:
        """What is left to be told."""
        told = self._grow(self._spelling.finish(), may_stop=True)
        rest, self.released = self.text[self.released :], len(self.text)
        return told + rest

    def _grow(self, added: str, may_stop: bool) -> str:
        skipped = min(self._missing, len(added))
        self._missing -= skipped
        self.text += added[skipped:]
        if not self.stops:
            self.released = len(self.text)
            return added[skipped:]
        if may_stop:
            self._look_for_stops()
        else:
            self.searched = len(self.text)
        end = len(self.text) - (0 if self.stop is not None else self._open_stop())
        told = self.text[self.released : max(end, self.released)]
        self.released += len(told)
        return told

    def _look_for_stops(self) -> None:
        if self.stop is not None or not self.stops:
            return
        found = [(self.text.find(stop, self.searched), stop) for stop in self.stops]
        places = [(at, stop) for at, stop in found if at >= 0]
        if places:
            at, self.stop = min(places)
            self.text = self.text[:at]
            return
        longest = max(map(len, self.stops), default=1)
        self.searched = max(self.searched, len(self.text) - longest + 1)

    def _open_stop(self) -> int:
        """How many characters at the end may become a stop."""
        return max([_overlap(self.text, stop) for stop in self.stops], default=0)


class AfterPrompt(Detokenizer):
    """Where any later id may change the text: what follows the prompt comes at the end."""

    def __init__(self, tokenizer: Tokenizer, given: Sequence[int], prompt: str) -> None:
        self._tokenizer, self._given, self._prompt = tokenizer, given, prompt
        self._drawn: list[int] = []

    def add(self, token: int) -> str:
        """Nothing yet."""
        self._drawn.append(token)
        return ""

    def finish(self) -> str:
        """The whole text after the prompt; alone, where the prompt's own end has changed."""
        whole = self._tokenizer.decode([*self._given, *self._drawn])
        if whole.startswith(self._prompt):
            return whole[len(self._prompt) :]
        return self._tokenizer.decode(self._drawn)


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of a text that a stop begins with, but is not."""
    lengths = range(min(len(stop) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
