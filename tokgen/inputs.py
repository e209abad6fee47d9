"""What the present command reads, so that nothing which it writes takes the place of an input.

    with remembering_inputs():
        reads("words.txt")
        check_writable(Path("words.txt"))  # RequestError

Outside such a block nothing is remembered: a program that uses the library may write what it read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_inputs: ContextVar[list[Path] | None] = ContextVar("inputs", default=None)


@contextmanager
def remembering_inputs() -> Iterator[None]:
    """Remember until the end of the block what is read in it."""
    before = _inputs.set([])
    try:
        yield
    finally:
        _inputs.reset(before)


def reads(*paths: str | Path) -> None:
    """Tell that these files are inputs; a name that leads to no file is none."""
    inputs = _inputs.get()
    if inputs is not None:
        inputs.extend(Path(path) for path in paths)


def inputs_so_far() -> tuple[Path, ...]:
    """The inputs that were told in this block."""
    return tuple(_inputs.get() or ())
