"""A corpus plugin's data, held against its card."""

from __future__ import annotations

import hashlib

import numpy as np

from tokgen.corpus.card import CorpusPackage
from tokgen.corpus.corpus import Columns, Corpus
from tokgen.corpus.fingerprint import fingerprint_of
from tokgen.corpus.text_file import LARGEST_CORPUS, split_lines
from tokgen.errors import PluginError, counted
from tokgen.inputs import reads
from tokgen.plugin_api.documents import Documents
from tokgen.reading import read_file
from tokgen.unicode import nfc

TAB = "\t"


def corpus_of_package(package: CorpusPackage, name: str) -> Corpus:
    """The corpus of a plugin, by its name.

    Raises:
        PluginError: its data are not those that the card describes.
        RequestError: the data are no lines of text.
    """
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
    return Corpus(name, documents, fingerprint_of(content, {}), package, columns)


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
                f"{counted(row.count(TAB) + 1, 'column')}, not {len(header)}, with a tab between "
                f"one and the next: {row!r}."
            )
    # One split of the whole is faster than one a row: this runs whenever the corpus is opened.
    cells = TAB.join(rows).split(TAB)
    columns = {
        name: np.array(cells[place :: len(header)])
        for place, name in enumerate(header[1:], start=1)
    }
    return Documents.of(cells[:: len(header)]), columns
