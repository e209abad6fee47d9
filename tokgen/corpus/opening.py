"""Opening a corpus: a plugin by its name, a file, standard input, or documents in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from tokgen import registry
from tokgen.corpus.card import open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.fingerprint import fingerprint_of
from tokgen.corpus.once import is_standard_input, read_once
from tokgen.corpus.packaged import corpus_of_package
from tokgen.corpus.table import columns_of, is_table, read_table
from tokgen.corpus.text_file import LARGEST_CORPUS, split_lines
from tokgen.errors import RequestError, TokgenError, counted, did_you_mean
from tokgen.paths import is_there
from tokgen.plugin_api.documents import Documents
from tokgen.reading import files_in
from tokgen.unicode import nfc


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
        corpus = corpus_of_package(open_package(name), name)
    elif is_standard_input(name) or is_there(name):
        corpus = _from_file(name, column)
    else:
        raise RequestError(f"There is no corpus or file {name!r}.{_meant(name)}")
    return corpus.filtered(where or {})


def _from_file(name: str, column: str | None) -> Corpus:
    content, name = read_once(name, LARGEST_CORPUS)
    if column is not None:
        column = nfc(column)
        table = read_table(content, name, column)
        fingerprint = fingerprint_of(content, {"column": column})
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
    return Corpus(name, lines.documents, fingerprint_of(content, {}), blank_lines=lines.blank)


def _meant(name: str) -> str:
    """The corpus that is meant, or else the file; the corpora that there are where neither is."""
    of_corpora = did_you_mean(name, registry.names("corpora"))
    path = Path(name)
    with suppress(TokgenError, ValueError):
        beside = [each.name for each in files_in(path.parent)]
        close = get_close_matches(path.name, beside, n=1, cutoff=0.8)
        if close and "Did you mean" not in of_corpora:
            return f" Did you mean {str(path.with_name(close[0]))!r}?"
    return of_corpora


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
    fingerprint = fingerprint_of(json.dumps(documents).encode(), {})
    return Corpus(name, Documents.of(documents), fingerprint, is_in_memory=True)


def corpus_of_lines(content: bytes, source: str) -> Corpus:
    """The corpus that a file with this content would be; `source` is how a sentence names it.

    Raises:
        RequestError: as for a file.
    """
    lines = split_lines(content, source)
    name = f"a list of {counted(len(lines.documents), 'document')}"
    fingerprint = fingerprint_of(content, {})
    return Corpus(name, lines.documents, fingerprint, blank_lines=lines.blank, is_in_memory=True)
