"""Distributions after the same prefix side by side: of a session, and of `tokgen next`."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen.text_model.results import NextToken


@dataclass(frozen=True)
class Compared:
    """One of the distributions of a comparison, with what sets it apart from the others."""

    next: NextToken
    temperature: float
    model_name: str


@dataclass(frozen=True)
class Comparison:
    """Distributions after the same prefix side by side.

    Attributes:
        note: how far they are apart, in a sentence.
        present: which of them the session draws from, so that its ranks are shown.
    """

    columns: tuple[Compared, ...]
    sort: str
    rows: int | None
    note: str = ""
    present: int = 0
