"""Clauses of the data: the file that the card describes, its rows, columns and splits."""

from __future__ import annotations

import contextlib
import json
import sys

import numpy as np

from tokgen.corpus.packaged import check_hash
from tokgen.corpus.report import check, empty_values
from tokgen.corpus.splits import SPLIT_NAMES
from tokgen.corpus.tokenizer_choice import fit_tokenizer
from tokgen.errors import PluginError, RequestError
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError, clause
from tokgen.testing.corpora.corpus_under_test import CorpusUnderTest
from tokgen.testing.fresh_process import printed_by, started, why_it_failed

PROGRAM = "from tokgen.testing.corpora.data import main; main()"


@clause
def data_hash(plugin: CorpusUnderTest) -> None:
    """The data have the sha256 that the card gives.

    Why: a checkpoint belongs to just these data; other ones would be evaluated in silence.

    Mend: write the sha256 that the sentence tells into the card.
    """
    package = plugin.package
    try:
        check_hash(package, plugin.data)
    except PluginError as error:
        raise ClauseViolatedError(str(error), package.card.data.file) from None


@clause
def rows(plugin: CorpusUnderTest) -> None:
    """The data are UTF-8 text with as many rows, and just the columns, as the card says.

    Why: a table that is cut off or shifted would give other documents than its author meant.

    Mend: write the number of rows that the sentence tells into the card; separate columns by one
    tab; where there are columns, name all of them in the first line, the document's first.
    """
    plugin.data  # noqa: B018  (raises where there are none)
    try:
        plugin.read_rows()
    except (PluginError, RequestError, UnicodeDecodeError) as error:
        raise ClauseViolatedError(str(error), plugin.package.card.data.file) from None


@clause
def columns_filled(plugin: CorpusUnderTest) -> None:
    """Every row has a document and a value in each column.

    Why: an empty value would be a value like others, which a user cannot name.

    Mend: write a word for what is not known, such as `unknown`, and say in the card what it means.
    """
    corpus = plugin.corpus
    for row, column in empty_values(corpus):
        shown = f"row {row + 1}: {corpus.documents[row]!r}"
        raise ClauseViolatedError(f"the column {column!r} is empty", shown)
    for number, document in enumerate(corpus.documents, start=1):
        if not document.strip():
            raise ClauseViolatedError("the document is empty", f"row {number}: {document!r}")


@clause
def rows_encode(plugin: CorpusUnderTest) -> None:
    """The card's tokenizer, fitted on the training split, encodes every document.

    Why: a training would end with an error at the first one that it cannot encode.

    Mend: correct the document, or name another tokenizer in the card: `tokenizer: alphabet`.
    """
    try:
        plugin.check_tokenizer()
    except (RequestError, PluginError) as error:
        raise ClauseNotCheckedError(str(error)) from None
    for finding in check(plugin.corpus):
        if finding.checked == "alphabet" and finding.problem:
            raise ClauseViolatedError(finding.problem, plugin.package.card.data.file)


@clause
def splits(plugin: CorpusUnderTest) -> None:
    """The training split is not empty, every document is in just one split.

    Why: without training documents there is nothing to learn from, and a document that is in two
    splits makes a test loss too low.

    Mend: give the corpus more rows: a document's split is chosen by its text, 80 % fall into
    training.
    """
    corpus = plugin.corpus
    parts = [corpus.rows_of(name) for name in SPLIT_NAMES if name != "all"]
    if not corpus.rows_of("train").any():
        raise ClauseViolatedError(f"none of {len(corpus.documents)} documents is for training")
    if (np.sum(parts, axis=0) != 1).any():
        raise ClauseViolatedError("a document is in no split or in several")
    for part in parts:
        others = set(corpus.documents.select(~part))
        for document in corpus.documents.select(part):
            if document in others:
                raise ClauseViolatedError("a document is in two splits", repr(document))


@clause
def no_import(plugin: CorpusUnderTest) -> None:
    """The corpus can be opened, and its tokenizer fitted, without importing its package.

    Why: a corpus is data; whoever opens one must be able to trust that no code of it runs.

    Mend: keep nothing but data in the package; put a tokenizer of your own into another package of
    the distribution.
    """
    plugin.corpus  # noqa: B018  (raises where it cannot be opened)
    package = plugin.found.reference.partition(":")[0].strip()
    process = started(PROGRAM, [plugin.found.name, package])
    printed, told = printed_by(process)
    if process.returncode:
        raise ClauseNotCheckedError(f"a fresh process failed: {why_it_failed(process, told)}")
    for imported in json.loads(printed.splitlines()[-1]):
        raise ClauseViolatedError(f"the package {package!r} is imported", imported)


def main() -> None:
    """Print as JSON which modules of the package were imported by opening the corpus."""
    name, package = sys.argv[1:]
    corpus = CorpusUnderTest(name, {}).corpus
    assert corpus.card is not None
    # Where it cannot be fitted, other clauses are about that.
    with contextlib.suppress(RequestError, PluginError):
        fit_tokenizer(corpus.card.tokenizer, corpus)
    imported = [each for each in sys.modules if each.partition(".")[0] == package]
    print(json.dumps(sorted(imported)))


CLAUSES: tuple[Clause, ...] = (data_hash, rows, columns_filled, rows_encode, splits, no_import)
