"""Limits: how much one request may ask of the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much one request may ask for, and how many are answered at a time.

    Attributes:
        body_bytes: of a request's body.
        prompts: of one request.
        prompt_tokens: of one prompt.
        choices: documents of one request, its prompts times `best_of`.
        max_tokens: tokens of one choice.
        logprobs: log-probabilities that one answer may hold.
        requests: requests at a time; one more is answered with 429.
        threads: that work on them.
        seconds: that a request may take, from its first byte to the last of its answer.
    """

    body_bytes: int = 1 << 20
    prompts: int = 64
    prompt_tokens: int = 4096
    choices: int = 256
    max_tokens: int = 4096
    logprobs: int = 1_000_000
    requests: int = 64
    threads: int = 4
    seconds: float = 120.0
