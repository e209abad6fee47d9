"""Corpus: its documents, its columns and its split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tokgen.corpus.card import Card, CorpusPackage
from tokgen.corpus.fingerprint import fingerprint_of
from tokgen.corpus.splits import PARTS_OF_PLUGIN, SplitName, parts_of_file, rows_in
from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import from_any_folder
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import nfc

Columns = dict[str, NDArray[np.str_]]


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
        """Which documents (D,) are of one part; equal ones fall into the same.

        Raises:
            RequestError: a file has no test part.
        """
        if name == "all":
            return np.ones(len(self.documents), dtype=bool)
        parts = PARTS_OF_PLUGIN if self.package else parts_of_file(len(self.documents))
        if name not in parts:
            train, validation = map(len, parts.values())
            raise RequestError(
                f"The file {self.name!r} has no test split: it is split {train} % "
                f"train, {validation} % validation. Use --split validation or --split all."
            )
        return rows_in(parts[name], self.documents)

    def column(self, name: str) -> NDArray[np.str_]:
        """The value of a column for each document (D,).

        Raises:
            RequestError: there is no such column; the nearest is suggested.
        """
        if name not in self.columns:
            hint = did_you_mean(name, self.columns) or " It has no columns."
            raise RequestError(f"Corpus {self.name!r} has no column {name!r}.{hint}")
        return self.columns[name]

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
            fingerprint=fingerprint_of(self.fingerprint.encode(), {"": "deduplicated"}),
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
            fingerprint=fingerprint_of(self.fingerprint.encode(), where),
        )

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
