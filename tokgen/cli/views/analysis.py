"""The figures of `analyze` as tables: named figures, length law, positions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tokgen.cli.terminal import output_console
from tokgen.cli.views.histogram import histogram
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.percentages import at_least, at_most, bounds, percent, share
from tokgen.unicode import shown_symbol
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console

BAR_WIDTH = 40
SHOWN_FROM = 0.0005
SHOWN_TOKENS = 6


def _count(number: int) -> str:
    return f"{number:,}"


def _figure(number: float) -> str:
    return f"{number:.3f}"


# Of these two each has the digits that tell it from the other.
_BETWEEN = ("condition_prob_at_least", "condition_prob_at_most")
_NAMED: dict[str, tuple[str, Callable[[Any], str]]] = {
    "states": ("states of the Markov chain", _count),
    "prefixes": ("prefixes searched", _count),
    "prefix_prob": ("probability of the prefix", share),
    "unexplored": ("probability of documents not searched", share),
    "condition_prob": ("probability of the condition", share),
    "condition_logprob": ("its {log}", _figure),
    "condition_prob_at_least": ("probability of the condition, at least", at_least),
    "condition_prob_at_most": ("… at most", at_most),
    "unexplored_at_most": ("share of probability not searched, at most", at_most),
    "never_ending": ("probability of never ending", share),
    "entropy_bits": ("entropy of a document, {unit}", _figure),
    "entropy_bits_at_least": ("entropy of a document, {unit}, at least", _figure),
    "expected_length": ("expected length, tokens", _figure),
    "longer": ("probability of a document longer than all below", share),
    "expected_length_at_least": ("expected length, tokens, at least", _figure),
    "kl_from_model_nats": (
        "KL divergence from this distribution to the model's, {unit}",
        _figure,
    ),
    "in_corpus": ("probability of being in the corpus", share),
    "in_train": ("… in its training split", share),
    "in_held_out": ("… in the rest of it", share),
    "kl_nats": ("KL divergence from this model to the other, {unit}", _figure),
    "kl_nats_at_least": (
        "KL divergence from this model to the other, {unit}, at least",
        _figure,
    ),
    "kl_back_nats": ("KL divergence from the other model to this, {unit}", _figure),
    "kl_back_nats_at_least": (
        "KL divergence from the other model to this, {unit}, at least",
        _figure,
    ),
    "perplexity": ("the other's perplexity on these documents", _figure),
    "unreachable": ("probability that the model gives to excluded documents", share),
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
            *(Column([_token(tokens, place, key) for tokens in likeliest]) for place in places),
        ]
    )


def _token(tokens: Sequence[tuple[str, float]], place: int, key: str) -> str:
    """The token at a place of the order with its share, if it is not too rare to be seen."""
    token, prob = tokens[place] if place < len(tokens) else ("", 0.0)
    return f"{shown_symbol(token)} {_written(key)(prob)}" if prob >= SHOWN_FROM else ""


def _written(key: str) -> Callable[[float], str]:
    """How the probabilities under a key of JSON are written."""
    return at_least if key.endswith("_at_least") else percent


def _titled(title: str, key: str) -> str:
    return f"{title}, at least" if key.endswith("_at_least") else title


def _named(found: Mapping[str, Any], unit: Unit) -> Table:
    """A row for each figure, under the words that explain it."""
    endless = bool(found.get("never_ending"))
    nothing = "none: it may never end" if endless else "not known: it ends too rarely"
    shown = {
        key: nothing if found[key] is None else form(_in_unit(key, found[key], unit))
        for key, (_, form) in _NAMED.items()
        if key in found
    }
    if _BETWEEN[0] in found:
        shown |= zip(_BETWEEN, bounds(*(found[key] for key in _BETWEEN)), strict=True)
    names = [_NAMED[key][0].format(unit=unit, log=unit.log) for key in shown]
    return Table([Column(names, is_key=True, least=LEAST_TEXT), figures([*shown.values()])])


def _in_unit(key: str, value: float, unit: Unit) -> float:
    """A figure whose key names bits, nats or a log-probability in this unit; any other as it is."""
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
    return histogram(_titled("length", key), shown, peak, BAR_WIDTH, width, _written(key))
