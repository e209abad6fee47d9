"""Surprisal as colour: what the model did not expect glows, with the figure under each token."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tokgen.cli.views.table import Column, Table, figures
from tokgen.text_model.results import Score
from tokgen.unicode import shown_symbol
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import RenderableType

# Bits from which a style is used: one of two, four, sixteen and sixty-four equal choices.
_STYLES = ((6.0, "bold red"), (4.0, "red"), (2.0, "yellow"), (1.0, "default"), (0.0, "dim"))


def style_of(bits: float) -> str:
    """The style of a token of this surprisal."""
    return next(style for bound, style in _STYLES if bits >= bound)


def painted(score: Score, unit: Unit = Unit.bits) -> RenderableType:
    """The tokens of a document over their surprisal, and the totals."""
    from rich.console import Group
    from rich.text import Text

    nats = [max(0.0, -logprob) for logprob in score.logprobs]
    tokens = [
        figures(
            [
                Text(shown_symbol(token), style_of(Unit.bits.of(each))),
                Text(f"{unit.of(each):.1f}", "dim"),
            ]
        )
        for token, each in zip(score.tokens, nats, strict=True)
    ]
    named = Column(["", Text(str(unit), "dim")], is_key=True)
    return Group(Table([named, *tokens]), Text(summary(score, unit), "cyan"))


def summary(score: Score, unit: Unit = Unit.bits) -> str:
    """Total log-probability, odds and the mean surprisal in words."""
    if score.logprob == -math.inf:
        return "impossible under this model"
    odds = math.exp(-score.logprob) if score.logprob > -700 else math.inf
    one_in = f"one in {odds:,.0f}" if odds < 1e15 else f"one in 10^{-score.logprob / 2.302585:.0f}"
    mean = unit.of(-score.logprob) / len(score.tokens)
    return f"{log_p(score.logprob, unit)}, {one_in}; {mean:.2f} {unit} per token"


def log_p(logprob: float, unit: Unit = Unit.nats) -> str:
    """A log-probability with the logarithm that it is."""
    return f"{unit.log} p {unit.of(logprob):.2f}"
