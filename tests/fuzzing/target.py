"""A place where bytes from outside come in, and what is tried on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Target:
    """One reader under attack.

    Attributes:
        inputs: contents that are nearly right.
        read: has a content read as users' commands would, in a folder of its own that is the
            present one; it may raise `TokgenError`, and nothing else.
        known: contents for branches that chance seldom reaches; they are tried first.
        readers: the files of tokgen whose branches are counted, from the checkout's folder.
    """

    inputs: SearchStrategy[bytes]
    read: Callable[[bytes, Path], None]
    readers: tuple[str, ...]
    known: tuple[bytes, ...] = ()
