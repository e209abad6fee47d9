"""ImpossibleError: no document fulfils what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tokgen.errors import RequestError


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
