"""Corpus: its documents, its columns and its split; from a corpus plugin or a plain text file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tokgen import registry
from tokgen.corpus.card import Card, CorpusPackage, open_package
from tokgen.corpus.once import is_standard_input, read_once
from tokgen.corpus.table import columns_of, is_table, read_table
from tokgen.corpus.text_file import split_lines
from tokgen.errors import PluginError, RequestError, counted, did_you_mean
from tokgen.inputs import reads
from tokgen.paths import from_any_folder, is_there
from tokgen.plugin_api.documents import Documents
from tokgen.reading import read_file
from tokgen.unicode import nfc

SplitName = Literal["train", "validation", "test", "all"]
SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)

TAB = "\t"
LARGEST_CORPUS = 4 << 30

Columns = dict[str, NDArray[np.str_]]

# Per cent of a file that are held out for validation, below so many documents.
_HELD_OUT = ((200, 20), (1_000, 10), (math.inf, 5))


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents with what is known of them.

    Attributes:
        name: a corpus plugin's name, or the path of a text file.
        package: where it came from a plugin; None for a file.
        columns: further values of each document, (D,) each, by column name.
        where: the column values that its rows were chosen by.
        text_column: of a file that is a table, the column that holds the documents.
        fingerprint: 64 hexadecimal digits that change with the data and with `where`.
        blank_lines: how many lines of a file held nothing.
        is_in_memory: it is neither a plugin nor a file: nobody finds it again by its name.
    """

    name: str
    documents: Documents
    fingerprint: str
    package: CorpusPackage | None = None
    columns: Columns = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    blank_lines: int = 0
    text_column: str | None = None
    is_in_memory: bool = False

    @property
    def card(self) -> Card | None:
        """The card of a corpus plugin; a plain file has none."""
        return self.package.card if self.package else None

    @property
    def lasting_name(self) -> str:
        """The name by which it is found from any folder: that of a file is its absolute path."""
        is_file = self.package is None and not self.is_in_memory
        return from_any_folder(self.name) if is_file else self.name

    def split(self, name: SplitName) -> Documents:
        """The documents of one part; raises as `rows_of`."""
        return self.documents.select(self.rows_of(name))

    def count_of(self, name: SplitName) -> int:
        """How many documents are of one part; raises as `rows_of`."""
        return int(self.rows_of(name).sum())

    def rows_of(self, name: SplitName) -> NDArray[np.bool_]:
        """Which documents (D,) are of one part, by `hash % 100`: equal ones fall into the same.

        A corpus plugin: 80 % train, 10 % validation, 10 % test. A file: 95 % train, 5 % validation;
        10 % validation below 1,000 documents and 20 % below 200, where 5 % measure next to nothing.

        Raises:
            RequestError: a file has no test part.
        """
        if name == "all":
            return np.ones(len(self.documents), dtype=bool)
        bounds = {"train": (0, 80), "validation": (80, 90), "test": (90, 100)}
        if self.package is None:
            held_out = next(share for most, share in _HELD_OUT if len(self.documents) < most)
            if name == "test":
                raise RequestError(
                    f"The file {self.name!r} has no test split: it is split {100 - held_out} % "
                    f"train, {held_out} % validation. Use --split validation or --split all."
                )
            bounds = {"train": (0, 100 - held_out), "validation": (100 - held_out, 100)}
        low, high = bounds[name]
        bucket = self.documents.hashes() % np.uint64(100)
        return (bucket >= low) & (bucket < high)

    def column(self, name: str) -> NDArray[np.str_]:
        """The value of a column for each document (D,).

        Raises:
            RequestError: there is no such column; the nearest is suggested.
        """
        if name not in self.columns:
            hint = did_you_mean(name, self.columns) or " It has no columns."
            raise RequestError(f"Corpus {self.name!r} has no column {name!r}.{hint}")
        return self.columns[name]

    def _rows_with(self, column: str, value: str) -> NDArray[np.bool_]:
        if column not in self.columns:
            having = [name for name, values in self.columns.items() if value in values]
            if len(having) == 1:
                raise RequestError(
                    f"Corpus {self.name!r} has no column {column!r}. "
                    f"Did you mean {having[0]}={value}?"
                )
        values = self.column(column)
        if value not in values:
            known = np.unique(values).tolist()
            begun = [each for each in known if each and value.startswith(each)]
            hint = f" Did you mean {begun[0]!r}?" if len(begun) == 1 else did_you_mean(value, known)
            raise RequestError(f"No row of {self.name!r} has {column}={value}.{hint}")
        rows: NDArray[np.bool_] = values == value
        return rows

    def deduplicated(self) -> Corpus:
        """The first of each of equal documents; where none are equal, this corpus itself."""
        _, first = np.unique(self.documents.hashes(), return_index=True)
        if len(first) == len(self.documents):
            return self
        kept = np.sort(first)
        return replace(
            self,
            documents=self.documents.select(kept),
            columns={name: values[kept] for name, values in self.columns.items()},
            fingerprint=_fingerprint(self.fingerprint.encode(), {"": "deduplicated"}),
        )

    def repeats(self) -> int:
        """How many documents equal an earlier one."""
        return len(self.documents) - len(np.unique(self.documents.hashes()))

    def filtered(self, where: Mapping[str, str]) -> Corpus:
        """The rows whose columns have these values; a filtered corpus has its own fingerprint.

        Raises:
            RequestError: a column or value that does not occur; the nearest is suggested.
        """
        if not where:
            return self
        chosen = np.ones(len(self.documents), dtype=bool)
        where = {nfc(column): nfc(value) for column, value in where.items()}
        for column, value in where.items():
            chosen &= self._rows_with(column, value)
        if not chosen.any():
            wanted = ", ".join(f"{column}={value}" for column, value in where.items())
            raise RequestError(f"No row of {self.name!r} has all of {wanted}.")
        return replace(
            self,
            documents=self.documents.select(chosen),
            columns={name: values[chosen] for name, values in self.columns.items()},
            where=dict(where),
            fingerprint=_fingerprint(self.fingerprint.encode(), where),
        )


def open_corpus(
    name: str, where: Mapping[str, str] | None = None, column: str | None = None
) -> Corpus:
    """A corpus plugin by name, or any UTF-8 file: one document a line, or a table.

    Args:
        name: A corpus plugin, a file, or "-" for standard input.
        where: The column values of the rows that are wanted.
        column: Of a CSV or TSV file, the column that holds the documents.

    Raises:
        RequestError: there is neither such a corpus nor such a file, or the file is unfit.
        PluginError: the corpus plugin is not in order.
    """
    if name in registry.names("corpora"):
        if column is not None:
            raise RequestError(
                f"The corpus {name!r} names the column of its documents itself: a column is "
                "chosen for CSV and TSV files only."
            )
        corpus = _from_package(open_package(name), name)
    elif is_standard_input(name) or is_there(name):
        corpus = _from_file(name, column)
    else:
        hint = did_you_mean(name, registry.names("corpora"))
        raise RequestError(f"There is no corpus or file {name!r}.{hint}")
    return corpus.filtered(where or {})


def corpus_of_texts(texts: Iterable[str]) -> Corpus:
    """Documents that stand in memory, as a file with one of them a line; empty ones are left out.

    Raises:
        RequestError: one of them is no text, or no file could hold it, or there is none.
    """
    documents = []
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise RequestError(f"Document {number} is no text: {text!r}.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise RequestError(f"Document {number} holds half of a surrogate pair: {text!r}.")
        if text:
            documents.append(text)
    if not documents:
        raise RequestError("There are no documents in the list.")
    name = f"a list of {counted(len(documents), 'document')}"
    fingerprint = _fingerprint(json.dumps(documents).encode(), {})
    return Corpus(name, Documents.of(documents), fingerprint, is_in_memory=True)


def corpus_of_lines(content: bytes, source: str) -> Corpus:
    """The corpus that a file with this content would be; `source` is how a sentence names it.

    Raises:
        RequestError: as for a file.
    """
    lines = split_lines(content, source)
    name = f"a list of {counted(len(lines.documents), 'document')}"
    fingerprint = _fingerprint(content, {})
    return Corpus(name, lines.documents, fingerprint, blank_lines=lines.blank, is_in_memory=True)


def _from_file(name: str, column: str | None) -> Corpus:
    content, name = read_once(name, LARGEST_CORPUS)
    if column is not None:
        column = nfc(column)
        table = read_table(content, name, column)
        fingerprint = _fingerprint(content, {"column": column})
        return Corpus(
            name,
            table.documents,
            fingerprint,
            columns=table.columns,
            blank_lines=table.blank,
            text_column=column,
        )
    if is_table(name) and len(known := columns_of(content, name)) > 1:
        raise RequestError(
            f"{name!r} is a table with the columns {', '.join(known)}; one of them must be named.",
            field="column",
        )
    lines = split_lines(content, repr(name))
    return Corpus(name, lines.documents, _fingerprint(content, {}), blank_lines=lines.blank)


def _from_package(package: CorpusPackage, name: str) -> Corpus:
    content = read_data(package)
    check_hash(package, content)
    return corpus_of(package, content, name)


def read_data(package: CorpusPackage) -> bytes:
    """The bytes of a corpus plugin's data.

    Raises:
        PluginError: the package lacks the file.
    """
    path = package.path(package.card.data.file)
    reads(path)
    return read_file(path, LARGEST_CORPUS)


def check_hash(package: CorpusPackage, content: bytes) -> None:
    """Whether the data are the file that the card describes.

    Raises:
        PluginError: they are not; the hash that they have is told.
    """
    found, data = hashlib.sha256(content).hexdigest(), package.card.data
    if found != data.sha256:
        raise PluginError(
            f"The {package.found.display_name}: {data.file} is not the file that its card "
            f"describes (its sha256 differs). Where the file is right, the card needs the line "
            f"sha256: {found}"
        )


def corpus_of(package: CorpusPackage, content: bytes, name: str) -> Corpus:
    """The corpus of these data, whatever their hash.

    Raises:
        PluginError: rows or columns are not those of the card.
        RequestError: the data are no lines of text.
    """
    data = package.card.data
    lines = split_lines(content, f"{data.file} of {name!r}")
    documents, columns = (
        _columns(lines.documents, package) if data.columns else (lines.documents, {})
    )
    if len(documents) != data.rows:
        raise PluginError(
            f"The {package.found.display_name}: {data.file} has {counted(len(documents), 'row')}, "
            f"its card says {data.rows}."
        )
    return Corpus(name, documents, _fingerprint(content, {}), package, columns)


def _columns(lines: Documents, package: CorpusPackage) -> tuple[Documents, Columns]:
    first, *rows = lines
    header, declared = first.split(TAB), [*map(nfc, package.card.data.columns)]
    if header[1:] != declared:
        raise PluginError(
            f"The {package.found.display_name}: its card declares the columns "
            f"{declared}, its data has {header[1:]}."
        )
    for number, row in enumerate(rows, start=2):
        if row.count(TAB) != len(header) - 1:
            raise PluginError(
                f"The {package.found.display_name}: line {number} of its data has "
                f"{row.count(TAB) + 1} columns, not {len(header)}."
            )
    # One split of the whole is faster than one a row: this runs whenever the corpus is opened.
    cells = "\t".join(rows).split("\t")
    columns = {
        name: np.array(cells[place :: len(header)])
        for place, name in enumerate(header[1:], start=1)
    }
    return Documents.of(cells[:: len(header)]), columns


def _fingerprint(content: bytes, where: Mapping[str, str]) -> str:
    digest = hashlib.sha256(content)
    if where:
        digest.update(json.dumps(dict(sorted(where.items()))).encode())
    return digest.hexdigest()
