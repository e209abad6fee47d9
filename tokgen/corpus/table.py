"""A CSV or TSV file: one column holds the documents, the others say what is known of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from tokgen.corpus.text_file import LONGEST_LINE
from tokgen.errors import RequestError, counted, did_you_mean
from tokgen.plugin_api.documents import Documents
from tokgen.reading import decode_utf8
from tokgen.unicode import nfc

_DELIMITERS = {".tsv": "\t", ".tab": "\t", ".csv": ","}


@dataclass(frozen=True, eq=False)
class TableRows:
    """The rows of a table whose document is not blank, and how many had none.

    Shapes: each of `columns` (D,), by the names in the header.
    """

    documents: Documents
    columns: dict[str, NDArray[np.str_]]
    blank: int


def is_table(name: str) -> bool:
    """Whether a file is a table by the ending of its name."""
    return PurePath(name).suffix.lower() in _DELIMITERS


def read_table(content: bytes, name: str, column: str) -> TableRows:
    """The documents of a column, with the other columns beside them.

    The first row names the columns. A CSV file has commas, or semicolons where its header has more
    of these; quotes are as Python's csv reader takes them.

    Args:
        content: UTF-8 bytes.
        name: The file's name; its ending tells CSV from TSV.
        column: The name of the column that holds the documents.

    Raises:
        RequestError: it is not UTF-8, there is no such column, a row has another number of cells
            than the header, a document is too long, or there is no document.
    """
    rows = _rows(content, name)
    header = _header(rows, name)
    if column not in header:
        raise _no_column(column, header, name)
    place, kept, blank = header.index(column), [], 0
    for line, row in rows:
        if len(row) != len(header):
            said = f"the row has {counted(len(row), 'cell')}, the header has {len(header)}"
            raise RequestError(f"{name!r}, line {line}: {said}.")
        if len(row[place].encode()) > LONGEST_LINE:
            raise RequestError(
                f"{name!r}, line {line}: a document may have at most {LONGEST_LINE:,} bytes."
            )
        blank += not row[place]
        kept += [row] if row[place] else []
    if not kept:
        raise RequestError(f"The column {column!r} of {name!r} holds no document.")
    cells = dict(zip(header, zip(*kept, strict=True), strict=True))
    documents = Documents.of(cells.pop(column))
    return TableRows(documents, {key: np.array(cells[key]) for key in cells}, blank)


def columns_of(content: bytes, name: str) -> list[str]:
    """The names in the header of a table; raises as `read_table`."""
    return _header(_rows(content, name), name)


def _no_column(column: str, header: list[str], name: str) -> RequestError:
    hint = did_you_mean(column, header)
    if len(header) == 1 and not hint.startswith(" Did"):
        return RequestError(
            f"{name!r} is not a table: its first line, {header[0]!r}, holds no separator of "
            f"columns. A text with one document a line is named without a column."
        )
    return RequestError(f"{name!r} has no column {column!r}.{hint}", field="column")


def _header(rows: Iterator[tuple[int, Sequence[str]]], name: str) -> list[str]:
    _, header = next(rows, (0, ()))
    if not header:
        raise RequestError(f"{name!r} is empty: a table needs a header that names its columns.")
    repeated = [each for each in header if header.count(each) > 1]
    if repeated:
        raise RequestError(f"{name!r} has two columns {repeated[0]!r}: names must be different.")
    return [*header]


def _rows(content: bytes, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The line at which each row ends, and its cells in NFC; empty lines are no rows."""
    text = decode_utf8(content, repr(name)).removeprefix("\ufeff")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text, name), strict=True
    )
    try:
        for row in reader:
            if row:
                yield reader.line_num, [*map(nfc, row)]
    except csv.Error as error:
        raise RequestError(f"{name!r}, line {reader.line_num}: {error}.") from None


def _delimiter(text: str, name: str) -> str:
    delimiter = _DELIMITERS.get(PurePath(name).suffix.lower(), ",")
    first = text.partition("\n")[0]
    if delimiter == "," and "\t" in first and "," not in first:
        return "\t"
    return ";" if delimiter == "," and first.count(";") > first.count(",") else delimiter
