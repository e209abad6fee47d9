"""Text files: UTF-8 bytes -> Documents, one a line, without a Python object for each line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tokgen.documents import Documents
from tokgen.errors import RequestError

LONGEST_LINE = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NEWLINE, CARRIAGE_RETURN = 10, 13


@dataclass(frozen=True)
class Lines:
    """The lines of a file that are not blank, and how many were."""

    documents: Documents
    blank: int


def read_bytes(path: Path) -> bytes:
    """A file's bytes, checked to be UTF-8.

    Raises:
        RequestError: it is missing, a directory, unreadable, or not UTF-8 (line and byte named).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(f"Cannot read {str(path)!r}: {error.strerror}.") from None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise RequestError(
            f"{str(path)!r} is not UTF-8: line {line}, byte {column} "
            f"is 0x{content[error.start]:02x}."
        ) from None
    return content


def split_lines(content: bytes, source: str) -> Lines:
    """Cut at LF or CRLF, skip blank lines, drop a byte-order mark.

    Raises:
        RequestError: there is no line that is not blank, or one is too long to be a document.
    """
    text = np.frombuffer(content.removeprefix(BYTE_ORDER_MARK), np.uint8)
    newlines = np.flatnonzero(text == NEWLINE)
    if len(text) and text[-1] != NEWLINE:
        newlines = np.append(newlines, len(text))
    starts = np.concatenate([np.zeros(1, np.int64), newlines[:-1] + 1])[: len(newlines)]
    ends = newlines.copy()
    ends -= (ends > starts) & (text[np.maximum(ends - 1, 0)] == CARRIAGE_RETURN)
    lengths = ends - starts
    if len(lengths) and lengths.max() > LONGEST_LINE:
        line = int(lengths.argmax())
        raise RequestError(
            f"{source}: line {line + 1} has {lengths[line]:,} bytes; "
            f"a document may have {LONGEST_LINE:,}."
        )
    documents = Documents(text, starts, ends).select(lengths > 0)
    if not len(documents):
        raise RequestError(f"{source} is empty: a corpus needs one document a line.")
    return Lines(documents, int((lengths == 0).sum()))
