"""Lines of a text file: UTF-8 bytes -> Documents, without a Python object for each line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.reading import decode_utf8
from tokgen.unicode import nfc

LARGEST_CORPUS = 4 << 30
LONGEST_LINE = 65_536

ASCII_END = 128
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NEWLINE, CARRIAGE_RETURN = 10, 13


@dataclass(frozen=True)
class Lines:
    """The lines of a file that are not blank, and how many were."""

    documents: Documents
    blank: int


def split_lines(content: bytes, source: str) -> Lines:
    """Cut at LF, CRLF or CR, skip blank lines, drop a byte-order mark.

    Raises:
        RequestError: it is not UTF-8, there is no line that is not blank, or one is too long to be
            a document.
    """
    decode_utf8(content, source)
    text = np.frombuffer(content.removeprefix(BYTE_ORDER_MARK), np.uint8)
    is_newline, is_return = text == NEWLINE, text == CARRIAGE_RETURN
    alone = is_return & ~np.append(is_newline[1:], False)
    newlines = np.flatnonzero(is_newline | alone)
    if len(text) and text[-1] not in (NEWLINE, CARRIAGE_RETURN):
        newlines = np.append(newlines, len(text))
    starts = np.concatenate([np.zeros(1, np.int64), newlines[:-1] + 1])[: len(newlines)]
    ends = newlines.copy()
    ends -= (ends > starts) & is_return[np.maximum(ends - 1, 0)]
    lengths = ends - starts
    if len(lengths) and lengths.max() > LONGEST_LINE:
        line = int(lengths.argmax())
        raise RequestError(
            f"{source}: line {line + 1} has {lengths[line]:,} bytes; "
            f"a document may have at most {LONGEST_LINE:,}."
        )
    documents = normal(Documents(text, starts, ends).select(lengths > 0))
    if not len(documents):
        raise RequestError(f"{source} is empty: a corpus needs one document a line.")
    return Lines(documents, int((lengths == 0).sum()))


def as_document(text: str) -> str:
    """A text that somebody typed, as a corpus would hold it: in NFC, and not too long.

    Raises:
        RequestError: it is no text, or longer than a document may be.
    """
    normal_form = nfc(text)
    bytes_of_it = len(text.encode(errors="surrogatepass"))
    if bytes_of_it > LONGEST_LINE:
        raise RequestError(
            f"The text has {bytes_of_it:,} bytes; a document may have at most {LONGEST_LINE:,}."
        )
    return normal_form


def normal(documents: Documents) -> Documents:
    """The documents in NFC; those that are in it already cost one look at the whole text."""
    if not len(documents.text) or documents.text.max() < ASCII_END:
        return documents
    if unicodedata.is_normalized("NFC", documents.text.tobytes().decode()):
        return documents
    return Documents.of(map(nfc, documents))
