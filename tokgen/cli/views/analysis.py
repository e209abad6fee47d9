"""The figures of `analyze` as tables: named figures, length law, positions."""

from __future__ import annotations

from typing import Any

from tokgen.cli.terminal import output_console
from tokgen.cli.views.bars import bar, percent
from tokgen.unicode import inert

BAR_WIDTH = 40


SHOWN_FROM = 0.0005


SHOWN_TOKENS = 6


_NAMED = {
    "states": ("states of the Markov chain", "{:,}"),
    "prefixes": ("prefixes looked at", "{:,}"),
    "prefix_prob": ("probability of the prefix", "{:.6g}"),
    "unexplored": ("mass of all others, of whatever length", "{:.4%}"),
    "condition_prob": ("probability of the condition", "{:.6g}"),
    "condition_prob_at_least": ("probability of the condition, at least", "{:.6g}"),
    "condition_prob_at_most": ("… at most", "{:.6g}"),
    "unexplored_at_most": ("share of documents not looked at, at most", "{:.4%}"),
    "never_ending": ("mass that never ends", "{:.6g}"),
    "entropy_bits": ("entropy of a document, bits", "{:.3f}"),
    "entropy_bits_at_least": ("entropy of a document, bits, at least", "{:.3f}"),
    "expected_length": ("expected length, tokens", "{:.3f}"),
    "expected_length_at_least": ("expected length, tokens, at least", "{:.3f}"),
    "kl_from_model_nats": ("KL to the model alone, nats", "{:.4f}"),
    "in_corpus": ("probability of being in the corpus", "{:.4%}"),
    "in_train": ("… in its training split", "{:.4%}"),
    "in_held_out": ("… in the rest of it", "{:.4%}"),
    "kl_nats": ("KL to the other model, nats", "{:.4f}"),
    "kl_nats_at_least": ("KL to the other model, nats, at least", "{:.4f}"),
    "kl_back_nats": ("KL from the other model, nats", "{:.4f}"),
    "kl_back_nats_at_least": ("KL from the other model, nats, at least", "{:.4f}"),
    "perplexity": ("the other's perplexity on these documents", "{:.3f}"),
    "unreachable": ("model's mass out of the chain's reach", "{:.4%}"),
}


def _show(figures: dict[str, Any], first: int) -> None:
    console = output_console()
    console.print(table_of({**figures, **figures.get("against", {})}))
    console.print()
    console.print(length_law(figures))
    for key in ("positions", "positions_at_least"):
        if key in figures:
            console.print()
            console.print(_positions(key, figures[key], first))


def _positions(key: str, positions: list[dict[str, float]], first: int) -> Any:
    """The most probable tokens of each position from the first on, the most probable first."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(_titled("position", key), justify="right")
    for _ in range(SHOWN_TOKENS):
        table.add_column("", no_wrap=True)
    for number, shares in enumerate(positions, start=first):
        likeliest = sorted(shares.items(), key=lambda item: -item[1])[:SHOWN_TOKENS]
        cells = [
            f"{inert(token)} {percent(p)}" if p >= SHOWN_FROM else "" for token, p in likeliest
        ]
        table.add_row(str(number), *cells)
    return table


def _titled(title: str, key: str) -> str:
    return f"{title}, at least" if key.endswith("_at_least") else title


def table_of(figures: dict[str, Any]) -> Any:
    """A row for each figure, under the words that explain it."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    for key, (meaning, form) in _NAMED.items():
        if key in figures:
            value = figures[key]
            table.add_row(
                meaning, "none: it may never end" if value is None else form.format(value)
            )
    return table


def length_law(figures: dict[str, Any]) -> Any:
    """A bar for each length that is not too rare to be seen, and what all the others have."""
    from rich.table import Table

    key = "lengths" if "lengths" in figures else "lengths_at_least"
    lengths: dict[str, float] = figures[key]
    peak = max(lengths.values(), default=1.0)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(_titled("length", key), justify="right")
    table.add_column("", justify="right")
    table.add_column("", style="cyan", no_wrap=True)
    shown = {length: mass for length, mass in lengths.items() if mass >= SHOWN_FROM}
    for length, mass in shown.items():
        table.add_row(length, percent(mass), bar(mass / peak, BAR_WIDTH))
    others = sum(lengths.values()) - sum(shown.values())
    if others >= SHOWN_FROM:
        table.add_row("others", percent(others), bar(others / peak, BAR_WIDTH))
    return table
