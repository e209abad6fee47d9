"""Surprisal as colour: what the model did not expect glows, with the bits under each token."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tokgen.cli.views.table import Table, figures
from tokgen.text_model.results import Score
from tokgen.unicode import shown_symbol

if TYPE_CHECKING:
    from rich.console import RenderableType

# Bits from which a style is used: one of two, four, sixteen and sixty-four equal choices.
_STYLES = ((6.0, "bold red"), (4.0, "red"), (2.0, "yellow"), (1.0, "default"), (0.0, "dim"))


def style_of(bits: float) -> str:
    """The style of a token of this surprisal."""
    return next(style for bound, style in _STYLES if bits >= bound)


def painted(score: Score) -> RenderableType:
    """The tokens of a document over their bits, and the totals."""
    from rich.console import Group
    from rich.text import Text

    bits = [max(0.0, -logprob / math.log(2)) for logprob in score.logprobs]
    columns = [
        figures([Text(shown_symbol(token), style_of(each)), Text(_figure(each), "dim")])
        for token, each in zip(score.tokens, bits, strict=True)
    ]
    return Group(Table(columns), Text(summary(score), "cyan"))


def _figure(bits: float) -> str:
    return f"{bits:.1f}" if math.isfinite(bits) else "inf"


def summary(score: Score) -> str:
    """Total log-probability, bits and odds in words."""
    if score.logprob == -math.inf:
        return "impossible under this model"
    bits = -score.logprob / math.log(2)
    odds = math.exp(-score.logprob) if score.logprob > -700 else math.inf
    one_in = f"one in {odds:,.0f}" if odds < 1e15 else f"one in 10^{-score.logprob / 2.302585:.0f}"
    mean = bits / len(score.tokens)
    return f"log p {score.logprob:.2f}, {one_in}; {bits:.1f} bits, {mean:.2f} a token"
