"""Answers to completion requests in the shapes of OpenAI's types, whole or as chunks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokgen.server.choices import Delta
from tokgen.server.completions import Completion
from tokgen.server.token_reports import TokenReport


@dataclass
class Told:
    """One choice, put together from its deltas."""

    first: Delta
    texts: list[str] = field(default_factory=list)
    tokens: list[TokenReport] = field(default_factory=list)
    last: Delta = field(init=False)

    def add(self, delta: Delta) -> None:
        """What is new of it."""
        self.texts.append(delta.text)
        self.tokens += delta.tokens
        self.last = delta

    @property
    def mean_logprob(self) -> float:
        """Log-probability per token, by which the best of several are chosen."""
        return self.last.logprob / max(1, self.last.drawn)


@dataclass(frozen=True)
class Answer:
    """The head that all parts of one answer have in common."""

    completion: Completion
    model_name: str
    id: str = field(default_factory=lambda: f"cmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, deltas: Iterable[Delta]) -> dict[str, Any]:
        """The whole answer."""
        told: dict[int, Told] = {}
        for delta in deltas:
            told.setdefault(delta.number, Told(delta)).add(delta)
        best = self._best([told[index] for index in sorted(told)])
        choices = [self._whole_choice(index, each) for index, each in enumerate(best)]
        usage = self._usage(sum(each.last.drawn for each in told.values()))
        return {**self.head, "choices": choices, "usage": usage}

    def chunk_choice(self, delta: Delta) -> dict[str, Any]:
        """The one choice that an event of a stream has, behind the head."""
        choice = self._choice(delta.number, delta.text, delta.tokens, delta)
        if self.completion.body.return_token_ids:
            of_prompt = delta.prompt_ids is not None
            choice["token_ids"] = [] if of_prompt else [token.id for token in delta.tokens]
            if delta.prompt_ids is not None:
                choice["prompt_token_ids"] = list(delta.prompt_ids)
        return choice

    def usage_chunk(self, drawn: int) -> dict[str, Any]:
        """The last event, where it is asked for."""
        return {**self.head, "choices": [], "usage": self._usage(drawn)}

    @property
    def head(self) -> dict[str, Any]:
        """What each part of the answer begins with."""
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model_name,
            "seed": self.completion.seed,
        }

    def _best(self, told: Sequence[Told]) -> list[Told]:
        """The choices that are told of each prompt."""
        made, wanted = self.completion.count, self.completion.told
        if made == wanted:
            return list(told)
        best = []
        for begin in range(0, len(told), made):
            of_prompt = told[begin : begin + made]
            best += sorted(of_prompt, key=lambda each: -each.mean_logprob)[:wanted]
        return best

    def _whole_choice(self, index: int, told: Told) -> dict[str, Any]:
        choice = self._choice(index, "".join(told.texts), told.tokens, told.last)
        body = self.completion.body
        if body.return_token_ids and told.first.prompt_ids is not None:
            of_prompt = len(told.first.tokens) if body.echo else 0
            choice["prompt_token_ids"] = list(told.first.prompt_ids)
            choice["token_ids"] = [token.id for token in told.tokens[of_prompt:]]
        if body.prompt_logprobs is not None:
            choice["prompt_logprobs"] = list(told.first.prompt_logprobs or ())
        return choice

    def _choice(
        self, index: int, text: str, tokens: Sequence[TokenReport], last: Delta
    ) -> dict[str, Any]:
        wanted = self.completion.body.logprobs is not None
        return {
            "index": index,
            "text": text,
            "logprobs": _logprobs(tokens) if wanted else None,
            "finish_reason": last.finish_reason,
            "stop_reason": last.stop_reason,
        }

    def _usage(self, drawn: int) -> dict[str, int]:
        read = sum(prompt.tokens for prompt in self.completion.prompts)
        return {"prompt_tokens": read, "completion_tokens": drawn, "total_tokens": read + drawn}


def _logprobs(tokens: Sequence[TokenReport]) -> dict[str, Any]:
    return {
        "tokens": [token.symbol for token in tokens],
        "token_logprobs": [token.logprob for token in tokens],
        "top_logprobs": [token.top for token in tokens],
        "text_offset": [token.offset for token in tokens],
    }
