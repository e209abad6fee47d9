"""Models of one corpus side by side, as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tokgen.cli.views.table import Column, Table, figures
from tokgen.percentages import percent
from tokgen.text_model.comparison import Measured
from tokgen.unicode import inert
from tokgen.unit import Unit


def families_table(found: Sequence[Measured], unit: Unit | None = None) -> Table:
    """A row for each model; where no unit is named, nats per token and bits per character."""
    token, char = unit or Unit.nats, unit or Unit.bits
    per_char = [char.of(each.bits_per_char * math.log(2)) for each in found]
    return Table(
        [
            Column([inert(each.model) for each in found], "model", is_key=True),
            figures([f"{token.of(each.nll):.4f}" for each in found], f"loss, {token}"),
            figures([_between(each, token) for each in found], "95 %"),
            figures([f"{each.perplexity:.3f}" for each in found], "perplexity"),
            figures([f"{each:.3f}" for each in per_char], f"{char}/char"),
            figures([f"{each.parameters:,}" for each in found], "parameters"),
            figures([_seconds(each.seconds) for each in found], "training, s"),
            figures([f"{each.documents_per_second:,.0f}" for each in found], "drawn/s"),
            figures([percent(each.in_corpus) for each in found], "in corpus"),
            figures([percent(each.different) for each in found], "different"),
            figures([f"{each.length_distance:.3f}" for each in found], "JS lengths"),
            figures([f"{each.bigram_distance:.3f}" for each in found], "JS bigrams"),
        ]
    )


def _between(found: Measured, unit: Unit) -> str:
    return f"{unit.of(found.nll_low):.3f} to {unit.of(found.nll_high):.3f}"


def _seconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:.1f}"
