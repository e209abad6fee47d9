"""Conditions: what the text of a document must fulfil."""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral, Real
from typing import Any

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import Element, literal
from tokgen.exact.likeliest_share import check_share
from tokgen.exact.patterns import matches, parse_pattern
from tokgen.unicode import REPLACEMENT, nfc

MOST_CHARACTERS = 4096
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
        if self.lengths is not None:
            check_lengths(self.lengths)
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


def check_lengths(lengths: Any) -> None:
    """Refuse what is no pair of a least and a greatest length, and a pair out of order.

    Raises:
        RequestError: it is none, or no length lies between the two.
    """
    match lengths:
        case (Integral() as shortest, (Integral() | None) as longest) if int(shortest) >= 0:
            if longest is not None and int(shortest) > int(longest):
                raise RequestError(f"No length is at least {shortest} and at most {longest}.")
        case _:
            raise RequestError(
                f"lengths is a pair of numbers from 0 on, as (4, 6), or (4, None) without an upper "
                f"bound, not {lengths!r}.",
                field="lengths",
            )
