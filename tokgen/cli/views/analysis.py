"""The figures of `analyze` as tables: named figures, length law, positions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tokgen.cli.terminal import output_console
from tokgen.cli.views.bars import percent
from tokgen.cli.views.histogram import histogram
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.unicode import shown_symbol
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console

BAR_WIDTH = 40
SHOWN_FROM = 0.0005
SHOWN_TOKENS = 6


_NAMED = {
    "states": ("states of the Markov chain", "{:,}"),
    "prefixes": ("prefixes searched", "{:,}"),
    "prefix_prob": ("probability of the prefix", "{:.6g}"),
    "unexplored": ("probability of documents not searched", "{:.4%}"),
    "condition_prob": ("probability of the condition", "{:.6g}"),
    "condition_logprob": ("its {log}", "{:.4f}"),
    "condition_prob_at_least": ("probability of the condition, at least", "{:.6g}"),
    "condition_prob_at_most": ("… at most", "{:.6g}"),
    "unexplored_at_most": ("share of probability not searched, at most", "{:.4%}"),
    "never_ending": ("probability of never ending", "{:.6g}"),
    "entropy_bits": ("entropy of a document, {unit}", "{:.3f}"),
    "entropy_bits_at_least": ("entropy of a document, {unit}, at least", "{:.3f}"),
    "expected_length": ("expected length, tokens", "{:.3f}"),
    "longer": ("probability of a document longer than all below", "{:.6g}"),
    "expected_length_at_least": ("expected length, tokens, at least", "{:.3f}"),
    "kl_from_model_nats": ("KL divergence from this distribution to the model's, {unit}", "{:.4f}"),
    "in_corpus": ("probability of being in the corpus", "{:.4%}"),
    "in_train": ("… in its training split", "{:.4%}"),
    "in_held_out": ("… in the rest of it", "{:.4%}"),
    "kl_nats": ("KL divergence from this model to the other, {unit}", "{:.4f}"),
    "kl_nats_at_least": ("KL divergence from this model to the other, {unit}, at least", "{:.4f}"),
    "kl_back_nats": ("KL divergence from the other model to this, {unit}", "{:.4f}"),
    "kl_back_nats_at_least": (
        "KL divergence from the other model to this, {unit}, at least",
        "{:.4f}",
    ),
    "perplexity": ("the other's perplexity on these documents", "{:.3f}"),
    "unreachable": ("probability that the model gives to excluded documents", "{:.4%}"),
}


def show_analysis(found: dict[str, Any], first: int, unit: Unit) -> None:
    """Print the figures, the length law, and of each position from `first` the likeliest tokens."""
    console = output_console()
    show_figures(console, {**found, **found.get("against", {})}, unit)
    for key in ("positions", "positions_at_least"):
        if key in found:
            console.print()
            console.print(_positions(key, found[key], first))


def has_a_unit(found: Mapping[str, Any]) -> bool:
    """Whether one of the figures is counted in bits or nats."""
    every = {**found, **found.get("against", {})}
    return any(_is_counted_in_units(key) and every[key] is not None for key in every)


def show_figures(console: Console, found: Mapping[str, Any], unit: Unit = Unit.bits) -> None:
    """Print the figures by name and the length law."""
    console.print(_named(found, unit))
    console.print()
    console.print(_length_law(found, console.width))


def _positions(key: str, positions: Sequence[Mapping[str, float]], first: int) -> Table:
    """The most probable tokens of each position from the first on, the most probable first."""
    numbers = [str(number) for number in range(first, first + len(positions))]
    likeliest = [
        sorted(shares.items(), key=lambda item: -item[1])[:SHOWN_TOKENS] for shares in positions
    ]
    places = range(max(map(len, likeliest), default=0))
    return Table(
        [
            Column(numbers, _titled("position", key), justify="right", is_key=True),
            *(Column([_share(tokens, place) for tokens in likeliest]) for place in places),
        ]
    )


def _share(tokens: Sequence[tuple[str, float]], place: int) -> str:
    """The token at a place of the order with its share, if it is not too rare to be seen."""
    token, share = tokens[place] if place < len(tokens) else ("", 0.0)
    return f"{shown_symbol(token)} {percent(share)}" if share >= SHOWN_FROM else ""


def _titled(title: str, key: str) -> str:
    return f"{title}, at least" if key.endswith("_at_least") else title


def _named(found: Mapping[str, Any], unit: Unit) -> Table:
    """A row for each figure, under the words that explain it."""
    named = [
        (meaning.format(unit=unit, log=unit.log), form, _in_unit(key, found[key], unit))
        for key, (meaning, form) in _NAMED.items()
        if key in found
    ]
    endless = bool(found.get("never_ending"))
    nothing = "none: it may never end" if endless else "not known: it ends too rarely"
    shown = [nothing if value is None else form.format(value) for _, form, value in named]
    return Table(
        [Column([each[0] for each in named], is_key=True, least=LEAST_TEXT), figures(shown)]
    )


def _in_unit(key: str, value: float | None, unit: Unit) -> float | None:
    """A figure whose key names bits, nats or a log-probability in this unit; any other as it is."""
    if value is None:
        return None
    if not _is_counted_in_units(key):
        return value
    return unit.of(value * math.log(2) if "bits" in key.split("_") else value)


def _is_counted_in_units(key: str) -> bool:
    return not {"bits", "nats", "logprob"}.isdisjoint(key.split("_"))


def _length_law(found: Mapping[str, Any], width: int) -> Table:
    """A bar for each length that is not too rare to be seen, and what all the others have."""
    key = "lengths" if "lengths" in found else "lengths_at_least"
    lengths: dict[str, float] = found[key]
    peak = max(lengths.values(), default=1.0)
    shown = {length: mass for length, mass in lengths.items() if mass >= SHOWN_FROM}
    others = sum(lengths.values()) - sum(shown.values())
    if others >= SHOWN_FROM:
        shown["others"] = others
    return histogram(_titled("length", key), shown, peak, BAR_WIDTH, width)
