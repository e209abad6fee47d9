"""Models of one corpus side by side, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.cli.views.bars import percent
from tokgen.cli.views.table import Column, Table, figures
from tokgen.text_model.comparison import Measured
from tokgen.unicode import inert


def families_table(found: Sequence[Measured]) -> Table:
    """A row for each model; the loss is in nats per token."""
    return Table(
        [
            Column([inert(each.model) for each in found], "model", is_key=True),
            figures([f"{each.nll:.4f}" for each in found], "loss, nats"),
            figures([f"{each.nll_low:.3f} to {each.nll_high:.3f}" for each in found], "95 %"),
            figures([f"{each.perplexity:.3f}" for each in found], "perplexity"),
            figures([f"{each.bits_per_char:.3f}" for each in found], "bits/char"),
            figures([f"{each.parameters:,}" for each in found], "parameters"),
            figures([_seconds(each.seconds) for each in found], "training, s"),
            figures([f"{each.documents_per_second:,.0f}" for each in found], "drawn/s"),
            figures([percent(each.in_corpus) for each in found], "in corpus"),
            figures([percent(each.different) for each in found], "different"),
            figures([f"{each.length_distance:.3f}" for each in found], "JS lengths"),
            figures([f"{each.bigram_distance:.3f}" for each in found], "JS bigrams"),
        ]
    )


def _seconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:.1f}"
