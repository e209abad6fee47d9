"""The formats of generated documents: lines of text, JSON or CSV, to a file or a terminal."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

from tokgen.cli.terminal import cell, json_line, output_console
from tokgen.files import text_to
from tokgen.text_model.results import Generated
from tokgen.text_model.results_json import generated_as_json, told_as_json
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import inert, on_one_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

CRLF = "\r\n"


class Format(StrEnum):
    """How generated documents are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


class Order(StrEnum):
    """In which order documents are written, once all are made."""

    probability = "probability"
    alphabet = "alphabet"

    def of(self, documents: Iterator[Generated]) -> Iterator[Generated]:
        """The documents in this order; equally probable ones in that of the alphabet."""
        by_alphabet = sorted(documents, key=lambda each: each.text)
        if self is Order.alphabet:
            return iter(by_alphabet)
        return iter(sorted(by_alphabet, key=lambda each: -each.logprob))


def write_side_by_side(documents: Iterator[Generated]) -> int:
    """Print texts in as many columns as the terminal has room for, and tell how many there were."""
    from rich.columns import Columns

    texts = [cell(each.text) for each in documents]
    output_console().print(Columns(texts, padding=(0, 2)))
    return len(texts)


def _write_text(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    # A file gets the text itself; only a terminal is protected from what it would do there.
    shown = inert if file.isatty() else on_one_line
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write((shown(document.text) + "\n").encode())
    return count


def _write_jsonl(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        row = {**_row(document, model), **told_as_json(model.given)}
        file.write((json_line(row) + "\n").encode())
    return count


def _write_csv(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    shown = inert if file.isatty() else str
    writer = csv.writer(_LineFeeds(text_to(file)), lineterminator=CRLF)
    writer.writerow(["text", "logprob", "logprob_drawn", "novel", "finished", "finish_reason"])
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        row = _row(document, model)
        writer.writerow([shown(document.text), *list(row.values())[1:]])
    return count


@dataclass(frozen=True)
class _LineFeeds:
    """Ends rows with a line feed that come with CRLF: csv quotes what it ends rows with alone."""

    file: SupportsWrite[str]

    def write(self, row: str) -> None:
        """Write a row."""
        self.file.write(row.removesuffix(CRLF) + "\n")


def _row(document: Generated, model: TextModel) -> dict[str, object]:
    return generated_as_json(document, model.is_novel(document.text))


WRITERS = {Format.text: _write_text, Format.jsonl: _write_jsonl, Format.csv: _write_csv}
