"""Conditions on documents as text, and the automaton that allows what fulfils them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from typing import Any

from tokgen.errors import RequestError, did_you_mean
from tokgen.exact.condition_automata import (
    Element,
    everything,
    literal,
    none_of,
    of_length,
    without_any,
)
from tokgen.exact.likeliest_share import check_share
from tokgen.exact.memory import DEFAULT_MEMORY
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.patterns import matches, parse_pattern
from tokgen.exact.text_automaton import TextAutomaton, all_of
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.unicode import REPLACEMENT, nfc

MOST_CHARACTERS = 4096


CONDITION_NAMES = (
    *("length", "pattern", "suffix", "contains", "exclude"),
    *("novel", "novel-distance", "min-logprob", "quality"),
)
TEXT_CONDITIONS = ("pattern", "suffix", "contains", "exclude")


@dataclass(frozen=True)
class Conditions:
    """Conditions on the text of a document, all of which it must fulfil. Texts become NFC.

    Attributes:
        lengths: the smallest and the largest number of characters (code points); None where there
            is no bound.
        pattern: the whole text matches it; `?` stands for one character, `*` for any number of
            them, `[aeiou]` for one of these, `[^qx]` for one that is none of these.
        suffix: the document ends with this text.
        contains: the document holds this text somewhere.
        exclude: the document holds none of these characters.
        novel: the document is in no row of the corpus.
        novel_distance: no row of the corpus is within so many edits: insertions, deletions and
            substitutions of a code point.
        min_logprob: the log-probability of the document under the model alone, in nats, is at least
            this.
        quality: the document is one of the most probable ones that together have this share of the
            model's probability, from 0 to 1.

    Raises:
        RequestError: a distance, a log-probability or a share is out of bounds, the pattern cannot
            be read, or a text is longer than documents may be.
    """

    lengths: tuple[int, int | None] | None = None
    pattern: str | None = None
    suffix: str | None = None
    contains: str | None = None
    exclude: str | None = None
    novel: bool = False
    novel_distance: int | None = None
    min_logprob: float | None = None
    quality: float | None = None

    def __post_init__(self) -> None:
        for name in ("min_logprob", "quality", "novel_distance"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Real):
                raise RequestError(f"{name} is a number, not {value!r}.", field=name)
        if self.min_logprob is not None and not -math.inf < self.min_logprob <= 0:
            raise RequestError(
                f"A log-probability is a number of nats, at most 0, not {self.min_logprob:g}.",
                field="min_logprob",
            )
        if self.quality is not None:
            check_share(self.quality)
        if self.novel_distance is not None and self.novel_distance < 1:
            raise RequestError(
                f"A distance from the corpus is 1 edit or more, not {self.novel_distance}; "
                "novel asks for documents that are in no row."
            )
        for name in TEXT_CONDITIONS:
            text = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, nfc(text))
            if text is not None and name != "exclude":
                self._refuse_if_too_long(name)

    def _refuse_if_too_long(self, name: str) -> None:
        """Refuse what documents of more characters than a length may ask for alone can meet."""
        parts = self.pattern_parts if name == "pattern" else literal(getattr(self, name))
        characters = sum(part is not None for part in parts)
        if characters > MOST_CHARACTERS:
            raise RequestError(
                f"The condition {name} asks for documents of {characters:,} characters or more: "
                f"at most {MOST_CHARACTERS:,} may be asked for."
            )

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != Conditions()

    @property
    def of_text(self) -> Conditions:
        """The conditions that follow from the text alone, or from the text and the corpus' rows."""
        return replace(self, novel_distance=None, min_logprob=None, quality=None)

    @cached_property
    def pattern_parts(self) -> list[Element]:
        """What each part of the pattern matches; empty without a pattern."""
        return parse_pattern(self.pattern or "")

    def met_by(self, text: str, known: Container[str]) -> bool:
        """Whether a text in NFC fulfils the conditions that follow from it (`of_text`).

        `known` are the documents of the corpus in NFC. A text with U+FFFD, the sign of ill-formed
        UTF-8, fulfils no condition.
        """
        shortest, longest = self.lengths or (0, None)
        return not self or (
            REPLACEMENT not in text
            and shortest <= len(text)
            and (longest is None or len(text) <= longest)
            and (self.pattern is None or matches(self.pattern_parts, text))
            and text.endswith(self.suffix or "")
            and (self.contains or "") in text
            and not set(self.exclude or "") & set(text)
            and not (self.novel and text in known)
        )


def parse_lengths(text: str) -> tuple[int, int | None]:
    """`4..10`, `4..` and `..10` for one bound alone, or `6` for exactly that.

    Raises:
        RequestError: it is none of these, or longer than documents are drawn.
    """
    first, dots, last = text.partition("..")
    if not re.fullmatch(r"\d{1,18}|\d{1,18}\.\.\d{0,18}|\.\.\d{1,18}", text, re.ASCII):
        meant = re.fullmatch(r"(\d{1,18})[-–:,](\d{1,18})", text, re.ASCII)
        hint = f" Did you mean {meant[1]}..{meant[2]}?" if meant else ""
        raise RequestError(f"A length is written 6, 4..10, 4.. or ..10, not {text!r}.{hint}")
    shortest = int(first or 0)
    longest = int(last) if last else None if dots else shortest
    if longest is not None and shortest > longest:
        raise RequestError(f"No length is at least {shortest} and at most {longest}.")
    if max(shortest, longest or 0) > MOST_CHARACTERS:
        raise RequestError(
            f"A length is at most {MOST_CHARACTERS:,} characters: {text!r} asks for more."
        )
    return shortest, longest


PREFIX_IS_TYPED = " The prefix is the text that was typed before."


def parse_conditions(words: Sequence[str]) -> Conditions:
    """`length=4..6`, `pattern=?a*`, `suffix=sh`, `contains=an`, `exclude=qx`, `novel`, ….

    Raises:
        RequestError: there is no such condition, one is given twice, or a length or a distance is
            none.
    """
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in CONDITION_NAMES or bool(equals) == (name == "novel"):
            hint = PREFIX_IS_TYPED if name == "prefix" else did_you_mean(name, CONDITION_NAMES)
            raise RequestError(f"A condition is NAME=VALUE or novel, not {word!r}.{hint}")
        if name in given:
            raise RequestError(f"The condition {name} is given twice.")
        given[name] = value if equals else True
    if "length" in given:
        given["lengths"] = parse_lengths(given.pop("length"))
    if "novel-distance" in given:
        given["novel_distance"] = _parse_distance(given.pop("novel-distance"))
    if "min-logprob" in given:
        given["min_logprob"] = _parse_number("min-logprob", given.pop("min-logprob"))
    if "quality" in given:
        given["quality"] = _parse_number("quality", given["quality"])
    return Conditions(**given)


def _parse_distance(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise RequestError(f"A distance from the corpus is a number of edits, not {text!r}.")
    return int(text)


def _parse_number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"The condition {name} is a number, not {text!r}.") from None


def automaton_of(
    conditions: Conditions,
    tokenizer: Tokenizer,
    known: Callable[[], Iterable[str]],
    prefix: Sequence[int] = (),
    far: TextAutomaton | None = None,
    memory: int = DEFAULT_MEMORY,
) -> TokenAutomaton:
    """The automaton over what follows the ids `prefix` in documents that fulfil the conditions.

    `known` gives the documents of the corpus, in NFC, where they are needed. `far` allows what
    `novel_distance` asks for; without it that condition is left out. `memory`: bytes that automata
    may take.

    Raises:
        RequestError: a condition holds a character that no token spells, or the tokenizer has no
            pieces.
    """
    pieces = tokenizer.pieces()
    if pieces is None:
        raise RequestError(
            "Conditions cannot be kept with this tokenizer: the text of a document is not just "
            "the texts of its tokens one after the other."
        )
    allowed = TokenAutomaton.of(
        text_automaton_of(conditions, known, far, memory), pieces, tokenizer.terminator_id
    )
    for text in _literals(conditions):
        if set(text) & set(allowed.unspelt):
            tokenizer.encode(text)  # Its error names the character, and the nearest one it knows.
    return allowed.after(b"".join(pieces[token] for token in prefix))


def text_automaton_of(
    conditions: Conditions,
    known: Callable[[], Iterable[str]],
    far: TextAutomaton | None = None,
    memory: int = DEFAULT_MEMORY,
) -> TextAutomaton:
    """The automaton over texts; `known`, `far` and `memory` as for `automaton_of`."""
    parts = [] if far is None else [far]
    if conditions.pattern is not None:
        parts.append(of_pattern(conditions.pattern_parts, memory))
    if conditions.suffix is not None:
        parts.append(of_pattern([None, *literal(conditions.suffix)], memory))
    if conditions.contains is not None:
        parts.append(of_pattern([None, *literal(conditions.contains), None], memory))
    if conditions.exclude is not None:
        parts.append(without_any(conditions.exclude))
    if conditions.lengths is not None:
        parts.append(of_length(*conditions.lengths))
    if conditions.novel:
        parts.append(none_of(known(), memory))
    return all_of(parts or [everything()], memory)


def _literals(conditions: Conditions) -> list[str]:
    """The texts that a document must hold letter by letter."""
    in_pattern = [
        part.listed
        for part in conditions.pattern_parts
        if part is not None and len(part.listed) == 1 and not part.all_but
    ]
    return [*map("".join, in_pattern), conditions.suffix or "", conditions.contains or ""]


class ImpossibleError(RequestError):
    """No document is asked for that the model can make."""

    def __init__(self, prefix: str = "") -> None:
        begins = f"begins with {prefix!r} and " if prefix else ""
        super().__init__(f"No document that the model can make {begins}fulfils this condition.")


@contextmanager
def naming_prefix(prefix: str) -> Iterator[None]:
    """Where no document is possible, say what it would have to begin with."""
    try:
        yield
    except ImpossibleError:
        raise ImpossibleError(prefix) from None
