"""Choice: one of the completions of a prompt, as it grows token by token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tokgen.arrays import Floats
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.server.completion_text import CompletionText
from tokgen.server.prompts import Prompt
from tokgen.server.token_reports import Reporter, TokenReport


@dataclass(frozen=True)
class Ending:
    """What ends a choice besides the terminator.

    Attributes:
        max_tokens: the terminator counted; None is no limit.
        stops: texts, which are cut off.
        stop_ids: tokens, which are listed and spell nothing.
        min_tokens: how many come before any of the two.
    """

    max_tokens: int | None
    stops: tuple[str, ...] = ()
    stop_ids: frozenset[int] = frozenset()
    min_tokens: int = 0


class Delta(NamedTuple):
    """What is new of a choice: a tuple, since each token makes one.

    Attributes:
        number: of the choice in the answer.
        finish_reason: `stop` or `length` with the last one.
        stop_reason: the text or the token that ended it, if it was not the terminator.
        drawn: how many tokens there were, with the last one.
        logprob: the model's own, nats, of all of them, with the last one.
        prompt_logprobs: of each token of the prompt, where they are asked for.
        prompt_ids: the ids of the prompt, with the first one.
    """

    number: int
    text: str = ""
    tokens: tuple[TokenReport, ...] = ()
    finish_reason: str | None = None
    stop_reason: str | int | None = None
    drawn: int = 0
    logprob: float = 0.0
    prompt_logprobs: tuple[dict[str, object] | None, ...] | None = None
    prompt_ids: tuple[int, ...] | None = None


@dataclass
class Choice:
    """One completion that grows.

    Attributes:
        index: its number in the answer.
        echo: whether tokens that spell what is left of the prompt are told.
        drawn: how many tokens came after the prompt, the terminator counted.
        logprob: the model's own, nats, of all that were drawn.
        is_over: whether nothing more is wanted.
    """

    index: int
    prompt: Prompt
    tokenizer: Tokenizer
    reporter: Reporter
    ending: Ending
    echo: bool = False
    drawn: int = 0
    logprob: float = 0.0
    is_over: bool = False
    _waiting: list[TokenReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._text = CompletionText(self.tokenizer, self.prompt, self.ending.stops)
        self._unspelt = len(self.prompt.given.beginning.rest)

    def add(self, token: int, row: Floats | None) -> Delta | None:
        """A token more, drawn where the model said `row` (V,); None where nothing can be told."""
        report = self.reporter.report(token, row, self._text.offset)
        self.logprob += 0.0 if row is None else float(row[token])
        if self._is_in_prompt(token):
            self._text.add(token, may_stop=False)
            if self.echo:
                self._waiting.append(report)
            return None
        self.drawn += 1
        self._waiting.append(report)
        may_stop = self.drawn >= self.ending.min_tokens
        if token == self.tokenizer.terminator_id:
            return self._last("stop", "")
        if may_stop and token in self.ending.stop_ids:
            return self._last("stop", "", token)
        told = self._text.add(token, may_stop=may_stop)
        if self._text.stop is not None:
            return self._last("stop", told)
        if self.drawn == self.ending.max_tokens:
            return self._last("length", told)
        return Delta(self.index, told, self._ready()) if told else None

    def end(self) -> Delta:
        """The last that is told, where no token ended it."""
        return self._last("stop", "")

    def _is_in_prompt(self, token: int) -> bool:
        """Whether a token spells nothing but what was left of the prompt."""
        if not self._unspelt:
            return False
        piece = self.prompt.given.beginning.pieces[token]
        is_inside = len(piece) <= self._unspelt
        self._unspelt = max(0, self._unspelt - len(piece))
        return is_inside

    def _last(self, reason: str, told: str, by_token: int | None = None) -> Delta:
        told += self._text.finish()
        self.is_over = True
        stop = self._text.stop
        if stop is not None:
            end = len(self.prompt.text) + len(self._text.text)
            tokens = tuple(each for each in self._waiting if each.offset < end)
        else:
            tokens = tuple(self._waiting)
        return Delta(
            self.index,
            told,
            tokens,
            reason if stop is None else "stop",
            by_token if stop is None else stop,
            self.drawn,
            self.logprob,
        )

    def _ready(self) -> tuple[TokenReport, ...]:
        """The tokens whose text is told."""
        end = len(self.prompt.text) + self._text.released
        ready = [each for each in self._waiting if each.offset < end]
        del self._waiting[: len(ready)]
        return tuple(ready)
