"""A document as ids with its log-probability: what every exact method yields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoredIds:
    """A document without its terminator, and its log-probability (nats)."""

    tokens: tuple[int, ...]
    logprob: float
