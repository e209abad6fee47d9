"""Standing: where a call stands that has not returned, and what it was given."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

_short = reprlib.Repr()
_short.maxstring, _short.maxlist = 60, 12
PLAIN = (str, int, float, bytes, list, tuple, type(None))


@dataclass(frozen=True)
class Standing:
    """A function that has not returned.

    Attributes:
        file: where it is written.
        line: the line that it executes.
        call: the call as code, with the arguments that can be told in a word or two: `f(text='')`;
            empty where there are none.
    """

    file: Path
    line: int
    call: str

    @classmethod
    def of(cls, frame: FrameType) -> Standing:
        """The function that a frame executes."""
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        told = {name: _told(frame.f_locals.get(name)) for name in names if name in frame.f_locals}
        given = ", ".join(f"{name}={value}" for name, value in told.items() if value)
        return cls(
            Path(code.co_filename), frame.f_lineno, f"{code.co_name}({given})" if given else ""
        )


def _told(value: Any) -> str:
    """A value in a word or two; empty where that cannot be done."""
    if isinstance(value, np.ndarray):
        return f"<array of shape {value.shape}>"
    return _short.repr(value) if isinstance(value, PLAIN) else ""
