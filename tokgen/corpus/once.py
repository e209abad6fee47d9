"""Reading what can be read once: standard input and pipes, which a command asks for several times.

What was read is kept for the rest of the process. Regular files are read anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tokgen.errors import RequestError
from tokgen.inputs import reads
from tokgen.paths import user_path
from tokgen.reading import is_pipe, read_file_or_pipe, read_stream

STANDARD_INPUT = "standard input"

_kept: dict[str, bytes] = {}


def is_standard_input(name: str) -> bool:
    """Whether the name stands for standard input; by its full name only once it was read."""
    return name == "-" or (name == STANDARD_INPUT and STANDARD_INPUT in _kept)


def called(name: str) -> str:
    """A corpus as one speaks of it: a file without its folders."""
    return STANDARD_INPUT if is_standard_input(name) else Path(name).name


def read_once(name: str, limit: int) -> tuple[bytes, str]:
    """The content of a file, a pipe or standard input, and the name that it goes by.

    Raises:
        RequestError: it is larger than `limit`, cannot be read, or standard input is closed or a
            terminal.
        TokgenError: whatever feeds it fails.
    """
    if is_standard_input(name):
        if STANDARD_INPUT not in _kept:
            _kept[STANDARD_INPUT] = _standard_input(limit)
        return _kept[STANDARD_INPUT], STANDARD_INPUT
    path = user_path(name)  # A checkpoint could not tell a name that is not UTF-8.
    if name in _kept:
        return _kept[name], name
    can_be_read_once = is_pipe(path)
    content = read_file_or_pipe(path, limit)
    if can_be_read_once:
        _kept[name] = content
    reads(path)
    return content, name


def _standard_input(limit: int) -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise RequestError("Standard input is closed, so that nothing can be read from it.")
    if sys.stdin.isatty():
        raise RequestError("Standard input is a terminal: send a file into it, as with < FILE.")
    return read_stream(sys.stdin.buffer, limit, STANDARD_INPUT)
