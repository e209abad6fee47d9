"""How far a document is followed that no length limit cuts: beyond that it is refused."""

from __future__ import annotations

from tokgen.errors import RequestError

# A table gives a token in microseconds: this is about a minute. No line of a corpus has so many.
LONGEST_DRAWN = 1 << 20
# A model is asked anew for each token, and holds all tokens before it.
LONGEST_SEARCHED = 1 << 14


class TooLongError(RequestError):
    """A document has not ended after as many tokens as are followed."""

    def __init__(self, tokens: int) -> None:
        super().__init__(
            f"A document that is drawn given conditions, or without repeats, has not ended after "
            f"{tokens:,} tokens: the end is too improbable. A higher temperature makes it likelier."
        )
