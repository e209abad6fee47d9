"""Conditions on documents as text, and the automaton that allows what fulfils them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tokgen.errors import RequestError, did_you_mean
from tokgen.exact.automaton import (
    ANY_NUMBER,
    ANY_ONE,
    Automaton,
    Element,
    all_of,
    none_of,
    of_length,
    of_pattern,
)
from tokgen.plugin_api.tokenizer import Tokenizer

LONGEST = 4096


CONDITION_NAMES = ("length", "pattern", "suffix", "contains", "novel")


@dataclass(frozen=True)
class Conditions:
    """What a document must fulfil, all at once.

    Attributes:
        lengths: fewest and most tokens; None is without end.
        pattern: `?` is one token, `*` any number of them, all else itself.
        suffix: what it ends with.
        contains: what stands in it somewhere.
        novel: it is in no split of the corpus.
    """

    lengths: tuple[int, int | None] | None = None
    pattern: str | None = None
    suffix: str | None = None
    contains: str | None = None
    novel: bool = False

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != Conditions()


def parse_lengths(text: str) -> tuple[int, int | None]:
    """`4..10`, `4..` and `..10` for one bound alone, or `6` for exactly that.

    Raises:
        RequestError: it is none of these, or longer than documents are drawn.
    """
    first, dots, last = text.partition("..")
    if not re.fullmatch(r"\d+|\d+\.\.\d*|\.\.\d+", text, re.ASCII):
        raise RequestError(f"A length is written 6, 4..10, 4.. or ..10, not {text!r}.")
    shortest = int(first or 0)
    longest = int(last) if last else None if dots else shortest
    if longest is not None and shortest > longest:
        raise RequestError(f"No length is at least {shortest} and at most {longest}.")
    if max(shortest, longest or 0) > LONGEST:
        raise RequestError(f"A document has at most {LONGEST:,} tokens: {text!r} asks for more.")
    return shortest, longest


def parse_conditions(words: Sequence[str]) -> Conditions:
    """`length=4..6`, `pattern=?a*`, `suffix=sh`, `contains=an`, `novel`: what is typed in a line.

    Raises:
        RequestError: there is no such condition, or a length is none.
    """
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in CONDITION_NAMES or bool(equals) == (name == "novel"):
            hint = did_you_mean(name, CONDITION_NAMES)
            raise RequestError(f"A condition is NAME=VALUE or novel, not {word!r}.{hint}")
        given[name] = value if equals else True
    if "length" in given:
        given["lengths"] = parse_lengths(given.pop("length"))
    return Conditions(**given)


def automaton_of(
    conditions: Conditions, tokenizer: Tokenizer, known: Callable[[], Iterable[str]]
) -> Automaton:
    """The automaton over whole documents; `known` gives the corpus where it is needed.

    Raises:
        RequestError: a condition holds an unknown character.
    """
    size = len(tokenizer.symbols)
    parts = []
    if conditions.pattern is not None:
        parts.append(of_pattern(_elements(conditions.pattern, tokenizer), size))
    if conditions.suffix is not None:
        parts.append(of_pattern([None, *_literal(conditions.suffix, tokenizer)], size))
    if conditions.contains is not None:
        parts.append(of_pattern([None, *_literal(conditions.contains, tokenizer), None], size))
    if conditions.lengths is not None:
        parts.append(of_length(*conditions.lengths, size))
    if conditions.novel:
        parts.append(none_of(map(tokenizer.encode, known()), size))
    return all_of(parts, size)


def _literal(text: str, tokenizer: Tokenizer) -> list[Element]:
    return [frozenset({token}) for token in tokenizer.encode(text)]


def _elements(pattern: str, tokenizer: Tokenizer) -> list[Element]:
    anything = frozenset(range(len(tokenizer.symbols))) - {tokenizer.terminator_id}
    elements: list[Element] = []
    for character in pattern:
        if character == ANY_ONE:
            elements.append(anything)
        elif character == ANY_NUMBER:
            elements.append(None)
        else:
            elements += _literal(character, tokenizer)
    return elements


IMPOSSIBLE = "No document that the model can make fulfils this condition."
